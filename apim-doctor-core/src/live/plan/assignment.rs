//! Role assignments, as far as they matter for a vault's secrets.

use serde_json::Value;

use super::body::{folded, text};
use crate::base::{ResourceId, action_matches};
use crate::knowledge::roles;
use crate::model::authorization::Permission;

/// Source: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide> (read 2026-11-21).
const SECRET_GET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

/// A role assignment, as far as it matters here.
#[derive(Clone, Debug)]
pub(super) struct Assignment {
    pub(super) scope: ResourceId,
    pub(super) principal: String,
    pub(super) is_group: bool,
}

impl Assignment {
    /// Reads an assignment, if its role may allow its holder to read secrets.
    pub(super) fn of(body: &Value) -> Option<Self> {
        let role = text(body, "/properties/roleDefinitionId")?;
        let grants = |(_, permissions): (_, &[Permission])| {
            let data = permissions.iter().flat_map(|permission| &permission.data_actions);
            data.into_iter().any(|pattern| action_matches(pattern, SECRET_GET))
        };
        // A custom role may grant anything.
        let guid = role.rsplit('/').next().unwrap_or_default();
        roles::permissions_of(guid).is_none_or(grants).then_some(())?;
        Some(Self {
            scope: ResourceId::new(text(body, "/properties/scope")?),
            principal: folded(text(body, "/properties/principalId")?),
            is_group: text(body, "/properties/principalType").is_some_and(|kind| kind.eq_ignore_ascii_case("Group")),
        })
    }

    /// Whether it is held at a vault, above or below it.
    pub(super) fn concerns(&self, vault: &ResourceId) -> bool {
        let management_group = self.scope.subscription().is_none();
        management_group || vault.is_within(&self.scope) || self.scope.is_within(vault)
    }
}
