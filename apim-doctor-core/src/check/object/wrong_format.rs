//! `object.wrong-format`: the object is not a certificate with its private key.

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
        code: "object.wrong-format",
        summary: "the object is not a certificate with its private key",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/configure-custom-domain",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, problem: &str) -> Finding {
    let message = format!("`{}` in vault `{}` is not PKCS#12 with a private key: {problem}", object(ctx), ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
