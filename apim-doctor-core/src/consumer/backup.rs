//! Backups and restores of an API Management instance: the requests that were recorded.
//!
//! Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> (read
//! 2026-11-21).

use crate::base::ResourceId;
use crate::consumer::{Consumer, Declared};
use crate::finding::Locator;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::subservice::Subservice;
use crate::knowledge::trust::TrustRule;
use crate::model::api_management::Service;
use crate::model::backup::{BackupRequest, IDENTITY_SINCE, Sender};
use crate::model::script::{Key, Means, ScriptRequest};
use crate::model::{Estate, Fact, Gap, Modelled, Resource};
use crate::path::{AccessPath, BackupCall, Credential, DataAccess, Form, Moment, NoAccess, Origin, Wants};

/// Backups and restores.
pub(super) struct Backups;

impl Consumer for Backups {
    fn caller(&self) -> CallerKind {
        CallerKind::Backup
    }

    fn kinds(&self) -> &'static [ConsumerKind] {
        &[ConsumerKind::Backup]
    }

    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared) {
        let requests = estate.all::<BackupRequest>();
        let mut own = requests.into_iter().filter(|request| instance_of(request).as_ref() == Some(owner)).peekable();
        if own.peek().is_none() {
            return;
        }
        let is_known = estate.get::<Service>(owner).known().is_some();
        // What a script or a file says is worth a path, whether or not its instance was collected.
        let is_said = |id: &ResourceId| estate.scripts.contains_key(id) || sender(estate, id).is_some();
        for request in own.filter(|request| is_known || is_said(&request.id)) {
            match path(estate, owner, request) {
                Ok(path) => declared.paths.push(path),
                Err(gap) => declared.gaps.push(gap),
            }
        }
    }

    /// Instances that a request was sent to and that were not collected.
    fn unread(&self, estate: &Estate, is_asked: &dyn Fn(&ResourceId) -> bool) -> Vec<Gap> {
        let recorded = estate.all::<BackupRequest>().into_iter();
        let recorded = recorded.filter(|request| !estate.scripts.contains_key(&request.id));
        let instances = recorded.filter_map(instance_of).filter(is_asked);
        let unread = instances.filter_map(|id| match estate.get::<Service>(&id) {
            Fact::Known(_) => None,
            Fact::Unknown(gap) => Some(gap),
            Fact::Absent(id) => Some(Gap::refused(format!("instance `{}`", id.name()), 404, &id)),
        });
        unread.collect()
    }
}

/// What the files of a deployment say of a request, beside its body.
fn sender<'e>(estate: &'e Estate, request: &ResourceId) -> Option<&'e Sender> {
    estate.world.deployed()?.senders.get(request)
}

/// The instance that a request was sent to.
fn instance_of(request: &Resource<BackupRequest>) -> Option<ResourceId> {
    request.id.parent()
}

/// The access of a request to its storage account.
fn path(estate: &Estate, instance: &ResourceId, request: &Resource<BackupRequest>) -> Result<AccessPath, Gap> {
    let body = &request.properties;
    let restores = request.id.resource_type().to_ascii_lowercase().ends_with("/restore");
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    // A fix that is tried changes the request.
    let is_as_written = |script: &&ScriptRequest| estate.patched.get(&request.id) == Some(&script.body);
    let (script, sender) = (estate.scripts.get(&request.id), sender(estate, &request.id));
    let as_written = script.filter(is_as_written);
    let (Some(account), Some(container)) = (
        given(&body.storage_account).or(script.map(|_| String::new())),
        given(&body.container_name).or(script.map(|_| String::new())),
    ) else {
        let open = ["/storageAccount", "/containerName"].iter().find_map(|pointer| sender?.why(pointer));
        let why = open.map(|why| format!(": {why}")).unwrap_or_default();
        let what = format!("which storage account and container a request of `{}` names{why}", instance.name());
        return Err(Gap::ambiguous(what).advise("send `storageAccount`, `containerName` and `backupName`"));
    };
    let is_blob_known = (script.is_none() && sender.is_none()) || given(&body.backup_name).is_some();
    let blob = given(&body.backup_name).unwrap_or_default();
    let label = match (script, restores && is_blob_known) {
        (None, false) => format!("{account}/{container}"),
        (None, true) => format!("{account}/{container}/{blob}"),
        (Some(script), of_blob) => of_script(script, [&account, &container, if of_blob { &blob } else { "" }]),
    };
    let no_access = match sender {
        Some(sender) => sent_without_access(estate, request, sender),
        None => no_access(body, as_written),
    };
    let credential = match (as_written, sender) {
        (Some(script), _) => script_credential(body, script, no_access.as_ref()),
        (None, Some(sender)) => sent_credential(body, sender, no_access.as_ref()),
        (None, None) => credential(body),
    };
    let by_key = credential == Credential::AccountKey;
    let call = BackupCall {
        request: request.id.clone(),
        restores,
        account: account.clone(),
        container: container.clone(),
        blob,
        is_blob_known,
        no_access,
    };
    Ok(AccessPath {
        consumer: ConsumerKind::Backup,
        resource: instance.clone(),
        label,
        declared_at: Locator::new(&request.id, "/storageAccount"),
        moment: Moment::Operation,
        reference: format!("https://{}/{container}", estate.cloud.host_of(Subservice::Blob, &account)),
        form: Form::Storage,
        credential,
        credential_at: Locator::new(&request.id, "/accessType"),
        audience: None,
        origin: Origin::ControlPlane,
        location: None,
        // A key is not an identity, and only the system-assigned one is trusted.
        trust: if by_key { TrustRule::Never } else { TrustRule::SystemAssigned },
        wants: Wants::Data {
            service: Subservice::Blob,
            access: if restores { DataAccess::Read } else { DataAccess::Write },
        },
        addresses: Vec::new(),
        expiry: None,
        last: None,
        unsupported: None,
        recognized: Ok(()),
        doubt: None,
        shadow: None,
        backup: Some(Box::new(call)),
    })
}

/// What a request of a script is called: its place, and what it names.
fn of_script(script: &ScriptRequest, names: [&str; 3]) -> String {
    let named: Vec<&str> = names.into_iter().take_while(|name| !name.is_empty()).collect();
    format!("{}:{} {}", script.name(), script.at.line, named.join("/")).trim_end().to_owned()
}

/// The access types as the cmdlet compares them.
const ACCESS_TYPES: [&str; 3] = ["AccessKey", "SystemAssignedManagedIdentity", "UserAssignedManagedIdentity"];

/// Why a request brings nothing that opens the storage account.
fn no_access(body: &BackupRequest, script: Option<&ScriptRequest>) -> Option<NoAccess> {
    let access = body.access_type.as_deref().map(str::trim).filter(|access| !access.is_empty());
    let Some(script) = script else {
        let by_key = credential(body) == Credential::AccountKey;
        let is_omitted = by_key && body.access_type.is_none() && body.access_key.is_none();
        return is_omitted.then_some(NoAccess::Omitted);
    };
    if script.why("/accessType").is_some() {
        return None;
    }
    let is_identity = access.is_some_and(|access| access.to_ascii_lowercase().ends_with("managedidentity"));
    if let Some(version) = script.version.clone().filter(|_| is_identity && script.has_old_version()) {
        return Some(NoAccess::OldVersion(version));
    }
    if let Some(module) = script.module.clone().filter(|_| access.is_some() && script.has_old_module()) {
        return Some(NoAccess::OldModule(module));
    }
    if let (Some(access), Means::Cmdlet) = (access, script.means)
        && !ACCESS_TYPES.contains(&access)
        && ACCESS_TYPES.iter().any(|own| own.eq_ignore_ascii_case(access))
    {
        return Some(NoAccess::Case(access.to_owned()));
    }
    if access.is_some_and(|access| !access.eq_ignore_ascii_case("AccessKey")) {
        return None;
    }
    match (script.means, script.key) {
        (_, Key::Fetched | Key::Given | Key::Unknown) => None,
        (Means::Cmdlet, Key::Absent) => Some(NoAccess::ContextWithoutKey),
        (Means::Cmdlet, Key::Connected) => Some(NoAccess::ContextWith("the identity that is signed in")),
        (Means::Cmdlet, Key::Sas) => Some(NoAccess::ContextWith("a shared access signature")),
        (Means::Cmdlet, Key::Anonymous) => Some(NoAccess::ContextWith("no credential")),
        (Means::Rest, _) if access.is_none() => Some(NoAccess::Omitted),
        (Means::Rest | Means::AzApim, _) => Some(NoAccess::KeyMissing),
    }
}

/// Why a request in the files of a deployment brings nothing that opens the storage account.
fn sent_without_access(estate: &Estate, request: &Resource<BackupRequest>, sender: &Sender) -> Option<NoAccess> {
    let body = &request.properties;
    if sender.why("/accessType").is_some() || sender.why("/accessKey").is_some() {
        return None;
    }
    if credential(body) == Credential::AccountKey {
        let is_omitted = body.access_type.is_none() && body.access_key.is_none();
        return is_omitted.then_some(NoAccess::Omitted);
    }
    let row = BackupRequest::table(&estate.tables).get(&request.id)?;
    let version = row.rank.1.get(..10).filter(|day| *day < IDENTITY_SINCE)?;
    Some(NoAccess::OldVersion(version.to_owned()))
}

/// What the instance shows, as far as the files of a deployment say it.
fn sent_credential(body: &BackupRequest, sender: &Sender, no_access: Option<&NoAccess>) -> Credential {
    let name = sender.name();
    if let Some(why) = sender.why("/accessType") {
        let what = format!("which access type the request of `{name}` has: {why}");
        return Credential::Undetermined(Gap::not_in_files(what));
    }
    if let Some(no @ NoAccess::OldVersion(_)) = no_access {
        let what = format!("which credential the request of `{name}` uses: {}", no.says());
        return Credential::Undetermined(Gap::ambiguous(what).advise("send the request with a current api-version"));
    }
    match (credential(body), sender.why("/clientId")) {
        (Credential::Undetermined(_), Some(why)) => {
            let what = format!("which user-assigned identity the request of `{name}` selects: {why}");
            Credential::Undetermined(Gap::not_in_files(what))
        }
        (credential, _) => credential,
    }
}

/// What the instance shows, as far as a script says it.
fn script_credential(body: &BackupRequest, script: &ScriptRequest, no_access: Option<&NoAccess>) -> Credential {
    let open = |what: String, advice: &str| Credential::Undetermined(Gap::ambiguous(what).advise(advice.to_owned()));
    let name = script.name();
    match (script.why("/accessType"), no_access) {
        (Some(why), _) => {
            let what = format!("which access type `{name}` uses: {why}");
            open(what, "write `SystemAssignedManagedIdentity` as access type")
        }
        (None, Some(no @ (NoAccess::Case(_) | NoAccess::OldVersion(_) | NoAccess::OldModule(_)))) => {
            let what = format!("which credential the request of `{name}` uses: {}", no.says());
            open(what, "use `SystemAssignedManagedIdentity` with a current version")
        }
        _ => match (credential(body), script.why("/clientId")) {
            (Credential::Undetermined(_), Some(why)) => {
                let what = format!("which user-assigned identity `{name}` selects: {why}");
                open(what, "write the client id of the identity in the script")
            }
            (credential, _) => credential,
        },
    }
}

/// What the instance shows to the storage account. Without an access type it is a key.
fn credential(body: &BackupRequest) -> Credential {
    match body.access_type.as_deref().map(|kind| kind.trim().to_ascii_lowercase()).as_deref() {
        None | Some("" | "accesskey") => Credential::AccountKey,
        Some("systemassignedmanagedidentity") => Credential::SystemAssigned,
        Some("userassignedmanagedidentity") => match &body.client_id {
            Some(client_id) => Credential::ManagedIdentity { client_id: client_id.clone() },
            None => Credential::Undetermined(
                Gap::undocumented("which identity writes the backup: the request has no `clientId`")
                    .advise("send the client id of the user-assigned identity as `clientId`"),
            ),
        },
        Some(_) => Credential::Undetermined(
            Gap::undocumented("which credential the access type of the request means: it is not a documented one").advise(
                "send `SystemAssignedManagedIdentity`, `UserAssignedManagedIdentity` or `AccessKey` as `accessType`",
            ),
        ),
    }
}
