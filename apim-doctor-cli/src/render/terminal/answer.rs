//! The answers to `can`.

use std::io::Result;

use apim_doctor_core::access::{Principal, What, Who};
use apim_doctor_core::v1::{Answer, AnswerGap, Grant, Permitted};
use apim_doctor_core::{Asked, ResourceId, Verdict};

use crate::args::Common;
use crate::output::{Page, Paint};

/// How many principals without permission, or how many gaps, are printed.
const MOST: usize = 20;

/// Prints the answer to `can`: the role assignment that decides, and how the principal comes to it.
pub(crate) fn answer(asked: &Asked, answer: &Answer, common: &Common, page: &mut Page<'_>) -> Result<()> {
    let rest = match (answer.answer, &answer.grant, &answer.denied_by) {
        (Permitted::Allowed, Some(grant), _) => format!("by {} at {}", grant.role, grant.place),
        (Permitted::Allowed, None, _) => answer.by.clone().unwrap_or_default(),
        (Permitted::Denied, _, Some(denial)) => {
            format!("by deny assignment `{}` at {}, whatever the roles say", denial.name, denial.place)
        }
        (Permitted::Denied, ..) => "none of the role assignments, all of which were collected, allows it".to_owned(),
        (Permitted::Unknown, Some(grant), _) => format!("{} at {} may not be effective yet", grant.role, grant.place),
        (Permitted::Unknown, ..) => "some of the required data was not collected".to_owned(),
    };
    page.verdict(answer.answer, &rest)?;
    let name = name_of(&asked.principal);
    if let Some(grant) = &answer.grant {
        page.grant(grant, &name, "            ")?;
    }
    if common.quiet {
        return Ok(());
    }
    let may = match answer.answer {
        Permitted::Allowed => "may",
        Permitted::Denied => "may not",
        Permitted::Unknown => "may or may not",
    };
    page.blank()?;
    page.wrapped("  ", &format!("{} {may} {} at {}", asked.principal, asked.action, asked.scope))?;
    for step in &answer.trace {
        page.step(step, 1)?;
    }
    answer.gaps.iter().try_for_each(|gap| page.gap(&gap.what, &gap.ask, gap.run.as_deref()))
}

/// Prints who has permission, and of whom it is not known.
pub(crate) fn who(answer: &Who, common: &Common, page: &mut Page<'_>) -> Result<()> {
    let is = |wanted: Permitted| answer.principals.iter().filter(move |principal| principal.answer == wanted);
    let count = is(Permitted::Allowed).count();
    let noun = if count == 1 { "principal has" } else { "principals have" };
    let some = if count == 0 { "no principal is known to have".to_owned() } else { format!("{count} {noun}") };
    page.wrapped("", &format!("{some} permission for {} at {}", answer.action, answer.scope))?;
    for principal in is(Permitted::Allowed) {
        page.principal(principal, common)?;
    }
    let unknown: Vec<&Principal> = is(Permitted::Unknown).collect();
    if !unknown.is_empty() {
        page.blank()?;
        page.line(&"Unknown".bold())?;
    }
    let most = if common.verbose { unknown.len() } else { MOST };
    unknown.iter().take(most).try_for_each(|principal| page.principal(principal, common))?;
    if unknown.len() > most {
        page.line(&format!("  and {} more: -v lists them", unknown.len() - most))?;
    }
    let denied: Vec<&Principal> = is(Permitted::Denied).collect();
    if !denied.is_empty() && (common.verbose || denied.iter().any(|principal| principal.denied_by.is_some())) {
        page.blank()?;
        page.line(&"Denied".bold())?;
        let shown = denied.iter().filter(|principal| common.verbose || principal.denied_by.is_some());
        shown.take(if common.verbose { usize::MAX } else { MOST }).try_for_each(|one| page.principal(one, common))?;
    }
    if common.quiet {
        return Ok(());
    }
    page.blank()?;
    match answer.others {
        Permitted::Denied => {
            page.wrapped("", "No other principal has permission: all role assignments were collected.")
        }
        Permitted::Allowed => page.wrapped("", "Every other principal has permission."),
        Permitted::Unknown => {
            page.wrapped("", "Other principals may have permission:")?;
            page.open(&answer.gaps, common)
        }
    }
}

/// Prints what a principal may do, by scope and role.
pub(crate) fn what(answer: &What, common: &Common, page: &mut Page<'_>) -> Result<()> {
    let name = name_of(&answer.principal);
    match answer.answer {
        Permitted::Allowed => page.wrapped("", &format!("{name} may, at these scopes and below them:"))?,
        Permitted::Denied => page.wrapped("", &format!("{name} may do nothing of what is listed by `--what`"))?,
        Permitted::Unknown => page.wrapped("", &format!("it is unknown what {name} may do"))?,
    }
    for at in &answer.scopes {
        page.blank()?;
        page.line(&at.place.bold())?;
        let mut groups: Vec<(String, Permitted, Vec<String>)> = Vec::new();
        for right in &at.rights {
            let by = right.grant.as_ref().map_or_else(String::new, |grant| by(grant, &at.scope));
            let text =
                if common.verbose { format!("{} ({})", right.task, right.action) } else { right.task.to_string() };
            let key = format!("{}{}", right.area, if by.is_empty() { by } else { format!(", by {by}") });
            match groups.iter_mut().find(|(own, answer, _)| *own == key && *answer == right.answer) {
                Some((_, _, tasks)) => tasks.push(text),
                None => groups.push((key, right.answer, vec![text])),
            }
        }
        for (key, answer, tasks) in groups {
            let first = format!("{} ", page.mark(verdict(answer)));
            page.hanging(&first, "          ", &key)?;
            page.wrapped("            ", &tasks.join(", "))?;
        }
        let mut gaps: Vec<&AnswerGap> = at.rights.iter().flat_map(|right| &right.gaps).collect();
        gaps.sort_by(|one, other| one.what.cmp(&other.what));
        gaps.dedup_by(|one, other| one.what == other.what);
        if !common.quiet {
            gaps.iter().take(MOST).try_for_each(|gap| page.gap(&gap.what, &gap.ask, gap.run.as_deref()))?;
        }
    }
    if common.quiet {
        return Ok(());
    }
    if !answer.gaps.is_empty() {
        page.blank()?;
        page.open(&answer.gaps, common)?;
    }
    page.blank()?;
    page.wrapped("", "Only scopes whose role assignments were collected are listed.")
}

fn by(grant: &Grant, scope: &ResourceId) -> String {
    let group = match (&grant.assigned_to, grant.through_group) {
        (Some(group), true) => format!(" (through group {group})"),
        _ => String::new(),
    };
    let at = if grant.scope == *scope { String::new() } else { format!(" at {}", grant.place) };
    format!("{}{at}{group}", grant.role)
}

fn verdict(answer: Permitted) -> Verdict {
    match answer {
        Permitted::Allowed => Verdict::Pass,
        Permitted::Denied => Verdict::Fail,
        Permitted::Unknown => Verdict::Unknown,
    }
}

/// What a principal is called: a resource's name, or its object id.
fn name_of(principal: &str) -> String {
    ResourceId::new(principal).name().to_owned()
}

impl Page<'_> {
    /// An answer in a word, and why.
    fn verdict(&mut self, answer: Permitted, why: &str) -> Result<()> {
        let word = match answer {
            Permitted::Allowed => "allowed".as_success(),
            Permitted::Denied => "denied".as_failure(),
            Permitted::Unknown => "unknown".as_doubt(),
        };
        let sign = self.sign(verdict(answer));
        let pad = if answer == Permitted::Denied { "    " } else { "   " };
        self.hanging(&format!("{sign} {word}{pad}"), "            ", why)
    }

    /// How a principal comes to a role.
    fn grant(&mut self, grant: &Grant, name: &str, indent: &str) -> Result<()> {
        match (&grant.assigned_to, grant.through_group) {
            (Some(group), true) => {
                self.wrapped(indent, &format!("assigned to group {group}, of which {name} is a member"))?;
            }
            _ => self.wrapped(indent, &format!("assigned to {name}"))?,
        }
        if let Some(condition) = &grant.condition {
            self.wrapped(indent, &format!("on a condition: {condition}"))?;
        }
        match &grant.pending {
            Some(pending) => {
                let mark = self.sign(Verdict::Unknown).yellow();
                self.hanging(&format!("{mark} "), "  ", &format!("not yet everywhere: {pending}"))
            }
            None => Ok(()),
        }
    }

    /// A principal, with the role that it has.
    fn principal(&mut self, one: &Principal, common: &Common) -> Result<()> {
        let kind = one.kind.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default();
        let called = match &one.resource {
            Some(resource) => format!("{} of {}{kind}", one.principal, resource.name()),
            None => format!("{}{kind}", one.principal),
        };
        let by = match (&one.grant, &one.denied_by) {
            (Some(grant), _) => format!(": {} at {}", grant.role, grant.place),
            (None, Some(denial)) => format!(": denied by deny assignment `{}` at {}", denial.name, denial.place),
            (None, None) => String::new(),
        };
        let first = format!("{} ", self.mark(verdict(one.answer)));
        self.hanging(&first, "          ", &format!("{called}{by}"))?;
        if common.quiet {
            return Ok(());
        }
        if let Some(grant) = one.grant.as_ref().filter(|grant| grant.through_group || grant.condition.is_some()) {
            self.grant(grant, "it", "            ")?;
        }
        let most = if common.verbose { one.gaps.len() } else { 1 };
        one.gaps.iter().take(most).try_for_each(|gap| self.wrapped("            ", &gap.what))
    }

    fn open(&mut self, gaps: &[AnswerGap], common: &Common) -> Result<()> {
        let most = if common.verbose { gaps.len() } else { MOST };
        gaps.iter().take(most).try_for_each(|gap| self.gap(&gap.what, &gap.ask, gap.run.as_deref()))?;
        match gaps.len().checked_sub(most) {
            Some(more @ 1..) => self.line(&format!("  and {more} more: -v lists them")),
            _ => Ok(()),
        }
    }
}
