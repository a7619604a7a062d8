//! Explains `identity.reference-identity-not-selected`.
//! have.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, attached: &[ResourceId]) -> Finding {
    let names = attached.iter().map(|id| format!("`{}`", id.name())).collect::<Vec<_>>().join(", ");
    let message = format!(
        "references of {} use the system-assigned identity, which it does not have; attached: {names}",
        remedy::app_in_words(&ctx.case.path.resource)
    );
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = super::select_attached(ctx);
    finding.confirm =
        Some(remedy::app_identity(ctx, "`SystemAssigned` or nothing, and an identity that is user-assigned only"));
    finding
}
