//! `authorization.propagation-delay`: the role was assigned minutes ago.

use crate::eval::rbac::Held;
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
        code: "authorization.propagation-delay",
        summary: "the role was assigned minutes ago",
        severity: Severity::Warning,
        sources: [
            "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!("`{}` was assigned to {} less than ten minutes before, and may not be effective yet", held.role, caller(ctx));
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
