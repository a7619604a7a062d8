//! What a change does, for a terminal: what breaks and where, what to do first, and what is not known.

use std::io::Result;

use apim_doctor_core::changes::{Change, Diff, Difference, Effects, Preparation, Transition, WhatIf};
use apim_doctor_core::v1::{Path, Report};
use apim_doctor_core::{ResourceId, Verdict};
use serde_json::Value;

use crate::args::Common;
use crate::exit::Status;
use crate::output::{Page, Paint};
use crate::render::terminal::Shown;

/// How many lines of one kind are listed.
const LISTED: usize = 12;

/// How long a value may be.
const VALUE: usize = 60;

/// Prints what a planned change does.
pub(crate) fn what_if(found: &WhatIf, common: &Common, status: Status, page: &mut Page<'_>) -> Result<()> {
    let effects = &found.effects;
    let is_idle = found.changes.is_empty() && !found.unused.is_empty();
    page.shortens = !common.verbose;
    let (verdict, says) = match (effects.breaks, effects.becomes_unknown) {
        _ if is_idle || found.report.paths.is_empty() && found.gone.is_empty() => {
            (Verdict::Unknown, "Nothing was examined".to_owned())
        }
        _ if found.changes.is_empty() => {
            (Verdict::Pass, "There is nothing to change: all of it is so already".to_owned())
        }
        (0, 0) => (Verdict::Pass, "This change breaks nothing".to_owned()),
        (0, unknown) => (Verdict::Unknown, format!("It is not known whether {} after this change", works(unknown))),
        (broken, _) => (Verdict::Fail, format!("This change breaks {}", paths(broken))),
    };
    page.verdict_line(verdict, &says, &found.report)?;
    page.blank()?;
    if common.quiet {
        return page.sum(effects, status);
    }
    for change in found.changes.iter().take(LISTED) {
        page.change(change)?;
    }
    page.and_more(found.changes.len())?;
    page.affected(&found.report, common)?;
    page.preparations(&found.preparations)?;
    if !found.unprepared.is_empty() {
        page.blank()?;
        let says = format!("No preparation is known for {}", paths(found.unprepared.len()));
        page.line(&says.bold())?;
        for one in found.unprepared.iter().take(LISTED) {
            page.hanging("  ", "    ", &format!("{}: {}", one.path, one.why))?;
        }
        page.and_more(found.unprepared.len())?;
    }
    page.gone(&found.gone.iter().map(|path| path.id.as_str()).collect::<Vec<_>>())?;
    page.blank()?;
    page.sum(effects, status)
}

/// Prints what is different between two states.
pub(crate) fn diff(found: &Diff, common: &Common, status: Status, page: &mut Page<'_>) -> Result<()> {
    let effects = &found.effects;
    page.shortens = !common.verbose;
    let (verdict, says) = match (effects.breaks, effects.becomes_unknown, effects.repairs) {
        _ if found.report.paths.is_empty() && found.gone.is_empty() => {
            (Verdict::Unknown, "Nothing was examined".to_owned())
        }
        (0, 0, 0) => (Verdict::Pass, "Nothing broke".to_owned()),
        (0, 0, repaired) => (Verdict::Pass, format!("{} repaired", were(repaired))),
        (0, unknown, _) => (Verdict::Unknown, format!("{} became unknown", paths(unknown))),
        (broken, _, 0) => (Verdict::Fail, format!("{} broke", paths(broken))),
        (broken, _, repaired) => (Verdict::Fail, format!("{} broke, {repaired} repaired", paths(broken))),
    };
    page.verdict_line(verdict, &says, &found.report)?;
    page.blank()?;
    if common.quiet {
        return page.sum(effects, status);
    }
    for one in found.transitions.iter().take(if common.verbose { usize::MAX } else { 2 * LISTED }) {
        page.transition(one, found)?;
    }
    let listed = if common.verbose { found.transitions.len() } else { found.transitions.len().min(2 * LISTED) };
    if found.transitions.len() > listed {
        page.line(&format!("  and {} more: -v lists them all", found.transitions.len() - listed))?;
    }
    page.rest(found, common)?;
    page.gone(&found.gone.iter().map(|path| path.id.as_str()).collect::<Vec<_>>())?;
    page.blank()?;
    page.sum(effects, status)
}

impl Page<'_> {
    /// `kv-shop  properties/publicNetworkAccess: Enabled → Disabled    CKV_AZURE_189`.
    fn change(&mut self, change: &Change) -> Result<()> {
        let name = name(&change.resource);
        let what = match change.pointer.is_empty() {
            true => format!("{}  deleted", name.bold()),
            false => {
                let (before, after) = (self.value(change.before.as_ref()), self.value(change.after.as_ref()));
                let arrow = if self.unicode { "→" } else { "->" };
                let pointer = change.pointer.trim_start_matches('/');
                format!("{}  {pointer}: {before} {arrow} {after}", name.bold())
            }
        };
        self.ending("  ", &what, &change.rule.as_deref().unwrap_or_default().dimmed())
    }

    fn value(&self, value: Option<&Value>) -> String {
        let text = match value {
            None => "(none)".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        };
        match text.chars().count() > VALUE {
            true => format!("{}…", text.chars().take(VALUE).collect::<String>()),
            false => text,
        }
    }

    fn and_more(&mut self, all: usize) -> Result<()> {
        match all > LISTED {
            true => self.line(&format!("  and {} more: -o json lists them all", all - LISTED)),
            false => Ok(()),
        }
    }

    /// The paths that break, those that become unknown, and those that were broken before.
    fn affected(&mut self, report: &Report, common: &Common) -> Result<()> {
        let of = |change: &str| -> Vec<&Path> {
            report.paths.iter().filter(|path| path.change.as_deref() == Some(change)).collect()
        };
        let mut shown = Shown::default();
        for (change, title) in
            [("breaks", "Breaks"), ("becomes-unknown", "Unknown after the change"), ("repairs", "Repaired")]
        {
            let paths = of(change);
            if paths.is_empty() {
                continue;
            }
            self.blank()?;
            self.line(&title.bold())?;
            let most = if common.verbose { usize::MAX } else { LISTED };
            for path in paths.iter().take(most) {
                self.path_line(path, 0, true)?;
                if change != "repairs" {
                    self.strip(&path.gates)?;
                    self.open_gates(path, report, &mut shown)?;
                }
            }
            if paths.len() > most {
                self.line(&format!("  and {} more: -v lists them all", paths.len() - most))?;
            }
        }
        let broken = of("still-broken");
        if !broken.is_empty() {
            self.blank()?;
            self.line(&"Broken before, whatever this change does".bold())?;
            for path in broken.iter().take(LISTED) {
                self.path_line(path, 0, true)?;
            }
            self.and_more(broken.len())?;
        }
        Ok(())
    }

    /// What to do first, in order.
    fn preparations(&mut self, all: &[Preparation]) -> Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        self.blank()?;
        self.line(&"Do this first, in this order".bold())?;
        for (at, one) in all.iter().enumerate() {
            self.blank()?;
            let title = format!("{}. {}", at + 1, one.title);
            self.ending("  ", &title, &"verified".green())?;
            one.az.iter().try_for_each(|line| self.line(&format!("     {line}")))?;
        }
        self.blank()?;
        self.wrapped("  ", &format!("{}. Then make the change.", all.len() + 1))
    }

    fn gone(&mut self, gone: &[&str]) -> Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        self.blank()?;
        self.line(&"No longer there".bold())?;
        gone.iter().take(LISTED).try_for_each(|id| self.wrapped("  ", id))?;
        self.and_more(gone.len())
    }

    /// One path whose verdict is another one, and what did it.
    fn transition(&mut self, one: &Transition, found: &Diff) -> Result<()> {
        let word = match (one.before, one.after) {
            (None, _) => "new",
            (_, None) => "gone",
            (_, Some(Verdict::Fail)) => "broke",
            (_, Some(Verdict::Unknown)) => "is unknown now",
            (Some(Verdict::Fail), _) => "is repaired",
            _ => "is known now",
        };
        let sign = self.coloured_sign(one.after.unwrap_or(Verdict::NotApplicable));
        self.hanging(&format!("{sign} "), "    ", &format!("{} {word}", one.path.bold()))?;
        if let Some(why) = &one.unexplained {
            return self.wrapped("    ", &format!("cause: {why}"));
        }
        for (at, cause) in one.caused_by.iter().enumerate() {
            let first = if at == 0 { "    cause: " } else { "    and " };
            let differences = found.changes.iter().flatten();
            let own = differences.filter(|own| own.place == *cause).map(|own| self.difference(own)).next();
            self.hanging(first, "      ", &own.unwrap_or_default())?;
        }
        if !one.also.is_empty() {
            let count = one.also.len();
            let other = if count == 1 { "another change" } else { &format!("{count} other changes") };
            self.wrapped("    ", &format!("{other} alone would have done the same: -o json lists them").dimmed())?;
        }
        Ok(())
    }

    fn difference(&self, own: &Difference) -> String {
        let name = name(&own.place.resource);
        let pointer = own.place.pointer.trim_start_matches('/');
        let arrow = if self.unicode { "→" } else { "->" };
        match own.kind.as_str() {
            "property" => {
                let (before, after) = (self.value(own.before.as_ref()), self.value(own.after.as_ref()));
                format!("{name}  {pointer}: {before} {arrow} {after}")
            }
            "answer" => format!("the answer to {}", own.place.resource),
            "observed" => format!("{name} of the recording"),
            kind => format!("{name}  {kind} ({})", own.place.resource.resource_type()),
        }
    }

    /// What changed and does not matter.
    fn rest(&mut self, found: &Diff, common: &Common) -> Result<()> {
        let rest: Vec<&Difference> = found.changes.iter().flatten().filter(|own| !own.matters).collect();
        if rest.is_empty() {
            return Ok(());
        }
        let says = match found.rest_does_not_matter {
            true => "Changed, and no verdict turns on it",
            false => "Also changed",
        };
        self.blank()?;
        self.line(&format!("{says}: {}", rest.len()).bold())?;
        let most = if common.verbose { usize::MAX } else { 5 };
        for own in rest.iter().take(most) {
            let text = self.difference(own);
            self.hanging("  ", "    ", &text)?;
        }
        match rest.len() > most {
            true => self.line(&format!("  and {} more: -v lists them all", rest.len() - most)),
            false => Ok(()),
        }
    }

    fn sum(&mut self, effects: &Effects, status: Status) -> Result<()> {
        let all = [
            (effects.breaks, "broken by it"),
            (effects.becomes_unknown, "unknown now"),
            (effects.repairs, "repaired"),
            (effects.becomes_known, "now known to work"),
            (effects.still_broken, "broken before and after"),
            (effects.new, "new"),
            (effects.gone, "gone"),
            (effects.unchanged, "unchanged"),
        ];
        let parts: Vec<String> =
            all.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        let parts = if parts.is_empty() { "no access path".to_owned() } else { parts.join(" · ") };
        self.wrapped("", &format!("{parts} · exit {}", status.number()))
    }
}

/// The name of a resource; of a part of another one, with the name of that one.
fn name(id: &ResourceId) -> String {
    let text = id.as_str();
    let after = text.rsplit_once("/providers/").map(|(_, rest)| rest);
    match after.map(|rest| rest.split('/').skip(2).collect::<Vec<_>>().join("/")) {
        Some(name) if !name.is_empty() => name,
        _ => id.name().to_owned(),
    }
}

fn paths(count: usize) -> String {
    if count == 1 { "1 access path".to_owned() } else { format!("{count} access paths") }
}

fn were(count: usize) -> String {
    if count == 1 { "1 access path was".to_owned() } else { format!("{count} access paths were") }
}

fn works(count: usize) -> String {
    if count == 1 { "1 access path still works".to_owned() } else { format!("{count} access paths still work") }
}
