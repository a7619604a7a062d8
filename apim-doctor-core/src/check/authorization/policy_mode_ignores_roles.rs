//! `authorization.policy-mode-ignores-roles`: the vault uses access policies, so data roles have no effect.

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
        code: "authorization.policy-mode-ignores-roles",
        summary: "the vault uses access policies, so data roles have no effect",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/access-control-default",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!("vault `{}` uses access policies; role `{}` of {} has no effect", ctx.vault_name(), held.role, caller(ctx));
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
