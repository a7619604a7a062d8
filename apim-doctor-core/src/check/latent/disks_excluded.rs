//! Explains `latent.disks-excluded`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::reason::Item;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, item: &Item, disks: &str) -> Finding {
    let message = format!("the backup of `{}` is not whole: {disks}", item.label);
    let pointer = "/properties/extendedProperties/diskExclusionProperties";
    let mut finding = ctx.beside(&item.id, message, Evidence::new(disks.to_owned(), &item.id, pointer));
    let title = "include the disks, or write down why they are left out";
    let include = remedy::reset_disks(ctx, item);
    finding.fixes = vec![remedy::by_hand(title, [include])];
    let query = "properties.extendedProperties.diskExclusionProperties";
    finding.confirm = Some(remedy::shows_item(item, query, "a list of LUNs"));
    finding
}
