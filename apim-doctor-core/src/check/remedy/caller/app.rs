//! An app or a slot: its settings and its identities.
//!
//! Sources: <https://learn.microsoft.com/cli/azure/webapp/config/appsettings> and
//! <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-22).

use super::{Remedies, Selected};
use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::check::remedy::app::{
    app, app_identity, as_settings, attach_to_app, bicep_type, connects_from_app, delete_settings, enable_for_app,
    fetch, of_app, resolves_from_app, select_for_deployment, select_for_package, select_for_references, set_all,
    set_setting, set_settings, terraform_type,
};
use crate::check::remedy::{Change, app_in_words, grant, open_for_caller, was_read};
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Code, Command, Confirmation, Edit, Fix, Safety};
use crate::model::app_service::Config;
use crate::path::{AccessPath, Credential, Form, Principal};

/// An app or a slot.
pub(super) struct App;

impl Remedies for App {
    fn set_identifier(&self, ctx: &Context<'_, '_>, identifier: &str) -> Change {
        let path = ctx.case.path;
        match (path.form, &path.declared_at.resource) {
            (Form::Setting, Some(declared)) => set_reference(ctx, declared, identifier),
            (Form::Storage, Some(_)) => {
                let setting = path.declared_at.pointer.rsplit('/').next().unwrap_or_default();
                // A connection string holds a key, which is not kept.
                match path.credential == Credential::AccountKey || !setting.contains("__") {
                    true => Change::default(),
                    false => set_setting(ctx, setting, identifier).unwrap_or_default(),
                }
            }
            (Form::Identifier, _) | (_, None) => Change::default(),
        }
    }

    fn select(&self, ctx: &Context<'_, '_>, identity: Selected<'_>) -> Option<Change> {
        let path = ctx.case.path;
        let app = app(ctx)?;
        match (path.form, identity) {
            (Form::Setting, Selected::SystemAssigned) => Some(select_for_references(app, "SystemAssigned")),
            (Form::Setting, Selected::UserAssigned { id, .. }) => Some(select_for_references(app, id.as_str())),
            (_, Selected::SystemAssigned) if path.connection() == "deployment" => None,
            (_, Selected::UserAssigned { id, .. }) if path.connection() == "deployment" => {
                Some(select_for_deployment(&app.id, id))
            }
            (_, Selected::UserAssigned { id, .. }) if path.is_package() => select_for_package(ctx, id),
            (_, Selected::SystemAssigned) => Some(select_for_connection(ctx, None)),
            (_, Selected::UserAssigned { client_id, .. }) => Some(select_for_connection(ctx, Some(client_id?))),
        }
    }

    fn enable(&self, ctx: &Context<'_, '_>) -> Option<Fix> {
        let app = app(ctx)?;
        let principal = ObjectId::of_future_identity(&app.id);
        let change = enable_for_app(ctx, app).and(grant(ctx, &principal));
        let then = match ctx.case.path.form {
            Form::Storage => "assign the role to it",
            Form::Setting | Form::Identifier => "give it read access to the object",
        };
        let title = format!("enable the system-assigned identity of {}, and {then}", app_in_words(&app.id));
        Some(change.fix(title, Safety::Review))
    }

    fn use_system_assigned(&self, _ctx: &Context<'_, '_>) -> Option<Fix> {
        None
    }

    fn open_firewall(&self, ctx: &Context<'_, '_>) -> Vec<Fix> {
        open_for_caller(ctx)
    }

    fn attach(
        &self,
        ctx: &Context<'_, '_>,
        identity: &ResourceId,
        kind: &str,
        attached: &[&str],
        edits: [Edit; 2],
    ) -> Option<Change> {
        Some(attach_to_app(app(ctx)?, identity, kind, attached, edits))
    }

    fn show_own_principal(&self, caller: &ResourceId) -> Command {
        of_app(Command::new("az webapp identity show"), caller).and("--query principalId --output tsv")
    }

    fn own_principal_in_templates(&self, ctx: &Context<'_, '_>) -> (String, String) {
        let kind = app(ctx).map_or("azurerm_linux_web_app", terraform_type);
        ("app.identity.principalId".to_owned(), format!("{kind}.app.identity[0].principal_id"))
    }

    fn show_attached(&self, ctx: &Context<'_, '_>) -> Command {
        of_app(Command::new("az webapp identity show"), &ctx.case.path.resource).and("--query userAssignedIdentities")
    }

    fn shows_not_enabled(&self, ctx: &Context<'_, '_>) -> Confirmation {
        app_identity(ctx, "no system-assigned identity")
    }

    fn fetch(&self, ctx: &Context<'_, '_>) -> Option<Command> {
        (ctx.case.path.form == Form::Setting).then(|| fetch(ctx))
    }

    /// Until it is fetched again, which may take a day, a reference keeps its status and its value.
    fn fetch_after_repair(&self, ctx: &Context<'_, '_>) -> Option<Command> {
        self.fetch(ctx)
    }

    /// The status of a reference has a check of its own.
    fn refresh_failed(&self, _ctx: &Context<'_, '_>) -> Option<(Fix, Confirmation)> {
        None
    }

    fn resolves(&self, ctx: &Context<'_, '_>, expect: &str) -> Option<Confirmation> {
        Some(resolves_from_app(ctx, expect))
    }

    fn connects(&self, ctx: &Context<'_, '_>, to: &str, port: u16, expect: &str) -> Option<Confirmation> {
        Some(connects_from_app(ctx, to, port, expect))
    }

    fn signs_in(&self, ctx: &Context<'_, '_>) -> Option<Confirmation> {
        let authority = &ctx.case.estate.cloud.authority;
        Some(connects_from_app(ctx, authority, 443, "a timeout: no connection"))
    }

    fn ask_azure_dns(&self, _ctx: &Context<'_, '_>, _configured: &[String]) -> Option<Change> {
        Some(Change::default())
    }

    /// App Service prints a status, which is recorded. What an app prints that cannot use its storage depends on its
    /// version.
    fn symptom(&self, _code: Code, path: &AccessPath, _principal: Option<&Principal>) -> Option<String> {
        path.last.as_ref().filter(|last| !last.succeeded).map(|last| last.message.clone())
    }
}

/// Writes another reference into a setting or a connection string.
fn set_reference(ctx: &Context<'_, '_>, declared: &ResourceId, identifier: &str) -> Change {
    let path = ctx.case.path;
    let value = format!("@Microsoft.KeyVault(SecretUri={identifier})");
    // `config/connectionstrings`, or `config/configreferences/connectionstrings/{name}`.
    let mut near = declared.segments().rev().take(2);
    let is_connection = near.any(|s| s.eq_ignore_ascii_case("connectionstrings"))
        && !path.label.eq_ignore_ascii_case("connectionstrings");
    let (kind, leaf) = if is_connection { ("connectionstrings", "/value") } else { ("appsettings", "") };
    let config = path.resource.child("config", kind);
    let mut edits = vec![Edit::set(declared, path.declared_at.pointer.clone(), value.as_str())];
    // A setting that was changed is fetched again, and its status says so until then.
    let has_status = *declared != config;
    edits.extend(has_status.then(|| Edit::set(declared, "/properties/status", "Initialized")));
    let listed = *declared != config && was_read::<Config>(ctx, &config);
    edits.extend(listed.then(|| Edit::set(&config, format!("/properties/{}{leaf}", path.label), value.as_str())));
    if !is_connection {
        let change = Change::of(set_settings(&path.resource, &[(&path.label, &value)]), edits);
        return as_settings(ctx, change, &[(&path.label, &value)]);
    }
    // Its kind stays the same; it is not read.
    let az = of_app(Command::new("az webapp config connection-string set"), &path.resource)
        .and("--connection-string-type TYPE")
        .option("--settings", format!("{}={value}", path.label))
        .and("--output none");
    let change = Change::of(az, edits);
    let Some(app) = app(ctx) else { return change };
    change
        .bicep_in(
            bicep_type(&app.id),
            format!(
                "connectionStrings: [\n  // and the existing ones\n  {{ name: {}, type: 'TYPE', connectionString: {} \
                 }}\n]",
                bicep(&path.label),
                bicep(&value)
            ),
        )
        .terraform_in(
            terraform_type(app),
            format!(
                "connection_string {{\n  name  = {}\n  type  = \"TYPE\"\n  value = {}\n}}",
                hcl(&path.label),
                hcl(&value)
            ),
        )
}

/// Selects an identity for a connection by the app's settings; without one the system-assigned identity is selected.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-21).
fn select_for_connection(ctx: &Context<'_, '_>, client_id: Option<&ObjectId>) -> Change {
    let path = ctx.case.path;
    if path.client_id() == client_id {
        return Change::default();
    }
    let connection = path.connection();
    let (credential, selected) = (format!("{connection}__credential"), format!("{connection}__clientId"));
    match client_id {
        Some(id) => set_all(ctx, &[(&credential, "managedidentity"), (&selected, id.as_str())]).unwrap_or_default(),
        None => {
            let config = path.resource.child("config", "appsettings");
            if !was_read::<Config>(ctx, &config) {
                return Change::default();
            }
            let az = delete_settings(&path.resource, [&selected]);
            Change::of(az, [Edit::remove(&config, format!("/properties/{selected}"))])
        }
    }
}
