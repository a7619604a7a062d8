//! Checked role definitions.

use std::io::Result;

use apim_doctor_core::role_definitions::{Level, Role, Roles};

use crate::output::{Page, Paint};

/// Prints what is wrong with each role, what the portal shows, and the smallest built-in role.
pub(crate) fn roles(checked: &Roles, page: &mut Page<'_>) -> Result<()> {
    checked.roles.iter().try_for_each(|one| role(one, page))
}

fn role(role: &Role, page: &mut Page<'_>) -> Result<()> {
    page.blank()?;
    let kind = if role.is_custom { "custom role" } else { "built-in role" };
    page.wrapped("", &format!("{} ({kind})", role.name).bold())?;
    for problem in &role.problems {
        let level = match problem.level {
            Level::Error => "error".as_failure(),
            Level::Warning => "warning".as_doubt(),
            Level::Unknown => "unknown".as_doubt(),
            Level::Note => "note".cyan(),
        };
        page.hanging(&format!("  {level}[{}] ", problem.rule), "    ", &problem.what)?;
        page.wrapped("    ", &format!("fix: {}", problem.fix))?;
        page.wrapped("    ", &format!("{} (read {})", problem.source.url, problem.source.read_on))?;
    }
    if role.is_custom && role.problems.is_empty() {
        page.line("  no problem found")?;
    }
    role.portal.iter().try_for_each(|seen| page.hanging("  portal: ", "    ", seen))?;
    match &role.smallest {
        Some(smallest) if smallest.name != role.name => page.wrapped(
            "  ",
            &format!("the smallest built-in role that allows all of it: {} ({})", smallest.name, smallest.id),
        ),
        _ => Ok(()),
    }
}
