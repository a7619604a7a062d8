//! Secret values are replaced before anything is written.

use serde_json::Value;

use crate::model::setting;
pub use crate::model::setting::REDACTED;

/// Properties whose value is a secret wherever they occur.
const SECRETS: &[&str] = &[
    "accesskey",
    "accesstoken",
    "accountkey",
    "certificatepassword",
    "clientsecret",
    "clientsecreturl",
    "connectionstring",
    "data",
    "encodedcertificate",
    "instrumentationkey",
    "key1",
    "key2",
    "password",
    "primaryconnectionstring",
    "primarykey",
    "privatekey",
    "sas",
    "sastoken",
    "secondaryconnectionstring",
    "secondarykey",
    "sharedkey",
    "token",
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

/// Of a setting or connection string only what a diagnosis needs is kept.
fn redact_settings(values: &mut serde_json::Map<String, Value>) {
    for (name, value) in values {
        match value {
            Value::Object(connection) => {
                if let Some(Value::String(text)) = connection.get_mut("value") {
                    *text = setting::kept(name, text).into_owned();
                }
            }
            Value::String(text) => *text = setting::kept(name, text).into_owned(),
            other => document(other),
        }
    }
}

/// Names before a secret in a text; what follows them up to the next separator is replaced.
const NAMES: &[&str] = &[
    "accountkey",
    "client_secret",
    "clientsecret",
    "password",
    "pwd",
    "sharedaccesskey",
    "sharedaccesssignature",
    "sig",
    "code",
    "subscription-key",
    "x-functions-key",
    "access_token",
    "token",
    "api-key",
    "apikey",
];

/// Replaces keys, signatures, passwords and tokens inside a text.
pub fn text_of(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for (start, len) in secrets(text) {
        // What lies in another secret went with it.
        if start >= at {
            result.push_str(text.get(at..start).unwrap_or_default());
            result.push_str(REDACTED);
            at = start + len;
        }
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

/// Where secrets start in a text, and how long each is, in order.
fn secrets(text: &str) -> Vec<(usize, usize)> {
    let folded = text.to_ascii_lowercase();
    let by_name = NAMES.iter().flat_map(|name| folded.match_indices(name)).filter_map(|(start, name)| {
        let before = folded.get(..start)?.chars().next_back();
        let after = folded.get(start + name.len()..)?;
        let colon = if ["code", "sig", "token"].contains(&name) { '=' } else { ':' };
        let value = after.trim_start_matches(['"', ' ']).strip_prefix(['=', colon])?;
        let value = value.trim_start_matches(['"', '\'', ' ']);
        let whole_word = before.is_none_or(|c| !c.is_ascii_alphanumeric());
        whole_word.then(|| (folded.len() - value.len(), secret_len(value)))
    });
    let by_scheme =
        ["bearer ", "basic "].iter().flat_map(|scheme| folded.match_indices(scheme)).map(|(start, scheme)| {
            let keep = start + scheme.len();
            (keep, secret_len(folded.get(keep..).unwrap_or_default()))
        });
    let by_scheme = by_scheme.filter(|(_, len)| *len >= 16);
    // A token is a secret wherever it stands; the same letters stand in names.
    let tokens = text.match_indices("eyJ").filter_map(|(start, _)| {
        let len = secret_len(text.get(start..)?);
        let token = text.get(start..start + len)?;
        let whole = token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.=".contains(&b));
        let before = text.get(..start)?.chars().next_back();
        let apart = before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '/');
        (len > 40 && whole && apart && token.matches('.').count() >= 1).then_some((start, len))
    });
    let all = by_name.chain(by_scheme).chain(tokens);
    let mut all: Vec<(usize, usize)> = all
        .filter(|(start, len)| *len > 0 && !text.get(*start..).is_some_and(|value| value.starts_with(REDACTED)))
        .collect();
    all.sort();
    all
}

fn secret_len(value: &str) -> usize {
    value.find([';', '&', ' ', '"', '\'', '\n', ',', ')', '<', '}']).unwrap_or(value.len())
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
