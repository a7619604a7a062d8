//! A protected item: its state, its jobs, and the age of its newest backup.

use jiff::SignedDuration;

use super::found::{Protection, named};
use crate::base::{ResourceId, time};
use crate::eval::recovery;
use crate::knowledge::backup_errors;
use crate::model::compute::Machine;
use crate::model::recovery::{BackupJob, BackupPolicy, ProtectedItem};
use crate::model::{ClosedBy, Fact, Gap, Listing, Resource};
use crate::path::Case;
use crate::path::reason::{ItemJob, Reason};

/// How long a job may run before it is worth a look.
/// Source: <https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot> (read 2026-11-21).
const OVERDUE: SignedDuration = SignedDuration::from_hours(12);

/// Looks at an item.
pub(super) fn item(
    case: &Case<'_>,
    item: &Resource<ProtectedItem>,
    jobs: &Listing<&Resource<BackupJob>>,
    found: &mut Protection,
) {
    let own = &item.properties;
    if own.is_scheduled_for_deferred_delete == Some(true) {
        let deleted = own.deferred_delete_time_in_utc.as_deref().and_then(time);
        let days = own.soft_delete_retention_period_in_days.filter(|days| (0.0..=1000.0).contains(days));
        let kept = days.map(|days| SignedDuration::from_secs_f64(days * 86_400.0));
        let until = deleted.zip(kept).and_then(|(at, kept)| at.checked_add(kept).ok());
        return found.warn(Reason::ItemSoftDeleted { item: named(item), until });
    }
    state(item, found);
    health(item, found);
    if own.extended_info.policy_inconsistent == Some(true) {
        found.warn(Reason::PolicyInconsistent { item: named(item), policy: own.policy_id.clone() });
    }
    disks(item, found);
    if recovery::is_given_up(item) {
        return;
    }
    job(case, item, jobs, found);
    age(case, item, jobs, found);
}

/// Whether backups are made at all.
fn state(item: &Resource<ProtectedItem>, found: &mut Protection) {
    let state = item.properties.protection_state.clone().unwrap_or_default();
    match state.to_ascii_lowercase().as_str() {
        "protected" => {}
        "irpending" => found.warn(Reason::InitialBackupPending { item: named(item) }),
        "protectionerror" | "protectionstopped" | "protectionpaused" | "backupssuspended" => {
            found.fail(Reason::ProtectionInactive { item: named(item), state });
        }
        _ => {
            let what = format!("whether `{}` is being backed up: its state is `{state}`", recovery::label_of(item));
            found.open.push(Gap::incomplete(what, &item.id));
        }
    }
}

/// What the service itself says of the item. Not every kind of item has a health.
fn health(item: &Resource<ProtectedItem>, found: &mut Protection) {
    let Some(status) = item.properties.health_status.clone() else { return };
    let details = item.properties.health_details.iter().map(|one| {
        let title = one.title.clone().unwrap_or_default();
        let code = one.code.filter(|code| *code > 0.0).map(|code| format!("{code:.0}"));
        let advice = one.recommendations.first().cloned().unwrap_or_default();
        let parts = [code.unwrap_or_default(), title, advice].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(": ")
    });
    let details = details.collect::<Vec<_>>().join("; ");
    let reason = Reason::ProtectionUnhealthy { item: named(item), status: status.clone(), details };
    match status.to_ascii_lowercase().as_str() {
        "passed" | "" => {}
        "actionrequired" => found.fail(reason),
        "actionsuggested" => found.warn(reason),
        _ => {
            let what = format!("the health of `{}`: it is `{status}`", recovery::label_of(item));
            found.open.push(Gap::incomplete(what, &item.id));
        }
    }
}

/// Disks that are left out.
fn disks(item: &Resource<ProtectedItem>, found: &mut Protection) {
    let Some(excluded) = &item.properties.extended_properties.disk_exclusion_properties else { return };
    let luns: Vec<String> = excluded.disk_lun_list.iter().map(|lun| format!("{lun:.0}")).collect();
    let disks = match (excluded.is_inclusion_list == Some(true), luns.is_empty()) {
        (false, true) => return,
        (false, false) => format!("the data disks with LUN {} are left out", luns.join(", ")),
        (true, true) => "every data disk is left out".to_owned(),
        (true, false) => format!("every data disk except those with LUN {} is left out", luns.join(", ")),
    };
    found.warn(Reason::DisksExcluded { item: named(item), disks });
}

/// The newest job counts. While a newer one may be unseen, no failure is certain.
fn job(case: &Case<'_>, item: &Resource<ProtectedItem>, jobs: &Listing<&Resource<BackupJob>>, found: &mut Protection) {
    let Some(newest) = newest(recovery::backups_of(item, &jobs.items)) else { return };
    found.depends_on.push(newest.id.clone());
    let own = &newest.properties;
    let job = || described(item, newest);
    match own.status.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
        "failed" => {
            let job = job();
            let is_gone = job.code.as_deref().is_some_and(backup_errors::says_source_is_missing);
            let machine = recovery::machine_of(item).filter(|_| is_gone && jobs.not_seen.is_none());
            // What Resource Manager says of the machine itself counts more.
            let machine = machine.filter(|id| matches!(case.estate.get::<Machine>(id), Fact::Unknown(_)));
            if let Some(machine) = machine.cloned() {
                found.fail(Reason::SourceMissing { item: named(item), machine, by_job: true });
            }
            match jobs.not_seen {
                None => found.fail(Reason::ItemJobFailed { job }),
                Some(_) => found.suspect(Reason::ItemJobFailed { job }),
            }
        }
        "completedwithwarnings" => found.suspect(Reason::ItemJobIncomplete { job: job() }),
        "inprogress" => {
            let started = own.start_time.as_deref().and_then(time);
            let runs = started.map(|at| case.as_of.duration_since(at)).filter(|runs| *runs > OVERDUE);
            if let Some(runs) = runs {
                found.suspect(Reason::JobOverdue { job: job(), hours: runs.as_hours() });
            }
        }
        _ => {}
    }
}

/// The code of a job's first error: a symbolic one that is known, then a number that is, then what an English text says;
/// else what the job calls it.
fn code_of(job: &BackupJob) -> Option<String> {
    let error = job.error_details.first();
    let number = error.and_then(|error| error.error_code).filter(|code| *code > 0.0).map(|code| format!("{code:.0}"));
    let info = &job.extended_info;
    let mut said = info.dynamic_error_message.iter().chain(info.property_bag.values().flatten());
    let known = said.find_map(|text| backup_errors::named_in(text));
    let known = known.or(number.as_deref().and_then(backup_errors::named_in)).or_else(|| {
        let mut texts = error.into_iter().flat_map(|error| [&error.error_title, &error.error_string]).flatten();
        texts.find_map(|text| backup_errors::named_in(text).or_else(|| backup_errors::code_in(text)))
    });
    let symbol = info.dynamic_error_message.as_deref().map(str::trim).filter(|code| !code.is_empty());
    known.or(symbol).map(str::to_owned).or(number)
}

/// A job, as findings name it.
fn described(item: &Resource<ProtectedItem>, job: &Resource<BackupJob>) -> ItemJob {
    let own = &job.properties;
    let error = own.error_details.first();
    let text = error.and_then(|error| error.error_title.clone().or(error.error_string.clone())).unwrap_or_default();
    let is =
        |status: &Option<String>, wanted: &str| status.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(wanted));
    let tasks = &own.extended_info.tasks_list;
    let has_snapshot = tasks.iter().any(|task| is(&task.status, "Completed"));
    let step = tasks.iter().find(|task| is(&task.status, "Failed")).filter(|_| has_snapshot);
    ItemJob {
        item: named(item),
        id: job.id.clone(),
        code: code_of(own),
        text,
        advice: error.and_then(|error| error.recommendations.first().cloned()).unwrap_or_default(),
        step: step.and_then(|task| task.task_id.clone()),
    }
}

/// The newest backup against what the policy promises. The schedule is a promise of the policy, and not a limit of the
/// service, so a late backup is a warning.
fn age(case: &Case<'_>, item: &Resource<ProtectedItem>, jobs: &Listing<&Resource<BackupJob>>, found: &mut Protection) {
    let own = &item.properties;
    let is = |wanted: &str| own.protection_state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case(wanted));
    if ["IRPending", "ProtectionPaused", "BackupsSuspended"].into_iter().any(is) {
        return;
    }
    let label = recovery::label_of(item);
    let Some(made) = recovery::newest_backup(item, &jobs.items) else {
        return match own.extended_info.recovery_point_count {
            Some(count) if count < 1.0 && jobs.not_seen.is_none() => {
                found.fail(Reason::ItemBackupAbsent { item: named(item) });
            }
            _ => found.open.push(Gap::incomplete(format!("the newest recovery point of `{label}`"), &item.id)),
        };
    };
    let Some((policy, interval_hours)) = interval(case, item, found) else { return };
    let age = case.as_of.duration_since(made);
    if age <= SignedDuration::from_hours(interval_hours.saturating_mul(2)) {
        return;
    }
    match &jobs.not_seen {
        None => {
            let item = named(item);
            found.suspect(Reason::ItemBackupTooOld { item, made, policy, interval_hours });
        }
        Some(_) => {
            let what = format!("whether `{label}` has a younger backup than that of {}", made.strftime("%Y-%m-%d"));
            found.open.push(Gap::incomplete(what, ClosedBy::Collect(case.path.resource.clone(), "")));
        }
    }
}

/// The policy of an item, and the hours between two backups that it promises.
fn interval(case: &Case<'_>, item: &Resource<ProtectedItem>, found: &mut Protection) -> Option<(ResourceId, i64)> {
    let label = recovery::label_of(item);
    let id = item.properties.policy_id.as_ref().filter(|id| !id.as_str().is_empty());
    let Some(id) = id else {
        found.open.push(Gap::incomplete(format!("which policy `{label}` has"), &item.id));
        return None;
    };
    let question = || format!("how often `{label}` is backed up");
    match case.estate.get::<BackupPolicy>(id) {
        Fact::Known(policy) => match policy.properties.rules().0.and_then(recovery::largest_gap) {
            Some(hours) => Some((id.clone(), hours)),
            None => {
                found.open.push(Gap::incomplete(question(), id));
                None
            }
        },
        Fact::Unknown(gap) => {
            found.open.push(gap.leaves_open(question()));
            None
        }
        Fact::Absent(id) => {
            found.open.push(Gap::refused(format!("policy `{}`", id.name()), 404, &id).leaves_open(question()));
            None
        }
    }
}

/// The newest of an item's jobs that backed it up.
fn newest<'e>(jobs: impl Iterator<Item = &'e Resource<BackupJob>>) -> Option<&'e Resource<BackupJob>> {
    jobs.filter_map(|job| Some((time(job.properties.start_time.as_deref()?)?, job)))
        .max_by(|(one, a), (other, b)| one.cmp(other).then_with(|| b.id.cmp(&a.id)))
        .map(|(_, job)| job)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_code_of_an_error_is_where_the_job_has_it() {
        let localized = json!([{ "errorCode": 400239, "errorTitle": "Fehler", "errorString": "Kein Netzwerk." }]);
        let english = json!([{ "errorCode": 7, "errorTitle": "VM Agent unable to communicate with Azure Backup." }]);
        let jobs = [
            (
                json!({ "propertyBag": { "ErrorCode": "ExtensionSnapshotFailedNoNetwork", "Other": null } }),
                &localized,
                Some("ExtensionSnapshotFailedNoNetwork"),
            ),
            (
                json!({ "dynamicErrorMessage": "UserErrorFsFreezeFailed: see the log" }),
                &localized,
                Some("UserErrorFsFreezeFailed"),
            ),
            (json!({ "dynamicErrorMessage": "UserErrorOfAnotherKind" }), &localized, Some("UserErrorOfAnotherKind")),
            (json!({}), &localized, Some("400239")),
            (json!({}), &english, Some("UserErrorGuestAgentStatusUnavailable")),
            (json!({ "dynamicErrorMessage": " " }), &json!([{ "errorCode": 400094 }]), Some("400094")),
            (json!({}), &json!([]), None),
        ];
        for (info, errors, wanted) in jobs {
            let job = json!({ "status": "Failed", "errorDetails": errors, "extendedInfo": info });
            let job: BackupJob = serde_json::from_value(job).unwrap();
            assert_eq!(code_of(&job).as_deref(), wanted, "{info}");
        }
    }
}
