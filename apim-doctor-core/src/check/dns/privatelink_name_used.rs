//! `dns.privatelink-name-used`: the privatelink name stands where the public name belongs.

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
        code: "dns.privatelink-name-used",
        summary: "the privatelink name stands where the public name belongs",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, public_name: &str) -> Finding {
    let message = format!("the reference names the privatelink host; use `{public_name}`");
    ctx.finding(&CHECK, &ctx.declared_in(), message)
}
