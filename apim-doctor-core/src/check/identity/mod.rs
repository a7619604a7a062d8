//! Can the actor get a token?

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
use crate::check::remedy::{self, Change};
use crate::check::{Context, declared};
use crate::eval::store::Store;
use crate::finding::{Fix, Safety};
use crate::model::managed_identity::UserAssignedIdentity;
use crate::path::Form;

/// Selects an identity that is attached, and lets it in.
fn select_attached(ctx: &Context<'_, '_>) -> Vec<Fix> {
    let Some((caller, store)) = ctx.case.caller().known().zip(ctx.store()) else { return Vec::new() };
    let entries = caller.identity.map(|i| &i.user_assigned_identities).into_iter().flatten();
    let attached = entries.filter_map(|(id, entry)| {
        let id = ResourceId::new(id);
        let entry = entry.clone().unwrap_or_default();
        let own = ctx.case.estate.get::<UserAssignedIdentity>(&id).known().map(|r| r.properties.clone());
        let own = own.unwrap_or_default();
        let principal_id = entry.principal_id.or(own.principal_id)?;
        let path = ctx.case.path;
        let select = match (remedy::app(ctx), path.form) {
            (Some(app), Form::Setting) => remedy::select_for_references(&app.id, &id),
            (Some(app), _) if path.connection() == "deployment" => remedy::select_for_deployment(&app.id, &id),
            (Some(_), _) if path.is_package() => remedy::select_for_package(ctx, &id)?,
            _ => declared::set_client_id(ctx, Some(&entry.client_id.or(own.client_id)?)),
        };
        let change = Change::default().and(remedy::grant(ctx, &principal_id)).and(Some(select));
        let title = match store {
            Store::Vault(_) => format!("select identity `{}`, which is attached, and let it read", id.name()),
            Store::Account(_) => format!("select identity `{}`, which is attached, and give it the role", id.name()),
        };
        Some(change.fix(title, Safety::Review))
    });
    attached.collect()
}
