//! A backup or a restore of an API Management instance: the request, and the identity that it uses.
//!
//! Sources: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> and
//! <https://learn.microsoft.com/rest/api/apimanagement/api-management-service/backup> (read 2026-11-21).

use serde_json::{Map, Value, json};

use super::api_management::{ApiManagement, system_assigned};
use super::{Remedies, Selected};
use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::check::remedy::firewall::closed;
use crate::check::remedy::grant::role_assignment;
use crate::check::remedy::{APIM, Change, assign_role, grant, trust_account};
use crate::finding::{Code, Command, Confirmation, Edit, Fix, Purpose, Safety};
use crate::model::Resource;
use crate::model::backup::BackupRequest;
use crate::model::script::{Means, ScriptRequest, Written};
use crate::model::storage::Container;
use crate::path::{AccessPath, BackupCall, Principal};

const SYSTEM: &str = "SystemAssignedManagedIdentity";
const USER: &str = "UserAssignedManagedIdentity";

/// A backup or a restore.
pub(super) struct Backup;

impl Remedies for Backup {
    /// The request names an account and a container, not an identifier.
    fn set_identifier(&self, _ctx: &Context<'_, '_>, _identifier: &str) -> Change {
        Change::default()
    }

    fn select(&self, ctx: &Context<'_, '_>, identity: Selected<'_>) -> Option<Change> {
        match identity {
            Selected::SystemAssigned => Some(request_with(ctx, SYSTEM, None)?),
            Selected::UserAssigned { client_id, .. } => Some(request_with(ctx, USER, Some(client_id?))?),
        }
    }

    fn enable(&self, ctx: &Context<'_, '_>) -> Option<Fix> {
        back_up_with_identity(ctx)
    }

    fn use_system_assigned(&self, ctx: &Context<'_, '_>) -> Option<Fix> {
        back_up_with_identity(ctx)
    }

    /// The control plane, which makes backups, calls from no network of the customer's, and no private endpoint helps
    /// it.
    fn open_firewall(&self, ctx: &Context<'_, '_>) -> Vec<Fix> {
        let is_system = ctx.diagnosis.principal.as_ref().is_some_and(Principal::is_system_assigned);
        let is_off = ctx.store().is_some_and(closed);
        let fix = if is_system || is_off { open_for_trusted(ctx, is_system) } else { back_up_with_identity(ctx) };
        fix.into_iter().collect()
    }

    fn attach(
        &self,
        ctx: &Context<'_, '_>,
        identity: &ResourceId,
        kind: &str,
        attached: &[&str],
        edits: [Edit; 2],
    ) -> Option<Change> {
        ApiManagement.attach(ctx, identity, kind, attached, edits)
    }

    fn show_own_principal(&self, caller: &ResourceId) -> Command {
        ApiManagement.show_own_principal(caller)
    }

    fn own_principal_in_templates(&self, ctx: &Context<'_, '_>) -> (String, String) {
        ApiManagement.own_principal_in_templates(ctx)
    }

    fn show_attached(&self, ctx: &Context<'_, '_>) -> Command {
        ApiManagement.show_attached(ctx)
    }

    fn shows_not_enabled(&self, ctx: &Context<'_, '_>) -> Confirmation {
        ApiManagement.shows_not_enabled(ctx)
    }

    /// A backup is made when somebody asks for it.
    fn fetch(&self, _ctx: &Context<'_, '_>) -> Option<Command> {
        None
    }

    fn fetch_after_repair(&self, _ctx: &Context<'_, '_>) -> Option<Command> {
        None
    }

    fn refresh_failed(&self, _ctx: &Context<'_, '_>) -> Option<(Fix, Confirmation)> {
        None
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
        None
    }

    /// PowerShell prints a bare 400 for most causes.
    fn symptom(&self, code: Code, path: &AccessPath, _principal: Option<&Principal>) -> Option<String> {
        let by_platform = matches!(code.gate(), "caller" | "platform" | "target" | "firewall" | "authorization");
        let restores = path.backup.as_deref().is_some_and(|call| call.restores);
        (by_platform && !restores && code != Code::CallerOperatorLacksPermission)
            .then(|| "Operation returned an invalid status code 'BadRequest'".to_owned())
    }
}

/// The body of the request with another access type.
fn body(call: &BackupCall, access: &str, client_id: Option<&ObjectId>) -> Value {
    let mut body = json!({
        "storageAccount": call.account, "containerName": call.container, "backupName": call.blob, "accessType": access,
    });
    if let (Some(map), Some(id)) = (body.as_object_mut(), client_id) {
        map.insert("clientId".to_owned(), id.as_str().into());
    }
    body
}

/// Sends a request to the instance.
fn send(ctx: &Context<'_, '_>, call: &BackupCall, body: &Value) -> Command {
    let path = format!("{}/{}", ctx.case.path.resource, call.noun());
    Command::rest("post", &path, APIM).body(body).purpose(Purpose::FetchAgain)
}

/// What changes in a request with another access type.
fn access_edits(ctx: &Context<'_, '_>, access: &str, client_id: Option<&ObjectId>) -> Option<Vec<Edit>> {
    let call = ctx.case.path.backup.as_deref()?;
    let own = ctx.case.estate.get::<BackupRequest>(&call.request).known()?;
    let mut edits = vec![Edit::set(&call.request, "/accessType", access)];
    // A script is corrected with a current version.
    edits.extend(script(ctx).map(|_| Edit::set(&call.request, "/apiVersion", APIM)));
    edits.extend(own.properties.access_key.is_some().then(|| Edit::remove(&call.request, "/accessKey")));
    match client_id {
        Some(id) => edits.push(Edit::set(&call.request, "/clientId", id.as_str())),
        None => edits.extend(own.properties.client_id.is_some().then(|| Edit::remove(&call.request, "/clientId"))),
    }
    Some(edits)
}

/// The same request with another access type.
fn request_with(ctx: &Context<'_, '_>, access: &str, client_id: Option<&ObjectId>) -> Option<Change> {
    let call = ctx.case.path.backup.as_deref()?;
    let edits = access_edits(ctx, access, client_id)?;
    Some(Change::of(send(ctx, call, &body(call, access, client_id)), edits))
}

/// Uses the system-assigned identity: enables it, gives it the data role, allows trusted services, and changes the request.
pub(in crate::check) fn back_up_with_identity(ctx: &Context<'_, '_>) -> Option<Fix> {
    let (noun, name) = (ctx.case.path.backup.as_deref()?.noun(), ctx.case.path.resource.name());
    let title = format!(
        "use the system-assigned identity of `{name}` for the {noun}: `accessType` {SYSTEM} (PowerShell `-AccessType`)"
    );
    Some(with_identity(ctx)?.fix(title, Safety::Review))
}

/// The change that uses the system-assigned identity.
fn with_identity(ctx: &Context<'_, '_>) -> Option<Change> {
    let (principal, switch_on) = system_assigned(ctx)?;
    let account = ctx.diagnosis.target.as_ref().and_then(|target| target.account());
    let change = Change::default()
        .and(switch_on)
        .and(grant(ctx, &principal))
        .and(account.and_then(trust_account))
        .and(Some(request_with(ctx, SYSTEM, None)?));
    Some(change)
}

/// Gives the blob of the request a name of its own.
pub(in crate::check) fn rename_backup(ctx: &Context<'_, '_>) -> Option<Fix> {
    let day = ctx.case.as_of.strftime("%Y%m%d-%H%M%S");
    let name = format!("{}-{day}.apimbackup", ctx.case.path.resource.name());
    let change = repeat_with(ctx, "backupName", &name)?;
    Some(change.fix("give each backup a name of its own, for example with the time in it", Safety::Safe))
}

/// What was sent, without the key.
fn as_sent(request: &Resource<BackupRequest>) -> Map<String, Value> {
    let own = &request.properties;
    let texts = [
        ("storageAccount", own.storage_account.as_deref()),
        ("containerName", own.container_name.as_deref()),
        ("backupName", own.backup_name.as_deref()),
        ("accessType", own.access_type.as_deref()),
        ("accessKey", own.access_key.map(|_| "KEY")),
        ("clientId", own.client_id.as_ref().map(ObjectId::as_str)),
    ];
    texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect()
}

/// The request once more.
pub(in crate::check) fn repeat_backup(ctx: &Context<'_, '_>) -> Option<Command> {
    let call = ctx.case.path.backup.as_deref()?;
    let own = ctx.case.estate.get::<BackupRequest>(&call.request).known()?;
    Some(send(ctx, call, &Value::Object(as_sent(own))))
}

/// The request once more, with another value of a property.
fn repeat_with(ctx: &Context<'_, '_>, property: &str, value: &str) -> Option<Change> {
    let call = ctx.case.path.backup.as_deref()?;
    let mut sent = as_sent(ctx.case.estate.get::<BackupRequest>(&call.request).known()?);
    sent.insert(property.to_owned(), value.into());
    let edit = Edit::set(&call.request, format!("/{property}"), value);
    Some(Change::of(send(ctx, call, &Value::Object(sent)), [edit]))
}

/// How to see the backups in the container.
pub(in crate::check) fn list_backups(ctx: &Context<'_, '_>, expect: impl Into<String>) -> Option<Confirmation> {
    let call = ctx.case.path.backup.as_deref()?;
    Some(Confirmation {
        run_from: "a shell with the Azure CLI and a data role on the container".to_owned(),
        command: Command::new("az storage blob list")
            .option("--account-name", call.account.as_str())
            .option("--container-name", call.container.as_str())
            .and("--auth-mode login --query \"[].{name:name, made:properties.creationTime}\"")
            .line(),
        expect: expect.into(),
    })
}

/// Assigns a management role to a principal that calls.
pub(in crate::check) fn give_role(scope: &ResourceId, principal: &ObjectId, guid: &str, role: &str) -> Change {
    Change::of(assign_role(scope, principal, role), [role_assignment(scope, principal, guid, None)])
}

/// Names another container, if there is one of this name.
pub(in crate::check) fn rename_container(ctx: &Context<'_, '_>, name: &str) -> Option<Fix> {
    let id = ctx.store()?.id().child("blobServices", "default").child("containers", name);
    ctx.case.estate.get::<Container>(&id).known()?;
    let change = repeat_with(ctx, "containerName", name)?;
    Some(change.fix(format!("name container `{name}`, which exists, in `containerName`"), Safety::Review))
}

/// Turns public access on for the rules of the account alone, with the exception for trusted services, which covers the
/// system-assigned identity.
fn open_for_trusted(ctx: &Context<'_, '_>, is_system: bool) -> Option<Fix> {
    let account = ctx.diagnosis.target.as_ref()?.account()?;
    let set = |pointer: &str, value: &str| Edit::set(&account.id, pointer, value);
    let update = Command::new("az storage account update")
        .named(&account.id)
        .and("--public-network-access Enabled --default-action Deny --bypass AzureServices");
    let edits = [
        set("/properties/networkAcls/defaultAction", "Deny"),
        set("/properties/networkAcls/bypass", "AzureServices"),
        set("/properties/publicNetworkAccess", "Enabled"),
    ];
    let and_identity = if is_system { "" } else { ", and use the instance's system-assigned identity" };
    let title = format!(
        "enable public access to storage account `{}` for selected networks and trusted Microsoft services \
         only{and_identity}",
        account.name()
    );
    let identity = if is_system { None } else { Some(with_identity(ctx)?) };
    Some(Change::of(update, edits).and(identity).fix(title, Safety::Review))
}

/// The script that sends the request.
fn script<'e>(ctx: &Context<'_, 'e>) -> Option<&'e ScriptRequest> {
    ctx.case.estate.scripts.get(&ctx.case.path.backup.as_deref()?.request)
}

/// Where the script sends the request: `backup.ps1`, line 12.
pub(in crate::check) fn script_place(ctx: &Context<'_, '_>) -> Option<String> {
    let script = script(ctx)?;
    Some(format!("`{}`, line {}", script.name(), script.at.line))
}

/// Corrects the command of a script: the instance's own identity writes the backup.
pub(in crate::check) fn correct_script(ctx: &Context<'_, '_>) -> Option<Fix> {
    let title = format!("correct {}: use the instance's system-assigned identity", script_place(ctx)?);
    let edits = access_edits(ctx, SYSTEM, None)?;
    Some(corrected(ctx, Corrected { access: SYSTEM, ..Corrected::default() }, edits)?.fix(title, Safety::Review))
}

/// Corrects the command of a script: it names the identity that it asks for.
pub(in crate::check) fn correct_client_id(ctx: &Context<'_, '_>, attached: &[Principal]) -> Option<Fix> {
    let call = ctx.case.path.backup.as_deref()?;
    let only = match attached {
        [only] => only.client_id.as_ref(),
        _ => None,
    };
    let edits = only.map(|id| Edit::set(&call.request, "/clientId", id.as_str()));
    let title = format!("correct {}: name the identity by its client id", script_place(ctx)?);
    let client_id = Some(only.map_or("CLIENT_ID", ObjectId::as_str));
    let change = corrected(ctx, Corrected { access: USER, client_id, container: None }, edits.into_iter().collect())?;
    Some(change.fix(title, Safety::Review))
}

/// Corrects the command of a script: a container with a valid name.
pub(in crate::check) fn correct_container(ctx: &Context<'_, '_>, name: &str) -> Option<Fix> {
    let call = ctx.case.path.backup.as_deref()?;
    let title =
        format!("correct {}: a container name has lower-case letters only, such as `{name}`", script_place(ctx)?);
    let edits = vec![Edit::set(&call.request, "/containerName", name)];
    let access = script(ctx)?.access().unwrap_or_default();
    let access = [SYSTEM, USER].into_iter().find(|own| *own == access).unwrap_or_default();
    let client_id = script(ctx)?.says("clientId");
    let change = corrected(ctx, Corrected { access, client_id, container: Some(name) }, edits)?;
    Some(change.fix(title, Safety::Review))
}

/// What is different in a corrected command.
#[derive(Clone, Copy, Default)]
struct Corrected<'n> {
    /// The access type; empty: the key stays.
    access: &'static str,
    client_id: Option<&'n str>,
    container: Option<&'n str>,
}

/// The command of a script once more, corrected. A key is never in it.
fn corrected(ctx: &Context<'_, '_>, with: Corrected<'_>, edits: Vec<Edit>) -> Option<Change> {
    let (call, script) = (ctx.case.path.backup.as_deref()?, script(ctx)?);
    match script.means {
        Means::Cmdlet => Some(Change::powershell(cmdlet(call, script, with), edits)),
        Means::AzApim | Means::Rest => {
            let or = |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
            let container = with.container.unwrap_or(&call.container);
            let named = BackupCall {
                account: or(&call.account, "STORAGE_ACCOUNT"),
                container: or(container, "CONTAINER"),
                blob: or(&call.blob, "BACKUP_NAME"),
                ..call.clone()
            };
            let access = if with.access.is_empty() { "AccessKey" } else { with.access };
            let mut sent = body(&named, access, with.client_id.map(ObjectId::new).as_ref());
            if let (Some(map), true) = (sent.as_object_mut(), with.access.is_empty()) {
                map.insert("accessKey".to_owned(), "KEY".into());
            }
            Some(Change::of(send(ctx, call, &sent), edits))
        }
    }
}

/// `Backup-AzApiManagement` with its arguments as they were written.
fn cmdlet(call: &BackupCall, script: &ScriptRequest, with: Corrected<'_>) -> Command {
    let (start, container, blob) = match call.restores {
        false => ("Backup-AzApiManagement", "-TargetContainerName", "-TargetBlobName"),
        true => ("Restore-AzApiManagement", "-SourceContainerName", "-SourceBlobName"),
    };
    let argument = |command: Command, name: &'static str, pointer: &str, unknown: &'static str| match (
        script.written(pointer),
        unknown,
    ) {
        (Some(Written::Variable(variable)), _) => command.and(name).script_variable(variable),
        (Some(Written::Literal(text)), _) => command.and(name).powershell(text),
        (_, "") => command,
        (_, unknown) => command.and(name).and(unknown),
    };
    let mut command = Command::new(start);
    command = argument(command, "-ResourceGroupName", "/resourceGroup", "RG");
    command = argument(command, "-Name", "/instance", "NAME");
    command = match script.written("/context") {
        Some(Written::Variable(variable)) => command.and("-StorageContext").script_variable(variable),
        _ if call.account.is_empty() => command.and("-StorageContext").and("$context"),
        _ => {
            let context = Command::new("New-AzStorageContext -StorageAccountName").powershell(&call.account);
            command.and("-StorageContext").in_parentheses(context)
        }
    };
    command = match with.container {
        Some(name) => command.and(container).powershell(name),
        None => argument(command, container, "/containerName", "CONTAINER"),
    };
    let missing = if script.written("/backupName").is_some() || call.restores { "BACKUP_NAME" } else { "" };
    command = argument(command, blob, "/backupName", missing);
    if !with.access.is_empty() {
        command = command.and("-AccessType").and(with.access);
    }
    match with.client_id {
        Some("CLIENT_ID") => command.and("-IdentityClientId CLIENT_ID"),
        Some(id) => command.and("-IdentityClientId").powershell(id),
        None => command,
    }
}
