//! Explains `authorization.no-grant`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::caller;
use crate::finding::Finding;
use crate::path::{Form, Wants};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = match (ctx.case.path.form, &ctx.case.path.wants) {
        (_, Wants::Request(Ok(operation))) if operation.permission != "get" => {
            format!("nothing gives {} `{}` at vault `{}`", caller(ctx), operation.action, ctx.vault_name())
        }
        (Form::Storage, _) => format!(
            "nothing gives {} role `{}` at storage account `{}`",
            caller(ctx),
            remedy::least_role(ctx).1,
            ctx.vault_name()
        ),
        _ => format!("nothing on vault `{}` lets {} read", ctx.vault_name(), caller(ctx)),
    };
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
