//! `network.not-routed-through-vnet`: the traffic does not go through the network that the vault lets in.

use crate::base::ResourceId;
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
        code: "network.not-routed-through-vnet",
        summary: "the traffic does not go through the network that the vault lets in",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, location: &str, subnet: &ResourceId) -> Finding {
    let message = format!("a location that fetches `{location}` is in no network; the vault lets in only subnet `{}`", subnet.name());
    ctx.finding(&CHECK, &ctx.case.path.resource, message)
}
