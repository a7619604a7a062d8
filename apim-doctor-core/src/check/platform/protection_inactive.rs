//! Explains `platform.protection-inactive`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::reason::Item;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, item: &Item, state: &str) -> Finding {
    let message = format!("`{}` is not being backed up: its protection state is `{state}`", item.label);
    let at = Evidence::new(format!("protectionState is `{state}`"), &item.id, "/properties/protectionState");
    let mut finding = ctx.beside(&item.id, message, at);
    let title = "resume the protection with a policy, or delete the backups that are not needed";
    finding.fixes = vec![remedy::by_hand(title, [remedy::resume_protection(ctx, item)])];
    finding.confirm = Some(remedy::shows_item(item, "properties.protectionState", format!("`{state}`")));
    finding
}
