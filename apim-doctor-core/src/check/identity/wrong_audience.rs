//! `identity.wrong-audience`: the token is asked for another service.

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
        code: "identity.wrong-audience",
        summary: "the token is asked for another service",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/authentication-managed-identity-policy",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, audience: &str) -> Finding {
    let message = format!("the policy asks for a token for `{audience}`, which no vault takes");
    ctx.finding(&CHECK, &ctx.declared_in(), message)
}
