//! Explains `platform.service-side`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, status: &str, stopped: bool) -> Finding {
    let label = &ctx.case.path.label;
    let message = match (stopped, ctx.cause.verdict) {
        (true, Verdict::Unknown) => {
            format!("the app is stopped, so status `{status}` of `{label}` may not prove a fault")
        }
        (true, _) => format!("the app is stopped, so status `{status}` of `{label}` does not prove a fault"),
        (false, Verdict::Unknown) => {
            format!("the collected data does not explain status `{status}` of `{label}`, which may be out of date")
        }
        (false, _) => format!("status `{status}` of `{label}` is older than the collected configuration"),
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::fetch_again(ctx, stopped);
    finding.confirm = Some(match stopped {
        true => remedy::audit_log(ctx, "`Forbidden` from a public address, and no success from a private address"),
        false => remedy::audit_log(ctx, "no request of the app since the last fix"),
    });
    finding
}
