//! Explains `latent.next-fetch-fails`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message =
        format!("`{}` still works from the cache; its next fetch, within 24 hours, fails", ctx.case.path.label);
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    finding.fixes = vec![remedy::by_hand("repair what the failing gate shows before the next fetch", [])];
    finding.confirm = remedy::reference_status(ctx, "`Resolved`");
    finding
}
