//! The rules for custom roles.

use crate::base::{action_matches, is_guid};
use crate::finding::WebPage;
use crate::model::authorization::Permission;
use crate::role_check::actions::planes_of;
use crate::role_check::smallest::smallest_role;
use crate::role_check::v1::{Level, Problem, Role};

/// What a role definition says.
#[derive(Debug, Default)]
pub(super) struct Definition {
    pub name: String,
    pub description: String,
    pub is_custom: bool,
    pub permissions: Vec<Permission>,
    pub scopes: Vec<String>,
    /// What could not be read.
    pub open: Vec<String>,
}

const DEFINITIONS: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/role-based-access-control/role-definitions",
    read_on: "2026-11-21",
};
const CUSTOM: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/role-based-access-control/custom-roles", read_on: "2026-11-21" };
const APIM: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/api-management/api-management-role-based-access-control",
    read_on: "2026-11-21",
};

const SERVICE: &str = "Microsoft.ApiManagement/service";
const SERVICE_READ: &str = "Microsoft.ApiManagement/service/read";

/// Checks a role.
pub(super) fn check(role: Definition) -> Role {
    let all = |of: fn(&Permission) -> &Vec<String>| -> Vec<&str> {
        role.permissions.iter().flat_map(of).map(|text| text.trim()).collect()
    };
    let (actions, data_actions) = (all(|p| &p.actions), all(|p| &p.data_actions));
    let mut problems = Vec::new();
    if role.is_custom {
        problems.extend(role.open.iter().map(|what| {
            problem("not-read", Level::Unknown, what.clone(), "check the role as Azure keeps it", DEFINITIONS)
        }));
        for permission in &role.permissions {
            lists(permission, &mut problems);
        }
        scopes(&role, !data_actions.is_empty(), &mut problems);
        portal_needs(&role, &actions, &mut problems);
        width(&actions, &data_actions, &mut problems);
        texts(&role, &mut problems);
        problems.sort_by_key(|problem| problem.level);
    }
    let portal = portal(&role, &actions);
    // A built-in role is the smallest one itself.
    let (actions, data_actions) = in_their_lists(&actions, &data_actions);
    let smallest = if role.is_custom { smallest_role(&actions, &data_actions) } else { None };
    Role { name: role.name, is_custom: role.is_custom, problems, portal, smallest }
}

/// Both lists after what is known on the other plane alone was moved there.
fn in_their_lists<'a>(actions: &[&'a str], data_actions: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    let all = actions.iter().map(|own| (*own, false)).chain(data_actions.iter().map(|own| (*own, true)));
    let (mut actions, mut data_actions) = (Vec::new(), Vec::new());
    for (pattern, is_data) in all {
        let on = planes_of(pattern);
        let is_data = if on.management == on.data { is_data } else { on.data };
        if is_data { &mut data_actions } else { &mut actions }.push(pattern);
    }
    (actions, data_actions)
}

fn problem(rule: &'static str, level: Level, what: String, fix: &str, page: WebPage) -> Problem {
    Problem { rule: rule.into(), level, what, fix: fix.to_owned(), source: page.into() }
}

/// The four lists of a permission object.
fn lists(permission: &Permission, problems: &mut Vec<Problem>) {
    let planes = [
        (&permission.actions, &permission.not_actions, "actions", "notActions", false),
        (&permission.data_actions, &permission.not_data_actions, "dataActions", "notDataActions", true),
    ];
    for (allow, except, list, not_list, is_data) in planes {
        for (pattern, list) in allow.iter().map(|p| (p, list)).chain(except.iter().map(|p| (p, not_list))) {
            let pattern = pattern.trim();
            let on = planes_of(pattern);
            let (here, there) = if is_data { (on.data, on.management) } else { (on.management, on.data) };
            if !here && there {
                let (rule, other) = match is_data {
                    true => ("action-in-data-actions", "a management action, which belongs in `actions`"),
                    false => ("data-action-in-actions", "a data action, which belongs in `dataActions`"),
                };
                let what = format!("`{pattern}` is in `{list}`, but is {other}");
                problems.push(problem(rule, Level::Error, what, "move it to the other list", DEFINITIONS));
            } else if !here && pattern != "*" {
                let what = format!("`{pattern}` in `{list}` is not known by name");
                let fix = "check the spelling against the provider's operations";
                problems.push(problem("unknown-action", Level::Unknown, what, fix, DEFINITIONS));
            }
        }
        for pattern in allow {
            if let Some(by) = except.iter().find(|except| action_matches(except, pattern.trim())) {
                let what = format!("`{}` in `{list}` is removed by `{}` in `{not_list}`", pattern.trim(), by.trim());
                let fix = "remove one of them";
                problems.push(problem("removed-by-not-actions", Level::Error, what, fix, DEFINITIONS));
            }
        }
    }
}

/// Assignable scopes: at least one, never `/`, at most one management group, and none with data actions.
fn scopes(role: &Definition, has_data: bool, problems: &mut Vec<Problem>) {
    let mut add = |level, what: String, fix: &str| {
        problems.push(problem("assignable-scope-impossible", level, what, fix, CUSTOM));
    };
    if role.scopes.is_empty() {
        add(Level::Error, "the role has no assignable scope".to_owned(), "add a subscription or a resource group");
    }
    let parts = |scope: &str| -> Vec<String> {
        scope.split('/').filter(|part| !part.is_empty()).map(str::to_ascii_lowercase).collect()
    };
    let is_group = |scope: &&String| scope.to_ascii_lowercase().contains("microsoft.management/managementgroups/");
    let groups = role.scopes.iter().filter(is_group).count();
    if groups > 1 {
        let what = format!("the role has {groups} management groups as assignable scopes, and one is allowed");
        add(Level::Error, what, "keep one management group");
    }
    if groups > 0 && has_data {
        let what = "the role has data actions and a management group as assignable scope".to_owned();
        add(Level::Error, what, "use subscriptions as assignable scopes, or remove the data actions");
    }
    for scope in role.scopes.iter().filter(|scope| !is_group(scope)) {
        let parts = parts(scope);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [] => add(
                Level::Error,
                "`/` as assignable scope is for built-in roles only".to_owned(),
                "use a subscription or a management group",
            ),
            ["subscriptions", id, ..] if !is_guid(id) => {
                add(Level::Error, format!("`{scope}` has no subscription id"), "write the id of the subscription");
            }
            ["subscriptions", _] | ["subscriptions", _, "resourcegroups", _] => {}
            ["subscriptions", _, "resourcegroups", _, "providers", _, _, _, ..] if parts.len().is_multiple_of(2) => {
                add(
                    Level::Note,
                    format!("assignable scope `{scope}` is a resource, which works but is discouraged"),
                    "use its resource group, and assign the role at the resource",
                )
            }
            _ => add(
                Level::Error,
                format!("`{scope}` is not a management group, a subscription, a resource group or a resource"),
                "use one of them",
            ),
        }
    }
}

fn is_of(provider: &str, pattern: &str) -> bool {
    let (pattern, provider) = (pattern.to_ascii_lowercase(), provider.to_ascii_lowercase());
    pattern.strip_prefix(&provider).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether the role allows an action.
fn allows(role: &Definition, action: &str) -> bool {
    let some = |patterns: &[String]| patterns.iter().any(|pattern| action_matches(pattern, action));
    role.permissions.iter().any(|p| some(&p.actions) && !some(&p.not_actions))
}

/// A scope below an API Management instance.
fn is_below_instance(scope: &str) -> bool {
    let folded = scope.to_ascii_lowercase();
    let rest = folded.split_once("/providers/microsoft.apimanagement/service/").map(|(_, rest)| rest);
    rest.is_some_and(|rest| rest.trim_end_matches('/').contains('/'))
}

/// The portal opens an instance only with `service/read` there; a workspace needs two roles.
fn portal_needs(role: &Definition, actions: &[&str], problems: &mut Vec<Problem>) {
    let own: Vec<&&str> = actions.iter().filter(|pattern| is_of(SERVICE, pattern)).collect();
    let of_workspaces =
        own.iter().filter(|pattern| is_of("Microsoft.ApiManagement/service/workspaces", pattern)).count();
    let can_read = allows(role, SERVICE_READ);
    if !own.is_empty() && !can_read && of_workspaces < own.len() {
        let what = format!("the role lacks `{SERVICE_READ}`, so the portal cannot show the instance");
        problems.push(problem("portal-cannot-show", Level::Warning, what, "add it to `actions`", APIM));
    }
    if of_workspaces == 0 {
        return;
    }
    let at_workspace = role.scopes.iter().any(|scope| is_below_instance(scope));
    if !can_read || at_workspace {
        let what = format!(
            "members of a workspace need two roles: this one at the workspace, and one with `{SERVICE_READ}` at the \
             instance"
        );
        let fix = "also assign API Management Service Workspace API Developer, or Product Manager, at the instance";
        problems.push(problem("workspace-needs-two-roles", Level::Warning, what, fix, APIM));
    }
}

/// What the portal shows to somebody who has only this role.
fn portal(role: &Definition, actions: &[&str]) -> Vec<String> {
    if !actions.iter().any(|pattern| *pattern == "*" || pattern.starts_with("*/") || is_of(SERVICE, pattern)) {
        return Vec::new();
    }
    if !allows(role, SERVICE_READ) {
        return vec![format!("the portal does not show the instance: `{SERVICE_READ}` is missing")];
    }
    let mut seen = vec![format!(
        "the portal shows the instance if the role is assigned at the instance or above: it has `{SERVICE_READ}`"
    )];
    if role.scopes.iter().any(|scope| is_below_instance(scope)) {
        let reads = "`Microsoft.ApiManagement/service/read` and `Microsoft.ApiManagement/service/*/read`";
        seen.push(format!(
            "an assignment below the instance does not give the reads that the portal needs at the instance ({reads}): \
             a second role at the instance is needed"
        ));
    }
    seen
}

/// Wildcards that give more than the actions that are named.
fn width(actions: &[&str], data_actions: &[&str], problems: &mut Vec<Problem>) {
    if actions.contains(&"*") || data_actions.contains(&"*") {
        let what = "`*` allows every action of every provider".to_owned();
        problems.push(problem("wider-than-needed", Level::Warning, what, "name the actions, or the provider", CUSTOM));
    }
    let escalates =
        actions.iter().find(|pattern| action_matches(pattern, "Microsoft.Authorization/roleAssignments/write"));
    if let Some(pattern) = escalates.filter(|pattern| **pattern != "*") {
        let what = format!("`{pattern}` lets a principal assign itself every role");
        let fix = "use Role Based Access Control Administrator with a condition";
        problems.push(problem("can-assign-roles", Level::Warning, what, fix, CUSTOM));
    }
    let is_named = |pattern: &&&str| !pattern.contains('*');
    let exact: Vec<&str> = actions.iter().filter(is_named).copied().collect();
    let exact_data: Vec<&str> = data_actions.iter().filter(is_named).copied().collect();
    let is_wide = exact.len() < actions.len() || exact_data.len() < data_actions.len();
    let built_in = smallest_role(&exact, &exact_data).filter(|_| is_wide);
    let whole = smallest_role(actions, data_actions);
    if let Some(role) = built_in.filter(|role| whole.as_ref() != Some(role)) {
        let what = format!("wider than built-in role `{}`, which allows each action that is named in full", role.name);
        let fix = "use the built-in role, if the wildcards are not needed";
        problems.push(problem("wider-than-built-in", Level::Note, what, fix, CUSTOM));
    }
}

/// Limits of the name and the description.
fn texts(role: &Definition, problems: &mut Vec<Problem>) {
    let mut add = |what: String, fix| problems.push(problem("text-too-long", Level::Error, what, fix, CUSTOM));
    if role.name.is_empty() {
        add("the role has no name".to_owned(), "give it a name");
    }
    if role.name.chars().count() > 128 {
        add("the name is longer than 128 characters".to_owned(), "shorten it");
    }
    if role.description.chars().count() > 2048 {
        add("the description is longer than 2,048 characters".to_owned(), "shorten it");
    }
}
