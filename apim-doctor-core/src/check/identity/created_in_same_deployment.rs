//! Explains `identity.created-in-same-deployment`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let app = remedy::app_in_words(&ctx.case.path.resource);
    let message =
        format!("Azure refuses a deployment that recreates {app}: only its own identity resolves its content share");
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = vec![remedy::by_hand(
        "deploy in steps: the app with its identity, then the grant, then the settings; or let a user-assigned identity \
         that may read already resolve the references",
        [],
    )];
    finding.confirm = Some(remedy::app_identity(ctx, "no user-assigned identity in `keyVaultReferenceIdentity`"));
    finding
}
