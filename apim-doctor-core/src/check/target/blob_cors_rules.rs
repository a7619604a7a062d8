//! Explains `target.blob-cors-rules`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::{self, Change};
use crate::finding::{Command, Confirmation, Edit, Finding, Safety};
use crate::path::Credential;
use serde_json::json;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, service: &ResourceId) -> Finding {
    let account = ctx.vault_name();
    let by_key = ctx.case.path.credential == Credential::AccountKey;
    let message = match by_key {
        true => format!(
            "the Blob service of storage account `{account}` has CORS rules, which make a backup with an account key fail"
        ),
        false => format!(
            "the Blob service of storage account `{account}` has CORS rules, which are documented as not supported for \
             backups; with an identity, backups are reported to work"
        ),
    };
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let clear = Command::new("az storage cors clear").and("--services b").option("--account-name", account.as_str());
    let change = Change::of(clear, [Edit::set(service, "/properties/cors/corsRules", json!([]))]);
    let remove = change.fix("remove the CORS rules, if no web page needs them", Safety::Review);
    let by_identity = by_key.then(|| remedy::back_up_with_identity(ctx)).flatten();
    finding.fixes = by_identity.into_iter().chain([remove]).collect();
    finding.confirm = ctx.store().map(|store| Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: Command::new("az storage account blob-service-properties show")
            .named_as("--account-name", store.id())
            .and("--query cors.corsRules")
            .line(),
        expect: "at least one rule".to_owned(),
    });
    finding
}
