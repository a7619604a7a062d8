//! `reference.syntax`: the identifier is malformed.

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
        code: "reference.syntax",
        summary: "the identifier is malformed",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, problem: &crate::path::Malformed) -> Finding {
    let message = format!("the reference of `{}` is malformed: {problem}", ctx.case.path.label);
    ctx.finding(&CHECK, &ctx.declared_in(), message)
}
