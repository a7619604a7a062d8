//! `latent.refresh-failed`: the last refresh failed, or none came for a day.

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
        code: "latent.refresh-failed",
        summary: "the last refresh failed, or none came for a day",
        severity: Severity::Warning,
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-properties",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = ctx.case.path.last.as_ref().map(|last| refresh(ctx, last)).unwrap_or_default();
    ctx.finding(&CHECK, &ctx.declared_in(), message)
}

fn refresh(ctx: &Context<'_, '_>, last: &crate::path::LastRefresh) -> String {
    let label = &ctx.case.path.label;
    let at = last.at.map(|at| format!(" at {at}")).unwrap_or_default();
    match last.succeeded {
        true => format!("`{label}` was last fetched{at}; a refresh is due every four hours"),
        false => format!("the last refresh of `{label}` failed{at}"),
    }
}
