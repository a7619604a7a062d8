//! Explains `authorization.shared-key-disabled`.

use crate::check::context::Context;
use crate::check::reference::connection_shadowed;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (account, label) = (ctx.vault_name(), ctx.case.path.connection());
    let message = format!("`{label}` signs with a key, and storage account `{account}` accepts none");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    // A leftover that hides the settings of an identity is removed, not repaired.
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
