//! Who watches a Recovery Services vault, which locks are in its way, and what it leaves unprotected.
//!
//! Sources: <https://learn.microsoft.com/azure/backup/backup-azure-diagnostic-events>,
//! <https://learn.microsoft.com/azure/backup/backup-support-matrix-iaas> and
//! <https://learn.microsoft.com/azure/backup/backup-azure-arm-vms-prepare> (read 2026-12-01).

use std::collections::BTreeSet;

use crate::base::ResourceId;
use crate::eval::recovery;
use crate::eval::restore_points::{self, Groups};
use crate::eval::setting::{NOT_COLLECTED, Setting, Standing};
use crate::finding::Evidence;
use crate::model::authorization::Lock;
use crate::model::compute::Machine;
use crate::model::monitor::DiagnosticSetting;
use crate::model::recovery::{ProtectedItem, RecoveryVault, is_group};
use crate::model::{Estate, Resource};

const LOGS: &str = "logs of jobs";
const LOCKS: &str = "locks";
const UNPROTECTED: &str = "machines without backup";

/// How many names a value holds.
const NAMES: usize = 5;

/// Whether the logs of the jobs go anywhere.
pub(crate) fn logs(estate: &Estate, vault: &Resource<RecoveryVault>) -> Setting {
    const SETTINGS: &str = "microsoft.insights/diagnosticsettings";
    /// The second one is the older kind, for all of Azure Backup.
    const JOBS: [&str; 2] = ["AddonAzureBackupJobs", "AzureBackupReport"];
    let settings = estate.list::<DiagnosticSetting>(&vault.id, SETTINGS);
    let sends = settings.items.iter().find_map(|setting| {
        let receiver = setting.properties.receiver().filter(|_| setting.properties.sends(&JOBS))?;
        Some((*setting, receiver))
    });
    if let Some((setting, receiver)) = sends {
        let says = format!("diagnostic setting `{}` sends the logs of jobs", setting.name());
        let at = Evidence::new(says, &setting.id, "/properties/logs");
        return Setting::new(LOGS, format!("sent to {receiver}"), Standing::Guards, at);
    }
    if settings.not_seen.is_some() {
        return Setting::not_collected(LOGS, &vault.id);
    }
    let (value, says) = match settings.items.is_empty() {
        true => ("not sent anywhere", "the vault has no diagnostic settings"),
        false => (
            "not sent: no diagnostic setting includes `AddonAzureBackupJobs`",
            "no diagnostic setting of the vault includes the logs of jobs",
        ),
    };
    Setting::new(LOGS, value.to_owned(), Standing::Weak, Evidence::new(says, &vault.id, ""))
}

/// Locks that are in the way of backups: on the groups of the restore points, where they keep Azure from deleting old
/// ones, and on what holds the machines, where it is not documented what they do. `None`: no machine is protected.
pub(crate) fn locks(estate: &Estate, vault: &Resource<RecoveryVault>) -> Option<Setting> {
    let items = recovery::items(estate, &vault.id);
    let own = items.items.into_iter().filter(|item| !recovery::is_given_up(item));
    let own: Vec<&Resource<ProtectedItem>> = own.collect();
    let machines: BTreeSet<&ResourceId> = own.iter().filter_map(|item| recovery::machine_of(item)).collect();
    if machines.is_empty() {
        return None;
    }
    let listed = recovery::policies(estate, &vault.id);
    // A machine that was not collected may be locked, and a policy may name another group.
    let is_whole = items.not_seen.is_none() && listed.not_seen.is_none();
    let policies = listed.items;
    let groups = Groups::of(&policies);
    let subscriptions: BTreeSet<String> =
        machines.iter().filter_map(|id| id.subscription()).map(str::to_ascii_lowercase).collect();
    let all = estate.all::<Lock>();
    let level = |lock: &Resource<Lock>| lock.properties.level.clone().unwrap_or_default();
    let of_points = all.iter().find_map(|lock| {
        let group = restore_points::group_of(&lock.id).filter(|group| groups.holds(group))?;
        let subscription = group.subscription()?.to_ascii_lowercase();
        subscriptions.contains(&subscription).then_some((*lock, group))
    });
    if let Some((lock, group)) = of_points {
        let value = format!("`{}` ({}) on group `{}` of restore points", lock.name(), level(lock), group.name());
        let at = Evidence::new("Azure Backup cannot delete old restore points", &lock.id, "/properties/level");
        return Some(Setting::new(LOCKS, value, Standing::Weak, at));
    }
    let of_machine = all.iter().find_map(|lock| {
        let scope = lock.id.scopes().nth(1)?;
        let held = machines.iter().find(|machine| machine.is_within(&scope))?;
        Some((*lock, scope, *held))
    });
    if let Some((lock, scope, machine)) = of_machine {
        let place = match (scope == *machine, is_group(&scope)) {
            (true, _) => format!("machine `{}`", machine.name()),
            (false, true) => format!("group `{}` of machine `{}`", scope.name(), machine.name()),
            (false, false) => format!("the subscription of machine `{}`", machine.name()),
        };
        let value = format!(
            "`{}` ({}) on {place}; whether backups work under it for long is not documented",
            lock.name(),
            level(lock)
        );
        let at = Evidence::new(format!("level is `{}`", level(lock)), &lock.id, "/properties/level");
        return Some(Setting::new(LOCKS, value, Standing::Unknown, at));
    }
    let held = machines.iter().filter_map(|id| id.scopes().find(is_group));
    let mut read: BTreeSet<ResourceId> = held.collect();
    let is_placed = machines.iter().all(|id| estate.get::<Machine>(id).known().is_some_and(|m| m.location.is_some()));
    read.extend(restore_points::first_groups(estate, &own, &policies));
    if !is_whole || !is_placed || read.iter().any(|group| restore_points::unread(estate, group).is_some()) {
        return Some(Setting::not_collected(LOCKS, &vault.id));
    }
    let at = Evidence::new("no lock on the groups of the machines and of their restore points", &vault.id, "");
    Some(Setting::new(LOCKS, "none on the groups that matter".to_owned(), Standing::Guards, at))
}

/// The machines of the vault's region and subscription, which are those that it can back up, and which of them no vault
/// protects. `None`: where the vault is was not collected.
pub(crate) fn unprotected(estate: &Estate, vault: &Resource<RecoveryVault>) -> Option<Setting> {
    const KIND: &str = "microsoft.compute/virtualmachines";
    const VAULTS: &str = "microsoft.recoveryservices/vaults";
    let plain = |region: &str| region.replace(' ', "").to_ascii_lowercase();
    let region = plain(vault.location.as_deref()?);
    let subscription = vault.id.subscription_scope()?;
    let vaults: Vec<&ResourceId> =
        estate.ids::<RecoveryVault>().into_iter().filter(|id| id.is_within(&subscription)).collect();
    let lists: Vec<_> = vaults.iter().map(|id| (**id == vault.id, recovery::items(estate, id))).collect();
    let protected: BTreeSet<&ResourceId> =
        lists.iter().flat_map(|(_, list)| list.items.iter().filter_map(|item| recovery::machine_of(item))).collect();
    let is_here = |machine: &&&Resource<Machine>| {
        machine.id.is_within(&subscription) && machine.location.as_deref().is_some_and(|own| plain(own) == region)
    };
    let machines = estate.all::<Machine>();
    let here: Vec<&&Resource<Machine>> = machines.iter().filter(is_here).collect();
    let without: Vec<&str> =
        here.iter().filter(|machine| !protected.contains(&machine.id)).map(|machine| machine.id.name()).collect();
    let own_seen = lists.iter().any(|(is_own, list)| *is_own && list.not_seen.is_none());
    let machines_seen = estate.open::<Machine>(&subscription, KIND).is_none();
    let at = |says: String| Evidence::new(says, &vault.id, "/backupProtectedItems");
    if !own_seen || (!machines_seen && without.is_empty()) {
        return Some(Setting::not_collected(UNPROTECTED, &vault.id));
    }
    let count = here.len();
    if without.is_empty() {
        let value = format!("none of {count} in {region}");
        let says = format!("every machine of the subscription in {region} is a protected item");
        return Some(Setting::new(UNPROTECTED, value, Standing::Guards, at(says)));
    }
    let names: Vec<String> = without.iter().take(NAMES).map(|name| format!("`{name}`")).collect();
    let more = without.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let of_all = if machines_seen { format!("{} of {count} in {region}: ", without.len()) } else { String::new() };
    let value = format!("{of_all}{}{more}", names.join(", "));
    let elsewhere = estate.open::<RecoveryVault>(&subscription, VAULTS).is_none()
        && lists.iter().all(|(_, list)| list.not_seen.is_none());
    let says = format!("no protected item is about {}", names.join(", "));
    Some(match elsewhere {
        true => Setting::new(UNPROTECTED, value, Standing::Weak, at(says)),
        false => {
            let value = format!("{value}; other vaults of the subscription: {NOT_COLLECTED}");
            Setting::new(UNPROTECTED, value, Standing::Unknown, at(says))
        }
    })
}
