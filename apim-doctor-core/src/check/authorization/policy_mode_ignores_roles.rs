//! Explains `authorization.policy-mode-ignores-roles`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::caller;
use crate::eval::rbac::Held;
use crate::finding::{Command, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let vault = ctx.vault_name();
    let message =
        format!("vault `{vault}` uses access policies; role `{}` of {} has no effect", held.role, caller(ctx));
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.fixes.push(remedy::by_hand(
        format!(
            "switch vault `{vault}` to role assignments: all access policies stop working at once, so give every \
                 user of the vault a role first"
        ),
        [Command::new("az keyvault update").named(&ctx.vault_or_instance()).and("--enable-rbac-authorization true")],
    ));
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
