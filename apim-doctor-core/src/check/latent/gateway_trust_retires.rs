//! `latent.gateway-trust-retires`: the gateway's trusted access ends.

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
        code: "latent.gateway-trust-retires",
        summary: "the gateway's trusted access ends",
        severity: Severity::Warning,
        sources: [
            "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, on: &str) -> Finding {
    let message = format!("the call is let in only as a trusted service; that ends on {on}");
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
