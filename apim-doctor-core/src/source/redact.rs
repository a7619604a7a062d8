//! Secret values are replaced before anything is written.

use serde_json::Value;

use crate::knowledge::cloud::Cloud;
use crate::model::policy::{Vaults, kept_document, kept_named_value};
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

/// Ends of the names of properties that hold a secret.
const SECRET_ENDS: &[&str] = &["key", "password", "secret"];

/// Names that end like that of a secret and hold none.
const NO_SECRETS: &[&str] = &["publickey", "sshpublickey", "partitionkey", "rowkey"];

/// Properties whose every value is a secret: keys by their names.
const KEYS: &[&str] = &["functionkeys", "systemkeys"];

/// Replaces every secret value in a JSON document.
pub fn document(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let settings = is_settings(map);
            let policy = map.contains_key("format");
            // A named value that is no secret may be the address of a vault.
            let plain = map.contains_key("displayName")
                && map.get("secret").is_none_or(|secret| *secret == Value::Bool(false))
                && map.get("keyVault").is_none_or(Value::is_null);
            let package =
                map.get("type").and_then(Value::as_str).is_some_and(|t| t.eq_ignore_ascii_case("blobContainer"));
            // What was asked for says what a body holds, where it does not say it itself.
            let asked = map.get("request").and_then(Value::as_str).is_some_and(is_list_of_settings);
            for (key, inner) in map.iter_mut() {
                let folded = key.to_ascii_lowercase();
                match inner {
                    Value::Object(body) if asked && folded == "body" => {
                        if let Some(Value::Object(values)) = body.get_mut("properties") {
                            redact_settings(values);
                        }
                        document(inner);
                    }
                    Value::Object(values) if settings && folded == "properties" => redact_settings(values),
                    Value::Object(_) | Value::Array(_) if KEYS.contains(&folded.as_str()) => every(inner),
                    Value::String(text) if is_secret(&folded) => *text = setting::secret(text).into_owned(),
                    // Where an app's package lies.
                    Value::String(text) if folded == "value" && package => *text = setting::service_url(text),
                    // What of a policy's text is no secret is known; a text elsewhere is followed by nobody.
                    Value::String(text) if folded == "value" && policy && text.trim_start().starts_with('<') => {
                        *text = kept_document(text, &Vaults::of(&Cloud::public()));
                    }
                    Value::String(text) if folded == "value" && plain => {
                        *text = kept_named_value(text, &Vaults::of(&Cloud::public()));
                    }
                    // An address rule and a policy document keep theirs; every other value may be a secret.
                    Value::String(text) if folded == "value" && !policy && !is_address(text) => redact(text),
                    _ => document(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(document),
        Value::String(text) => {
            let clean = if setting::is_reference(text) && text.trim_start().starts_with('@') {
                setting::reference(text).into_owned()
            } else {
                text_of(text)
            };
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

/// Replaces every value, whatever it is called.
pub(crate) fn every(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(every),
        Value::Array(items) => items.iter_mut().for_each(every),
        Value::String(text) => redact(text),
        Value::Number(_) => *value = REDACTED.into(),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Whether a property of this name, in lower case, holds a secret.
fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name) || (SECRET_ENDS.iter().any(|end| name.ends_with(end)) && !NO_SECRETS.contains(&name))
}

fn is_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok() || text.parse::<ipnet::IpNet>().is_ok()
}

/// App settings and connection strings of an app, whose names are the owner's. The states of references are listed
/// under the same names, and are none.
fn is_settings(map: &serde_json::Map<String, Value>) -> bool {
    let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let is_named =
        |text: &str| ["appsettings", "connectionstrings"].iter().any(|own| text.rsplit('/').next() == Some(*own));
    let states = map.get("properties").is_some_and(|properties| properties.get("keyToReferenceStatuses").is_some());
    (is_named(&text("name")) || is_named(&text("id"))) && !text("id").contains("/configreferences/") && !states
}

/// A request for the settings of an app.
fn is_list_of_settings(request: &str) -> bool {
    let path = request.split('?').next().unwrap_or_default().trim_end_matches('/').to_ascii_lowercase();
    ["/config/appsettings", "/config/connectionstrings"]
        .iter()
        .any(|end| path.ends_with(end) || path.strip_suffix("/list").is_some_and(|path| path.ends_with(end)))
}

/// Of a setting or connection string only what a diagnosis needs is kept.
fn redact_settings(values: &mut serde_json::Map<String, Value>) {
    let clean = |name: &str, value: &mut Value| match value {
        Value::String(text) => *text = setting::kept(name, text).into_owned(),
        Value::Number(number) => *value = setting::kept(name, &number.to_string()).into(),
        Value::Null | Value::Bool(_) => {}
        Value::Array(_) | Value::Object(_) => *value = REDACTED.into(),
    };
    for (name, value) in values {
        let Value::Object(connection) = value else {
            clean(name, value);
            continue;
        };
        for (key, inner) in connection {
            let is_kind = key == "type" && inner.as_str().is_some_and(|t| t.bytes().all(|b| b.is_ascii_alphanumeric()));
            match key.as_str() {
                "value" => clean(name, inner),
                _ if is_kind => {}
                _ => every(inner),
            }
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
    // `https://user:password@host`
    let by_user = folded.match_indices("://").filter_map(|(start, sign)| {
        let rest = folded.get(start + sign.len()..)?;
        let host = rest.get(..rest.find(['/', ' ', '"', '\n']).unwrap_or(rest.len()))?;
        let (user, _) = host.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        Some((start + sign.len() + name.len() + 1, password.len()))
    });
    let all = by_name.chain(by_scheme).chain(tokens).chain(by_user);
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
            "setting": {"name": "appsettings", "properties": {
                "A": "s3cret", "B": "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/x)",
            }},
            "ipRules": [{"value": "10.0.0.0/8"}], "id": {"value": "pass1", "attributes": {}},
            "encodedCertificate": "MII…", "note": "AccountKey=abc==;EndpointSuffix=core.windows.net",
        });
        document(&mut value);
        let text = value.to_string();
        assert!(!text.contains("hunter2") && !text.contains("MII") && !text.contains("abc=="));
        assert!(!text.contains("s3cret") && !text.contains("pass1"));
        assert!(text.contains("SecretUri=https://kv.vault.azure.net/secrets/x)") && text.contains("10.0.0.0/8"));
        assert!(text.contains("EndpointSuffix=core.windows.net") && text.contains("displayName"));
    }

    /// Keys of apps, of machines and of whatever else an answer about an app holds.
    #[test]
    fn a_secret_goes_by_the_name_of_its_property_or_of_what_was_asked() {
        let list =
            |body| serde_json::json!({"request": "POST /sites/f/config/appsettings/list?api-version=1", "body": body});
        let mut value = serde_json::json!({
            "exchanges": [
                list(serde_json::json!({"properties": {
                    "A": "S3KRET", "B": ["S3KRET"], "C": {"deep": "S3KRET"}, "D": 53.2,
                }})),
                list(serde_json::json!({"id": "/f/config/appsettings", "properties": {
                    "A": {"value": "S3KRET", "type": "Custom"},
                }})),
            ],
            "siteConfig": {
                "publishingPassword": "S3KRET", "machineKey": {"validationKey": "S3KRET", "decryptionKey": "S3KRET"},
                "appSettings": [{"name": "X", "value": "S3KRET"}],
                "azureStorageAccounts": {"m": {"accessKey": "S3KRET"}},
            },
            "masterKey": "S3KRET", "functionKeys": {"default": "S3KRET"}, "systemKeys": [{"name": "S3KRET"}],
            "microsoftProviderAuthenticationSecret": "S3KRET",
            "reference": "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/x;Default=S3KRET)",
            "storage": {"type": "blobContainer", "value": "https://st.blob.core.windows.net/pkg?sig=S3KRET"},
        });
        document(&mut value);
        let text = value.to_string();
        assert!(!text.contains("S3KRET") && !text.contains("53.2"), "{text}");
        assert!(text.contains("https://st.blob.core.windows.net/pkg") && text.contains("kv.vault.azure.net/secrets/x"));
        assert!(text.contains("Custom"));
    }

    /// What is needed for a diagnosis, and what a secret is only called like.
    #[test]
    fn what_only_looks_like_a_secret_stays() {
        let value = serde_json::json!({
            "keyVault": {"secretIdentifier": "https://kv.vault.azure.net/secrets/x"}, "keyVaultSecretName": "x",
            "secret": true, "key": null, "publicKey": "ssh-rsa",
            "keyToReferenceStatuses": {"DbPassword": {"status": "Resolved"}},
            "properties": {"DbPassword": "@Microsoft.KeyVault(VaultName=kv;SecretName=x)"},
            "states": [
                {"name": "MyAppSettings", "properties": {"status": "Resolved"}},
                {"id": "/f/config/configreferences/appsettings", "properties": {"status": "Resolved"}},
            ],
        });
        let mut clean = value.clone();
        document(&mut clean);
        assert_eq!(clean, value);
    }

    #[test]
    fn a_password_before_a_host_goes() {
        assert_eq!(text_of("see https://$u:p1:2@h.example/x, u:p@h"), "see https://$u:<redacted>@h.example/x, u:p@h");
    }

    #[test]
    fn a_text_without_secrets_is_unchanged() {
        let text = "Failed to access KeyVault Secret https://kv.vault.azure.net/secrets/x";
        assert_eq!(text_of(text), text);
    }
}
