//! `firewall.consumer-not-on-trusted-list`: the trusted-services exception does not cover this call.

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
        code: "firewall.consumer-not-on-trusted-list",
        summary: "the trusted-services exception does not cover this call",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!("the exception of vault `{}` is on and does not cover the gateway of an instance created since 2025-12-01", ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
