//! Reads the role that a PowerShell script makes out of another role, as the documentation of API Management does it.
//! Nothing is executed: literal values are taken, and everything else on the role's variable is reported.

use std::sync::LazyLock;

use regex::Regex;

use crate::knowledge::roles;
use crate::role_check::rules::Definition;

static START: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)^\s*\$(\w+)\s*=\s*Get-AzRoleDefinition\s+(?:-Name\s+)?["']([^"'$]+)["']"#).ok());
static CALL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)^\s*\$(\w+)\.(\w+)\.(Add|Remove|Clear)\(\s*(?:["']([^"'$]*)["'])?\s*\)"#).ok());
static SET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)^\s*\$(\w+)\.(\w+)\s*=\s*(?:["']([^"'$]*)["']|\$null)\s*$"#).ok());

/// The role that a script makes; `None`: it makes none out of a role that is known.
pub(super) fn read(text: &str) -> Option<Definition> {
    let (start, call, set) = (START.as_ref()?, CALL.as_ref()?, SET.as_ref()?);
    let (first, variable, base) = text.lines().enumerate().find_map(|(at, line)| {
        let found = start.captures(line)?;
        Some((at, found.get(1)?.as_str().to_ascii_lowercase(), found.get(2)?.as_str().to_owned()))
    })?;
    let built_in = roles::by_name(&base)?;
    let mut permission = built_in.permissions().into_iter().next()?;
    let mut role = Definition { name: base, is_custom: true, scopes: vec!["/".to_owned()], ..Definition::default() };
    for (at, line) in text.lines().enumerate().skip(first + 1) {
        let name = |found: &regex::Captures<'_>, group| {
            found.get(group).map(|found| found.as_str().to_owned()).unwrap_or_default()
        };
        if let Some(found) = call.captures(line).filter(|found| name(found, 1).eq_ignore_ascii_case(&variable)) {
            let (list, verb, value) =
                (name(&found, 2).to_ascii_lowercase(), name(&found, 3).to_ascii_lowercase(), name(&found, 4));
            let list = match list.as_str() {
                "actions" => &mut permission.actions,
                "notactions" => &mut permission.not_actions,
                "dataactions" => &mut permission.data_actions,
                "notdataactions" => &mut permission.not_data_actions,
                "assignablescopes" => &mut role.scopes,
                _ => continue,
            };
            match verb.as_str() {
                "clear" => list.clear(),
                "add" => list.push(value),
                _ => list.retain(|own| !own.eq_ignore_ascii_case(&value)),
            }
        } else if let Some(found) = set.captures(line).filter(|found| name(found, 1).eq_ignore_ascii_case(&variable)) {
            match name(&found, 2).to_ascii_lowercase().as_str() {
                "name" => role.name = name(&found, 3),
                "description" => role.description = name(&found, 3),
                _ => {}
            }
        } else if line.trim_start().to_ascii_lowercase().starts_with(&format!("${variable}.")) {
            role.open.push(format!("line {} changes the role in a way that cannot be read", at + 1));
        }
    }
    role.permissions.push(permission);
    Some(role)
}
