//! Explains `identity.client-id-not-specified`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;
use crate::path::Principal;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, attached: &[Principal]) -> Finding {
    let names = attached.iter().map(|p| format!("`{}`", p.resource.name())).collect::<Vec<_>>().join(", ");
    if let Some(place) = remedy::script_place(ctx) {
        let message = format!("{place}: the request asks for a user-assigned identity and does not say which one");
        let mut finding = ctx.finding(&ctx.case.path.resource, message);
        finding.fixes = remedy::correct_client_id(ctx, attached).into_iter().collect();
        return finding;
    }
    let message = match ctx.case.path.connection() {
        "deployment" => format!(
            "the app reads its package with the system-assigned identity, which it does not have; attached \
             identities: {names}"
        ),
        _ if ctx.case.path.is_package() => format!(
            "`WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID` selects no identity for the package, and the app has no \
             system-assigned identity; attached identities: {names}"
        ),
        connection => {
            format!(
                "connection `{connection}` selects no identity, and the app has no system-assigned identity; attached \
                 identities: {names}"
            )
        }
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = super::select_attached(ctx);
    finding.confirm = Some(remedy::app_identity(ctx, "`UserAssigned` only: no system-assigned identity"));
    finding
}
