//! Explains `firewall.source-not-allowed`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let message = format!("no firewall rule of {noun} `{vault}` allows the caller's address or subnet");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = ctx.remedies().open_firewall(ctx);
    finding.confirm =
        Some(remedy::audit_log(ctx, format!("`Forbidden` from an address that no rule of the {noun} allows")));
    finding
}
