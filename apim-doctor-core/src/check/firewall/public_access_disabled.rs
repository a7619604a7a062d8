//! `firewall.public-access-disabled`: public access is off and the call has no private way.

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
        code: "firewall.public-access-disabled",
        summary: "public access is off and the call has no private way",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/network-security",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!("public access to vault `{}` is off, and the call arrives by its public side", ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
