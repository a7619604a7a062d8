//! Explains `authorization.control-plane-role-only`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::caller;
use crate::eval::rbac::Held;
use crate::finding::Finding;
use crate::path::Form;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = match ctx.case.path.form {
        Form::Storage => format!(
            "{} has role `{}`, which manages storage accounts but gives no access to their data; it needs `{}`",
            caller(ctx),
            held.role,
            remedy::least_role(ctx).1
        ),
        _ if !ctx.case.path.needs().is_empty() => {
            format!("{} has role `{}`, which manages vaults but cannot use keys or secrets", caller(ctx), held.role)
        }
        _ => format!("{} has role `{}`, which manages vaults but cannot read secrets", caller(ctx), held.role),
    };
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
