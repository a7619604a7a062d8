//! `authorization.group-grant-not-effective`: only a group holds the role.

use crate::check::{Context, caller, declare_check, remedy};
use crate::eval::rbac::Held;
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// Only a group holds the role, and whether the identity is a member was not seen. Even as a member it may have to
    /// wait: tokens of managed identities carry their groups and are kept for about a day, and cannot be refreshed on
    /// demand.
    ///
    /// ## What you will see
    ///
    /// For hours after the identity joined the group: `Failed to access KeyVault Secret … has GET permissions on
    /// secrets in the KeyVault Access Policies.`, or `AccessToKeyVaultDenied` of an app's reference. Later it works
    /// without a change.
    ///
    /// ## When this check stays quiet
    ///
    /// The identity holds the role itself, or its groups were read and settle the question.
    pub(crate) static CHECK = {
        code: "authorization.group-grant-not-effective",
        summary: "only a group holds the role",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/troubleshooting-access-issues",
        ],
        app_sources: [
            "https://github.com/Azure/Azure-Functions/issues/1947",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!(
        "only a group holds `{}`; whether {} is in it was not seen, and it can take hours to count",
        held.role,
        caller(ctx)
    );
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
