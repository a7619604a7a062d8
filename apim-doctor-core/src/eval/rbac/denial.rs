//! Deny assignments, which come before all roles.

use crate::base::ResourceId;
use crate::eval::condition::Truth;
use crate::eval::rbac::access::{Access, Held, Plane, Request};
use crate::eval::rbac::assignment::contradiction;
#[cfg(test)]
use crate::eval::rbac::candidates::JUDGED;
use crate::eval::rbac::candidates::{MOST_CONDITIONS, Worth, folded, keep, places};
use crate::eval::rbac::coverage::coverage;
use crate::eval::rbac::membership::Membership;
use crate::eval::rbac::role::{and, any, conditions, covers, not};
use crate::model::authorization::{DENY_ASSIGNMENTS, DenyAssignment, DenyPrincipal};
use crate::model::grants::HeldAt;
use crate::model::{Estate, Fact, Gap};

/// What the deny assignments say.
pub(super) enum Denial {
    /// None applies.
    None,
    /// This one applies.
    By {
        /// Its id.
        id: ResourceId,
        /// Its name.
        name: String,
    },
    /// One may apply.
    Perhaps(Gap),
}

/// What a role that allows the request comes to, if the lists of assignments may disagree or a deny assignment may apply.
pub(super) fn granted(held: Held, disagreement: Option<Gap>, denial: Denial) -> Access {
    match (disagreement, denial) {
        (Some(gap), _) | (None, Denial::Perhaps(gap)) => Access::Unknown { gaps: vec![gap], groups: Vec::new() },
        (None, _) => Access::Allowed(held),
    }
}

/// Deny assignments come first, whatever the roles say.
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/deny-assignments> (read 2026-11-21).
pub(super) fn denied(estate: &Estate, request: &Request<'_>, scopes: &[ResourceId]) -> Denial {
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
        JUDGED.set(JUDGED.get() + 1);
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
    and(bears(estate, id, denial, request), hits(&Membership::of(estate, request.principal), denial))
}

/// Whether a deny assignment is about this action at this scope, for any principal.
fn bears(estate: &Estate, id: &ResourceId, denial: &DenyAssignment, request: &Request<'_>) -> Truth {
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
    [is_held, here, covered, enforced].into_iter().fold(Truth::True, and)
}

/// Whether a deny assignment names the principal and does not exclude it.
fn hits(membership: &Membership<'_>, denial: &DenyAssignment) -> Truth {
    let named = |list: &[DenyPrincipal]| {
        any(list.iter().map(|p| match &p.id {
            Some(id) if id == membership.principal || id.as_str() == EVERYONE => Truth::True,
            Some(id) if p.r#type.as_deref().is_none_or(|t| t.to_ascii_lowercase().contains("group")) => {
                membership.contains(id)
            }
            Some(_) => Truth::False,
            None => Truth::Unknown,
        }))
    };
    and(named(&denial.principals), not(named(&denial.exclude_principals)))
}

/// The deny assignments at a scope and above it, judged for one action.
pub(super) struct Denials<'e> {
    /// Those that are or may be about the action, and whether they are.
    bearing: Vec<(&'e ResourceId, &'e DenyAssignment, String, Truth)>,
    /// Why it is not known whether another one applies.
    open: Option<Gap>,
    /// Why the list of deny assignments is not known to be complete.
    unread: Option<Gap>,
}

impl<'e> Denials<'e> {
    pub(super) fn of(estate: &'e Estate, request: &Request<'_>, scopes: &[ResourceId]) -> Self {
        let at = |place: HeldAt| match place {
            HeldAt::Scope(scope) => estate.index.denials_at.get(&scope),
            HeldAt::Above(subscription) => estate.index.from_above.get(&(subscription, DENY_ASSIGNMENTS)),
        };
        let mut ids: Vec<&ResourceId> = places(request).into_iter().filter_map(at).flatten().collect();
        ids.sort();
        ids.dedup();
        let unread = coverage(estate, DENY_ASSIGNMENTS, scopes, request.principal);
        let mut all = Self { bearing: Vec::new(), open: None, unread };
        for id in ids {
            match estate.get::<DenyAssignment>(id) {
                Fact::Known(denial) => {
                    let name = denial.properties.deny_assignment_name.as_deref().unwrap_or_else(|| denial.name());
                    match bears(estate, id, &denial.properties, request) {
                        Truth::False => {}
                        truth => all.bearing.push((&denial.id, &denial.properties, name.to_owned(), truth)),
                    }
                }
                Fact::Unknown(gap) => all.open = Some(gap),
                Fact::Absent(_) => {}
            }
        }
        all
    }

    /// What they say to one principal.
    pub(super) fn of_principal(&self, membership: &Membership<'_>) -> Denial {
        let mut perhaps = self.open.clone();
        for (id, denial, name, bears) in &self.bearing {
            match and(*bears, hits(membership, denial)) {
                Truth::True => return Denial::By { id: (*id).clone(), name: name.clone() },
                Truth::Unknown => {
                    perhaps = Some(Gap::incomplete(format!("whether deny assignment `{name}` applies"), *id));
                }
                Truth::False => {}
            }
        }
        perhaps.or_else(|| self.unread.clone()).map_or(Denial::None, Denial::Perhaps)
    }

    /// The principals (lower case) that they name.
    pub(super) fn principals(&self) -> impl Iterator<Item = String> {
        let named = self.bearing.iter().flat_map(|(_, denial, ..)| {
            denial.principals.iter().chain(&denial.exclude_principals).filter_map(|principal| principal.id.as_ref())
        });
        named.filter(|id| id.as_str() != EVERYONE).map(folded)
    }
}
