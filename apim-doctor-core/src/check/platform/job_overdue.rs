//! Explains `platform.job-overdue`.

use crate::check::context::Context;
use crate::check::remedy::{self, BACKUP};
use crate::finding::{Command, Confirmation, Evidence, Finding};
use crate::path::reason::ItemJob;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, job: &ItemJob, hours: i64) -> Finding {
    let label = &job.item.label;
    let message = format!("the newest backup job of `{label}` has been running for {hours} hours");
    let at = Evidence::new("status is `InProgress`", &job.id, "/properties/startTime");
    let mut finding = ctx.beside(&job.item.id, message, at);
    let stop = Command::new("az backup job stop")
        .option("--name", job.id.name())
        .named_as("--vault-name", remedy::recovery_vault(ctx));
    let title = format!(
        "look at the load of `{label}` at the time of the backup; if the job does not end, cancel it and back up again"
    );
    finding.fixes = vec![remedy::by_hand(title, [stop, remedy::back_up_now(ctx, &job.item)])];
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with role Backup Reader on the vault".to_owned(),
        command: Command::rest("get", job.id.as_str(), BACKUP)
            .query("properties.{status:status, started:startTime}")
            .line(),
        expect: "status `InProgress`".to_owned(),
    });
    finding
}
