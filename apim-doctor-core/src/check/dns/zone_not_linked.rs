//! `dns.zone-not-linked`: the private DNS zone is not linked to the network that resolves.

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
        code: "dns.zone-not-linked",
        summary: "the private DNS zone is not linked to the network that resolves",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, zone: Option<&ResourceId>, network: &ResourceId, endpoint: &VaultEndpoint) -> Finding {
    let _ = endpoint;
    let message = format!("network `{}` does not see zone `{}`, so it gets the public address of vault `{}`", network.name(), ctx.case.estate.cloud.vault_zone, ctx.vault_name());
    ctx.finding(&CHECK, network, message)
}
