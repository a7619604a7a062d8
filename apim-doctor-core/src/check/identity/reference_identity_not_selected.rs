//! `identity.reference-identity-not-selected`: references use the system-assigned identity, which the app does not
//! have.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// An app resolves its Key Vault references with its system-assigned identity, unless `keyVaultReferenceIdentity`
    /// of the app itself names another one. This app has user-assigned identities only, and none of them is named.
    /// Attaching an identity is not enough, and neither is a grant for it. A slot has a `keyVaultReferenceIdentity` of
    /// its own.
    ///
    /// Set it on the site. Users report that the property of the same name in `siteConfig` has no effect.
    ///
    /// ## What you will see
    ///
    /// The reference's status is `MSINotEnabled`: `Reference was not able to be resolved because site Managed Identity
    /// not enabled.`
    ///
    /// ## When this check stays quiet
    ///
    /// The app has a system-assigned identity (then that one is judged), or no identity at all
    /// (`identity.not-enabled`).
    pub(crate) static CHECK = {
        code: "identity.reference-identity-not-selected",
        summary: "references use the system-assigned identity, which the app does not have",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
            "https://github.com/Azure/azure-rest-api-specs/issues/37553",
            "https://github.com/Azure/bicep-registry-modules/issues/6054",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, attached: &[ResourceId]) -> Finding {
    let names = attached.iter().map(|id| format!("`{}`", id.name())).collect::<Vec<_>>().join(", ");
    let message = format!(
        "references of {} use the system-assigned identity, which it does not have; attached: {names}",
        remedy::app_in_words(&ctx.case.path.resource)
    );
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    finding.fixes = super::select_attached(ctx);
    finding.confirm =
        Some(remedy::app_identity(ctx, "`SystemAssigned` or nothing, and an identity that is user-assigned only"));
    finding
}
