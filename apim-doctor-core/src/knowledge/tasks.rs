//! Tasks on API Management, Key Vault, storage and backup, and the action that each of them needs.
//!
//! Sources: <https://learn.microsoft.com/azure/role-based-access-control/permissions/integration>,
//! <https://learn.microsoft.com/azure/role-based-access-control/permissions/security>,
//! <https://learn.microsoft.com/azure/role-based-access-control/permissions/storage> and
//! <https://learn.microsoft.com/azure/backup/backup-rbac-rs-vault> (read 2026-11-29).

use crate::base::ResourceId;

/// One task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    /// The area.
    pub area: &'static str,
    /// The task in words.
    pub words: &'static str,
    /// The action.
    pub action: &'static str,
}

impl Task {
    /// Whether the action can be done at a scope or below it.
    pub(crate) fn is_about(&self, scope: &ResourceId) -> bool {
        let kind = scope.resource_type();
        let Some((provider, rest)) = kind.split_once('/') else { return true };
        if provider.eq_ignore_ascii_case("Microsoft.Management") || provider.eq_ignore_ascii_case("Microsoft.Resources")
        {
            return true;
        }
        let root = rest.split('/').next().unwrap_or_default();
        let mut own = self.action.split('/');
        let is = |part: Option<&str>, wanted: &str| part.is_some_and(|part| part.eq_ignore_ascii_case(wanted));
        is(own.next(), provider) && is(own.next(), root)
    }
}

const fn task(area: &'static str, words: &'static str, action: &'static str) -> Task {
    Task { area, words, action }
}

const APIM: &str = "API Management";
const VAULT: &str = "Key Vault";
const STORAGE: &str = "storage";
const BACKUP: &str = "backup";

/// The tasks, by area.
pub(crate) const TASKS: &[Task] = &[
    task(APIM, "see the instance", "Microsoft.ApiManagement/service/read"),
    task(APIM, "create or change the instance", "Microsoft.ApiManagement/service/write"),
    task(APIM, "delete the instance", "Microsoft.ApiManagement/service/delete"),
    task(APIM, "back up the instance", "Microsoft.ApiManagement/service/backup/action"),
    task(APIM, "restore the instance", "Microsoft.ApiManagement/service/restore/action"),
    task(APIM, "wait for a long operation", "Microsoft.ApiManagement/service/operationresults/read"),
    task(APIM, "apply a network change", "Microsoft.ApiManagement/service/applynetworkconfigurationupdates/action"),
    task(APIM, "change APIs", "Microsoft.ApiManagement/service/apis/write"),
    task(APIM, "change API policies", "Microsoft.ApiManagement/service/apis/policies/write"),
    task(APIM, "change named values", "Microsoft.ApiManagement/service/namedValues/write"),
    task(APIM, "read secret named values", "Microsoft.ApiManagement/service/namedValues/listValue/action"),
    task(
        APIM,
        "fetch a named value from its vault again",
        "Microsoft.ApiManagement/service/namedValues/refreshSecret/action",
    ),
    task(APIM, "change certificates", "Microsoft.ApiManagement/service/certificates/write"),
    task(APIM, "read subscription keys", "Microsoft.ApiManagement/service/subscriptions/listSecrets/action"),
    task(APIM, "publish the developer portal", "Microsoft.ApiManagement/service/portalRevisions/write"),
    task(APIM, "see workspaces", "Microsoft.ApiManagement/service/workspaces/read"),
    task(APIM, "change APIs of workspaces", "Microsoft.ApiManagement/service/workspaces/apis/write"),
    task(VAULT, "see the vault", "Microsoft.KeyVault/vaults/read"),
    task(VAULT, "create or change the vault", "Microsoft.KeyVault/vaults/write"),
    task(VAULT, "change access policies", "Microsoft.KeyVault/vaults/accessPolicies/write"),
    task(VAULT, "read secrets", "Microsoft.KeyVault/vaults/secrets/getSecret/action"),
    task(VAULT, "list secrets", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"),
    task(VAULT, "set secrets", "Microsoft.KeyVault/vaults/secrets/setSecret/action"),
    task(VAULT, "read certificates", "Microsoft.KeyVault/vaults/certificates/read"),
    task(VAULT, "import certificates", "Microsoft.KeyVault/vaults/certificates/import/action"),
    task(VAULT, "wrap keys", "Microsoft.KeyVault/vaults/keys/wrap/action"),
    task(VAULT, "unwrap keys", "Microsoft.KeyVault/vaults/keys/unwrap/action"),
    task(VAULT, "sign with keys", "Microsoft.KeyVault/vaults/keys/sign/action"),
    task(STORAGE, "see the account", "Microsoft.Storage/storageAccounts/read"),
    task(STORAGE, "create or change the account", "Microsoft.Storage/storageAccounts/write"),
    task(STORAGE, "read the account keys", "Microsoft.Storage/storageAccounts/listKeys/action"),
    task(STORAGE, "read blobs", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"),
    task(STORAGE, "write blobs", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"),
    task(STORAGE, "delete blobs", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete"),
    task(STORAGE, "read queue messages", "Microsoft.Storage/storageAccounts/queueServices/queues/messages/read"),
    task(STORAGE, "add queue messages", "Microsoft.Storage/storageAccounts/queueServices/queues/messages/add/action"),
    task(STORAGE, "read table entities", "Microsoft.Storage/storageAccounts/tableServices/tables/entities/read"),
    task(STORAGE, "write table entities", "Microsoft.Storage/storageAccounts/tableServices/tables/entities/write"),
    task(BACKUP, "see the vault", "Microsoft.RecoveryServices/Vaults/read"),
    task(BACKUP, "change the vault", "Microsoft.RecoveryServices/Vaults/write"),
    task(BACKUP, "change policies", "Microsoft.RecoveryServices/Vaults/backupPolicies/write"),
    task(
        BACKUP,
        "enable backup of an item",
        "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/write",
    ),
    task(
        BACKUP,
        "start a backup",
        "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/backup/action",
    ),
    task(
        BACKUP,
        "restore a recovery point",
        "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/restore/action",
    ),
    task(BACKUP, "see jobs", "Microsoft.RecoveryServices/Vaults/backupJobs/read"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::roles::{all, is_data_action};

    #[test]
    fn every_task_has_one_plane_and_a_built_in_role_that_is_enough() {
        for task in TASKS {
            let plane = is_data_action(task.action);
            assert!(plane.is_some(), "{}", task.action);
            let holds = |patterns: &[String]| patterns.iter().any(|p| crate::base::action_matches(p, task.action));
            let is_enough = |role: &crate::knowledge::roles::BuiltinRole| {
                role.permissions().iter().any(|p| match plane {
                    Some(true) => holds(&p.data_actions),
                    _ => holds(&p.actions),
                })
            };
            assert!(all().any(|role| is_enough(&role)), "{}", task.action);
        }
    }
}
