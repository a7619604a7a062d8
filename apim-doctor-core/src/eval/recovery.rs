//! What a Recovery Services vault protects, how often its policies make a backup, and how long they keep it.
//!
//! Sources: <https://learn.microsoft.com/azure/backup/backup-azure-arm-userestapi-managejobs>,
//! <https://learn.microsoft.com/azure/backup/backup-support-matrix> (read 2026-11-21) and
//! <https://learn.microsoft.com/azure/templates/microsoft.recoveryservices/vaults/backuppolicies> (Azure/bicep-types-az,
//! commit 1f896de2d).

use std::fmt;

use jiff::Timestamp;

use crate::base::{ResourceId, time};
use crate::model::recovery::{
    BackupContainer, BackupJob, BackupPolicy, ProtectedItem, RetentionDuration, RetentionPolicy, SchedulePolicy, Tier,
};
use crate::model::{ClosedBy, Estate, Filter, Gap, Get, Listing, Modelled, Resource};

const ITEMS: &str = "microsoft.recoveryservices/vaults/backupprotecteditems";
const CONTAINERS: &str = "microsoft.recoveryservices/vaults/backupprotectioncontainers";
const JOBS: &str = "microsoft.recoveryservices/vaults/backupjobs";
/// The policies of a vault.
pub(crate) const POLICIES: &str = "microsoft.recoveryservices/vaults/backuppolicies";

/// What is backed up as a machine.
const MACHINES: &str = "azureiaasvm";
/// What needs a way to the vault: servers with the agent, and SQL or HANA in machines.
const NEED_A_WAY: [(&str, &str); 2] =
    [("mab", "servers with the backup agent"), ("azureworkload", "SQL or SAP HANA databases")];

/// The items that a vault protects, of any kind, and whether all protected machines were seen.
pub(crate) fn items<'e>(estate: &'e Estate, vault: &ResourceId) -> Listing<&'e Resource<ProtectedItem>> {
    Listing { items: all(estate, vault, ITEMS), not_seen: not_seen::<ProtectedItem>(estate, vault, ITEMS, MACHINES) }
}

/// What lists of a vault hold, in the order of ids.
fn all<'e, P: Modelled>(estate: &'e Estate, vault: &ResourceId, kind: &str) -> Vec<&'e Resource<P>> {
    let table = P::table(&estate.tables);
    let mut ids: Vec<&ResourceId> = estate.answers(vault, kind).iter().flat_map(|answer| &answer.ids).collect();
    ids.sort();
    ids.dedup();
    ids.into_iter().filter_map(|id| table.get(id)).map(|row| &row.resource).collect()
}

/// Why not all of a kind of backup was seen; `None` if all was.
fn not_seen<P: Modelled>(estate: &Estate, vault: &ResourceId, kind: &str, of: &str) -> Option<Gap> {
    let answers = estate.answers(vault, kind);
    let is_asked = |filter: &Filter| match filter {
        Filter::None => true,
        Filter::Backups(own) => own == of,
        _ => false,
    };
    let asked = || answers.iter().filter(|answer| is_asked(&answer.filter));
    if asked().any(|answer| answer.not_seen.is_none()) {
        return None;
    }
    let query = match of {
        MACHINES => "$filter=backupManagementType eq 'AzureIaasVM'",
        "mab" => "$filter=backupManagementType eq 'MAB'",
        _ => "$filter=backupManagementType eq 'AzureWorkload'",
    };
    asked().find_map(|answer| answer.not_seen.clone()).or_else(|| {
        let get = Get::list(vault, kind).with(query);
        Some(Gap::not_collected(format!("the complete list of {}s of `{}`", P::NOUN, vault.name()), get))
    })
}

/// What needs a way to the vault, by a name of it, and whether all of it was seen.
pub(crate) fn needs_a_way(estate: &Estate, vault: &ResourceId) -> (Option<String>, Option<Gap>) {
    let is = |own: &Option<String>| {
        let own = own.as_deref().unwrap_or_default().to_ascii_lowercase();
        NEED_A_WAY.iter().find(|(kind, _)| *kind == own).map(|(_, words)| *words)
    };
    let items = all::<ProtectedItem>(estate, vault, ITEMS);
    let items = items.iter().filter(|item| !is_given_up(item));
    let mut named = items.filter_map(|item| Some((is(&item.properties.backup_management_type)?, label_of(item))));
    let containers = all::<BackupContainer>(estate, vault, CONTAINERS);
    let mut registered = containers.iter().filter_map(|one| {
        let name = one.properties.friendly_name.as_deref().unwrap_or_else(|| one.name());
        Some((is(&one.properties.backup_management_type)?, name))
    });
    let found = named.next().or_else(|| registered.next()).map(|(words, name)| format!("{words} (`{name}`)"));
    let open = || {
        NEED_A_WAY.iter().find_map(|(kind, _)| {
            let items = not_seen::<ProtectedItem>(estate, vault, ITEMS, kind)?;
            not_seen::<BackupContainer>(estate, vault, CONTAINERS, kind).map(|_| items)
        })
    };
    let open = if found.is_some() { None } else { open() };
    (found, open)
}

/// The policies of a vault, and whether all were seen.
pub(crate) fn policies<'e>(estate: &'e Estate, vault: &ResourceId) -> Listing<&'e Resource<BackupPolicy>> {
    estate.list::<BackupPolicy>(vault, POLICIES)
}

/// The jobs of a vault, and whether all that started lately were seen.
pub(crate) fn jobs<'e>(estate: &'e Estate, vault: &ResourceId) -> Listing<&'e Resource<BackupJob>> {
    let answers = estate.answers(vault, JOBS);
    let is_asked = |filter: &Filter| matches!(filter, Filter::None | Filter::Started { .. });
    let asked = || answers.iter().filter(|answer| is_asked(&answer.filter));
    let open = match asked().any(|answer| answer.not_seen.is_none()) {
        true => None,
        false => asked().find_map(|answer| answer.not_seen.clone()).or_else(|| {
            let what = format!("the complete list of backup jobs of `{}`", vault.name());
            Some(Gap::not_collected(what, ClosedBy::Collect(vault.clone(), "")))
        }),
    };
    // A failed job is asked for on its own as well.
    let items = estate.all::<BackupJob>().into_iter().filter(|job| job.id.is_within(vault)).collect();
    Listing { items, not_seen: open }
}

/// The machine that an item protects.
pub(crate) fn machine_of(item: &Resource<ProtectedItem>) -> Option<&ResourceId> {
    let source = item.properties.source_resource_id.as_ref();
    source.filter(|id| id.resource_type().eq_ignore_ascii_case("Microsoft.Compute/virtualMachines"))
}

/// What people call an item.
pub(crate) fn label_of(item: &Resource<ProtectedItem>) -> &str {
    let own = item.properties.friendly_name.as_deref().filter(|name| !name.is_empty());
    own.or_else(|| Some(machine_of(item)?.name())).unwrap_or_else(|| item.name())
}

/// Whether the backups of an item have ended: it was deleted, or its protection was stopped.
pub(crate) fn is_given_up(item: &Resource<ProtectedItem>) -> bool {
    let is_stopped =
        item.properties.protection_state.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("ProtectionStopped"));
    item.properties.is_scheduled_for_deferred_delete == Some(true) || is_stopped
}

/// The jobs that backed an item up, in no order.
pub(crate) fn backups_of<'e, 'j>(
    item: &'j Resource<ProtectedItem>,
    jobs: &'j [&'e Resource<BackupJob>],
) -> impl Iterator<Item = &'e Resource<BackupJob>> + use<'e, 'j> {
    let own = &item.properties;
    let is_same = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => Some(one.eq_ignore_ascii_case(other)),
        _ => None,
    };
    jobs.iter().copied().filter(move |job| {
        let job = &job.properties;
        // The name of the container ends with the resource group and the machine.
        let named = is_same(&job.container_name, &own.container_name).or_else(|| {
            let container = job.container_name.as_deref()?.to_ascii_lowercase();
            Some(item.id.name().to_ascii_lowercase().ends_with(&container))
        });
        let is_own = named.or_else(|| is_same(&job.entity_friendly_name, &own.friendly_name)).unwrap_or(false);
        is_own && job.operation.as_deref().is_some_and(|own| own.eq_ignore_ascii_case("Backup"))
    })
}

/// When the newest backup of an item was made: the last recovery point, or the end of a job that made one.
pub(crate) fn newest_backup(item: &Resource<ProtectedItem>, jobs: &[&Resource<BackupJob>]) -> Option<Timestamp> {
    let is_good = |job: &&Resource<BackupJob>| {
        let status = job.properties.status.as_deref().unwrap_or_default();
        ["Completed", "CompletedWithWarnings"].iter().any(|good| status.eq_ignore_ascii_case(good))
    };
    let ended = backups_of(item, jobs).filter(is_good);
    let ended = ended.filter_map(|job| time(job.properties.end_time.as_deref()?));
    let point = item.properties.last_recovery_point.as_deref().and_then(time);
    // Servers and workloads say when the last backup was, and how it ended.
    let status = item.properties.last_backup_status.as_deref().unwrap_or_default();
    let is_done =
        ["Completed", "CompletedWithWarnings", "Healthy"].iter().any(|good| status.eq_ignore_ascii_case(good));
    let last = item.properties.last_backup_time.as_deref().filter(|_| is_done).and_then(time);
    ended.chain(point).chain(last).max()
}

/// The hours between two backups of a schedule, at most: the largest gap between two times at which one starts.
///
/// Hours count within a window, and then to the next day's window; days of a week to the next one of them.
pub(crate) fn largest_gap(schedule: &SchedulePolicy) -> Option<i64> {
    let frequency = schedule.schedule_run_frequency.as_deref()?.to_ascii_lowercase();
    let (days, times) = match &schedule.weekly_schedule {
        Some(weekly) if schedule.schedule_run_days.is_empty() => {
            (&weekly.schedule_run_days, &weekly.schedule_run_times)
        }
        _ => (&schedule.schedule_run_days, &schedule.schedule_run_times),
    };
    match frequency.as_str() {
        "daily" => {
            let own = schedule.daily_schedule.as_ref().map(|daily| &daily.schedule_run_times);
            let times = own.filter(|_| schedule.schedule_run_times.is_empty()).unwrap_or(&schedule.schedule_run_times);
            Some(around(&times.iter().filter_map(|time| hour(time)).collect::<Vec<i64>>(), 24))
        }
        "weekly" => {
            let times: Vec<i64> = times.iter().filter_map(|time| hour(time)).collect();
            let times = if times.is_empty() { vec![0] } else { times };
            let days: Option<Vec<i64>> = days.iter().map(|name| day(name)).collect();
            let starts = days?.into_iter().flat_map(|day| times.iter().map(move |hour| day * 24 + hour));
            let starts: Vec<i64> = starts.collect();
            (!starts.is_empty()).then(|| around(&starts, 7 * 24))
        }
        "hourly" => {
            let hourly = schedule.hourly_schedule.as_ref()?;
            let every = whole(hourly.interval?).filter(|every| (1..=24).contains(every))?;
            let window = whole(hourly.schedule_window_duration.unwrap_or(24.0)).filter(|w| (1..=24).contains(w))?;
            // In a window of 12 hours, a backup every 4 hours starts at 0, 4 and 8 hours.
            let last = (window - 1) / every * every;
            Some(every.max(24 - last))
        }
        _ => None,
    }
}

/// The largest gap between times of a cycle.
fn around(starts: &[i64], cycle: i64) -> i64 {
    let mut starts = starts.to_vec();
    starts.sort_unstable();
    starts.dedup();
    let Some((first, last)) = starts.first().zip(starts.last()) else { return cycle };
    let between = starts.iter().zip(starts.iter().skip(1)).map(|(one, next)| next - one);
    between.chain([first + cycle - last]).max().unwrap_or(cycle)
}

fn day(name: &str) -> Option<i64> {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    DAYS.iter().position(|own| own.eq_ignore_ascii_case(name)).and_then(|at| i64::try_from(at).ok())
}

/// The hour of a time that a policy names.
fn hour(time: &str) -> Option<i64> {
    time.split_once('T')?.1.split(':').next()?.parse().ok()
}

/// A whole number, which JSON may write as `4.0`.
fn whole(number: f64) -> Option<i64> {
    format!("{number:.0}").parse().ok().filter(|number| (0..=100_000).contains(number))
}

/// The tiers that a policy keeps backups in, in days: of each day, week, month and year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tiers {
    /// The backups of each day.
    pub daily: Option<i64>,
    /// One of each week.
    pub weekly: Option<i64>,
    /// One of each month.
    pub monthly: Option<i64>,
    /// One of each year.
    pub yearly: Option<i64>,
}

impl fmt::Display for Tiers {
    /// All four in one line: `daily 30 days, weekly 84 days, monthly none, yearly none`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [("daily", self.daily), ("weekly", self.weekly), ("monthly", self.monthly), ("yearly", self.yearly)];
        let tier = |(name, days): (&str, Option<i64>)| match days {
            Some(days) => format!("{name} {days} days"),
            None => format!("{name} none"),
        };
        f.write_str(&all.map(tier).join(", "))
    }
}

/// The tiers of a policy; `None` if one of them has no time that is understood.
pub(crate) fn tiers(retention: &RetentionPolicy, schedule: Option<&SchedulePolicy>) -> Option<Tiers> {
    let of = |tier: &Option<Tier>| match tier {
        None => Some(None),
        Some(tier) => Some(Some(days(tier.retention_duration.as_ref()?)?)),
    };
    let mut tiers = Tiers {
        daily: of(&retention.daily_schedule)?,
        weekly: of(&retention.weekly_schedule)?,
        monthly: of(&retention.monthly_schedule)?,
        yearly: of(&retention.yearly_schedule)?,
    };
    if let Some(all) = &retention.retention_duration {
        let all = days(all)?;
        match schedule.is_some_and(is_weekly) {
            true => tiers.weekly = tiers.weekly.max(Some(all)),
            false => tiers.daily = tiers.daily.max(Some(all)),
        }
    }
    (tiers != Tiers::default()).then_some(tiers)
}

/// Whether a schedule makes a backup on some days of the week only.
pub(crate) fn is_weekly(schedule: &SchedulePolicy) -> bool {
    schedule.schedule_run_frequency.as_deref().is_some_and(|own| own.eq_ignore_ascii_case("Weekly"))
}

/// A time in days; months have 30 and years 360 of them.
fn days(duration: &RetentionDuration) -> Option<i64> {
    let unit = match duration.duration_type.as_deref()?.to_ascii_lowercase().as_str() {
        "days" => 1,
        "weeks" => 7,
        "months" => 30,
        "years" => 360,
        _ => return None,
    };
    whole(duration.count?).map(|count| count * unit)
}

/// What a policy should keep, as a convention: the backups of 7 days, one of each of 4 weeks and of 12 months.
const TARGETS: [(&str, i64); 3] =
    [("each day for 7 days", 7), ("each week for 4 weeks", 28), ("each month for 12 months", 360)];

/// The targets that a policy misses. A tier also keeps what a coarser one would.
pub(crate) fn misses(tiers: &Tiers, is_weekly: bool) -> Vec<&'static str> {
    let kept = [tiers.daily, tiers.daily.max(tiers.weekly), tiers.daily.max(tiers.weekly).max(tiers.monthly)];
    let all = TARGETS.iter().zip(kept).skip(usize::from(is_weekly));
    all.filter(|((_, target), kept)| kept.is_none_or(|kept| kept < *target)).map(|((words, _), _)| *words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(json: serde_json::Value) -> SchedulePolicy {
        serde_json::from_value(json).unwrap()
    }

    fn gap(json: serde_json::Value) -> Option<i64> {
        largest_gap(&schedule(json))
    }

    #[test]
    fn the_largest_gap_of_a_schedule_counts() {
        use serde_json::json;
        let at = |hour: &str| format!("2026-01-08T{hour}:30:00Z");
        assert_eq!(gap(json!({"scheduleRunFrequency": "Daily", "scheduleRunTimes": [at("02")]})), Some(24));
        assert_eq!(gap(json!({"scheduleRunFrequency": "Daily", "scheduleRunTimes": [at("02"), at("08")]})), Some(18));
        let weekly = |days: &[&str]| {
            gap(json!({"scheduleRunFrequency": "Weekly", "scheduleRunDays": days, "scheduleRunTimes": [at("02")]}))
        };
        assert_eq!(weekly(&["Sunday"]), Some(168));
        assert_eq!(weekly(&["Monday", "Wednesday"]), Some(120));
        assert_eq!(weekly(&[]), None);
        let hourly = |interval: i64, window: i64| {
            let hours = json!({"interval": interval, "scheduleWindowDuration": window});
            gap(json!({"scheduleRunFrequency": "Hourly", "hourlySchedule": hours}))
        };
        assert_eq!(hourly(4, 12), Some(16));
        assert_eq!(hourly(4, 24), Some(4));
        assert_eq!(hourly(6, 8), Some(18));
        let second = json!({"scheduleRunFrequency": "Weekly",
            "weeklySchedule": {"scheduleRunDays": ["Friday"], "scheduleRunTimes": [at("22")]}});
        assert_eq!(gap(second), Some(168));
    }

    #[test]
    fn tiers_are_compared_with_their_targets() {
        let tiers = |daily, weekly, monthly| Tiers { daily, weekly, monthly, yearly: None };
        assert_eq!(misses(&tiers(Some(7), Some(28), Some(360)), false), Vec::<&str>::new());
        assert_eq!(misses(&tiers(Some(7), Some(28), None), false), ["each month for 12 months"]);
        let table = tiers(Some(7), Some(28), None).to_string();
        assert_eq!(table, "daily 7 days, weekly 28 days, monthly none, yearly none");
        assert_eq!(
            misses(&tiers(Some(3), Some(14), Some(360)), false),
            ["each day for 7 days", "each week for 4 weeks"]
        );
        assert_eq!(misses(&tiers(Some(30), None, None), false), ["each month for 12 months"]);
        assert_eq!(misses(&tiers(None, Some(28), Some(360)), true), Vec::<&str>::new());
    }
}
