//! Texts and ids in the bodies of answers.

use serde_json::Value;

use crate::base::ResourceId;
use crate::live::ask::Read;

/// Returns the text at a pointer, unless it is empty.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Returns the elements of the list at a pointer.
pub(super) fn items<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// Folds an id, so that two spellings of it compare equal.
pub(super) fn folded(text: &str) -> String {
    text.trim_end_matches('/').to_ascii_lowercase()
}

/// Returns the ids of a list's elements.
pub(super) fn ids(body: &Value) -> impl Iterator<Item = &str> {
    items(body, "/value").filter_map(|item| text(item, "/id"))
}

/// Returns the ids that a query of Resource Graph found.
pub(super) fn found(body: &Value) -> impl Iterator<Item = &str> {
    items(body, "/data").filter_map(|row| text(row, "/id"))
}

/// Returns what a list was asked of: a subscription, or a resource.
pub(super) fn scope_of(list: &Read) -> ResourceId {
    let path = list.path();
    ResourceId::new(path.rfind("/providers/").and_then(|at| path.get(..at)).unwrap_or_default())
}

/// Returns a text without the characters that would end it in a query.
pub(super) fn quoted(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || "-_.()".contains(*c)).collect()
}
