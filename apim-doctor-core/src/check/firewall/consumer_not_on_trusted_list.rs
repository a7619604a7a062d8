//! Explains `firewall.consumer-not-on-trusted-list`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let covered = match ctx.is_app() {
        true => "an app",
        false => "the gateway of an instance created since 2025-12-01",
    };
    let message = format!("the exception of {noun} `{vault}` is on and does not cover {covered}");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_caller(ctx);
    let caller = if ctx.is_app() { "app" } else { "gateway" };
    finding.confirm = Some(remedy::audit_log(ctx, format!("`Forbidden` from an address of the {caller}")));
    finding
}
