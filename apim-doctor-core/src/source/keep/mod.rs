//! What of an answer is kept in a recording: what a diagnosis reads, and nothing else.
//!
//! It is an allow-list. For every resource type it is the list of members that the [`model`](crate::model) reads, found
//! out from the types themselves ([`Shape`](crate::model::Shape)), so no property can be read without being kept. What
//! the model does not read (tags, keys, certificates, templates, …) is dropped whatever it is called, and a text that
//! stays passes the redactor. Everything that this program writes as a recording passes through here.
//!
//! **Adding to the list.** A new field in the model is kept from then on. Recordings that were kept by an earlier
//! version lack it, and must not be taken to say that Azure did not answer it: `list.txt` says since which version
//! everything is kept. A test names the lines that are missing; with `UPDATE_KEPT=1` it adds them for [`VERSION`],
//! which has to be raised first where recordings of that version exist.

mod answer;
mod policy;
mod since;
mod table;

use std::borrow::Cow;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::base::ResourceId;
use crate::knowledge::cloud::{Cloud, CloudName};
use crate::model::Modelled;
use crate::model::app_service::{Config, KeyVaultReference};
use crate::model::form::REDACTED;
use crate::model::setting;
use crate::source::redact;

use answer::exchange;
#[cfg(feature = "live")]
pub(crate) use answer::recorded;
#[cfg(test)]
pub(crate) use since::Before;
pub use since::VERSION;
pub(crate) use since::{LATER, Later, lacks};
pub use table::{KeptType, kept_types};

/// A recording, a list of bodies or one body without what no diagnosis reads, as this program would have kept it.
///
/// ```
/// let own = serde_json::json!([{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv",
///     "tags": {"password": "hunter2"}, "properties": {"publicNetworkAccess": "Disabled"}}]);
/// let kept = apim_doctor_core::kept(&own).to_string();
/// assert!(kept.contains("Disabled") && !kept.contains("hunter2"));
/// ```
#[must_use]
pub fn kept(recording: &Value) -> Value {
    let mut kept = recording.clone();
    document(&mut kept);
    kept
}

/// Drops from an input file what no diagnosis reads: a recording, a list of bodies, or one body. Bodies become
/// `{"value": […]}`, for a list alone has no place to say by which version it was kept.
///
/// The file then says by which version of the list it was kept. One that says so already and was kept by an earlier
/// version goes on saying that.
pub(crate) fn document(document: &mut Value) {
    let version = u64::from(VERSION);
    let kept = document.get("kept").and_then(Value::as_u64).map_or(version, |old| old.min(version));
    let cloud = document.get("cloud").cloned().and_then(|name| serde_json::from_value::<CloudName>(name).ok());
    let cloud = cloud.and_then(|name| name.resolve().ok()).unwrap_or_default();
    match document.get_mut("exchanges") {
        Some(Value::Array(exchanges)) => {
            exchanges.iter_mut().for_each(|one| exchange(one, &cloud));
            table::of_recording().apply(document, &cloud);
        }
        _ => {
            let list = ["value", "data"].into_iter().find(|name| document.get(*name).is_some_and(Value::is_array));
            let whole = if document.is_array() { document.take() } else { Value::Null };
            let mut bodies = match list {
                Some(list) => document.get_mut(list).map(Value::take).unwrap_or_default(),
                None if whole.is_array() => whole,
                None => Value::Array(vec![document.take()]),
            };
            bodies.as_array_mut().into_iter().flatten().for_each(|body| bare(body, &cloud));
            *document = serde_json::json!({ "value": bodies });
        }
    }
    if let Value::Object(map) = document {
        map.insert("kept".to_owned(), kept.into());
    }
}

/// A body without a request; its id or its own `type` decides, as for the reader.
fn bare(body: &mut Value, cloud: &Cloud) {
    let Value::Object(map) = &*body else { return *body = Value::Null };
    let text = |names: &[&str]| names.iter().find_map(|name| map.get(*name)?.as_str());
    let id = ResourceId::new(text(&["id", "Id", "ResourceId"]).unwrap_or_default());
    let mut kind = id.resource_type().to_ascii_lowercase();
    if !KeyVaultReference::TYPES.contains(&kind.as_str()) {
        kind = text(&["type", "Type", "ResourceType"]).map_or(kind, str::to_ascii_lowercase);
    }
    let name = id.name().to_owned();
    resource(&kind, &name, body, cloud);
}

/// One resource of a type (lower case), with the children that stand in it.
fn resource(kind: &str, name: &str, body: &mut Value, cloud: &Cloud) {
    let children = body.as_object_mut().and_then(|map| map.remove("resources"));
    table::of_type(kind).apply(body, cloud);
    if Config::TYPES.contains(&kind) && !["appsettings", "connectionstrings"].contains(&&*name.to_ascii_lowercase()) {
        let properties = body.as_object_mut().and_then(|map| map.get_mut("properties")?.as_object_mut());
        if let Some(properties) = properties {
            properties.retain(|name, _| setting::is_plain(name));
        }
    }
    if let (Some(Value::Array(mut children)), Some(map)) = (children, body.as_object_mut()) {
        children.iter_mut().for_each(|child| bare(child, cloud));
        map.insert("resources".to_owned(), Value::Array(children));
    }
}

/// A text that is kept, without the secrets in it.
fn text(text: &str) -> String {
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
fn url(url: &str) -> String {
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
fn page(token: &str) -> Cow<'_, str> {
    let is_plain = token.len() <= 32 && token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    match is_plain {
        true => token.into(),
        false => Sha256::digest(token).iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>().into(),
    }
}

/// Keeps members of these names.
fn only(map: &mut Map<String, Value>, names: &[&str]) {
    map.retain(|name, _| names.contains(&name.as_str()));
}
