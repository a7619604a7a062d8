//! `firewall.trusted-services-off`: the trusted-services exception is off.

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
        code: "firewall.trusted-services-off",
        summary: "the trusted-services exception is off",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/network-security",
            "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!("vault `{}` does not let trusted Microsoft services in, and this call would be one", ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
