//! `authorization.wrong-principal-granted`: the grant is for another principal.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Evidence, Finding, Severity};
use crate::path::Credential;
use crate::path::reason::OtherGrant;

declare_check! {
    /// ## What it means
    ///
    /// There is a grant, but for another id: the client id of the identity instead of its object id, an identity that
    /// this reference does not use, or an entry that holds only together with an application (`applicationId`). Grants
    /// go by the object id, which the portal shows as "Object (principal) ID". An app and each of its slots have
    /// system-assigned identities of their own: a grant for the one lets the other in nowhere, and a swap does not swap
    /// them. App Service, which fetches certificates, is granted by its object id in your tenant, not by its
    /// application id.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … has GET permissions on secrets in the KeyVault Access Policies.` The list of
    /// access policies seems to have the entry; an id that is no object id shows up there as "Unknown". A Key Vault
    /// reference of an app shows `AccessToKeyVaultDenied`.
    ///
    /// ## When this check stays quiet
    ///
    /// The identity has a grant of its own that works. An entry for a principal that has nothing to do with the
    /// caller is not mentioned: then the finding is `authorization.no-grant`.
    pub(crate) static CHECK = {
        code: "authorization.wrong-principal-granted",
        summary: "the grant is for another principal",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/troubleshooting-access-issues",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/overview-managed-identity",
            "https://learn.microsoft.com/azure/app-service/deploy-staging-slots",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, grant: &OtherGrant) -> Finding {
    let is = match &ctx.case.path.credential {
        Credential::FirstParty(party) if grant.granted.as_str() == party.app_id(&ctx.case.estate.cloud.name) => {
            format!("the application id of `{}`, not its object id in this tenant", party.name)
        }
        _ => grant.is.clone(),
    };
    let message = format!("the grant on {} `{}` is for `{}`: {is}", ctx.noun(), ctx.vault_name(), grant.granted);
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let (resource, pointer) = &grant.at;
    let says = format!("this grant names `{}`", grant.granted);
    finding.evidence.push(Evidence::new(says, resource, pointer.clone()));
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
