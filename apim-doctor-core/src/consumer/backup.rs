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
use crate::model::backup::BackupRequest;
use crate::model::{Estate, Fact, Gap, Resource};
use crate::path::{AccessPath, BackupCall, Credential, DataAccess, Form, Moment, Origin, Wants};

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
        let instance = match estate.get::<Service>(owner) {
            Fact::Known(instance) => instance,
            Fact::Unknown(gap) => return declared.gaps.push(gap),
            Fact::Absent(_) => return,
        };
        for request in own {
            match path(estate, instance, request) {
                Ok(path) => declared.paths.push(path),
                Err(gap) => declared.gaps.push(gap),
            }
        }
    }

    /// Instances that a request was sent to and that were not collected.
    fn unread(&self, estate: &Estate, is_asked: &dyn Fn(&ResourceId) -> bool) -> Vec<Gap> {
        let instances = estate.all::<BackupRequest>().into_iter().filter_map(instance_of).filter(is_asked);
        let unread = instances.filter_map(|id| match estate.get::<Service>(&id) {
            Fact::Known(_) => None,
            Fact::Unknown(gap) => Some(gap),
            Fact::Absent(id) => Some(Gap::refused(format!("instance `{}`", id.name()), 404, &id)),
        });
        unread.collect()
    }
}

/// The instance that a request was sent to.
fn instance_of(request: &Resource<BackupRequest>) -> Option<ResourceId> {
    request.id.parent()
}

/// The access of a request to its storage account.
fn path(estate: &Estate, instance: &Resource<Service>, request: &Resource<BackupRequest>) -> Result<AccessPath, Gap> {
    let body = &request.properties;
    let restores = request.id.resource_type().to_ascii_lowercase().ends_with("/restore");
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let (Some(account), Some(container)) = (given(&body.storage_account), given(&body.container_name)) else {
        let what = format!("which storage account and container a request of `{}` names", instance.name());
        return Err(Gap::ambiguous(what).advise("send `storageAccount`, `containerName` and `backupName`"));
    };
    let blob = given(&body.backup_name).unwrap_or_default();
    let label = match restores {
        false => format!("{account}/{container}"),
        true => format!("{account}/{container}/{blob}"),
    };
    let credential = credential(body);
    let by_key = credential == Credential::AccountKey;
    let call = BackupCall {
        request: request.id.clone(),
        restores,
        account: account.clone(),
        container: container.clone(),
        blob,
        names_no_access: by_key && body.access_type.is_none() && body.access_key.is_none(),
    };
    Ok(AccessPath {
        consumer: ConsumerKind::Backup,
        resource: instance.id.clone(),
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
