//! `latent.control-plane-address-in-rules`: an address rule may be what lets the control plane in.

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
        code: "latent.control-plane-address-in-rules",
        summary: "an address rule may be what lets the control plane in",
        severity: Severity::Warning,
        sources: [
            "https://github.com/MicrosoftDocs/azure-docs/issues/113840",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!("`ipRules` of vault `{}` may hold an address of API Management's control plane; that is not supported, and addresses change", ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
