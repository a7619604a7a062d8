//! `authorization.denied`: a deny assignment applies.

use crate::base::ResourceId;
use crate::check::{Context, caller, declare_check, remedy};
use crate::finding::{Command, Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// A deny assignment covers the identity, the action and the target. It comes before every role assignment, so no
    /// further role helps. Nobody writes one by hand: a managed application, a blueprint or a deployment stack makes
    /// it.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … has GET permissions on secrets in the KeyVault Access Policies.` The vault
    /// answers `ForbiddenByRbac` with a `DenyAssignmentId`.
    ///
    /// ## When this check stays quiet
    ///
    /// The deny assignment spares the identity (`excludePrincipals`), or holds only at another scope. Where its members
    /// or its effect were not read, the gate is unknown. A vault that uses access policies is not affected by it.
    pub(crate) static CHECK = {
        code: "authorization.denied",
        summary: "a deny assignment applies",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/role-based-access-control/deny-assignments",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, id: &ResourceId, name: &str) -> Finding {
    let message = format!("deny assignment `{name}` keeps {} out, whatever its roles say", caller(ctx));
    let mut finding = ctx.finding(&CHECK, id, message);
    finding.fixes.push(remedy::by_hand(
        format!("remove deny assignment `{name}` at its source, or exclude the identity there: the managed application, blueprint or deployment stack that made it"),
        [
            Command::rest("get", id.as_str(), "2022-04-01"),
            Command::new("az stack group list").in_group(&ctx.vault_or_instance()),
        ],
    ));
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` for the object id of the identity"));
    finding
}
