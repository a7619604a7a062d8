//! `object.missing`: the object is not in the vault.

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
        code: "object.missing",
        summary: "the object is not in the vault",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, said_by: &str) -> Finding {
    let message = format!("`{}` is not in vault `{}`, says {said_by}", object(ctx), ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
