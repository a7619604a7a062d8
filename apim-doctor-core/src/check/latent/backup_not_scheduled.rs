//! Explains `latent.backup-not-scheduled`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, account: &ResourceId, runbook: &str, why: &str) -> Finding {
    let message = format!("nothing starts runbook `{runbook}` again: {why}");
    let at = Evidence::new(why.to_owned(), account, "");
    let mut finding = ctx.beside(account, message, at);
    let list =
        Command::new("az rest --method get").option("--uri", format!("{account}/schedules?api-version=2024-10-23"));
    finding.fixes = vec![remedy::by_hand("turn the schedule on, or link the runbook to another one", [list])];
    finding
}
