//! Explains `platform.cmk-update-failed`.

use crate::base::{ResourceId, Verdict};
use crate::check::context::Context;
use crate::check::remedy::{self, BACKUP};
use crate::finding::{Command, Confirmation, Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, config: &ResourceId, status: &str) -> Finding {
    let vault = &ctx.case.path.resource;
    let message = match ctx.cause.verdict {
        Verdict::Pass => format!("`{}` took over its key only in part the last time (`{status}`)", vault.name()),
        _ => format!("`{}` could not take over its key the last time (`{status}`)", vault.name()),
    };
    let mut finding = ctx.finding(vault, message);
    let says = format!("lastUpdateStatus is `{status}`");
    finding.evidence = vec![Evidence::new(says, config, "/properties/lastUpdateStatus")];
    finding.fixes = remedy::take_over_key(ctx).into_iter().collect();
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with role Reader on the vault (Backup Reader is not enough)".to_owned(),
        command: Command::rest("get", config.as_str(), BACKUP).and("--query properties.lastUpdateStatus").line(),
        expect: format!("`{status}`"),
    });
    finding
}
