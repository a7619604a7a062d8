//! Explains `platform.operation-in-progress`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, state: &str) -> Finding {
    let name = ctx.case.path.resource.name();
    let message = format!("instance `{name}` is in state `{state}`: a request for a backup or restore ends in 409 now");
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    let wait = Command::new("az apim wait").named(&ctx.case.path.resource).and("--updated");
    finding.fixes = vec![remedy::by_hand("wait until the operation has ended, then repeat the request", [wait])];
    finding
}
