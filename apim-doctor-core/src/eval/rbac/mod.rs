//! Evaluates role-based access: does the principal have permission for the action at the scope?
//!
//! Source: <https://learn.microsoft.com/azure/role-based-access-control/overview> (read 2026-11-21).

mod access;
mod assignment;
mod candidates;
mod coverage;
mod denial;
mod everyone;
mod membership;
mod role;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::base::{ObjectId, ResourceId};
use crate::eval::condition::Truth;
use crate::model::authorization::{ROLE_ASSIGNMENTS, RoleAssignment};
use crate::model::grants::Holders;
use crate::model::{Estate, Fact, Gap, Index};

use assignment::{Judgement, is_young, judge};
use candidates::{MOST, applicable, folded, in_order, keep, places, worth};
use coverage::{coverage, disagreement};
use denial::{Denial, denied, granted};
use membership::Membership;

pub(crate) use access::{Access, Held, Plane, Request, Shortfall, Wait};
pub(crate) use everyone::{Everyone, held_by};
pub(crate) use membership::kind_of;

/// Decides a request from all that was read.
pub(crate) fn evaluate(estate: &Estate, request: &Request<'_>) -> Access {
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
        return granted(held, disagreement(estate, &scopes), denial);
    }
    if left_out > 0 {
        let what =
            format!("whether one of {left_out} more role assignments gives principal `{}` access", request.principal);
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
pub(crate) fn granted_to(estate: &Estate, request: &Request<'_>, principals: &[ObjectId]) -> Vec<(ObjectId, Held)> {
    let places = places(request);
    let mut ids: Vec<ResourceId> = Vec::new();
    for principal in principals.iter().filter(|principal| *principal != request.principal) {
        let request = Request { principal, ..*request };
        let membership =
            Membership { principal, graph: &estate.cloud.graph, groups: None, assigned: &[], collection: "" };
        for at in &places {
            let of = |index: &Index| index.grants.get(at).and_then(|h| h.of.get(&folded(principal))).cloned();
            let kept = of(&estate.index).map(|ids| {
                keep(estate, &request, &format!("direct {at}"), principal.as_str(), || {
                    worth(estate, &request, &in_order(ids), |assignment| membership.holds(assignment))
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
pub(crate) fn granted_to_first(
    estate: &Estate,
    request: &Request<'_>,
    what: &str,
    principals: &BTreeSet<String>,
) -> Vec<(ObjectId, Held)> {
    let one_of = |holder: &ObjectId| principals.contains(&folded(holder));
    let first = |holders: &Holders| {
        let all = principals.iter().filter_map(|principal| holders.of.get(principal)).flatten();
        worth(estate, request, &in_order(all.cloned().collect()), |assignment| {
            // Each counts as a separate principal, so none hides another.
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

/// Roles that would allow the request, held where they do not reach the target; the first of them.
fn elsewhere(estate: &Estate, request: &Request<'_>) -> Vec<(Held, Shortfall)> {
    let key = folded(request.principal);
    let of = |index: &Index| index.assignments_of.get(&key).cloned().unwrap_or_default();
    let kept = keep(estate, request, "elsewhere", &key, || {
        // Whether one is granted is asked of each alone, so that none hides another.
        worth(estate, request, &in_order(of(&estate.index)), |_| Truth::Unknown)
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
