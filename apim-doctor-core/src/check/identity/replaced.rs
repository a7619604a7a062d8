//! `identity.replaced`: the grant names an identity that no longer exists.

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
        code: "identity.replaced",
        summary: "the grant names an identity that no longer exists",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, gone: &OtherGrant) -> Finding {
    let message = format!("the grant on vault `{}` names `{}`, {}", ctx.vault_name(), gone.granted, gone.is);
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
