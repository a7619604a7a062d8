//! `authorization.no-grant`: nothing lets the identity read.

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
        code: "authorization.no-grant",
        summary: "nothing lets the identity read",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!("nothing on vault `{}` lets {} read", ctx.vault_name(), caller(ctx));
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
