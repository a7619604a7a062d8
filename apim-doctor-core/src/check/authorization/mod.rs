//! Findings of the authorization gate: is the identity or the key allowed to do the operation?

pub(crate) mod condition_not_met;
pub(crate) mod control_plane_role_only;
pub(crate) mod denied;
pub(crate) mod first_party_principal_not_granted;
pub(crate) mod group_grant_not_effective;
pub(crate) mod no_grant;
pub(crate) mod policy_mode_ignores_roles;
pub(crate) mod propagation_delay;
pub(crate) mod rbac_mode_ignores_access_policies;
pub(crate) mod role_definition_missing;
pub(crate) mod role_lacks_action;
pub(crate) mod scope_does_not_cover;
pub(crate) mod shared_key_disabled;
pub(crate) mod wrong_principal_granted;
