//! Reads role definitions: output of `az role definition list`, JSON for `New-AzRoleDefinition`, JSON of Resource Manager,
//! a script that copies a role.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::knowledge::roles;
use crate::model::authorization::Permission;
use crate::role_check::rules::{Definition, check};
use crate::role_check::script;
use crate::role_check::v1::{Role, Roles};

/// Why a file has no role definition.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoleError {
    /// It is neither JSON nor a script that makes a role.
    #[error("the file is neither JSON nor a script that copies a built-in role: {0}")]
    Unreadable(String),
    /// It has no role definition.
    #[error("the file contains no role definition")]
    None,
}

/// Checks the role definitions in a file.
///
/// # Errors
///
/// If the file contains no role definition.
///
/// ```
/// use apim_doctor_core::check_roles;
/// let json = r#"{"Name": "Reader of secrets", "IsCustom": true, "Actions": [], "NotActions": [], "NotDataActions": [],
///     "DataActions": ["Microsoft.KeyVault/vaults/secrets/getSecret/action"], "AssignableScopes": ["/"]}"#;
/// let roles = check_roles(json)?;
/// assert_eq!(roles.roles[0].problems[0].rule, "assignable-scope-impossible");
/// # Ok::<(), apim_doctor_core::RoleError>(())
/// ```
pub fn check_roles(text: &str) -> Result<Roles, RoleError> {
    let text = text.trim_start_matches('\u{feff}');
    let found = match serde_json::from_str::<Value>(text) {
        Ok(document) => {
            let mut found = Vec::new();
            collect(&document, &mut found);
            found
        }
        Err(error) => match script::read(text) {
            Some(role) => vec![role],
            None => return Err(RoleError::Unreadable(error.to_string())),
        },
    };
    match found.is_empty() {
        true => Err(RoleError::None),
        false => Ok(Roles { apim_doctor: "roles/v1".into(), roles: found.into_iter().map(check).collect() }),
    }
}

/// Checks a built-in role by its name or id. `None`: no built-in role is called so.
pub fn check_role(name_or_id: &str) -> Option<Roles> {
    let role = roles::by_name(name_or_id).or_else(|| roles::by_id(name_or_id))?;
    let permissions = role.permissions();
    let definition =
        Definition { name: role.name.to_owned(), permissions, scopes: vec!["/".to_owned()], ..Definition::default() };
    let role: Role = check(definition);
    Some(Roles { apim_doctor: "roles/v1".into(), roles: vec![role] })
}

/// Collects role definitions, wherever in the document they are.
fn collect(value: &Value, found: &mut Vec<Definition>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => match definition(members) {
            Some(role) => found.push(role),
            None => members.values().for_each(|member| collect(member, found)),
        },
        _ => {}
    }
}

fn definition(members: &Map<String, Value>) -> Option<Definition> {
    if let Some(properties) = member(members, "properties").and_then(Value::as_object) {
        return definition(properties);
    }
    let permissions: Vec<Permission> = match member(members, "permissions").and_then(Value::as_array) {
        Some(all) => all.iter().filter_map(Value::as_object).map(permission).collect(),
        None if member(members, "actions").or_else(|| member(members, "dataActions")).is_some() => {
            vec![permission(members)]
        }
        None => return None,
    };
    let text = |name: &str| member(members, name).and_then(Value::as_str).map(str::to_owned);
    let kind = text("roleType").or_else(|| text("type"));
    let is_custom = match (member(members, "isCustom").and_then(Value::as_bool), kind) {
        (Some(is_custom), _) => is_custom,
        (None, Some(kind)) => !kind.eq_ignore_ascii_case("BuiltInRole"),
        (None, None) => true,
    };
    Some(Definition {
        name: text("roleName").or_else(|| text("name")).unwrap_or_default(),
        description: text("description").unwrap_or_default(),
        is_custom,
        permissions,
        scopes: texts(members, "assignableScopes"),
        open: Vec::new(),
    })
}

fn permission(members: &Map<String, Value>) -> Permission {
    Permission {
        actions: texts(members, "actions"),
        not_actions: texts(members, "notActions"),
        data_actions: texts(members, "dataActions"),
        not_data_actions: texts(members, "notDataActions"),
        condition: member(members, "condition").and_then(Value::as_str).map(str::to_owned),
    }
}

fn texts(members: &Map<String, Value>, name: &str) -> Vec<String> {
    let items = member(members, name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A member, without regard to case: PowerShell writes `Actions`.
fn member<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
