//! Explains `platform.feature-unsupported`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::knowledge::caller_kind::ConsumerKind;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, feature: &str) -> Finding {
    let message = format!("{feature} are documented as not supported");
    let declared = ctx.declared_in();
    let mut finding = ctx.finding(&declared, message);
    let declared_at = ctx.case.path.declared_at.clone();
    finding.evidence.push(Evidence::at("the reference is declared in a workspace", declared_at));
    finding.fixes.push(remedy::by_hand(
        "move the reference from the workspace to the instance itself",
        [remedy::refer(
            &ctx.case.path.resource,
            ctx.case.path.consumer == ConsumerKind::Certificate,
            declared.name(),
            &ctx.case.path.reference,
            ctx.case.path.client_id(),
        )],
    ));
    finding
}
