//! Explains `target.source-missing`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::reason::Item;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, item: &Item, machine: &ResourceId, by_job: bool) -> Finding {
    let message = format!("`{}` is protected, but its virtual machine no longer exists", item.label);
    let at = match by_job {
        true => Evidence::new("its newest job says that the machine does not exist", &item.id, ""),
        false => Evidence::new("Resource Manager does not find the machine", machine, ""),
    };
    let mut finding = ctx.beside(&item.id, message, at);
    let title = format!("stop the protection of `{}`, and keep its backups or delete them", item.label);
    finding.fixes = vec![remedy::by_hand(title, [remedy::stop_protection(ctx, item)])];
    finding.confirm = Some(remedy::shows_machine(machine, "id", "`ResourceNotFound`"));
    finding
}
