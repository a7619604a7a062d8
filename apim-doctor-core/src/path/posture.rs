//! What is worth knowing of backups beside the access: the age of the newest one, what deletes or archives them, and the
//! jobs that make them. It changes no verdict of a path.
//!
//! Sources: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> (read
//! 2026-11-21), <https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-overview> and
//! <https://learn.microsoft.com/azure/automation/automation-runbook-execution> (read 2026-11-29).

use jiff::{SignedDuration, Timestamp};

use crate::base::{ResourceId, Verdict};
use crate::model::automation::{AutomationAccount, Job, JobSchedule, JobStream, Schedule};
use crate::model::storage::{Lifecycle, LifecycleRule};
use crate::model::{Estate, Fact, Gap, Resource};
use crate::path::gate::{RESTORABLE_FOR, list_of, listed, made, unknown_signer};
use crate::path::reason::{AutomationJob, Cause, Reason};
use crate::path::{BackupCall, Case, Credential, GateOutcome, Target, time};

const JOBS: &str = "microsoft.automation/automationaccounts/jobs";
const STREAMS: &str = "microsoft.automation/automationaccounts/jobs/streams";

/// What was found, and what is not known.
#[derive(Default)]
pub(super) struct Posture {
    /// What is wrong.
    pub causes: Vec<Cause>,
    /// What could not be seen.
    pub open: Vec<Gap>,
}

impl Posture {
    fn note(&mut self, verdict: Verdict, reason: Reason) {
        self.causes.push(Cause { verdict, reason });
    }
}

/// Looks at what a backup leaves behind, and at what makes the next one.
pub(super) fn posture(case: &Case<'_>, target: Option<&Target<'_>>, gates: &[GateOutcome]) -> Posture {
    let mut posture = Posture::default();
    posture.open.extend(unknown_signer(case));
    by_key(case, gates, &mut posture);
    let Some(call) = case.path.backup.as_deref().filter(|call| !call.restores) else { return posture };
    let runbooks = runbooks(case.estate, case.path.resource.name());
    posture.open.extend(unread_jobs(case.estate));
    let interval = automation(case, &runbooks, &mut posture);
    let account = target.map(|target| target.store.id()).filter(|_| !call.container.is_empty());
    let Some(account) = account else { return posture };
    if case.estate.world.deployed().is_none() {
        age(case, call, account, interval, &mut posture);
    }
    lifecycle(case, call, account, interval, &mut posture);
    posture
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
    let Some(list) = listed(case.estate, &call.account, &call.container) else {
        return posture.open.push(open("the age of the newest backup"));
    };
    let Some(newest) = list.items.iter().filter_map(made).max() else {
        match list.complete && list.items.is_empty() {
            true => posture.note(Verdict::Fail, Reason::BackupAbsent { container }),
            false => posture.open.push(open("the age of the newest backup")),
        }
        return;
    };
    let age = case.as_of.duration_since(newest);
    let promised = interval.map(|hours| SignedDuration::from_hours(hours.saturating_mul(2)));
    let is_late = age > RESTORABLE_FOR || promised.is_some_and(|promised| age > promised);
    if is_late && !list.complete {
        return posture.open.push(open("whether there is a younger backup"));
    }
    if is_late {
        let verdict = if age > RESTORABLE_FOR { Verdict::Fail } else { Verdict::Unknown };
        posture.note(verdict, Reason::BackupTooOld { container, made: newest, interval_hours: interval });
    }
}

/// Rules that delete backups before the next one is made, or that move them where they cannot be read.
fn lifecycle(case: &Case<'_>, call: &BackupCall, account: &ResourceId, interval: Option<i64>, posture: &mut Posture) {
    let id = account.child("managementPolicies", "default");
    let lifecycle = match case.estate.get::<Lifecycle>(&id) {
        Fact::Known(lifecycle) => lifecycle,
        // Without a request nothing was asked, and 404 means that there are no rules.
        Fact::Unknown(gap) if case.estate.refusals.contains_key(&id) => return posture.open.push(gap),
        _ => return,
    };
    for rule in lifecycle.properties.policy.rules.iter().filter(|rule| covers(rule, call)) {
        let name = rule.name.clone().unwrap_or_default();
        let actions = &rule.definition.actions.base_blob;
        if actions.tier_to_archive.is_some() {
            posture.note(Verdict::Unknown, Reason::BackupArchived { lifecycle: id.clone(), rule: name.clone() });
        }
        let days = actions.delete.as_ref();
        let days = days.and_then(|d| d.days_after_creation_greater_than.or(d.days_after_modification_greater_than));
        if let (Some(days), Some(hours)) = (days, interval)
            && days * 24.0 < f64::from(i32::try_from(hours).unwrap_or(i32::MAX))
        {
            let reason =
                Reason::BackupRetentionTooShort { lifecycle: id.clone(), rule: name, days, interval_hours: hours };
            posture.note(Verdict::Unknown, reason);
        }
    }
}

/// Whether a rule is on and certainly for the blobs of a backup.
fn covers(rule: &LifecycleRule, call: &BackupCall) -> bool {
    let Some(filters) = &rule.definition.filters else { return rule.enabled != Some(false) };
    let kinds = &filters.blob_types;
    let is_block = kinds.is_empty() || kinds.iter().any(|kind| kind.eq_ignore_ascii_case("blockBlob"));
    let blob = format!("{}/{}", call.container, call.blob);
    let starts = filters.prefix_match.is_empty() || filters.prefix_match.iter().any(|start| blob.starts_with(start));
    rule.enabled != Some(false) && is_block && starts && filters.blob_index_match.is_empty()
}

/// A runbook that says of itself that it backs this instance up.
struct Runbook<'e> {
    account: ResourceId,
    name: String,
    /// Its newest job.
    newest: &'e Resource<Job>,
}

/// Runbooks with a job that wrote the name of the instance.
fn runbooks<'e>(estate: &'e Estate, instance: &str) -> Vec<Runbook<'e>> {
    let names = |stream: &&Resource<JobStream>| {
        let words = stream.properties.summary.as_deref().unwrap_or_default();
        words.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word.eq_ignore_ascii_case(instance))
    };
    let streams = estate.all::<JobStream>();
    let naming: Vec<ResourceId> = streams.into_iter().filter(names).filter_map(|stream| stream.id.parent()).collect();
    let jobs = estate.all::<Job>();
    let mut found: Vec<Runbook<'e>> = Vec::new();
    for job in jobs.iter().filter(|job| naming.contains(&job.id)) {
        let (Some(account), Some(name)) = (job.id.parent(), &job.properties.runbook.name) else { continue };
        if found.iter().any(|known| known.account == account && known.name.eq_ignore_ascii_case(name)) {
            continue;
        }
        let own = jobs.iter().filter(|job| job.id.parent().as_ref() == Some(&account));
        let own = own.filter(|job| job.properties.runbook.name.as_ref().is_some_and(|n| n.eq_ignore_ascii_case(name)));
        if let Some(newest) = own.max_by_key(|job| started(job)) {
            found.push(Runbook { account, name: name.clone(), newest });
        }
    }
    found
}

/// Lists of jobs, and of what the jobs wrote, that were not collected: any of them may make the backup.
fn unread_jobs(estate: &Estate) -> Vec<Gap> {
    let accounts = estate.ids::<AutomationAccount>().into_iter().filter_map(|id| estate.open::<Job>(id, JOBS));
    let jobs = estate.ids::<Job>().into_iter().filter_map(|id| estate.open::<JobStream>(id, STREAMS));
    accounts.chain(jobs).collect()
}

fn started(job: &Resource<Job>) -> Option<Timestamp> {
    job.properties.creation_time.as_deref().and_then(time)
}

/// How the newest jobs ended, and how often the next ones start: the hours between two of them.
fn automation(case: &Case<'_>, runbooks: &[Runbook<'_>], posture: &mut Posture) -> Option<i64> {
    let estate = case.estate;
    let mut interval: Option<i64> = None;
    for runbook in runbooks {
        if let Some(gap) = estate.list::<Job>(&runbook.account, JOBS).not_seen {
            posture.open.push(gap);
        }
        let streams = estate.list::<JobStream>(&runbook.newest.id, STREAMS);
        let is_error = |stream: &&&Resource<JobStream>| {
            stream.properties.stream_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("Error"))
        };
        let error = streams.items.iter().find(is_error).and_then(|stream| stream.properties.summary.clone());
        let exception = runbook.newest.properties.exception.clone().filter(|text| !text.is_empty());
        let job = AutomationJob {
            account: runbook.account.clone(),
            id: runbook.newest.id.clone(),
            runbook: runbook.name.clone(),
            text: exception.clone().or(error.clone()).unwrap_or_default(),
        };
        let status = runbook.newest.properties.status.as_deref().unwrap_or_default();
        if status.eq_ignore_ascii_case("Failed") {
            posture.note(Verdict::Fail, Reason::JobFailed { job: job.clone() });
            let texts = [&exception, &error].into_iter().flatten();
            let signs_in = texts.into_iter().any(|text| text.contains("-Identity") || text.contains("ManagedIdentity"));
            let account = estate.get::<AutomationAccount>(&runbook.account).known();
            let has_none = account.is_some_and(|account| {
                !account.identity.as_ref().is_some_and(|own| own.is_system_assigned() || own.is_user_assigned())
            });
            if signs_in && has_none {
                posture.note(Verdict::Unknown, Reason::AutomationWithoutIdentity { job });
            }
        } else if status.eq_ignore_ascii_case("Completed") {
            match (error, streams.not_seen) {
                (Some(_), _) => posture.note(Verdict::Unknown, Reason::JobIncomplete { job }),
                (None, Some(gap)) => posture.open.push(gap),
                (None, None) => {}
            }
        }
        let own = schedule(case, runbook, posture);
        interval = match (interval, own) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    interval
}

/// The hours between two starts of a runbook, by the schedules that are linked to it.
fn schedule(case: &Case<'_>, runbook: &Runbook<'_>, posture: &mut Posture) -> Option<i64> {
    const LINKS: &str = "microsoft.automation/automationaccounts/jobschedules";
    let links = case.estate.list::<JobSchedule>(&runbook.account, LINKS);
    let own = links.items.iter().filter(|link| {
        link.properties.runbook.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&runbook.name))
    });
    let names: Vec<&str> = own.filter_map(|link| link.properties.schedule.name.as_deref()).collect();
    if names.is_empty() {
        if let Some(gap) = links.not_seen {
            posture.open.push(gap);
        }
        return None;
    }
    let (mut hours, mut off, mut unread) = (None, None, false);
    for name in names {
        let id = runbook.account.child("schedules", name);
        let schedule = match case.estate.get::<Schedule>(&id) {
            Fact::Known(schedule) => schedule,
            Fact::Unknown(gap) => {
                posture.open.push(gap);
                unread = true;
                continue;
            }
            Fact::Absent(_) => continue,
        };
        let properties = &schedule.properties;
        let has_ended = properties.expiry_time.as_deref().and_then(time).is_some_and(|end| end <= case.as_of);
        if properties.is_enabled == Some(false) {
            off = Some(format!("schedule `{name}` is off"));
        } else if has_ended {
            off = Some(format!("schedule `{name}` has ended"));
        } else {
            let own = period(properties);
            hours = match (hours, own) {
                (Some(one), Some(other)) => Some(std::cmp::min::<i64>(one, other)),
                (one, other) => one.or(other),
            };
            unread |= own.is_none();
        }
    }
    if let (Some(why), None, false, None) = (off, hours, unread, links.not_seen) {
        let (account, name) = (runbook.account.clone(), runbook.name.clone());
        posture.note(Verdict::Fail, Reason::BackupNotScheduled { account, runbook: name, why });
    }
    hours
}

/// The hours between two starts of a schedule.
fn period(schedule: &Schedule) -> Option<i64> {
    let unit = match schedule.frequency.as_deref()?.to_ascii_lowercase().as_str() {
        "hour" => 1,
        "day" => 24,
        "week" => 7 * 24,
        "month" => 31 * 24,
        _ => return None,
    };
    // Azure writes whole numbers.
    let every = schedule.interval.filter(|every| (1.0..=1000.0).contains(every)).unwrap_or(1.0);
    (1..=1000_i64).find(|whole| f64::from(i32::try_from(*whole).unwrap_or(1)) >= every).map(|whole| whole * unit)
}
