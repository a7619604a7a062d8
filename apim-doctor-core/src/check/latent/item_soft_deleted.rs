//! Explains `latent.item-soft-deleted`.

use jiff::Timestamp;

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::reason::Item;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, item: &Item, until: Option<Timestamp>) -> Finding {
    let until = until.map(|at| format!(" until {}", at.strftime("%Y-%m-%d"))).unwrap_or_default();
    let message = format!("the backups of `{}` were deleted, and are kept{until}", item.label);
    let pointer = "/properties/isScheduledForDeferredDelete";
    let at = Evidence::new("isScheduledForDeferredDelete is true", &item.id, pointer);
    let mut finding = ctx.beside(&item.id, message, at);
    let title = "undelete the item before that date if it is wanted, then resume its protection";
    let commands = [remedy::undelete(ctx, item), remedy::resume_protection(ctx, item)];
    finding.fixes = vec![remedy::by_hand(title, commands)];
    finding.confirm = Some(remedy::shows_item(item, "properties.isScheduledForDeferredDelete", "`true`"));
    finding
}
