//! Explains `caller.backup-uses-account-key`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let account = ctx.vault_name();
    let message =
        format!("the request uses an account key, but storage account `{account}` does not accept account keys");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::back_up_with_identity(ctx).into_iter().chain(remedy::allow_keys(ctx)).collect();
    finding.confirm = ctx.store().map(|store| Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: Command::new("az storage account show").named(store.id()).and("--query allowSharedKeyAccess").line(),
        expect: "`false`".to_owned(),
    });
    finding
}
