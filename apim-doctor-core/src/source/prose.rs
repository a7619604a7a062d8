//! Texts that are kept, without the secrets in them.
//!
//! What has a name before it (`password=`, a cookie, a PEM block) is replaced in every text. In a sentence of Azure's
//! or of a person's, anything can be quoted, also the value of a secret without a name: names and codes are words, a
//! key or a generated password is not, and is replaced as well.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

use crate::source::redact::{self, REDACTED};
use crate::source::request::decode;

/// The shortest run of letters and digits that is taken for a generated value in a sentence.
const SHORTEST: usize = 12;

/// The same in any other text, which names things.
const LONG: usize = 40;

/// JSON that stands in JSON as a text, and so on, is looked into this deep.
const DEEPEST: u8 = 4;

/// Blocks and headers whose whole content is a secret.
static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?is)-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\z)|(?P<name>\b(?:set-)?cookie\\*["']?\s*[:=]\s*\\*["']?)[^\r\n"']+"#).ok()
});

/// Names before a secret, also where quotes are escaped once or more.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const NAMES: &str = "access_?key|account_?key|api_?key|assertion|client_?assertion|client_?secret|connection_?string|\
        encodedcertificate|id_token|master_?key|pass(?:word|wd|phrase|code)|primary_?key|private_?key|pwd|\
        publishing_?password|refresh_token|sas_?token|secondary_?key|shared_?access_?key|shared_?access_?signature|\
        shared_?key|signature|storage_?key|subscription-key|userpwd|x-functions-key";
    let value = r#"\s*(?:=|:|%3a|%3d)\s*(?:\\*["']|%22|')?"#;
    let stop = r#"[^\s"'&;,<>)}\\]+"#;
    Regex::new(&format!(r#"(?i)(?P<name>\b[a-z_-]*(?:{NAMES})\b(?:\\*["']|%22)?{value}){stop}"#)).ok()
});

/// A text without secrets that have a name.
pub(crate) fn clean(text: &str) -> String {
    without_secrets(text, LONG, 0)
}

/// A sentence without secrets.
pub(crate) fn prose(text: &str) -> String {
    without_secrets(text, SHORTEST, 0)
}

fn without_secrets(text: &str, shortest: usize, depth: u8) -> String {
    let bare = text.trim_start();
    if bare.starts_with(['{', '['])
        && bare.len() > 2
        && let Ok(mut json) = serde_json::from_str::<Value>(bare)
    {
        of_json(&mut json, "", shortest, depth);
        return json.to_string();
    }
    let text = named(text);
    let text = redact::text_of(&text);
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

/// A word in which signs are percent-encoded: where it holds a secret, it is kept decoded and without it.
fn decoded(word: &str) -> String {
    let plain = decode(word);
    let clean = redact::text_of(&named(&plain));
    if clean == plain { word.to_owned() } else { clean }
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
mod tests {
    use super::*;

    #[test]
    fn what_has_a_name_goes_in_every_form() {
        for text in [
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
        ] {
            for kept in [clean(text), prose(text)] {
                assert!(!kept.contains("hunter2") && !kept.contains("4711"), "{text} → {kept}");
                assert_eq!(prose(&kept), kept, "twice");
            }
        }
    }

    #[test]
    fn generated_values_go_and_names_stay() {
        for (text, kept) in [
            ("the value 'K7q2ZxP09aLw' was refused", "the value '<redacted>' was refused"),
            ("key Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==.", "key <redacted>."),
            ("password=hunter2 of x", "password=<redacted> of x"),
        ] {
            assert_eq!(prose(text), kept);
        }
        for text in [
            "Reference was not able to be resolved because site Managed Identity not enabled.",
            "AADSTS700016: Application 'b04da5be-e78d-463c-81d8-1ec4bc814d8a' was not found (2026-11-21T09:00:00Z)",
            "https://kv-Contoso1.vault.azure.net/secrets/DbPassword2/6208ef0f7750c111548cf90b6ea1d0d0",
            "caller oid=1ec4bc81;iss=https://sts.windows.net/ was X509Certificate2 of Net472 at 10.0.0.4",
            r#"{"error":{"code":"Forbidden","message":"Caller is not authorized"}}"#,
        ] {
            assert_eq!(prose(text), text);
        }
    }
}
