//! `authorization.policy-mode-ignores-roles`: the vault uses access policies, so data roles have no effect.

use crate::check::{Context, caller, declare_check, remedy};
use crate::eval::rbac::Held;
use crate::finding::{Command, Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The vault uses access policies (`enableRbacAuthorization` is `false` or absent on an existing vault). Role
    /// assignments then give no access to secrets. The identity holds a role that would be right in the other model,
    /// and no policy.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … has GET permissions on secrets in the KeyVault Access Policies.` Here the
    /// text is right for once. The vault itself says `Access denied. Caller was not found on any access policy.`
    /// A Key Vault reference of an app shows `AccessToKeyVaultDenied` in either model.
    ///
    /// ## When this check stays quiet
    ///
    /// An access policy lets the identity get the object, or a policy names a group whose members are not known.
    pub(crate) static CHECK = {
        code: "authorization.policy-mode-ignores-roles",
        summary: "the vault uses access policies, so data roles have no effect",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/access-control-default",
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let vault = ctx.vault_name();
    let message =
        format!("vault `{vault}` uses access policies; role `{}` of {} has no effect", held.role, caller(ctx));
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.fixes.push(remedy::by_hand(
        format!("let vault `{vault}` use roles: every access policy loses its effect at once, so give all users of it a role first"),
        [Command::new("az keyvault update").named(&ctx.vault_or_instance()).and("--enable-rbac-authorization true")],
    ));
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
