//! `network.private-endpoint-not-approved`: the private endpoint is not approved.

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
        code: "network.private-endpoint-not-approved",
        summary: "the private endpoint is not approved",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/private-link/private-endpoint-overview",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, endpoint: &VaultEndpoint) -> Finding {
    let message = format!("private endpoint `{}` is `{}`; only an approved one carries traffic", endpoint.id.name(), endpoint.status);
    ctx.finding(&CHECK, &endpoint.id, message)
}
