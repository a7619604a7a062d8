//! `identity.not-enabled`: the identity that the reference selects is not enabled.

use crate::check::{Context, declare_check};
use crate::eval::firewall::Settings;
use crate::eval::store::Store;
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// No client id is given, so API Management uses its system-assigned identity, and the instance has none: its
    /// identity is `None`, or user-assigned only. A user-assigned identity is never used unless a client id selects it.
    /// The same holds for the Key Vault references and identity-based connections of an app; a slot has an identity of
    /// its own. A new system-assigned identity has no grants yet. So the order is: enable it, let it read the secret,
    /// and only then refer to Key Vault; a template that does all in one step fails.
    ///
    /// ## What you will see
    ///
    /// `InvalidOperation`: `Managed Service Identity (http://aka.ms/apimmsi) is not enabled on the service, which is
    /// required to access KeyVault <url>`. A Key Vault reference of an app shows `MSINotEnabled`.
    ///
    /// ## When this check stays quiet
    ///
    /// A client id is given (then the other identity checks speak), or the instance or app itself was not read. An app
    /// that has user-assigned identities is `identity.reference-identity-not-selected`, or
    /// `identity.client-id-not-specified` for a connection.
    pub(crate) static CHECK = {
        code: "identity.not-enabled",
        summary: "the identity that the reference selects is not enabled",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
            "https://github.com/hashicorp/terraform-provider-azurerm/issues/7909",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = match ctx.case.path.caller_kind().facts().has_system_assigned {
        true => "the system-assigned identity is used and is not enabled".to_owned(),
        false => {
            format!("the {} has no user-assigned identity, and no other can read the vault", ctx.case.path.caller())
        }
    };
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    // One that may read already is preferred to a new one.
    let super::Attached { ready, others } = select_attached(ctx);
    finding.fixes = ready.into_iter().chain(ctx.remedies().enable(ctx)).chain(others).collect();
    finding.confirm = Some(ctx.remedies().shows_not_enabled(ctx));
    finding
}

/// Ways to select a user-assigned identity that is attached: they work while the vault's firewall is off.
fn select_attached(ctx: &Context<'_, '_>) -> super::Attached {
    let open = ctx.vault().is_some_and(|vault| !Settings::of(Store::Vault(vault)).closed());
    if open { super::attached(ctx) } else { super::Attached { ready: Vec::new(), others: Vec::new() } }
}
