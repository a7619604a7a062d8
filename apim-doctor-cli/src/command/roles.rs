//! `roles`: checks role definitions, and finds the smallest built-in role.

use std::path::Path;

use apim_doctor_core::role_definitions::{Level, Roles as Checked};
use apim_doctor_core::{check_role, check_roles, is_data_action, smallest_role};

use crate::args::{FailOn, Format, Roles};
use crate::command::explain::text;
use crate::exit::{Status, levels};
use crate::failure::Failure;
use crate::render::terminal;
use crate::{input, output};

/// Runs `roles`.
pub(super) fn run(args: &Roles) -> Result<Status, Failure> {
    match args {
        Roles::Check { role, fail_on, output } => check(role, fail_on, *output),
        Roles::Smallest { actions } => smallest(actions),
    }
}

fn check(role: &str, fail_on: &[FailOn], format: Format) -> Result<Status, Failure> {
    let built_in = if role == "-" || Path::new(role).exists() { None } else { check_role(role) };
    let checked = match built_in {
        Some(checked) => checked,
        None if role != "-" && !Path::new(role).exists() => {
            return Err(Failure::Usage {
                message: format!("`{role}` is neither a file nor a built-in role"),
                help: "expected a file with a role definition, or a name such as `Key Vault Secrets User`".to_owned(),
            });
        }
        None => {
            let text = text(input::load(Path::new(role))?)?;
            check_roles(&text).map_err(|error| Failure::Usage {
                message: format!("`{role}` cannot be checked: {error}"),
                help: "expected output of `az role definition list`, or a role definition in JSON".to_owned(),
            })?
        }
    };
    output::write(None, |page| match format {
        Format::Json => page.json(&checked),
        Format::Terminal => terminal::roles(&checked, page),
    })?;
    Ok(status(&checked, levels(fail_on, &[FailOn::Error])))
}

fn status(checked: &Checked, fail_on: &[FailOn]) -> Status {
    let has = |level: Level| checked.roles.iter().flat_map(|role| &role.problems).any(|problem| problem.level <= level);
    let is_unknown =
        checked.roles.iter().flat_map(|role| &role.problems).any(|problem| problem.level == Level::Unknown);
    let holds = |level: &FailOn| match level {
        FailOn::Never => false,
        FailOn::Error => has(Level::Error),
        FailOn::Warning => has(Level::Warning),
        FailOn::Unknown => has(Level::Error) || is_unknown,
    };
    if fail_on.iter().any(holds) { Status::Found } else { Status::Clean }
}

fn smallest(actions: &[String]) -> Result<Status, Failure> {
    let (mut management, mut data) = (Vec::new(), Vec::new());
    for action in actions {
        match is_data_action(action) {
            Some(false) => management.push(action.as_str()),
            Some(true) => data.push(action.as_str()),
            None => {
                output::write(None, |page| {
                    page.wrapped("", &format!("`{action}` is not known as a management action or a data action"))
                })?;
                return Ok(Status::Nothing);
            }
        }
    }
    let found = smallest_role(&management, &data);
    output::write(None, |page| match &found {
        Some(role) => page.line(&format!("{} ({})", role.name, role.id)),
        None => page.line("no single built-in role allows all of them"),
    })?;
    Ok(if found.is_some() { Status::Clean } else { Status::Found })
}
