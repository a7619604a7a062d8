//! Recovery Services vaults: what they protect, and the machines and Key Vaults of that.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::body::{folded, items, text};
use super::state::Plan;
use crate::base::ResourceId;
use crate::knowledge::first_party;
use crate::live::ask::{Ask, Read};
use crate::model::recovery::{InstantRpDetails, group_of_points, is_group};

/// How far back jobs are read.
const JOBS_OF: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Plan {
    /// Starts with Recovery Services vaults.
    pub(super) fn look_at_recovery_vaults(&mut self, vaults: &[ResourceId]) {
        for id in vaults {
            for ask in [Ask::Vaults, Ask::Perimeters, Ask::CustomRoles] {
                self.in_subscription(ask, id.as_str());
            }
            self.subscriptions.insert(id.to_string());
            self.get(Ask::RecoveryVault, id.as_str());
            if self.wanted.held.is_some() {
                continue;
            }
            // What the identity that is signed in may do.
            self.assignments_at(id.as_str());
            self.get(Ask::BackupConfig, &format!("{id}/backupconfig/vaultconfig"));
            self.get(Ask::EncryptionConfig, &format!("{id}/backupEncryptionConfigs/backupResourceEncryptionConfig"));
            self.get(Ask::BackupPolicies, &format!("{id}/backupPolicies"));
            self.get(Ask::ProtectedMachines, &format!("{id}/backupProtectedItems"));
            self.get(Ask::GuardProxies, &format!("{id}/backupResourceGuardProxies"));
            self.get(Ask::DiagnosticSettings, &format!("{id}/providers/Microsoft.Insights/diagnosticSettings"));
            self.in_subscription(Ask::Machines, id.as_str());
            self.shares(id);
            self.jobs(id);
        }
    }

    /// Protected file shares: their storage accounts may be in a perimeter, which Azure Backup does not support.
    fn shares(&mut self, vault: &ResourceId) {
        let version = Ask::ProtectedServers.details().version;
        let filter = "backupManagementType eq 'AzureStorage'";
        let target = format!("{vault}/backupProtectedItems?api-version={version}&$filter={filter}");
        self.add(Read::at(Ask::ProtectedServers, target));
    }

    /// The jobs of the last days, as the service wants their times written.
    /// Source: <https://learn.microsoft.com/azure/backup/backup-azure-arm-userestapi-managejobs> (read 2026-11-21).
    fn jobs(&mut self, vault: &ResourceId) {
        let until = self.wanted.taken_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let written = |at: Timestamp| at.strftime("%Y-%m-%d %I:%M:%S %p").to_string();
        let from = until.checked_sub(JOBS_OF).unwrap_or(until);
        let version = Ask::BackupJobs.details().version;
        let window = format!("startTime eq '{}' and endTime eq '{}'", written(from), written(until));
        self.add(Read::at(Ask::BackupJobs, format!("{vault}/backupJobs?api-version={version}&$filter={window}")));
    }

    /// What follows from an answer about a vault.
    pub(super) fn recovery_answered(&mut self, read: &Read, body: &Value) {
        match read.ask {
            Ask::RecoveryVaults => {
                let all: Vec<ResourceId> = super::body::ids(body).map(ResourceId::new).collect();
                self.look_at_recovery_vaults(&all);
            }
            Ask::RecoveryVault if self.wanted.held.is_some() => {}
            Ask::RecoveryVault => self.recovery_vault(read, body),
            Ask::ProtectedMachines => {
                let machines = items(body, "/value").filter_map(|item| text(item, "/properties/sourceResourceId"));
                for machine in machines.map(str::to_owned).collect::<Vec<_>>() {
                    self.get(Ask::Machine, &machine);
                    self.get(Ask::Extensions, &format!("{machine}/extensions"));
                    let group = ResourceId::new(&machine).scopes().find(is_group);
                    self.locks_of_group(group.as_ref());
                }
            }
            Ask::BackupPolicies => {
                let subscription = ResourceId::new(read.path()).subscription().map(str::to_owned).unwrap_or_default();
                let named = items(body, "/value").filter_map(|policy| {
                    let of = |leaf: &str| text(policy, &format!("/properties/instantRPDetails/{leaf}"));
                    let details = InstantRpDetails {
                        prefix: of("azureBackupRGNamePrefix").map(str::to_owned),
                        suffix: of("azureBackupRGNameSuffix").map(str::to_owned),
                    };
                    details.first_group(&subscription)
                });
                for group in named.collect::<Vec<_>>() {
                    self.locks_of_group(Some(&group));
                }
            }
            Ask::BackupJobs => {
                let has_failed =
                    |job: &&Value| text(job, "/properties/status").is_some_and(|s| s.eq_ignore_ascii_case("Failed"));
                let failed = items(body, "/value").filter(has_failed).filter_map(|job| text(job, "/id"));
                for job in failed.map(str::to_owned).collect::<Vec<_>>() {
                    self.get(Ask::BackupJob, &job);
                }
            }
            Ask::Machine => self.machine(body),
            Ask::Extensions => {
                for extension in items(body, "/value") {
                    let settings =
                        |leaf: &str| text(extension, &format!("/properties/settings/{leaf}")).map(str::to_owned);
                    if let Some(vault) = settings("KeyVaultResourceId") {
                        let host = self.cloud.vault_host(ResourceId::new(&vault).name());
                        self.refer_url(Some(&format!("https://{host}/secrets/any")), false);
                        self.get(Ask::Vault, &vault);
                        self.first_party(&first_party::BACKUP_SERVICE);
                    }
                    self.refer_key(settings("KeyEncryptionKeyURL").as_deref());
                }
            }
            _ => {}
        }
    }

    fn recovery_vault(&mut self, read: &Read, body: &Value) {
        let id = read.path().to_owned();
        self.principals.extend(text(body, "/identity/principalId").map(folded));
        let attached = body.pointer("/identity/userAssignedIdentities").and_then(Value::as_object);
        for (identity, entry) in attached.into_iter().flatten() {
            self.principals.extend(text(entry, "/principalId").map(folded));
            self.clients.extend(text(entry, "/clientId").map(folded));
            self.get(Ask::UserIdentity, identity);
        }
        self.refer_key(text(body, "/properties/encryption/keyVaultProperties/keyUri"));
        // Servers and databases need a way to a vault whose public access is off.
        let is_closed =
            text(body, "/properties/publicNetworkAccess").is_some_and(|own| own.eq_ignore_ascii_case("Disabled"));
        if is_closed {
            let version = Ask::ProtectedServers.details().version;
            for kind in ["MAB", "AzureWorkload"] {
                let of =
                    |leaf: &str| format!("{id}/{leaf}?api-version={version}&$filter=backupManagementType eq '{kind}'");
                self.add(Read::at(Ask::ProtectedServers, of("backupProtectedItems")));
                self.add(Read::at(Ask::BackupContainers, of("backupProtectionContainers")));
            }
        }
    }

    /// A machine: the keys of its disks, and locks on the group of its restore points.
    fn machine(&mut self, body: &Value) {
        let own = body.pointer("/properties/storageProfile/osDisk/encryptionSettings");
        let disks = items(body, "/properties/instanceView/disks").flat_map(|disk| items(disk, "/encryptionSettings"));
        let settings: Vec<Value> = own.into_iter().chain(disks).cloned().collect();
        for one in &settings {
            self.refer_url(text(one, "/diskEncryptionKey/secretUrl"), false);
            self.refer_key(text(one, "/keyEncryptionKey/keyUrl"));
            for vault in ["/diskEncryptionKey/sourceVault/id", "/keyEncryptionKey/sourceVault/id"] {
                if let Some(vault) = text(one, vault).map(str::to_owned) {
                    self.get(Ask::Vault, &vault);
                    self.first_party(&first_party::BACKUP_SERVICE);
                }
            }
        }
        let id = text(body, "/id").map(ResourceId::new);
        let region = text(body, "/location").map(|region| region.replace(' ', "").to_ascii_lowercase());
        if let (Some(id), Some(region)) = (id, region) {
            let group = group_of_points(id.subscription().unwrap_or_default(), &region);
            self.locks_of_group(Some(&group));
        }
    }

    fn locks_of_group(&mut self, group: Option<&ResourceId>) {
        if let Some(group) = group {
            self.get(Ask::Locks, &format!("{group}/providers/Microsoft.Authorization/locks"));
        }
    }
}
