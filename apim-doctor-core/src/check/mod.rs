//! The checks, one file per code: what is wrong, how to fix it, and how to confirm it.

mod context;
mod remedy;
mod table;
mod words;

mod authorization;
mod caller;
mod dns;
mod firewall;
mod identity;
mod latent;
mod network;
mod object;
mod platform;
mod reference;
mod target;

pub use table::CHECKED;

use std::collections::BTreeSet;

use context::Context;

use crate::base::{ResourceId, Verdict};
use crate::finding::{Code, Command, Finding, Line, Patch, Purpose};
use crate::model::Estate;
use crate::path::reason::Cause;
use crate::path::{AccessPath, Case, Diagnosis, GateOutcome, Principal, TextSubject};

/// Words an error text that was given and that no path accounts for.
pub(crate) fn of_text(subject: &ResourceId, text: &str, others: &BTreeSet<&TextSubject>, is_clear: bool) -> Finding {
    caller::message_contradicts_configuration::of_text(subject, text, others, is_clear)
}

/// Words what a gate found, or what was found of a path outside its gates.
pub(crate) fn explain<'c, 'e>(
    case: &'c Case<'e>,
    diagnosis: &'c Diagnosis<'e>,
    gate: Option<&'c GateOutcome>,
    cause: &'c Cause,
) -> Finding {
    let of = |code| Context { case, diagnosis, gate, cause, code };
    let mut finding = table::explain_reason(&cause.reason, of);
    let ctx = of(finding.code);
    let again = ctx.remedies().fetch_after_repair(&ctx).filter(|_| finding.verdict != Verdict::Pass);
    if let Some(again) = again.map(Command::line) {
        for fix in finding.fixes.iter_mut().filter(|fix| !fix.az.is_empty() && !fix.az.contains(&again)) {
            fix.az.push(again.clone());
        }
    }
    finding
}

/// The text that the user most likely sees, if it was not recorded; `None` if it is not known.
pub(crate) fn symptom(code: Code, path: &AccessPath, principal: Option<&Principal>) -> Option<String> {
    remedy::remedies(path.caller_kind()).symptom(code, path, principal)
}

/// Puts the commands of several fixes that became one in order: host names of an instance are written once, with all
/// changes, and Azure reads secrets again after all repairs.
pub(crate) fn order_commands(estate: &Estate, az: &mut Vec<Line>, patch: Option<&Patch>) {
    remedy::write_host_names_once(estate, az, patch.map_or(&[], |patch| &patch.edits));
    az.sort_by_key(|line| *line.purpose() == Purpose::FetchAgain);
}
