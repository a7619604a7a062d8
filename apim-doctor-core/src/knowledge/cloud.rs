//! The clouds: where their vaults live and what their private DNS zones are called.
//!
//! Sources: <https://learn.microsoft.com/azure/private-link/private-endpoint-dns> and
//! <https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall> (read 2026-11-21).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::knowledge::subservice::Subservice;

/// The names one cloud uses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cloud {
    /// `AzurePublic`, `AzureUSGovernment`, `AzureChina`, or the name of a custom cloud.
    pub name: String,
    /// Host of Resource Manager.
    pub resource_manager: String,
    /// What a token for Resource Manager is asked for.
    pub audience: String,
    /// Host of the sign-in endpoint.
    pub authority: String,
    /// Host of Microsoft Graph; empty: the cloud has none that is known.
    pub graph: String,
    /// What follows a vault's name.
    pub key_vault_suffix: String,
    /// What a token for a vault is asked for.
    pub key_vault_audience: String,
    /// The private DNS zone of vaults.
    pub vault_zone: String,
    /// What follows an account's name and a service's.
    pub storage_suffix: String,
    /// Private DNS zones that are not what the suffixes tell, by private-link sub-resource.
    pub zones: BTreeMap<String, String>,
}

impl Default for Cloud {
    fn default() -> Self {
        Cloud::public()
    }
}

impl Cloud {
    fn of(names: [&str; 9]) -> Self {
        let [
            name,
            resource_manager,
            audience,
            authority,
            graph,
            key_vault_suffix,
            key_vault_audience,
            vault_zone,
            storage_suffix,
        ] = names.map(str::to_owned);
        Self {
            name,
            resource_manager,
            audience,
            authority,
            graph,
            key_vault_suffix,
            key_vault_audience,
            vault_zone,
            storage_suffix,
            zones: BTreeMap::new(),
        }
    }

    /// Azure.
    pub fn public() -> Self {
        Self::of([
            "AzurePublic",
            "management.azure.com",
            "https://management.azure.com",
            "login.microsoftonline.com",
            "graph.microsoft.com",
            "vault.azure.net",
            "https://vault.azure.net",
            "privatelink.vaultcore.azure.net",
            "core.windows.net",
        ])
    }

    /// Azure Government.
    pub fn us_government() -> Self {
        Self::of([
            "AzureUSGovernment",
            "management.usgovcloudapi.net",
            "https://management.usgovcloudapi.net",
            "login.microsoftonline.us",
            "graph.microsoft.us",
            "vault.usgovcloudapi.net",
            "https://vault.usgovcloudapi.net",
            "privatelink.vaultcore.usgovcloudapi.net",
            "core.usgovcloudapi.net",
        ])
    }

    /// Azure operated by 21Vianet.
    pub fn china() -> Self {
        Self::of([
            "AzureChina",
            "management.chinacloudapi.cn",
            "https://management.chinacloudapi.cn",
            "login.chinacloudapi.cn",
            "microsoftgraph.chinacloudapi.cn",
            "vault.azure.cn",
            "https://vault.azure.cn",
            "privatelink.vaultcore.azure.cn",
            "core.chinacloudapi.cn",
        ])
    }

    /// The clouds that Microsoft and its partner run.
    pub fn known() -> [Self; 3] {
        [Self::public(), Self::us_government(), Self::china()]
    }

    /// A cloud by its name in a snapshot, without regard to case.
    pub fn named(name: &str) -> Option<Self> {
        Self::known().into_iter().find(|cloud| cloud.name.eq_ignore_ascii_case(name))
    }

    /// The host name of a vault.
    pub(crate) fn vault_host(&self, vault: &str) -> String {
        format!("{}.{}", vault.to_ascii_lowercase(), self.key_vault_suffix)
    }

    /// The vault's name, where `host` is a vault of this cloud.
    pub fn vault_of<'h>(&self, host: &'h str) -> Option<&'h str> {
        host.strip_suffix(self.key_vault_suffix.as_str())?.strip_suffix('.')
    }

    /// The vault's name, where `host` names a vault of this cloud, perhaps by the name of the private zone.
    pub(crate) fn vault_named_by<'h>(&self, host: &'h str) -> Option<&'h str> {
        let in_zone = host.strip_suffix(self.vault_zone.as_str()).and_then(|name| name.strip_suffix('.'));
        in_zone.or_else(|| self.vault_of(host))
    }

    /// The host name of a service of a vault or account of this name.
    pub(crate) fn host_of(&self, subservice: Subservice, name: &str) -> String {
        match subservice {
            Subservice::Vault => self.vault_host(name),
            storage => format!("{}.{}.{}", name.to_ascii_lowercase(), storage.group_id(), self.storage_suffix),
        }
    }

    /// The private DNS zone of a service.
    /// Source: <https://learn.microsoft.com/azure/private-link/private-endpoint-dns> (read 2026-11-21).
    pub(crate) fn zone_of(&self, subservice: Subservice) -> String {
        match (subservice, self.zones.get(subservice.group_id())) {
            (Subservice::Vault, _) => self.vault_zone.clone(),
            (_, Some(zone)) => zone.clone(),
            (storage, None) => format!("privatelink.{}.{}", storage.group_id(), self.storage_suffix),
        }
    }

    /// The account's name and the service, where `host` is one of a storage account of this cloud.
    pub(crate) fn account_of<'h>(&self, host: &'h str) -> Option<(&'h str, Subservice)> {
        let (account, service) = host.strip_suffix(self.storage_suffix.as_str())?.strip_suffix('.')?.split_once('.')?;
        // A host may name the private zone: `st.privatelink.blob.…`.
        let service = service.strip_prefix("privatelink.").unwrap_or(service);
        let found = Subservice::STORAGE.into_iter().find(|s| s.group_id() == service)?;
        Some((account, found))
    }
}

/// `cloud` in a snapshot: a name, or the endpoints of a custom cloud.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum CloudName {
    /// One of the known names.
    Known(String),
    /// The endpoints of a custom cloud.
    Custom(CustomCloud),
}

/// A sovereign, air-gapped or test cloud. What is left out is as in the public cloud.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CustomCloud {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Resource Manager's URL.
    pub resource_manager: String,
    /// The sign-in URL.
    pub authority: String,
    /// What a token for Resource Manager is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// What follows a vault's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_vault_suffix: Option<String>,
    /// What a token for a vault is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_vault_audience: Option<String>,
    /// What follows an account's name and a service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_suffix: Option<String>,
    /// Microsoft Graph's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graph: Option<String>,
    /// Zones by private-link sub-resource.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub private_dns_zones: BTreeMap<String, String>,
}

impl CustomCloud {
    /// A cloud with these URLs of Resource Manager and of its sign-in.
    ///
    /// ```
    /// use apim_doctor_core::{Cloud, CustomCloud};
    /// let cloud = CustomCloud::new("https://management.contoso.example", "https://login.contoso.example");
    /// assert_eq!(Cloud::from(cloud).resource_manager, "management.contoso.example");
    /// ```
    pub fn new(resource_manager: impl Into<String>, authority: impl Into<String>) -> Self {
        Self { resource_manager: resource_manager.into(), authority: authority.into(), ..Self::default() }
    }
}

impl CloudName {
    /// The cloud with this name; an unknown name is returned as the error.
    ///
    /// # Errors
    /// The name, where no cloud has it.
    pub(crate) fn resolve(self) -> Result<Cloud, String> {
        match self {
            CloudName::Known(name) => Cloud::named(&name).ok_or(name),
            CloudName::Custom(custom) => Ok(custom.into()),
        }
    }
}

impl From<CustomCloud> for Cloud {
    fn from(custom: CustomCloud) -> Self {
        let public = Cloud::public();
        let resource_manager = host(&custom.resource_manager);
        Cloud {
            name: custom.name.unwrap_or_else(|| "custom".to_owned()),
            audience: custom.audience.unwrap_or_else(|| format!("https://{resource_manager}")),
            resource_manager,
            // A cloud with a sign-in of its own has no business at the public Microsoft Graph.
            graph: match custom.graph.as_deref() {
                Some(graph) => host(graph),
                None if host(&custom.authority) == public.authority => public.graph,
                None => String::new(),
            },
            authority: host(&custom.authority),
            key_vault_suffix: custom.key_vault_suffix.unwrap_or(public.key_vault_suffix).to_ascii_lowercase(),
            key_vault_audience: custom.key_vault_audience.unwrap_or(public.key_vault_audience),
            vault_zone: custom.private_dns_zones.get("vault").cloned().unwrap_or(public.vault_zone),
            storage_suffix: custom.storage_suffix.unwrap_or(public.storage_suffix).to_ascii_lowercase(),
            zones: custom.private_dns_zones,
        }
    }
}

/// The host of a URL, with its port where one is given.
fn host(url: &str) -> String {
    url.trim_start_matches("https://").trim_end_matches('/').to_ascii_lowercase()
}
