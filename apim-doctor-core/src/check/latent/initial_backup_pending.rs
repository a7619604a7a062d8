//! Explains `latent.initial-backup-pending`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::reason::Item;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, item: &Item) -> Finding {
    let message = format!("`{}` is protected, but has no backup yet", item.label);
    let at = Evidence::new("protectionState is `IRPending`", &item.id, "/properties/protectionState");
    let mut finding = ctx.beside(&item.id, message, at);
    let title = "start the first backup now, or wait for the schedule";
    finding.fixes = vec![remedy::by_hand(title, [remedy::back_up_now(ctx, item)])];
    finding.confirm = Some(remedy::shows_item(item, "properties.protectionState", "`IRPending`"));
    finding
}
