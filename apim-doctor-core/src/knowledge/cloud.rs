//! The clouds: where their vaults live and what their private DNS zones are called.
//!
//! Sources: <https://learn.microsoft.com/azure/private-link/private-endpoint-dns> and
//! <https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall> (read 2026-11-21).

use serde::Deserialize;

/// The names one cloud uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// `AzurePublic`, `AzureUSGovernment`, `AzureChina`, or the name of a custom cloud.
    pub name: String,
    /// Host of Resource Manager.
    pub resource_manager: String,
    /// Host of the sign-in endpoint.
    pub authority: String,
    /// What follows a vault's name.
    pub key_vault_suffix: String,
    /// What a token for a vault is asked for.
    pub key_vault_audience: String,
    /// The private DNS zone of vaults.
    pub vault_zone: String,
}

impl Default for Cloud {
    fn default() -> Self {
        Cloud::public()
    }
}

impl Cloud {
    fn of(names: [&str; 6]) -> Self {
        let [name, resource_manager, authority, key_vault_suffix, key_vault_audience, vault_zone] =
            names.map(str::to_owned);
        Self { name, resource_manager, authority, key_vault_suffix, key_vault_audience, vault_zone }
    }

    /// Azure.
    pub fn public() -> Self {
        Self::of([
            "AzurePublic",
            "management.azure.com",
            "login.microsoftonline.com",
            "vault.azure.net",
            "https://vault.azure.net",
            "privatelink.vaultcore.azure.net",
        ])
    }

    /// Azure Government.
    pub fn us_government() -> Self {
        Self::of([
            "AzureUSGovernment",
            "management.usgovcloudapi.net",
            "login.microsoftonline.us",
            "vault.usgovcloudapi.net",
            "https://vault.usgovcloudapi.net",
            "privatelink.vaultcore.usgovcloudapi.net",
        ])
    }

    /// Azure operated by 21Vianet.
    pub fn china() -> Self {
        Self::of([
            "AzureChina",
            "management.chinacloudapi.cn",
            "login.chinacloudapi.cn",
            "vault.azure.cn",
            "https://vault.azure.cn",
            "privatelink.vaultcore.azure.cn",
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
    pub fn vault_host(&self, vault: &str) -> String {
        format!("{}.{}", vault.to_ascii_lowercase(), self.key_vault_suffix)
    }

    /// The vault's name, where `host` is a vault of this cloud.
    pub fn vault_of<'h>(&self, host: &'h str) -> Option<&'h str> {
        host.strip_suffix(self.key_vault_suffix.as_str())?.strip_suffix('.')
    }
}

/// `cloud` in a snapshot: a name, or the endpoints of a custom cloud.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum CloudName {
    /// One of the known names.
    Known(String),
    /// The endpoints of a custom cloud; what is left out is as in the public cloud.
    Custom {
        /// Its name.
        name: Option<String>,
        /// Resource Manager's URL.
        resource_manager: String,
        /// The sign-in URL.
        authority: String,
        /// What follows a vault's name.
        key_vault_suffix: Option<String>,
        /// What a token for a vault is asked for.
        key_vault_audience: Option<String>,
        /// Zones by private-link sub-resource.
        #[serde(default)]
        private_dns_zones: std::collections::BTreeMap<String, String>,
    },
}

impl CloudName {
    /// The cloud that is meant; an unknown name is given back.
    pub fn resolve(self) -> Result<Cloud, String> {
        match self {
            CloudName::Known(name) => Cloud::named(&name).ok_or(name),
            CloudName::Custom {
                name,
                resource_manager,
                authority,
                key_vault_suffix,
                key_vault_audience,
                private_dns_zones,
            } => {
                let public = Cloud::public();
                let host = |url: String| {
                    let bare = url.trim_start_matches("https://").trim_end_matches('/');
                    bare.to_ascii_lowercase()
                };
                Ok(Cloud {
                    name: name.unwrap_or_else(|| "custom".to_owned()),
                    resource_manager: host(resource_manager),
                    authority: host(authority),
                    key_vault_suffix: key_vault_suffix.unwrap_or(public.key_vault_suffix).to_ascii_lowercase(),
                    key_vault_audience: key_vault_audience.unwrap_or(public.key_vault_audience),
                    vault_zone: private_dns_zones.get("vault").cloned().unwrap_or(public.vault_zone),
                })
            }
        }
    }
}
