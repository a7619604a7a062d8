//! What makes backups: the newest job of a runbook, its schedule, and who hears of jobs that fail.
//!
//! Sources: <https://learn.microsoft.com/azure/automation/automation-runbook-execution> (read 2026-11-29) and
//! <https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-automation-automationaccounts-metrics>
//! (read 2026-11-21).

use jiff::Timestamp;

use super::found::Posture;
use crate::base::{ResourceId, Verdict};
use crate::eval::setting::{NOT_COLLECTED, Setting, Standing};
use crate::finding::Evidence;
use crate::model::automation::{AutomationAccount, Job, JobSchedule, JobStream, Schedule};
use crate::model::monitor::{DiagnosticSetting, MetricAlert, MetricCriterion};
use crate::model::{Estate, Fact, Gap, Resource};
use crate::path::reason::{AutomationJob, Reason};
use crate::path::{Case, time};

const JOBS: &str = "microsoft.automation/automationaccounts/jobs";
const STREAMS: &str = "microsoft.automation/automationaccounts/jobs/streams";

const SCHEDULE: &str = "schedule";
const NEWEST: &str = "newest job";
const ALERTS: &str = "alerts for failed jobs";

/// A runbook that says of itself that it backs this instance up.
struct Runbook<'e> {
    account: ResourceId,
    name: String,
    /// Its newest job.
    newest: &'e Resource<Job>,
}

impl Runbook<'_> {
    /// Something about this runbook.
    fn says(&self, what: &str) -> String {
        format!("runbook `{}`: {what}", self.name)
    }
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
pub(super) fn automation(case: &Case<'_>, posture: &mut Posture) -> Option<i64> {
    let runbooks = runbooks(case.estate, case.path.resource.name());
    posture.open.extend(unread_jobs(case.estate));
    let mut interval: Option<i64> = None;
    for runbook in &runbooks {
        if let Some(gap) = case.estate.list::<Job>(&runbook.account, JOBS).not_seen {
            posture.open.push(gap);
        }
        let start = schedule(case, runbook, posture);
        posture.rows.push(start.row(runbook));
        newest_job(case, runbook, posture);
        posture.rows.push(alerts(case.estate, runbook));
        interval = match (interval, start.hours) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    if runbooks.is_empty() && case.estate.world.deployed().is_none() {
        let value = "no collected runbook backs this instance up".to_owned();
        let at = Evidence::new("no job of a runbook wrote the instance's name", &case.path.resource, "");
        posture.rows.push(Setting::new(SCHEDULE, value, Standing::Unknown, at));
    }
    interval
}

/// How the newest job ended.
fn newest_job(case: &Case<'_>, runbook: &Runbook<'_>, posture: &mut Posture) {
    let estate = case.estate;
    let streams = estate.list::<JobStream>(&runbook.newest.id, STREAMS);
    let is_error = |stream: &&&Resource<JobStream>| {
        stream.properties.stream_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("Error"))
    };
    let error = streams.items.iter().find(is_error).and_then(|stream| stream.properties.summary.clone());
    let exception = runbook.newest.properties.exception.clone().filter(|text| !text.is_empty());
    let status = runbook.newest.properties.status.clone().unwrap_or_default();
    let job = AutomationJob {
        account: runbook.account.clone(),
        id: runbook.newest.id.clone(),
        runbook: runbook.name.clone(),
        status: status.clone(),
        text: exception.clone().or(error.clone()).unwrap_or_default(),
    };
    let mut row = |value: String, standing: Standing| {
        let at = Evidence::new(format!("status is `{status}`"), &runbook.newest.id, "/properties/status");
        posture.rows.push(Setting::new(NEWEST, runbook.says(&value), standing, at));
    };
    let at = started(runbook.newest).map(|at| at.strftime(", %Y-%m-%d %H:%M").to_string()).unwrap_or_default();
    match status.to_ascii_lowercase().as_str() {
        "failed" => {
            row(format!("failed{at}"), Standing::Weak);
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
        }
        "completed" => match (error, streams.not_seen) {
            (Some(_), _) => {
                row(format!("completed, but wrote an error{at}"), Standing::Weak);
                posture.note(Verdict::Unknown, Reason::JobIncomplete { job });
            }
            (None, Some(gap)) => {
                row(format!("completed{at}; what it wrote: {NOT_COLLECTED}"), Standing::Unknown);
                posture.open.push(gap);
            }
            (None, None) => row(format!("completed without an error{at}"), Standing::Guards),
        },
        // It neither failed nor came to its end.
        "suspended" | "stopped" | "blocked" | "disconnected" => {
            row(format!("`{status}`{at}"), Standing::Weak);
            posture.note(Verdict::Unknown, Reason::JobIncomplete { job });
        }
        "" => row(NOT_COLLECTED.to_owned(), Standing::Unknown),
        _ => row(format!("`{status}`{at}"), Standing::Plain),
    }
}

/// What starts a runbook.
#[derive(Default)]
struct Start {
    /// The hours between two starts.
    hours: Option<i64>,
    /// Why certainly nothing of what was collected starts it.
    off: Option<String>,
}

impl Start {
    fn row(&self, runbook: &Runbook<'_>) -> Setting {
        let (value, standing) = match (self.hours, &self.off) {
            (Some(hours), _) => (format!("every {hours} h"), Standing::Guards),
            (None, Some(why)) => (why.clone(), Standing::Weak),
            (None, None) => (NOT_COLLECTED.to_owned(), Standing::Unknown),
        };
        let at = Evidence::new("the schedules that are linked to the runbook", &runbook.account, "");
        Setting::new(SCHEDULE, runbook.says(&value), standing, at)
    }
}

/// The hours between two starts of a runbook, by the schedules that are linked to it.
fn schedule(case: &Case<'_>, runbook: &Runbook<'_>, posture: &mut Posture) -> Start {
    const LINKS: &str = "microsoft.automation/automationaccounts/jobschedules";
    let links = case.estate.list::<JobSchedule>(&runbook.account, LINKS);
    let own = links.items.iter().filter(|link| {
        link.properties.runbook.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&runbook.name))
    });
    let names: Vec<&str> = own.filter_map(|link| link.properties.schedule.name.as_deref()).collect();
    if names.is_empty() {
        if let Some(gap) = links.not_seen {
            posture.open.push(gap);
            return Start::default();
        }
        // A webhook may start it, so this is suspected.
        let why = "no schedule is linked to it".to_owned();
        let (account, name) = (runbook.account.clone(), runbook.name.clone());
        let reason = Reason::BackupNotScheduled { account, runbook: name, why: why.clone() };
        posture.note(Verdict::Unknown, reason);
        return Start { hours: None, off: Some(why) };
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
    let off = off.filter(|_| hours.is_none() && !unread && links.not_seen.is_none());
    if let Some(why) = off.clone() {
        let (account, name) = (runbook.account.clone(), runbook.name.clone());
        posture.note(Verdict::Fail, Reason::BackupNotScheduled { account, runbook: name, why });
    }
    Start { hours, off }
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

/// Who hears of a job that fails: an alert on the metric `TotalJob`. Alerts on logs are not evaluated, and there are none
/// without a diagnostic setting that sends the logs.
fn alerts(estate: &Estate, runbook: &Runbook<'_>) -> Setting {
    const KIND: &str = "microsoft.insights/metricalerts";
    const SETTINGS: &str = "microsoft.insights/diagnosticsettings";
    let account = &runbook.account;
    let watches = |alert: &&Resource<MetricAlert>| {
        let own = &alert.properties;
        own.enabled == Some(true)
            && own.scopes.iter().any(|scope| account.is_within(scope))
            && own.criteria.all_of.len() == 1
            && own.criteria.all_of.iter().all(|criterion| counts_failures(criterion, &runbook.name))
    };
    if let Some(alert) = estate.all::<MetricAlert>().into_iter().find(watches) {
        let at = Evidence::new("the alert counts failed jobs of the runbook", &alert.id, "/properties/criteria");
        return Setting::new(ALERTS, format!("metric alert `{}`", alert.id.name()), Standing::Guards, at);
    }
    let subscription = account.subscription_scope();
    let open = subscription.is_none_or(|subscription| estate.open::<MetricAlert>(&subscription, KIND).is_some());
    if open {
        return Setting::not_collected(ALERTS, account);
    }
    let settings = estate.list::<DiagnosticSetting>(account, SETTINGS);
    let sends = settings.items.iter().any(|setting| setting.properties.sends(&["JobLogs", "JobStreams"]));
    let at = Evidence::new("no metric alert counts failed jobs of the runbook", account, "");
    match sends || settings.not_seen.is_some() {
        true => {
            let value = "no metric alert; alerts on logs are not evaluated".to_owned();
            Setting::new(ALERTS, value, Standing::Unknown, at)
        }
        false => Setting::new(ALERTS, "none in the subscription".to_owned(), Standing::Weak, at),
    }
}

/// Whether a condition counts the failed jobs of a runbook.
fn counts_failures(criterion: &MetricCriterion, runbook: &str) -> bool {
    let is = |own: &Option<String>, name: &str| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
    let dimension = |name: &str| criterion.dimensions.iter().find(|one| is(&one.name, name));
    is(&criterion.metric_name, "TotalJob")
        && dimension("Status").is_some_and(|status| status.counts("Failed"))
        && dimension("Runbook").is_none_or(|own| own.counts(runbook))
}
