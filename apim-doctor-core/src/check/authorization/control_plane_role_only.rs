//! `authorization.control-plane-role-only`: only a management role is held.

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
        code: "authorization.control-plane-role-only",
        summary: "only a management role is held",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!("{} holds `{}`, which manages vaults and reads no secrets", caller(ctx), held.role);
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
