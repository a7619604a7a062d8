//! Explains `firewall.gateway-trust-retired`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;
use crate::knowledge::trust::GATEWAY_RETIREMENT;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let vault = ctx.vault_name();
    let message = format!(
        "vault `{vault}` no longer trusts calls of the gateway; fetching named values and certificates is still trusted"
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = ctx.remedies().open_firewall(ctx);
    finding.confirm = Some(remedy::audit_log(
        ctx,
        format!("`Forbidden` from an address of the gateway, and only that since {GATEWAY_RETIREMENT} or the switch"),
    ));
    finding
}
