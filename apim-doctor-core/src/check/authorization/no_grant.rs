//! Explains `authorization.no-grant`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::caller;
use crate::finding::Finding;
use crate::path::{Form, Wants};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = match (ctx.case.path.form, &ctx.case.path.wants) {
        (_, Wants::Request(Ok(operation))) if operation.permission != "get" => {
            format!(
                "{} has no role assignment or access policy that allows `{}` on vault `{}`",
                caller(ctx),
                operation.action,
                ctx.vault_name()
            )
        }
        (_, Wants::Objects(_)) => format!(
            "{} has no role assignment or access policy that gives it what Azure Backup needs of vault `{}`",
            caller(ctx),
            ctx.vault_name()
        ),
        (Form::Storage, _) => format!(
            "{} does not have role `{}` on storage account `{}`",
            caller(ctx),
            remedy::least_role(ctx).1,
            ctx.vault_name()
        ),
        _ => format!(
            "{} has no role assignment or access policy that allows reading from vault `{}`",
            caller(ctx),
            ctx.vault_name()
        ),
    };
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
