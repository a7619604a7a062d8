//! `platform.feature-unsupported`: the feature is documented not to work here.

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
        code: "platform.feature-unsupported",
        summary: "the feature is documented not to work here",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, feature: &str) -> Finding {
    let message = format!("{feature} are documented not to work");
    ctx.finding(&CHECK, &ctx.declared_in(), message)
}
