//! Explains `caller.backup-access-type-missing`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;
use crate::path::NoAccess;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, why: &NoAccess) -> Finding {
    let name = ctx.case.path.resource.name();
    let script = remedy::script_place(ctx);
    let message = match (script, why) {
        (None, _) | (Some(_), NoAccess::Omitted) => format!(
            "the request to `{name}` names no access type and carries no key, so the service expects an account key and \
             uses no identity"
        ),
        (Some(place), why) => format!("{place}: {}", why.says()),
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::back_up_with_identity(ctx).into_iter().chain(remedy::correct_script(ctx)).collect();
    finding
}
