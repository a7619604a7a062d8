//! `authorization.condition-not-met`: the condition of the role assignment excludes this object.

use crate::check::{Context, caller, declare_check, object, remedy};
use crate::eval::rbac::Held;
use crate::finding::{Command, Finding, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The identity holds a role that would do, but the role assignment has a condition (preview for Key Vault, also
    /// for blobs and queues) that is not met for this object. Conditions compare names with regard to case:
    /// `Gateway-TLS` is not `gateway-tls`.
    ///
    /// ## What you will see
    ///
    /// The ordinary refusal, without a word about conditions: `Failed to access KeyVault Secret … has GET permissions
    /// on secrets in the KeyVault Access Policies.` from API Management, `AccessToKeyVaultDenied` of an app's
    /// reference, `ForbiddenByRbac` from the vault.
    ///
    /// ## When this check stays quiet
    ///
    /// Another role assignment without a condition, or with one that is met, lets the identity read. A condition that
    /// could not be judged makes the gate unknown.
    pub(crate) static CHECK = {
        code: "authorization.condition-not-met",
        summary: "the condition of the role assignment excludes this object",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rbac-abac",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held, condition: &str) -> Finding {
    let message = format!("the condition on `{}` of {} excludes this object: {condition}", held.role, caller(ctx));
    let mut finding = ctx.finding(&CHECK, &held.assignment, message);
    let principal = ctx.diagnosis.principal.as_ref().and_then(|p| p.principal_id.as_ref());
    if let (Some(vault), Some(reference), Some(principal)) = (ctx.vault(), &ctx.diagnosis.reference, principal) {
        // A second assignment of the same role at the same scope is refused, so it goes to the object itself.
        let scope = vault.id.child(&reference.kind, &reference.name);
        let title = format!("let {} read `{}` alone, without a condition", caller(ctx), object(ctx));
        finding.fixes.push(remedy::grant_role_at(ctx, &scope, principal).fix(title, Safety::Review));
    }
    finding.fixes.push(remedy::by_hand(
        "change the condition of the role assignment, so that it names this object",
        [Command::new("az role assignment list")
            .option("--scope", &held.scope)
            .query_for("[?id=={}]", &[held.assignment.as_str()])],
    ));
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
