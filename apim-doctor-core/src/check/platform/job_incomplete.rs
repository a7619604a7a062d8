//! Explains `platform.job-incomplete`.

use crate::check::context::Context;
use crate::check::remedy::{self, BACKUP};
use crate::finding::{Command, Evidence, Finding};
use crate::path::reason::{AutomationJob, ItemJob};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, job: &AutomationJob) -> Finding {
    let AutomationJob { account, id, runbook, status, text } = job;
    let records = Command::rest("get", &format!("{id}/streams"), "2024-10-23");
    if !status.eq_ignore_ascii_case("Completed") {
        let because = if text.is_empty() { String::new() } else { format!(": {text}") };
        let message =
            format!("the newest job of runbook `{runbook}` is `{status}`: it did not come to its end{because}");
        let at = Evidence::new(format!("status is `{status}`"), id, "/properties/status");
        let mut finding = ctx.beside(account, message, at);
        let title = "check the age of the newest backup, and read what the job wrote; then start the runbook again";
        finding.fixes = vec![remedy::by_hand(title, [records])];
        return finding;
    }
    let message = format!("the newest job of runbook `{runbook}` completed, but wrote an error: {text}");
    let at = Evidence::new("the job has a record of type `Error`", id, "");
    let mut finding = ctx.beside(account, message, at);
    let title = "read the job's records and check the age of the newest backup; set `$ErrorActionPreference = 'Stop'` in \
                 the runbook, so that an error fails the job";
    finding.fixes = vec![remedy::by_hand(title, [records])];
    finding
}

/// Builds the finding for a job that backs a protected item up.
pub(crate) fn explain_item(ctx: &Context<'_, '_>, job: &ItemJob) -> Finding {
    let ItemJob { item, id, text, .. } = job;
    let what = if text.is_empty() { String::new() } else { format!(": {}", text.trim_end_matches('.')) };
    let message = format!("the newest backup job of `{}` completed with warnings{what}", item.label);
    let at = Evidence::new("status is `CompletedWithWarnings`", id, "/properties/status");
    let mut finding = ctx.beside(&item.id, message, at);
    let show = Command::rest("get", id.as_str(), BACKUP);
    let title = "read the job's warnings, and check the age of the newest recovery point";
    finding.fixes = vec![remedy::by_hand(title, [show])];
    finding
}
