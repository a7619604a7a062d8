//! Findings of the target gate: does the vault or storage account exist?

pub(crate) mod blob_cors_rules;
pub(crate) mod content_share_missing;
pub(crate) mod purge_protection_off;
pub(crate) mod region_mismatch;
pub(crate) mod source_missing;
pub(crate) mod vault_deleted;
pub(crate) mod vault_name_wrong;
pub(crate) mod wrong_cloud;

use crate::check::context::Context;

/// The only collected vault whose name differs just in punctuation, and the object's identifier in it.
fn like(ctx: &Context<'_, '_>, name: &str) -> Option<(String, String)> {
    let reference = ctx.diagnosis.reference.as_ref()?;
    let [vault] = ctx.case.estate.vaults_like(name) else { return None };
    let vault = vault.name().to_owned();
    // The version of another vault differs, so it is left out.
    let url = format!("https://{}/{}/{}", ctx.case.estate.cloud.vault_host(&vault), reference.kind, reference.name);
    Some((vault, url))
}
