//! Explains `target.region-mismatch`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, home: &str, theirs: &str) -> Finding {
    let id = ctx.vault_or_instance();
    let message = format!(
        "Key Vault `{}` is in `{theirs}`, but Recovery Services vault `{}` is in `{home}`; its key has to be in the same \
         region",
        ctx.vault_name(),
        ctx.case.path.resource.name()
    );
    let mut finding = ctx.finding(&id, message);
    finding.fixes = vec![remedy::use_key_in(ctx, home)];
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read the vault".to_owned(),
        command: Command::new("az keyvault show").named(&id).and("--query location").line(),
        expect: format!("`{theirs}`"),
    });
    finding
}
