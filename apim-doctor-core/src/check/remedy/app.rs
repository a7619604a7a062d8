//! Changes to an app or a slot: its identity, its settings, its routing, its references.
//!
//! Sources: <https://learn.microsoft.com/cli/azure/webapp>, <https://learn.microsoft.com/cli/azure/functionapp> and
//! <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-22).

use serde_json::{Value, json};

use super::{Change, by_hand, in_group, named, rest, set_identity_of, word};
use crate::base::{ObjectId, ResourceId};
use crate::check::Context;
use crate::finding::{Edit, Fix, Probe, Safety};
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

/// How to see which identities an app has, and which of them resolves references.
pub(in crate::check) fn app_identity(ctx: &Context<'_, '_>, expect: &str) -> Probe {
    let show = rest("get", &ctx.case.path.resource, WEB);
    Probe {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: format!("{show} --query \"{{identity: identity, references: properties.keyVaultReferenceIdentity}}\""),
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

/// Lets the system-assigned identity resolve all references of the app.
pub(in crate::check) fn select_own_for_references(app: &ResourceId) -> Change {
    let body = json!({ "properties": { "keyVaultReferenceIdentity": "SystemAssigned" } }).to_string();
    let edit = Edit::set(app, "/properties/keyVaultReferenceIdentity", "SystemAssigned");
    Change::of(format!("{} --body {}", rest("patch", app, WEB), super::quoted(&body)), [edit])
        .bicep("keyVaultReferenceIdentity: 'SystemAssigned'")
        .terraform("# leave key_vault_reference_identity_id out")
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

/// Fetching again: what a bad status needs when nothing is wrong any more.
pub(in crate::check) fn fetch_again(ctx: &Context<'_, '_>, stopped: bool) -> Vec<Fix> {
    let app = app_named(&ctx.case.path.resource);
    if !stopped {
        return vec![by_hand("fetch the references again; a restart alone does not reliably do it", vec![fetch(ctx)])];
    }
    let (start, stop) = (format!("az webapp start {app}"), format!("az webapp stop {app}"));
    vec![
        by_hand(
            "start the app, wait until the references show `Resolved`, deploy, and stop it again: it runs meanwhile, and \
             after some days it has to be done again",
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
            "do without a content share, which is what a deployment cannot open: a Dedicated plan, or Flex Consumption with \
             an identity for its package; the plan changes",
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
pub(in crate::check) fn without_key(ctx: &Context<'_, '_>) -> Option<Fix> {
    let path = ctx.case.path;
    let connection = path.connection();
    let store =
        ctx.store().filter(|_| path.credential == Credential::AccountKey && connection == "AzureWebJobsStorage")?;
    let app = app_named(&path.resource);
    Some(by_hand(
        "let the host use the app's identity: give it the data roles, then name the account instead of the key",
        vec![
            super::assign_role(store.id(), "PRINCIPAL_ID", "Storage Blob Data Owner"),
            super::assign_role(store.id(), "PRINCIPAL_ID", "Storage Queue Data Contributor"),
            super::assign_role(store.id(), "PRINCIPAL_ID", "Storage Table Data Contributor"),
            format!(
                "az webapp config appsettings set {app} --settings {connection}__accountName={} --output none",
                word(store.name())
            ),
            format!("az webapp config appsettings delete {app} --setting-names {connection}"),
        ],
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
pub(in crate::check) fn resolves_from_app(ctx: &Context<'_, '_>, expect: &str) -> Probe {
    let host = ctx.diagnosis.reference.as_ref().map_or("HOST", |r| r.host.as_str());
    Probe {
        run_from: "the console of the app (Development Tools, in the portal)".to_owned(),
        command: format!("nameresolver {host}"),
        expect: expect.to_owned(),
    }
}
