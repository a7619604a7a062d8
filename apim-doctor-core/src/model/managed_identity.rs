//! User-assigned identities as resources.
//!
//! `identities/default` also answers a `clientSecretUrl`; this type has no field for it, so it is never kept.
//! Source: <https://learn.microsoft.com/azure/templates/microsoft.managedidentity/userassignedidentities>
//! (read 2026-11-21).

use serde::Deserialize;

use crate::base::ObjectId;

/// `properties` of a user-assigned identity.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct UserAssignedIdentity {
    /// The object id of its service principal.
    pub principal_id: Option<ObjectId>,
    /// Its client id.
    pub client_id: Option<ObjectId>,
    /// Its tenant.
    pub tenant_id: Option<ObjectId>,
}

/// `properties` of `{resource}/providers/Microsoft.ManagedIdentity/identities/default`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SystemAssignedIdentity {
    /// The object id of its service principal.
    pub principal_id: Option<ObjectId>,
    /// Its client id.
    pub client_id: Option<ObjectId>,
    /// Its tenant.
    pub tenant_id: Option<ObjectId>,
}
