//! Explains `latent.backup-absent`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, container: &ResourceId) -> Finding {
    let message = format!("container `{}` has no backup of `{}`", container.name(), ctx.case.path.resource.name());
    let at = Evidence::new("the list of its blobs is complete and empty", container, "");
    let mut finding = ctx.beside(container, message, at);
    finding.fixes = vec![remedy::by_hand("make a backup now", remedy::repeat_backup(ctx))];
    finding.confirm = remedy::list_backups(ctx, "no blobs");
    finding
}
