//! `authorization.scope-does-not-cover`: the role is held at a scope that does not contain the vault.

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
        code: "authorization.scope-does-not-cover",
        summary: "the role is held at a scope that does not contain the vault",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/role-based-access-control/overview",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!("{} holds `{}` at `{}`, which does not contain vault `{}`", caller(ctx), held.role, held.scope, ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
