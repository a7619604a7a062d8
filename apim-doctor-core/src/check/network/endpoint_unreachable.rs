//! `network.endpoint-unreachable`: the origin's network has no way to the private endpoint.

use crate::base::ResourceId;
use crate::eval::endpoint::VaultEndpoint;
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
        code: "network.endpoint-unreachable",
        summary: "the origin's network has no way to the private endpoint",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, endpoint: &VaultEndpoint, network: &ResourceId, why: &str) -> Finding {
    let message = format!("private endpoint `{}` in network `{}` cannot be reached: {why}", endpoint.id.name(), network.name());
    ctx.finding(&CHECK, &endpoint.id, message)
}
