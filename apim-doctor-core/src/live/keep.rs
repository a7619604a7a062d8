//! What of an answer is recorded: what a diagnosis needs, and no secret.

use serde_json::{Map, Value};

use crate::knowledge::cloud::Cloud;
use crate::live::ask::Ask;
use crate::model::policy::{Vaults, kept_document, kept_url};
use crate::source::redact;

/// What stays of an API or of an operation.
const OF_APIS: [&str; 5] = ["serviceUrl", "type", "isCurrent", "method", "urlTemplate"];

/// Drops from an answer what nobody needs, and replaces what is secret.
pub(crate) fn keep(ask: Ask, cloud: &Cloud, body: &mut Value) {
    without_tags(body);
    let vaults = Vaults::of(cloud);
    match ask {
        Ask::Apis | Ask::WorkspaceApis | Ask::Operations | Ask::WorkspaceOperations => each_item(body, |item| {
            item.retain(|key, _| ["id", "name", "type", "properties"].contains(&key.as_str()));
            // An element without properties would be one that is not known.
            let properties = item.entry("properties").or_insert_with(|| Value::Object(Map::new()));
            if let Some(properties) = properties.as_object_mut() {
                properties.retain(|name, _| OF_APIS.contains(&name.as_str()));
                url(properties, "serviceUrl", &vaults);
            }
        }),
        Ask::Products | Ask::WorkspaceProducts | Ask::ApiResolvers | Ask::Workspaces => each_item(body, |item| {
            item.retain(|key, _| ["id", "name", "type"].contains(&key.as_str()));
            item.insert("properties".to_owned(), Value::Object(Map::new()));
        }),
        Ask::Policy
        | Ask::ApiPolicy
        | Ask::OperationPolicy
        | Ask::ResolverPolicy
        | Ask::ProductPolicy
        | Ask::WorkspacePolicy
        | Ask::WorkspaceApiPolicy
        | Ask::WorkspaceOperationPolicy
        | Ask::WorkspaceProductPolicy => {
            if let Some(properties) = body.pointer_mut("/properties").and_then(Value::as_object_mut) {
                policy(properties, &vaults);
            }
        }
        Ask::Fragments | Ask::WorkspaceFragments => each_item(body, |item| {
            if let Some(properties) = item.get_mut("properties").and_then(Value::as_object_mut) {
                policy(properties, &vaults);
            }
        }),
        Ask::Backends | Ask::WorkspaceBackends => each_item(body, |item| {
            if let Some(properties) = item.get_mut("properties").and_then(Value::as_object_mut) {
                backend(properties, &vaults);
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

/// Headers, bodies and expressions of a policy may hold secrets in any form: only what is followed stays.
fn policy(properties: &mut Map<String, Value>, vaults: &Vaults) {
    let kept = properties.get("value").and_then(Value::as_str).map(|text| kept_document(text, vaults));
    properties.retain(|_, _| false);
    properties.insert("format".to_owned(), "rawxml".into());
    properties.extend(kept.map(|text| ("value".to_owned(), text.into())));
}

/// Replaces a URL by what of it is not secret.
fn url(properties: &mut Map<String, Value>, name: &str, vaults: &Vaults) {
    if let Some(Value::String(text)) = properties.get_mut(name) {
        *text = kept_url(text, vaults);
    }
}

/// Of a backend: where it is, and which kinds of credentials it has.
fn backend(properties: &mut Map<String, Value>, vaults: &Vaults) {
    properties.retain(|name, _| ["url", "protocol", "type", "pool", "credentials", "proxy"].contains(&name.as_str()));
    url(properties, "url", vaults);
    for name in ["credentials", "proxy"] {
        if let Some(value) = properties.get_mut(name) {
            redact::every(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_backends_and_named_values_addresses_stay_and_secrets_go() {
        let mut body = serde_json::json!({ "value": [
            { "id": "/b", "properties": {
                "url": "https://u:S3CRET@kv.vault.azure.net/secrets?x=S3CRET", "title": "S3CRET",
                "credentials": { "authorization": { "scheme": "S3CRET", "parameter": "S3CRET" }, "header": { "x": ["S3CRET"] } },
                "pool": { "services": [{ "id": "/backends/a" }] }, "proxy": { "url": "http://S3CRET" },
            } },
        ] });
        keep(Ask::Backends, &Cloud::public(), &mut body);
        let text = body.to_string();
        assert!(!text.contains("S3CRET"), "{text}");
        for kept in ["https://kv.vault.azure.net/secrets?", "/backends/a", "authorization", "header", "proxy"] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        let value = |value: &str, secret: bool| {
            let mut body = serde_json::json!({ "value": [
                { "id": "/n", "properties": { "displayName": "n", "secret": secret, "value": value } },
            ] });
            keep(Ask::NamedValues, &Cloud::public(), &mut body);
            body["value"][0]["properties"]["value"].as_str().unwrap().to_owned()
        };
        assert_eq!(value("https://kv.vault.azure.net", false), "https://kv.vault.azure.net");
        assert_eq!(value("https://kv.vault.azure.net", true), redact::REDACTED);
        assert_eq!(value("hunter2", false), redact::REDACTED);
    }
}
