//! Explains `latent.soft-delete-off`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::{self, BACKUP};
use crate::finding::{Command, Confirmation, Edit, Evidence, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, at: &ResourceId, pointer: &'static str) -> Finding {
    let vault = remedy::recovery_vault(ctx);
    let name = vault.name();
    let message = format!("soft delete of Recovery Services vault `{name}` is off: deleted backups are gone at once");
    let mut finding = ctx.beside(vault, message, Evidence::new("soft delete is `Disabled`", at, pointer));
    let enable =
        Command::new("az backup vault backup-properties set").named(vault).and("--soft-delete-feature-state Enable");
    finding.fixes = vec![
        remedy::Change::of(enable, [Edit::set(at, pointer, "Enabled")])
            .bicep_in(
                "Microsoft.RecoveryServices/vaults",
                "securitySettings: {\n  softDeleteSettings: {\n    softDeleteState: 'Enabled'\n    \
                 softDeleteRetentionPeriodInDays: 14\n  }\n}",
            )
            .fix(format!("enable soft delete of `{name}`"), Safety::Safe),
    ];
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with role Reader on the vault".to_owned(),
        command: Command::rest("get", vault.as_str(), BACKUP)
            .and("--query properties.securitySettings.softDeleteSettings")
            .line(),
        expect: "`Disabled`".to_owned(),
    });
    finding
}
