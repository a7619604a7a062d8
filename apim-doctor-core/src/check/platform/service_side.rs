//! Explains `platform.service-side`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, status: &str, stopped: bool) -> Finding {
    let label = &ctx.case.path.label;
    let message = match (stopped, ctx.cause.verdict) {
        (true, Verdict::Unknown) => {
            format!("the app is stopped, so the status `{status}` of `{label}` may be no evidence of a fault")
        }
        (true, _) => format!("the app is stopped, so the status `{status}` of `{label}` does not prove a fault"),
        (false, Verdict::Unknown) => {
            format!("nothing that was seen explains the status `{status}` of `{label}`: it may be an old one")
        }
        (false, _) => format!("the status `{status}` of `{label}` is older than what was read: fetch it again"),
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::fetch_again(ctx, stopped);
    finding.confirm = Some(match stopped {
        true => remedy::audit_log(ctx, "`Forbidden` from a public address, and no success from a private one"),
        false => remedy::audit_log(ctx, "no attempt of the app since the last repair"),
    });
    finding
}
