//! Advice to harden Azure resources, as known tools give it, and what it changes.
//!
//! Sources of the ids and of what each asks for: the pages in [`HARDENINGS`]; read 2026-12-01.

use serde_json::Value;

use crate::base::ResourceId;
use crate::change::harden::Change;
use crate::finding::{Edit, Source, WebPage};

/// The day on which the pages below were read.
const READ_ON: &str = "2026-12-01";

/// A rule of a tool that gives the advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HardeningRule {
    /// The tool: `checkov`, `PSRule`, `prowler`, `Defender for Cloud`, `Azure Policy`.
    pub tool: &'static str,
    /// The rule's id in it.
    pub id: &'static str,
    /// The page that describes the rule.
    page: WebPage,
}

impl HardeningRule {
    /// The page that describes the rule.
    pub fn source(&self) -> Source {
        self.page.into()
    }
}

/// A way to harden resources of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hardening {
    /// Its name here.
    pub name: &'static str,
    /// What it does, in one line.
    pub title: &'static str,
    /// The page that describes what it changes.
    page: WebPage,
    /// The rules that ask for it.
    pub rules: &'static [HardeningRule],
    change: Change,
}

const fn page(url: &'static str) -> WebPage {
    WebPage { url, read_on: READ_ON }
}

/// A rule of checkov, by the file that holds it.
macro_rules! checkov {
    ($id:literal, $file:literal) => {
        HardeningRule {
            tool: "checkov",
            id: $id,
            page: page(concat!("https://github.com/bridgecrewio/checkov/blob/main/checkov/", $file)),
        }
    };
}

/// A rule of PSRule for Azure.
macro_rules! psrule {
    ($id:literal) => {
        HardeningRule {
            tool: "PSRule",
            id: $id,
            page: page(concat!("https://azure.github.io/PSRule.Rules.Azure/en/rules/", $id, "/")),
        }
    };
}

/// A check of prowler, by its service.
macro_rules! prowler {
    ($service:literal, $id:literal) => {
        HardeningRule {
            tool: "prowler",
            id: $id,
            page: page(concat!(
                "https://github.com/prowler-cloud/prowler/blob/master/prowler/providers/azure/services/",
                $service,
                "/",
                $id,
                "/",
                $id,
                ".metadata.json"
            )),
        }
    };
}

/// A recommendation of Defender for Cloud, by its assessment key and its page.
macro_rules! defender {
    ($id:literal, $page:literal) => {
        HardeningRule {
            tool: "Defender for Cloud",
            id: $id,
            page: page(concat!(
                "https://learn.microsoft.com/azure/defender-for-cloud/recommendations-reference-",
                $page
            )),
        }
    };
}

/// A built-in definition of Azure Policy, by the file that holds it.
macro_rules! policy {
    ($id:literal, $file:literal) => {
        HardeningRule {
            tool: "Azure Policy",
            id: $id,
            page: page(concat!(
                "https://github.com/Azure/azure-policy/blob/master/built-in-policies/policyDefinitions/",
                $file,
                ".json"
            )),
        }
    };
}

const VAULT_NETWORK: WebPage = page("https://learn.microsoft.com/azure/key-vault/general/network-security");
const STORAGE_NETWORK: WebPage = page("https://learn.microsoft.com/azure/storage/common/storage-network-security");
const DENY_BY_DEFAULT: WebPage = page("https://learn.microsoft.com/security/benchmark/azure/mcsb-network-security");

/// Every hardening, with the rules that ask for it.
pub const HARDENINGS: &[Hardening] = &[
    Hardening {
        name: "vault-firewall",
        title: "the vault's firewall denies by default; trusted services stay as they are",
        page: VAULT_NETWORK,
        rules: &[
            checkov!("CKV_AZURE_109", "arm/checks/resource/KeyVaultEnablesFirewallRulesSettings.py"),
            psrule!("Azure.KeyVault.Firewall"),
            defender!("52f7826a-ace7-3107-dd0d-4875853c1576", "identity-access"),
            policy!("ac673a9a-f77d-4846-b2d8-a57f8e1c01dc", "Key%20Vault/FirewallEnabled_Modify"),
        ],
        change: Change::VaultFirewall,
    },
    Hardening {
        name: "vault-public-access-off",
        title: "the vault's public network access is disabled",
        page: VAULT_NETWORK,
        rules: &[
            checkov!("CKV_AZURE_189", "arm/checks/resource/KeyVaultDisablesPublicNetworkAccess.py"),
            prowler!("keyvault", "keyvault_access_only_through_private_endpoints"),
            policy!("405c5871-3e91-4644-8a63-58e19d68ff5b", "Key%20Vault/PublicNetworkAccess_Audit"),
        ],
        change: Change::VaultPublicAccessOff,
    },
    Hardening {
        name: "vault-rbac",
        title: "the vault uses role assignments instead of access policies",
        page: page("https://learn.microsoft.com/azure/key-vault/general/rbac-migration"),
        rules: &[
            psrule!("Azure.KeyVault.RBAC"),
            prowler!("keyvault", "keyvault_rbac_enabled"),
            policy!("12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5", "Key%20Vault/AzureKeyVault_Should_Use_RBAC"),
        ],
        change: Change::VaultRoles,
    },
    Hardening {
        name: "vault-soft-delete",
        title: "the vault keeps deleted objects for a while",
        page: page("https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"),
        rules: &[
            checkov!("CKV_AZURE_111", "arm/checks/resource/KeyVaultEnablesSoftDelete.py"),
            psrule!("Azure.KeyVault.SoftDelete"),
            defender!("78211c00-15a9-336e-17c4-0b48613dadf4", "identity-access"),
        ],
        change: Change::VaultSoftDelete,
    },
    Hardening {
        name: "vault-purge-protection",
        title: "the vault keeps deleted objects, and they cannot be purged before their time",
        page: page("https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"),
        rules: &[
            checkov!("CKV_AZURE_42", "arm/checks/resource/KeyvaultRecoveryEnabled.py"),
            checkov!("CKV_AZURE_110", "arm/checks/resource/KeyVaultEnablesPurgeProtection.py"),
            psrule!("Azure.KeyVault.PurgeProtect"),
            prowler!("keyvault", "keyvault_recoverable"),
            defender!("4ed62ae4-5072-f9e7-8d94-51c76c48159a", "identity-access"),
        ],
        change: Change::VaultPurgeProtection,
    },
    Hardening {
        name: "vault-trusted-services-off",
        title: "trusted Microsoft services no longer bypass the vault's firewall",
        page: VAULT_NETWORK,
        rules: &[],
        change: Change::VaultTrustedServicesOff,
    },
    Hardening {
        name: "storage-firewall",
        title: "the storage account's firewall denies by default; trusted services stay as they are",
        page: STORAGE_NETWORK,
        rules: &[
            checkov!("CKV_AZURE_35", "arm/checks/resource/StorageAccountDefaultNetworkAccessDeny.py"),
            psrule!("Azure.Storage.Firewall"),
            prowler!("storage", "storage_default_network_access_rule_is_denied"),
        ],
        change: Change::AccountFirewall,
    },
    Hardening {
        name: "storage-networks-only",
        title: "the storage account's firewall denies by default and has no rules by address",
        page: STORAGE_NETWORK,
        rules: &[defender!("ad4f3ff1-30eb-5042-16ed-27198f640b8d", "data")],
        change: Change::AccountNetworksOnly,
    },
    Hardening {
        name: "storage-public-access-off",
        title: "the storage account's public network access is disabled",
        page: STORAGE_NETWORK,
        rules: &[
            checkov!("CKV_AZURE_59", "arm/checks/resource/StorageAccountDisablePublicAccess.py"),
            prowler!("storage", "storage_account_public_network_access_disabled"),
            policy!("b2982f36-99f2-4db5-8eff-283140c09693", "Storage/StoragePublicNetworkAccess_AuditDeny"),
        ],
        change: Change::AccountPublicAccessOff,
    },
    Hardening {
        name: "storage-shared-keys-off",
        title: "the storage account rejects its keys and what is signed with them",
        page: page("https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent"),
        rules: &[
            checkov!("CKV2_AZURE_40", "terraform/checks/graph_checks/azure/AzureStorageAccConfigSharedKeyAuth.yaml"),
            prowler!("storage", "storage_account_key_access_disabled"),
            defender!("3b363842-30f5-4056-980d-3a40fa5de8b3", "data"),
        ],
        change: Change::AccountKeysOff,
    },
    Hardening {
        name: "storage-anonymous-access-off",
        title: "no container of the storage account can be read without signing in",
        page: page("https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent"),
        rules: &[
            checkov!("CKV_AZURE_190", "terraform/checks/resource/azure/StorageBlobRestrictPublicAccess.py"),
            checkov!(
                "CKV2_AZURE_47",
                "terraform/checks/graph_checks/azure/AzureStorageAccConfigWithoutBlobAnonymousAccess.yaml"
            ),
            psrule!("Azure.Storage.BlobPublicAccess"),
            prowler!("storage", "storage_blob_public_access_level_is_disabled"),
            defender!("51fd8bb1-0db4-bbf1-7e2b-cfcba7eb66a6", "identity-access"),
        ],
        change: Change::AccountAnonymousOff,
    },
    Hardening {
        name: "storage-secure-transfer",
        title: "the storage account accepts encrypted requests only",
        page: page("https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer"),
        rules: &[
            checkov!("CKV_AZURE_3", "arm/checks/resource/StorageAccountsTransportEncryption.py"),
            psrule!("Azure.Storage.SecureTransfer"),
            prowler!("storage", "storage_secure_transfer_required_is_enabled"),
        ],
        change: Change::AccountSecureTransfer,
    },
    Hardening {
        name: "storage-trusted-services-on",
        title: "trusted Microsoft services bypass the storage account's firewall",
        page: STORAGE_NETWORK,
        rules: &[
            checkov!("CKV_AZURE_36", "arm/checks/resource/StorageAccountAzureServicesAccessEnabled.py"),
            prowler!("storage", "storage_ensure_azure_services_are_trusted_to_access_is_enabled"),
        ],
        change: Change::AccountTrustedServicesOn,
    },
    Hardening {
        name: "storage-trusted-services-off",
        title: "trusted Microsoft services no longer bypass the storage account's firewall",
        page: STORAGE_NETWORK,
        rules: &[],
        change: Change::AccountTrustedServicesOff,
    },
    Hardening {
        name: "nsg-deny-outbound",
        title: "the security group denies all outbound traffic that no other rule allows",
        page: DENY_BY_DEFAULT,
        rules: &[],
        change: Change::DenyOutbound,
    },
    Hardening {
        name: "nsg-deny-inbound",
        title: "the security group denies all inbound traffic that no other rule allows",
        page: DENY_BY_DEFAULT,
        rules: &[],
        change: Change::DenyInbound,
    },
    Hardening {
        name: "nsg-deny-management-outbound",
        title: "the security group denies outbound RDP and SSH",
        page: DENY_BY_DEFAULT,
        rules: &[psrule!("Azure.NSG.LateralTraversal")],
        change: Change::DenyManagementOutbound,
    },
    Hardening {
        name: "nsg-no-any-source",
        title: "the security group has no rule that allows inbound traffic from any source",
        page: DENY_BY_DEFAULT,
        rules: &[psrule!("Azure.NSG.AnyInboundSource")],
        change: Change::NoAnySource,
    },
    Hardening {
        name: "nsg-no-rdp",
        title: "the security group does not allow RDP from the internet",
        page: DENY_BY_DEFAULT,
        rules: &[
            checkov!("CKV_AZURE_9", "arm/checks/resource/NSGRuleRDPAccessRestricted.py"),
            prowler!("network", "network_rdp_internet_access_restricted"),
        ],
        change: Change::NoInternet(3389),
    },
    Hardening {
        name: "nsg-no-ssh",
        title: "the security group does not allow SSH from the internet",
        page: DENY_BY_DEFAULT,
        rules: &[
            checkov!("CKV_AZURE_10", "arm/checks/resource/NSGRuleSSHAccessRestricted.py"),
            prowler!("network", "network_ssh_internet_access_restricted"),
        ],
        change: Change::NoInternet(22),
    },
    Hardening {
        name: "nsg-no-http",
        title: "the security group does not allow HTTP from the internet",
        page: DENY_BY_DEFAULT,
        rules: &[
            checkov!("CKV_AZURE_160", "arm/checks/resource/NSGRuleHTTPAccessRestricted.py"),
            prowler!("network", "network_http_internet_access_restricted"),
        ],
        change: Change::NoInternet(80),
    },
];

/// The hardening of this name or of the rule with this id, and the name or id as it is written.
pub(super) fn find(name: &str) -> Option<(&'static Hardening, &'static str)> {
    let is = |own: &str| own.eq_ignore_ascii_case(name);
    HARDENINGS.iter().find_map(|one| {
        let own = Some(one.name).filter(|own| is(own));
        let id = own.or_else(|| one.rules.iter().map(|rule| rule.id).find(|id| is(id)))?;
        Some((one, id))
    })
}

/// The names of all hardenings and the ids of all rules.
pub(super) fn names() -> Vec<&'static str> {
    let own = |one: &'static Hardening| std::iter::once(one.name).chain(one.rules.iter().map(|rule| rule.id));
    HARDENINGS.iter().flat_map(own).collect()
}

impl Hardening {
    /// The type of the resources that it changes.
    pub fn resource_type(&self) -> &'static str {
        self.change.resource_type()
    }

    /// The page that describes what it changes.
    pub fn source(&self) -> Source {
        self.page.into()
    }

    /// Whether it is about a resource of this type.
    pub(super) fn is_about(&self, id: &ResourceId) -> bool {
        id.resource_type().eq_ignore_ascii_case(self.resource_type())
    }

    /// What it changes in a resource; nothing if that is hardened already.
    pub(super) fn steps(&self, id: &ResourceId, body: &Value) -> Vec<Edit> {
        self.change.steps(id, body)
    }
}
