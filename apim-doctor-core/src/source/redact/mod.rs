//! Replaces the secrets in texts. Every text that is recorded, logged or reported passes through here.
//!
//! A secret with a name before it (`password=`, a cookie, a PEM block) is replaced in every text. A sentence of Azure's
//! or of a person's can also quote the value of a secret without its name: names and codes are words, and a key or a
//! generated password is not, so it is replaced as well.

mod scan;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

pub(crate) use crate::model::form::REDACTED;
use crate::source::request::decode;

/// The shortest run of letters and digits that is taken for a generated value in a sentence.
const SHORTEST: usize = 12;

/// The same in any other text, which names things.
const LONG: usize = 40;

/// How deep JSON is followed that stands as a text in JSON.
const DEEPEST: u8 = 4;

/// How many brackets are tried as the start of JSON.
const ATTEMPTS: usize = 8;

/// Blocks and headers whose whole content is a secret.
static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let block = r"(?i-u:-----BEGIN [A-Z0-9 ]+-----)(?s:.*?)(?:(?i-u:-----END [A-Z0-9 ]+-----)|\z)";
    let cookie = r#"(?P<name>(?i-u:\b(?:set-)?cookie\\*["']?\s*[:=]\s*\\*["']?))[^\r\n"']+"#;
    Regex::new(&format!("{block}|{cookie}")).ok()
});

/// Names before a secret, also where quotes are escaped once or more. The names are ASCII, which compiles in a fraction
/// of the time.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const NAMES: &str = "access_?key|account_?key|api_?key|assertion|client_?assertion|client_?secret|connection_?string|\
        encodedcertificate|id_token|master_?key|pass(?:word|wd|phrase|code)|primary_?key|private_?key|pwd|\
        publishing_?password|refresh_token|sas_?token|secondary_?key|shared_?access_?key|shared_?access_?signature|\
        shared_?key|signature|storage_?key|subscription-key|userpwd|x-functions-key";
    let value = r#"\s*(?:=|:|%3a|%3d)\s*(?:\\*["']|%22|')?"#;
    let stop = r#"[^\s"'&;,<>)}\\]+"#;
    Regex::new(&format!(r#"(?P<name>(?i-u:\b[a-z_-]*(?:{NAMES})\b(?:\\*["']|%22)?{value})){stop}"#)).ok()
});

/// Replaces the secrets in a sentence: named secrets, and whatever looks generated.
///
/// ```
/// let error = "the value 'K7q2ZxP09aLw' was refused (password=hunter2)";
/// assert_eq!(apim_doctor_core::testing::redacted(error), "the value '<redacted>' was refused (password=<redacted>)");
/// ```
#[must_use]
pub fn sentence(text: &str) -> String {
    without_secrets(text, SHORTEST, 0)
}

/// Replaces the secrets in a text that names things, such as a host or a resource id: named secrets, and very long
/// generated values.
pub(crate) fn name(text: &str) -> String {
    without_secrets(text, LONG, 0)
}

fn without_secrets(text: &str, shortest: usize, depth: u8) -> String {
    match may_be_marked(text) {
        true => searched(text, shortest, depth),
        false => without_generated(text, shortest),
    }
}

/// Whether something may stand before a secret: a name, a scheme, the start of a block. Most texts are ids and names, and
/// these have none of the signs that this takes.
fn may_be_marked(text: &str) -> bool {
    text.bytes().any(|byte| b" =:%{[".contains(&byte)) || text.contains("eyJ")
}

fn searched(text: &str, shortest: usize, depth: u8) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, mut json, behind)) = split_at_json(rest) {
        kept.push_str(&plain(before, shortest));
        of_json(&mut json, "", shortest, depth);
        kept.push_str(&json.to_string());
        rest = behind;
    }
    kept.push_str(&plain(rest, shortest));
    kept
}

/// The first JSON object in a text, with what stands before and behind it; a list only if the text starts with it.
fn split_at_json(text: &str) -> Option<(&str, Value, &str)> {
    text.match_indices(['{', '[']).take(ATTEMPTS).find_map(|(at, sign)| {
        let (before, from) = text.split_at_checked(at)?;
        // `ipRules[0]` is not JSON.
        let may_be = sign == "{" || before.trim_start().is_empty();
        let mut values = serde_json::Deserializer::from_str(from).into_iter::<Value>();
        let value = if may_be { values.next()?.ok()? } else { return None };
        let is_empty =
            value.as_object().is_some_and(|map| map.is_empty()) || value.as_array().is_some_and(Vec::is_empty);
        let behind = from.get(values.byte_offset()..)?;
        (!is_empty).then_some((before, value, behind))
    })
}

/// A text without JSON.
fn plain(text: &str, shortest: usize) -> String {
    let text = scan::without_named(&named(text));
    let text = match text.contains('%') {
        true => text.split_inclusive(char::is_whitespace).map(decoded).collect(),
        false => text,
    };
    without_generated(&text, shortest)
}

/// Members of JSON in a text that say what went wrong. Of every other member, nothing stays.
const SAID: &[&str] = &[
    "code",
    "correlationid",
    "details",
    "error",
    "error_codes",
    "error_description",
    "errorcode",
    "errormessage",
    "innererror",
    "message",
    "reason",
    "status",
    "statuscode",
    "target",
    "timestamp",
    "trace_id",
];

fn of_json(value: &mut Value, name: &str, shortest: usize, depth: u8) {
    match value {
        Value::Object(map) => map.iter_mut().for_each(|(name, inner)| of_json(inner, name, shortest, depth)),
        Value::Array(items) => items.iter_mut().for_each(|inner| of_json(inner, name, shortest, depth)),
        Value::String(text) if depth < DEEPEST && SAID.contains(&name.to_ascii_lowercase().as_str()) => {
            *text = without_secrets(text, shortest, depth + 1);
        }
        Value::String(text) => REDACTED.clone_into(text),
        Value::Number(_) if !SAID.contains(&name.to_ascii_lowercase().as_str()) => *value = REDACTED.into(),
        Value::Number(_) | Value::Null | Value::Bool(_) => {}
    }
}

/// Replaces what a name stands before.
fn named(text: &str) -> Cow<'_, str> {
    let (Some(whole), Some(named)) = (&*WHOLE, &*NAMED) else { return REDACTED.into() };
    let keep_name = |found: &Captures<'_>| match found.get(0).is_some_and(|all| all.as_str().ends_with(REDACTED)) {
        true => found.get(0).map_or("", |all| all.as_str()).to_owned(),
        false => format!("{}{REDACTED}", found.name("name").map_or("", |name| name.as_str())),
    };
    match whole.replace_all(text, keep_name) {
        Cow::Borrowed(text) => named.replace_all(text, keep_name),
        Cow::Owned(text) => named.replace_all(&text, keep_name).into_owned().into(),
    }
}

/// Decodes a percent-encoded word if it holds a secret, and drops the secret.
fn decoded(word: &str) -> String {
    let plain = decode(word);
    let kept = scan::without_named(&named(&plain));
    if kept == plain { word.to_owned() } else { kept }
}

fn without_generated(text: &str, shortest: usize) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_sign) {
        let (before, from) = rest.split_at(start);
        let (run, behind) = from.split_at(from.find(|c| !is_sign(c)).unwrap_or(from.len()));
        kept.push_str(before);
        kept.push_str(if is_generated(run, shortest) { REDACTED } else { run });
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

/// What keys and tokens are made of.
fn is_sign(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '=')
}

/// Whether letters of both cases and digits change places as in a generated value, and not as in a name such as
/// `DbPassword2`.
fn is_generated(run: &str, shortest: usize) -> bool {
    let has = |wanted: fn(&u8) -> bool| run.bytes().any(|b| wanted(&b));
    let mut bytes = run.bytes().map(|b| b.is_ascii_digit());
    let first = bytes.next().unwrap_or_default();
    let (changes, _) = bytes.fold((0, first), |(changes, last), now| (changes + usize::from(last != now), now));
    let all = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    run.len() >= shortest && all && changes >= 4
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A secret of each kind, as an error or a status quotes it. Each is `hunter2`, `4711` or generated.
    pub(crate) const SECRETS: &[&str] = &[
        "password=hunter2 of x",
        "client_assertion=hunter2&x=1",
        "Cookie: ARRAffinity=hunter2; session=hunter2",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
        "<publishProfile userName=\"$f\" userPWD=\"hunter2\" />",
        r#"{"password": "hunter2", "note": "hunter2", "pin": 4711, "code": {"deep": ["hunter2"]}}"#,
        r#"{"message": "{\"password\": \"hunter2\", \"message\": \"{\\\"a\\\": \\\"hunter2\\\"}\"}"}"#,
        r#"it said {\"primaryKey\":\"hunter2\"}"#,
        "see https%3A%2F%2Fst.blob.core.windows.net%2Fc%3Fsv%3D1%26sig%3Dhunter2",
        "x-functions-key: hunter2, Ocp-Apim-Subscription-Key: hunter2",
        "https://u:hunter2@h.example/x?code=hunter2&sig=hunter2",
        "Endpoint=sb://x/;SharedAccessKeyName=R;SharedAccessKey=hunter2=",
        "%22clientSecret%22%3A%22hunter2%22",
        "Authorization: Bearer hunter2hunter2hunter2",
        "the token eyJhbGciOiJIUzI1NiJ9.hunter2hunter2hunter2hunter2.x was refused",
        "the value 'K7q2ZxP09aLw' was refused",
        r#"[warn] answered {"error": {"message": "no", "pin": 4711, "note": "hunter2"}} and stopped"#,
    ];

    /// Whether one of [`SECRETS`] is still in a text.
    pub(crate) fn shows_secret(text: &str) -> bool {
        ["hunter2", "4711", "K7q2ZxP09aLw"].iter().any(|secret| text.contains(secret))
    }

    #[test]
    fn no_kind_of_secret_stays_in_a_sentence() {
        for secret in SECRETS {
            let kept = sentence(secret);
            assert!(!shows_secret(&kept), "{secret} → {kept}");
            assert_eq!(sentence(&kept), kept, "twice");
        }
    }

    #[test]
    fn no_secret_with_a_name_stays_in_a_name() {
        for secret in SECRETS.iter().filter(|secret| !secret.contains("K7q2ZxP09aLw")) {
            let kept = name(secret);
            assert!(!shows_secret(&kept), "{secret} → {kept}");
            assert_eq!(sentence(&kept), kept, "twice");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_text_without_signs_is_not_searched_in_vain(
            pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..8)
        ) {
            let text = pieces.concat();
            proptest::prop_assert_eq!(name(&text), searched(&text, LONG, 0));
        }
    }

    /// What the searches look for, and what stands around it.
    const PIECES: &[&str] = &[
        "eyJhbGciOiJIUzI1NiJ9.",
        "eyJ",
        "hunter2",
        "/",
        "a",
        ".",
        "\"",
        "'",
        "\\",
        "\t",
        "\n",
        "-----BEGIN",
        "KEY-----",
        "-----END",
        "password",
        "code",
        "sig",
        "cookie",
        "api-key",
        "Bearer",
        "basic",
        "@",
        ";",
        "&",
        "]",
        "}",
        "%22",
        "%3d",
        "=",
        ":",
        "://",
        " ",
        "{",
        "[",
        "Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3A",
        "é",
    ];

    #[test]
    fn generated_values_go_and_names_stay() {
        for (text, kept) in [
            ("the value 'K7q2ZxP09aLw' was refused", "the value '<redacted>' was refused"),
            ("key Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==.", "key <redacted>."),
            ("password=hunter2 of x", "password=<redacted> of x"),
        ] {
            assert_eq!(sentence(text), kept);
        }
        for text in [
            "Reference was not able to be resolved because site Managed Identity not enabled.",
            "AADSTS700016: Application 'b04da5be-e78d-463c-81d8-1ec4bc814d8a' was not found (2026-11-21T09:00:00Z)",
            "https://kv-Contoso1.vault.azure.net/secrets/DbPassword2/6208ef0f7750c111548cf90b6ea1d0d0",
            "caller oid=1ec4bc81;iss=https://sts.windows.net/ was X509Certificate2 of Net472 at 10.0.0.4",
            r#"{"error":{"code":"Forbidden","message":"Caller is not authorized"}}"#,
        ] {
            assert_eq!(sentence(text), text);
        }
    }
}
