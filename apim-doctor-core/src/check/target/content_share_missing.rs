//! Explains `target.content-share-missing`.

use serde_json::json;

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::Change;
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Command, Concerns, Confirmation, Edit, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, share: &ResourceId) -> Finding {
    let (name, account) = (share.name(), ctx.vault_name());
    let message = format!("content share `{name}` does not exist in storage account `{account}`");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let account = share.parent().and_then(|service| service.parent()).unwrap_or_else(|| share.clone());
    let create =
        Command::new("az storage share-rm create").option("--name", name).named_as("--storage-account", &account);
    let body = json!({
        "id": share.as_str(), "name": name, "type": "Microsoft.Storage/storageAccounts/fileServices/shares",
        "properties": {},
    });
    let service = share.parent().unwrap_or_else(|| share.clone());
    let concerns = Concerns::Resource(share.clone());
    finding.fixes = vec![
        Change::of(create, [Edit::Create { body, scope: service, concerns }])
            .bicep(format!(
                "resource share 'Microsoft.Storage/storageAccounts/fileServices/shares@2023-05-01' = {{\n  name: {}\n}}",
                bicep(&format!("{}/default/{name}", account.name()))
            ))
            .terraform(format!(
                "resource \"azurerm_storage_share\" \"content\" {{\n  name               = {}\n  storage_account_id = {} # up \
                 to provider 4.x: storage_account_name\n  quota              = 50 # in GiB\n}}",
                hcl(name),
                hcl(account.as_str())
            ))
            .fix(format!("create share `{name}`, then deploy the app's content again"), Safety::Safe),
    ];
    finding.confirm = Some(Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: Command::new("az storage share-rm exists")
            .option("--name", name)
            .named_as("--storage-account", &account)
            .line(),
        expect: "`\"exists\": false`".to_owned(),
    });
    finding
}
