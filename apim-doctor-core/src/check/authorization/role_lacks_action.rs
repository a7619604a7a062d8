//! Explains `authorization.role-lacks-action`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::{caller, object};
use crate::eval::access_policy::ObjectKind;
use crate::eval::rbac::Held;
use crate::finding::Finding;
use crate::path::{Form, Wants};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = match (ctx.case.path.form, &ctx.case.path.wants) {
        (_, Wants::Request(Ok(operation))) if operation.permission != "get" => {
            format!("{} has role `{}`, which does not include `{}`", caller(ctx), held.role, operation.action)
        }
        (Form::Storage, _) => format!(
            "{} has role `{}` on storage account `{}`, but needs role `{}`",
            caller(ctx),
            held.role,
            ctx.vault_name(),
            remedy::least_role(ctx).1
        ),
        (_, Wants::Objects(_)) => format!(
            "{} has role `{}` on vault `{}`, which does not contain all of what Azure Backup needs: `{}`",
            caller(ctx),
            held.role,
            ctx.vault_name(),
            ctx.case.path.actions(ctx.diagnosis.reference.as_ref()).join("`, `")
        ),
        _ => format!("{} has role `{}`, which does not allow reading `{}`", caller(ctx), held.role, object(ctx)),
    };
    granted(ctx, message)
}

/// Builds the finding for an access policy that lacks the permission.
pub(crate) fn explain_policy(ctx: &Context<'_, '_>, entry: usize) -> Finding {
    let message = format!(
        "access policy {} of vault `{}` does not give {} permission `{}`",
        entry + 1,
        ctx.vault_name(),
        caller(ctx),
        ctx.case.path.permission()
    );
    granted(ctx, message)
}

/// Builds the finding for an access policy that lacks a permission that backups need.
pub(crate) fn explain_permission(
    ctx: &Context<'_, '_>,
    entry: usize,
    kind: ObjectKind,
    permission: &'static str,
) -> Finding {
    let message = format!(
        "access policy {} of vault `{}` does not give {} permission `{permission}` on {}",
        entry + 1,
        ctx.vault_name(),
        caller(ctx),
        kind.plural()
    );
    granted(ctx, message)
}

fn granted(ctx: &Context<'_, '_>, message: String) -> Finding {
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
