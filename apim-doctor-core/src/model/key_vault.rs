//! Key Vault: the vault, its firewall, its access policies, and what Azure says of an object.
//!
//! Source: <https://learn.microsoft.com/azure/templates/microsoft.keyvault/vaults> (read 2026-11-21).

use serde::Deserialize;

use crate::base::{ObjectId, ResourceId};
use crate::model::{SubResource, or_default, reference};

/// `properties` of a vault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Vault {
    /// The tenant whose tokens the vault accepts.
    pub tenant_id: Option<ObjectId>,
    /// `https://{name}.{suffix}/`.
    pub vault_uri: Option<String>,
    /// `true`: role-based access; `false` or absent on an existing vault: access policies.
    pub enable_rbac_authorization: Option<bool>,
    /// Who may do what in access-policy mode.
    #[serde(deserialize_with = "or_default")]
    pub access_policies: Vec<AccessPolicyEntry>,
    /// `Enabled`, `Disabled` or `SecuredByPerimeter`, in any case; absent: `Enabled`.
    pub public_network_access: Option<String>,
    /// The firewall; absent: none.
    pub network_acls: Option<NetworkRuleSet>,
    /// Private endpoints that point here.
    #[serde(deserialize_with = "or_default")]
    pub private_endpoint_connections: Vec<PrivateEndpointConnection>,
}

/// One access policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccessPolicyEntry {
    /// The principal it is for.
    pub object_id: Option<ObjectId>,
    /// Set: only a user acting through this application matches.
    pub application_id: Option<ObjectId>,
    /// What it may do.
    #[serde(deserialize_with = "or_default")]
    pub permissions: Permissions,
}

/// The permissions of an access policy that matter here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Permissions {
    /// On secrets.
    #[serde(deserialize_with = "or_default")]
    pub secrets: Vec<String>,
    /// On certificates.
    #[serde(deserialize_with = "or_default")]
    pub certificates: Vec<String>,
    /// On keys.
    #[serde(deserialize_with = "or_default")]
    pub keys: Vec<String>,
}

/// `networkAcls`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkRuleSet {
    /// `AzureServices` or `None`; absent: `AzureServices`.
    pub bypass: Option<String>,
    /// `Allow` or `Deny`; absent inside the object: no documented default.
    pub default_action: Option<String>,
    /// Public addresses let in.
    #[serde(deserialize_with = "or_default")]
    pub ip_rules: Vec<IpRule>,
    /// Subnets let in.
    #[serde(deserialize_with = "or_default")]
    pub virtual_network_rules: Vec<VirtualNetworkRule>,
}

/// One address rule.
#[derive(Clone, Debug, Deserialize)]
pub struct IpRule {
    /// An address or a range.
    pub value: String,
}

/// One subnet rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VirtualNetworkRule {
    /// The subnet.
    pub id: ResourceId,
}

/// A private endpoint's connection as the vault shows it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PrivateEndpointConnection {
    /// The connection, which is what gets approved.
    pub id: Option<ResourceId>,
    /// The state and the endpoint.
    #[serde(deserialize_with = "or_default")]
    pub properties: PrivateEndpointConnectionProperties,
}

/// The state of a private endpoint's connection.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PrivateEndpointConnectionProperties {
    /// The endpoint.
    #[serde(deserialize_with = "reference")]
    pub private_endpoint: Option<SubResource>,
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub private_link_service_connection_state: Option<ConnectionState>,
    /// Only `Succeeded` carries traffic.
    pub provisioning_state: Option<String>,
}

/// Whether the owner let a private endpoint in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConnectionState {
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub status: Option<String>,
}

impl PrivateEndpointConnection {
    /// The state's name; empty where none is given.
    pub fn status(&self) -> &str {
        let state = self.properties.private_link_service_connection_state.as_ref();
        state.and_then(|s| s.status.as_deref()).unwrap_or_default()
    }

    /// Whether traffic may come through: approved, and provisioned.
    pub fn is_approved(&self) -> bool {
        let provisioned = self.properties.provisioning_state.as_deref();
        self.status().eq_ignore_ascii_case("Approved")
            && provisioned.is_none_or(|state| state.eq_ignore_ascii_case("Succeeded"))
    }

    /// The endpoint's id.
    pub fn endpoint(&self) -> Option<&ResourceId> {
        self.properties.private_endpoint.as_ref().map(|e| &e.id)
    }
}

/// `properties` of an entry of `deletedVaults`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeletedVault {
    /// The id the vault had.
    pub vault_id: Option<ResourceId>,
    /// When it was deleted.
    pub deletion_date: Option<String>,
    /// When it is gone for good, and its name free.
    pub scheduled_purge_date: Option<String>,
}

/// What Resource Manager says of a secret: attributes, never the value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Secret {
    /// Enabled, and until when.
    pub attributes: Option<Attributes>,
    /// The identifier of the current version.
    pub secret_uri_with_version: Option<String>,
    /// `application/x-pkcs12` for a certificate with its key.
    pub content_type: Option<String>,
}

/// `attributes` of a secret, on either plane.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Attributes {
    /// A disabled secret cannot be read.
    pub enabled: Option<bool>,
    /// When it ends, in seconds since 1970. It does not stop a read.
    pub exp: Option<i64>,
}
