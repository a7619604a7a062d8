//! Explains `identity.client-id-not-specified`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;
use crate::path::Principal;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, attached: &[Principal]) -> Finding {
    let names = attached.iter().map(|p| format!("`{}`", p.resource.name())).collect::<Vec<_>>().join(", ");
    let message = match ctx.case.path.connection() {
        "deployment" => format!(
            "the package is read with the system-assigned identity, which the app does not have; attached: {names}"
        ),
        _ if ctx.case.path.is_package() => format!(
            "`WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID` names no identity for the package, and the app has no \
             system-assigned one; attached: {names}"
        ),
        connection => {
            format!(
                "connection `{connection}` names no identity, and the app has no system-assigned one; attached: {names}"
            )
        }
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = super::select_attached(ctx);
    finding.confirm = Some(remedy::app_identity(ctx, "an identity that is user-assigned only"));
    finding
}
