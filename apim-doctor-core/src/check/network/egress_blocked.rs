//! `network.egress-blocked`: a rule or route stops the traffic to the vault.

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
        code: "network.egress-blocked",
        summary: "a rule or route stops the traffic to the vault",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, by: &Block) -> Finding {
    let message = format!("{} `{}` stops {} on port 443", by.kind, by.rule, by.destination);
    ctx.finding(&CHECK, &by.resource, message)
}
