//! Explains `platform.job-failed`.

use crate::check::context::Context;
use crate::check::remedy::{self, BACKUP};
use crate::finding::{Command, Confirmation, Evidence, Finding};
use crate::knowledge::backup_errors;
use crate::path::reason::{AutomationJob, ItemJob};

/// The version of Automation's part of Resource Manager that commands call.
const AUTOMATION: &str = "2024-10-23";

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, job: &AutomationJob) -> Finding {
    let AutomationJob { account, id, runbook, text, .. } = job;
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

/// Builds the finding for a job that backs a protected item up.
pub(crate) fn explain_item(ctx: &Context<'_, '_>, job: &ItemJob) -> Finding {
    let ItemJob { item, id, code, text, advice, step } = job;
    let what = match (code, text.trim_end_matches('.')) {
        (Some(code), "") => format!(" with `{code}`"),
        (Some(code), text) => format!(" with `{code}`: {text}"),
        (None, "") => String::new(),
        (None, text) => format!(": {text}"),
    };
    let at_step = step.as_ref().map(|step| format!(" in step `{step}`")).unwrap_or_default();
    let message = format!("the newest backup job of `{}` failed{at_step}{what}", item.label);
    let mut finding = ctx.beside(&item.id, message, Evidence::new("status is `Failed`", id, "/properties/status"));
    let known = code.as_deref().and_then(backup_errors::advice).map(str::to_owned);
    let recommended = Some(advice.trim_end_matches('.')).filter(|advice| !advice.is_empty());
    let title = match (known, recommended) {
        (Some(known), _) => known,
        (None, Some(advice)) => format!("do what Azure recommends, then back up again: {advice}"),
        (None, None) => "repair what the job's error names, then back up again".to_owned(),
    };
    finding.fixes = vec![remedy::by_hand(title, [remedy::back_up_now(ctx, item)])];
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with role Backup Reader on the vault".to_owned(),
        command: Command::rest("get", id.as_str(), BACKUP)
            .query("properties.{status:status, errors:errorDetails, code:extendedInfo.dynamicErrorMessage}")
            .line(),
        expect: "status `Failed`".to_owned(),
    });
    finding
}
