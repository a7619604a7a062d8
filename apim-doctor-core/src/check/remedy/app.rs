//! Changes to an app or a slot: its identity, its settings, its routing, its references.
//!
//! Sources: <https://learn.microsoft.com/cli/azure/webapp>, <https://learn.microsoft.com/cli/azure/functionapp> and
//! <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-22).

use serde_json::{Value, json};

use super::{Change, by_hand};
use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::check::words::is_slot;
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Command, Confirmation, Edit, Fix, Purpose, Safety};
use crate::model::app_service::{Config, Site};
use crate::model::{Resource, setting};
use crate::path::{Credential, Form, Origin};

/// The version of App Service's part of Resource Manager that commands call.
pub(in crate::check) const WEB: &str = "2024-11-01";

/// The app or slot that calls.
pub(in crate::check) fn app<'c>(ctx: &Context<'c, '_>) -> Option<&'c Resource<Site>> {
    ctx.case.estate.get::<Site>(&ctx.case.path.resource).known()
}

/// A command with `--name APP --resource-group G --subscription S`, and `--slot` for a slot.
pub(in crate::check) fn of_app(command: Command, id: &ResourceId) -> Command {
    let app = id.within("Microsoft.Web/sites").unwrap_or_else(|| id.clone());
    let command = command.option("--name", app.name());
    let command = if app == *id { command } else { command.option("--slot", id.name()) };
    command.in_group(&app)
}

/// Which of Terraform's resources an app is.
/// Source: <https://registry.terraform.io/providers/hashicorp/azurerm/5.2.0/docs> (read 2026-11-29).
pub(in crate::check) fn terraform_type(app: &Resource<Site>) -> &'static str {
    let kind = app.kind.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is = |word: &str| kind.split(',').any(|part| part.trim() == word);
    let linux = app.properties.reserved.unwrap_or(is("linux"));
    if app.properties.function_app_config.is_some() {
        return "azurerm_function_app_flex_consumption";
    }
    match (is("workflowapp"), is("functionapp"), linux, is_slot(&app.id)) {
        (true, ..) => "azurerm_logic_app_standard",
        (_, true, true, false) => "azurerm_linux_function_app",
        (_, true, true, true) => "azurerm_linux_function_app_slot",
        (_, true, false, false) => "azurerm_windows_function_app",
        (_, true, false, true) => "azurerm_windows_function_app_slot",
        (_, false, true, false) => "azurerm_linux_web_app",
        (_, false, true, true) => "azurerm_linux_web_app_slot",
        (_, false, false, false) => "azurerm_windows_web_app",
        (_, false, false, true) => "azurerm_windows_web_app_slot",
    }
}

/// Which of Bicep's resources an app is.
pub(in crate::check) fn bicep_type(app: &ResourceId) -> &'static str {
    if is_slot(app) { "Microsoft.Web/sites/slots" } else { "Microsoft.Web/sites" }
}

/// How to see which identities an app has, and which of them resolves references.
pub(in crate::check) fn app_identity(ctx: &Context<'_, '_>, expect: &str) -> Confirmation {
    let show = Command::rest("get", ctx.case.path.resource.as_str(), WEB);
    let query = match ctx.case.path.form {
        Form::Setting => "{identity: identity, references: properties.keyVaultReferenceIdentity}",
        _ => "identity",
    };
    Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: show.query(query).line(),
        expect: expect.to_owned(),
    }
}

/// Lets an attached identity, by its id or as `SystemAssigned`, resolve all references of the app.
pub(in crate::check) fn select_for_references(app: &Resource<Site>, identity: &str) -> Change {
    let body = json!({ "properties": { "keyVaultReferenceIdentity": identity } });
    let edit = Edit::set(&app.id, "/properties/keyVaultReferenceIdentity", identity);
    let change = Change::of(Command::rest("patch", app.id.as_str(), WEB).body(&body), [edit]).bicep_in(
        bicep_type(&app.id),
        format!("keyVaultReferenceIdentity: {} // of the site, not of its siteConfig", bicep(identity)),
    );
    // Flex Consumption apps have no such argument: <https://github.com/hashicorp/terraform-provider-azurerm/issues/28928>.
    match terraform_type(app) {
        "azurerm_function_app_flex_consumption" => change,
        kind => change.terraform_in(kind, format!("key_vault_reference_identity_id = {}", hcl(identity))),
    }
}

/// Lets an attached identity read the package of an app on a Flex Consumption plan.
/// Source: <https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to> (read 2026-11-22).
pub(in crate::check) fn select_for_deployment(app: &ResourceId, identity: &ResourceId) -> Change {
    let at = "/properties/functionAppConfig/deployment/storage/authentication";
    let selected = json!({ "type": "UserAssignedIdentity", "userAssignedIdentityResourceId": identity.as_str() });
    let id = identity.as_str();
    let az = of_app(Command::new("az functionapp deployment config set"), app)
        .and("--deployment-storage-auth-type UserAssignedIdentity")
        .option("--deployment-storage-auth-value", id);
    let block = format!(
        "authentication: {{\n  type: 'UserAssignedIdentity'\n  userAssignedIdentityResourceId: {}\n}} // of \
         functionAppConfig.deployment.storage",
        bicep(id)
    );
    let arguments = format!(
        "storage_authentication_type       = \"UserAssignedIdentity\"\nstorage_user_assigned_identity_id = {}",
        hcl(id)
    );
    Change::of(az, [Edit::set(app, at, selected)])
        .bicep_in(bicep_type(app), block)
        .terraform_in("azurerm_function_app_flex_consumption", arguments)
}

/// Lets an attached identity fetch the package at a URL.
/// Source: <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> (read 2026-11-29).
pub(in crate::check) fn select_for_package(ctx: &Context<'_, '_>, identity: &ResourceId) -> Option<Change> {
    set_setting(ctx, setting::PACKAGE_IDENTITY, identity.as_str())
}

/// Enables the system-assigned identity of an app; user-assigned ones stay.
pub(in crate::check) fn enable_for_app(ctx: &Context<'_, '_>, app: &Resource<Site>) -> Change {
    let principal = ObjectId::of_future_identity(&app.id);
    let identity = app.identity.as_ref();
    let known = identity.and_then(|i| i.tenant_id.clone());
    let tenant = known.or_else(|| ctx.vault().and_then(|v| v.properties.tenant_id.clone()));
    let attached = identity.into_iter().flat_map(|i| i.user_assigned_identities.keys()).map(String::as_str);
    let attached: Vec<&str> = attached.collect();
    let kind = match identity.is_some_and(|i| i.is_user_assigned()) {
        true => "SystemAssigned, UserAssigned",
        false => "SystemAssigned",
    };
    let set = |leaf: &str, value: Value| Edit::set(&app.id, format!("/identity/{leaf}"), value);
    let edits = [set("type", json!(kind)), set("principalId", json!(principal.as_str()))];
    let tenant = tenant.map(|tenant| set("tenantId", json!(tenant.as_str())));
    Change::of(of_app(Command::new("az webapp identity assign"), &app.id), edits.into_iter().chain(tenant)).identity(
        bicep_type(&app.id),
        terraform_type(app),
        kind,
        &attached,
    )
}

/// Attaches an identity to an app; those that are attached stay. `kind` and `attached` are what it has then.
pub(in crate::check) fn attach_to_app(
    app: &Resource<Site>,
    identity: &ResourceId,
    kind: &str,
    attached: &[&str],
    edits: impl IntoIterator<Item = Edit>,
) -> Change {
    let az = of_app(Command::new("az webapp identity assign"), &app.id).option("--identities", identity);
    Change::of(az, edits).identity(bicep_type(&app.id), terraform_type(app), kind, attached)
}

/// Sets one setting of the app. Every change of a setting restarts the app and fetches all references.
pub(in crate::check) fn set_setting(ctx: &Context<'_, '_>, name: &str, value: &str) -> Option<Change> {
    set_all(ctx, &[(name, value)])
}

/// Sets settings of the app.
pub(in crate::check) fn set_all(ctx: &Context<'_, '_>, settings: &[(&str, &str)]) -> Option<Change> {
    let config = ctx.case.path.resource.child("config", "appsettings");
    ctx.case.estate.get::<Config>(&config).known()?;
    let edits = settings.iter().map(|(name, value)| Edit::set(&config, format!("/properties/{name}"), *value));
    Some(as_settings(ctx, Change::of(set_settings(&ctx.case.path.resource, settings), edits), settings))
}

/// The command that sets settings of an app; what it prints would show all of them.
pub(in crate::check) fn set_settings(app: &ResourceId, settings: &[(&str, &str)]) -> Command {
    of_app(Command::new("az webapp config appsettings set"), app)
        .options("--settings", settings.iter().map(|(name, value)| format!("{name}={value}")))
        .and("--output none")
}

/// The command that deletes settings of an app.
pub(in crate::check) fn delete_settings<S: AsRef<str>>(
    app: &ResourceId,
    names: impl IntoIterator<Item = S>,
) -> Command {
    of_app(Command::new("az webapp config appsettings delete"), app)
        .options("--setting-names", names)
        .and("--output none")
}

/// How templates say settings; the others of the app have to stay beside them.
pub(in crate::check) fn as_settings(ctx: &Context<'_, '_>, change: Change, settings: &[(&str, &str)]) -> Change {
    let Some(app) = app(ctx) else { return change };
    let in_bicep: String = settings
        .iter()
        .map(|(name, value)| format!("  {{ name: {}, value: {} }}\n", bicep(name), bicep(value)))
        .collect();
    let in_hcl: String = settings.iter().map(|(name, value)| format!("  {} = {}\n", hcl(name), hcl(value))).collect();
    change
        .bicep_in(bicep_type(&app.id), format!("appSettings: [\n  // and the existing settings\n{in_bicep}]"))
        .terraform_in(terraform_type(app), format!("app_settings = {{\n  # and the existing settings\n{in_hcl}}}"))
}

/// How to see one setting of the app.
pub(in crate::check) fn setting(ctx: &Context<'_, '_>, name: &str, expect: &str) -> Confirmation {
    Confirmation {
        run_from: "your own shell, with permission to list the app's settings".to_owned(),
        command: of_app(Command::new("az webapp config appsettings list"), &ctx.case.path.resource)
            .query_for("[?name=={}].value", &[name])
            .and("--output tsv")
            .line(),
        expect: expect.to_owned(),
    }
}

/// How to see the state of the app's references.
pub(in crate::check) fn reference_status(ctx: &Context<'_, '_>, expect: &str) -> Option<Confirmation> {
    (ctx.case.path.form == Form::Setting).then(|| Confirmation {
        run_from: "your own shell, with permission to read the app".to_owned(),
        command: Command::rest("get", &references(ctx), WEB)
            .query("value[].{name: name, status: properties.status}")
            .and("--output table")
            .line(),
        expect: expect.to_owned(),
    })
}

fn references(ctx: &Context<'_, '_>) -> String {
    format!("{}/config/configreferences/appsettings", ctx.case.path.resource)
}

/// The request that makes the app fetch its references again.
pub(in crate::check) fn fetch(ctx: &Context<'_, '_>) -> Command {
    Command::rest("post", &format!("{}/refresh", references(ctx)), "2022-03-01").purpose(Purpose::FetchAgain)
}

/// Refreshes references: the fix for an outdated error status.
pub(in crate::check) fn fetch_again(ctx: &Context<'_, '_>, stopped: bool) -> Vec<Fix> {
    let app = &ctx.case.path.resource;
    if !stopped {
        return vec![by_hand("refresh the references; a restart alone does not reliably refresh them", [fetch(ctx)])];
    }
    let run = |command| of_app(Command::new(command), app).purpose(Purpose::FetchAgain);
    let (start, stop) = (run("az webapp start"), run("az webapp stop"));
    vec![
        by_hand(
            "start the app, wait until the references show `Resolved`, deploy, and stop the app again: it runs in the \
             meantime, and this has to be repeated after some days",
            [start, fetch(ctx), stop],
        ),
        by_hand(
            "keep the app running and disable its functions one by one: it costs as much as a running app, and its \
             host still responds",
            [set_settings(app, &[("AzureWebJobs.FUNCTION.Disabled", "true")])],
        ),
        by_hand(
            "move to a plan without a content share, which the deployment cannot open: Dedicated, or Flex Consumption \
             with an identity for its package",
            [],
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
    let body = json!({ "properties": { "outboundVnetRouting": { leaf: true } } });
    let edit = Edit::set(&app.id, format!("/properties/outboundVnetRouting/{leaf}"), true);
    let kind = terraform_type(app);
    let change = Change::of(Command::rest("patch", app.id.as_str(), WEB).body(&body), [edit])
        .bicep_in(bicep_type(&app.id), format!("outboundVnetRouting: {{ {leaf}: true }}"));
    Some(match leaf {
        "applicationTraffic" => change.terraform_in(kind, "site_config {\n  vnet_route_all_enabled = true\n}"),
        _ => change.terraform_in(
            kind,
            "app_settings = {\n  # and the existing settings\n  \"WEBSITE_CONTENTOVERVNET\" = \"1\"\n}",
        ),
    })
}

/// Uses an identity instead of a key, which only the host's own storage can.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-21).
pub(in crate::check) fn without_key(ctx: &Context<'_, '_>) -> Option<Fix> {
    let path = ctx.case.path;
    let connection = path.connection();
    let store =
        ctx.store().filter(|_| path.credential == Credential::AccountKey && connection == setting::HOST_STORAGE)?;
    let app_id = &path.resource;
    let enable = of_app(Command::new("az webapp identity assign"), app_id);
    let identity = app(ctx)?.identity.as_ref();
    let own = identity.filter(|identity| identity.is_system_assigned());
    let (account, client, credential) =
        (format!("{connection}__accountName"), format!("{connection}__clientId"), format!("{connection}__credential"));
    // The setting with the key comes before those of an identity as long as it is there.
    let with_key = path.declared_at.pointer.rsplit('/').next().unwrap_or(connection);
    let without = delete_settings(app_id, [with_key]);
    // One that is attached and may already is preferred to enabling another.
    let attached = identity.filter(|_| own.is_none()).map(|identity| &identity.user_assigned_identities);
    let ready = attached.into_iter().flatten().find_map(|(id, entry)| {
        let entry = entry.as_ref()?;
        let may = super::grant(ctx, entry.principal_id.as_ref()?).is_none();
        Some((ResourceId::new(id), entry.client_id.as_ref()?)).filter(|_| may)
    });
    if let Some((id, client_id)) = ready {
        let title = format!(
            "make the host use attached identity `{}`, which has the role for blobs; queues and tables need separate \
             roles",
            id.name()
        );
        let settings =
            [(account.as_str(), store.name()), (&credential, "managedidentity"), (&client, client_id.as_str())];
        return Some(by_hand(title, [set_settings(app_id, &settings), without]));
    }
    let roles = ["Storage Blob Data Owner", "Storage Queue Data Contributor", "Storage Table Data Contributor"];
    let grants = roles.map(|role| super::assign_role(store.id(), super::Word::Variable(super::PRINCIPAL_ID), role));
    let use_it = [set_settings(app_id, &[(&account, store.name())]), without];
    let az = own.is_none().then_some(enable).into_iter().chain([super::principal_id_of(ctx)]);
    Some(by_hand(
        "make the host use the app's system-assigned identity: assign the data roles, wait ten minutes, then set the \
         account name instead of the key",
        az.chain(grants).chain(use_it),
    ))
}

/// Lets the account take its keys again.
pub(in crate::check) fn allow_keys(ctx: &Context<'_, '_>) -> Option<Fix> {
    let store = ctx.store()?;
    let change = Change::of(
        Command::new("az storage account update").named(store.id()).and("--allow-shared-key-access true"),
        [Edit::set(store.id(), "/properties/allowSharedKeyAccess", true)],
    )
    .bicep_in("Microsoft.Storage/storageAccounts", "allowSharedKeyAccess: true")
    .terraform_in("azurerm_storage_account", "shared_access_key_enabled = true");
    Some(change.fix(format!("allow account keys on storage account `{}`", store.name()), Safety::Review))
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
pub(in crate::check) fn resolves_from_app(ctx: &Context<'_, '_>, expect: &str) -> Confirmation {
    let host = ctx.diagnosis.reference.as_ref().map_or("HOST", |r| r.host.as_str());
    let command = Command::new(if is_linux(ctx) { "nslookup" } else { "nameresolver" }).host(host);
    Confirmation { run_from: console(ctx), command: command.line(), expect: expect.to_owned() }
}

/// How to see whether a connection comes about from the app.
pub(in crate::check) fn connects_from_app(ctx: &Context<'_, '_>, to: &str, port: u16, expect: &str) -> Confirmation {
    let command = match is_linux(ctx) {
        true => {
            Command::new("curl --silent --show-error --max-time 10 --verbose").url("telnet://", to, &format!(":{port}"))
        }
        false => Command::new("tcpping").url("", to, &format!(":{port}")),
    };
    Confirmation { run_from: console(ctx), command: command.line(), expect: expect.to_owned() }
}

fn console(ctx: &Context<'_, '_>) -> String {
    let what = if is_slot(&ctx.case.path.resource) { "slot" } else { "app" };
    format!("the {what}'s console (in the portal, under Development Tools)")
}

fn is_linux(ctx: &Context<'_, '_>) -> bool {
    app(ctx).is_some_and(|app| app.properties.reserved == Some(true))
}
