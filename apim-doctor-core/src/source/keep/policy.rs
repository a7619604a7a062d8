//! What is kept of policies, and of what their calls go through: named values, backends and APIs.

use std::sync::LazyLock;

use serde_json::Value;

use crate::knowledge::cloud::Cloud;
use crate::model::Shape;
use crate::model::api_management::NamedValue;
use crate::model::form::REDACTED;
use crate::model::policy::{Vaults, kept_address, kept_document};
use crate::source::keep::value::{Kept, of_text, sentence};

/// Drops from `properties` what is not followed: headers, bodies and expressions of a policy may hold secrets in any
/// form.
pub(super) fn policy(properties: &mut Value, cloud: &Cloud) {
    let Value::Object(properties) = properties else { return };
    let vaults = Vaults::of(cloud);
    let kept = properties.get("value").map(|value| value.as_str().map(|document| kept_document(document, &vaults)));
    properties.clear();
    properties.insert("format".to_owned(), "rawxml".into());
    if let Some(kept) = kept {
        properties.insert("value".to_owned(), kept.into());
    }
}

/// Keeps the value of a named value that is not a secret as far as it is the address of a vault.
pub(super) fn named_value(properties: &mut Value, cloud: &Cloud) {
    static MEMBERS: LazyLock<Kept> =
        LazyLock::new(|| Kept::with_forms(Shape::of::<NamedValue>(), &[("/keyVault/lastStatus/message", sentence)]));
    let is_plain = |properties: &Value| {
        let is = |name: &str, wanted: &Value| properties.get(name).is_none_or(|own| own.is_null() || own == wanted);
        is("secret", &Value::Bool(false)) && is("keyVault", &Value::Null)
    };
    let plain = is_plain(properties);
    MEMBERS.apply(properties, cloud);
    if let Some(value) = properties.get_mut("value") {
        of_text(value, |text| match plain {
            true => kept_address(text, &Vaults::of(cloud)),
            false if text.is_empty() => String::new(),
            false => REDACTED.to_owned(),
        });
    }
}

/// Keeps of a URL what is followed.
pub(super) fn url(value: &mut Value, cloud: &Cloud) {
    of_text(value, |text| kept_address(text, &Vaults::of(cloud)));
}

/// Keeps that something is given, and nothing of it.
pub(super) fn given(value: &mut Value, _: &Cloud) {
    let is_given = match &*value {
        Value::Null => false,
        Value::Object(map) => !map.is_empty(),
        _ => true,
    };
    if is_given {
        *value = REDACTED.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::keep::kept;

    const ID: &str = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ApiManagement/service/a";

    #[test]
    fn of_backends_and_named_values_addresses_stay_and_secrets_go() {
        let body = serde_json::json!({"id": format!("{ID}/backends/b"), "properties": {
            "url": "https://u:S3CRET@kv.vault.azure.net/secrets?x=S3CRET", "title": "S3CRET",
            "credentials": {"authorization": {"scheme": "S3CRET", "parameter": "S3CRET"}, "header": {"x": ["S3CRET"]}},
            "pool": {"services": [{"id": "/backends/a"}]}, "proxy": {"url": "http://S3CRET"},
        }});
        let text = kept(&body).to_string();
        assert!(!text.contains("S3CRET"), "{text}");
        for kept in ["https://kv.vault.azure.net/secrets", "/backends/a", "authorization", "header", "proxy"] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        let value = |value: &str, secret: bool| {
            let properties = serde_json::json!({"displayName": "n", "secret": secret, "value": value});
            let kept = kept(&serde_json::json!({"id": format!("{ID}/namedValues/n"), "properties": properties}));
            kept.pointer("/value/0/properties/value").and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
        };
        assert_eq!(value("https://kv.vault.azure.net", false), "https://kv.vault.azure.net");
        assert_eq!(value("https://kv.vault.azure.net", true), REDACTED);
        assert_eq!(value("hunter2", false), REDACTED);
    }
}
