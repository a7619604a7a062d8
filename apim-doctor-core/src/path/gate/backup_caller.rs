//! Who asks for a backup or a restore of API Management, and whether that is allowed.
//!
//! Sources: <https://learn.microsoft.com/rest/api/apimanagement/api-management-service/backup> (read 2026-11-21); for who
//! may wait, <https://github.com/Azure/azure-powershell/issues/26536> (read 2026-11-29).

use crate::base::{ObjectId, ResourceId, Verdict};
use crate::eval::rbac::{self, Access, Plane, Request};
use crate::finding::Evidence;
use crate::knowledge::roles;
use crate::model::authorization::Lock;
use crate::model::backup::{Call, LIST_KEYS, Outcome, Sender};
use crate::model::script::{ScriptRequest, Signer};
use crate::model::{ClosedBy, Estate, Gap, Resource};
use crate::path::gate::Record;
use crate::path::reason::{Cause, Lacking, Reason};
use crate::path::{BackupCall, Case, time};

const START: &str = "may the caller start the operation?";
pub(super) const UNLOCKED: &str = "does no management lock refuse the operation?";

/// Who asked for the operation, as far as an answer or the Activity Log says it.
pub(super) fn caller(case: &Case<'_>, call: &BackupCall, record: &mut Record) {
    let estate = case.estate;
    let files = estate.world.deployed();
    if let Some(own) = files.and_then(|files| files.senders.get(&call.request)) {
        locks(case, call.action(), record);
        return sender(case, call, own, record);
    }
    let action = call.action();
    let of = |one: &&Call| one.action == action && one.resource == case.path.resource;
    let calls: Vec<&Call> = estate.calls.iter().filter(of).collect();
    let instance = &case.path.resource;
    locks(case, action, record);
    // Of the Activity Log the newest entry counts; a recorded answer says no time.
    let latest = |calls: &mut dyn Iterator<Item = &&'_ Call>| {
        calls.max_by_key(|one| one.at.as_deref().and_then(time)).copied().cloned()
    };
    let newest = latest(&mut calls.iter().filter(|one| one.at.is_some()));
    let answered = calls.iter().find(|one| one.at.is_none() && one.outcome == Outcome::Refused);
    let refused = answered.map(|one| (*one).clone());
    let refused = refused.or(newest.clone().filter(|one| one.outcome == Outcome::Refused));
    if let Some(refused) = refused {
        return refusal(case, refused.principal.as_ref(), action, instance, START, record);
    }
    let named = latest(&mut calls.iter().filter(|one| one.at.is_some() && one.principal.is_some()));
    if let (Some(Call { outcome: Outcome::Failed, .. }), None) = (&newest, &named) {
        let what = "who asked for the operation that failed: the Activity Log does not name the caller";
        let gap = Gap::ambiguous(what).advise("pass the whole error text with `--error`, or repeat the request");
        let at = vec![Evidence::new("the Activity Log says that the operation failed", instance, "")];
        return record.unknown(START, at, gap);
    }
    let newest = named.as_ref();
    let Some((principal, newest)) = newest.and_then(|one| Some((one.principal.as_ref()?, one))) else { return };
    match may(case, principal, action, instance) {
        Access::Allowed(held) => {
            let says = format!("role `{}` at `{}` allows {principal} to start it", held.role, held.scope);
            record.pass(START, vec![Evidence::new(says, &held.assignment, "/properties/roleDefinitionId")]);
        }
        // It was taken, whatever of the roles was seen.
        _ if newest.outcome == Outcome::Taken => {
            let says = format!("the Activity Log says that {principal} started it");
            record.pass(START, vec![Evidence::new(says, instance, "")]);
        }
        Access::NotGranted(_) | Access::DeniedBy { .. } => {
            let lacks = Lacking { principal: principal.clone(), action, scope: instance.clone() };
            let says = format!("no role assignment at or above the instance allows {principal} to start it");
            let at = vec![Evidence::new(says, instance, "")];
            return record.fail(START, at, Reason::OperatorLacksPermission { lacks });
        }
        Access::Unknown { gaps, .. } => {
            let gap = gaps.into_iter().next();
            let gap = gap.unwrap_or_else(|| Gap::not_collected("the list of role assignments", instance));
            return record.unknown(START, vec![], gap);
        }
        Access::TooYoung { wait, .. } => {
            let what = "whether the caller's role is effective yet";
            let gap = Gap::pending(what, instance).advise(format!("wait {}", wait.words()));
            return record.unknown(START, vec![], gap);
        }
    }
    waits(case, principal, action, record);
}

/// Who runs a script, as far as it signs in with an identity that was collected. What is recorded of other calls says
/// nothing of it, but for locks, which refuse everybody.
pub(super) fn signer(case: &Case<'_>, call: &BackupCall, script: &ScriptRequest, record: &mut Record) {
    locks(case, call.action(), record);
    let Some(Signer::UserAssigned(id)) = &script.signer else { return };
    let Some(identity) = case.estate.identity_of_client(&ObjectId::new(id)) else { return };
    let Some(principal) = &identity.properties.principal_id else { return };
    let says = format!("`{}` signs in as identity `{}`", script.name(), identity.name());
    let at = Evidence::new(says, &identity.id, "/properties/clientId");
    starts(case, call, principal, &at, record);
}

/// The identity with which the files of a deployment send the request. A workflow waits for the result, too.
pub(super) fn sender(case: &Case<'_>, call: &BackupCall, sender: &Sender, record: &mut Record) {
    let Some(principal) = &sender.principal else { return };
    let says = format!("`{}` sends the request with a managed identity", sender.name());
    let at = Evidence::new(says, &call.request, "");
    starts(case, call, principal, &at, record);
}

/// Whether a principal that is known to send the request may start the operation.
fn starts(case: &Case<'_>, call: &BackupCall, principal: &ObjectId, at: &Evidence, record: &mut Record) {
    let (instance, action) = (&case.path.resource, call.action());
    let at = || vec![at.clone()];
    match may(case, principal, action, instance) {
        Access::Allowed(held) => {
            let role = format!("role `{}` at `{}` allows it to start the operation", held.role, held.scope);
            let role = Evidence::new(role, &held.assignment, "/properties/roleDefinitionId");
            record.pass(START, at().into_iter().chain([role]).collect());
            waits(case, principal, action, record);
        }
        Access::NotGranted(_) | Access::DeniedBy { .. } => {
            let lacks = Lacking { principal: principal.clone(), action, scope: instance.clone() };
            record.fail(START, at(), Reason::OperatorLacksPermission { lacks });
        }
        Access::Unknown { gaps, .. } => {
            let gap = gaps.into_iter().next();
            let gap = gap.unwrap_or_else(|| Gap::not_collected("the list of role assignments", instance));
            record.unknown(START, at(), gap);
        }
        Access::TooYoung { wait, .. } => {
            let gap =
                Gap::pending("whether the role of the identity that sends the request is effective yet", instance);
            record.unknown(START, at(), gap.advise(format!("wait {}", wait.words())));
        }
    }
}

/// That nothing is known of who runs a script, and what would tell.
pub(crate) fn unknown_signer(case: &Case<'_>) -> Option<Gap> {
    let call = case.path.backup.as_deref()?;
    let script = case.estate.scripts.get(&call.request)?;
    let name = script.name();
    let identity = match &script.signer {
        Some(Signer::UserAssigned(id)) => {
            let known = case.estate.identity_of_client(&ObjectId::new(id));
            if known.is_some_and(|identity| identity.properties.principal_id.is_some()) {
                return None;
            }
            format!("the identity with client id {id}")
        }
        Some(Signer::SystemAssigned) => format!("the identity of the machine or account that runs `{name}`"),
        Some(Signer::Application(id)) => format!("application {id}"),
        Some(Signer::Connection(connection)) => format!("service connection `{connection}`"),
        Some(Signer::Unknown) | None => format!("the identity that is signed in when `{name}` runs"),
    };
    let what = format!("whether {identity} may start the {} (`{}`)", call.noun(), call.action());
    let run =
        format!("find its object id, then run `apim-doctor can OBJECT_ID {} {}`", call.action(), case.path.resource);
    Some(Gap::ambiguous(what).advise(run))
}

/// Locks that refuse the operation to everybody.
fn locks(case: &Case<'_>, action: &str, record: &mut Record) {
    let (estate, instance) = (case.estate, &case.path.resource);
    let mut calls = estate.calls.iter().filter(|one| one.action == action && one.resource == *instance);
    if calls.any(|one| one.outcome == Outcome::Locked) {
        let says = "Resource Manager refused the request with 409 `ScopeLocked`";
        let reason = Reason::ResourceLocked { locked: instance.clone(), lock: lock_of(estate, instance) };
        record.fail(UNLOCKED, vec![Evidence::new(says, instance, "")], reason);
    } else if let Some(lock) = lock_of(estate, instance) {
        // That a lock also refuses a backup follows from what it does to every POST; no page says it of this one.
        let reason = Reason::ResourceLocked { locked: instance.clone(), lock: Some(lock) };
        record.reasons.push(Cause { verdict: Verdict::Pass, reason });
    }
}

/// Whether who started it may also wait for the end: without that, the command fails and the blob is written.
fn waits(case: &Case<'_>, principal: &ObjectId, action: &str, record: &mut Record) {
    let instance = &case.path.resource;
    let Some(read) = roles::waits_with(action) else { return };
    if matches!(may(case, principal, read, instance), Access::NotGranted(_) | Access::DeniedBy { .. }) {
        let lacks = Lacking { principal: principal.clone(), action: read, scope: instance.clone() };
        record.reasons.push(Cause { verdict: Verdict::Pass, reason: Reason::OperatorLacksPermission { lacks } });
    }
}

fn may(case: &Case<'_>, principal: &ObjectId, action: &str, scope: &ResourceId) -> Access {
    let as_of = Some(case.as_of);
    rbac::evaluate(case.estate, &Request { principal, action, plane: Plane::Management, scope, as_of })
}

/// Resource Manager refused a request. Where the roles that were collected allow it, it is not certain that it still does.
pub(super) fn refusal(
    case: &Case<'_>,
    principal: Option<&ObjectId>,
    action: &'static str,
    scope: &ResourceId,
    question: &'static str,
    record: &mut Record,
) {
    let says = format!("Resource Manager refused `{action}` with 403");
    let at = vec![Evidence::new(says, scope, "")];
    let Some(principal) = principal else {
        let gap = Gap::ambiguous(format!("who was refused `{action}`: the recorded answer does not name the caller"))
            .advise("pass the whole error text with `--error`, or collect the Activity Log");
        return record.unknown(question, at, gap);
    };
    match may(case, principal, action, scope) {
        Access::Allowed(held) | Access::TooYoung { held, .. } => {
            let what = format!("whether `{action}` is still refused: role `{}` allows it now", held.role);
            record.unknown(
                question,
                at,
                Gap::pending(what, ClosedBy::Nothing).advise("sign in again, and repeat the request"),
            );
        }
        Access::NotGranted(_) | Access::DeniedBy { .. } | Access::Unknown { .. } => {
            let lacks = Lacking { principal: principal.clone(), action, scope: scope.clone() };
            record.fail(question, at, Reason::OperatorLacksPermission { lacks });
        }
    }
    if action == LIST_KEYS {
        record.depends_on.push(scope.clone());
    }
}

/// A lock that makes a resource read-only.
pub(super) fn lock_of(estate: &Estate, id: &ResourceId) -> Option<ResourceId> {
    let locks = estate.list::<Lock>(id, "microsoft.authorization/locks").items.into_iter();
    let read_only = |lock: &&Resource<Lock>| {
        lock.properties.level.as_deref().is_some_and(|level| level.eq_ignore_ascii_case("ReadOnly"))
    };
    let mut locks = locks.filter(read_only);
    locks.next().map(|lock| lock.id.clone())
}
