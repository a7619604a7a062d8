//! What one role assignment does for a request.

use jiff::Timestamp;

use crate::base::ResourceId;
use crate::eval::condition::Truth;
use crate::eval::rbac::access::{Held, Plane, Request, Shortfall, Wait};
use crate::eval::rbac::role::{and, any, conditions, covers, is_missing, role};
use crate::model::authorization::{Permission, RoleAssignment};
use crate::model::{Estate, Gap, Resource, is_scope_of, scope_of};

/// Whether an assignment may not be effective yet.
pub(super) fn is_young(assignment: &Resource<RoleAssignment>, held: &Held, request: &Request<'_>) -> bool {
    let Some(as_of) = request.as_of else { return false };
    let properties = &assignment.properties;
    let wait = Wait::of(assignment, held, request).most();
    [&properties.created_on, &properties.updated_on].into_iter().flatten().any(|text| {
        // One that was made after the time of judgement is not effective then either.
        text.parse::<Timestamp>().is_ok_and(|at| as_of.duration_since(at) < wait)
    })
}

/// What one assignment does for a request.
pub(super) enum Judgement {
    /// It allows it.
    Grants,
    /// It may allow it.
    Perhaps(Gap),
    /// It does not allow it.
    Not(Shortfall),
}

/// Evaluates one assignment, for any principal.
pub(super) fn judge(
    estate: &Estate,
    request: &Request<'_>,
    assignment: &Resource<RoleAssignment>,
) -> (Held, Judgement) {
    let properties = &assignment.properties;
    let scope = properties.scope.clone().unwrap_or_else(|| scope_of(&assignment.id));
    let held = |role: String| Held { assignment: assignment.id.clone(), role, scope: scope.clone() };
    let Some(definition) = &properties.role_definition_id else {
        let gap = Gap::incomplete("a role assignment has no role", &assignment.id);
        return (held(String::new()), Judgement::Perhaps(gap));
    };
    if is_missing(estate, definition) {
        return (held(definition.name().to_owned()), Judgement::Not(Shortfall::DefinitionMissing));
    }
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
pub(super) fn contradiction(id: &ResourceId, scope: Option<&ResourceId>) -> Option<Gap> {
    let scope = scope.filter(|scope| !is_scope_of(id, scope))?;
    let what = format!(
        "at which scope assignment `{}` applies: its id and its scope `{scope}` contradict each other",
        id.name()
    );
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
