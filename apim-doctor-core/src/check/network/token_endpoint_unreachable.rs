//! `network.token-endpoint-unreachable`: a rule or route stops the traffic to the sign-in endpoint.

use crate::path::reason::Block;
use crate::check::{Context, declare_check};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// TODO
    ///
    /// ## What you will see
    ///
    /// TODO
    ///
    /// ## When this check stays quiet
    ///
    /// TODO
    pub(crate) static CHECK = {
        code: "network.token-endpoint-unreachable",
        summary: "a rule or route stops the traffic to the sign-in endpoint",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/virtual-network-reference",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, by: &Block) -> Finding {
    let message = format!("{} `{}` stops AzureActiveDirectory on port 443, so no token is issued", by.kind, by.rule);
    ctx.finding(&CHECK, &by.resource, message)
}
