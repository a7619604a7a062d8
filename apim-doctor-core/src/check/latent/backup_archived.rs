//! Explains `latent.backup-archived`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, lifecycle: &ResourceId, rule: &str) -> Finding {
    let message = format!(
        "lifecycle rule `{rule}` moves backups to the archive tier, where a restore cannot read them before rehydration"
    );
    let at =
        Evidence::new(format!("rule `{rule}` is on and covers the container"), lifecycle, "/properties/policy/rules");
    let account = ctx.vault_or_instance();
    let mut finding = ctx.beside(&account, message, at);
    let show = Command::new("az storage account management-policy show").named_as("--account-name", &account);
    finding.fixes =
        vec![remedy::by_hand("remove `tierToArchive` from the rule, or exclude the container from it", [show])];
    finding
}
