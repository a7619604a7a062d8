//! `dns.not-forwarded`: the network's own DNS server does not ask Azure.

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
        code: "dns.not-forwarded",
        summary: "the network's own DNS server does not ask Azure",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, server: &str, network: &ResourceId, endpoint: &VaultEndpoint) -> Finding {
    let _ = endpoint;
    let message = format!("DNS server {server} of network `{}` does not forward `{}` to Azure DNS", network.name(), ctx.case.estate.cloud.key_vault_suffix);
    ctx.finding(&CHECK, network, message)
}
