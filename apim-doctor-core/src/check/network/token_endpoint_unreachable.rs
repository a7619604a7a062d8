//! Explains `network.token-endpoint-unreachable`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;
use crate::path::reason::Block;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, by: &Block) -> Finding {
    let message = format!("{} `{}` stops {} on port 443, so no token is issued", by.kind, by.rule, by.destination);
    let mut finding = ctx.finding(&by.resource, message);
    finding.fixes = remedy::unblock(ctx, by);
    finding.confirm = ctx.remedies().signs_in(ctx);
    finding
}

/// The instance's own check of the sign-in endpoint fails, and what stops it was not collected.
pub(crate) fn explain_check(ctx: &Context<'_, '_>, host: &str, way: Option<&ResourceId>) -> Finding {
    let instance = &ctx.case.path.resource;
    let message =
        format!("instance `{}` does not reach the sign-in endpoint `{host}`, by its own check", instance.name());
    let mut finding = ctx.finding(way.unwrap_or(instance), message);
    finding.fixes = vec![remedy::let_through(way, "AzureActiveDirectory")];
    finding.confirm = Some(remedy::network_checks(ctx, host));
    finding
}
