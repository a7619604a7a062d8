//! Explains `identity.reference-identity-not-selected`.
//! have.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, attached: &[ResourceId]) -> Finding {
    let names = attached.iter().map(|id| format!("`{}`", id.name())).collect::<Vec<_>>().join(", ");
    let message = format!(
        "references of {} use the system-assigned identity, which it does not have; attached identities: {names}",
        remedy::app_in_words(&ctx.case.path.resource)
    );
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = super::select_attached(ctx);
    finding.confirm = Some(remedy::app_identity(
        ctx,
        "`SystemAssigned` or no value, while the app has only user-assigned identities",
    ));
    finding
}
