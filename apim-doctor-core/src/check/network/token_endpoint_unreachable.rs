//! Explains `network.token-endpoint-unreachable`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;
use crate::path::reason::Block;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, by: &Block) -> Finding {
    let message = format!(
        "{} `{}` blocks traffic to {} on port 443, so the caller cannot get a token",
        by.kind, by.rule, by.destination
    );
    let mut finding = ctx.finding(&by.resource, message);
    finding.fixes = remedy::unblock(ctx, by);
    finding.confirm = ctx.remedies().signs_in(ctx);
    finding
}

/// Builds the finding for a sign-in endpoint that the instance's own network status reports as unreachable; the cause
/// was not collected.
pub(crate) fn explain_check(ctx: &Context<'_, '_>, host: &str, way: Option<&ResourceId>) -> Finding {
    let instance = &ctx.case.path.resource;
    let message = format!(
        "the network status of instance `{}` shows that it cannot reach the sign-in endpoint `{host}`",
        instance.name()
    );
    let mut finding = ctx.finding(way.unwrap_or(instance), message);
    finding.fixes = vec![remedy::let_through(way, "AzureActiveDirectory")];
    finding.confirm = Some(remedy::network_checks(ctx, host));
    finding
}
