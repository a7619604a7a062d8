//! `authorization.rbac-mode-ignores-access-policies`: the vault uses roles, so its access policies have no effect.

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
        code: "authorization.rbac-mode-ignores-access-policies",
        summary: "the vault uses roles, so its access policies have no effect",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/access-control-default",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, entry: usize) -> Finding {
    let message = format!("vault `{}` uses roles; access policy {} for {} has no effect", ctx.vault_name(), entry + 1, caller(ctx));
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
