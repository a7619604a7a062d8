//! The resource groups in which Azure Backup keeps the restore points of machines, and the locks on them.
//!
//! Source: <https://learn.microsoft.com/azure/backup/backup-during-vm-creation> (read 2026-12-01): a group is called
//! `AzureBackupRG_<region>_<n>`, or `<prefix><n><suffix>` with what the policy says; `n` starts at 1.

use std::collections::BTreeSet;

use crate::base::ResourceId;
use crate::eval::recovery;
use crate::model::authorization::Lock;
use crate::model::compute::Machine;
use crate::model::recovery::{BackupPolicy, ProtectedItem, group_of_points, is_group};
use crate::model::{Estate, Gap, Resource};

const LOCKS: &str = "microsoft.authorization/locks";

/// How the groups of restore points of some policies are recognized.
pub(crate) struct Groups {
    prefixes: Vec<String>,
}

impl Groups {
    /// The groups that these policies name, and those that Azure names.
    pub(crate) fn of(policies: &[&Resource<BackupPolicy>]) -> Self {
        let prefixes = policies.iter().filter_map(|policy| policy.properties.instant_rp_details.prefix.as_deref());
        let prefixes = prefixes.filter(|own| !own.is_empty()).map(str::to_ascii_lowercase).collect();
        Self { prefixes }
    }

    /// Whether a group holds restore points.
    pub(crate) fn holds(&self, group: &ResourceId) -> bool {
        let name = group.name().to_ascii_lowercase();
        let is_numbered = |start: &String| {
            let rest = name.strip_prefix(start.as_str());
            rest.is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()))
        };
        name.starts_with("azurebackuprg_") || self.prefixes.iter().any(is_numbered)
    }
}

/// The first group of restore points of each machine: the one that Azure names after the region, and the one that the
/// policy names.
pub(crate) fn first_groups(
    estate: &Estate,
    items: &[&Resource<ProtectedItem>],
    policies: &[&Resource<BackupPolicy>],
) -> BTreeSet<ResourceId> {
    let mut groups = BTreeSet::new();
    for item in items {
        let Some(id) = recovery::machine_of(item) else { continue };
        let Some(subscription) = id.subscription() else { continue };
        let location = estate.get::<Machine>(id).known().and_then(|machine| machine.location.as_deref());
        if let Some(region) = location.map(|location| location.replace(' ', "").to_ascii_lowercase()) {
            groups.insert(group_of_points(subscription, &region));
        }
        let policy = policies.iter().find(|policy| item.properties.policy_id.as_ref() == Some(&policy.id));
        groups.extend(policy.and_then(|policy| policy.properties.instant_rp_details.first_group(subscription)));
    }
    groups
}

/// The resource group of a lock.
pub(crate) fn group_of(lock: &ResourceId) -> Option<ResourceId> {
    lock.scopes().find(is_group)
}

/// Why the locks of a group are not known; `None` if they are.
pub(crate) fn unread(estate: &Estate, group: &ResourceId) -> Option<Gap> {
    // A group that does not exist has no locks.
    if estate.answers(group, LOCKS).iter().any(|answer| answer.is_gone) {
        return None;
    }
    let open = estate.open::<Lock>(group, LOCKS)?;
    // The list of a subscription holds the locks of everything in it.
    let whole = group.subscription_scope().is_some_and(|all| estate.open::<Lock>(&all, LOCKS).is_none());
    (!whole).then_some(open)
}
