//! Key Vault: the vault, its access policies, and what Azure says of an object.
//!
//! Source: <https://learn.microsoft.com/azure/templates/microsoft.keyvault/vaults> (read 2026-11-21).

use serde::Deserialize;

use crate::base::{ObjectId, ResourceId};
use crate::model::firewall::{NetworkRuleSet, PrivateEndpointConnection};
use crate::model::or_default;

/// `properties` of a vault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Vault {
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
    /// `false`: deleted objects are gone at once; absent: `true`.
    pub enable_soft_delete: Option<bool>,
    /// `true`: deleted objects cannot be purged before their time; absent: `false`.
    pub enable_purge_protection: Option<bool>,
}

/// One access policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AccessPolicyEntry {
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
pub(crate) struct Permissions {
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

/// `properties` of an entry of `deletedVaults`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DeletedVault {
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
pub(crate) struct Secret {
    /// Enabled, and until when.
    pub attributes: Option<Attributes>,
    /// The identifier of the current version.
    pub secret_uri_with_version: Option<String>,
    /// `application/x-pkcs12` for a certificate with its key.
    pub content_type: Option<String>,
}

/// What Resource Manager says of a key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Key {
    /// Enabled, and until when.
    pub attributes: Option<Attributes>,
    /// `RSA`, `RSA-HSM`, `EC`, …
    pub kty: Option<String>,
    /// The identifier of the current version.
    pub key_uri_with_version: Option<String>,
}

/// `attributes` of a secret or a key, on either plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Attributes {
    /// A disabled secret cannot be read.
    pub enabled: Option<bool>,
    /// When it ends, in seconds since 1970. It does not stop a read.
    pub exp: Option<i64>,
    /// When the current version was made, in seconds since 1970.
    pub created: Option<i64>,
    /// When it was last changed, in seconds since 1970.
    pub updated: Option<i64>,
}
