//! Azure's built-in roles: what each allows, and whether an action is a data action.
//!
//! Source: <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles> (read 2026-11-21), through
//! the table that `.ci/make-builtin-roles.py` makes.

use std::iter;
use std::sync::{LazyLock, OnceLock};

use memchr::memchr_iter;

use crate::base::action_matches;
use crate::knowledge::operations;
use crate::model::authorization::Permission;

// INVARIANT: ASCII, one line a role, each with its end, sorted by lower-case id. `#` sorts before every id, so the
// comments may stay.
const TABLE: &str = include_str!("data/builtin_roles.tsv");

/// The lines of the table, found once: they are long, and roles are looked up for every path.
static LINES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let ends = memchr_iter(b'\n', TABLE.as_bytes());
    let starts = iter::once(0).chain(ends.clone().map(|end| end + 1));
    starts.zip(ends).filter_map(|(start, end)| TABLE.get(start..end)).collect()
});

/// What the role on each line allows, read when it is first asked for.
static PERMISSIONS: LazyLock<Vec<OnceLock<Vec<Permission>>>> =
    LazyLock::new(|| LINES.iter().map(|_| OnceLock::new()).collect());

/// Actions that the role data misjudges or leaves open, as the permissions reference lists them; the first match
/// decides. `keys/read` is listed on both planes. One action of API Management is a data action.
///
/// Sources: <https://learn.microsoft.com/azure/role-based-access-control/permissions/security> and
/// <https://learn.microsoft.com/azure/role-based-access-control/permissions/integration> (read 2026-11-21).
pub(crate) const DOCUMENTED: &[(&str, Option<bool>)] = &[
    ("Microsoft.ApiManagement/service/gateways/getConfiguration/action", Some(true)),
    ("Microsoft.ApiManagement/*", Some(false)),
    ("Microsoft.KeyVault/vaults/write", Some(false)),
    ("Microsoft.KeyVault/vaults/delete", Some(false)),
    ("Microsoft.KeyVault/vaults/accessPolicies/write", Some(false)),
    ("Microsoft.KeyVault/vaults/keys/read", None),
    ("Microsoft.KeyVault/vaults/keys/write", Some(false)),
    ("Microsoft.KeyVault/vaults/keys/versions/read", Some(false)),
    ("Microsoft.KeyVault/vaults/secrets/read", Some(false)),
    ("Microsoft.KeyVault/vaults/secrets/write", Some(false)),
];

/// A role that Azure defines itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BuiltinRole {
    /// The guid, in lower case.
    pub id: &'static str,
    /// The name people use.
    pub name: &'static str,
    columns: &'static str,
}

impl BuiltinRole {
    fn from_line(line: &'static str) -> Option<Self> {
        let (id, rest) = line.split_once('\t')?;
        let (name, columns) = rest.split_once('\t')?;
        Some(Self { id, name, columns })
    }

    /// What the role allows.
    pub(crate) fn permissions(&self) -> Vec<Permission> {
        let list = |patterns: &str| patterns.split_whitespace().map(str::to_owned).collect();
        self.grants()
            .map(|[actions, not_actions, data_actions, not_data_actions, condition]| Permission {
                actions: list(actions),
                not_actions: list(not_actions),
                data_actions: list(data_actions),
                not_data_actions: list(not_data_actions),
                condition: (!condition.is_empty()).then(|| condition.to_owned()),
            })
            .collect()
    }

    /// The five columns of each permission object.
    fn grants(&self) -> impl Iterator<Item = [&'static str; 5]> + use<> {
        let mut columns = self.columns.split('\t');
        iter::from_fn(move || {
            Some([columns.next()?, columns.next()?, columns.next()?, columns.next()?, columns.next()?])
        })
    }
}

/// Every built-in role, by id.
pub(crate) fn all() -> impl Iterator<Item = BuiltinRole> {
    TABLE.lines().filter_map(BuiltinRole::from_line)
}

/// The role with this guid, or with the guid that this role definition id ends in.
pub(crate) fn by_id(guid_or_role_definition_id: &str) -> Option<BuiltinRole> {
    find(guid_or_role_definition_id).map(|(_, role)| role)
}

/// The name of the role with this guid, and what it allows.
pub(crate) fn permissions_of(guid: &str) -> Option<(&'static str, &'static [Permission])> {
    let (at, role) = find(guid)?;
    Some((role.name, PERMISSIONS.get(at)?.get_or_init(|| role.permissions())))
}

/// A role and its line.
fn find(guid_or_role_definition_id: &str) -> Option<(usize, BuiltinRole)> {
    let wanted = guid_or_role_definition_id.trim().trim_end_matches('/').rsplit('/').next()?.to_ascii_lowercase();
    // An id is as long as every other; a line that only begins like `wanted` is not that role.
    let beginning = |line: &&'static str| line.get(..wanted.len()).unwrap_or(line);
    let at = LINES.binary_search_by(|line| beginning(line).cmp(&wanted)).ok()?;
    Some((at, BuiltinRole::from_line(LINES.get(at)?).filter(|role| role.id == wanted)?))
}

/// The role with this name, without regard to case.
pub(crate) fn by_name(name: &str) -> Option<BuiltinRole> {
    all().find(|role| role.name.eq_ignore_ascii_case(name.trim()))
}

/// Whether an action is a data action (`true`) or a management action (`false`); `None` where it cannot be told.
///
/// The roles tell: an action that one of them names belongs to the plane where it is named. Otherwise the nearest
/// wildcard decides, that is the one with the longest text before its `*`. Of two planes that both match,
/// `a/b/*` outweighs `a/*`, but `a/b/*/read` does not: it was written for deeper actions than `a/b/read`.
pub(crate) fn is_data_action(action: &str) -> Option<bool> {
    let action = action.trim();
    if action.contains('*') {
        return None;
    }
    if let Some((_, answer)) = DOCUMENTED.iter().find(|(pattern, _)| action_matches(pattern, action)) {
        return *answer;
    }
    if let Some(answer) = operations::is_data_action(action) {
        return Some(answer);
    }
    let nearest = |patterns: &str| patterns.split(' ').filter_map(|p| Nearness::of(p, action)).max();
    let (mut management, mut data) = (None, None);
    for [actions, not_actions, data_actions, not_data_actions, _] in all().flat_map(|role| role.grants()) {
        management = management.max(nearest(actions)).max(nearest(not_actions));
        data = data.max(nearest(data_actions)).max(nearest(not_data_actions));
    }
    match (management, data) {
        (None, None) => None,
        (Some(_), None) => Some(false),
        (None, Some(_)) => Some(true),
        (Some(management), Some(data)) if management.outweighs(data) => Some(false),
        (Some(management), Some(data)) => data.outweighs(management).then_some(true),
    }
}

/// The action that a caller needs as well to wait for the end of a long operation. Without it the operation is started,
/// and the client that polls for its result ends in `Forbidden`.
///
/// Sources: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> and
/// <https://learn.microsoft.com/azure/role-based-access-control/permissions/integration> (read 2026-11-29).
pub(crate) fn waits_with(action: &str) -> Option<&'static str> {
    const LONG: [&str; 5] = [
        "Microsoft.ApiManagement/service/backup/action",
        "Microsoft.ApiManagement/service/restore/action",
        "Microsoft.ApiManagement/service/managedeployments/action",
        "Microsoft.ApiManagement/service/updatehostname/action",
        "Microsoft.ApiManagement/service/applynetworkconfigurationupdates/action",
    ];
    let is_long = LONG.iter().any(|long| long.eq_ignore_ascii_case(action.trim()));
    is_long.then_some("Microsoft.ApiManagement/service/operationresults/read")
}

/// How closely a pattern of a role describes an action.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Nearness {
    /// Characters before the `*`; for a pattern without one, more than any.
    literal: usize,
    /// Nothing follows the `*`.
    whole_subtree: bool,
}

impl Nearness {
    /// `None` where the pattern does not match, or does not name the provider and so says nothing.
    fn of(pattern: &str, action: &str) -> Option<Self> {
        let Some((literal, rest)) = pattern.split_once('*') else {
            return pattern.eq_ignore_ascii_case(action).then_some(Self { literal: usize::MAX, whole_subtree: true });
        };
        (literal.contains('/') && action_matches(pattern, action))
            .then_some(Self { literal: literal.len(), whole_subtree: rest.is_empty() })
    }

    fn outweighs(self, other: Self) -> bool {
        self.literal > other.literal && self.whole_subtree
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::*;

    fn sorted(mut patterns: Vec<String>) -> Vec<String> {
        patterns.iter_mut().for_each(|pattern| *pattern = pattern.trim().to_owned());
        patterns.sort();
        patterns.dedup();
        patterns
    }

    #[test]
    fn the_table_is_sorted_and_every_role_is_found() {
        assert_eq!(all().count(), 928);
        assert!(TABLE.is_ascii() && TABLE.ends_with('\n'));
        assert!(TABLE.lines().skip_while(|line| line.starts_with('#')).count() == all().count());
        assert!(all().is_sorted_by(|one, next| one.id < next.id));
        for role in all() {
            let path = format!("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{}", role.id);
            assert_eq!(by_id(role.id), Some(role));
            assert_eq!(by_id(&path.to_uppercase()), Some(role));
            assert_eq!(by_name(&role.name.to_uppercase()), Some(role));
            assert!(!role.permissions().is_empty(), "{} has no permission", role.name);
            assert_eq!(role.columns.split('\t').count() % 5, 0, "{} has a ragged line", role.name);
        }
    }

    #[test]
    fn what_is_no_role_is_not_found() {
        for text in ["", "/", "0", "ffffffff-ffff-ffff-ffff-ffffffffffff", "g", "#", "4633458b", "Reader"] {
            assert_eq!(by_id(text), None, "{text}");
        }
        for comment in TABLE.lines().filter(|line| line.starts_with('#')) {
            assert_eq!(by_id(comment), None);
        }
        assert_eq!(by_name(""), None);
    }

    #[test]
    fn permission_objects_and_their_conditions_stay_apart() {
        let user = by_name("key vault secrets user").unwrap();
        assert_eq!(user.id, "4633458b-17de-408a-b874-0445c86b69e6");
        let [only] = user.permissions().try_into().unwrap();
        assert!(only.actions.is_empty() && only.condition.is_none());
        assert_eq!(
            only.data_actions,
            [
                "Microsoft.KeyVault/vaults/secrets/getSecret/action",
                "Microsoft.KeyVault/vaults/secrets/readMetadata/action"
            ]
        );
        let conditions = |role: BuiltinRole| role.permissions().iter().filter(|p| p.condition.is_some()).count();
        assert_eq!(all().map(conditions).sum::<usize>(), 31);
        assert_eq!(all().filter(|role| role.permissions().len() > 1).count(), 16);
    }

    /// The fact base, rbac.md 1.2.
    #[test]
    fn as_many_roles_allow_an_action_as_the_fact_base_counts() {
        let some = |patterns: &[String], action: &str| patterns.iter().any(|p| action_matches(p, action));
        for (action, data, roles) in [
            ("Microsoft.ApiManagement/service/backup/action", false, 4),
            ("Microsoft.ApiManagement/service/read", false, 25),
            ("Microsoft.ApiManagement/service/workspaces/read", false, 26),
            ("Microsoft.ApiManagement/service/users/keys/read", false, 19),
            ("Microsoft.ApiManagement/gateways/write", false, 2),
            ("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", false, 4),
            ("Microsoft.Storage/storageAccounts/listKeys/action", false, 24),
            ("Microsoft.KeyVault/vaults/read", false, 31),
            ("Microsoft.KeyVault/vaults/secrets/getSecret/action", true, 4),
            ("Microsoft.KeyVault/vaults/keys/wrap/action", true, 4),
            ("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write", true, 9),
        ] {
            let allows = |p: &Permission| match data {
                true => some(&p.data_actions, action) && !some(&p.not_data_actions, action),
                false => some(&p.actions, action) && !some(&p.not_actions, action),
            };
            assert_eq!(all().filter(|role| role.permissions().iter().any(allows)).count(), roles, "{action}");
            assert_eq!(is_data_action(action), Some(data), "{action}");
        }
    }

    #[test]
    fn the_plane_of_an_action_is_told_where_the_roles_or_the_reference_show_it() {
        for (provider, answer, actions) in [
            (
                "Microsoft.KeyVault/vaults",
                Some(true),
                "secrets/readMetadata/action secrets/setSecret/action secrets/delete secrets/purge/action \
                 keys/create/action keys/rotate/action keys/unwrap/action certificates/read \
                 certificates/import/action certificates/delete certificatecas/read certificatecontacts/write \
                 keyrotationpolicies/read",
            ),
            (
                "Microsoft.KeyVault/vaults",
                Some(false),
                "read write delete deploy/action accessPolicies/write secrets/read secrets/write keys/write \
                 privateEndpointConnections/read eventGridFilters/write",
            ),
            ("Microsoft.KeyVault/vaults", Some(true), "storageaccounts/read"),
            // On both planes, or named by neither more closely than by the other.
            ("Microsoft.KeyVault/vaults", None, "keys/read *"),
            ("Microsoft.ApiManagement/service", Some(false), "apis/write namedValues/refreshSecret/action"),
            ("Microsoft.ApiManagement/service", Some(true), "gateways/getConfiguration/action"),
            (
                "Microsoft.Storage/storageAccounts",
                Some(true),
                "queueServices/queues/messages/add/action tableServices/tables/entities/read \
                 fileServices/fileshares/files/read BLOBSERVICES/containers/blobs/READ",
            ),
            (
                "Microsoft.Storage/storageAccounts",
                Some(false),
                "read blobServices/containers/read queueServices/queues/write fileServices/shares/read \
                 blobServices/generateUserDelegationKey/action",
            ),
            // Data roles hold `configurationStores/*/read`, which is not about the store itself.
            ("Microsoft.AppConfiguration/configurationStores", None, "read listKeys/action"),
            ("Microsoft.Authorization", Some(false), "roleAssignments/write roleAssignments/read"),
            ("Microsoft.Resources", Some(false), "subscriptions/resourceGroups/read"),
            ("Microsoft.Network", Some(false), "virtualNetworks/subnets/join/action"),
            ("Contoso.Unheard", None, "of/read"),
        ] {
            for action in actions.split_whitespace() {
                assert_eq!(is_data_action(&format!("{provider}/{action}")), answer, "{provider}/{action}");
            }
        }
        assert_eq!(["", "*", "*/read", "read"].map(is_data_action), [None; 4]);
    }

    #[test]
    fn the_table_says_what_azure_answered() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/knowledge/builtin-roles.json");
        let Ok(json) = fs::read_to_string(path) else {
            println!("skipped: ../shared is not there");
            return;
        };
        let roles: Vec<Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(roles.len(), all().count());
        for it in roles {
            let role = by_id(it["id"].as_str().unwrap()).unwrap();
            assert_eq!(role.name, it["properties"]["roleName"].as_str().unwrap().trim());
            let answered: Vec<Permission> = serde_json::from_value(it["properties"]["permissions"].clone()).unwrap();
            let tidy = |p: Permission| Permission {
                actions: sorted(p.actions),
                not_actions: sorted(p.not_actions),
                data_actions: sorted(p.data_actions),
                not_data_actions: sorted(p.not_data_actions),
                condition: p.condition,
            };
            assert_eq!(role.permissions(), answered.into_iter().map(tidy).collect::<Vec<_>>(), "{}", role.name);
        }
    }
}
