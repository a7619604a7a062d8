//! What of an answer is recorded: what a diagnosis needs, and no secret.

use serde_json::{Map, Value};

use crate::base::{is_guid, markup};
use crate::knowledge::cloud::Cloud;
use crate::live::ask::Ask;
use crate::source::redact;

/// Stands for what only the gateway can compute.
const COMPUTED: &str = "@(computed)";

/// Drops from an answer what nobody needs, and replaces what is secret.
pub(crate) fn keep(ask: Ask, cloud: &Cloud, body: &mut Value) {
    without_tags(body);
    match ask {
        Ask::Apis | Ask::Operations | Ask::Products | Ask::Workspaces => each_item(body, |item| {
            item.retain(|key, _| ["id", "name", "type"].contains(&key.as_str()));
            // An element without properties would be one that is not known.
            item.insert("properties".to_owned(), Value::Object(Map::new()));
        }),
        Ask::Policy | Ask::ApiPolicy | Ask::OperationPolicy | Ask::ProductPolicy => {
            if let Some(properties) = body.pointer_mut("/properties").and_then(Value::as_object_mut) {
                policy(properties, cloud);
            }
        }
        Ask::Fragments => each_item(body, |item| {
            if let Some(properties) = item.get_mut("properties").and_then(Value::as_object_mut) {
                policy(properties, cloud);
            }
        }),
        Ask::SiteConfig | Ask::SlotConfig => {
            if let Some(properties) = body.pointer_mut("/properties").and_then(Value::as_object_mut) {
                properties
                    .retain(|name, _| ["vnetRouteAllEnabled", "keyVaultReferenceIdentity"].contains(&name.as_str()));
            }
        }
        // Mail addresses and telephone numbers are not read.
        Ask::AccessRules => each_item(body, |item| {
            let properties = item.get_mut("properties").and_then(Value::as_object_mut);
            properties.into_iter().for_each(|properties| {
                properties.retain(|name, _| !["emailAddresses", "phoneNumbers"].contains(&name.as_str()));
            });
        }),
        Ask::FirstParty => {
            if let Some(principal) = body.as_object_mut() {
                principal.retain(|name, _| ["id", "appId", "displayName", "error"].contains(&name.as_str()));
            }
        }
        Ask::ServiceTags => {
            if let Some(values) = body.get_mut("values").and_then(Value::as_array_mut) {
                let own = |tag: &Value| {
                    tag.get("name").and_then(Value::as_str).is_some_and(|n| n.starts_with("ApiManagement"))
                };
                values.retain(own);
            }
        }
        _ => {}
    }
    redact::document(body);
}

fn each_item(body: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    let items = body.get_mut("value").and_then(Value::as_array_mut).into_iter().flatten();
    items.filter_map(Value::as_object_mut).for_each(change);
}

/// Tags are the owner's own texts: anything can stand in them.
fn without_tags(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("tags");
            map.values_mut().for_each(without_tags);
        }
        Value::Array(items) => items.iter_mut().for_each(without_tags),
        _ => {}
    }
}

/// Headers, bodies and expressions of a policy may hold secrets in any form: only its calls to vaults stay.
fn policy(properties: &mut Map<String, Value>, cloud: &Cloud) {
    let document = properties.get("value").and_then(Value::as_str).unwrap_or_default();
    let kept = calls(document, cloud);
    properties.retain(|_, _| false);
    properties.insert("format".to_owned(), "rawxml".into());
    properties.insert("value".to_owned(), kept.into());
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
        let mut body = serde_json::json!({"tags": {"password": "x1"}, "properties": {"format": "xml", "value": xml}});
        keep(Ask::Policy, &Cloud::public(), &mut body);
        let identity = "<authentication-managed-identity resource=\"https://vault.azure.net\"";
        let expected = format!(
            "<policies><send-request><set-url>https://kv.vault.azure.net/secrets/a</set-url>{identity} client-id=\"{id}\" />\
             </send-request><send-request><set-url>https://kv3.vault.azure.net/secrets/</set-url>{identity} \
             client-id=\"@(computed)\" /></send-request><set-backend-service base-url=\"https://kv2.vault.azure.net\" />\
             {identity} /></policies>"
        );
        assert_eq!(body, serde_json::json!({"properties": {"format": "rawxml", "value": expected}}));
    }
}
