//! Explains `authorization.condition-not-met`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::{caller, object};
use crate::eval::rbac::Held;
use crate::finding::{Command, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held, condition: &str) -> Finding {
    let message = format!("the condition on `{}` of {} excludes this object: {condition}", held.role, caller(ctx));
    let mut finding = ctx.finding(&held.assignment, message);
    let principal = ctx.diagnosis.principal.as_ref().and_then(|p| p.principal_id.as_ref());
    if let (Some(vault), Some(reference), Some(principal)) = (ctx.vault(), &ctx.diagnosis.reference, principal) {
        // A second assignment of the same role at the same scope is refused, so it goes to the object itself.
        let scope = vault.id.child(&reference.kind, &reference.name);
        let title = format!("give {} read access to `{}` only, without a condition", caller(ctx), object(ctx));
        finding.fixes.push(remedy::grant_role_at(ctx, &scope, principal).fix(title, Safety::Review));
    }
    finding.fixes.push(remedy::by_hand(
        "change the condition of the role assignment so that it includes this object",
        [Command::new("az role assignment list")
            .option("--scope", &held.scope)
            .query_for("[?id=={}]", &[held.assignment.as_str()])],
    ));
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
