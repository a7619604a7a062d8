//! Explains `authorization.shared-key-disabled`.

use crate::check::context::Context;
use crate::check::reference::connection_shadowed;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (account, label) = (ctx.vault_name(), ctx.case.path.connection());
    let message = format!(
        "`{label}` uses an account key, but storage account `{account}` does not accept account \
                           keys"
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    // A leftover connection string that overrides identity-based settings is removed, not repaired.
    let leftover = ctx.case.path.shadow.as_deref().and_then(|shadow| connection_shadowed::remove(ctx, shadow));
    let without_key = remedy::without_key(ctx).filter(|_| leftover.is_none());
    finding.fixes = leftover.into_iter().chain(without_key).chain(remedy::allow_keys(ctx)).collect();
    finding.confirm = ctx.store().map(|store| Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: Command::new("az storage account show").named(store.id()).and("--query allowSharedKeyAccess").line(),
        expect: "`false`".to_owned(),
    });
    finding
}
