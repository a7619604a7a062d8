//! `authorization.control-plane-role-only`: only a management role is held.

use crate::check::{Context, caller, declare_check, remedy};
use crate::eval::rbac::Held;
use crate::finding::{Finding, Severity};
use crate::path::Form;

declare_check! {
    /// ## What it means
    ///
    /// The identity holds a role such as Owner, Contributor, Reader, Key Vault Contributor or Storage Account
    /// Contributor. Those manage the vault or storage account as a resource; none of them has a data action, so none
    /// reads a secret or a blob. Management actions and data actions never mix.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … has GET permissions on secrets in the KeyVault Access Policies.` The vault
    /// answers `ForbiddenByRbac` for `Microsoft.KeyVault/vaults/secrets/getSecret/action` with `Assignment: (not
    /// found)`. A Key Vault reference of an app shows `AccessToKeyVaultDenied`. A storage account answers
    /// `AuthorizationPermissionMismatch`: `This request is not authorized to perform this operation using this
    /// permission.`
    ///
    /// ## When this check stays quiet
    ///
    /// Another role, perhaps inherited, lets the identity read; or what a custom role allows was not read.
    pub(crate) static CHECK = {
        code: "authorization.control-plane-role-only",
        summary: "only a management role is held",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/azure-functions/functions-reference",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = match ctx.case.path.form {
        Form::Storage => format!(
            "{} holds `{}`, which manages storage accounts and opens none of their data; it needs `{}`",
            caller(ctx),
            held.role,
            remedy::least_role(ctx).1
        ),
        _ => format!("{} holds `{}`, which manages vaults and reads no secrets", caller(ctx), held.role),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
