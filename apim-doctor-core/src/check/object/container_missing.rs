//! Explains `object.container-missing`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::Change;
use crate::finding::{Command, Concerns, Edit, Finding, Safety};
use serde_json::json;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, container: &ResourceId) -> Finding {
    let (name, account) = (container.name(), ctx.vault_name());
    let message = format!(
        "container `{name}` does not exist in storage account `{account}`; the documentation disagrees whether a backup \
         creates it"
    );
    let mut finding = ctx.finding(container, message);
    let create = Command::new("az storage container create")
        .option("--name", name)
        .option("--account-name", account.as_str())
        .and("--auth-mode login");
    let body = json!({
        "id": container.as_str(), "name": name, "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
        "properties": { "hasImmutabilityPolicy": false, "hasLegalHold": false },
    });
    let made = Edit::Create { body, scope: ctx.vault_or_instance(), concerns: Concerns::Resource(container.clone()) };
    finding.fixes = vec![Change::of(create, [made]).fix(format!("create container `{name}`"), Safety::Safe)];
    finding
}
