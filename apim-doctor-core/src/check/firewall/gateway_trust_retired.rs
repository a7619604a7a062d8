//! Explains `firewall.gateway-trust-retired`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;
use crate::knowledge::trust::GATEWAY_RETIREMENT;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let vault = ctx.vault_name();
    let message = format!(
        "vault `{vault}` no longer trusts the gateway; it still trusts the fetch of named values and certificates"
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_caller(ctx);
    finding.confirm = Some(remedy::audit_log(
        ctx,
        format!(
            "`Forbidden` from an address of the gateway, and nothing but that since {GATEWAY_RETIREMENT} or the switch"
        ),
    ));
    finding
}
