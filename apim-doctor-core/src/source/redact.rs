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

/// Replaces keys, signatures, passwords and tokens inside a text, in time that grows as the text does.
pub fn text_of(text: &str) -> String {
    let mut starts = starts(text);
    starts.sort();
    let mut ends = Ends::of(text);
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    // What starts inside another secret is replaced together with it.
    for (start, kind) in starts {
        let is_marked = || text.get(start..).is_some_and(|value| value.starts_with(REDACTED));
        let end = if start >= at && !is_marked() { ends.of_secret(start, kind) } else { None };
        if let Some(end) = end {
            result.push_str(text.get(at..start).unwrap_or_default());
            result.push_str(REDACTED);
            at = end;
        }
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

/// Why a secret may start somewhere in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The password in `https://user:password@host`, of this many bytes.
    Password(usize),
    /// A name such as `password=` stands before it.
    Named,
    /// `Bearer ` or `Basic ` stands before it.
    Credential,
    /// It begins as a JSON Web Token does.
    Token,
}

/// Places where a secret may start, in no order.
fn starts(text: &str) -> Vec<(usize, Kind)> {
    let folded = text.to_ascii_lowercase();
    let by_name = NAMES.iter().flat_map(|name| folded.match_indices(name)).filter_map(|(start, name)| {
        let before = folded.get(..start)?.chars().next_back();
        let after = folded.get(start + name.len()..)?;
        let colon = if ["code", "sig", "token"].contains(&name) { '=' } else { ':' };
        let value = after.trim_start_matches(['"', ' ']).strip_prefix(['=', colon])?;
        let value = value.trim_start_matches(['"', '\'', ' ']);
        let whole_word = before.is_none_or(|c| !c.is_ascii_alphanumeric());
        whole_word.then(|| (folded.len() - value.len(), Kind::Named))
    });
    let by_scheme = ["bearer ", "basic "].iter().flat_map(|scheme| folded.match_indices(scheme));
    let by_scheme = by_scheme.map(|(start, scheme)| (start + scheme.len(), Kind::Credential));
    // A token is a secret wherever it stands; the same letters stand in names.
    let tokens = text.match_indices("eyJ").filter_map(|(start, _)| {
        let before = text.get(..start)?.chars().next_back();
        before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '/').then_some((start, Kind::Token))
    });
    let by_user = folded.match_indices("://").filter_map(|(start, sign)| {
        let rest = folded.get(start + sign.len()..)?;
        let host = rest.get(..rest.find(['/', ' ', '"', '\n']).unwrap_or(rest.len()))?;
        let (user, _) = host.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        Some((start + sign.len() + name.len() + 1, Kind::Password(password.len())))
    });
    by_name.chain(by_scheme).chain(tokens).chain(by_user).collect()
}

/// Finds where secrets end. Asked for one place after the other, it looks at each byte of the text once.
struct Ends<'t> {
    separator: Ahead<'t>,
    behind_token: Ahead<'t>,
    dot: Ahead<'t>,
}

impl<'t> Ends<'t> {
    fn of(text: &'t str) -> Self {
        let ahead = |wanted| Ahead { bytes: text.as_bytes(), wanted, found: None };
        Self {
            separator: ahead(|b| b";& \"'\n,)<}".contains(&b)),
            behind_token: ahead(|b| !b.is_ascii_alphanumeric() && !b"-_.=".contains(&b)),
            dot: ahead(|b| b == b'.'),
        }
    }

    /// The end of the secret at `start`; `None` where there is no secret.
    fn of_secret(&mut self, start: usize, kind: Kind) -> Option<usize> {
        let end = match kind {
            Kind::Password(length) => start + length,
            _ => self.separator.from(start),
        };
        let is_secret = match kind {
            Kind::Named | Kind::Password(_) => end > start,
            Kind::Credential => end - start >= 16,
            Kind::Token => end - start > 40 && self.behind_token.from(start) >= end && self.dot.from(start) < end,
        };
        is_secret.then_some(end)
    }
}

/// Finds the next byte of a kind, from places that only move forward.
struct Ahead<'t> {
    bytes: &'t [u8],
    wanted: fn(u8) -> bool,
    found: Option<usize>,
}

impl Ahead<'_> {
    /// Where the first such byte from here on stands; the length of the text where there is none.
    fn from(&mut self, at: usize) -> usize {
        if let Some(found) = self.found.filter(|found| *found >= at) {
            return found;
        }
        let rest = self.bytes.get(at..).unwrap_or_default();
        let length = rest.iter().position(|byte| (self.wanted)(*byte)).unwrap_or(rest.len());
        #[cfg(test)]
        tests::LOOKED_AT.set(tests::LOOKED_AT.get() + length + 1);
        self.found = Some(at + length);
        at + length
    }
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

    thread_local! {
        /// Bytes that were looked at in the search for the ends of secrets.
        pub(super) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    /// Beginnings of secrets, over and over, with nothing that ends one: the work grows as the text does.
    #[test]
    fn each_byte_is_looked_at_a_few_times_however_many_secrets_may_start() {
        for piece in [
            "eyJ",
            "-eyJ",
            "eyJ.",
            ".eyJ=",
            "sig=",
            "-sig=",
            "AccountKey=",
            "AccountKey=sig=eyJ",
            "basic eyJ",
            "bearer basic ",
            "://",
            "://a:",
            "://a:b@",
            "pwd=\"\"",
            "token \"",
            "code=<redacted",
            "-----BEGIN ",
            "{\"password\":",
            "\\\"sig\\\":\\\"",
            "\u{e9}eyJ",
            "a",
            "=",
            "\"",
        ] {
            let work = |times: usize| {
                let text = piece.repeat(times);
                LOOKED_AT.set(0);
                text_of(&text);
                (LOOKED_AT.get(), text.len())
            };
            let (once, _) = work(1_000);
            let (twice, length) = work(2_000);
            assert!(twice <= 2 * once + 64, "`{piece}`: {once}, then {twice}");
            assert!(twice <= 4 * length, "`{piece}`: {twice} of {length}");
        }
    }

    /// The same as the search for one secret after the other, which is slow and simple.
    #[test]
    fn the_same_secrets_are_found_as_by_looking_at_each_place_alone() {
        let pieces = [
            "eyJ",
            "sig=",
            "a",
            ".",
            "-",
            " ",
            ";",
            "pwd=",
            "Bearer ",
            "://",
            "u:p@",
            "\"",
            REDACTED,
            "0123456789abcdef",
        ];
        let mut seed = 7_u64;
        for _ in 0..4_000 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            assert_eq!(text_of(&text), slowly(&text), "{text}");
        }
    }

    fn slowly(text: &str) -> String {
        let mut starts = starts(text);
        starts.sort();
        let mut secrets: Vec<(usize, usize)> = starts
            .into_iter()
            .filter(|(start, _)| !text.get(*start..).unwrap().starts_with(REDACTED))
            .filter_map(|(start, kind)| Some((start, Ends::of(text).of_secret(start, kind)?)))
            .collect();
        secrets.sort();
        let (mut result, mut at) = (String::new(), 0);
        for (start, end) in secrets {
            if start >= at {
                result += text.get(at..start).unwrap();
                result += REDACTED;
                at = end;
            }
        }
        result + text.get(at..).unwrap()
    }
}
