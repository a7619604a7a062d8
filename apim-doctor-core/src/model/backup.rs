//! Backups of API Management: the request that was sent, and who sent it with which success.
//!
//! Source: <https://learn.microsoft.com/rest/api/apimanagement/api-management-service/backup> (read 2026-11-29).

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::base::{ObjectId, ResourceId, is_guid};

/// What starts a backup.
pub(crate) const BACKUP_ACTION: &str = "Microsoft.ApiManagement/service/backup/action";
/// What starts a restore.
pub(crate) const RESTORE_ACTION: &str = "Microsoft.ApiManagement/service/restore/action";
/// What fetches the keys of a storage account.
pub(crate) const LIST_KEYS: &str = "Microsoft.Storage/storageAccounts/listKeys/action";

/// The first api-version (its day) with access by identity.
///
/// Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> (read
/// 2026-11-21).
pub(crate) const IDENTITY_SINCE: &str = "2021-04-01";

/// The body of a request for a backup or a restore.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct BackupRequest {
    /// The name of the storage account.
    pub storage_account: Option<String>,
    /// The name of the container.
    pub container_name: Option<String>,
    /// The name of the blob.
    pub backup_name: Option<String>,
    /// `AccessKey`, `SystemAssignedManagedIdentity` or `UserAssignedManagedIdentity`; absent: `AccessKey`.
    pub access_type: Option<String>,
    /// Whether a key was sent. The key itself has no place here.
    pub access_key: Option<IgnoredAny>,
    /// The client id of the user-assigned identity.
    pub client_id: Option<ObjectId>,
}

/// What the files of a deployment say of a request, beside its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sender {
    /// The instance that it is for.
    pub instance: ResourceId,
    /// What sends it: a workflow, a pipeline.
    pub resource: Option<ResourceId>,
    /// The principal that it signs in as, where the files say it.
    pub principal: Option<ObjectId>,
    /// The name of the storage account (in canonical text) of which it carries a key: that of the body.
    pub key_of: Option<String>,
    /// What of the body is not known, by pointers into it, and why.
    pub open: Vec<(&'static str, String)>,
}

impl Sender {
    /// Why something is not known.
    pub(crate) fn why(&self, pointer: &str) -> Option<&str> {
        self.open.iter().find(|(own, _)| *own == pointer).map(|(_, why)| why.as_str())
    }

    /// The name of what sends it.
    pub(crate) fn name(&self) -> &str {
        self.resource.as_ref().map_or("the deployment", ResourceId::name)
    }
}

/// How an operation of Resource Manager ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// It was taken, or it ended well.
    Taken,
    /// The caller may not do it.
    Refused,
    /// A management lock is in the way.
    Locked,
    /// It failed for another reason.
    Failed,
}

/// An operation that somebody asked Resource Manager for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// What was asked for, as a role names it.
    pub action: &'static str,
    /// Of which resource.
    pub resource: ResourceId,
    /// When, where the Activity Log says it.
    pub at: Option<String>,
    /// Who asked, where that is known.
    pub principal: Option<ObjectId>,
    /// How it ended.
    pub outcome: Outcome,
}

/// The principal and the action that a refusal of Resource Manager names.
///
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting> (read 2026-11-21).
pub(crate) fn refused(message: &str) -> (Option<ObjectId>, Option<&str>) {
    let after = |marker: &str| {
        let rest = message.split_once(marker)?.1;
        Some(rest.split_once('\'')?.0)
    };
    let principal = after("with object id '").filter(|id| is_guid(id)).map(ObjectId::new);
    (principal, after("perform action '"))
}
