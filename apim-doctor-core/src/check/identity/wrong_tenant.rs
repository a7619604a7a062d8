//! `identity.wrong-tenant`: the vault trusts another tenant than the identity's.

use crate::base::ObjectId;
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
        code: "identity.wrong-tenant",
        summary: "the vault trusts another tenant than the identity's",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/authentication",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, vault: &ObjectId, identity: &ObjectId) -> Finding {
    let message = format!("vault `{}` trusts tenant {vault}; the identity is in {identity}", ctx.vault_name());
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
