//! What is worth knowing of backups beside the access: the age of the newest one, what deletes or archives them, and the
//! jobs that make them. It changes no verdict of a path.
//!
//! Sources: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> (read
//! 2026-11-21), <https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-overview> and
//! <https://learn.microsoft.com/azure/automation/automation-runbook-execution> (read 2026-11-29).

mod automation;
mod found;
mod lifecycle;

use jiff::SignedDuration;

use crate::base::{ResourceId, Verdict};
use crate::eval::setting::{NOT_COLLECTED, Setting, Standing};
use crate::finding::Evidence;
use crate::model::Gap;
use crate::model::backup::{Outcome, RESTORE_ACTION};
use crate::path::gate::{RESTORABLE_FOR, list_of, listed, made, unknown_signer};
use crate::path::reason::Reason;
use crate::path::{BackupCall, Case, Credential, GateOutcome, Target, time};
pub(super) use found::Posture;

/// What rows are called.
const NEWEST: &str = "newest backup";
const TEST: &str = "restore test";

/// How old a restore test may be, as a convention: the Activity Log does not go back further.
const TESTED_EVERY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Looks at what a backup leaves behind, and at what makes the next one.
pub(super) fn posture(case: &Case<'_>, target: Option<&Target<'_>>, gates: &[GateOutcome]) -> Posture {
    let mut posture = Posture::default();
    posture.open.extend(unknown_signer(case));
    by_key(case, gates, &mut posture);
    let Some(call) = case.path.backup.as_deref().filter(|call| !call.restores) else { return posture };
    let interval = automation::automation(case, &mut posture);
    let of_automation = std::mem::take(&mut posture.rows);
    let account = target.map(|target| target.store.id()).filter(|_| !call.container.is_empty());
    let Some(account) = account else { return posture };
    if case.estate.world.deployed().is_none() {
        age(case, call, account, interval, &mut posture);
    }
    lifecycle::lifecycle(case, call, account, interval, &mut posture);
    posture.rows.extend(of_automation);
    match case.estate.world.deployed() {
        None => posture.rows.push(restore_test(case)),
        // What files do not say may be set elsewhere.
        Some(_) => posture.rows.retain(|row| row.standing != Standing::Unknown),
    }
    posture
}

/// The newest restore that the collected Activity Logs show: a backup that was never restored is not proved. Which backup
/// was restored is not in them.
fn restore_test(case: &Case<'_>) -> Setting {
    let restores = case.estate.calls.iter().filter(|one| one.action == RESTORE_ACTION && one.outcome == Outcome::Taken);
    let newest = restores.filter_map(|one| Some((time(one.at.as_deref()?)?, &one.resource))).max();
    let says = "restores in the collected Activity Logs";
    match newest {
        Some((at, target)) => {
            let value = format!("{} to `{}`", at.strftime("%Y-%m-%d"), target.name());
            let is_recent = case.as_of.duration_since(at) <= TESTED_EVERY;
            let standing = if is_recent { Standing::Guards } else { Standing::Weak };
            Setting::new(TEST, value, standing, Evidence::new(says, target, ""))
        }
        None => {
            let value = "the collected Activity Logs show none".to_owned();
            Setting::new(TEST, value, Standing::Unknown, Evidence::new(says, &case.path.resource, ""))
        }
    }
}

/// A script that uses an account key works as long as the account allows it.
fn by_key(case: &Case<'_>, gates: &[GateOutcome], posture: &mut Posture) {
    let Some(call) = case.path.backup.as_deref().filter(|call| call.no_access.is_none()) else { return };
    let is_script = case.estate.scripts.contains_key(&call.request);
    let mut reasons = gates.iter().flat_map(|gate| &gate.reasons);
    let is_known = reasons.any(|cause| matches!(cause.reason, Reason::BackupUsesAccountKey));
    if is_script && !is_known && case.path.credential == Credential::AccountKey {
        posture.note(Verdict::Pass, Reason::BackupUsesAccountKey);
    }
}

/// The age of the newest blob: a backup can be restored for 30 days.
fn age(case: &Case<'_>, call: &BackupCall, account: &ResourceId, interval: Option<i64>, posture: &mut Posture) {
    let container = account.child("blobServices", "default").child("containers", &call.container);
    let open = |what: &str| {
        let what = format!("{what} in container `{}`", call.container);
        Gap::incomplete(what, list_of(&call.account, &call.container))
    };
    let mut row = |value: String, standing: Standing| {
        let says = format!("the blobs of container `{}`", call.container);
        posture.rows.push(Setting::new(NEWEST, value, standing, Evidence::new(says, &container, "")));
    };
    let Some(list) = listed(case.estate, &call.account, &call.container) else {
        row(NOT_COLLECTED.to_owned(), Standing::Unknown);
        return posture.open.push(open("the age of the newest backup"));
    };
    let Some(newest) = list.items.iter().filter_map(made).max() else {
        match list.complete && list.items.is_empty() {
            true => {
                row("there is none".to_owned(), Standing::Weak);
                posture.note(Verdict::Fail, Reason::BackupAbsent { container });
            }
            false => {
                row(NOT_COLLECTED.to_owned(), Standing::Unknown);
                posture.open.push(open("the age of the newest backup"));
            }
        }
        return;
    };
    let age = case.as_of.duration_since(newest);
    let promised = interval.map(|hours| SignedDuration::from_hours(hours.saturating_mul(2)));
    let is_late = age > RESTORABLE_FOR || promised.is_some_and(|promised| age > promised);
    let standing = match (is_late, promised) {
        (true, _) if !list.complete => Standing::Unknown,
        (true, _) => Standing::Weak,
        (false, Some(_)) => Standing::Guards,
        // Without a schedule, nothing says how old it may be.
        (false, None) => Standing::Plain,
    };
    row(format!("{}, {} h old", newest.strftime("%Y-%m-%d %H:%M"), age.as_hours()), standing);
    if is_late && !list.complete {
        return posture.open.push(open("whether there is a younger backup"));
    }
    if is_late {
        let verdict = if age > RESTORABLE_FOR { Verdict::Fail } else { Verdict::Unknown };
        posture.note(verdict, Reason::BackupTooOld { container, made: newest, interval_hours: interval });
    }
}
