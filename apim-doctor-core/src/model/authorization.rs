//! Role assignments, role definitions and deny assignments.
//!
//! Source: <https://learn.microsoft.com/azure/role-based-access-control/overview> (read 2026-11-21).

use serde::Deserialize;

use crate::base::{ObjectId, ResourceId};
use crate::model::or_default;

/// The type of role assignments, in lower case.
pub(crate) const ROLE_ASSIGNMENTS: &str = "microsoft.authorization/roleassignments";
/// The type of deny assignments, in lower case.
pub(crate) const DENY_ASSIGNMENTS: &str = "microsoft.authorization/denyassignments";
/// Both. Azure answers for them at scopes that do not exist, too; and their lists hold more than one scope's.
pub(crate) const GRANTS: [&str; 2] = [ROLE_ASSIGNMENTS, DENY_ASSIGNMENTS];

/// `properties` of a role assignment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RoleAssignment {
    /// The role; only the last segment counts.
    pub role_definition_id: Option<ResourceId>,
    /// Who holds it.
    pub principal_id: Option<ObjectId>,
    /// `ServicePrincipal`, `User`, `Group`, `ForeignGroup` or `Device`.
    pub principal_type: Option<String>,
    /// Where it is held.
    pub scope: Option<ResourceId>,
    /// When the role counts.
    pub condition: Option<String>,
    /// When it was made.
    pub created_on: Option<String>,
    /// When it was last changed.
    pub updated_on: Option<String>,
}

/// `properties` of a role definition.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RoleDefinition {
    /// The name people use.
    pub role_name: Option<String>,
    /// What it allows.
    #[serde(deserialize_with = "or_default")]
    pub permissions: Vec<Permission>,
}

/// One permission object of a role or a deny assignment. What `not_actions` takes away, another object may give.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Permission {
    /// Management actions.
    #[serde(deserialize_with = "or_default")]
    pub actions: Vec<String>,
    /// Management actions taken away again.
    #[serde(deserialize_with = "or_default")]
    pub not_actions: Vec<String>,
    /// Data actions.
    #[serde(deserialize_with = "or_default")]
    pub data_actions: Vec<String>,
    /// Data actions taken away again.
    #[serde(deserialize_with = "or_default")]
    pub not_data_actions: Vec<String>,
    /// When it counts.
    pub condition: Option<String>,
}

/// `properties` of a deny assignment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DenyAssignment {
    /// The name people use.
    pub deny_assignment_name: Option<String>,
    /// What it denies.
    #[serde(deserialize_with = "or_default")]
    pub permissions: Vec<Permission>,
    /// Where.
    pub scope: Option<ResourceId>,
    /// `true`: only at exactly that scope.
    pub do_not_apply_to_child_scopes: Option<bool>,
    /// Whom it hits.
    #[serde(deserialize_with = "or_default")]
    pub principals: Vec<DenyPrincipal>,
    /// Whom it spares.
    #[serde(deserialize_with = "or_default")]
    pub exclude_principals: Vec<DenyPrincipal>,
    /// Made by Azure itself: it is enforced.
    pub is_system_protected: Option<bool>,
    /// `enforced` or `audit`; only newer api-versions answer it.
    pub deny_assignment_effect: Option<String>,
    /// When it counts.
    pub condition: Option<String>,
}

/// A principal named by a deny assignment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DenyPrincipal {
    /// The object id; all zeros with type `SystemDefined`: everyone.
    pub id: Option<ObjectId>,
    /// `User`, `Group`, `ServicePrincipal` or `SystemDefined`.
    pub r#type: Option<String>,
}

/// `properties` of a management lock.
///
/// Source: <https://learn.microsoft.com/azure/templates/microsoft.authorization/locks> (read 2026-11-29).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Lock {
    /// `ReadOnly` or `CanNotDelete`.
    pub level: Option<String>,
}
