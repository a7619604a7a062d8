//! The actions that are known by name: those of the built-in roles, and those that resource providers document.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::base::action_matches;
use crate::knowledge::{operations, roles};

/// On which planes an action is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Planes {
    pub management: bool,
    pub data: bool,
}

/// Every action that is named in full, in lower case.
static NAMED: LazyLock<BTreeMap<String, Planes>> = LazyLock::new(|| {
    let mut named: BTreeMap<String, Planes> = BTreeMap::new();
    for permission in roles::all().flat_map(|role| role.permissions()) {
        for action in permission.actions.iter().chain(&permission.not_actions).filter(|text| !text.contains('*')) {
            named.entry(action.to_ascii_lowercase()).or_default().management = true;
        }
        let data = permission.data_actions.iter().chain(&permission.not_data_actions);
        for action in data.filter(|text| !text.contains('*')) {
            named.entry(action.to_ascii_lowercase()).or_default().data = true;
        }
    }
    for (action, is_data) in operations::all() {
        let planes = named.entry(action.to_ascii_lowercase()).or_default();
        planes.management |= !is_data;
        planes.data |= is_data;
    }
    for (action, is_data) in roles::DOCUMENTED.iter().filter(|(action, _)| !action.contains('*')) {
        let planes = named.entry(action.to_ascii_lowercase()).or_default();
        planes.management |= *is_data != Some(true);
        planes.data |= *is_data != Some(false);
    }
    named
});

/// Patterns with a wildcard that built-in roles contain, in lower case.
static PATTERNS: LazyLock<BTreeMap<String, Planes>> = LazyLock::new(|| {
    let mut found: BTreeMap<String, Planes> = BTreeMap::new();
    for permission in roles::all().flat_map(|role| role.permissions()) {
        for pattern in permission.actions.iter().chain(&permission.not_actions).filter(|text| text.contains('*')) {
            found.entry(pattern.to_ascii_lowercase()).or_default().management = true;
        }
        let data = permission.data_actions.iter().chain(&permission.not_data_actions);
        for pattern in data.filter(|text| text.contains('*')) {
            found.entry(pattern.to_ascii_lowercase()).or_default().data = true;
        }
    }
    found
});

/// The actions that are named in full and that a pattern matches. Only those that begin like it are looked at.
pub(super) fn matching(pattern: &str) -> impl Iterator<Item = (&'static str, Planes)> {
    let folded = pattern.trim().to_ascii_lowercase();
    let head = folded.split('*').next().unwrap_or_default().to_owned();
    let alike = NAMED.range(head.clone()..).take_while(move |(action, _)| action.starts_with(&head));
    alike.filter(move |(action, _)| action_matches(&folded, action)).map(|(action, planes)| (action.as_str(), *planes))
}

/// On which planes an action or a pattern is known; neither: it is not known at all.
pub(super) fn planes_of(pattern: &str) -> Planes {
    let folded = pattern.trim().to_ascii_lowercase();
    if !folded.contains('*') {
        return NAMED.get(&folded).copied().unwrap_or_default();
    }
    let own = PATTERNS.get(&folded).copied().unwrap_or_default();
    matching(&folded)
        .fold(own, |all, (_, one)| Planes { management: all.management || one.management, data: all.data || one.data })
}
