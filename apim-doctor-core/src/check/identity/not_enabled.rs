//! `identity.not-enabled`: the identity that the reference selects is not enabled.

use crate::base::ObjectId;
use crate::check::{Context, declare_check, remedy};
use crate::eval::firewall::Settings;
use crate::eval::store::Store;
use crate::finding::{Command, Finding, Fix, Probe, Safety, Severity};
use crate::path::Form;

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
    let message = "the system-assigned identity is used and is not enabled".to_owned();
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    // One that may read already is preferred to a new one.
    let super::Attached { ready, others } = select_attached(ctx);
    finding.fixes = ready.into_iter().chain(enable(ctx)).chain(others).collect();
    finding.confirm = Some(if remedy::app(ctx).is_some() {
        remedy::app_identity(ctx, "no system-assigned identity")
    } else {
        Probe {
            run_from: "a shell with the Azure CLI".to_owned(),
            command: Command::new("az apim show")
                .named(&ctx.case.path.resource)
                .and("--query identity.type --output tsv")
                .line(),
            expect: "nothing, `None` or `UserAssigned`: no system-assigned identity".to_owned(),
        }
    });
    finding
}

/// Enables the system-assigned identity, lets it read, and lets trusted services in.
fn enable(ctx: &Context<'_, '_>) -> Option<Fix> {
    if let Some(app) = remedy::app(ctx) {
        let principal = ObjectId::of_future_identity(&app.id);
        let change = remedy::enable_for_app(ctx, app).and(remedy::grant(ctx, &principal));
        let then = match ctx.case.path.form {
            Form::Storage => "give it the role",
            _ => "let it read the object",
        };
        let title = format!("enable the system-assigned identity of {}, and {then}", remedy::app_in_words(&app.id));
        return Some(change.fix(title, Safety::Review));
    }
    let instance = ctx.instance()?;
    let principal = ObjectId::of_future_identity(&instance.id);
    let grant = remedy::grant(ctx, &principal);
    let closed = ctx.vault().filter(|vault| Settings::of(Store::Vault(vault)).closed());
    let change = remedy::enable_system_assigned(ctx, instance).and(grant).and(closed.and_then(remedy::trust_services));
    Some(change.fix("enable the system-assigned identity, and let it read the object", Safety::Review))
}

/// Ways to select a user-assigned identity that is attached: they work while the vault's firewall is off.
fn select_attached(ctx: &Context<'_, '_>) -> super::Attached {
    let open = ctx.vault().is_some_and(|vault| !Settings::of(Store::Vault(vault)).closed());
    if open { super::attached(ctx) } else { super::Attached { ready: Vec::new(), others: Vec::new() } }
}
