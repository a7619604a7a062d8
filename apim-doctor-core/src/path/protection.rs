//! What is worth knowing of a Recovery Services vault, apart from its accesses: what it protects and how well, its policies,
//! jobs and machines, its way to servers and databases, and its security.
//!
//! Sources: <https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot>,
//! <https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout>,
//! <https://learn.microsoft.com/azure/backup/backup-azure-arm-userestapi-managejobs>,
//! <https://learn.microsoft.com/azure/backup/private-endpoints-overview>,
//! <https://learn.microsoft.com/azure/storage/common/storage-network-security-perimeter> and
//! <https://learn.microsoft.com/azure/backup/backup-azure-security-feature-cloud> (read 2026-11-21).

mod found;
mod item;
mod machine;

use std::collections::BTreeSet;

use crate::base::ResourceId;
use crate::eval::firewall::{Association, association};
use crate::eval::recovery;
use crate::eval::restore_points::{self, Groups};
use crate::model::authorization::Lock;
use crate::model::recovery::{BackupPolicy, ProtectedItem, RecoveryVault, VaultConfig, VaultConnection};
use crate::model::{Gap, Listing, Resource};
use crate::path::Case;
use crate::path::reason::Reason;
pub(super) use found::Protection;

/// Looks at everything of a vault.
pub(super) fn protection(case: &Case<'_>) -> Protection {
    let mut found = Protection::default();
    let Some(vault) = case.estate.get::<RecoveryVault>(&case.path.resource).known() else { return found };
    found.depends_on.push(vault.id.clone());
    let items = recovery::items(case.estate, &vault.id);
    let jobs = recovery::jobs(case.estate, &vault.id);
    let policies = recovery::policies(case.estate, &vault.id);
    soft_delete(case, vault, &mut found);
    way(case, vault, &mut found);
    retention(&policies, &items, &mut found);
    for protected in &items.items {
        found.depends_on.push(protected.id.clone());
        item::item(case, protected, &jobs, &mut found);
        perimeter(case, protected, &mut found);
        machine::machine(case, protected, &mut found);
    }
    locks(case, &items.items, &policies.items, &mut found);
    // An item without a job, and a policy without an item, are not missed.
    found.open.extend(items.not_seen);
    found.open.extend(policies.not_seen);
    found.open.extend(jobs.not_seen);
    found.open.sort();
    found.open.dedup();
    found
}

/// Whether deleted backups are kept for a while. The vault's own property is newer than the one of its configuration.
fn soft_delete(case: &Case<'_>, vault: &Resource<RecoveryVault>, found: &mut Protection) {
    let known = |state: &Option<String>| {
        let state = state.as_deref()?;
        let kept = ["enabled", "alwayson"].iter().any(|own| state.eq_ignore_ascii_case(own));
        (kept || state.eq_ignore_ascii_case("disabled")).then_some(kept)
    };
    const OWN: &str = "/properties/securitySettings/softDeleteSettings/softDeleteState";
    let id = vault.id.child("backupconfig", "vaultconfig");
    let own = known(&vault.properties.security_settings.soft_delete_settings.soft_delete_state);
    let config = case.estate.get::<VaultConfig>(&id);
    let older = config.known().and_then(|config| known(&config.properties.soft_delete_feature_state));
    match (own, older) {
        (Some(true), _) | (None, Some(true)) => {}
        (Some(false), _) => found.fail(Reason::SoftDeleteOff { at: vault.id.clone(), pointer: OWN }),
        (None, Some(false)) => {
            found.fail(Reason::SoftDeleteOff { at: id, pointer: "/properties/softDeleteFeatureState" });
        }
        (None, None) => {
            // Files need not repeat what Azure sets in a new vault.
            if !case.estate.world.deployed().is_some_and(|files| files.deploys(&vault.id)) {
                let what = format!("whether soft delete of `{}` is on", vault.name());
                found.open.push(Gap::incomplete(what, &vault.id));
            }
        }
    }
}

/// Servers and databases reach the vault through its public endpoint or an approved private one; machines need neither.
/// Source: <https://learn.microsoft.com/azure/backup/private-endpoints-overview> (read 2026-11-21).
fn way(case: &Case<'_>, vault: &Resource<RecoveryVault>, found: &mut Protection) {
    let own = &vault.properties;
    let is_closed = own.public_network_access.as_deref().is_some_and(|own| own.eq_ignore_ascii_case("Disabled"));
    let connections = || own.private_endpoint_connections.iter().enumerate().filter(|(_, one)| one.is_for_backup());
    let is_approved = |one: &VaultConnection| one.status().eq_ignore_ascii_case("Approved");
    if !is_closed || connections().any(|(_, one)| is_approved(one)) {
        return;
    }
    let (needs, open) = recovery::needs_a_way(case.estate, &vault.id);
    let Some(needs) = needs else {
        if let Some(gap) = open {
            let question = format!("whether servers or databases are backed up to `{}`, which is closed", vault.name());
            found.open.push(gap.leaves_open(question));
        }
        return;
    };
    let pending = connections().find_map(|(at, one)| {
        let endpoint = one.properties.private_endpoint.as_ref().map(|endpoint| endpoint.id.clone())?;
        Some((at, endpoint, one.status().to_owned()))
    });
    found.fail(match pending {
        Some((connection, endpoint, status)) => {
            Reason::BackupEndpointNotApproved { connection, endpoint, status, needs }
        }
        None => Reason::BackupVaultClosed { needs },
    });
}

/// A storage account in a perimeter cannot be backed up, whatever the perimeter's rules are.
/// Source: <https://learn.microsoft.com/azure/storage/common/storage-network-security-perimeter> (read 2026-11-29).
fn perimeter(case: &Case<'_>, item: &Resource<ProtectedItem>, found: &mut Protection) {
    let account = item.properties.source_resource_id.as_ref().filter(|_| !recovery::is_given_up(item));
    let is_account = |id: &&ResourceId| id.resource_type().eq_ignore_ascii_case("Microsoft.Storage/storageAccounts");
    let Some(account) = account.filter(is_account) else { return };
    match association(case.estate, account) {
        Association::Inside(inside) => {
            let (item, account, association) = (found::named(item), account.clone(), inside.association);
            found.depends_on.push(association.clone());
            found.fail(Reason::StorageInPerimeter { item, account, association });
        }
        Association::Unknown(gap) => {
            let what = format!("whether storage account `{}` is in a network security perimeter", account.name());
            found.open.push(gap.leaves_open(what));
        }
        Association::None | Association::NotAsked => {}
    }
}

/// How long the policies that are used keep backups.
fn retention(
    policies: &Listing<&Resource<BackupPolicy>>,
    items: &Listing<&Resource<ProtectedItem>>,
    found: &mut Protection,
) {
    for policy in &policies.items {
        found.depends_on.push(policy.id.clone());
        let has_item = items.items.iter().any(|item| item.properties.policy_id.as_ref() == Some(&policy.id));
        let is_used = has_item || policy.properties.protected_items_count.is_none_or(|count| count > 0.0);
        let (schedule, retention) = policy.properties.rules();
        let Some(retention) = retention.filter(|_| is_used) else { continue };
        let Some(tiers) = recovery::tiers(retention, schedule) else {
            let what = format!("how long policy `{}` keeps backups", policy.name());
            found.open.push(Gap::incomplete(what, &policy.id));
            continue;
        };
        // A weekly policy has no daily tier.
        let known = schedule.filter(|schedule| schedule.schedule_run_frequency.is_some());
        let misses = recovery::misses(&tiers, known.is_none_or(recovery::is_weekly));
        if known.is_none() && misses != recovery::misses(&tiers, false) {
            let what = format!("whether policy `{}` makes a backup each day", policy.name());
            found.open.push(Gap::incomplete(what, &policy.id));
        }
        if !misses.is_empty() {
            let (policy, misses) = (policy.id.clone(), misses.join(", one of "));
            found.warn(Reason::PolicyRetentionTooShort { policy, misses, keeps: tiers.to_string() });
        }
    }
}

/// A lock on the group of the restore points keeps Azure from deleting old ones.
/// Source:
/// <https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout> (read
/// 2026-11-21).
fn locks(
    case: &Case<'_>,
    items: &[&Resource<ProtectedItem>],
    policies: &[&Resource<BackupPolicy>],
    found: &mut Protection,
) {
    let estate = case.estate;
    let own: Vec<&Resource<ProtectedItem>> =
        items.iter().copied().filter(|item| !recovery::is_given_up(item)).collect();
    let groups = Groups::of(policies);
    let machines = own.iter().filter_map(|item| recovery::machine_of(item)?.subscription());
    let subscriptions: BTreeSet<String> = machines.map(str::to_ascii_lowercase).collect();
    for lock in estate.all::<Lock>() {
        let Some(group) = restore_points::group_of(&lock.id).filter(|group| groups.holds(group)) else { continue };
        let is_own = group.subscription().is_some_and(|own| subscriptions.contains(&own.to_ascii_lowercase()));
        if is_own {
            let level = lock.properties.level.clone().unwrap_or_default();
            found.depends_on.push(lock.id.clone());
            found.fail(Reason::RestorePointsLocked { group, lock: lock.id.clone(), level });
        }
    }
    let first = restore_points::first_groups(estate, &own, policies);
    found.open.extend(first.iter().filter_map(|group| restore_points::unread(estate, group)));
}
