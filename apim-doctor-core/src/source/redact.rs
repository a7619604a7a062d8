//! Secret values are replaced before anything is written.

use serde_json::Value;

/// What stands in place of a secret.
pub const REDACTED: &str = "<redacted>";

/// Properties whose value is a secret wherever they occur.
const SECRETS: &[&str] = &[
    "accesskey", "accesstoken", "accountkey", "certificatepassword", "clientsecret", "clientsecreturl",
    "connectionstring", "data", "encodedcertificate", "instrumentationkey", "key1", "key2", "password",
    "primaryconnectionstring", "primarykey", "privatekey", "sas", "sastoken", "secondaryconnectionstring",
    "secondarykey", "sharedkey", "token",
];

/// Replaces every secret value in a JSON document.
pub fn document(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let settings = is_settings(map);
            let policy = map.contains_key("format");
            for (key, inner) in map.iter_mut() {
                let folded = key.to_ascii_lowercase();
                match inner {
                    Value::Object(values) if settings && folded == "properties" => redact_settings(values),
                    Value::String(text) if SECRETS.contains(&folded.as_str()) => redact(text),
                    // An address rule and a policy document keep theirs; every other value may be a secret.
                    Value::String(text) if folded == "value" && !policy && !is_address(text) => redact(text),
                    _ => document(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(document),
        Value::String(text) => {
            let clean = text_of(text);
            if clean != *text {
                *text = clean;
            }
        }
        _ => {}
    }
}

fn redact(text: &mut String) {
    if !text.is_empty() {
        REDACTED.clone_into(text);
    }
}

fn is_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok() || text.parse::<ipnet::IpNet>().is_ok()
}

/// App settings and connection strings of an app, whose names are the owner's.
fn is_settings(map: &serde_json::Map<String, Value>) -> bool {
    let name = map.get("name").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    name.ends_with("appsettings") || name.ends_with("connectionstrings")
}

/// A Key Vault reference is kept whole; every other setting may be a secret.
fn redact_settings(values: &mut serde_json::Map<String, Value>) {
    for value in values.values_mut() {
        match value {
            Value::String(text) if !text.to_ascii_lowercase().starts_with("@microsoft.keyvault(") => redact(text),
            other => document(other),
        }
    }
}

/// Parts of a text that carry a secret, up to the next separator.
const MARKERS: &[&str] = &["accountkey=", "sharedaccesssignature=", "sig=", "password=", "pwd=", "bearer ", "eyj"];

/// Replaces keys, signatures, passwords and tokens inside a text.
pub fn text_of(text: &str) -> String {
    let folded = text.to_ascii_lowercase();
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = folded.get(at..).unwrap_or_default();
        let Some((start, marker)) =
            MARKERS.iter().filter_map(|m| rest.find(m).map(|start| (at + start, *m))).min_by_key(|(s, _)| *s)
        else {
            break;
        };
        // A token is a secret from its first letter; a key starts after its name.
        let keep = if marker == "eyj" { start } else { start + marker.len() };
        let tail = text.get(keep..).unwrap_or_default();
        let len = tail.find([';', '&', ' ', '"', '\'', '\n', ',', ')']).unwrap_or(tail.len());
        let is_secret = marker != "eyj" || (len > 40 && tail.get(..len).is_some_and(|t| t.contains('.')));
        result.push_str(text.get(at..keep).unwrap_or_default());
        if is_secret && len > 0 {
            result.push_str(REDACTED);
        } else {
            result.push_str(tail.get(..len).unwrap_or_default());
        }
        at = keep + len;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_everything_else_stays() {
        let mut value = serde_json::json!({
            "value": [{"properties": {"secret": true, "value": "hunter2", "displayName": "x"}}],
            "setting": {"name": "appsettings", "properties": {"A": "s3cret", "B": "@Microsoft.KeyVault(SecretUri=x)"}},
            "ipRules": [{"value": "10.0.0.0/8"}], "id": {"value": "pass1", "attributes": {}},
            "encodedCertificate": "MII…", "note": "AccountKey=abc==;EndpointSuffix=core.windows.net",
        });
        document(&mut value);
        let text = value.to_string();
        assert!(!text.contains("hunter2") && !text.contains("MII") && !text.contains("abc=="));
        assert!(!text.contains("s3cret") && !text.contains("pass1"));
        assert!(text.contains("SecretUri=x") && text.contains("10.0.0.0/8"));
        assert!(text.contains("EndpointSuffix=core.windows.net") && text.contains("displayName"));
    }

    #[test]
    fn a_text_without_secrets_is_unchanged() {
        let text = "Failed to access KeyVault Secret https://kv.vault.azure.net/secrets/x";
        assert_eq!(text_of(text), text);
    }
}
