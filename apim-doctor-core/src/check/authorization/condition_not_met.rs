//! `authorization.condition-not-met`: the condition of the role assignment excludes this object.

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
        code: "authorization.condition-not-met",
        summary: "the condition of the role assignment excludes this object",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rbac-abac",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held, condition: &str) -> Finding {
    let message = format!("the condition on `{}` of {} excludes this object: {condition}", held.role, caller(ctx));
    ctx.finding(&CHECK, &held.assignment, message)
}
