//! One change of a recording.

use serde_json::Value;

use crate::base::ResourceId;
use crate::finding::Edit;

/// One change of a recording.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Changes a property, or makes a resource.
    Edit(Edit),
    /// Deletes a resource.
    Delete(ResourceId),
}

impl Step {
    /// The resource that it changes.
    pub(super) fn resource(&self) -> &ResourceId {
        match self {
            Step::Edit(edit) => edit.resource(),
            Step::Delete(id) => id,
        }
    }

    /// The property that it changes; empty: the resource as a whole.
    pub(super) fn pointer(&self) -> &str {
        match self {
            Step::Edit(Edit::Set { pointer, .. } | Edit::Remove { pointer, .. } | Edit::Append { pointer, .. }) => {
                pointer
            }
            Step::Edit(Edit::Create { .. }) | Step::Delete(_) => "",
        }
    }
}

/// Whether an object describes a resource, and does not only refer to one.
pub(super) fn is_body(value: &Value) -> bool {
    value.get("id").is_some_and(Value::is_string)
        && ["properties", "type", "identity"].iter().any(|name| value.get(*name).is_some())
}

/// Whether a pointer is another one, or leads into it.
pub(super) fn is_within(pointer: &str, outer: &str) -> bool {
    pointer.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A member's name in a pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
