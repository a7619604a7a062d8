//! Explains `authorization.denied`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::caller;
use crate::finding::{Command, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, id: &ResourceId, name: &str) -> Finding {
    let message = format!("deny assignment `{name}` blocks {}, regardless of its roles", caller(ctx));
    let mut finding = ctx.finding(id, message);
    finding.fixes.push(remedy::by_hand(
        format!(
            "remove deny assignment `{name}`, or exclude the identity from it, in the managed application, \
                 blueprint or deployment stack that created it"
        ),
        [
            Command::rest("get", id.as_str(), "2022-04-01"),
            Command::new("az stack group list").in_group(&ctx.vault_or_instance()),
        ],
    ));
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` for the object id of the identity"));
    finding
}
