//! API Management: the instance, its named values, certificates, policies and network status.
//!
//! Source: <https://learn.microsoft.com/azure/templates/microsoft.apimanagement/service> (read 2026-11-21).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::base::{ObjectId, ResourceId};
use crate::model::or_default;

/// `Microsoft.ApiManagement/service`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Service {
    /// Host names and their certificates.
    #[serde(deserialize_with = "or_default")]
    pub hostname_configurations: Vec<HostnameConfiguration>,
    /// `None`, `External` or `Internal`.
    pub virtual_network_type: Option<String>,
    /// The subnet of the primary location.
    pub virtual_network_configuration: Option<VirtualNetworkConfiguration>,
    /// Further regions, each with its own subnet.
    #[serde(deserialize_with = "or_default")]
    pub additional_locations: Vec<AdditionalLocation>,
    /// Addresses of the gateway in the primary location.
    #[serde(rename = "publicIPAddresses", deserialize_with = "or_default")]
    pub public_ip_addresses: Vec<String>,
    /// Addresses the gateway calls out from, filled where a NAT gateway is used.
    #[serde(rename = "outboundPublicIPAddresses", deserialize_with = "or_default")]
    pub outbound_public_ip_addresses: Vec<String>,
    /// `stv1`, `stv2`, `mtv1`, …
    pub platform_version: Option<String>,
    /// `Succeeded`, or what is going on; absent also in recordings of versions that did not keep it.
    pub provisioning_state: Option<String>,
    /// When the instance was created.
    pub created_at_utc: Option<String>,
    /// Switches, by dotted name.
    #[serde(deserialize_with = "or_default")]
    pub custom_properties: BTreeMap<String, Option<String>>,
}

/// One entry of `hostnameConfigurations`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HostnameConfiguration {
    /// `Proxy`, `Portal`, `DeveloperPortal`, `Management`, `Scm` or `ConfigurationApi`.
    pub r#type: Option<String>,
    /// The host name.
    pub host_name: Option<String>,
    /// The identifier of the Key Vault secret that holds the certificate.
    pub key_vault_id: Option<String>,
    /// Which identity fetches it; absent: the system-assigned one.
    pub identity_client_id: Option<ObjectId>,
    /// The certificate that is served now.
    pub certificate: Option<CertificateInformation>,
    /// `Completed`, `Failed` or `InProgress`.
    pub certificate_status: Option<String>,
    /// `BuiltIn`, `KeyVault`, `Custom` (uploaded) or `Managed`.
    pub certificate_source: Option<String>,
    /// Served where a client names no host.
    pub default_ssl_binding: Option<bool>,
    /// Whether clients are asked for a certificate.
    pub negotiate_client_certificate: Option<bool>,
}

/// The certificate that is served now.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CertificateInformation {
    /// When it ends.
    pub expiry: Option<String>,
}

/// The subnet an instance is injected into.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct VirtualNetworkConfiguration {
    /// The subnet.
    pub subnet_resource_id: Option<ResourceId>,
}

/// One more region of an instance.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AdditionalLocation {
    /// The region.
    pub location: String,
    /// Its subnet.
    pub virtual_network_configuration: Option<VirtualNetworkConfiguration>,
    /// Its addresses.
    #[serde(rename = "publicIPAddresses", deserialize_with = "or_default")]
    pub public_ip_addresses: Vec<String>,
}

/// `properties` of a named value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NamedValue {
    /// The name people use.
    pub display_name: Option<String>,
    /// The reference, where the value lives in a vault.
    pub key_vault: Option<KeyVaultContract>,
    /// Whether the value is a secret.
    pub secret: Option<bool>,
    /// The value of a plain one, where Azure answered it.
    pub value: Option<String>,
}

/// `properties` of an API.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Api {
    /// Where its requests are forwarded to.
    pub service_url: Option<String>,
}

/// `properties` of an operation of an API.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Operation {
    /// The HTTP method.
    pub method: Option<String>,
    /// The path, with parameters in braces.
    pub url_template: Option<String>,
}

/// `properties` of a product. Only its existence matters: it has a policy of its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Product {}

/// `properties` of a resolver of a GraphQL API. Only its existence matters: it has a policy of its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Resolver {}

/// `properties` of a backend.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Backend {
    /// Where it is.
    pub url: Option<String>,
    /// The members, where it is a pool.
    #[serde(deserialize_with = "or_default")]
    pub pool: Option<Pool>,
    /// What its requests carry.
    #[serde(deserialize_with = "or_default")]
    pub credentials: Option<Credentials>,
    /// The proxy that its requests go through.
    pub proxy: Option<serde_json::Value>,
}

impl Backend {
    /// Whether its requests carry a token or key of their own.
    pub(crate) fn has_token(&self) -> bool {
        let given = |value: &serde_json::Value| match value {
            serde_json::Value::Null => false,
            serde_json::Value::Object(map) => !map.is_empty(),
            _ => true,
        };
        let credentials = self.credentials.as_ref();
        credentials.is_some_and(|c| [&c.authorization, &c.header, &c.query].into_iter().flatten().any(given))
    }
}

/// `credentials` of a backend.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Credentials {
    /// A header `Authorization`: its scheme and what follows.
    pub authorization: Option<serde_json::Value>,
    /// Other headers.
    pub header: Option<serde_json::Value>,
    /// Parameters of the query.
    pub query: Option<serde_json::Value>,
}

/// A pool of backends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pool {
    /// Its members.
    #[serde(deserialize_with = "or_default")]
    pub services: Vec<PoolMember>,
}

/// A member of a pool.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PoolMember {
    /// The id of its backend, often without the instance's.
    pub id: Option<String>,
}

/// `properties` of a client certificate.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Certificate {
    /// The reference, where the certificate lives in a vault.
    pub key_vault: Option<KeyVaultContract>,
    /// When the certificate in use ends.
    pub expiration_date: Option<String>,
}

/// A reference to a secret, with the state of its last refresh.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct KeyVaultContract {
    /// The identifier of the secret.
    pub secret_identifier: Option<String>,
    /// Which identity fetches it; absent: the system-assigned one.
    pub identity_client_id: Option<ObjectId>,
    /// How the last refresh went.
    pub last_status: Option<LastStatus>,
}

/// How the last refresh went.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LastStatus {
    /// `Success`, or something else.
    pub code: Option<String>,
    /// What went wrong.
    pub message: Option<String>,
    /// When.
    pub time_stamp_utc: Option<String>,
}

/// A policy document of the instance, a product, an API or an operation, or a policy fragment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Policy {
    /// The XML.
    pub value: Option<String>,
    /// `xml`, `rawxml`, or the same with `-link`.
    pub format: Option<String>,
}

/// A workspace. Only its existence matters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Workspace {}

/// `GET …/networkstatus`: what the instance says of its own network, by location.
#[derive(Clone, Debug, Default)]
pub(crate) struct NetworkStatus {
    /// One entry a location.
    pub locations: Vec<LocationStatus>,
}

/// The network of one location.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LocationStatus {
    /// The region.
    pub location: Option<String>,
    /// Its state.
    pub network_status: NetworkStatusContract,
}

/// The state of one location's network.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NetworkStatusContract {
    /// The servers that the instance really asks.
    #[serde(deserialize_with = "or_default")]
    pub dns_servers: Vec<String>,
    /// What the instance checks every 15 minutes.
    #[serde(deserialize_with = "or_default")]
    pub connectivity_status: Vec<Connectivity>,
}

/// One dependency that the instance checks.
///
/// Source: <https://learn.microsoft.com/rest/api/apimanagement/network-status/list-by-service> (read 2026-11-29).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Connectivity {
    /// A host, a URL, or a label.
    pub name: Option<String>,
    /// `initializing`, `success` or `failure`.
    pub status: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// When it was checked last.
    pub last_updated: Option<String>,
    /// Since when it says this.
    pub last_status_change: Option<String>,
    /// `AzureActiveDirectory`, `BlobStorage`, …
    pub resource_type: Option<String>,
}

impl<'de> Deserialize<'de> for NetworkStatus {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The whole instance answers an array, one location answers its own contract.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Shape {
            Many(Vec<LocationStatus>),
            One(NetworkStatusContract),
        }
        Ok(match Shape::deserialize(deserializer)? {
            Shape::Many(locations) => NetworkStatus { locations },
            Shape::One(network_status) => {
                NetworkStatus { locations: vec![LocationStatus { location: None, network_status }] }
            }
        })
    }
}
