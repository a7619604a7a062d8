//! App Service and Azure Functions: apps and slots, their settings, their plans, the state of their references, and
//! certificates that the platform fetches from a vault.
//!
//! Sources: <https://learn.microsoft.com/azure/templates/microsoft.web/sites> and
//! <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::base::ResourceId;
use crate::model::{SubResource, form, or_default, setting, sub_resource};

/// `properties` of an app or of a slot.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Site {
    /// `Running` or `Stopped`; other values are not documented.
    pub state: Option<String>,
    /// `false`: taken offline.
    pub enabled: Option<bool>,
    /// The plan.
    pub server_farm_id: Option<ResourceId>,
    /// Runs on Linux.
    pub reserved: Option<bool>,
    /// Runs in a Windows container.
    pub hyper_v: Option<bool>,
    /// The subnet that its traffic may enter.
    pub virtual_network_subnet_id: Option<ResourceId>,
    /// The App Service Environment it runs in.
    #[serde(deserialize_with = "sub_resource")]
    pub hosting_environment_profile: Option<SubResource>,
    /// Which identity resolves references: absent or `SystemAssigned`, or the id of a user-assigned one.
    pub key_vault_reference_identity: Option<String>,
    /// Which traffic enters the subnet, from api-version 2024-11-01 on.
    pub outbound_vnet_routing: Option<OutboundVnetRouting>,
    /// The same of the app's own traffic, before that.
    pub vnet_route_all_enabled: Option<bool>,
    /// The same of the content share, before that.
    pub vnet_content_share_enabled: Option<bool>,
    /// DNS servers of the app's own.
    #[serde(deserialize_with = "or_default")]
    pub dns_configuration: DnsConfiguration,
    /// Every public address that it may call from, with commas between.
    pub possible_outbound_ip_addresses: Option<String>,
    /// Where its package lies, on a Flex Consumption plan.
    pub function_app_config: Option<FunctionAppConfig>,
    /// What an export or a template says of its configuration.
    #[serde(deserialize_with = "or_default")]
    pub site_config: SiteConfig,
}

impl Site {
    /// Whether it was stopped or taken offline.
    pub(crate) fn is_stopped(&self) -> bool {
        let stopped = self.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("Stopped"));
        stopped || self.enabled == Some(false)
    }
}

/// `outboundVnetRouting`; `allTraffic` outweighs the rest.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct OutboundVnetRouting {
    /// Everything.
    pub all_traffic: Option<bool>,
    /// What the app's own code sends.
    pub application_traffic: Option<bool>,
    /// The content share.
    pub content_share_traffic: Option<bool>,
}

/// `dnsConfiguration`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DnsConfiguration {
    /// Asked instead of the network's.
    #[serde(deserialize_with = "or_default")]
    pub dns_servers: Vec<String>,
    /// Asked after those.
    pub dns_alt_server: Option<String>,
}

/// The parts of `siteConfig` that matter here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SiteConfig {
    /// Users report that it has no effect here; it belongs to the site itself.
    pub key_vault_reference_identity: Option<String>,
    /// Whether the app's own traffic enters the subnet.
    pub vnet_route_all_enabled: Option<bool>,
}

/// `functionAppConfig` of an app on a Flex Consumption plan.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FunctionAppConfig {
    /// How it is deployed.
    #[serde(deserialize_with = "or_default")]
    pub deployment: Deployment,
}

/// How an app on a Flex Consumption plan is deployed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Deployment {
    /// Where its package lies.
    #[serde(deserialize_with = "or_default")]
    pub storage: DeploymentStorage,
}

/// Where a package lies, and how it is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DeploymentStorage {
    /// The URL of a container.
    pub value: Option<String>,
    /// How it is read.
    #[serde(deserialize_with = "or_default")]
    pub authentication: DeploymentAuthentication,
}

/// How a package is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DeploymentAuthentication {
    /// `SystemAssignedIdentity`, `UserAssignedIdentity` or `StorageAccountConnectionString`.
    pub r#type: Option<String>,
    /// The identity, where it is a user-assigned one.
    pub user_assigned_identity_resource_id: Option<ResourceId>,
    /// The setting that holds the connection string.
    pub storage_account_connection_string_name: Option<String>,
}

/// `properties` of an App Service plan. The tier is in `sku`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Plan {}

/// `…/config/{web|appsettings|connectionstrings|slotConfigNames}`: names, and the values a diagnosis needs.
///
/// Every other value is dropped while it is read, so no secret is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Config(BTreeMap<String, String>);

impl Config {
    /// A value that was kept, by its name without regard to case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|(_, value)| value)
    }

    /// A setting as it is written, by the name of its configuration key: case means nothing, and `:` separates levels
    /// as `__` does.
    /// Source: <https://learn.microsoft.com/aspnet/core/fundamentals/configuration/> (read 2026-11-29).
    pub(crate) fn find(&self, key: &str) -> Option<(&str, &str)> {
        self.iter().find(|(own, _)| own.eq_ignore_ascii_case(key) || is_key(own, key))
    }

    /// Whether there are settings below a configuration key: `{key}__…`.
    pub(crate) fn has_below(&self, key: &str) -> bool {
        let start = format!("{}__", key.to_ascii_lowercase());
        self.iter().any(|(own, _)| own.to_ascii_lowercase().replace(':', "__").starts_with(&start))
    }

    /// Names and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
    }
}

/// Whether a setting with colons in its name is the one of a configuration key.
fn is_key(own: &str, key: &str) -> bool {
    own.contains(':') && own.replace(':', "__").eq_ignore_ascii_case(key)
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = Config;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the names and values of settings")
            }

            fn visit_unit<E>(self) -> Result<Config, E> {
                Ok(Config::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Config, A::Error> {
                let mut kept = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    // A connection string comes with its kind.
                    let value = match value {
                        Value::Object(mut inner) => inner.remove("value").unwrap_or(Value::Null),
                        other => other,
                    };
                    let value = match &value {
                        Value::Null => continue,
                        Value::String(text) => setting::kept(&name, text).into_owned(),
                        Value::Bool(_) | Value::Number(_) => setting::kept(&name, &value.to_string()).into_owned(),
                        Value::Array(_) | Value::Object(_) => form::REDACTED.to_owned(),
                    };
                    kept.insert(name, value);
                }
                Ok(Config(kept))
            }
        }

        deserializer.deserialize_any(Names)
    }
}

/// One element of `…/config/configreferences/{appsettings|connectionstrings}`: a reference and what became of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct KeyVaultReference {
    /// The setting's value, as it was written, as far as it may be kept.
    #[serde(deserialize_with = "kept_reference")]
    pub reference: Option<String>,
    /// How the last fetch went.
    pub status: Option<String>,
    /// What was said about it.
    pub details: Option<String>,
    /// The version whose value the app holds.
    pub active_version: Option<String>,
}

/// `…/networkConfig/virtualNetwork`: the subnet again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NetworkConfig {
    /// The subnet that the app is integrated with.
    pub subnet_resource_id: Option<ResourceId>,
}

/// Text in a reference outside its known parts may be a secret.
fn kept_reference<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let written = Option::<String>::deserialize(deserializer)?;
    Ok(written.map(|text| setting::reference(&text).into_owned()))
}

/// `properties` of a certificate that apps use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AppCertificate {
    /// The vault it comes from, where it does.
    pub key_vault_id: Option<ResourceId>,
    /// The secret in it.
    pub key_vault_secret_name: Option<String>,
    /// How the last fetch went.
    pub key_vault_secret_status: Option<String>,
    /// When the certificate in use ends.
    pub expiration_date: Option<String>,
}
