//! Calls to a vault inside a policy document.
//!
//! Source: <https://learn.microsoft.com/azure/api-management/authentication-managed-identity-policy>
//! (read 2026-11-21).

use crate::base::ObjectId;
use crate::base::markup::{attribute, blocks, tags, without_comments};
use crate::knowledge::cloud::Cloud;

/// One call to a vault with a managed identity.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VaultCall {
    /// The URL, as far as it is constant.
    pub url: String,
    /// The identity; absent: the system-assigned one.
    pub client_id: Option<ObjectId>,
    /// What the token is asked for, without a query.
    pub audience: String,
    /// Whether it only reads.
    pub reads: bool,
}

/// The calls to vaults in a policy document.
pub(crate) fn vault_calls(xml: &str, cloud: &Cloud) -> Vec<VaultCall> {
    let xml = without_comments(xml);
    let mut calls = Vec::new();
    let mut rest = xml.clone();
    for element in ["send-request", "send-one-way-request"] {
        for block in blocks(&xml, element) {
            rest = rest.replace(&block, "");
            if let Some(set_url) = blocks(&block, "set-url").into_iter().next() {
                calls.extend(call(&set_url, &block, cloud));
            }
        }
    }
    // Outside of those, the identity is for the backend.
    for tag in tags(&rest, "set-backend-service") {
        calls.extend(call(&tag, &rest, cloud));
    }
    calls
}

fn call(url_in: &str, authentication_in: &str, cloud: &Cloud) -> Option<VaultCall> {
    let url = cloud.vault_url(&url_in.replace("&amp;", "&"))?.to_owned();
    let tag = tags(authentication_in, "authentication-managed-identity").into_iter().next()?;
    let client_id = attribute(&tag, "client-id").filter(|id| !id.is_empty());
    Some(VaultCall {
        url,
        client_id: client_id.map(|id| ObjectId::new(&id)),
        audience: attribute(&tag, "resource").unwrap_or_default().split('?').next().unwrap_or_default().to_owned(),
        reads: blocks(authentication_in, "set-method").iter().all(|m| m.to_ascii_uppercase().contains(">GET<")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_with_an_identity_are_found_and_comments_are_not() {
        let xml = r#"<policies><inbound>
          <!-- <send-request><set-url>https://old.vault.azure.net/secrets/x</set-url></send-request> -->
          <send-request mode="new" response-variable-name="s">
            <set-url>https://kv1.vault.azure.net/secrets/key?api-version=7.4</set-url>
            <authentication-managed-identity resource="https://vault.azure.net" client-id="abc" />
          </send-request>
          <send-request mode="new"><set-url>@("https://kv2.vault.azure.net/secrets/" + context.Api.Id)</set-url>
            <authentication-managed-identity resource="https://vault.azure.net"/></send-request>
          <send-request><set-url>https://kv3.vault.azure.net/secrets/no-identity</set-url></send-request>
        </inbound></policies>"#;
        let calls = vault_calls(xml, &Cloud::public());
        assert_eq!(calls.len(), 2);
        assert_eq!(calls[0].url, "https://kv1.vault.azure.net/secrets/key");
        assert_eq!(calls[0].client_id, Some(ObjectId::new("abc")));
        assert_eq!(calls[1].url, "https://kv2.vault.azure.net/secrets/");
        assert_eq!(calls[1].client_id, None);
    }
}
