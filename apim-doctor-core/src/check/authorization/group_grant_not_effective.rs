//! `authorization.group-grant-not-effective`: only a group holds the role.

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
        code: "authorization.group-grant-not-effective",
        summary: "only a group holds the role",
        severity: Severity::Warning,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/troubleshooting-access-issues",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!("only a group holds `{}`; whether {} is in it was not seen, and it can take hours to count", held.role, caller(ctx));
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
