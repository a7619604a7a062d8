//! `dns.name-unresolved`: the vault's name does not resolve.

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
        code: "dns.name-unresolved",
        summary: "the vault's name does not resolve",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, server: &str, rcode: &str, network: &ResourceId) -> Finding {
    let message = format!("DNS server {server} of network `{}` answers {rcode}", network.name());
    ctx.finding(&CHECK, network, message)
}
