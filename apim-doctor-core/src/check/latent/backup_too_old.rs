//! Explains `latent.backup-too-old`.

use crate::base::{ResourceId, Verdict};
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::reason::Item;
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

/// Builds the finding for a protected item, whose policy promises a backup more often.
pub(crate) fn explain_item(
    ctx: &Context<'_, '_>,
    item: &Item,
    made: Timestamp,
    policy: &ResourceId,
    interval_hours: i64,
) -> Finding {
    let day = made.strftime("%Y-%m-%d %H:%M");
    let hours = ctx.case.as_of.duration_since(made).as_hours();
    let message = format!(
        "the newest backup of `{}` is {hours} hours old, but policy `{}` leaves at most {interval_hours} hours between two \
         backups",
        item.label,
        policy.name()
    );
    let at = Evidence::new(format!("the last recovery point is of {day}"), &item.id, "/properties/lastRecoveryPoint");
    let mut finding = ctx.beside(&item.id, message, at);
    let title = "make a backup now, find out why the schedule made none, and raise an alert on the age of backups";
    finding.fixes = vec![remedy::by_hand(title, [remedy::back_up_now(ctx, item)])];
    finding.confirm = Some(remedy::shows_item(item, "properties.lastRecoveryPoint", format!("no time after {day}")));
    finding
}
