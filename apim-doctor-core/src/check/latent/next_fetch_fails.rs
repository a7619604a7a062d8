//! Explains `latent.next-fetch-fails`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message =
        format!("`{}` still works from the cache, but its next fetch, within 24 hours, will fail", ctx.case.path.label);
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    finding.fixes = vec![remedy::by_hand("resolve the failing gate before the next fetch", [])];
    finding.confirm = remedy::reference_status(ctx, "`Resolved`");
    finding
}
