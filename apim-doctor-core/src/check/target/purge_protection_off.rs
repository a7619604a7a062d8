//! Explains `target.purge-protection-off`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Edit, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, soft_delete: bool) -> Finding {
    let (vault, id) = (ctx.vault_name(), ctx.vault_or_instance());
    let lacks = if soft_delete { "purge protection" } else { "soft delete" };
    let message = format!(
        "Key Vault `{vault}` has no {lacks}, which the encryption of `{}` requires: a deleted key would make every \
         backup unreadable",
        ctx.case.path.resource.name()
    );
    let mut finding = ctx.finding(&id, message);
    let update = Command::new("az keyvault update").named(&id).and("--enable-purge-protection true");
    let edits = [
        Edit::set(&id, "/properties/enableSoftDelete", true),
        Edit::set(&id, "/properties/enablePurgeProtection", true),
    ];
    let title = format!("enable purge protection of Key Vault `{vault}`; it cannot be disabled again");
    finding.fixes = vec![
        remedy::Change::of(update, edits)
            .bicep_in("Microsoft.KeyVault/vaults", "enableSoftDelete: true\nenablePurgeProtection: true")
            .terraform_in("azurerm_key_vault", "purge_protection_enabled = true")
            .fix(title, Safety::Review),
    ];
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read the vault".to_owned(),
        command: Command::new("az keyvault show")
            .named(&id)
            .query("properties.{softDelete:enableSoftDelete, purge:enablePurgeProtection}")
            .line(),
        expect: "not `true` for both".to_owned(),
    });
    finding
}
