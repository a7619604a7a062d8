//! Explains `firewall.consumer-not-on-trusted-list`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;
use crate::knowledge::trust::TrustRule;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let path = ctx.case.path;
    let (covered, caller) = match path.trust {
        TrustRule::Gateway { .. } => ("the gateway of an instance created since 2025-12-01", "gateway"),
        TrustRule::AnyIdentity { .. } | TrustRule::SystemAssigned | TrustRule::Never => {
            (path.caller_kind().facts().one, path.caller())
        }
    };
    let message = format!("the trusted-services exception of {noun} `{vault}` is on, but does not cover {covered}");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = ctx.remedies().open_firewall(ctx);
    finding.confirm = Some(remedy::audit_log(ctx, format!("`Forbidden` from an address of the {caller}")));
    finding
}
