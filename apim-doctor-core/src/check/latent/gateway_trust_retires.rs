//! Explains `latent.gateway-trust-retires`.

use crate::check::context::Context;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, on: &str) -> Finding {
    let message = format!("the firewall allows the call only as a trusted service, which ends on {on}");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = ctx.remedies().open_firewall(ctx);
    finding
}
