//! `authorization.no-grant`: nothing lets the identity read.

use crate::check::{Context, caller, declare_check, remedy};
use crate::finding::{Finding, Severity};
use crate::path::{Form, Wants};

declare_check! {
    /// ## What it means
    ///
    /// Nothing on the vault lets the identity read: no role assignment at the object or above it, or no access policy,
    /// whichever the vault uses. On a storage account nothing gives the identity the data role that is needed: a
    /// Functions host needs Storage Blob Data Owner for its own storage, and the roles for queues and tables for what
    /// uses those.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … has GET permissions on secrets in the KeyVault Access Policies.` API
    /// Management says "Access Policies" even where the vault uses roles. The vault itself says `Caller is not
    /// authorized to perform action on resource.` (`ForbiddenByRbac`) or `Caller was not found on any access policy.` A
    /// Key Vault reference of an app shows `AccessToKeyVaultDenied`, which is also its word for the firewall. A storage
    /// account answers `AuthorizationPermissionMismatch`.
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
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
            "https://learn.microsoft.com/azure/azure-functions/functions-reference",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = match (ctx.case.path.form, &ctx.case.path.wants) {
        (_, Wants::Request(Ok(operation))) if operation.permission != "get" => {
            format!("nothing gives {} `{}` at vault `{}`", caller(ctx), operation.action, ctx.vault_name())
        }
        (Form::Storage, _) => format!(
            "nothing gives {} role `{}` at storage account `{}`",
            caller(ctx),
            remedy::least_role(ctx).1,
            ctx.vault_name()
        ),
        _ => format!("nothing on vault `{}` lets {} read", ctx.vault_name(), caller(ctx)),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
