//! `identity.client-id-not-specified`: the connection names no identity, and the app has no system-assigned one.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};
use crate::path::Principal;

declare_check! {
    /// ## What it means
    ///
    /// An identity-based connection (`<name>__credential`, `<name>__accountName` or a service's URI) uses the
    /// system-assigned identity of the app, unless `<name>__clientId` names another one. This app has user-assigned
    /// identities only. The value has to be the client id; a resource id is not accepted.
    ///
    /// The package of an app on a Flex Consumption plan is read with the identity that
    /// `functionAppConfig.deployment.storage.authentication` names, by its resource id; a package at a URL with the one
    /// that `WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID` names, by its resource id too.
    ///
    /// ## What you will see
    ///
    /// The host does not start: `ManagedIdentityCredential authentication failed`, or `Unable to load the proper
    /// Managed Identity`. The portal shows `Azure Functions runtime is unreachable`.
    ///
    /// ## When this check stays quiet
    ///
    /// The app has a system-assigned identity, or the connection holds a key of the account.
    pub(crate) static CHECK = {
        code: "identity.client-id-not-specified",
        summary: "the connection names no identity, and the app has no system-assigned one",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/azure-functions/functions-reference",
            "https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan",
        ],
    }
}

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
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    finding.fixes = super::select_attached(ctx);
    finding.confirm = Some(remedy::app_identity(ctx, "an identity that is user-assigned only"));
    finding
}
