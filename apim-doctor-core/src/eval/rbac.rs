//! Role-based access: may this principal do this action there?
//!
//! Source: <https://learn.microsoft.com/azure/role-based-access-control/overview> (read 2026-11-21).

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, Timestamp};

use crate::base::{ObjectId, ResourceId, action_matches};
use crate::eval::condition::{self, Truth};
use crate::knowledge::roles;
use crate::model::authorization::{DenyAssignment, Permission, RoleAssignment, RoleDefinition};
use crate::model::grants::{HeldAt, Holders, may_be_group};
use crate::model::{Estate, Fact, Filter, Gap, Get, Index, Resource, is_scope_of, scope_of};

/// Management actions and data actions never mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plane {
    /// `actions` and `notActions`.
    Management,
    /// `dataActions` and `notDataActions`.
    Data,
}

/// Who wants to do what, where.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The object id of the principal.
    pub principal: &'a ObjectId,
    /// The action.
    pub action: &'a str,
    /// Which kind of action it is.
    pub plane: Plane,
    /// The resource, or the object in a vault.
    pub scope: &'a ResourceId,
    /// The time to judge from.
    pub as_of: Timestamp,
}

/// A role that the principal holds, or might.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The role assignment.
    pub assignment: ResourceId,
    /// The role's name.
    pub role: String,
    /// Where it is held.
    pub scope: ResourceId,
}

/// Why a held role does not help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// It is held somewhere that does not contain the target.
    Elsewhere,
    /// It has management actions only.
    ManagementOnly,
    /// It does not contain the action.
    LacksAction,
    /// Its condition is not met.
    Condition(String),
}

/// The answer.
#[derive(Clone, Debug)]
pub enum Access {
    /// This role allows it, and nothing denies it.
    Allowed(Held),
    /// The only role that allows it was granted or changed recently and may not be effective yet.
    TooYoung {
        /// The role.
        held: Held,
        /// How long it may take.
        wait: Wait,
    },
    /// A deny assignment is in force.
    DeniedBy {
        /// The deny assignment.
        id: ResourceId,
        /// Its name.
        name: String,
    },
    /// No role of the principal allows it, and all were seen.
    NotGranted(Vec<(Held, Shortfall)>),
    /// It depends on something that was not seen.
    Unknown {
        /// What.
        gaps: Vec<Gap>,
        /// Roles held by groups that would allow it, if the principal were a member.
        groups: Vec<Held>,
    },
}

/// How long a new or changed role assignment may take to count.
///
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting> (read 2026-11-29): "up to 10
/// minutes"; data actions at management-group scope "might not be updated for several hours", which is said of this scope
/// and of data actions only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Ten minutes.
    Minutes,
    /// Several hours. No page gives a figure; eight hours are chosen here.
    Hours,
    /// Through a group. The tokens of a managed identity, which name its groups, are kept for about a day.
    /// Source: <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identity-best-practice-recommendations>
    /// (read 2026-11-29).
    Day,
}

impl Wait {
    /// The longest time.
    pub fn most(self) -> SignedDuration {
        match self {
            Wait::Minutes => SignedDuration::from_mins(10),
            Wait::Hours => SignedDuration::from_hours(8),
            Wait::Day => SignedDuration::from_hours(24),
        }
    }

    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Wait::Minutes => "ten minutes",
            Wait::Hours => "eight hours",
            Wait::Day => "a day",
        }
    }

    /// For an assignment to the principal, or to a group of it.
    fn of(assignment: &Resource<RoleAssignment>, held: &Held, request: &Request<'_>) -> Self {
        let at_group = held.scope.resource_type().eq_ignore_ascii_case("Microsoft.Management/managementGroups");
        match request.plane {
            _ if assignment.properties.principal_id.as_ref() != Some(request.principal) => Wait::Day,
            Plane::Data if at_group => Wait::Hours,
            _ => Wait::Minutes,
        }
    }
}

const ROLE_ASSIGNMENTS: &str = "microsoft.authorization/roleassignments";
const DENY_ASSIGNMENTS: &str = "microsoft.authorization/denyassignments";

/// Decides a request from all that was read.
pub fn evaluate(estate: &Estate, request: &Request<'_>) -> Access {
    let scopes: Vec<ResourceId> = request.scope.scopes().collect();
    let denial = denied(estate, request, &scopes);
    if let Denial::By { id, name } = denial {
        return Access::DeniedBy { id, name };
    }
    let membership = Membership::of(estate, request.principal);
    let (mut gaps, mut groups, mut short, mut young) = (Vec::new(), Vec::new(), Vec::new(), None);
    let mut allowed: Option<Held> = None;
    let (applicable, left_out) = applicable(estate, request, &scopes, &membership);
    for assignment in applicable {
        let assignment = match assignment {
            Fact::Known(assignment) => assignment,
            Fact::Unknown(gap) => {
                gaps.push(gap);
                continue;
            }
            Fact::Absent(_) => continue,
        };
        let (held, verdict) = judge(estate, request, assignment);
        match (verdict, membership.holds(assignment)) {
            (Judgement::Grants, Truth::True) if is_young(assignment, &held, request) => {
                let wait = Wait::of(assignment, &held, request);
                young = Some((held, wait));
            }
            (Judgement::Grants, Truth::True) => {
                allowed.get_or_insert(held);
            }
            (Judgement::Grants, _) => {
                gaps.push(membership.gap(&held, assignment));
                groups.push(held);
            }
            (Judgement::Perhaps(gap), _) => gaps.push(gap),
            (Judgement::Not(why), Truth::True) => short.push((held, why)),
            (Judgement::Not(_), _) => {}
        }
    }
    if let Some(held) = allowed {
        if let Some(gap) = disagreement(estate, &scopes) {
            return Access::Unknown { gaps: vec![gap], groups: Vec::new() };
        }
        return match denial {
            Denial::Perhaps(gap) => Access::Unknown { gaps: vec![gap], groups: Vec::new() },
            _ => Access::Allowed(held),
        };
    }
    if left_out > 0 {
        let what = format!("whether one of {left_out} more role assignments allows principal `{}`", request.principal);
        gaps.push(Gap::ambiguous(what).advise("assign the role to the identity itself, without a condition"));
    }
    gaps.extend(coverage(estate, ROLE_ASSIGNMENTS, &scopes, request.principal));
    gaps.extend(disagreement(estate, &scopes));
    if let Some((held, wait)) = young {
        return Access::TooYoung { held, wait };
    }
    if !gaps.is_empty() {
        return Access::Unknown { gaps, groups };
    }
    short.extend(elsewhere(estate, request));
    Access::NotGranted(short)
}

/// Those of these principals, other than `request.principal`, whose role would allow the request, with the role they
/// hold, in the order of role assignments.
pub fn granted_to(estate: &Estate, request: &Request<'_>, principals: &[ObjectId]) -> Vec<(ObjectId, Held)> {
    let places = places(request);
    let mut ids: Vec<ResourceId> = Vec::new();
    for principal in principals.iter().filter(|principal| *principal != request.principal) {
        let request = Request { principal, ..*request };
        let membership = Membership { principal, graph: &estate.cloud.graph, groups: None, assigned: &[] };
        for at in &places {
            let of = |index: &Index| index.grants.get(at).and_then(|h| h.of.get(&folded(principal))).cloned();
            let kept = of(&estate.index).map(|ids| {
                keep(estate, &request, &format!("direct {at}"), principal.as_str(), || {
                    worth(estate, &request, ids.iter(), |assignment| membership.holds(assignment))
                })
            });
            ids.extend(kept.iter().flat_map(|kept| kept.ids.iter().cloned()));
            ids.extend(of(&estate.made).into_iter().flatten());
        }
    }
    granting(estate, request, ids, |holder| principals.contains(holder))
}

/// Those of these principals whose role would allow the request, as [`granted_to`], for many principals that do not
/// depend on the request. Only the first in each place are looked at.
pub fn granted_to_first(
    estate: &Estate,
    request: &Request<'_>,
    what: &str,
    principals: &BTreeSet<String>,
) -> Vec<(ObjectId, Held)> {
    let one_of = |holder: &ObjectId| principals.contains(&folded(holder));
    let first = |holders: &Holders| {
        let all = principals.iter().filter_map(|principal| holders.of.get(principal)).flatten();
        worth(estate, request, all, |assignment| {
            // Each counts as somebody else, so that none hides another.
            let is_one = assignment.properties.principal_id.as_ref().is_some_and(one_of);
            if is_one { Truth::Unknown } else { Truth::False }
        })
    };
    let mut ids: Vec<ResourceId> = Vec::new();
    for at in places(request) {
        if let Some(holders) = estate.index.grants.get(&at) {
            ids.extend(keep(estate, request, &format!("{what} {at}"), "", || first(holders)).ids.iter().cloned());
        }
        ids.extend(estate.made.grants.get(&at).into_iter().flat_map(|holders| first(holders).ids));
    }
    granting(estate, request, ids, |holder| holder != request.principal && one_of(holder))
}

/// Assignments that allow the request to one of the wanted principals.
fn granting(
    estate: &Estate,
    request: &Request<'_>,
    mut ids: Vec<ResourceId>,
    is_wanted: impl Fn(&ObjectId) -> bool,
) -> Vec<(ObjectId, Held)> {
    ids.sort();
    ids.dedup();
    let granting = ids.iter().filter_map(|id| estate.get::<RoleAssignment>(id).known()).filter_map(|assignment| {
        let principal = assignment.properties.principal_id.clone().filter(&is_wanted)?;
        let (held, judgement) = judge(estate, request, assignment);
        matches!(judgement, Judgement::Grants).then_some((principal, held))
    });
    granting.collect()
}

fn is_young(assignment: &Resource<RoleAssignment>, held: &Held, request: &Request<'_>) -> bool {
    let (properties, as_of) = (&assignment.properties, request.as_of);
    let wait = Wait::of(assignment, held, request).most();
    [&properties.created_on, &properties.updated_on].into_iter().flatten().any(|text| {
        // One that was made after the time of judgement is not effective then either.
        text.parse::<Timestamp>().is_ok_and(|at| as_of.duration_since(at) < wait)
    })
}

enum Judgement {
    Grants,
    Perhaps(Gap),
    Not(Shortfall),
}

fn judge(estate: &Estate, request: &Request<'_>, assignment: &Resource<RoleAssignment>) -> (Held, Judgement) {
    let properties = &assignment.properties;
    let scope = properties.scope.clone().unwrap_or_else(|| scope_of(&assignment.id));
    let held = |role: String| Held { assignment: assignment.id.clone(), role, scope: scope.clone() };
    let Some(definition) = &properties.role_definition_id else {
        let gap = Gap::incomplete("a role assignment names no role", &assignment.id);
        return (held(String::new()), Judgement::Perhaps(gap));
    };
    let (name, permissions) = match role(estate, definition) {
        Ok(role) => role,
        Err(gap) => return (held(definition.name().to_owned()), Judgement::Perhaps(gap)),
    };
    let granted = any(permissions.iter().map(|p| {
        let condition = conditions(request, [&p.condition, &properties.condition]);
        and(covers(estate, p, request), condition)
    }));
    // Conditions are answered since 2020-03-01-preview.
    let hidden = properties.condition.is_none() && estate.is_older::<RoleAssignment>(&assignment.id, "2020-03-01");
    let judgement = match (granted, contradiction(&assignment.id, properties.scope.as_ref())) {
        (Truth::True, Some(gap)) => Judgement::Perhaps(gap),
        (Truth::True, None) if hidden => Judgement::Perhaps(Gap::incomplete(
            format!("whether role `{name}` at `{scope}` has a condition: it was collected with an old api-version"),
            &assignment.id,
        )),
        (Truth::True, None) => Judgement::Grants,
        (Truth::Unknown, _) => Judgement::Perhaps(
            Gap::at_run_time(format!("whether the condition of role `{name}` at `{scope}` is met"))
                .advise(format!("check the condition of `{}`, or assign the role without one", assignment.id)),
        ),
        (Truth::False, _) => Judgement::Not(shortfall(estate, permissions, properties, request)),
    };
    (held(name.to_owned()), judgement)
}

/// An assignment whose id names another scope than its `scope` may be held at either.
fn contradiction(id: &ResourceId, scope: Option<&ResourceId>) -> Option<Gap> {
    let scope = scope.filter(|scope| !is_scope_of(id, scope))?;
    let what =
        format!("where assignment `{}` is held: its id and its scope `{scope}` contradict each other", id.name());
    Some(Gap::contradictory(what).advise("collect the role assignments again"))
}

fn shortfall(
    estate: &Estate,
    permissions: &[Permission],
    assignment: &RoleAssignment,
    request: &Request<'_>,
) -> Shortfall {
    if any(permissions.iter().map(|p| covers(estate, p, request))) != Truth::False {
        let own = permissions.iter().find_map(|p| p.condition.clone());
        return Shortfall::Condition(assignment.condition.clone().or(own).unwrap_or_default());
    }
    let no_data = permissions.iter().all(|p| p.data_actions.is_empty());
    match request.plane {
        Plane::Data if no_data => Shortfall::ManagementOnly,
        _ => Shortfall::LacksAction,
    }
}

/// A role's name and permissions: as the estate shows it, or as Azure ships it.
fn role<'e>(estate: &'e Estate, definition: &ResourceId) -> Result<(&'e str, &'e [Permission]), Gap> {
    let guid = definition.name().to_ascii_lowercase();
    if let Some(id) = estate.index.roles.get(&guid)
        && let Fact::Known(found) = estate.get::<RoleDefinition>(id)
    {
        // Data actions are answered since 2018-07-01; a definition without permissions was not read whole.
        let partial = found.properties.permissions.is_empty() || estate.is_older::<RoleDefinition>(id, "2018-07-01");
        if partial && roles::by_id(&guid).is_none() {
            return Err(Gap::incomplete(format!("what role `{guid}` allows"), definition));
        }
        if !partial {
            let name = found.properties.role_name.as_deref().unwrap_or_else(|| found.name());
            return Ok((name, &found.properties.permissions));
        }
    }
    match roles::permissions_of(&guid) {
        Some(role) => Ok(role),
        None => Err(match estate.get::<RoleDefinition>(definition) {
            Fact::Unknown(gap) => gap,
            _ => Gap::not_collected(format!("custom role `{guid}`"), definition),
        }),
    }
}

fn covers(estate: &Estate, permission: &Permission, request: &Request<'_>) -> Truth {
    let (allow, except) = match request.plane {
        Plane::Management => (&permission.actions, &permission.not_actions),
        Plane::Data => (&permission.data_actions, &permission.not_data_actions),
    };
    // Several wildcards take long, and the same roles are met again and again.
    let one = |pattern: &String| match pattern.bytes().filter(|byte| *byte == b'*').count() {
        0 | 1 => action_matches(pattern, request.action),
        _ => {
            let question = format!("pattern {pattern}\n{}", request.action);
            *estate.memo.answer(question, || action_matches(pattern, request.action))
        }
    };
    let matches = |patterns: &[String]| patterns.iter().any(one);
    if matches(allow) && !matches(except) { Truth::True } else { Truth::False }
}

fn conditions(request: &Request<'_>, all: [&Option<String>; 2]) -> Truth {
    let texts = all.into_iter().flatten().filter(|text| !text.trim().is_empty());
    texts.map(|text| condition(request, text)).fold(Truth::True, and)
}

/// Whether a condition is met.
///
/// Most string operators compare with regard to case, and nobody documents which spelling of a name they compare:
/// the request's or the one Azure keeps. So a condition is decided only where no spelling would change it.
fn condition(request: &Request<'_>, text: &str) -> Truth {
    let named = |name: &str| attribute(request, name).map(|value| value.to_ascii_lowercase());
    let alike = condition::holds(&text.to_ascii_lowercase(), request.action, &named);
    let apart = condition::holds(&text.to_ascii_uppercase(), request.action, &named);
    if alike == apart { alike } else { Truth::Unknown }
}

/// The attributes of a Key Vault condition: the names of the vault and of the secret.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/rbac-abac> (read 2026-11-21).
fn attribute(request: &Request<'_>, name: &str) -> Option<String> {
    let kind = request.scope.resource_type().to_ascii_lowercase();
    let secret = (kind == "microsoft.keyvault/vaults/secrets").then_some(request.scope)?;
    let folded = name.to_ascii_lowercase();
    match folded.strip_prefix("@resource[")?.strip_suffix(']')? {
        "microsoft.keyvault/vaults/secrets:name" => Some(secret.name().to_owned()),
        "microsoft.keyvault/vaults:name" => Some(secret.parent()?.name().to_owned()),
        _ => None,
    }
}

/// The most assignments of one kind that are looked at for one request and one place. Of those that cannot grant,
/// more would only repeat what the first say; of those that may, the rest is counted.
const MOST: usize = 20;

/// The most conditions that are looked at for one request and one place.
const MOST_CONDITIONS: usize = 64;

/// Assignments that can decide a request, and how many more could.
#[derive(Debug, Default)]
struct Worth {
    ids: Vec<ResourceId>,
    left_out: usize,
}

/// Where an assignment has to be held to reach the target.
fn places(request: &Request<'_>) -> Vec<HeldAt> {
    let above = request.scope.subscription().unwrap_or_default().to_ascii_lowercase();
    let scopes = request.scope.scopes().chain([EVERYWHERE.clone()]).map(HeldAt::Scope);
    scopes.chain([HeldAt::Above(above)]).collect()
}

fn folded(principal: &ObjectId) -> String {
    principal.as_str().to_ascii_lowercase()
}

/// What is the same for all requests for an action in one place is worked out once.
fn keep(
    estate: &Estate,
    request: &Request<'_>,
    place: &str,
    holder: &str,
    work_out: impl FnOnce() -> Worth,
) -> Arc<Worth> {
    const OWN: &str = "microsoft.authorization/";
    let is_own =
        |id: &ResourceId| id.resource_type().get(..OWN.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(OWN));
    // A patch of a role or of an assignment may change it.
    if estate.patched.keys().any(is_own) {
        return Arc::new(work_out());
    }
    let Request { action, plane, as_of, .. } = request;
    estate.memo.answer(format!("{place}\n{}\n{action}\n{plane:?}\n{as_of}", holder.to_ascii_lowercase()), work_out)
}

/// Picks the assignments that can decide a request, whatever object it is for.
fn worth<'i>(
    estate: &Estate,
    request: &Request<'_>,
    ids: impl Iterator<Item = &'i ResourceId>,
    holds: impl Fn(&Resource<RoleAssignment>) -> Truth,
) -> Worth {
    let mut ids: Vec<&ResourceId> = ids.collect();
    ids.sort();
    ids.dedup();
    let mut worth = Worth::default();
    let (mut first, mut young, mut conditions, mut unsure) = (None, None, 0, 0);
    let (mut lacking, mut management) = (0, 0);
    for id in ids {
        #[cfg(test)]
        tests::JUDGED.set(tests::JUDGED.get() + 1);
        let assignment = match estate.get::<RoleAssignment>(id) {
            Fact::Known(assignment) => Some(assignment),
            Fact::Unknown(_) => None,
            Fact::Absent(_) => continue,
        };
        let holds = assignment.map_or(Truth::Unknown, &holds);
        if holds == Truth::False {
            continue;
        }
        let (count, most, may_grant) = match assignment {
            Some(assignment) if has_condition(estate, &assignment.properties) => {
                (&mut conditions, MOST_CONDITIONS, true)
            }
            Some(assignment) => match (judge(estate, request, assignment), holds) {
                ((held, Judgement::Grants), Truth::True) => {
                    match is_young(assignment, &held, request) {
                        true => young = Some(id),
                        false => first = first.or(Some(id)),
                    }
                    continue;
                }
                ((_, Judgement::Not(Shortfall::ManagementOnly)), Truth::True) => (&mut management, MOST, false),
                ((_, Judgement::Not(_)), Truth::True) => (&mut lacking, MOST, false),
                ((_, Judgement::Not(_)), _) => continue,
                ((_, Judgement::Grants | Judgement::Perhaps(_)), _) => (&mut unsure, MOST, true),
            },
            None => (&mut unsure, MOST, true),
        };
        *count += 1;
        match *count <= most {
            true => worth.ids.push(id.clone()),
            false => worth.left_out += usize::from(may_grant),
        }
    }
    worth.ids.extend([first, young].into_iter().flatten().cloned());
    worth
}

/// Whether an assignment or its role has a condition, so that the object decides.
fn has_condition(estate: &Estate, assignment: &RoleAssignment) -> bool {
    let is_one = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let role = assignment.role_definition_id.as_ref().and_then(|definition| role(estate, definition).ok());
    is_one(&assignment.condition) || role.is_some_and(|(_, all)| all.iter().any(|own| is_one(&own.condition)))
}

/// Assignments at a scope or above it that can decide, or were not collected, in the order of ids; and how many more could.
fn applicable<'e>(
    estate: &'e Estate,
    request: &Request<'_>,
    scopes: &[ResourceId],
    membership: &Membership<'_>,
) -> (Vec<Fact<&'e Resource<RoleAssignment>>>, usize) {
    debug_assert_eq!(scopes.first(), Some(request.scope));
    let principal = folded(request.principal);
    let own = |holders: &Holders| -> Vec<ResourceId> {
        let groups = membership.groups.into_iter().flatten();
        let of = [&principal].into_iter().chain(groups).filter_map(|holder| holders.of.get(holder));
        of.flatten().cloned().collect()
    };
    // Groups of which it is not known whether the principal is in them.
    let others = |holders: &Holders| -> Vec<ResourceId> {
        let groups = holders.groups.iter().filter(|_| membership.groups.is_none());
        holders.open.iter().chain(groups).cloned().collect()
    };
    let kind = if membership.groups.is_none() { "groups" } else { "open" };
    let (mut ids, mut left_out) = (Vec::new(), 0);
    for at in places(request) {
        if let Some(holders) = estate.index.grants.get(&at) {
            let of_principal = keep(estate, request, &format!("own {at}"), &principal, || {
                worth(estate, request, own(holders).iter(), |assignment| membership.holds(assignment))
            });
            let of_others = keep(estate, request, &format!("{kind} {at}"), "", || {
                worth(estate, request, others(holders).iter(), |_| Truth::Unknown)
            });
            for some in [of_principal, of_others] {
                ids.extend(some.ids.iter().cloned());
                left_out += some.left_out;
            }
        }
        if let Some(holders) = estate.made.grants.get(&at) {
            ids.extend(own(holders));
            ids.extend(others(holders));
        }
    }
    ids.sort();
    ids.dedup();
    let read = ids.iter().map(|id| estate.get::<RoleAssignment>(id));
    let wanted = |fact: &Fact<&Resource<RoleAssignment>>| !matches!(fact, Fact::Known(found) if membership.holds(found) == Truth::False);
    (read.filter(wanted).collect(), left_out)
}

/// The scope that holds everything.
static EVERYWHERE: LazyLock<ResourceId> = LazyLock::new(|| ResourceId::new("/"));

/// Roles that would allow the request, held where they do not reach the target; the first of them.
fn elsewhere(estate: &Estate, request: &Request<'_>) -> Vec<(Held, Shortfall)> {
    let key = folded(request.principal);
    let of = |index: &Index| index.assignments_of.get(&key).cloned().unwrap_or_default();
    let kept = keep(estate, request, "elsewhere", &key, || {
        // Whether one is granted is asked of each alone, so that none hides another.
        worth(estate, request, of(&estate.index).iter(), |_| Truth::Unknown)
    });
    let mut ids: Vec<ResourceId> = kept.ids.iter().cloned().chain(of(&estate.made)).collect();
    ids.sort();
    ids.dedup();
    let found = ids
        .iter()
        .filter_map(|id| estate.get::<RoleAssignment>(id).known())
        .filter(|a| a.properties.scope.as_ref().is_some_and(|scope| !request.scope.is_within(scope)))
        .filter_map(|assignment| match judge(estate, request, assignment) {
            (held, Judgement::Grants) => Some((held, Shortfall::Elsewhere)),
            _ => None,
        });
    found.take(MOST).collect()
}

/// Why "no assignment" is not proved for a scope; `None` where it is.
///
/// For an object in a vault both the vault's list and the object's own list must have been read.
fn coverage(estate: &Estate, kind: &str, scopes: &[ResourceId], principal: &ObjectId) -> Option<Gap> {
    const IN_VAULT: &str = "microsoft.keyvault/vaults/";
    let of_vault = |own: &ResourceId| {
        own.resource_type().get(..IN_VAULT.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(IN_VAULT))
    };
    let vault = match scopes.split_first() {
        Some((own, above)) if of_vault(own) => above,
        _ => &[],
    };
    [vault, scopes].into_iter().find_map(|scopes| uncovered(estate, kind, scopes, principal))
}

/// Two complete answers to the same request that hold different assignments.
fn disagreement(estate: &Estate, scopes: &[ResourceId]) -> Option<Gap> {
    let differ = |at: &&ResourceId| {
        let whole = estate.answers(at, ROLE_ASSIGNMENTS).iter().filter(|a| a.not_seen.is_none());
        whole.clone().enumerate().any(|(n, a)| {
            whole.clone().skip(n + 1).any(|b| a.filter == b.filter && a.filter != Filter::Other && a.ids != b.ids)
        })
    };
    scopes.iter().find(differ).map(|at| {
        let what = format!("two answers to the list of role assignments at `{at}` differ");
        Gap::contradictory(what).advise("diagnose the latest recording alone, or collect again")
    })
}

fn uncovered(estate: &Estate, kind: &str, scopes: &[ResourceId], principal: &ObjectId) -> Option<Gap> {
    let scope = scopes.first()?;
    let mut reason = None;
    for at in scopes {
        let own = at == scope;
        for answer in estate.answers(at, kind) {
            let reaches = match &answer.filter {
                Filter::None => true,
                Filter::AtScope => own,
                Filter::AssignedTo { principal: id, at_scope } => {
                    id == principal && kind == ROLE_ASSIGNMENTS && (own || !at_scope)
                }
                Filter::PrincipalId(_) | Filter::Other => false,
            };
            match &answer.not_seen {
                None if reaches => return None,
                Some(gap) if reaches => reason = reason.or_else(|| Some(gap.clone())),
                _ => {}
            }
        }
    }
    let noun = if kind == DENY_ASSIGNMENTS { "deny assignments" } else { "role assignments" };
    Some(reason.unwrap_or_else(|| {
        Gap::not_collected(
            format!("the list of {noun} at `{scope}`"),
            Get { path: format!("{scope}/providers/{kind}"), ..Get::list(scope, kind).with("$filter=atScope()") },
        )
    }))
}

enum Denial {
    None,
    By { id: ResourceId, name: String },
    Perhaps(Gap),
}

/// Deny assignments come first, whatever the roles say.
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/deny-assignments> (read 2026-11-21).
fn denied(estate: &Estate, request: &Request<'_>, scopes: &[ResourceId]) -> Denial {
    let mut perhaps = None;
    debug_assert_eq!(scopes.first(), Some(request.scope));
    let (mut ids, mut left_out) = (Vec::new(), 0);
    for at in places(request) {
        let held = match &at {
            HeldAt::Scope(scope) => estate.index.denials_at.get(scope),
            // Management groups are not visible in an id: what a list in the subscription returned from above applies.
            HeldAt::Above(subscription) => estate.index.from_above.get(&(subscription.clone(), DENY_ASSIGNMENTS)),
        };
        if let Some(held) = held {
            let kept = keep(estate, request, &format!("denied {at}"), request.principal.as_str(), || {
                worth_denying(estate, request, held)
            });
            ids.extend(kept.ids.iter().cloned());
            left_out += kept.left_out;
        }
    }
    ids.sort();
    ids.dedup();
    for id in &ids {
        let denial = match estate.get::<DenyAssignment>(id) {
            Fact::Known(denial) => denial,
            Fact::Unknown(gap) => {
                perhaps = Some(gap);
                continue;
            }
            Fact::Absent(_) => continue,
        };
        let name = denial.properties.deny_assignment_name.clone().unwrap_or_else(|| denial.name().to_owned());
        match applies(estate, id, &denial.properties, request) {
            Truth::True => return Denial::By { id: id.clone(), name },
            Truth::Unknown => {
                perhaps = Some(Gap::incomplete(format!("whether deny assignment `{name}` applies"), id));
            }
            Truth::False => {}
        }
    }
    if left_out > 0 {
        let what = format!("whether one of {left_out} more deny assignments applies");
        perhaps.get_or_insert(Gap::ambiguous(what).advise("check their conditions"));
    }
    let unread = || coverage(estate, DENY_ASSIGNMENTS, scopes, request.principal);
    perhaps.or_else(unread).map_or(Denial::None, Denial::Perhaps)
}

/// Picks the deny assignments that can decide a request, whatever object it is for.
fn worth_denying(estate: &Estate, request: &Request<'_>, held: &[ResourceId]) -> Worth {
    let is_one = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let mut worth = Worth::default();
    let (mut first, mut unsure) = (None, None);
    for id in held {
        #[cfg(test)]
        tests::JUDGED.set(tests::JUDGED.get() + 1);
        let denial = match estate.get::<DenyAssignment>(id) {
            Fact::Known(denial) => &denial.properties,
            Fact::Unknown(_) => {
                unsure = Some(id);
                continue;
            }
            Fact::Absent(_) => continue,
        };
        let by_object = denial.do_not_apply_to_child_scopes == Some(true)
            || is_one(&denial.condition)
            || denial.permissions.iter().any(|permission| is_one(&permission.condition));
        match applies(estate, id, denial, request) {
            _ if by_object && worth.ids.len() < MOST_CONDITIONS => worth.ids.push(id.clone()),
            _ if by_object => worth.left_out += 1,
            Truth::True => first = first.or(Some(id)),
            Truth::Unknown => unsure = Some(id),
            Truth::False => {}
        }
    }
    worth.ids.extend([first, unsure].into_iter().flatten().cloned());
    worth
}

const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";

fn applies(estate: &Estate, id: &ResourceId, denial: &DenyAssignment, request: &Request<'_>) -> Truth {
    let is_held = if contradiction(id, denial.scope.as_ref()).is_some() { Truth::Unknown } else { Truth::True };
    let exact = denial.do_not_apply_to_child_scopes == Some(true);
    let here = match (exact, &denial.scope) {
        (false, _) => Truth::True,
        (true, Some(scope)) if scope == request.scope => Truth::True,
        // Whether an object is a child scope of its vault is not documented.
        (true, Some(scope)) if request.scope.parent().as_ref() == Some(scope) => Truth::Unknown,
        (true, Some(_)) => Truth::False,
        (true, None) => Truth::Unknown,
    };
    let covered = any(denial.permissions.iter().map(|p| {
        let condition = conditions(request, [&p.condition, &denial.condition]);
        and(covers(estate, p, request), condition)
    }));
    let membership = Membership::of(estate, request.principal);
    let named = |list: &[crate::model::authorization::DenyPrincipal]| {
        any(list.iter().map(|p| match &p.id {
            Some(id) if id == request.principal || id.as_str() == EVERYONE => Truth::True,
            Some(id) if p.r#type.as_deref().is_none_or(|t| t.to_ascii_lowercase().contains("group")) => {
                membership.contains(id)
            }
            Some(_) => Truth::False,
            None => Truth::Unknown,
        }))
    };
    let hit = and(named(&denial.principals), not(named(&denial.exclude_principals)));
    let effect = denial.deny_assignment_effect.as_deref();
    let enforced = match (denial.is_system_protected, effect) {
        (_, Some(effect)) if effect.eq_ignore_ascii_case("audit") => Truth::False,
        (_, Some(effect)) if effect.eq_ignore_ascii_case("enforced") => Truth::True,
        (Some(true), _) => Truth::True,
        // People can write deny assignments, "only write, delete, and action operations", and none for data actions.
        // Source: <https://learn.microsoft.com/powershell/module/az.resources/new-azdenyassignment> (read 2026-11-29).
        (Some(false), None) if request.plane == Plane::Data => Truth::False,
        _ => Truth::Unknown,
    };
    [is_held, here, covered, hit, enforced].into_iter().fold(Truth::True, and)
}

/// Which groups the principal is in, as far as it was seen.
struct Membership<'e> {
    principal: &'e ObjectId,
    /// The host of Microsoft Graph.
    graph: &'e str,
    groups: Option<&'e BTreeSet<String>>,
    assigned: &'e [ResourceId],
}

impl<'e> Membership<'e> {
    fn of(estate: &'e Estate, principal: &'e ObjectId) -> Self {
        let id = principal.as_str().to_ascii_lowercase();
        Self {
            principal,
            graph: &estate.cloud.graph,
            groups: estate.index.groups_of.get(&id),
            assigned: estate.index.assigned_to.get(&id).map(Vec::as_slice).unwrap_or_default(),
        }
    }

    fn contains(&self, group: &ObjectId) -> Truth {
        match self.groups {
            Some(groups) if groups.contains(&group.as_str().to_ascii_lowercase()) => Truth::True,
            Some(_) => Truth::False,
            None => Truth::Unknown,
        }
    }

    /// Whether an assignment is the principal's: by name, or through a group.
    fn holds(&self, assignment: &Resource<RoleAssignment>) -> Truth {
        let properties = &assignment.properties;
        let Some(holder) = &properties.principal_id else { return Truth::Unknown };
        if holder == self.principal {
            return Truth::True;
        }
        if !may_be_group(properties) {
            return Truth::False;
        }
        match self.assigned.binary_search(&assignment.id).is_ok() {
            true => Truth::True,
            false => self.contains(holder),
        }
    }

    fn gap(&self, held: &Held, assignment: &Resource<RoleAssignment>) -> Gap {
        let group = assignment.properties.principal_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let principal = self.principal;
        Gap::not_collected(
            format!("the list of groups of principal `{principal}`"),
            Get::graph(self.graph, &format!("servicePrincipals/{principal}/transitiveMemberOf")),
        )
        .leaves_open(format!("whether it is a member of group `{group}`, which has role `{}`", held.role))
    }
}

fn and(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Truth::False, _) | (_, Truth::False) => Truth::False,
        (Truth::True, Truth::True) => Truth::True,
        _ => Truth::Unknown,
    }
}

fn not(a: Truth) -> Truth {
    match a {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Unknown => Truth::Unknown,
    }
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    not(truths.map(not).fold(Truth::True, and))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Input;

    thread_local! {
        /// Assignments that were looked at to pick those that can decide.
        pub(super) static JUDGED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    const VAULT: &str = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv";
    const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    const USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";
    const GET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

    fn guid(kind: usize, n: usize) -> String {
        format!("{kind:08x}-0000-4000-8000-{n:012x}")
    }

    fn assignment(n: usize, principal: &str, role: &str, scope: &str, more: Value) -> Value {
        let mut properties = json!({
            "principalId": principal, "scope": scope,
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let name = guid(1, n);
        json!({
            "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"), "name": name,
            "type": "Microsoft.Authorization/roleAssignments", "properties": properties,
        })
    }

    /// An estate with these complete lists at the vault, and with these roles.
    fn estate(assignments: &[Value], denials: &[Value], more: &[Value]) -> Estate {
        let own =
            |scope: &str| -> Vec<&Value> { assignments.iter().filter(|a| a["properties"]["scope"] == scope).collect() };
        let list = |scope: &str, kind: &str, value: Value| {
            let filter = if scope == VAULT { "" } else { "&$filter=atScope()" };
            let request =
                format!("GET {scope}/providers/Microsoft.Authorization/{kind}?api-version=2022-04-01{filter}");
            json!({"request": request, "status": 200, "body": {"value": value}})
        };
        let mut exchanges = vec![
            list(VAULT, "roleAssignments", json!(own(VAULT))),
            list("/subscriptions/s", "roleAssignments", json!(assignments)),
            list(VAULT, "denyAssignments", json!(denials)),
        ];
        exchanges.extend(more.iter().map(|body| {
            let request = format!("GET {}?api-version=2022-04-01", body["id"].as_str().unwrap());
            json!({"request": request, "status": 200, "body": body})
        }));
        let recording = json!({"apimDoctor": "snapshot/v1", "takenAt": "2026-11-29T09:00:00Z", "exchanges": exchanges});
        let (estate, problems) =
            Estate::read(vec![Input { name: "x".into(), bytes: recording.to_string().into_bytes() }]);
        assert_eq!(problems, []);
        estate
    }

    fn ask(estate: &Estate, principal: &str, object: &str) -> Access {
        let (principal, scope) = (ObjectId::new(principal), ResourceId::new(&format!("{VAULT}/secrets/{object}")));
        let as_of = "2026-11-29T09:00:00Z".parse().unwrap();
        evaluate(estate, &Request { principal: &principal, action: GET, plane: Plane::Data, scope: &scope, as_of })
    }

    /// Custom roles with many wildcards, none of which allows anything here.
    fn wildcards(count: usize) -> Vec<Value> {
        let role = |n: usize| {
            let name = guid(2, n);
            json!({
                "id": format!("/providers/Microsoft.Authorization/roleDefinitions/{name}"), "name": name,
                "type": "Microsoft.Authorization/roleDefinitions",
                "properties": {"roleName": format!("Role {n}"), "permissions": [{
                    "actions": [], "notActions": [], "notDataActions": [],
                    "dataActions": [format!("{}b{n}", "*a".repeat(100))],
                }]},
            })
        };
        (0..count).map(role).collect()
    }

    /// As many assignments as paths, in every way that they can be each other's: the work grows as they do.
    #[test]
    fn the_work_grows_as_paths_and_assignments_do() {
        let service = || json!({"principalType": "ServicePrincipal"});
        let condition = || json!({"condition": "@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'x'"});
        type Make = Box<dyn Fn(usize, usize) -> Value>;
        let shapes: Vec<(&str, bool, Make)> = vec![
            ("of others", false, Box::new(move |n, _| assignment(n, &guid(9, n), USER, VAULT, service()))),
            ("of each", false, Box::new(move |n, _| assignment(n, &guid(3, n), USER, VAULT, service()))),
            ("of one", true, Box::new(move |n, _| assignment(n, &guid(3, 0), &guid(2, n), VAULT, service()))),
            (
                "of groups",
                false,
                Box::new(|n, _| assignment(n, &guid(9, n), USER, VAULT, json!({"principalType": "Group"}))),
            ),
            ("of groups that cannot", false, Box::new(|n, _| assignment(n, &guid(9, n), READER, VAULT, json!({})))),
            (
                "elsewhere",
                true,
                Box::new(move |n, _| {
                    assignment(n, &guid(3, 0), USER, &format!("/subscriptions/s/resourceGroups/g{n}"), service())
                }),
            ),
            ("with conditions", true, Box::new(move |n, _| assignment(n, &guid(3, 0), USER, VAULT, condition()))),
        ];
        for (what, is_one, make) in &shapes {
            let work = |count: usize| {
                let assignments: Vec<Value> = (0..count).map(|n| make(n, count)).collect();
                let estate = estate(&assignments, &[], &wildcards(if *what == "of one" { count } else { 0 }));
                JUDGED.set(0);
                for n in 0..count {
                    let principal = guid(3, if *is_one { 0 } else { n });
                    let access = ask(&estate, &principal, &format!("s{n}"));
                    match &access {
                        Access::Unknown { gaps, groups } => assert!(gaps.len() <= MOST + 4 && groups.len() <= MOST),
                        Access::NotGranted(short) => assert!(short.len() <= 2 * MOST + MOST_CONDITIONS, "{what}"),
                        _ => {}
                    }
                }
                JUDGED.get()
            };
            let (once, twice) = (work(100), work(200));
            assert!(twice <= 2 * once + 8, "{what}: {once}, then {twice}");
            assert!(twice <= 4 * 200, "{what}: {twice}");
        }
    }

    #[test]
    fn what_is_not_looked_at_is_unknown() {
        let condition = || json!({"condition": "@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'x'"});
        let many = |count: usize, last: Value| -> Vec<Value> {
            let own = |n: usize| {
                assignment(n, &guid(3, 0), USER, VAULT, if n + 1 < count { condition() } else { last.clone() })
            };
            (0..count).map(own).collect()
        };
        let access = |all: &[Value]| ask(&estate(all, &[], &[]), &guid(3, 0), "other");
        assert!(matches!(access(&many(MOST_CONDITIONS, condition())), Access::NotGranted(_)));
        assert!(matches!(access(&many(MOST_CONDITIONS + 1, condition())), Access::Unknown { .. }));
        // The last of many grants all the same.
        assert!(matches!(access(&many(500, json!({}))), Access::Unknown { .. } | Access::Allowed(_)));
        let denial = |n: usize| {
            json!({
                "id": format!("{VAULT}/providers/Microsoft.Authorization/denyAssignments/{}", guid(4, n)),
                "type": "Microsoft.Authorization/denyAssignments",
                "properties": {
                    "scope": VAULT, "principals": [{"id": guid(3, 0), "type": "ServicePrincipal"}],
                    "excludePrincipals": [], "isSystemProtected": true, "doNotApplyToChildScopes": true,
                    "permissions": [{"dataActions": ["*"], "notDataActions": [], "actions": [], "notActions": []}],
                },
            })
        };
        let granted = [assignment(0, &guid(3, 0), USER, VAULT, json!({}))];
        let denials: Vec<Value> = (0..MOST_CONDITIONS + 9).map(denial).collect();
        assert!(matches!(ask(&estate(&granted, &denials, &[]), &guid(3, 0), "x"), Access::Unknown { .. }));
        assert!(matches!(ask(&estate(&granted, &[], &[]), &guid(3, 0), "x"), Access::Allowed(_)));
    }

    #[test]
    fn the_groups_of_a_principal_count_among_many() {
        let groups = || json!({"principalType": "Group"});
        let all: Vec<Value> = (0..100).map(|n| assignment(n, &guid(9, n), USER, VAULT, groups())).collect();
        let mut estate = estate(&all, &[], &[]);
        assert!(matches!(ask(&estate, &guid(3, 0), "x"), Access::Unknown { .. }));
        let own = |n: usize| (guid(3, n), BTreeSet::from([guid(9, 99 + n)]));
        Arc::make_mut(&mut estate.index).groups_of.extend([own(0), own(1)]);
        estate.memo = Arc::default();
        assert!(matches!(ask(&estate, &guid(3, 0), "x"), Access::Allowed(_)));
        assert!(matches!(ask(&estate, &guid(3, 1), "x"), Access::NotGranted(_)));
        assert!(matches!(ask(&estate, &guid(3, 2), "x"), Access::Unknown { .. }));
    }
}
