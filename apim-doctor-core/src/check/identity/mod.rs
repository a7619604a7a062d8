//! Findings of the identity gate: can the caller get a token?

pub(crate) mod client_id_not_specified;
pub(crate) mod created_in_same_deployment;
pub(crate) mod id_kind_mismatch;
pub(crate) mod not_assigned_to_host;
pub(crate) mod not_enabled;
pub(crate) mod reference_identity_not_selected;
pub(crate) mod replaced;
pub(crate) mod wrong_audience;
pub(crate) mod wrong_tenant;

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::{self, Change, Selected};
use crate::eval::store::Store;
use crate::finding::{Fix, Safety};
use crate::model::managed_identity::UserAssignedIdentity;

/// Selects an attached identity and grants it access. One that already has access comes first.
fn select_attached(ctx: &Context<'_, '_>) -> Vec<Fix> {
    let Attached { ready, others } = attached(ctx);
    ready.into_iter().chain(others).collect()
}

/// Fixes that use an attached identity.
struct Attached {
    /// The identity already has access: only the selection changes.
    ready: Vec<Fix>,
    /// The identity needs access first.
    others: Vec<Fix>,
}

/// Fixes that use each attached identity.
fn attached(ctx: &Context<'_, '_>) -> Attached {
    let mut found = Attached { ready: Vec::new(), others: Vec::new() };
    let Some((caller, store)) = ctx.case.caller().known().zip(ctx.store()) else { return found };
    let Some(identity) = caller.identity else { return found };
    if let Some(principal) = identity.principal_id.as_ref().filter(|_| identity.is_system_assigned()) {
        let select = ctx.remedies().select(ctx, Selected::SystemAssigned).unwrap_or_default();
        if !select.is_empty() && remedy::grant(ctx, principal).is_none() {
            let title = "use the system-assigned identity, which is enabled and already has access";
            found.ready.push(select.fix(title, Safety::Review));
        }
    }
    for (id, entry) in &identity.user_assigned_identities {
        let id = ResourceId::new(id);
        let entry = entry.clone().unwrap_or_default();
        let own = ctx.case.estate.get::<UserAssignedIdentity>(&id).known().map(|r| r.properties.clone());
        let own = own.unwrap_or_default();
        let Some(principal_id) = entry.principal_id.or(own.principal_id) else { continue };
        let client_id = entry.client_id.or(own.client_id);
        let selected = Selected::UserAssigned { id: &id, client_id: client_id.as_ref() };
        let Some(select) = ctx.remedies().select(ctx, selected) else { continue };
        let grant = remedy::grant(ctx, &principal_id);
        let is_ready = grant.is_none();
        let then = match (store, is_ready) {
            (Store::Vault(_), true) => "already has access",
            (Store::Account(_), true) => "already has the role",
            (Store::Vault(_), false) => "give it read access",
            (Store::Account(_), false) => "give it the role",
        };
        let title = match is_ready {
            true => format!("select identity `{}`, which is attached and {then}", id.name()),
            false => format!("select attached identity `{}`, and {then}", id.name()),
        };
        let fix = Change::default().and(grant).and(Some(select)).fix(title, Safety::Review);
        if is_ready { found.ready.push(fix) } else { found.others.push(fix) }
    }
    found
}
