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
mod resource;
mod since;
mod table;
mod url;
mod value;

use serde_json::Value;

use crate::knowledge::cloud::CloudName;

use answer::exchange;
#[cfg(feature = "live")]
pub(crate) use answer::recorded;
use resource::bare;
#[cfg(test)]
pub(crate) use since::Before;
pub use since::VERSION;
pub(crate) use since::{LATER, Later, lacks, lacks_optional};
pub(crate) use table::shape_of;
pub use table::{KeptType, kept_types};

/// A recording, a list of bodies or one body without what no diagnosis reads, as this program would have kept it.
///
/// ```
/// let own = serde_json::json!([{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv",
///     "tags": {"password": "hunter2"}, "properties": {"publicNetworkAccess": "Disabled"}}]);
/// let kept = apim_doctor_core::testing::kept(&own).to_string();
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
