//! Reads and changes bodies.

use serde_json::{Map, Value as Json, json};

use crate::base::ResourceId;

/// The text at a pointer.
pub(super) fn text<'j>(json: &'j Json, pointer: &str) -> Option<&'j str> {
    json.pointer(pointer)?.as_str()
}

/// The id at a pointer.
pub(super) fn id(json: &Json, pointer: &str) -> Option<ResourceId> {
    text(json, pointer).map(ResourceId::new)
}

/// The elements of the list at a pointer.
pub(super) fn items<'j>(json: &'j Json, pointer: &str) -> &'j [Json] {
    json.pointer(pointer).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Sets a member.
pub(super) fn set(json: &mut Json, member: &str, value: impl Into<Json>) {
    change(json, |map| {
        map.insert(member.to_owned(), value.into());
    });
}

/// Changes an object; it is made where there is none.
pub(super) fn change(json: &mut Json, change: impl FnOnce(&mut Map<String, Json>)) {
    if !json.is_object() {
        *json = json!({});
    }
    if let Some(map) = json.as_object_mut() {
        change(map);
    }
}

/// Changes `properties`, which are made where there are none.
pub(super) fn properties(json: &mut Json, change: impl FnOnce(&mut Map<String, Json>)) {
    self::change(json, |map| {
        self::change(map.entry("properties").or_insert_with(|| json!({})), change);
    });
}

/// Changes a list among the properties; it is made where there is none.
pub(super) fn list(json: &mut Json, member: &str, change: impl FnOnce(&mut Vec<Json>)) {
    properties(json, |map| {
        let inner = map.entry(member).or_insert_with(|| json!([]));
        if !inner.is_array() {
            *inner = json!([]);
        }
        if let Some(all) = inner.as_array_mut() {
            change(all);
        }
    });
}
