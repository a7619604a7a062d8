//! `object.disabled`: the object is disabled.

use crate::check::{Context, declare_check, object};
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
        code: "object.disabled",
        summary: "the object is disabled",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, said_by: &str) -> Finding {
    let message = format!("`{}` in vault `{}` is disabled, says {said_by}", object(ctx), ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
