//! Explains `platform.protection-unhealthy`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::reason::Item;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, item: &Item, status: &str, details: &str) -> Finding {
    let because = if details.is_empty() { String::new() } else { format!(": {details}") };
    let message = format!("Azure Backup reports `{status}` for `{}`{because}", item.label);
    let at = Evidence::new(format!("healthStatus is `{status}`"), &item.id, "/properties/healthStatus");
    let mut finding = ctx.beside(&item.id, message, at);
    let title = "do what Azure Backup recommends in the item's health details, then back up again";
    finding.fixes = vec![remedy::by_hand(title, [remedy::back_up_now(ctx, item)])];
    let query = "properties.{status:healthStatus, details:healthDetails}";
    finding.confirm = Some(remedy::shows_item(item, query, format!("`{status}`")));
    finding
}
