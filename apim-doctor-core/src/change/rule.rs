//! Advice to harden Azure resources, as known tools give it, and what it changes.
//!
//! Sources of the ids and of what each asks for: the pages in [`HARDENINGS`]; read 2026-12-01.

use serde_json::{Value, json};

use crate::base::ResourceId;
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

/// What a hardening changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    VaultFirewall,
    VaultPublicAccessOff,
    VaultRoles,
    VaultSoftDelete,
    VaultPurgeProtection,
    VaultTrustedServicesOff,
    AccountFirewall,
    AccountPublicAccessOff,
    AccountNetworksOnly,
    AccountKeysOff,
    AccountAnonymousOff,
    AccountSecureTransfer,
    AccountTrustedServicesOn,
    AccountTrustedServicesOff,
    DenyOutbound,
    DenyInbound,
    DenyManagementOutbound,
    NoAnySource,
    /// This port is closed to the internet.
    NoInternet(u16),
}

const VAULT: &str = "Microsoft.KeyVault/vaults";
const ACCOUNT: &str = "Microsoft.Storage/storageAccounts";
const GROUP: &str = "Microsoft.Network/networkSecurityGroups";

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
        match self.change {
            Change::VaultFirewall
            | Change::VaultPublicAccessOff
            | Change::VaultRoles
            | Change::VaultSoftDelete
            | Change::VaultPurgeProtection
            | Change::VaultTrustedServicesOff => VAULT,
            Change::AccountFirewall
            | Change::AccountPublicAccessOff
            | Change::AccountNetworksOnly
            | Change::AccountKeysOff
            | Change::AccountAnonymousOff
            | Change::AccountSecureTransfer
            | Change::AccountTrustedServicesOn
            | Change::AccountTrustedServicesOff => ACCOUNT,
            Change::DenyOutbound
            | Change::DenyInbound
            | Change::DenyManagementOutbound
            | Change::NoAnySource
            | Change::NoInternet(_) => GROUP,
        }
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
        let of = Body { id, body };
        match self.change {
            Change::VaultFirewall | Change::AccountFirewall => of.deny_by_default(),
            Change::VaultPublicAccessOff | Change::AccountPublicAccessOff => of.close(),
            Change::VaultRoles => of.flag("enableRbacAuthorization", true, false),
            Change::VaultSoftDelete => of.flag("enableSoftDelete", true, true),
            Change::VaultPurgeProtection => {
                let kept = of.flag("enableSoftDelete", true, true);
                kept.into_iter().chain(of.flag("enablePurgeProtection", true, false)).collect()
            }
            Change::VaultTrustedServicesOff | Change::AccountTrustedServicesOff => of.trust_nobody(),
            Change::AccountTrustedServicesOn => of.trust_services(),
            Change::AccountNetworksOnly => {
                let rules = of.at("/properties/networkAcls/ipRules").and_then(Value::as_array);
                let none = Edit::set(id, "/properties/networkAcls/ipRules", json!([]));
                let none = rules.is_some_and(|rules| !rules.is_empty()).then_some(none);
                of.deny_by_default().into_iter().chain(none).collect()
            }
            Change::AccountKeysOff => of.flag("allowSharedKeyAccess", false, true),
            Change::AccountAnonymousOff => of.flag("allowBlobPublicAccess", false, true),
            Change::AccountSecureTransfer => of.flag("supportsHttpsTrafficOnly", true, true),
            Change::DenyOutbound => of.deny("Outbound", &["*"], LAST),
            Change::DenyInbound => of.deny("Inbound", &["*"], LAST),
            Change::DenyManagementOutbound => of.deny("Outbound", &["22", "3389"], FIRST),
            Change::NoAnySource => of.remove_rules(|rule| rule.is_from("*")),
            Change::NoInternet(port) => of.remove_rules(|rule| rule.is_from_internet() && rule.allows_port(port)),
        }
    }
}

/// The first priority that a rule of a security group can have, and the last.
const FIRST: u64 = 100;
const LAST: u64 = 4096;

/// A recorded resource.
struct Body<'b> {
    id: &'b ResourceId,
    body: &'b Value,
}

impl Body<'_> {
    fn at(&self, pointer: &str) -> Option<&Value> {
        self.body.pointer(pointer).filter(|value| !value.is_null())
    }

    fn text(&self, pointer: &str) -> &str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn deny_by_default(&self) -> Vec<Edit> {
        if self.text("/properties/networkAcls/defaultAction").eq_ignore_ascii_case("Deny") {
            return Vec::new();
        }
        // Without a firewall nothing says whether trusted services bypass it: they do unless it is turned off.
        let bypass = Edit::set(self.id, "/properties/networkAcls/bypass", "AzureServices");
        let bypass = self.at("/properties/networkAcls/bypass").is_none().then_some(bypass);
        let deny = Edit::set(self.id, "/properties/networkAcls/defaultAction", "Deny");
        bypass.into_iter().chain([deny]).collect()
    }

    fn close(&self) -> Vec<Edit> {
        let own = self.text("/properties/publicNetworkAccess");
        // A perimeter closes it further.
        let is_closed = ["Disabled", "SecuredByPerimeter"].iter().any(|closed| closed.eq_ignore_ascii_case(own));
        let close = Edit::set(self.id, "/properties/publicNetworkAccess", "Disabled");
        if is_closed { Vec::new() } else { vec![close] }
    }

    /// Sets a flag, whose default is known.
    fn flag(&self, name: &str, value: bool, default: bool) -> Vec<Edit> {
        let pointer = format!("/properties/{name}");
        match self.at(&pointer).and_then(Value::as_bool).unwrap_or(default) == value {
            true => Vec::new(),
            false => vec![Edit::set(self.id, pointer, value)],
        }
    }

    /// Without a firewall there is nothing to bypass.
    fn trust_nobody(&self) -> Vec<Edit> {
        let has_firewall = self.at("/properties/networkAcls").is_some();
        let is_off = self.text("/properties/networkAcls/bypass").eq_ignore_ascii_case("None");
        match has_firewall && !is_off {
            true => vec![Edit::set(self.id, "/properties/networkAcls/bypass", "None")],
            false => Vec::new(),
        }
    }

    /// What else bypasses the firewall stays. Without a firewall there is nothing to bypass.
    fn trust_services(&self) -> Vec<Edit> {
        let bypass = self.text("/properties/networkAcls/bypass");
        let own = || bypass.split(',').map(str::trim).filter(|one| !one.is_empty());
        let is = |one: &str, name: &str| one.eq_ignore_ascii_case(name);
        if self.at("/properties/networkAcls/bypass").is_none() || own().any(|one| is(one, "AzureServices")) {
            return Vec::new();
        }
        let all: Vec<&str> = own().filter(|one| !is(one, "None")).chain(["AzureServices"]).collect();
        vec![Edit::set(self.id, "/properties/networkAcls/bypass", all.join(", "))]
    }

    fn rules(&self) -> impl DoubleEndedIterator<Item = (usize, Rule<'_>)> + ExactSizeIterator {
        let rules = self.at("/properties/securityRules").and_then(Value::as_array).map(Vec::as_slice);
        rules.unwrap_or_default().iter().map(Rule).enumerate()
    }

    /// Adds a rule that denies, at the free priority that is nearest to one.
    fn deny(&self, direction: &str, ports: &[&str], near: u64) -> Vec<Edit> {
        let is_own = |rule: &Rule<'_>| rule.is("direction", direction);
        let has_it = self.rules().any(|(_, rule)| {
            let all = rule.is("access", "Deny") && rule.is("protocol", "*") && rule.covers_every_address();
            is_own(&rule) && all && ports.iter().all(|port| rule.lists_port(port))
        });
        let taken: Vec<u64> = self.rules().filter(|(_, rule)| is_own(rule)).filter_map(|(_, r)| r.priority()).collect();
        let mut free = (FIRST..=LAST).filter(|priority| !taken.contains(priority));
        let priority = if near == LAST { free.next_back() } else { free.next() };
        let Some(priority) = priority.filter(|_| !has_it) else { return Vec::new() };
        let rule = json!({
            "name": format!("Deny-{direction}-{priority}"),
            "properties": {
                "priority": priority, "direction": direction, "access": "Deny", "protocol": "*",
                "sourceAddressPrefix": "*", "sourcePortRange": "*",
                "destinationAddressPrefix": "*", "destinationPortRanges": ports,
            },
        });
        vec![Edit::append(self.id, "/properties/securityRules", rule)]
    }

    /// Removes rules that allow inbound traffic, from the last to the first: their places do not change so.
    fn remove_rules(&self, which: impl Fn(&Rule<'_>) -> bool) -> Vec<Edit> {
        let allows = |rule: &Rule<'_>| rule.is("direction", "Inbound") && rule.is("access", "Allow");
        let own = self.rules().rev().filter(|(_, rule)| allows(rule) && which(rule));
        own.map(|(at, _)| Edit::remove(self.id, format!("/properties/securityRules/{at}"))).collect()
    }
}

/// A rule of a security group.
struct Rule<'r>(&'r Value);

impl Rule<'_> {
    fn texts(&self, one: &str, several: &str) -> Vec<&str> {
        let properties = self.0.get("properties");
        let one = properties.and_then(|own| own.get(one)?.as_str());
        let several = properties.and_then(|own| own.get(several)?.as_array()).into_iter().flatten();
        one.into_iter().chain(several.filter_map(Value::as_str)).filter(|text| !text.is_empty()).collect()
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.texts(name, "").iter().any(|own| own.eq_ignore_ascii_case(value))
    }

    fn priority(&self) -> Option<u64> {
        self.0.pointer("/properties/priority")?.as_u64()
    }

    fn is_from(&self, source: &str) -> bool {
        self.texts("sourceAddressPrefix", "sourceAddressPrefixes").contains(&source)
    }

    fn is_from_internet(&self) -> bool {
        ["*", "0.0.0.0/0", "0.0.0.0", "Internet", "any"].iter().any(|all| {
            self.texts("sourceAddressPrefix", "sourceAddressPrefixes").iter().any(|own| own.eq_ignore_ascii_case(all))
        })
    }

    fn covers_every_address(&self) -> bool {
        self.is_from("*") && self.texts("destinationAddressPrefix", "destinationAddressPrefixes").contains(&"*")
    }

    fn ports(&self) -> Vec<&str> {
        self.texts("destinationPortRange", "destinationPortRanges")
    }

    fn lists_port(&self, port: &str) -> bool {
        self.ports().iter().any(|own| *own == "*" || *own == port)
    }

    fn allows_port(&self, port: u16) -> bool {
        let holds = |range: &str| match range.split_once('-') {
            _ if range == "*" => true,
            Some((from, to)) => match (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
                (Ok(from), Ok(to)) => (from..=to).contains(&port),
                _ => false,
            },
            None => range.trim().parse() == Ok(port),
        };
        self.ports().into_iter().any(holds)
    }
}
