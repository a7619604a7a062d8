//! `identity.not-enabled`: the identity that the reference selects is not enabled.

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
        code: "identity.not-enabled",
        summary: "the identity that the reference selects is not enabled",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = "the system-assigned identity is used and is not enabled".to_owned();
    ctx.finding(&CHECK, &ctx.case.path.resource, message)
}
