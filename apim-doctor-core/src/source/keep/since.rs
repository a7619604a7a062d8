//! Which version of the list keeps what.

use serde_json::Value;

/// The version of the list by which this program keeps.
///
/// Version 1 is what was kept before recordings said so.
pub const VERSION: u32 = 2;

/// Something that is kept from a later version on than the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Later {
    /// The resource type, in lower case.
    pub kind: &'static str,
    /// The member, as a pointer into the body in which `*` stands for every element; empty: the whole type.
    pub pointer: &'static str,
    /// The first version that keeps it.
    pub since: u32,
    /// What earlier versions kept of it.
    pub before: Before,
}

/// What versions before [`Later::since`] kept of a member.
#[allow(dead_code, reason = "a list without such lines makes none")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing: where it is missing, it was not collected.
    Nothing,
    /// Less of it: where it is there, the rest of it was not collected.
    Less,
}

/// Everything that is kept from a later version on than the first, one line each.
pub(crate) const LATER: &[Later] = &[];

/// The first member that a recording of an earlier version lacks of a body: it is not known, not absent.
pub(crate) fn lacks(later: &'static [Later], kept: u32, kind: &str, body: &str) -> Option<&'static Later> {
    let mut missing = later.iter().filter(|one| one.kind == kind && one.since > kept).peekable();
    missing.peek()?;
    let body: Value = serde_json::from_str(body).ok()?;
    missing.find(|one| is_lacking(&body, one))
}

fn is_lacking(body: &Value, later: &Later) -> bool {
    if later.pointer.is_empty() {
        return true;
    }
    let steps: Vec<&str> = later.pointer.split('/').skip(1).collect();
    match later.before {
        Before::Nothing => is_missing(body, &steps),
        Before::Less => is_there(body, &steps),
    }
}

/// Whether the last step is missing where all steps before it are there.
fn is_missing(value: &Value, steps: &[&str]) -> bool {
    match (steps, value) {
        ([last], Value::Object(map)) => *last != "*" && !map.contains_key(*last),
        (["*", rest @ ..], Value::Array(items)) => items.iter().any(|item| is_missing(item, rest)),
        (["*", rest @ ..], Value::Object(map)) => map.values().any(|inner| is_missing(inner, rest)),
        ([first, rest @ ..], Value::Object(map)) => map.get(*first).is_some_and(|inner| is_missing(inner, rest)),
        _ => false,
    }
}

fn is_there(value: &Value, steps: &[&str]) -> bool {
    match (steps, value) {
        ([], value) => !value.is_null(),
        (["*", rest @ ..], Value::Array(items)) => items.iter().any(|item| is_there(item, rest)),
        (["*", rest @ ..], Value::Object(map)) => map.values().any(|inner| is_there(inner, rest)),
        ([first, rest @ ..], Value::Object(map)) => map.get(*first).is_some_and(|inner| is_there(inner, rest)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_lacks_where_its_parent_is_there_and_it_is_not() {
        let later = |pointer, before| Later { kind: "k", pointer, since: 2, before };
        let body = serde_json::json!({"properties": {"a": 1, "list": [{"x": 1}, {"x": 2, "y": 3}], "none": []}});
        for (pointer, nothing, less) in [
            ("", true, true),
            ("/properties/a", false, true),
            ("/properties/b", true, false),
            ("/properties/list/*/x", false, true),
            ("/properties/list/*/y", true, true),
            ("/properties/none/*/y", false, false),
            ("/properties/other/y", false, false),
            ("/sku/tier", false, false),
        ] {
            assert_eq!(is_lacking(&body, &later(pointer, Before::Nothing)), nothing, "{pointer}");
            assert_eq!(is_lacking(&body, &later(pointer, Before::Less)), less, "{pointer}");
        }
    }
}
