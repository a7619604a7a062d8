//! Which role assignments can decide a request. A scope can have thousands; few of them differ for one request.

use std::sync::{Arc, LazyLock};

use crate::base::{Map, ObjectId, ResourceId};
use crate::eval::condition::Truth;
use crate::eval::rbac::access::{Request, Shortfall};
use crate::eval::rbac::assignment::{Judgement, is_young, judge};
use crate::eval::rbac::membership::Membership;
use crate::eval::rbac::role::{has_condition, whole_answer};
use crate::model::authorization::RoleAssignment;
use crate::model::grants::{HeldAt, Holders};
use crate::model::{Estate, Fact, Resource};

#[cfg(test)]
thread_local! {
    /// How many assignments were looked at to pick those that can decide.
    pub static JUDGED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The most assignments of one kind that are looked at for one request and one place. Of those that cannot grant,
/// more would only repeat what the first say; of those that may, the rest is counted.
pub(super) const MOST: usize = 20;

/// The most conditions that are looked at for one request and one place.
pub(super) const MOST_CONDITIONS: usize = 64;

/// Assignments that can decide a request, and how many more could.
#[derive(Debug, Default)]
pub(super) struct Worth {
    /// The assignments.
    pub ids: Vec<ResourceId>,
    /// How many more could decide it.
    pub left_out: usize,
}

/// Where an assignment has to be held to reach the target.
pub(super) fn places(request: &Request<'_>) -> Vec<HeldAt> {
    let above = request.scope.subscription().unwrap_or_default().to_ascii_lowercase();
    let scopes = request.scope.scopes().chain([EVERYWHERE.clone()]).map(HeldAt::Scope);
    scopes.chain([HeldAt::Above(above)]).collect()
}

/// The key of a principal.
pub(super) fn folded(principal: &ObjectId) -> String {
    principal.as_str().to_ascii_lowercase()
}

/// What is the same for all requests for an action in one place is worked out once.
pub(super) fn keep(
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
    estate.memo.answer(format!("{place}\n{}\n{action}\n{plane:?}\n{as_of:?}", holder.to_ascii_lowercase()), work_out)
}

/// Ids in their order, each once.
pub(super) fn in_order(mut ids: Vec<ResourceId>) -> Vec<ResourceId> {
    ids.sort();
    ids.dedup();
    ids
}

/// Picks the assignments that can decide a request, whatever object it is for. The ids are in their order.
pub(super) fn worth(
    estate: &Estate,
    request: &Request<'_>,
    ids: &[ResourceId],
    holds: impl Fn(&Resource<RoleAssignment>) -> Truth,
) -> Worth {
    let mut worth = Worth::default();
    let (mut first, mut young, mut conditions, mut unsure) = (None, None, 0, 0);
    let (mut lacking, mut management) = (0, 0);
    // A scope has many assignments of few roles: each role is compared with the action once.
    let mut roles: Map<&ResourceId, Option<Truth>> = Map::default();
    for id in ids {
        #[cfg(test)]
        JUDGED.set(JUDGED.get() + 1);
        let assignment = match estate.get::<RoleAssignment>(id) {
            Fact::Known(assignment) => Some(assignment),
            Fact::Unknown(_) => None,
            Fact::Absent(_) => continue,
        };
        let holds = assignment.map_or(Truth::Unknown, &holds);
        if holds == Truth::False {
            continue;
        }
        let properties = assignment.map(|assignment| &assignment.properties).filter(|_| holds == Truth::Unknown);
        let definition = properties.and_then(|own| own.role_definition_id.as_ref());
        let allows = definition.and_then(|id| *roles.entry(id).or_insert_with(|| whole_answer(estate, request, id)));
        let is_plain =
            || properties.is_some_and(|own| own.condition.as_ref().is_none_or(|text| text.trim().is_empty()));
        match allows {
            Some(Truth::False) => continue,
            // Nothing but who holds it is open.
            Some(Truth::True) if is_plain() => {
                unsure += 1;
                match unsure <= MOST {
                    true => worth.ids.push(id.clone()),
                    false => worth.left_out += 1,
                }
                continue;
            }
            _ => {}
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

/// Assignments at a scope or above it that can decide, or were not collected, in the order of ids; and how many more could.
pub(super) fn applicable<'e>(
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
                worth(estate, request, &in_order(own(holders)), |assignment| membership.holds(assignment))
            });
            let of_others = keep(estate, request, &format!("{kind} {at}"), "", || {
                // They are the same for every action.
                let ids = estate.memo.answer(format!("{kind} {at} in order"), || in_order(others(holders)));
                worth(estate, request, &ids, |_| Truth::Unknown)
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
