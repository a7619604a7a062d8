//! `authorization.scope-does-not-cover`: the role is held at a scope that does not contain the target.

use crate::check::{Context, caller, declare_check, remedy};
use crate::eval::rbac::Held;
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The identity holds the right role in the wrong place: at another vault or account, another object, or another
    /// resource group. A role counts at the scope it is assigned at and below it, nowhere else.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … has GET permissions on secrets in the KeyVault Access Policies.` The vault
    /// answers `ForbiddenByRbac` with `Assignment: (not found)`; the list of the identity's role assignments looks
    /// right at first.
    ///
    /// ## When this check stays quiet
    ///
    /// A role at the vault, at the object or above lets the identity read. A role elsewhere is seen only where the
    /// recording holds it; without it the finding is `authorization.no-grant`, with the same fix.
    pub(crate) static CHECK = {
        code: "authorization.scope-does-not-cover",
        summary: "the role is held at a scope that does not contain the vault",
        app_summary: "the role is held at a scope that does not contain the target",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/role-based-access-control/overview",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!(
        "{} holds `{}` at `{}`, which does not contain {} `{}`",
        caller(ctx),
        held.role,
        held.scope,
        ctx.noun(),
        ctx.vault_name()
    );
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
