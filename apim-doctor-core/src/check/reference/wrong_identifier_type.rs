//! `reference.wrong-identifier-type`: the identifier is not that of a secret.

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
        code: "reference.wrong-identifier-type",
        summary: "the identifier is not that of a secret",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, kind: &str, suggestion: Option<&str>) -> Finding {
    let _ = suggestion;
    let message = format!("`{}` refers to {kind}; API Management takes the identifier of a secret only", ctx.case.path.label);
    ctx.finding(&CHECK, &ctx.declared_in(), message)
}
