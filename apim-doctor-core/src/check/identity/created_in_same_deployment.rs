//! `identity.created-in-same-deployment`: the identity comes into being with the app that already needs it.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// `WEBSITE_CONTENTAZUREFILECONNECTIONSTRING` is a Key Vault reference that the app's system-assigned identity
    /// resolves. It works now. A system-assigned identity comes into being with its app, so a deployment that makes the
    /// app anew in one step (another environment, a slot) needs a secret before anybody can be let read it, and is
    /// refused. A user-assigned identity is there before; or the settings come in a step of their own, after the grant.
    ///
    /// ## What you will see
    ///
    /// Nothing, while the app is there. When one is created: `400`, extended code `01033`, `Cannot specify key vault
    /// references not referencing User Assigned Identity on Create Site.`
    ///
    /// ## When this check stays quiet
    ///
    /// A user-assigned identity resolves the references, or the setting holds the connection string itself. Other
    /// settings may be references from the start: they are resolved once the identity may read.
    pub(crate) static CHECK = {
        code: "identity.created-in-same-deployment",
        summary: "the identity comes into being with the app that already needs it",
        severity: Severity::Info,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
            "https://github.com/Azure/azure-functions-host/issues/7094",
            "https://github.com/hashicorp/terraform-provider-azurerm/issues/7434",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let app = remedy::app_in_words(&ctx.case.path.resource);
    let message =
        format!("a deployment that makes {app} anew is refused: only its own identity resolves its content share");
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    finding.fixes = vec![remedy::by_hand(
        "deploy in steps: the app with its identity, then the grant, then the settings; or let a user-assigned identity \
         that may read already resolve the references",
        [],
    )];
    finding.confirm = Some(remedy::app_identity(ctx, "no user-assigned identity in `keyVaultReferenceIdentity`"));
    finding
}
