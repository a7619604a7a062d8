//! `firewall.gateway-trust-retired`: the gateway's trusted access ended on 2026-03-15.

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
        code: "firewall.gateway-trust-retired",
        summary: "the gateway's trusted access ended on 2026-03-15",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!("the gateway is no trusted service of vault `{}` any more; named values and certificates still are", ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
