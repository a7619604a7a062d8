//! Explains `authorization.role-definition-missing`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::caller;
use crate::eval::rbac::Held;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!(
        "{} has a role assignment at `{}` whose role definition `{}` does not exist",
        caller(ctx),
        held.scope,
        held.role
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
