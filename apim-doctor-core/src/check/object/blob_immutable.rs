//! Explains `object.blob-immutable`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, container: &ResourceId, hold: bool) -> Finding {
    let blob = ctx.case.path.backup.as_deref().map(|call| call.blob.as_str()).unwrap_or_default();
    let why = if hold { "a legal hold" } else { "a retention policy" };
    let message =
        format!("blob `{blob}` exists in container `{}`, and {why} does not let anyone overwrite it", container.name());
    let mut finding = ctx.finding(container, message);
    let change = remedy::rename_backup(ctx);
    finding.fixes = change.into_iter().collect();
    finding.confirm = Some(Confirmation {
        run_from: "a shell with the Azure CLI and a data role on the container".to_owned(),
        command: Command::new("az storage blob show")
            .option("--account-name", ctx.vault_name())
            .option("--container-name", container.name())
            .option("--name", blob)
            .and("--auth-mode login --query properties.creationTime")
            .line(),
        expect: "a time: the blob exists".to_owned(),
    });
    finding
}
