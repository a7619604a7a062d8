//! Secret values are replaced before anything is written.

use serde_json::Value;

use crate::base::markup;

/// What stands in place of a secret.
pub const REDACTED: &str = "<redacted>";

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

/// Keeps of policy documents only what calls another service with a managed identity: headers, bodies and expressions
/// may hold secrets in any form.
pub fn policies(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let document = map.get("value").and_then(Value::as_str).filter(|text| text.trim_start().starts_with('<'));
            if let Some(kept) = document.map(calls) {
                map.insert("value".to_owned(), kept.into());
                map.insert("format".to_owned(), "rawxml".into());
            }
            map.values_mut().for_each(policies);
        }
        Value::Array(items) => items.iter_mut().for_each(policies),
        _ => {}
    }
}

/// The calls of a policy document, each with its URL, method and identity.
fn calls(document: &str) -> String {
    let mut rest = markup::without_comments(document);
    let mut kept = String::from("<policies>");
    for element in ["send-request", "send-one-way-request"] {
        for block in markup::blocks(&rest.clone(), element) {
            rest = rest.replace(&block, "");
            kept.push_str(&format!("<{element}>"));
            ["set-url", "set-method"].iter().flat_map(|name| markup::blocks(&block, name)).for_each(|inner| {
                // A query may hold a key.
                kept.push_str(inner.split('?').next().unwrap_or_default());
                if inner.contains('?') {
                    kept.push_str("</set-url>");
                }
            });
            identities(&block, &mut kept);
            kept.push_str(&format!("</{element}>"));
        }
    }
    for tag in markup::tags(&rest, "set-backend-service") {
        if let Some(url) = markup::attribute(&tag, "base-url") {
            kept.push_str(&format!(
                "<set-backend-service base-url=\"{}\" />",
                url.split('?').next().unwrap_or_default()
            ));
        }
    }
    identities(&rest, &mut kept);
    kept.push_str("</policies>");
    kept
}

fn identities(text: &str, kept: &mut String) {
    for tag in markup::tags(text, "authentication-managed-identity") {
        kept.push_str("<authentication-managed-identity");
        for name in ["resource", "client-id"] {
            if let Some(value) = markup::attribute(&tag, name) {
                kept.push_str(&format!(" {name}=\"{value}\""));
            }
        }
        kept.push_str(" />");
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
    "access_token",
    "token",
    "api-key",
    "apikey",
];

/// Replaces keys, signatures, passwords and tokens inside a text.
pub fn text_of(text: &str) -> String {
    let folded = text.to_ascii_lowercase();
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((keep, len)) = next_secret(&folded, at) {
        result.push_str(text.get(at..keep).unwrap_or_default());
        result.push_str(REDACTED);
        at = keep + len;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

/// Where the next secret starts, and how long it is.
fn next_secret(folded: &str, from: usize) -> Option<(usize, usize)> {
    let rest = folded.get(from..)?;
    let by_name = NAMES.iter().flat_map(|name| rest.match_indices(name)).filter_map(|(start, name)| {
        let before = rest.get(..start)?.chars().next_back();
        let after = rest.get(start + name.len()..)?;
        let colon = if ["sig", "token"].contains(&name) { '=' } else { ':' };
        let value = after.trim_start_matches(['"', ' ']).strip_prefix(['=', colon])?;
        let value = value.trim_start_matches(['"', '\'', ' ']);
        let whole_word = before.is_none_or(|c| !c.is_ascii_alphanumeric());
        whole_word.then(|| (rest.len() - value.len(), secret_len(value)))
    });
    let by_scheme =
        ["bearer ", "basic "].iter().flat_map(|scheme| rest.match_indices(scheme)).map(|(start, scheme)| {
            let keep = start + scheme.len();
            (keep, secret_len(rest.get(keep..).unwrap_or_default()))
        });
    let by_scheme = by_scheme.filter(|(_, len)| *len >= 16);
    // A token is a secret wherever it stands.
    let tokens = rest.match_indices("eyj").filter_map(|(start, _)| {
        let len = secret_len(rest.get(start..)?);
        (len > 40 && rest.get(start..start + len)?.contains('.')).then_some((start, len))
    });
    let all = by_name
        .chain(by_scheme)
        .chain(tokens)
        .filter(|(start, len)| *len > 0 && !rest.get(*start..).is_some_and(|value| value.starts_with(REDACTED)));
    all.min().map(|(start, len)| (from + start, len))
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
    fn of_a_policy_only_calls_with_an_identity_stay() {
        let xml = r#"<policies><inbound><set-header name="x"><value>hunter2</value></set-header>
          <send-request mode="new"><set-url>https://kv.vault.azure.net/secrets/a?code=s3cret</set-url>
            <set-method>GET</set-method><set-header name="k"><value>pass1</value></set-header>
            <authentication-managed-identity resource="https://vault.azure.net" client-id="abc" /></send-request>
          <set-backend-service base-url="https://kv2.vault.azure.net" />
          <authentication-managed-identity resource="https://vault.azure.net" output-token-variable-name="t" />
        </inbound></policies>"#;
        let mut body = serde_json::json!({"properties": {"value": xml}});
        policies(&mut body);
        document(&mut body);
        let kept = body["properties"]["value"].as_str().unwrap();
        assert_eq!(
            kept,
            "<policies><send-request><set-url>https://kv.vault.azure.net/secrets/a</set-url>\
             <set-method>GET</set-method><authentication-managed-identity resource=\"https://vault.azure.net\" \
             client-id=\"abc\" /></send-request><set-backend-service base-url=\"https://kv2.vault.azure.net\" />\
             <authentication-managed-identity resource=\"https://vault.azure.net\" /></policies>"
        );
    }

    #[test]
    fn a_text_without_secrets_is_unchanged() {
        let text = "Failed to access KeyVault Secret https://kv.vault.azure.net/secrets/x";
        assert_eq!(text_of(text), text);
    }
}
