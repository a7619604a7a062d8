//! `authorization.rbac-mode-ignores-access-policies`: the vault uses roles, so its access policies have no effect.

use crate::check::{Context, caller, declare_check, remedy};
use crate::finding::{Evidence, Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The vault uses Azure role-based access control (`enableRbacAuthorization` is `true`). Its access policies are
    /// kept and shown, and ignored entirely. The identity has a policy that would be right in the other model, and no
    /// role.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … has GET permissions on secrets in the KeyVault Access Policies.` The policy
    /// is there, so the text sends you in circles. The vault itself answers `ForbiddenByRbac` with `Assignment: (not
    /// found)`.
    /// A Key Vault reference of an app shows `AccessToKeyVaultDenied` in either model.
    ///
    /// ## When this check stays quiet
    ///
    /// A role lets the identity read, or the role assignments were not read in full: the gate is then unknown.
    pub(crate) static CHECK = {
        code: "authorization.rbac-mode-ignores-access-policies",
        summary: "the vault uses roles, so its access policies have no effect",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/access-control-default",
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, entry: usize) -> Finding {
    let message = format!(
        "vault `{}` uses roles; access policy {} for {} has no effect",
        ctx.vault_name(),
        entry + 1,
        caller(ctx)
    );
    let vault = ctx.vault_or_instance();
    let mut finding = ctx.finding(&CHECK, &vault, message);
    let at = format!("/properties/accessPolicies/{entry}");
    finding.evidence.push(Evidence::new("this access policy is ignored", &vault, at));
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
