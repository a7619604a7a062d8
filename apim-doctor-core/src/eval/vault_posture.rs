//! How well a Recovery Services vault guards its backups, what its policies promise, and what was achieved.
//!
//! Sources: <https://learn.microsoft.com/azure/backup/backup-azure-security-feature-cloud>,
//! <https://learn.microsoft.com/azure/backup/backup-azure-immutable-vault-concept> and
//! <https://learn.microsoft.com/azure/backup/multi-user-authorization-concept> (read 2026-11-21); enumerations of
//! Azure/bicep-types-az, commit 1f896de2d.

use jiff::Timestamp;

use crate::base::{ObjectId, ResourceId};
use crate::eval::rbac::{self, Access, Plane, Request};
use crate::eval::recovery;
use crate::eval::setting::{NOT_COLLECTED, Setting, Standing};
use crate::eval::vault_watch;
use crate::finding::Evidence;
use crate::knowledge::tasks::{TASKS, Task};
use crate::model::recovery::{
    BackupPolicy, GuardProxy, RecoveryVault, RetentionDuration, RetentionPolicy, SchedulePolicy, Tier, VaultConfig,
};
use crate::model::{Estate, Resource};

/// What a vault says of how it guards its backups.
pub(crate) fn settings(estate: &Estate, vault: &Resource<RecoveryVault>) -> Vec<Setting> {
    let mut settings = vec![
        soft_delete(estate, vault),
        immutability(vault),
        multi_user(estate, vault),
        redundancy(vault),
        alerts(vault),
        encryption(vault),
        access(vault),
        vault_watch::logs(estate, vault),
    ];
    settings.extend(vault_watch::locks(estate, vault));
    settings.extend(vault_watch::unprotected(estate, vault));
    settings
}

/// Builds a setting from the text of an enumeration; every enumeration may grow, and most have `Invalid`.
fn of(
    name: &'static str,
    own: Option<&str>,
    known: &[(&str, &str, Standing)],
    (id, pointer): (&ResourceId, &'static str),
) -> Setting {
    let own = own.unwrap_or_default();
    let found = known.iter().find(|(state, ..)| state.eq_ignore_ascii_case(own));
    let (value, standing) = match found {
        Some((_, words, standing)) => ((*words).to_owned(), *standing),
        None if own.is_empty() || own.eq_ignore_ascii_case("Invalid") => (NOT_COLLECTED.to_owned(), Standing::Unknown),
        None => (format!("`{own}`"), Standing::Unknown),
    };
    let says = if own.is_empty() { format!("{name} is absent") } else { format!("{name} is `{own}`") };
    Setting { name, value, standing, at: Evidence::new(says, id, pointer) }
}

/// The vault's own property is newer than the one of its configuration.
fn soft_delete(estate: &Estate, vault: &Resource<RecoveryVault>) -> Setting {
    const STATES: [(&str, &str, Standing); 3] = [
        ("Enabled", "on", Standing::Guards),
        ("AlwaysON", "always on", Standing::Guards),
        ("Disabled", "off", Standing::Weak),
    ];
    let own = &vault.properties.security_settings.soft_delete_settings;
    let state = own.soft_delete_state.as_deref().filter(|state| !state.eq_ignore_ascii_case("Invalid"));
    let id = vault.id.child("backupconfig", "vaultconfig");
    let config = estate.get::<VaultConfig>(&id).known();
    let older = config.and_then(|config| config.properties.soft_delete_feature_state.as_deref());
    let mut setting = match state {
        Some(state) => {
            let at = "/properties/securitySettings/softDeleteSettings/softDeleteState";
            of("soft delete", Some(state), &STATES, (&vault.id, at))
        }
        None => of("soft delete", older, &STATES, (&id, "/properties/softDeleteFeatureState")),
    };
    if let (Standing::Guards, Some(days)) = (setting.standing, own.soft_delete_retention_period_in_days) {
        setting.value = format!("{}, keeps deleted backups for {days:.0} days", setting.value);
    }
    setting
}

fn immutability(vault: &Resource<RecoveryVault>) -> Setting {
    const STATES: [(&str, &str, Standing); 3] = [
        ("Locked", "on and locked", Standing::Guards),
        ("Unlocked", "on, can be turned off", Standing::Guards),
        ("Disabled", "off", Standing::Weak),
    ];
    let own = vault.properties.security_settings.immutability_settings.state.as_deref();
    of("immutability", own, &STATES, (&vault.id, "/properties/securitySettings/immutabilitySettings/state"))
}

/// A Resource Guard protects the vault where one is linked.
fn multi_user(estate: &Estate, vault: &Resource<RecoveryVault>) -> Setting {
    const NAME: &str = "multi-user authorization";
    const LINKS: &str = "microsoft.recoveryservices/vaults/backupresourceguardproxies";
    const STATES: [(&str, &str, Standing); 2] =
        [("Enabled", "on", Standing::Guards), ("Disabled", "off", Standing::Weak)];
    let own = vault.properties.security_settings.multi_user_authorization.as_deref();
    let own = own.filter(|own| STATES.iter().any(|(state, ..)| state.eq_ignore_ascii_case(own)));
    if own.is_some() {
        return of(NAME, own, &STATES, (&vault.id, "/properties/securitySettings/multiUserAuthorization"));
    }
    let links = estate.list::<GuardProxy>(&vault.id, LINKS);
    let linked = match (links.items.first(), links.not_seen) {
        (Some(_), _) => Some("Enabled"),
        (None, None) => Some("Disabled"),
        (None, Some(_)) => None,
    };
    of(NAME, linked, &STATES, (&vault.id, "/backupResourceGuardProxies"))
}

fn redundancy(vault: &Resource<RecoveryVault>) -> Setting {
    const STATES: [(&str, &str, Standing); 4] = [
        ("LocallyRedundant", "locally redundant", Standing::Plain),
        ("ZoneRedundant", "zone-redundant", Standing::Plain),
        ("GeoRedundant", "geo-redundant", Standing::Plain),
        ("ReadAccessGeoZoneRedundant", "geo-zone-redundant with read access", Standing::Plain),
    ];
    let own = &vault.properties.redundancy_settings;
    let at = "/properties/redundancySettings/standardTierStorageRedundancy";
    let mut setting = of("redundancy", own.standard_tier_storage_redundancy.as_deref(), &STATES, (&vault.id, at));
    if own.cross_region_restore.as_deref().is_some_and(|own| own.eq_ignore_ascii_case("Enabled")) {
        setting.value.push_str(", restores in the paired region");
    }
    setting
}

fn alerts(vault: &Resource<RecoveryVault>) -> Setting {
    const STATES: [(&str, &str, Standing); 2] =
        [("Enabled", "on", Standing::Guards), ("Disabled", "off", Standing::Weak)];
    let own = vault.properties.monitoring_settings.azure_monitor_alert_settings.alerts_for_all_job_failures.as_deref();
    let at = "/properties/monitoringSettings/azureMonitorAlertSettings/alertsForAllJobFailures";
    of("alerts for failed jobs", own, &STATES, (&vault.id, at))
}

fn encryption(vault: &Resource<RecoveryVault>) -> Setting {
    const AT: &str = "/properties/encryption/keyVaultProperties/keyUri";
    let own = vault.properties.encryption.as_ref();
    let key = own.and_then(|own| own.key_vault_properties.key_uri.as_deref());
    let (value, says) = match key {
        Some(key) => (format!("customer-managed key `{key}`"), "keyUri is set"),
        None => ("platform-managed key".to_owned(), "keyUri is absent"),
    };
    Setting { name: "encryption", value, standing: Standing::Plain, at: Evidence::new(says, &vault.id, AT) }
}

fn access(vault: &Resource<RecoveryVault>) -> Setting {
    const STATES: [(&str, &str, Standing); 2] =
        [("Enabled", "on", Standing::Plain), ("Disabled", "off", Standing::Plain)];
    // Absent means `Enabled`.
    let own = vault.properties.public_network_access.as_deref().or(Some("Enabled"));
    of("public network access", own, &STATES, (&vault.id, "/properties/publicNetworkAccess"))
}

/// What a policy promises.
#[derive(Clone, Debug)]
pub(crate) struct Promise<'e> {
    /// The policy.
    pub policy: &'e Resource<BackupPolicy>,
    /// What it backs up, in words.
    pub backs_up: &'static str,
    /// How many items have it; absent: that is not known.
    pub items: Option<u64>,
    /// When backups start, in words.
    pub schedule: Option<String>,
    /// The hours between two backups, at most.
    pub gap_hours: Option<i64>,
    /// How long the backups of each day, week, month and year are kept, in words; absent: the policy lacks the tier.
    pub keeps: [Option<String>; 4],
    /// The targets that it misses.
    pub misses: Vec<&'static str>,
}

/// What the policies of a vault promise, in the order of their names.
pub(crate) fn promises<'e>(estate: &'e Estate, vault: &ResourceId) -> Vec<Promise<'e>> {
    let items = recovery::items(estate, vault).items;
    let mut found: Vec<Promise<'e>> = Vec::new();
    for policy in recovery::policies(estate, vault).items {
        let own = items.iter().filter(|item| item.properties.policy_id.as_ref() == Some(&policy.id)).count();
        let counted = policy.properties.protected_items_count.and_then(|count| format!("{count:.0}").parse().ok());
        let (schedule, retention) = policy.properties.rules();
        let is_weekly = schedule.is_none_or(recovery::is_weekly);
        let tiers = retention.and_then(|retention| recovery::tiers(retention, schedule));
        found.push(Promise {
            policy,
            backs_up: backs_up(&policy.properties),
            items: counted.or_else(|| u64::try_from(own).ok().filter(|own| *own > 0)),
            schedule: schedule.and_then(schedule_in_words),
            gap_hours: schedule.and_then(recovery::largest_gap),
            keeps: retention.map(|retention| keeps(retention, is_weekly)).unwrap_or_default(),
            misses: tiers.map(|tiers| recovery::misses(&tiers, is_weekly)).unwrap_or_default(),
        });
    }
    found.sort_by(|one, other| one.policy.id.name().cmp(other.policy.id.name()));
    found
}

/// What somebody may do with a vault, as far as its own roles decide it: a restore to another place needs more there.
///
/// Source: <https://learn.microsoft.com/azure/backup/backup-rbac-rs-vault> (read 2026-11-21).
pub(crate) fn rights(
    estate: &Estate,
    vault: &ResourceId,
    principal: &ObjectId,
    as_of: Timestamp,
) -> Vec<(&'static Task, Access)> {
    let own =
        TASKS.iter().filter(|task| task.is_about(vault) && task.action.starts_with("Microsoft.RecoveryServices/"));
    let may = |task: &'static Task| {
        let (action, as_of) = (task.action, Some(as_of));
        let request = Request { principal, action, plane: Plane::Management, scope: vault, as_of };
        (task, rbac::evaluate(estate, &request))
    };
    own.map(may).collect()
}

fn backs_up(policy: &BackupPolicy) -> &'static str {
    match policy.backup_management_type.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
        "azureiaasvm" => "machines",
        "mab" => "servers with the backup agent",
        "azureworkload" => "databases in machines",
        "azurestorage" => "file shares",
        "azuresql" => "SQL databases",
        "genericprotectionpolicy" => "other backups",
        _ => "backups",
    }
}

/// The retention of each tier, in the unit of the policy.
fn keeps(retention: &RetentionPolicy, is_weekly: bool) -> [Option<String>; 4] {
    let of = |tier: &Option<Tier>| tier.as_ref().and_then(|tier| time_in_words(tier.retention_duration.as_ref()?));
    let mut keeps = [
        of(&retention.daily_schedule),
        of(&retention.weekly_schedule),
        of(&retention.monthly_schedule),
        of(&retention.yearly_schedule),
    ];
    if let Some(all) = retention.retention_duration.as_ref().and_then(time_in_words)
        && let Some(tier) = keeps.get_mut(usize::from(is_weekly))
    {
        tier.get_or_insert(all);
    }
    keeps
}

/// `30 days`, `1 year`.
fn time_in_words(duration: &RetentionDuration) -> Option<String> {
    let unit = duration.duration_type.as_deref()?.to_ascii_lowercase();
    let count: u64 = format!("{:.0}", duration.count?).parse().ok()?;
    let unit = if count == 1 { unit.trim_end_matches('s') } else { unit.as_str() };
    Some(format!("{count} {unit}"))
}

/// When a schedule starts backups.
fn schedule_in_words(schedule: &SchedulePolicy) -> Option<String> {
    let times = |own: &[String]| {
        let times: Vec<&str> = own.iter().filter_map(|time| time.split_once('T')?.1.get(..5)).collect();
        if times.is_empty() { String::new() } else { format!(" at {}", times.join(", ")) }
    };
    let weekly = schedule.weekly_schedule.as_ref();
    match schedule.schedule_run_frequency.as_deref()?.to_ascii_lowercase().as_str() {
        "daily" => {
            let second = schedule.daily_schedule.as_ref().map(|daily| daily.schedule_run_times.as_slice());
            let own = match (schedule.schedule_run_times.as_slice(), second) {
                ([], Some(second)) => second,
                (own, _) => own,
            };
            Some(format!("every day{}", times(own)))
        }
        "weekly" => {
            let (days, own) = match (schedule.schedule_run_days.as_slice(), weekly) {
                ([], Some(weekly)) => (weekly.schedule_run_days.as_slice(), weekly.schedule_run_times.as_slice()),
                (days, _) => (days, schedule.schedule_run_times.as_slice()),
            };
            (!days.is_empty()).then(|| format!("every {}{}", days.join(", "), times(own)))
        }
        "hourly" => {
            let hourly = schedule.hourly_schedule.as_ref()?;
            let every = format!("every {:.0} hours", hourly.interval?);
            match hourly.schedule_window_duration {
                Some(window) if window < 24.0 => Some(format!("{every} for {window:.0} hours each day")),
                _ => Some(every),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schedules_and_retention_are_said_as_the_policy_has_them() {
        let words = |json| schedule_in_words(&serde_json::from_value(json).unwrap());
        let at = "2026-01-08T02:30:00Z";
        assert_eq!(
            words(json!({"scheduleRunFrequency": "Daily", "scheduleRunTimes": [at]})).unwrap(),
            "every day at 02:30"
        );
        let days = json!({"scheduleRunFrequency": "Weekly", "scheduleRunDays": ["Monday", "Wednesday"]});
        assert_eq!(words(days).unwrap(), "every Monday, Wednesday");
        let hours = |window| {
            let hourly = json!({"interval": 4, "scheduleWindowDuration": window});
            words(json!({"scheduleRunFrequency": "Hourly", "hourlySchedule": hourly})).unwrap()
        };
        assert_eq!(hours(12), "every 4 hours for 12 hours each day");
        assert_eq!(hours(24), "every 4 hours");
        assert_eq!(words(json!({"scheduleRunFrequency": "Invalid"})), None);
        let retention = json!({"dailySchedule": {"retentionDuration": {"count": 30, "durationType": "Days"}},
            "yearlySchedule": {"retentionDuration": {"count": 1, "durationType": "Years"}}});
        let kept = keeps(&serde_json::from_value(retention).unwrap(), false);
        assert_eq!(kept, [Some("30 days".to_owned()), None, None, Some("1 year".to_owned())]);
        let simple = json!({"retentionDuration": {"count": 8, "durationType": "Weeks"}});
        let kept = keeps(&serde_json::from_value(simple).unwrap(), true);
        assert_eq!(kept, [None, Some("8 weeks".to_owned()), None, None]);
    }
}
