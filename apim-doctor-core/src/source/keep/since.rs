//! Which version of the list keeps what.

use std::sync::LazyLock;

use serde_json::Value;

/// The version of the list by which this program keeps.
///
/// Version 1 is what was kept before recordings said so.
pub const VERSION: u32 = 6;

/// Everything that is kept, a line each: since which version, the type, and the member; without a member, the whole
/// type. A test compares it with what the model reads, and says which line is missing.
const LIST: &str = include_str!("list.txt");

/// What earlier versions kept in less detail, so that what they kept of it is not all that Azure answered: since which
/// version it is whole, the type, and the member.
const DETAILED: &[(u32, &str, &str)] = &[
    (2, "microsoft.apimanagement/service/namedvalues", "/properties/value"),
    (2, "microsoft.apimanagement/service/workspaces/namedvalues", "/properties/value"),
    (2, "microsoft.apimanagement/service/apis/operations/policies", "/properties/value"),
    (2, "microsoft.apimanagement/service/apis/policies", "/properties/value"),
    (2, "microsoft.apimanagement/service/apis/resolvers/policies", "/properties/value"),
    (2, "microsoft.apimanagement/service/policies", "/properties/value"),
    (2, "microsoft.apimanagement/service/policyfragments", "/properties/value"),
    (2, "microsoft.apimanagement/service/products/policies", "/properties/value"),
    (2, "microsoft.apimanagement/service/workspaces/apis/operations/policies", "/properties/value"),
    (2, "microsoft.apimanagement/service/workspaces/apis/policies", "/properties/value"),
    (2, "microsoft.apimanagement/service/workspaces/policies", "/properties/value"),
    (2, "microsoft.apimanagement/service/workspaces/policyfragments", "/properties/value"),
    (2, "microsoft.apimanagement/service/workspaces/products/policies", "/properties/value"),
];

/// Members without which the rest of a resource is known. The estate remembers of which resources they were not
/// collected.
const OPTIONAL: &[(&str, &str)] = &[
    ("microsoft.keyvault/vaults", "/properties/enablePurgeProtection"),
    ("microsoft.keyvault/vaults", "/properties/enableSoftDelete"),
];

/// Whether a recording of this version lacks members without which the rest of a type is known.
pub(crate) fn lacks_optional(later: &'static [Later], kept: u32, kinds: &[&str]) -> bool {
    later.iter().any(|one| one.since > kept && kinds.contains(&one.kind) && is_optional(one))
}

fn is_optional(later: &Later) -> bool {
    OPTIONAL.contains(&(later.kind, later.pointer))
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing: where it is missing, it was not collected.
    Nothing,
    /// Less of it: where it is there, the rest of it was not collected.
    Less,
}

/// Everything that is kept from a later version on than the first.
pub(crate) static LATER: LazyLock<Vec<Later>> = LazyLock::new(|| later(LIST, DETAILED));

fn later(list: &'static str, detailed: &[(u32, &'static str, &'static str)]) -> Vec<Later> {
    let line = |line: &'static str| {
        let mut parts = line.splitn(3, ' ');
        Some((parts.next()?.parse::<u32>().ok()?, parts.next()?, parts.next().unwrap_or_default()))
    };
    let lines: Vec<(u32, &str, &str)> = list.lines().filter_map(line).collect();
    let new = |(since, kind, pointer): &(u32, &'static str, &'static str)| {
        let is_older = |at: &str| {
            let before = lines.iter().filter(|(version, own, _)| own == kind && version < since);
            before.map(|(.., own)| own.strip_prefix(at)).any(|rest| rest.is_some_and(|rest| rest.starts_with('/')))
        };
        let ends = pointer.match_indices('/').skip(1).map(|(at, _)| at).chain([pointer.len()]);
        // What is new as a whole is missing as a whole.
        let pointer = ends.filter_map(|end| pointer.get(..end)).find(|at| !at.ends_with('*') && !is_older(at));
        Later { kind, pointer: pointer.unwrap_or_default(), since: *since, before: Before::Nothing }
    };
    let new = lines.iter().filter(|(since, ..)| *since > 1).map(new);
    let less = |(since, kind, pointer): &(u32, &'static str, &'static str)| Later {
        kind,
        pointer,
        since: *since,
        before: Before::Less,
    };
    new.chain(detailed.iter().map(less)).collect()
}

/// The first member that a recording of an earlier version lacks of a body: it is not known, not absent.
pub(crate) fn lacks(later: &'static [Later], kept: u32, kind: &str, body: &str) -> Option<&'static Later> {
    let all = later.iter().filter(|one| one.kind == kind && one.since > kept);
    let mut missing = all.filter(|one| !is_optional(one)).peekable();
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
    fn what_is_new_as_a_whole_is_missing_as_a_whole() {
        let list = "1 k /a/b\n1 k /a/l/*/x\n2 k /a/c\n2 k /a/l/*/y/z\n2 k /n/*/m\n2 k /a/s/*\n3 new";
        let later = later(list, &[(2, "k", "/a/b")]);
        let found: Vec<&str> = later.iter().map(|one| one.pointer).collect();
        assert_eq!(found, ["/a/c", "/a/l/*/y", "/n", "/a/s", "", "/a/b"]);
    }

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
