//! Role-based access: may this principal do this action there?
//!
//! Source: <https://learn.microsoft.com/azure/role-based-access-control/overview> (read 2026-11-21).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};

use crate::base::{ObjectId, ResourceId, action_matches};
use crate::eval::condition::{self, Truth};
use crate::knowledge::roles;
use crate::model::authorization::{DenyAssignment, Permission, RoleAssignment, RoleDefinition};
use crate::model::{Estate, Fact, Filter, Gap, Resource, is_scope_of, scope_of};

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
    for assignment in applicable(estate, &scopes, |assignment| membership.holds(assignment) != Truth::False) {
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

/// Principals other than `request.principal` whose role would allow the request, with the role they hold.
pub fn granted_to_others(estate: &Estate, request: &Request<'_>) -> Vec<(ObjectId, Held)> {
    let scopes: Vec<ResourceId> = request.scope.scopes().collect();
    let is_other = |assignment: &Resource<RoleAssignment>| {
        assignment.properties.principal_id.as_ref().is_some_and(|principal| principal != request.principal)
    };
    let others = applicable(estate, &scopes, is_other).into_iter().filter_map(Fact::known).filter_map(|assignment| {
        let principal = assignment.properties.principal_id.clone()?;
        let (held, judgement) = judge(estate, request, assignment);
        matches!(judgement, Judgement::Grants).then_some((principal, held))
    });
    let mut others: Vec<_> = others.collect();
    others.sort_by(|a, b| a.1.assignment.cmp(&b.1.assignment));
    others
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
        let gap = Gap::new("a role assignment names no role", "record the role assignments again");
        return (held(String::new()), Judgement::Perhaps(gap));
    };
    let (name, permissions) = match role(estate, definition) {
        Ok(role) => role,
        Err(gap) => return (held(definition.name().to_owned()), Judgement::Perhaps(gap)),
    };
    let granted = any(permissions.iter().map(|p| {
        let condition = conditions(request, [&p.condition, &properties.condition]);
        and(covers(p, request), condition)
    }));
    // Conditions are answered since 2020-03-01-preview.
    let hidden = properties.condition.is_none() && estate.is_older::<RoleAssignment>(&assignment.id, "2020-03-01");
    let judgement = match (granted, contradiction(&assignment.id, properties.scope.as_ref())) {
        (Truth::True, Some(gap)) => Judgement::Perhaps(gap),
        (Truth::True, None) if hidden => Judgement::Perhaps(Gap::new(
            format!("whether role `{name}` at `{scope}` has a condition"),
            format!("record `GET {}` with api-version 2022-04-01", assignment.id),
        )),
        (Truth::True, None) => Judgement::Grants,
        (Truth::Unknown, _) => Judgement::Perhaps(Gap::new(
            format!("whether the condition of role `{name}` at `{scope}` is met"),
            format!("read the condition of `{}`, or assign the role without one", assignment.id),
        )),
        (Truth::False, _) => Judgement::Not(shortfall(permissions, properties, request)),
    };
    (held(name.to_owned()), judgement)
}

/// An assignment whose id names another scope than its `scope` may be held at either.
fn contradiction(id: &ResourceId, scope: Option<&ResourceId>) -> Option<Gap> {
    let scope = scope.filter(|scope| !is_scope_of(id, scope))?;
    Some(Gap::new(
        format!("where assignment `{}` is held: its id and its scope `{scope}` contradict each other", id.name()),
        format!("collect `GET {id}` again"),
    ))
}

fn shortfall(permissions: &[Permission], assignment: &RoleAssignment, request: &Request<'_>) -> Shortfall {
    if any(permissions.iter().map(|p| covers(p, request))) != Truth::False {
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
            let ask = format!("record `GET {definition}` with api-version 2022-04-01");
            return Err(Gap::new(format!("what role `{guid}` allows"), ask));
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
            _ => Gap::new(format!("what custom role `{guid}` allows"), format!("record `GET {definition}`")),
        }),
    }
}

fn covers(permission: &Permission, request: &Request<'_>) -> Truth {
    let (allow, except) = match request.plane {
        Plane::Management => (&permission.actions, &permission.not_actions),
        Plane::Data => (&permission.data_actions, &permission.not_data_actions),
    };
    let matches = |patterns: &[String]| patterns.iter().any(|p| action_matches(p, request.action));
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

/// Assignments at a scope or above it that are wanted, or were not seen, in the order of ids.
fn applicable<'e>(
    estate: &'e Estate,
    scopes: &[ResourceId],
    wanted: impl Fn(&Resource<RoleAssignment>) -> bool,
) -> Vec<Fact<&'e Resource<RoleAssignment>>> {
    let held = |scope: &ResourceId| estate.assignments_at(scope);
    let all = at_or_above(estate, ROLE_ASSIGNMENTS, scopes, held);
    // Most are somebody else's: the rest is quickly put in order.
    let read = all.map(|id| (id, estate.get::<RoleAssignment>(id)));
    let mut kept: Vec<_> = read.filter(|(_, fact)| !matches!(fact, Fact::Known(found) if !wanted(found))).collect();
    kept.sort_by_key(|(id, _)| *id);
    kept.dedup_by_key(|(id, _)| *id);
    kept.into_iter().map(|(_, fact)| fact).collect()
}

/// The scope that holds everything.
static EVERYWHERE: LazyLock<ResourceId> = LazyLock::new(|| ResourceId::new("/"));

/// What is assigned at a scope and every scope above it. Management groups are not visible in an id: what a
/// list in the subscription returned from above applies to it.
fn at_or_above<'e, I: Iterator<Item = &'e ResourceId>>(
    estate: &'e Estate,
    kind: &'static str,
    scopes: &[ResourceId],
    held_at: impl Fn(&ResourceId) -> I,
) -> impl Iterator<Item = &'e ResourceId> {
    let subscription = scopes.first().and_then(ResourceId::subscription).map(str::to_ascii_lowercase);
    let above = estate.index.from_above.get(&(subscription.unwrap_or_default(), kind)).into_iter().flatten();
    scopes.iter().chain([&*EVERYWHERE]).flat_map(held_at).chain(above)
}

/// Roles that would allow the request, held where they do not reach the target.
fn elsewhere(estate: &Estate, request: &Request<'_>) -> Vec<(Held, Shortfall)> {
    let key = request.principal.as_str().to_ascii_lowercase();
    let mut found: Vec<_> = estate
        .assignments_of(&key)
        .filter_map(|id| estate.get::<RoleAssignment>(id).known())
        .filter(|a| a.properties.scope.as_ref().is_some_and(|scope| !request.scope.is_within(scope)))
        .filter_map(|assignment| match judge(estate, request, assignment) {
            (held, Judgement::Grants) => Some((held, Shortfall::Elsewhere)),
            _ => None,
        })
        .collect();
    found.sort_by(|a, b| a.0.assignment.cmp(&b.0.assignment));
    found
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
        Gap::new(what, "record the list again, once")
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
    let leaf = kind.rsplit('/').next().unwrap_or(kind);
    let noun = if kind == DENY_ASSIGNMENTS { "deny assignments" } else { "role assignments" };
    Some(reason.unwrap_or_else(|| {
        Gap::not_collected(
            &format!("the list of {noun} at `{scope}`"),
            &format!("{scope}/providers/Microsoft.Authorization/{leaf}?$filter=atScope()"),
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
    let held = |scope: &ResourceId| estate.index.denials_at.get(scope).into_iter().flatten();
    let mut ids: Vec<&ResourceId> = at_or_above(estate, DENY_ASSIGNMENTS, scopes, held).collect();
    ids.sort();
    ids.dedup();
    for id in ids {
        let denial = match estate.get::<DenyAssignment>(id) {
            Fact::Known(denial) => denial,
            Fact::Unknown(gap) => {
                perhaps = Some(gap);
                continue;
            }
            Fact::Absent(_) => continue,
        };
        let name = denial.properties.deny_assignment_name.clone().unwrap_or_else(|| denial.name().to_owned());
        let applies = match contradiction(id, denial.properties.scope.as_ref()) {
            Some(_) => and(applies(estate, &denial.properties, request), Truth::Unknown),
            None => applies(estate, &denial.properties, request),
        };
        match applies {
            Truth::True => return Denial::By { id: id.clone(), name },
            Truth::Unknown => {
                perhaps = Some(Gap::new(
                    format!("whether deny assignment `{name}` applies"),
                    format!("read its effect and members: `GET {id}?api-version=2024-07-01-preview`"),
                ));
            }
            Truth::False => {}
        }
    }
    let unread = || coverage(estate, DENY_ASSIGNMENTS, scopes, request.principal);
    perhaps.or_else(unread).map_or(Denial::None, Denial::Perhaps)
}

const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";

fn applies(estate: &Estate, denial: &DenyAssignment, request: &Request<'_>) -> Truth {
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
        and(covers(p, request), condition)
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
    [here, covered, hit, enforced].into_iter().fold(Truth::True, and)
}

/// Which groups the principal is in, as far as it was seen.
struct Membership<'e> {
    principal: &'e ObjectId,
    groups: Option<&'e BTreeSet<String>>,
    assigned: &'e [ResourceId],
}

impl<'e> Membership<'e> {
    fn of(estate: &'e Estate, principal: &'e ObjectId) -> Self {
        let id = principal.as_str().to_ascii_lowercase();
        Self {
            principal,
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
        let is_kind =
            |kind: &&str| properties.principal_type.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(kind));
        if ["ServicePrincipal", "User", "Device"].iter().any(is_kind) {
            return Truth::False;
        }
        match self.assigned.contains(&assignment.id) {
            true => Truth::True,
            false => self.contains(holder),
        }
    }

    fn gap(&self, held: &Held, assignment: &Resource<RoleAssignment>) -> Gap {
        let group = assignment.properties.principal_id.as_ref().map(ToString::to_string).unwrap_or_default();
        Gap::new(
            format!(
                "whether principal `{}` is a member of group `{group}`, which holds `{}`",
                self.principal, held.role
            ),
            format!(
                "record `GET https://graph.microsoft.com/v1.0/servicePrincipals/{}/transitiveMemberOf`",
                self.principal
            ),
        )
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
