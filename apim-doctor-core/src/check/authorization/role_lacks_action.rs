//! `authorization.role-lacks-action`: the role or policy does not hold what is needed.

use crate::eval::rbac::Held;
use crate::check::{Context, caller, declare_check};
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
        code: "authorization.role-lacks-action",
        summary: "the role or policy does not hold what is needed",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!("{} holds `{}`, which does not let it read the secret", caller(ctx), held.role);
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}

/// The same for an access policy without `get`.
pub(crate) fn explain_policy(ctx: &Context<'_, '_>, entry: usize) -> Finding {
    let message =
        format!("access policy {} of vault `{}` does not let {} `get` it", entry + 1, ctx.vault_name(), caller(ctx));
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
