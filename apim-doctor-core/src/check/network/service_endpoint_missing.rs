//! `network.service-endpoint-missing`: the subnet is in the vault's rules and has no service endpoint.

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
        code: "network.service-endpoint-missing",
        summary: "the subnet is in the vault's rules and has no service endpoint",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Finding {
    let message = format!("subnet `{}` has no service endpoint `Microsoft.KeyVault`, so its rule matches nothing", subnet.name());
    ctx.finding(&CHECK, subnet, message)
}
