//! A certificate that App Service imports from a vault in its own name: it has no identity.
//!
//! Source: <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> (read 2026-11-22).

use serde_json::json;

use super::{Remedies, Selected};
use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::app::WEB;
use crate::check::remedy::{Change, by_hand, open_for_caller};
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Code, Command, Confirmation, Edit, Fix};
use crate::path::{AccessPath, Principal};

/// A certificate of App Service.
pub(super) struct AppCertificate;

impl Remedies for AppCertificate {
    /// A certificate names its secret and its vault separately, so only a secret of the same vault can be written.
    fn set_identifier(&self, ctx: &Context<'_, '_>, identifier: &str) -> Change {
        let path = ctx.case.path;
        let same_vault = |(rest, _): &(&str, &str)| path.reference.starts_with(&format!("{rest}/"));
        let written = identifier.rsplit_once('/').filter(same_vault);
        let (Some((_, name)), Some(declared)) = (written, &path.declared_at.resource) else {
            return Change::default();
        };
        let body = json!({ "properties": { "keyVaultSecretName": name } });
        let az = Command::rest("patch", declared.as_str(), WEB).body(&body);
        let change = Change::of(az, [Edit::set(declared, path.declared_at.pointer.clone(), name)])
            .bicep_in("Microsoft.Web/certificates", format!("keyVaultSecretName: {}", bicep(name)));
        match &ctx.diagnosis.reference {
            Some(reference) => change.terraform_in(
                "azurerm_app_service_certificate",
                format!("key_vault_secret_id = {}", hcl(&format!("https://{}/secrets/{name}", reference.host))),
            ),
            None => change,
        }
    }

    fn select(&self, _ctx: &Context<'_, '_>, _identity: Selected<'_>) -> Option<Change> {
        None
    }

    fn enable(&self, _ctx: &Context<'_, '_>) -> Option<Fix> {
        None
    }

    fn use_system_assigned(&self, _ctx: &Context<'_, '_>) -> Option<Fix> {
        None
    }

    fn open_firewall(&self, ctx: &Context<'_, '_>) -> Vec<Fix> {
        open_for_caller(ctx)
    }

    fn attach(
        &self,
        _ctx: &Context<'_, '_>,
        _identity: &ResourceId,
        _kind: &str,
        _attached: &[&str],
        _edits: [Edit; 2],
    ) -> Option<Change> {
        None
    }

    fn show_own_principal(&self, caller: &ResourceId) -> Command {
        Command::rest("get", caller.as_str(), WEB)
    }

    fn own_principal_in_templates(&self, _ctx: &Context<'_, '_>) -> (String, String) {
        ("principalId".to_owned(), "var.principal_id".to_owned())
    }

    fn show_attached(&self, ctx: &Context<'_, '_>) -> Command {
        Command::rest("get", ctx.case.path.resource.as_str(), WEB)
    }

    fn shows_not_enabled(&self, ctx: &Context<'_, '_>) -> Confirmation {
        Confirmation {
            run_from: "a shell with the Azure CLI".to_owned(),
            command: self.show_attached(ctx).line(),
            expect: "no `identity`".to_owned(),
        }
    }

    fn fetch(&self, _ctx: &Context<'_, '_>) -> Option<Command> {
        None
    }

    fn fetch_after_repair(&self, _ctx: &Context<'_, '_>) -> Option<Command> {
        None
    }

    fn refresh_failed(&self, ctx: &Context<'_, '_>) -> Option<(Fix, Confirmation)> {
        let fix = by_hand(
            "resolve the failing gates, then choose Sync on the certificate's page; otherwise App Service synchronizes \
             within 24 hours",
            [],
        );
        let probe = Confirmation {
            run_from: "your own shell, with permission to read the certificate".to_owned(),
            command: Command::rest("get", ctx.declared_in().as_str(), WEB)
                .and("--query properties.keyVaultSecretStatus")
                .line(),
            expect: "a status other than `Succeeded`".to_owned(),
        };
        Some((fix, probe))
    }

    fn resolves(&self, _ctx: &Context<'_, '_>, _expect: &str) -> Option<Confirmation> {
        None
    }

    fn connects(&self, _ctx: &Context<'_, '_>, _to: &str, _port: u16, _expect: &str) -> Option<Confirmation> {
        None
    }

    fn signs_in(&self, _ctx: &Context<'_, '_>) -> Option<Confirmation> {
        None
    }

    fn ask_azure_dns(&self, _ctx: &Context<'_, '_>, _configured: &[String]) -> Option<Change> {
        Some(Change::default())
    }

    /// App Service prints a status, which is recorded.
    fn symptom(&self, _code: Code, path: &AccessPath, _principal: Option<&Principal>) -> Option<String> {
        path.last.as_ref().filter(|last| !last.succeeded).map(|last| last.message.clone())
    }
}
