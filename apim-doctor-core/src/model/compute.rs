//! Virtual machines: their agent, their extensions, and the encryption of their disks.
//!
//! Source: <https://learn.microsoft.com/rest/api/compute/virtual-machines/get> (read 2026-11-21).

use serde::Deserialize;

use crate::base::ResourceId;
use crate::model::{SubResource, or_default, sub_resource};

/// `properties` of a virtual machine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Machine {
    /// Whether it may have extensions.
    #[serde(deserialize_with = "or_default")]
    pub os_profile: OsProfile,
    /// Its disks.
    #[serde(deserialize_with = "or_default")]
    pub storage_profile: StorageProfile,
    /// Its state now, if it was asked for.
    pub instance_view: Option<InstanceView>,
}

/// Whether a machine may have extensions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct OsProfile {
    /// `false`: no extension can be installed; absent: `true`.
    pub allow_extension_operations: Option<bool>,
    /// Of a Windows machine.
    pub windows_configuration: Option<AgentConfiguration>,
    /// Of a Linux machine.
    pub linux_configuration: Option<AgentConfiguration>,
}

/// Whether the agent is installed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AgentConfiguration {
    /// `false`: no agent was installed; absent: `true`.
    #[serde(rename = "provisionVMAgent")]
    pub provision_vm_agent: Option<bool>,
}

/// The disks of a machine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StorageProfile {
    /// The disk of the operating system.
    #[serde(deserialize_with = "or_default")]
    pub os_disk: OsDisk,
}

/// The disk of the operating system.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct OsDisk {
    /// How Azure Disk Encryption encrypts it.
    pub encryption_settings: Option<EncryptionSettings>,
}

/// How Azure Disk Encryption encrypts a disk.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EncryptionSettings {
    /// Whether it does; absent: it does if there is a key.
    pub enabled: Option<bool>,
    /// The secret that unlocks the disk.
    pub disk_encryption_key: Option<KeyReference>,
    /// The key that wraps the secret.
    pub key_encryption_key: Option<KeyReference>,
}

/// A secret or a key in a Key Vault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct KeyReference {
    /// The secret's identifier.
    pub secret_url: Option<String>,
    /// The key's identifier.
    pub key_url: Option<String>,
    /// The Key Vault.
    #[serde(deserialize_with = "sub_resource")]
    pub source_vault: Option<SubResource>,
}

/// The state of a machine now.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct InstanceView {
    /// `ProvisioningState/…` and `PowerState/…`.
    #[serde(deserialize_with = "or_default")]
    pub statuses: Vec<InstanceStatus>,
    /// The agent, if it reports.
    pub vm_agent: Option<AgentView>,
    /// The disks.
    #[serde(deserialize_with = "or_default")]
    pub disks: Vec<DiskView>,
}

/// What the agent reports.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AgentView {
    /// Its version, or `Unknown`.
    pub vm_agent_version: Option<String>,
    /// Its states.
    #[serde(deserialize_with = "or_default")]
    pub statuses: Vec<InstanceStatus>,
}

/// A state.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct InstanceStatus {
    /// `PowerState/running`, `ProvisioningState/Unavailable`, …
    pub code: Option<String>,
    /// `Ready`, `Not Ready`, …
    pub display_status: Option<String>,
    /// More about it.
    pub message: Option<String>,
}

/// The state of a disk.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DiskView {
    /// How Azure Disk Encryption encrypts it.
    #[serde(deserialize_with = "or_default")]
    pub encryption_settings: Vec<EncryptionSettings>,
}

impl Machine {
    /// Whether its state has this code, in any case.
    pub(crate) fn has_state(&self, wanted: &str) -> bool {
        let statuses = self.instance_view.iter().flat_map(|view| &view.statuses);
        statuses.filter_map(|status| status.code.as_deref()).any(|code| code.eq_ignore_ascii_case(wanted))
    }

    /// How Azure Disk Encryption encrypts its disks.
    pub(crate) fn encryption(&self) -> impl Iterator<Item = &EncryptionSettings> {
        let now = self.instance_view.iter().flat_map(|view| &view.disks).flat_map(|disk| &disk.encryption_settings);
        let all = self.storage_profile.os_disk.encryption_settings.iter().chain(now);
        all.filter(|settings| settings.enabled != Some(false))
    }
}

/// `properties` of an extension of a machine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Extension {
    /// `Microsoft.Azure.RecoveryServices` for the one that takes snapshots.
    pub publisher: Option<String>,
    /// `VMSnapshot` or `VMSnapshotLinux` for the one that takes snapshots.
    pub r#type: Option<String>,
    /// `Succeeded`, `Failed`, `Deleting`, …
    pub provisioning_state: Option<String>,
    /// Of Azure Disk Encryption, where the keys are.
    #[serde(deserialize_with = "or_default")]
    pub settings: ExtensionSettings,
}

/// The settings of Azure Disk Encryption. Those of other extensions may hold anything and are not read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ExtensionSettings {
    /// The Key Vault of the secrets.
    #[serde(rename = "KeyVaultResourceId")]
    pub key_vault_resource_id: Option<ResourceId>,
    /// The key that wraps the secrets.
    #[serde(rename = "KeyEncryptionKeyURL")]
    pub key_encryption_key_url: Option<String>,
    /// `EnableEncryption`, `DisableEncryption`, …
    #[serde(rename = "EncryptionOperation")]
    pub encryption_operation: Option<String>,
}

impl Extension {
    /// Whether it is the one that takes snapshots for backups.
    pub(crate) fn takes_snapshots(&self) -> bool {
        let is = |own: &Option<String>, wanted: &[&str]| {
            own.as_deref().is_some_and(|own| wanted.iter().any(|wanted| own.eq_ignore_ascii_case(wanted)))
        };
        is(&self.publisher, &["Microsoft.Azure.RecoveryServices"])
            && is(&self.r#type, &["VMSnapshot", "VMSnapshotLinux"])
    }

    /// Whether it is Azure Disk Encryption.
    pub(crate) fn encrypts(&self) -> bool {
        let publisher = self.publisher.as_deref().unwrap_or_default();
        let kind = self.r#type.as_deref().unwrap_or_default().to_ascii_lowercase();
        publisher.eq_ignore_ascii_case("Microsoft.Azure.Security") && kind.starts_with("azurediskencryption")
    }
}
