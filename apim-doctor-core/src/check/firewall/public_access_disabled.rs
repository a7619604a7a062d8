//! Explains `firewall.public-access-disabled`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let message = format!("public access to {noun} `{vault}` is disabled, and the call uses its public endpoint");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = ctx.remedies().open_firewall(ctx);
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` from a public address"));
    finding
}
