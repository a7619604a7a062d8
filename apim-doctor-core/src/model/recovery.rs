//! Azure Backup: Recovery Services vaults, what they protect, by which policy, and how their jobs ended.
//!
//! Sources: <https://learn.microsoft.com/azure/templates/microsoft.recoveryservices/vaults> (Azure/bicep-types-az, commit
//! 1f896de2d) and <https://learn.microsoft.com/azure/backup/backup-azure-arm-userestapi-managejobs> (read 2026-11-21).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::base::ResourceId;
use crate::model::firewall::ConnectionState;
use crate::model::{SubResource, or_default, sub_resource};

/// `properties` of a Recovery Services vault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RecoveryVault {
    /// `Enabled` or `Disabled`; absent: `Enabled`.
    pub public_network_access: Option<String>,
    /// Private endpoints that point here.
    #[serde(deserialize_with = "or_default")]
    pub private_endpoint_connections: Vec<VaultConnection>,
    /// The customer-managed key; absent: a key of the platform.
    pub encryption: Option<VaultEncryption>,
    /// Soft delete, immutability, and whether a second person has to agree.
    #[serde(deserialize_with = "or_default")]
    pub security_settings: SecuritySettings,
    /// Where backups are stored.
    #[serde(deserialize_with = "or_default")]
    pub redundancy_settings: RedundancySettings,
    /// Who hears of failed jobs.
    #[serde(deserialize_with = "or_default")]
    pub monitoring_settings: MonitoringSettings,
}

/// A connection of a private endpoint to a vault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct VaultConnection {
    /// The connection, which is what gets approved.
    pub id: Option<ResourceId>,
    /// The state and the endpoint.
    #[serde(deserialize_with = "or_default")]
    pub properties: VaultConnectionProperties,
}

/// The state of a connection.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct VaultConnectionProperties {
    /// The endpoint.
    #[serde(deserialize_with = "sub_resource")]
    pub private_endpoint: Option<SubResource>,
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub private_link_service_connection_state: Option<ConnectionState>,
    /// `AzureBackup` or `AzureSiteRecovery`.
    #[serde(deserialize_with = "or_default")]
    pub group_ids: Vec<String>,
}

impl VaultConnection {
    /// The state's name; empty if none is given.
    pub(crate) fn status(&self) -> &str {
        let state = self.properties.private_link_service_connection_state.as_ref();
        state.and_then(|state| state.status.as_deref()).unwrap_or_default()
    }

    /// Whether it is for backups. Without groups, nothing says that it is for something else.
    pub(crate) fn is_for_backup(&self) -> bool {
        let groups = &self.properties.group_ids;
        groups.is_empty() || groups.iter().any(|group| group.to_ascii_lowercase().starts_with("azurebackup"))
    }
}

/// The customer-managed key of a vault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct VaultEncryption {
    /// The key.
    #[serde(deserialize_with = "or_default")]
    pub key_vault_properties: KeyVaultProperties,
    /// The identity that uses it.
    pub kek_identity: Option<KekIdentity>,
}

/// Where the key is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct KeyVaultProperties {
    /// `https://{vault}/keys/{name}`, with or without a version.
    pub key_uri: Option<String>,
}

/// The identity that uses the key. The two members exclude each other.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct KekIdentity {
    /// Whether it is the system-assigned one.
    pub use_system_assigned_identity: Option<bool>,
    /// The resource id of a user-assigned one.
    pub user_assigned_identity: Option<String>,
}

/// `securitySettings` of a vault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SecuritySettings {
    /// Whether deleted backups are kept for a while.
    #[serde(deserialize_with = "or_default")]
    pub soft_delete_settings: SoftDeleteSettings,
    /// Whether recovery points can be deleted before their time.
    #[serde(deserialize_with = "or_default")]
    pub immutability_settings: ImmutabilitySettings,
    /// `Enabled` or `Disabled`: whether a Resource Guard protects operations.
    pub multi_user_authorization: Option<String>,
}

/// Whether deleted backups are kept for a while.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SoftDeleteSettings {
    /// `Enabled`, `Disabled`, `AlwaysON` or `Invalid`.
    pub soft_delete_state: Option<String>,
    /// For how many days.
    pub soft_delete_retention_period_in_days: Option<f64>,
}

/// Whether recovery points can be deleted before their time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ImmutabilitySettings {
    /// `Disabled`, `Unlocked` or `Locked`.
    pub state: Option<String>,
}

/// Where backups are stored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RedundancySettings {
    /// `LocallyRedundant`, `ZoneRedundant`, `GeoRedundant` or `Invalid`.
    pub standard_tier_storage_redundancy: Option<String>,
    /// `Enabled` or `Disabled`.
    pub cross_region_restore: Option<String>,
}

/// Who hears of failed jobs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MonitoringSettings {
    /// Alerts of Azure Monitor.
    #[serde(deserialize_with = "or_default")]
    pub azure_monitor_alert_settings: AlertSettings,
}

/// Alerts of Azure Monitor.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AlertSettings {
    /// `Enabled` or `Disabled`.
    pub alerts_for_all_job_failures: Option<String>,
}

/// `properties` of `backupconfig/vaultconfig`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct VaultConfig {
    /// `Enabled`, `Disabled`, `AlwaysON` or `Invalid`.
    pub soft_delete_feature_state: Option<String>,
}

/// `properties` of `backupEncryptionConfigs/backupResourceEncryptionConfig`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EncryptionConfig {
    /// How the last change of the key ended: `Succeeded`, `Failed`, `PartiallyFailed`, `PartiallySucceeded`, …
    pub last_update_status: Option<String>,
}

/// `properties` of a backup policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct BackupPolicy {
    /// `AzureIaasVM`, `MAB`, `AzureWorkload` or `AzureStorage`.
    pub backup_management_type: Option<String>,
    /// How many items have it.
    pub protected_items_count: Option<f64>,
    /// When backups start.
    pub schedule_policy: Option<SchedulePolicy>,
    /// How long they are kept.
    pub retention_policy: Option<RetentionPolicy>,
    /// Of a workload: one policy for each kind of backup.
    #[serde(deserialize_with = "or_default")]
    pub sub_protection_policy: Vec<SubPolicy>,
    /// How the resource groups of restore points are named.
    #[serde(rename = "instantRPDetails", deserialize_with = "or_default")]
    pub instant_rp_details: InstantRpDetails,
}

impl BackupPolicy {
    /// When backups start, and how long they are kept; of a workload, the full ones.
    pub(crate) fn rules(&self) -> (Option<&SchedulePolicy>, Option<&RetentionPolicy>) {
        let is_full = |sub: &&SubPolicy| sub.policy_type.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("Full"));
        match self.sub_protection_policy.iter().find(is_full) {
            Some(full) => (full.schedule_policy.as_ref(), full.retention_policy.as_ref()),
            None => (self.schedule_policy.as_ref(), self.retention_policy.as_ref()),
        }
    }
}

/// The policy of one kind of backup of a workload.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SubPolicy {
    /// `Full`, `Differential`, `Log`, …
    pub policy_type: Option<String>,
    /// When backups start.
    pub schedule_policy: Option<SchedulePolicy>,
    /// How long they are kept.
    pub retention_policy: Option<RetentionPolicy>,
}

/// How the resource groups of restore points are named.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct InstantRpDetails {
    /// What stands before the number.
    #[serde(rename = "azureBackupRGNamePrefix")]
    pub prefix: Option<String>,
    /// What stands behind it.
    #[serde(rename = "azureBackupRGNameSuffix")]
    pub suffix: Option<String>,
}

impl InstantRpDetails {
    /// The first group of the names that the policy sets.
    /// Source: <https://learn.microsoft.com/azure/backup/backup-during-vm-creation> (read 2026-12-01).
    pub(crate) fn first_group(&self, subscription: &str) -> Option<ResourceId> {
        let prefix = self.prefix.as_deref().filter(|prefix| !prefix.is_empty())?;
        let suffix = self.suffix.as_deref().unwrap_or_default();
        Some(ResourceId::new(&format!("/subscriptions/{subscription}/resourceGroups/{prefix}1{suffix}")))
    }
}

/// When backups start.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SchedulePolicy {
    /// `Daily`, `Weekly` or `Hourly`.
    pub schedule_run_frequency: Option<String>,
    /// The days of a weekly schedule.
    #[serde(deserialize_with = "or_default")]
    pub schedule_run_days: Vec<String>,
    /// The times of each day.
    #[serde(deserialize_with = "or_default")]
    pub schedule_run_times: Vec<String>,
    /// The hours of each day.
    pub hourly_schedule: Option<HourlySchedule>,
    /// In the second form of a schedule, its times of each day.
    pub daily_schedule: Option<DailySchedule>,
    /// In the second form of a schedule, its days and times of each week.
    pub weekly_schedule: Option<WeeklySchedule>,
}

/// The hours of each day.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HourlySchedule {
    /// Hours between two backups.
    pub interval: Option<f64>,
    /// The hours in which backups start.
    pub schedule_window_duration: Option<f64>,
}

/// The times of each day.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DailySchedule {
    /// The times.
    #[serde(deserialize_with = "or_default")]
    pub schedule_run_times: Vec<String>,
}

/// The days and times of each week.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WeeklySchedule {
    /// The days.
    #[serde(deserialize_with = "or_default")]
    pub schedule_run_days: Vec<String>,
    /// The times.
    #[serde(deserialize_with = "or_default")]
    pub schedule_run_times: Vec<String>,
}

/// How long backups are kept.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RetentionPolicy {
    /// The backups of each day.
    pub daily_schedule: Option<Tier>,
    /// One of each week.
    pub weekly_schedule: Option<Tier>,
    /// One of each month.
    pub monthly_schedule: Option<Tier>,
    /// One of each year.
    pub yearly_schedule: Option<Tier>,
    /// All of them for the same time.
    pub retention_duration: Option<RetentionDuration>,
}

/// One tier of backups.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Tier {
    /// How long they are kept.
    pub retention_duration: Option<RetentionDuration>,
}

/// A time for which backups are kept.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RetentionDuration {
    /// How many.
    pub count: Option<f64>,
    /// `Days`, `Weeks`, `Months` or `Years`.
    pub duration_type: Option<String>,
}

/// `properties` of a protected item.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ProtectedItem {
    /// `AzureIaasVM`, `MAB`, `AzureWorkload` or `AzureStorage`.
    pub backup_management_type: Option<String>,
    /// What people call it.
    pub friendly_name: Option<String>,
    /// The name of its container, as jobs write it.
    pub container_name: Option<String>,
    /// What is protected: a machine, a storage account.
    pub source_resource_id: Option<ResourceId>,
    /// Its policy.
    pub policy_id: Option<ResourceId>,
    /// `Protected`, `IRPending`, `ProtectionError`, `ProtectionStopped`, `ProtectionPaused`, `BackupsSuspended`, …
    pub protection_state: Option<String>,
    /// `Passed`, `ActionRequired`, `ActionSuggested` or `Invalid`.
    pub health_status: Option<String>,
    /// What is wrong, and what to do.
    #[serde(deserialize_with = "or_default")]
    pub health_details: Vec<HealthDetails>,
    /// When the last backup was made.
    pub last_backup_time: Option<String>,
    /// How the last backup ended.
    pub last_backup_status: Option<String>,
    /// The last recovery point.
    pub last_recovery_point: Option<String>,
    /// The number of recovery points, and whether it follows its policy.
    #[serde(deserialize_with = "or_default")]
    pub extended_info: ItemInfo,
    /// Which disks are left out.
    #[serde(deserialize_with = "or_default")]
    pub extended_properties: ItemProperties,
    /// Whether it was deleted and is kept for a while.
    pub is_scheduled_for_deferred_delete: Option<bool>,
    /// When it was deleted.
    #[serde(rename = "deferredDeleteTimeInUTC")]
    pub deferred_delete_time_in_utc: Option<String>,
    /// How many days it is kept after that.
    pub soft_delete_retention_period_in_days: Option<f64>,
}

/// What is wrong with an item, and what to do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HealthDetails {
    /// A number.
    pub code: Option<f64>,
    /// What is wrong.
    pub title: Option<String>,
    /// What to do.
    #[serde(deserialize_with = "or_default")]
    pub recommendations: Vec<String>,
}

/// The number of an item's recovery points, and whether it follows its policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ItemInfo {
    /// How many there are.
    pub recovery_point_count: Option<f64>,
    /// Whether it does not follow its policy as that is now.
    pub policy_inconsistent: Option<bool>,
}

/// Which disks of an item are left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ItemProperties {
    /// The disks that are left out, or the only ones that are not.
    pub disk_exclusion_properties: Option<DiskExclusion>,
}

/// The disks that are left out, or the only ones that are not.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DiskExclusion {
    /// Their logical unit numbers.
    #[serde(deserialize_with = "or_default")]
    pub disk_lun_list: Vec<f64>,
    /// Whether these are the only ones that are backed up.
    pub is_inclusion_list: Option<bool>,
}

/// `properties` of a container: a server or a workload host that is registered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct BackupContainer {
    /// `AzureIaasVM`, `MAB`, `AzureWorkload` or `AzureStorage`.
    pub backup_management_type: Option<String>,
    /// What people call it.
    pub friendly_name: Option<String>,
}

/// `properties` of a backup job.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct BackupJob {
    /// `Backup`, `Restore`, `ConfigureBackup`, …
    pub operation: Option<String>,
    /// `InProgress`, `Completed`, `CompletedWithWarnings`, `Failed`, `Cancelling` or `Cancelled`.
    pub status: Option<String>,
    /// What people call the item.
    pub entity_friendly_name: Option<String>,
    /// The name of the item's container.
    pub container_name: Option<String>,
    /// When it started.
    pub start_time: Option<String>,
    /// When it ended.
    pub end_time: Option<String>,
    /// Why it failed.
    #[serde(deserialize_with = "or_default")]
    pub error_details: Vec<JobError>,
    /// What only its own answer shows.
    #[serde(deserialize_with = "or_default")]
    pub extended_info: JobInfo,
}

/// Why a job failed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct JobError {
    /// A number; of some kinds of jobs, none.
    pub error_code: Option<f64>,
    /// What happened, in the language of who asks.
    pub error_title: Option<String>,
    /// The same in a sentence.
    pub error_string: Option<String>,
    /// What to do.
    #[serde(deserialize_with = "or_default")]
    pub recommendations: Vec<String>,
}

/// What only a job's own answer shows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct JobInfo {
    /// The code of the error.
    pub dynamic_error_message: Option<String>,
    /// What else the job says of itself. One of its values may be the code.
    #[serde(deserialize_with = "or_default")]
    pub property_bag: BTreeMap<String, Option<String>>,
    /// Its steps.
    #[serde(deserialize_with = "or_default")]
    pub tasks_list: Vec<JobTask>,
}

/// A step of a job.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct JobTask {
    /// `Take Snapshot`, `Transfer data to vault`, …
    pub task_id: Option<String>,
    /// How it ended.
    pub status: Option<String>,
}

/// `properties` of a link to a Resource Guard. That there is one is enough.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GuardProxy {}

/// The first resource group that Azure Backup makes for the restore points of a region.
/// Source:
/// <https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout> (read
/// 2026-11-21).
pub(crate) fn group_of_points(subscription: &str, region: &str) -> ResourceId {
    ResourceId::new(&format!("/subscriptions/{subscription}/resourceGroups/AzureBackupRG_{region}_1"))
}

/// Whether an id is that of a resource group.
pub(crate) fn is_group(id: &ResourceId) -> bool {
    let segments: Vec<&str> = id.segments().collect();
    matches!(segments.as_slice(), [_, _, kind, _] if kind.eq_ignore_ascii_case("resourceGroups"))
}
