//! What a deployment does in time: an identity that is used before it exists, and a grant that the caller does not wait
//! for.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/templates/resource-dependency> (read 2026-11-29).

use crate::base::Verdict;
use crate::eval::rbac::Held;
use crate::finding::{Evidence, Gate, Step};
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::model::Gap;
use crate::model::setting::CONTENT;
use crate::path::gate::Record;
use crate::path::reason::{Cause, Reason};
use crate::path::{Case, Form, GateOutcome, Principal};

const EXISTS: &str = "does the identity exist when it is used?";
const AWAITED: &str = "does the caller wait for the role assignment?";

/// An identity of a resource that needs the secret to be created is there too late.
pub(super) fn used_before_it_exists(case: &Case<'_>, principal: Option<&Principal>, gates: &mut [GateOutcome]) {
    let path = case.path;
    let Some(files) = case.estate.world.deployed() else { return };
    // Settings that are a resource of their own come when the app is there.
    let settings = path.resource.child("config", "appsettings");
    let is_apart = files.order.numbers.contains_key(&settings);
    let is_share = path.form == Form::Setting && path.label.eq_ignore_ascii_case(CONTENT) && !is_apart;
    let is_own = principal.is_some_and(Principal::is_system_assigned);
    if !is_own || !(is_share || path.consumer == ConsumerKind::CustomDomain) || !files.order.is_new(&path.resource) {
        return;
    }
    let Some(gate) = gates.iter_mut().find(|own| own.gate == Gate::Identity) else { return };
    let says = "the secret is needed to create the resource, and the identity exists only after that";
    let evidence = vec![Evidence::at(says, path.declared_at.clone())];
    if files.order.is_unknown && gate.verdict != Verdict::Fail {
        let what = format!("whether `{}` is created in one step: the input does not say", path.resource.name());
        gate.withdraw(EXISTS, evidence, Gap::not_in_files(what).advise("check the template itself"));
        gate.reasons.push(Cause { verdict: Verdict::Unknown, reason: Reason::UsedBeforeItExists });
        return;
    }
    gate.verdict = Verdict::Fail;
    gate.steps.push(Step { question: EXISTS, verdict: Verdict::Fail, evidence });
    gate.reasons.insert(0, Cause { verdict: Verdict::Fail, reason: Reason::UsedBeforeItExists });
}

/// A role that is assigned in the same deployment counts for a caller that waits for it.
pub(super) fn awaits(case: &Case<'_>, held: &Held, record: &mut Record) {
    let path = case.path;
    // An app resolves its references again, and a backup runs later.
    let is_later = matches!(path.caller_kind(), CallerKind::App | CallerKind::Backup);
    let Some(files) = case.estate.world.deployed().filter(|_| !is_later) else { return };
    let callers = path.declared_at.resource.iter().chain([&path.resource]);
    if files.order.is_unknown
        || !files.order.makes(&held.assignment)
        || callers.into_iter().any(|id| files.order.waits(id, &held.assignment))
    {
        return;
    }
    let says = format!("nothing makes it wait for role `{}`", held.role);
    record.pass(AWAITED, vec![Evidence::new(says, &held.assignment, "")]);
    record.note(Reason::GrantNotAwaited { held: held.clone() });
}
