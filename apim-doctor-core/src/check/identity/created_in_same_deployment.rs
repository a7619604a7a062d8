//! Explains `identity.created-in-same-deployment`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let app = remedy::app_in_words(&ctx.case.path.resource);
    let message = format!(
        "Azure rejects a deployment that recreates {app}: only the app's system-assigned identity resolves \
                 its content share"
    );
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = vec![remedy::by_hand(
        "deploy in steps: the app with its identity, then the role assignment or access policy, then the settings; or \
         resolve the references with a user-assigned identity that already has access",
        [],
    )];
    finding.confirm = Some(remedy::app_identity(ctx, "no user-assigned identity in `keyVaultReferenceIdentity`"));
    finding
}

/// The deployment creates the identity together with what needs it to be created.
pub(crate) fn too_late(ctx: &Context<'_, '_>) -> Finding {
    let path = ctx.case.path;
    let message = format!(
        "`{}` is fetched with the system-assigned identity of `{}` while `{}` is created, and no grant to that identity \
         can exist by then",
        path.label,
        path.resource.name(),
        path.resource.name()
    );
    let mut finding = ctx.finding(&path.resource, message);
    finding.fixes = vec![remedy::by_hand(
        "use a user-assigned identity that already has access, or deploy in two steps: the resource with its identity and \
         the grant, then the rest",
        [],
    )];
    finding
}
