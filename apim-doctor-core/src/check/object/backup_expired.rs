//! Explains `object.backup-expired`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};
use jiff::Timestamp;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, made: Timestamp) -> Finding {
    let call = ctx.case.path.backup.as_deref();
    let blob = call.map(|call| call.blob.as_str()).unwrap_or_default();
    let message = format!(
        "backup `{blob}` was made on {}, and a backup can be restored for 30 days only",
        made.strftime("%Y-%m-%d")
    );
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    let list = Command::new("az storage blob list")
        .option("--account-name", ctx.vault_name())
        .option("--container-name", call.map(|call| call.container.as_str()).unwrap_or_default())
        .and("--auth-mode login --query \"[].{name:name, made:properties.creationTime}\"");
    let title = "restore a backup that is younger than 30 days, and make one at least every 30 days";
    finding.fixes = vec![remedy::by_hand(title, [list.clone()])];
    finding.confirm = Some(Confirmation {
        run_from: "a shell with the Azure CLI and a data role on the container".to_owned(),
        command: list.line(),
        expect: "a time more than 30 days ago".to_owned(),
    });
    finding
}
