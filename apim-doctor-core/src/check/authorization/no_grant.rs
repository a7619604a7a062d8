//! `authorization.no-grant`: nothing lets the identity read.

use crate::check::{Context, caller, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// Nothing on the vault lets the identity read: no role assignment at the object or above it, or no access policy,
    /// whichever the vault uses.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … has GET permissions on secrets in the KeyVault Access Policies.` API
    /// Management says "Access Policies" even where the vault uses roles. The vault itself says `Caller is not
    /// authorized to perform action on resource.` (`ForbiddenByRbac`) or `Caller was not found on any access policy.`
    ///
    /// ## When this check stays quiet
    ///
    /// A list of role assignments was not read in full, a group may hold the role, or a condition could not be judged:
    /// the gate is then unknown. A grant that is near but wrong has a finding of its own.
    pub(crate) static CHECK = {
        code: "authorization.no-grant",
        summary: "nothing lets the identity read",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
            "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!("nothing on vault `{}` lets {} read", ctx.vault_name(), caller(ctx));
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
