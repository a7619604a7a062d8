//! Explains `authorization.resource-locked`.

use crate::base::{ResourceId, Verdict};
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, locked: &ResourceId, lock: Option<&ResourceId>) -> Finding {
    let name = locked.name();
    let message = match (lock, ctx.cause.verdict) {
        (Some(lock), Verdict::Pass) => {
            format!("lock `{}` makes `{name}` read-only and may refuse the request", lock.name())
        }
        (Some(lock), _) => format!("lock `{}` makes `{name}` read-only and refuses the request", lock.name()),
        (None, _) => format!("a management lock at `{name}` or above refuses the request"),
    };
    let mut finding = ctx.finding(locked, message);
    let list = Command::new("az lock list").option("--resource", locked);
    let remove = match lock {
        Some(lock) => Command::new("az lock delete").option("--ids", lock),
        None => list.clone(),
    };
    let by_identity = ctx.store().filter(|store| store.id() == locked).and_then(|_| remedy::back_up_with_identity(ctx));
    let title = "remove the lock for the time of the request, or set the lock on another resource";
    finding.fixes = by_identity.into_iter().chain([remedy::by_hand(title, [remove])]).collect();
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read locks".to_owned(),
        command: list.line(),
        expect: "a lock of level `ReadOnly`".to_owned(),
    });
    finding
}

/// Builds the finding for a lock on a group of restore points.
pub(crate) fn explain_group(ctx: &Context<'_, '_>, group: &ResourceId, lock: &ResourceId, level: &str) -> Finding {
    let message = format!(
        "lock `{}` on resource group `{}` keeps Azure Backup from deleting old restore points; backups fail when their limit \
         is reached",
        lock.name(),
        group.name()
    );
    let at = Evidence::new(format!("the lock's level is `{level}`"), lock, "/properties/level");
    let mut finding = ctx.beside(group, message, at);
    let remove = Command::new("az lock delete").option("--ids", lock);
    finding.fixes = vec![remedy::by_hand("remove the lock from the group of restore points", [remove])];
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read locks".to_owned(),
        command: Command::new("az lock list").option("--resource-group", group.name()).line(),
        expect: format!("a lock of level `{level}`"),
    });
    finding
}
