//! `authorization.wrong-principal-granted`: the grant is for another principal.

use crate::path::reason::OtherGrant;
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
        code: "authorization.wrong-principal-granted",
        summary: "the grant is for another principal",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/troubleshooting-access-issues",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, grant: &OtherGrant) -> Finding {
    let message = format!("the grant on vault `{}` is for `{}`: {}", ctx.vault_name(), grant.granted, grant.is);
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
