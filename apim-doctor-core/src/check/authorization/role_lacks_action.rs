//! `authorization.role-lacks-action`: the role or policy does not hold what is needed.

use crate::check::{Context, caller, declare_check, object, remedy};
use crate::eval::rbac::Held;
use crate::finding::{Finding, Severity};
use crate::path::{Form, Wants};

declare_check! {
    /// ## What it means
    ///
    /// The identity holds a role or an access policy, and it does not hold what reading needs. `Key Vault Reader` shows
    /// names and not values; `Key Vault Certificates Officer` handles certificates and not the secret behind them; an
    /// access policy with `list` alone, or with permissions on certificates alone, does not let a secret be fetched.
    /// `Storage Blob Data Reader` does not let a Functions host write its state.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … has GET permissions on secrets in the KeyVault Access Policies.` The vault
    /// says `ForbiddenByRbac` for `…/getSecret/action`, or `… does not have secrets get permission on key vault '…'`. A
    /// Key Vault reference of an app shows `AccessToKeyVaultDenied`. A storage account answers
    /// `AuthorizationPermissionMismatch`.
    ///
    /// ## When this check stays quiet
    ///
    /// Another role or policy of the identity is enough, or what a custom role allows was not read.
    pub(crate) static CHECK = {
        code: "authorization.role-lacks-action",
        summary: "the role or policy does not hold what is needed",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
            "https://learn.microsoft.com/azure/key-vault/general/assign-access-policy",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/azure-functions/functions-reference",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = match (ctx.case.path.form, &ctx.case.path.wants) {
        (_, Wants::Request(Ok(operation))) if operation.permission != "get" => {
            format!("{} holds `{}`, which does not include `{}`", caller(ctx), held.role, operation.action)
        }
        (Form::Storage, _) => format!(
            "{} holds `{}` at storage account `{}`, where it needs `{}`",
            caller(ctx),
            held.role,
            ctx.vault_name(),
            remedy::least_role(ctx).1
        ),
        _ => format!("{} holds `{}`, which does not let it read `{}`", caller(ctx), held.role, object(ctx)),
    };
    granted(ctx, message)
}

/// The same for an access policy without `get`.
pub(crate) fn explain_policy(ctx: &Context<'_, '_>, entry: usize) -> Finding {
    let message = format!(
        "access policy {} of vault `{}` does not let {} `{}` it",
        entry + 1,
        ctx.vault_name(),
        caller(ctx),
        ctx.case.path.permission()
    );
    granted(ctx, message)
}

fn granted(ctx: &Context<'_, '_>, message: String) -> Finding {
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
