//! What is kept of a policy document: its calls to vaults.

use serde_json::Value;

use crate::base::{is_guid, markup};
use crate::knowledge::cloud::Cloud;

/// Stands for what only the gateway can compute.
const COMPUTED: &str = "@(computed)";

/// Drops everything from `properties` but the calls to vaults: headers, bodies and expressions of a policy may hold
/// secrets in any form.
pub(super) fn keep(properties: &mut Value, cloud: &Cloud) {
    let Value::Object(properties) = properties else { return };
    let kept = properties.get("value").map(|value| value.as_str().map(|document| calls(document, cloud)));
    properties.clear();
    properties.insert("format".to_owned(), "rawxml".into());
    if let Some(kept) = kept {
        properties.insert("value".to_owned(), kept.into());
    }
}

/// The calls to vaults of a policy document, each with its URL, method and identity.
fn calls(document: &str, cloud: &Cloud) -> String {
    let mut rest = markup::without_comments(document);
    let mut kept = String::from("<policies>");
    for element in ["send-request", "send-one-way-request"] {
        for block in markup::blocks(&rest.clone(), element) {
            rest = rest.replace(&block, "");
            let url = markup::blocks(&block, "set-url").first().and_then(|url| vault_url(url, cloud));
            let identity = identity(&block);
            if let (Some(url), Some(identity)) = (url, identity) {
                let method =
                    markup::blocks(&block, "set-method").iter().any(|m| !m.to_ascii_uppercase().contains(">GET<"));
                let method = if method { "<set-method>OTHER</set-method>" } else { "" };
                kept.push_str(&format!("<{element}><set-url>{url}</set-url>{method}{identity}</{element}>"));
            }
        }
    }
    let backends = markup::tags(&rest, "set-backend-service");
    let backends: Vec<String> = backends.iter().filter_map(|tag| vault_url(tag, cloud)).collect();
    for url in &backends {
        kept.push_str(&format!("<set-backend-service base-url=\"{url}\" />"));
    }
    if !backends.is_empty() {
        kept.push_str(&identity(&rest).unwrap_or_default());
    }
    kept.push_str("</policies>");
    kept
}

/// The first URL of a vault in a text, as far as no expression and no query begins.
fn vault_url(text: &str, cloud: &Cloud) -> Option<String> {
    let url = cloud.vault_url(text)?.split(['{', '&']).next()?;
    // A name and a password before the host would be kept with it.
    (!url.contains('@')).then(|| url.to_owned())
}

fn identity(text: &str) -> Option<String> {
    let tag = markup::tags(text, "authentication-managed-identity").into_iter().next()?;
    let mut kept = String::from("<authentication-managed-identity");
    if let Some(resource) = markup::attribute(&tag, "resource") {
        kept.push_str(&format!(" resource=\"{}\"", resource.split('?').next().unwrap_or_default()));
    }
    if let Some(client_id) = markup::attribute(&tag, "client-id").filter(|id| !id.is_empty()) {
        let client_id = if is_guid(&client_id) { client_id } else { COMPUTED.to_owned() };
        kept.push_str(&format!(" client-id=\"{client_id}\""));
    }
    kept.push_str(" />");
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_policy_only_calls_to_vaults_with_an_identity_stay() {
        let id = "11111111-2222-3333-4444-555555555555";
        let xml = format!(
            r#"\u{{feff}}<policies><inbound><set-header name="x"><value>hunter2</value></set-header>
          <send-request mode="new"><set-url>https://kv.vault.azure.net/secrets/a?code=s3cret</set-url>
            <set-method>GET</set-method><set-header name="k"><value>pass1</value></set-header>
            <authentication-managed-identity resource="https://vault.azure.net" client-id="{id}" /></send-request>
          <send-request><set-url>https://hooks.example/services/T0/B0/TOKEN</set-url>
            <authentication-managed-identity resource="https://vault.azure.net" /></send-request>
          <send-request><set-url>@{{ var k = "S3CRET"; return "https://kv3.vault.azure.net/secrets/" + k; }}</set-url>
            <authentication-managed-identity resource="https://vault.azure.net" client-id="@(k)" /></send-request>
          <set-backend-service base-url="https://user:pw@kv2.vault.azure.net" />
          <set-backend-service base-url="https://kv2.vault.azure.net" />
          <authentication-managed-identity resource="https://vault.azure.net" output-token-variable-name="t" />
        </inbound></policies>"#
        );
        let mut properties = serde_json::json!({"format": "xml", "value": xml, "description": "hunter3"});
        keep(&mut properties, &Cloud::public());
        let identity = "<authentication-managed-identity resource=\"https://vault.azure.net\"";
        let expected = format!(
            "<policies><send-request><set-url>https://kv.vault.azure.net/secrets/a</set-url>{identity} client-id=\"{id}\" />\
             </send-request><send-request><set-url>https://kv3.vault.azure.net/secrets/</set-url>{identity} \
             client-id=\"@(computed)\" /></send-request><set-backend-service base-url=\"https://kv2.vault.azure.net\" />\
             {identity} /></policies>"
        );
        assert_eq!(properties, serde_json::json!({"format": "rawxml", "value": expected}));
    }
}
