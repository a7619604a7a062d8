//! What a role allows: its permissions, and the conditions under which they count.

use crate::base::{ResourceId, action_matches};
use crate::eval::condition::{self, Truth};
use crate::eval::rbac::access::{Plane, Request};
use crate::knowledge::roles;
use crate::model::authorization::{Permission, RoleAssignment, RoleDefinition};
use crate::model::{Estate, Fact, Gap, Refusal};

/// Whether Azure answered that a role definition does not exist. A list of definitions does not prove it: it may lack roles
/// that can be assigned only below its scope.
pub(super) fn is_missing(estate: &Estate, definition: &ResourceId) -> bool {
    let guid = definition.name().to_ascii_lowercase();
    let is_known = estate.index.roles.contains_key(&guid) || roles::by_id(&guid).is_some();
    !is_known && estate.refusals.get(definition) == Some(&Refusal::NotFound)
}

/// A role's name and permissions: as the estate shows it, or as Azure ships it.
pub(super) fn role<'e>(estate: &'e Estate, definition: &ResourceId) -> Result<(&'e str, &'e [Permission]), Gap> {
    let guid = definition.name().to_ascii_lowercase();
    if let Some(id) = estate.index.roles.get(&guid)
        && let Fact::Known(found) = estate.get::<RoleDefinition>(id)
    {
        // Data actions are answered since 2018-07-01; a definition without permissions was not read whole.
        let partial = found.properties.permissions.is_empty() || estate.is_older::<RoleDefinition>(id, "2018-07-01");
        if partial && roles::by_id(&guid).is_none() {
            return Err(Gap::incomplete(format!("which actions role `{guid}` allows"), definition));
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

/// Whether a permission of a role holds the action.
pub(super) fn covers(estate: &Estate, permission: &Permission, request: &Request<'_>) -> Truth {
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

/// What a role answers to an action, if no condition of it and no assignment of it could change that.
pub(super) fn whole_answer(estate: &Estate, request: &Request<'_>, definition: &ResourceId) -> Option<Truth> {
    let (_, permissions) = role(estate, definition).ok()?;
    let mut allowing = permissions.iter().filter(|own| covers(estate, own, request) == Truth::True).peekable();
    if allowing.peek().is_none() {
        return Some(Truth::False);
    }
    let has_none = |own: &Permission| own.condition.as_ref().is_none_or(|text| text.trim().is_empty());
    permissions.iter().all(has_none).then_some(Truth::True)
}

/// Whether both conditions of a grant are met.
pub(super) fn conditions(request: &Request<'_>, all: [&Option<String>; 2]) -> Truth {
    let texts = all.into_iter().flatten().filter(|text| !text.trim().is_empty());
    texts.map(|text| condition(request, text)).fold(Truth::True, and)
}

/// Whether a condition is met.
///
/// Most string operators compare with regard to case, and no page says which spelling of a name they compare:
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

/// Whether an assignment or its role has a condition, so that the object decides.
pub(super) fn has_condition(estate: &Estate, assignment: &RoleAssignment) -> bool {
    let is_one = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let role = assignment.role_definition_id.as_ref().and_then(|definition| role(estate, definition).ok());
    is_one(&assignment.condition) || role.is_some_and(|(_, all)| all.iter().any(|own| is_one(&own.condition)))
}

/// Both.
pub(super) fn and(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Truth::False, _) | (_, Truth::False) => Truth::False,
        (Truth::True, Truth::True) => Truth::True,
        _ => Truth::Unknown,
    }
}

/// The opposite.
pub(super) fn not(a: Truth) -> Truth {
    match a {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Unknown => Truth::Unknown,
    }
}

/// One of them.
pub(super) fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    not(truths.map(not).fold(Truth::True, and))
}
