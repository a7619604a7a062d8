//! `authorization.denied`: a deny assignment applies.

use crate::base::ResourceId;
use crate::check::{Context, caller, declare_check};
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
        code: "authorization.denied",
        summary: "a deny assignment applies",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/role-based-access-control/deny-assignments",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, id: &ResourceId, name: &str) -> Finding {
    let message = format!("deny assignment `{name}` keeps {} out, whatever its roles say", caller(ctx));
    ctx.finding(&CHECK, id, message)
}
