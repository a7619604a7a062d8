//! `firewall.source-not-allowed`: no rule of the vault's firewall lets the source in.

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
        code: "firewall.source-not-allowed",
        summary: "no rule of the vault's firewall lets the source in",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/network-security",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!("no rule of vault `{}` lets in where the call comes from", ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
