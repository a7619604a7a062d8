//! Explains `latent.gateway-trust-retires`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, on: &str) -> Finding {
    let message = format!("the call is let in only as a trusted service; that ends on {on}");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_caller(ctx);
    finding
}
