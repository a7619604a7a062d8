//! Changes to an app or a slot: its identity, its settings, its routing, its references.
//!
//! Sources: <https://learn.microsoft.com/cli/azure/webapp>, <https://learn.microsoft.com/cli/azure/functionapp> and
//! <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-22).

use serde_json::{Value, json};

use super::{Change, by_hand, in_group, named, rest, set_identity_of, word};
use crate::base::{ObjectId, ResourceId, Verdict};
use crate::check::Context;
use crate::finding::{Edit, Finding, Fix, Probe, Safety};
use crate::model::Resource;
use crate::model::app_service::{Config, Site};
use crate::path::{Credential, Form, Origin};

/// The version of App Service's part of Resource Manager that commands call.
pub(in crate::check) const WEB: &str = "2024-11-01";

/// The app or slot that calls.
pub(in crate::check) fn app<'c>(ctx: &Context<'c, '_>) -> Option<&'c Resource<Site>> {
    ctx.case.estate.get::<Site>(&ctx.case.path.resource).known()
}

/// `--name APP --resource-group G --subscription S`, and `--slot` for a slot.
pub(in crate::check) fn app_named(id: &ResourceId) -> String {
    let app = id.within("Microsoft.Web/sites").unwrap_or_else(|| id.clone());
    let slot = if app == *id { String::new() } else { format!(" --slot {}", word(id.name())) };
    format!("--name {}{slot}{}", word(app.name()), in_group(&app))
}

/// Whether it is a slot of an app, and not the app itself.
pub(in crate::check) fn is_slot(id: &ResourceId) -> bool {
    id.within("Microsoft.Web/sites").is_some_and(|app| app != *id)
}

/// An app or a slot, in words.
pub(in crate::check) fn app_in_words(id: &ResourceId) -> String {
    match id.within("Microsoft.Web/sites").filter(|app| app != id) {
        Some(app) => format!("slot `{}` of app `{}`", id.name(), app.name()),
        None => format!("app `{}`", id.name()),
    }
}

/// What Terraform calls an app: which of its resources it is depends on more than was read.
pub(in crate::check) fn terraform_of(app: &Resource<Site>) -> &'static str {
    match app.properties.reserved {
        Some(true) => "azurerm_linux_function_app.app",
        _ => "azurerm_windows_function_app.app",
    }
}

/// The command that shows the object id of the caller's system-assigned identity.
pub(in crate::check) fn own_principal(caller: &ResourceId) -> String {
    match caller.within("Microsoft.Web/sites") {
        Some(_) => format!("az webapp identity show {} --query principalId --output tsv", app_named(caller)),
        None => format!("az apim show {} --query identity.principalId --output tsv", named(caller)),
    }
}

/// How to see which identities an app has, and which of them resolves references.
pub(in crate::check) fn app_identity(ctx: &Context<'_, '_>, expect: &str) -> Probe {
    let show = rest("get", &ctx.case.path.resource, WEB);
    let query = match ctx.case.path.form {
        Form::Setting => "{identity: identity, references: properties.keyVaultReferenceIdentity}",
        _ => "identity",
    };
    Probe {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: format!("{show} --query \"{query}\""),
        expect: expect.to_owned(),
    }
}

/// Lets an attached identity resolve all references of the app.
pub(in crate::check) fn select_for_references(app: &ResourceId, identity: &ResourceId) -> Change {
    let body = json!({ "properties": { "keyVaultReferenceIdentity": identity.as_str() } }).to_string();
    let edit = Edit::set(app, "/properties/keyVaultReferenceIdentity", identity.as_str());
    Change::of(format!("{} --body {}", rest("patch", app, WEB), super::quoted(&body)), [edit])
        .bicep(format!("keyVaultReferenceIdentity: '{identity}' // of the site, not of its siteConfig"))
        .terraform(format!("key_vault_reference_identity_id = \"{identity}\""))
}

/// Lets an attached identity read the package of an app on a Flex Consumption plan.
/// Source: <https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to> (read 2026-11-22).
pub(in crate::check) fn select_for_deployment(app: &ResourceId, identity: &ResourceId) -> Change {
    let at = "/properties/functionAppConfig/deployment/storage/authentication";
    let selected = json!({ "type": "UserAssignedIdentity", "userAssignedIdentityResourceId": identity.as_str() });
    Change::of(
        format!(
            "az functionapp deployment config set {} --deployment-storage-auth-type UserAssignedIdentity \
             --deployment-storage-auth-value {}",
            app_named(app),
            word(identity.as_str())
        ),
        [Edit::set(app, at, selected)],
    )
    .bicep(format!("authentication: {{ type: 'UserAssignedIdentity', userAssignedIdentityResourceId: '{identity}' }}"))
    .terraform(format!(
        "storage_authentication_type = \"UserAssignedIdentity\"\nstorage_user_assigned_identity_id = \"{identity}\""
    ))
}

/// Lets an attached identity fetch the package at a URL.
/// Source: <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> (read 2026-11-29).
pub(in crate::check) fn select_for_package(ctx: &Context<'_, '_>, identity: &ResourceId) -> Option<Change> {
    set_setting(ctx, "WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID", identity.as_str())
}

/// Enables the system-assigned identity of an app; user-assigned ones stay.
pub(in crate::check) fn enable_for_app(ctx: &Context<'_, '_>, app: &Resource<Site>) -> Change {
    let principal = ObjectId::of_future_identity(&app.id);
    let identity = app.identity.as_ref();
    let known = identity.and_then(|i| i.tenant_id.clone());
    let tenant = known.or_else(|| ctx.vault().and_then(|v| v.properties.tenant_id.clone()));
    let kind = match identity.is_some_and(|i| i.is_user_assigned()) {
        true => "SystemAssigned, UserAssigned",
        false => "SystemAssigned",
    };
    let set = |leaf: &str, value: Value| Edit::set(&app.id, format!("/identity/{leaf}"), value);
    let edits = [set("type", json!(kind)), set("principalId", json!(principal.as_str()))];
    let tenant = tenant.map(|tenant| set("tenantId", json!(tenant.as_str())));
    Change::of(format!("az webapp identity assign {}", app_named(&app.id)), edits.into_iter().chain(tenant))
        .bicep(format!("identity: {{ type: '{kind}' }}"))
        .terraform(format!("identity {{ type = \"{kind}\" }}"))
}

/// Attaches an identity to an app; those that are attached stay.
pub(in crate::check) fn attach_to_app(
    app: &Resource<Site>,
    identity: &ResourceId,
    edits: impl IntoIterator<Item = Edit>,
) -> Change {
    let az = format!("az webapp identity assign {} --identities {}", app_named(&app.id), word(identity.as_str()));
    set_identity_of(az, identity, edits)
}

/// Sets one setting of the app. Every change of a setting restarts the app and fetches all references.
pub(in crate::check) fn set_setting(ctx: &Context<'_, '_>, name: &str, value: &str) -> Option<Change> {
    let config = ctx.case.path.resource.child("config", "appsettings");
    ctx.case.estate.get::<Config>(&config).known()?;
    let az = format!(
        "az webapp config appsettings set {} --settings {} --output none",
        app_named(&ctx.case.path.resource),
        super::quoted(&format!("{name}={value}"))
    );
    Some(
        Change::of(az, [Edit::set(&config, format!("/properties/{name}"), value)])
            .bicep(format!("{{ name: '{name}', value: '{value}' }} // of appSettings"))
            .terraform(format!("app_settings = {{ {name} = \"{value}\" }}")),
    )
}

/// How to see one setting of the app.
pub(in crate::check) fn setting(ctx: &Context<'_, '_>, name: &str, expect: &str) -> Probe {
    Probe {
        run_from: "your own shell, with the right to list the app's settings".to_owned(),
        command: format!(
            "az webapp config appsettings list {} --query \"[?name=='{name}'].value\" --output tsv",
            app_named(&ctx.case.path.resource)
        ),
        expect: expect.to_owned(),
    }
}

/// How to see the state of the app's references.
pub(in crate::check) fn reference_status(ctx: &Context<'_, '_>, expect: &str) -> Option<Probe> {
    (ctx.case.path.form == Form::Setting).then(|| Probe {
        run_from: "your own shell, with the right to read the app".to_owned(),
        command: format!(
            "{} --query \"value[].{{name: name, status: properties.status}}\" --output table",
            rest("get", references(ctx), WEB)
        ),
        expect: expect.to_owned(),
    })
}

fn references(ctx: &Context<'_, '_>) -> ResourceId {
    ResourceId::new(&format!("{}/config/configreferences/appsettings", ctx.case.path.resource))
}

/// The request that makes the app fetch its references again.
pub(in crate::check) fn fetch(ctx: &Context<'_, '_>) -> String {
    rest("post", format!("{}/refresh", references(ctx)), "2022-03-01")
}

/// Adds fetching again to what repairs a reference: until then, which may take a day, its status and its value stay as
/// they are.
/// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).
pub(in crate::check) fn fetch_after(ctx: &Context<'_, '_>, finding: &mut Finding) {
    if ctx.case.path.form != Form::Setting || finding.verdict == Verdict::Pass {
        return;
    }
    let fetch = fetch(ctx);
    for fix in finding.fixes.iter_mut().filter(|fix| !fix.az.is_empty() && !fix.az.contains(&fetch)) {
        fix.az.push(fetch.clone());
    }
}

/// Fetching again: what a bad status needs when nothing is wrong any more.
pub(in crate::check) fn fetch_again(ctx: &Context<'_, '_>, stopped: bool) -> Vec<Fix> {
    let app = app_named(&ctx.case.path.resource);
    if !stopped {
        return vec![by_hand("fetch the references again; a restart alone does not reliably do it", vec![fetch(ctx)])];
    }
    let (start, stop) = (format!("az webapp start {app}"), format!("az webapp stop {app}"));
    vec![
        by_hand(
            "start the app, wait until the references show `Resolved`, deploy, and stop it again: it runs meanwhile, \
             and after some days it has to be done again",
            vec![start, fetch(ctx), stop],
        ),
        by_hand(
            "keep it running and switch its functions off one by one: it costs what a running app costs, and its host \
             still answers",
            vec![format!(
                "az webapp config appsettings set {app} --settings AzureWebJobs.FUNCTION.Disabled=true --output none"
            )],
        ),
        by_hand(
            "do without a content share, which is what a deployment cannot open: a Dedicated plan, or Flex Consumption \
             with an identity for its package; the plan changes",
            Vec::new(),
        ),
    ]
}

/// Routes all of the app's traffic, or that of its content share, into its subnet.
pub(in crate::check) fn route_into_subnet(ctx: &Context<'_, '_>) -> Option<Change> {
    let app = app(ctx)?;
    // What enters the subnet already is the app's own traffic; what does not is the share.
    let leaf = match ctx.case.path.origin {
        Origin::Subnet { .. } => "applicationTraffic",
        _ => "contentShareTraffic",
    };
    let body = json!({ "properties": { "outboundVnetRouting": { leaf: true } } }).to_string();
    let edit = Edit::set(&app.id, format!("/properties/outboundVnetRouting/{leaf}"), true);
    let terraform = match leaf {
        "applicationTraffic" => "site_config { vnet_route_all_enabled = true }",
        _ => "content_share_force_disabled = false # and app_settings = { WEBSITE_CONTENTOVERVNET = \"1\" }",
    };
    Some(
        Change::of(format!("{} --body {}", rest("patch", &app.id, WEB), super::quoted(&body)), [edit])
            .bicep(format!("outboundVnetRouting: {{ {leaf}: true }}"))
            .terraform(terraform),
    )
}

/// Uses an identity instead of a key, which only the host's own storage can.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-21).
pub(in crate::check) fn without_key(ctx: &Context<'_, '_>) -> Option<Fix> {
    let path = ctx.case.path;
    let connection = path.connection();
    let store =
        ctx.store().filter(|_| path.credential == Credential::AccountKey && connection == "AzureWebJobsStorage")?;
    let with_key = path.declared_at.pointer.rsplit('/').next().unwrap_or(connection);
    let named = app_named(&path.resource);
    let enable = format!("az webapp identity assign {named}");
    let own = app(ctx)?.identity.as_ref().filter(|identity| identity.is_system_assigned());
    let roles = ["Storage Blob Data Owner", "Storage Queue Data Contributor", "Storage Table Data Contributor"];
    let grants = roles.map(|role| super::assign_role(store.id(), "\"$PRINCIPAL_ID\"", role));
    let use_it = [
        format!(
            "az webapp config appsettings set {named} --settings {connection}__accountName={} --output none",
            word(store.name())
        ),
        // The setting with the key comes before those of an identity as long as it is there.
        format!("az webapp config appsettings delete {named} --setting-names {} --output none", word(with_key)),
    ];
    let az = own.is_none().then_some(enable).into_iter().chain([super::principal_id_of(&path.resource)]);
    Some(by_hand(
        "let the host use the app's system-assigned identity: give it the data roles, wait ten minutes, then name the \
         account instead of the key",
        az.chain(grants).chain(use_it).collect(),
    ))
}

/// Lets the account take its keys again.
pub(in crate::check) fn allow_keys(ctx: &Context<'_, '_>) -> Option<Fix> {
    let store = ctx.store()?;
    let change = Change::of(
        format!("az storage account update {} --allow-shared-key-access true", named(store.id())),
        [Edit::set(store.id(), "/properties/allowSharedKeyAccess", true)],
    );
    let change = change.bicep("allowSharedKeyAccess: true").terraform("shared_access_key_enabled = true");
    Some(change.fix(format!("let storage account `{}` take its keys", store.name()), Safety::Review))
}

/// The network that the call leaves from.
pub(in crate::check) fn origin_network(ctx: &Context<'_, '_>) -> Option<ResourceId> {
    match &ctx.case.path.origin {
        Origin::Subnet { id, .. } => id.parent(),
        _ => None,
    }
}

/// How to see what the target's name resolves to from the app.
/// Source: <https://learn.microsoft.com/troubleshoot/azure/app-service/troubleshoot-vnet-integration-apps> (read
/// 2026-11-22).
pub(in crate::check) fn resolves_from_app(ctx: &Context<'_, '_>, expect: &str) -> Probe {
    let host = ctx.diagnosis.reference.as_ref().map_or("HOST", |r| r.host.as_str());
    let command = if is_linux(ctx) { "nslookup" } else { "nameresolver" };
    Probe { run_from: console(ctx), command: format!("{command} {host}"), expect: expect.to_owned() }
}

/// How to see whether a connection comes about from the app.
pub(in crate::check) fn connects_from_app(ctx: &Context<'_, '_>, to: &str, port: u16, expect: &str) -> Probe {
    let command = match is_linux(ctx) {
        true => format!("curl --silent --show-error --max-time 10 --verbose telnet://{to}:{port}"),
        false => format!("tcpping {to}:{port}"),
    };
    Probe { run_from: console(ctx), command, expect: expect.to_owned() }
}

fn console(ctx: &Context<'_, '_>) -> String {
    let what = if is_slot(&ctx.case.path.resource) { "slot" } else { "app" };
    format!("the console of the {what} (Development Tools, in the portal)")
}

fn is_linux(ctx: &Context<'_, '_>) -> bool {
    app(ctx).is_some_and(|app| app.properties.reserved == Some(true))
}
