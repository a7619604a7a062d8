//! Many callers, by cause, for a terminal.

use std::io::Result;

use apim_doctor_core::v1::{Fleet, FleetCause, FleetError};
use indicatif::HumanCount;

use crate::exit::Status;
use crate::output::{Page, Paint};

/// How many causes or gaps are listed.
const LISTED: usize = 20;

/// Prints how many callers have which problem. `status`: how the program ends.
pub(crate) fn fleet(fleet: &Fleet, status: Status, quiet: bool, page: &mut Page<'_>) -> Result<()> {
    if !quiet {
        page.causes_of_many("Why paths fail", &fleet.causes)?;
        page.causes_of_many("Where paths are undecided", &fleet.undecided)?;
        page.other_errors(&fleet.errors)?;
        page.hidden(fleet)?;
    }
    if !fleet.complete {
        page.blank()?;
        page.line(&"Not everything was examined".as_doubt())?;
        fleet.incomplete.iter().try_for_each(|why| page.hanging("  ", "    ", why))?;
    }
    page.blank()?;
    let callers = &fleet.callers;
    let of = |count: usize, what: &str| (count > 0).then(|| format!("{} {what}", HumanCount(count as u64)));
    let kinds = [
        of(callers.fail, "fail"),
        of(callers.unknown, "unknown"),
        of(callers.pass, "pass"),
        of(callers.none, "use no vault"),
    ];
    let kinds: Vec<String> = kinds.into_iter().flatten().collect();
    let callers = counted(callers.total(), "caller");
    page.wrapped("", &format!("{callers} in {}: {}", counted(fleet.subscriptions, "subscription"), kinds.join(", ")))?;
    let paths = &fleet.paths;
    let all = counted(paths.pass + paths.fail + paths.unknown, "access path");
    let known = of(fleet.suppressed, "of them do not count").map(|known| format!(" · {known}")).unwrap_or_default();
    let [fail, unknown, pass] = [paths.fail, paths.unknown, paths.pass].map(|count| HumanCount(count as u64));
    page.wrapped("", &format!("{all}: {fail} fail, {unknown} unknown, {pass} pass{known} · exit {}", status.number()))
}

impl Page<'_> {
    fn causes_of_many(&mut self, title: &str, causes: &[FleetCause]) -> Result<()> {
        if causes.is_empty() {
            return Ok(());
        }
        self.blank()?;
        self.line(&title.bold())?;
        for cause in causes.iter().take(LISTED) {
            let (paths, callers) = (counted(cause.paths, "path"), counted(cause.callers, "caller"));
            self.apart(&format!("  {}", cause.code.bold()), &format!("{paths} of {callers}"))?;
            if cause.title != cause.code {
                self.wrapped("    ", &cause.title)?;
            }
            self.wrapped("    ", &format!("for example {}: {}", cause.example.label, cause.example.resource).dimmed())?;
        }
        self.more_like(causes.len())
    }

    fn other_errors(&mut self, errors: &[FleetError]) -> Result<()> {
        if errors.is_empty() {
            return Ok(());
        }
        self.blank()?;
        self.line(&"Other errors".bold())?;
        for error in errors.iter().take(LISTED) {
            self.apart(&format!("  {}", error.code.bold()), &counted(error.findings, "finding"))?;
            self.wrapped("    ", &error.title)?;
            self.wrapped("    ", &format!("for example {}", error.example).dimmed())?;
        }
        self.more_like(errors.len())
    }

    fn hidden(&mut self, fleet: &Fleet) -> Result<()> {
        if fleet.gaps.is_empty() {
            return Ok(());
        }
        self.blank()?;
        self.line(&"What could not be seen, and may hide more paths".bold())?;
        for gap in fleet.gaps.iter().take(LISTED) {
            let times =
                if gap.count > 1 { format!(" ({} like this)", HumanCount(gap.count as u64)) } else { String::new() };
            self.hanging("  ", "    ", &format!("{}{times}", gap.what))?;
            self.wrapped("    ", &gap.ask.dimmed())?;
        }
        self.more_like(fleet.gaps.len())
    }

    fn more_like(&mut self, all: usize) -> Result<()> {
        match all.checked_sub(LISTED) {
            Some(more) if more > 0 => self.line(&format!("  and {more} more: -o json").dimmed()),
            _ => Ok(()),
        }
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", HumanCount(count as u64), if count == 1 { "" } else { "s" })
}
