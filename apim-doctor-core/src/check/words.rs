//! Describes the caller and the object of a path in words.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::path::{Credential, PrincipalKind};

/// Describes the calling identity.
pub(super) fn caller(ctx: &Context<'_, '_>) -> String {
    match &ctx.diagnosis.principal {
        Some(p) if p.kind == PrincipalKind::FirstParty => match &ctx.case.path.credential {
            Credential::FirstParty(party) => format!("`{}`", party.name),
            _ => "the platform".to_owned(),
        },
        Some(p) if p.is_system_assigned() => match is_slot(&p.resource) {
            true => format!("the system-assigned identity of {}", app_in_words(&p.resource)),
            false => format!("the system-assigned identity of `{}`", p.resource.name()),
        },
        Some(p) => format!("identity `{}`", p.resource.name()),
        None => "the identity".to_owned(),
    }
}

/// Describes the requested object.
pub(super) fn object(ctx: &Context<'_, '_>) -> String {
    ctx.diagnosis.reference.as_ref().map(|r| r.object()).unwrap_or_default()
}

/// Whether the id is a slot, not an app.
pub(super) fn is_slot(id: &ResourceId) -> bool {
    id.within("Microsoft.Web/sites").is_some_and(|app| app != *id)
}

/// Describes an app or a slot.
pub(super) fn app_in_words(id: &ResourceId) -> String {
    match id.within("Microsoft.Web/sites").filter(|app| app != id) {
        Some(app) => format!("slot `{}` of app `{}`", id.name(), app.name()),
        None => format!("app `{}`", id.name()),
    }
}
