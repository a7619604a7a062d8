//! What is kept of texts and of URLs with a query.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::model::form::REDACTED;
use crate::source::redact;

/// A text that is kept, without the secrets in it.
pub(super) fn text(text: &str) -> String {
    redact::name(text)
}

/// Parameters of a query that say what was asked; the value of every other one may be a secret.
const PARAMETERS: &[&str] = &[
    "$count",
    "$expand",
    "$filter",
    "$orderby",
    "$search",
    "$select",
    "$skip",
    "$top",
    "api-version",
    "comp",
    "expandapiversionset",
    "format",
    "include",
    "maxresults",
    "prefix",
    "restype",
    "timeout",
];

/// Parameters that say where a list goes on.
const TOKENS: &[&str] = &["$skiptoken", "continuationtoken", "marker", "skiptoken"];

/// A URL, or a path of Resource Manager, with its query.
///
/// Names of parameters stay, for a filter that is not known proves less than none.
pub(super) fn url(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else { return text(url) };
    let query = query.split('#').next().unwrap_or_default();
    let parts = query.split('&').map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let folded = name.to_ascii_lowercase().replace("%24", "$");
        match () {
            () if value.is_empty() && !PARAMETERS.contains(&&*folded) => is_word(name).to_owned(),
            () if TOKENS.contains(&&*folded) => format!("{name}={}", page(value)),
            () if PARAMETERS.contains(&&*folded) => format!("{name}={}", text(value)),
            () => format!("{}={REDACTED}", is_word(name)),
        }
    });
    format!("{}?{}", text(path), parts.collect::<Vec<_>>().join("&"))
}

/// A parameter's name where it looks like one.
fn is_word(name: &str) -> &str {
    let sign = |b: u8| b.is_ascii_alphabetic() || b"$-_.".contains(&b);
    if name.len() <= 32 && name.bytes().all(sign) { name } else { REDACTED }
}

/// Where a list goes on. A service may pack anything into it, and pages are joined by it: its hash is kept.
pub(super) fn page(token: &str) -> Cow<'_, str> {
    let is_plain = token.len() <= 32 && token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    match is_plain {
        true => token.into(),
        false => Sha256::digest(token).iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>().into(),
    }
}
