//! Explains `authorization.propagation-delay`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::caller;
use crate::eval::rbac::{Held, Wait};
use crate::finding::{Confirmation, Finding};
use crate::path::Form;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held, wait: Wait) -> Finding {
    let time = wait.words();
    let place = match wait {
        Wait::Hours => format!(" at management group `{}`", held.scope.name()),
        Wait::Day => " through a group".to_owned(),
        Wait::Minutes => String::new(),
    };
    let message = format!(
        "`{}` was assigned to {}{place} less than {time} ago and may not be effective yet",
        held.role,
        caller(ctx)
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let title = match ctx.case.path.form {
        Form::Storage => format!("wait {time}, then restart the app"),
        _ if !ctx.case.path.needs().is_empty() => format!("wait {time}, then repeat what failed"),
        Form::Setting | Form::Identifier => {
            format!("wait {time}, then let {} fetch the secret again", ctx.service())
        }
    };
    finding.fixes.push(remedy::by_hand(title, ctx.remedies().fetch(ctx)));
    finding.confirm = remedy::grants_of_caller(ctx).map(|probe| Confirmation {
        expect: format!("the role is listed; its `createdOn` or `updatedOn` is less than {time} ago"),
        ..probe
    });
    finding
}

/// The caller does not wait for a role that is assigned in the same deployment.
pub(crate) fn not_awaited(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!(
        "role `{}` is assigned in the same deployment, and nothing makes `{}` wait for it",
        held.role, ctx.case.path.label
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let title = "add the role assignment to `dependsOn`, or deploy it before";
    finding.fixes.push(remedy::by_hand(title, []));
    finding
}
