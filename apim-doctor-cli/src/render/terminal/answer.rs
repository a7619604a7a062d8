//! The answer to `can`.

use std::io::Result;

use apim_doctor_core::v1::{Answer, Permitted};
use apim_doctor_core::{Asked, ResourceId};

use crate::args::Common;
use crate::output::{Page, Paint};

/// Prints the answer to `can`.
pub(crate) fn answer(asked: &Asked, answer: &Answer, common: &Common, page: &mut Page<'_>) -> Result<()> {
    let is_denial =
        |id: &ResourceId| id.resource_type().eq_ignore_ascii_case("Microsoft.Authorization/denyAssignments");
    let mut stated = answer.trace.iter().flat_map(|step| &step.evidence);
    let denial = stated.find(|evidence| evidence.resource.as_ref().is_some_and(is_denial));
    let (word, rest) = match (answer.answer, &answer.by, denial) {
        (Permitted::Allowed, Some(by), _) => ("allowed".as_success(), format!("by {by}")),
        (Permitted::Allowed, None, _) => ("allowed".as_success(), String::new()),
        (Permitted::Denied, _, Some(denial)) => ("denied".as_failure(), denial.says.to_string()),
        (Permitted::Denied, ..) => {
            ("denied".as_failure(), "none of the role assignments, all of which were collected, allows it".to_owned())
        }
        (Permitted::Unknown, ..) => ("unknown".as_doubt(), "some of the required data was not collected".to_owned()),
    };
    page.hanging(&format!("{word}  "), "  ", &rest)?;
    if common.quiet {
        return Ok(());
    }
    let may = match answer.answer {
        Permitted::Allowed => "may",
        Permitted::Denied => "may not",
        Permitted::Unknown => "may or may not",
    };
    page.wrapped("  ", &format!("{} {may} {} at {}", asked.principal, asked.action, asked.scope))?;
    for step in &answer.trace {
        page.step(step, 1)?;
    }
    for gap in &answer.gaps {
        page.gap(&gap.what, &gap.ask, gap.run.as_deref())?;
    }
    Ok(())
}
