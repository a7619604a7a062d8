//! Explains `latent.backup-too-old`.

use crate::base::{ResourceId, Verdict};
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use jiff::Timestamp;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    container: &ResourceId,
    made: Timestamp,
    interval_hours: Option<i64>,
) -> Finding {
    let day = made.strftime("%Y-%m-%d");
    let message = match (ctx.cause.verdict, interval_hours) {
        (Verdict::Unknown, Some(hours)) => {
            format!("the newest backup is of {day}, although the schedule makes one every {hours} hours")
        }
        _ => format!("the newest backup is of {day}, and a backup can be restored for 30 days only"),
    };
    let at = Evidence::new(format!("the newest of its blobs was made on {day}"), container, "");
    let mut finding = ctx.beside(container, message, at);
    let title = "make a backup now, repair what makes the backups, and raise an alert on their age";
    finding.fixes = vec![remedy::by_hand(title, remedy::repeat_backup(ctx))];
    finding.confirm = remedy::list_backups(ctx, format!("no time after {day}"));
    finding
}
