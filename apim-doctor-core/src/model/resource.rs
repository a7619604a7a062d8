//! The envelope that every Azure resource comes in.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::base::{ObjectId, ResourceId};

/// A resource as Resource Manager, Resource Graph or an export writes it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Resource<P> {
    /// The id; filled in by the reader where the body leaves it out.
    #[serde(default = "no_id", alias = "Id", deserialize_with = "id_or_none")]
    pub id: ResourceId,
    /// The region.
    #[serde(default, alias = "Location")]
    pub location: Option<String>,
    /// What flavour of its type it is: of an app, `functionapp,linux`.
    #[serde(default, alias = "Kind")]
    pub kind: Option<Box<str>>,
    /// The managed identities attached to it.
    #[serde(default, alias = "Identity")]
    pub identity: Option<ManagedIdentity>,
    /// The tier.
    #[serde(default, alias = "Sku")]
    pub sku: Option<Sku>,
    /// Who changed it last, and when.
    #[serde(default, alias = "SystemData", rename = "systemData")]
    pub system_data: Option<Box<SystemData>>,
    /// Everything else.
    #[serde(alias = "Properties")]
    pub properties: P,
}

/// `systemData` of a resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SystemData {
    /// When it was changed last.
    pub last_modified_at: Option<String>,
}

fn no_id() -> ResourceId {
    ResourceId::new("")
}

fn id_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ResourceId, D::Error> {
    Ok(Option::<ResourceId>::deserialize(deserializer)?.unwrap_or_else(no_id))
}

impl<P> Resource<P> {
    /// The last segment of the id.
    pub(crate) fn name(&self) -> &str {
        self.id.name()
    }
}

/// `sku` of a resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sku {
    /// `Developer`, `StandardV2`, …
    #[serde(alias = "Name")]
    pub name: Option<String>,
    /// `ElasticPremium`, `Dynamic`, …: of a plan, the family of tiers.
    #[serde(alias = "Tier")]
    pub tier: Option<String>,
}

/// A reference to another resource: `{ "id": "…" }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct SubResource {
    /// The id of the other resource; empty where none is named.
    #[serde(default = "no_id", deserialize_with = "id_or_none")]
    pub id: ResourceId,
}

/// Reads a reference; one that names nothing (`{}`, `{ "id": null }`) is none.
pub(crate) fn sub_resource<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SubResource>, D::Error> {
    Ok(Option::<SubResource>::deserialize(deserializer)?.filter(|to| !to.id.as_str().is_empty()))
}

/// `identity` of a resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ManagedIdentity {
    /// `SystemAssigned`, `UserAssigned`, both with a comma, or `None`.
    #[serde(default, alias = "Type")]
    pub r#type: Option<String>,
    /// The principal of the system-assigned identity.
    #[serde(default, alias = "PrincipalId")]
    pub principal_id: Option<ObjectId>,
    /// The tenant of the identities.
    #[serde(default, alias = "TenantId")]
    pub tenant_id: Option<ObjectId>,
    /// The attached user-assigned identities, by resource id.
    #[serde(default, alias = "UserAssignedIdentities", deserialize_with = "or_default")]
    pub user_assigned_identities: BTreeMap<String, Option<UserAssignedEntry>>,
}

impl ManagedIdentity {
    /// Whether `type` names this kind. The list is split on commas and compared without regard to case:
    /// writers print it with and without a blank.
    fn has(&self, kind: &str) -> bool {
        let types = self.r#type.as_deref().unwrap_or_default();
        types.split(',').any(|t| t.trim().eq_ignore_ascii_case(kind))
    }

    /// Whether the system-assigned identity is enabled.
    pub(crate) fn is_system_assigned(&self) -> bool {
        self.has("SystemAssigned")
    }

    /// Whether user-assigned identities are enabled.
    pub(crate) fn is_user_assigned(&self) -> bool {
        self.has("UserAssigned")
    }
}

/// One attached user-assigned identity.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserAssignedEntry {
    /// The object id of its service principal.
    #[serde(default)]
    pub principal_id: Option<ObjectId>,
    /// Its client id.
    #[serde(default)]
    pub client_id: Option<ObjectId>,
}

/// Reads `null` as the default: Azure writes `null` for an empty list or object in many places.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
