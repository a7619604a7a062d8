//! Explains `platform.job-failed`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Evidence, Finding};
use crate::path::reason::AutomationJob;

/// The version of Automation's part of Resource Manager that commands call.
const AUTOMATION: &str = "2024-10-23";

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, job: &AutomationJob) -> Finding {
    let AutomationJob { account, id, runbook, text } = job;
    let because = if text.is_empty() { String::new() } else { format!(": {text}") };
    let message = format!("the newest job of runbook `{runbook}` failed{because}");
    let at = Evidence::new("status is `Failed`", id, "/properties/status");
    let mut finding = ctx.beside(account, message, at);
    let again = Command::rest("get", &format!("{id}/streams"), AUTOMATION);
    let title = "repair what the job's error names, then start the runbook again; the command prints its records";
    finding.fixes = vec![remedy::by_hand(title, [again])];
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read the Automation account".to_owned(),
        command: Command::rest("get", id.as_str(), AUTOMATION)
            .and("--query \"properties.{status:status, exception:exception}\"")
            .line(),
        expect: "status `Failed`".to_owned(),
    });
    finding
}
