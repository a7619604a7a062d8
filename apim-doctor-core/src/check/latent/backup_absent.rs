//! Explains `latent.backup-absent`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::reason::Item;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, container: &ResourceId) -> Finding {
    let message = format!("container `{}` has no backup of `{}`", container.name(), ctx.case.path.resource.name());
    let at = Evidence::new("the list of its blobs is complete and empty", container, "");
    let mut finding = ctx.beside(container, message, at);
    finding.fixes = vec![remedy::by_hand("make a backup now", remedy::repeat_backup(ctx))];
    finding.confirm = remedy::list_backups(ctx, "no blobs");
    finding
}

/// Builds the finding for a protected item.
pub(crate) fn explain_item(ctx: &Context<'_, '_>, item: &Item) -> Finding {
    let message = format!("`{}` is protected, but has no recovery point", item.label);
    let at = Evidence::new("recoveryPointCount is 0", &item.id, "/properties/extendedInfo/recoveryPointCount");
    let mut finding = ctx.beside(&item.id, message, at);
    finding.fixes = vec![remedy::by_hand("make a backup now", [remedy::back_up_now(ctx, item)])];
    finding.confirm = Some(remedy::shows_item(item, "properties.extendedInfo.recoveryPointCount", "`0`"));
    finding
}
