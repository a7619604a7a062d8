//! Explains `platform.restore-tier-mismatch`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, from: &str, to: &str) -> Finding {
    let name = ctx.case.path.resource.name();
    let message = format!("instance `{name}` is in tier `{to}`, but the backup was made in tier `{from}`");
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    let title = format!("restore to an instance of tier `{from}`");
    finding.fixes = vec![remedy::by_hand(
        title,
        [Command::new("az apim create")
            .and("--name INSTANCE --resource-group GROUP --publisher-name NAME --publisher-email EMAIL")
            .option("--sku-name", from)],
    )];
    finding.confirm = Some(Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: Command::new("az apim show")
            .named(&ctx.case.path.resource)
            .and("--query sku.name --output tsv")
            .line(),
        expect: format!("`{to}`"),
    });
    finding
}
