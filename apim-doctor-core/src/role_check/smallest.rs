//! The smallest built-in role that allows a set of actions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};

use crate::base::action_matches;
use crate::knowledge::roles::{self, BuiltinRole};
use crate::model::authorization::Permission;
use crate::role_check::actions::matching;
use crate::role_check::v1::Smallest;

/// How many of the actions that are known by name each built-in role allows, counted when it is first asked for.
static SIZES: LazyLock<BTreeMap<&'static str, OnceLock<usize>>> =
    LazyLock::new(|| roles::all().map(|role| (role.id, OnceLock::new())).collect());

fn size(permissions: &[Permission]) -> usize {
    let some = |patterns: &[String], action: &str| patterns.iter().any(|pattern| action_matches(pattern, action));
    let mut found: BTreeSet<(&str, bool)> = BTreeSet::new();
    for permission in permissions {
        let planes = [
            (&permission.actions, &permission.not_actions, false),
            (&permission.data_actions, &permission.not_data_actions, true),
        ];
        for (allow, except, is_data) in planes {
            let own = allow.iter().flat_map(|pattern| matching(pattern));
            let own = own.filter(|(_, on)| if is_data { on.data } else { on.management });
            found.extend(own.map(|(action, _)| (action, is_data)).filter(|(action, _)| !some(except, action)));
        }
    }
    found.len()
}

/// Whether a list of patterns allows all of another pattern, and `except` takes nothing of it away.
fn covers(allow: &[String], except: &[String], pattern: &str) -> bool {
    let overlaps = |other: &String| action_matches(other, pattern) || action_matches(pattern, other);
    allow.iter().any(|own| action_matches(own, pattern)) && !except.iter().any(overlaps)
}

fn permissions_of(role: &BuiltinRole) -> &'static [Permission] {
    roles::permissions_of(role.id).map(|(_, permissions)| permissions).unwrap_or_default()
}

fn is_enough(role: &BuiltinRole, actions: &[String], data_actions: &[String]) -> bool {
    let all: Vec<&Permission> =
        permissions_of(role).iter().filter(|permission| permission.condition.is_none()).collect();
    actions.iter().all(|action| all.iter().any(|p| covers(&p.actions, &p.not_actions, action)))
        && data_actions.iter().all(|action| all.iter().any(|p| covers(&p.data_actions, &p.not_data_actions, action)))
}

/// Says whether an action is a data action; `None`: the built-in roles and the documentation do not tell.
pub fn is_data_action(action: &str) -> Option<bool> {
    roles::is_data_action(action)
}

/// Finds the smallest built-in role that allows all of these actions: of the roles that are enough, the one that allows the
/// fewest actions that are known by name. `None`: no single role is enough, or no action was given.
///
/// ```
/// use apim_doctor_core::smallest_role;
/// let role = smallest_role(&[], &["Microsoft.KeyVault/vaults/secrets/getSecret/action"]).expect("a role is enough");
/// assert_eq!(role.name, "Key Vault Secrets User");
/// ```
pub fn smallest_role(actions: &[&str], data_actions: &[&str]) -> Option<Smallest> {
    let owned = |all: &[&str]| -> Vec<String> { all.iter().map(|text| text.trim().to_owned()).collect() };
    let (actions, data_actions) = (owned(actions), owned(data_actions));
    if actions.is_empty() && data_actions.is_empty() {
        return None;
    }
    let enough = roles::all().filter(|role| is_enough(role, &actions, &data_actions));
    let size_of = |role: &BuiltinRole| SIZES.get(role.id).map(|kept| *kept.get_or_init(|| size(permissions_of(role))));
    let role = enough.min_by_key(|role| (size_of(role).unwrap_or(usize::MAX), role.id))?;
    Some(Smallest { name: role.name.to_owned(), id: role.id.to_owned() })
}
