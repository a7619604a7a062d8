//! Explains `caller.backup-access-type-missing`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let name = ctx.case.path.resource.name();
    let message = format!(
        "the request to `{name}` names no access type and carries no key, so the service expects an account key and uses \
         no identity"
    );
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::back_up_with_identity(ctx).into_iter().collect();
    finding
}
