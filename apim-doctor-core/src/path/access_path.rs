//! One attempt to reach a vault or a storage account, as a consumer declares it.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::base::{ObjectId, ResourceId, Verdict};
use crate::eval::access_policy::ObjectKind;
use crate::eval::app_routing::Integration;
use crate::finding::Locator;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::data_plane;
use crate::knowledge::first_party::FirstParty;
use crate::knowledge::subservice::Subservice;
use crate::knowledge::trust::TrustRule;
use crate::model::backup::{BACKUP_ACTION, RESTORE_ACTION};
use crate::model::reference::Reference;
use crate::model::{Gap, setting};

/// When the access happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// While a policy handles a request.
    Runtime,
    /// At every refresh.
    Rotation,
    /// When somebody asks for the operation.
    Operation,
}

impl Moment {
    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Moment::Runtime => "runtime",
            Moment::Rotation => "rotation",
            Moment::Operation => "operation",
        }
    }
}

/// Where requests leave from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    /// The platform, outside every customer network.
    ControlPlane,
    /// The caller's own public addresses.
    PublicEgress(&'static Outside),
    /// A subnet of the customer.
    Subnet {
        /// The subnet.
        id: ResourceId,
        /// The region.
        location: Option<String>,
        /// How an app uses it; absent: the caller stands in it with everything it sends.
        integration: Option<Box<Integration>>,
    },
    /// Not documented.
    Undetermined(Gap),
}

impl Origin {
    /// Its name in reports.
    pub(crate) fn name(&self) -> &str {
        match self {
            Origin::ControlPlane => "platform",
            Origin::PublicEgress(_) => "public",
            Origin::Subnet { id, .. } => id.as_str(),
            Origin::Undetermined(_) => "undetermined",
        }
    }
}

/// How a caller says that its requests enter no network of the customer.
#[derive(Debug, PartialEq)]
pub(crate) struct Outside {
    /// The property that says it.
    pub at: &'static str,
    /// What follows for names.
    pub asks: &'static str,
    /// What follows for packets.
    pub reaches: &'static str,
}

impl Outside {
    /// An API Management instance, or one of its locations.
    pub(crate) const INSTANCE: Outside = Outside {
        at: "/properties/virtualNetworkType",
        asks: "the instance is not in a virtual network and uses public DNS",
        reaches: "the instance can reach every public endpoint; its traffic does not pass a subnet",
    };
    /// An app.
    pub(crate) const APP: Outside = Outside {
        at: "/properties/virtualNetworkSubnetId",
        asks: "this traffic of the app does not enter a virtual network and uses public DNS",
        reaches: "this traffic of the app leaves from its public addresses and does not pass a subnet",
    };
}

/// How an identifier is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `https://{vault}/secrets/{name}`.
    Identifier,
    /// `@Microsoft.KeyVault(…)`, the value of an app's setting.
    Setting,
    /// `https://{account}.{service}.{suffix}[/{container or share}]`.
    Storage,
}

/// The credential that a caller presents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Credential {
    /// The system-assigned identity, which is used where nothing selects another.
    SystemAssigned,
    /// The managed identity with this client id.
    ManagedIdentity {
        /// The client id, as it was written.
        client_id: ObjectId,
    },
    /// The managed identity with this resource id.
    UserAssigned(ResourceId),
    /// The platform calls in its own name.
    FirstParty(&'static FirstParty),
    /// The key of the storage account.
    AccountKey,
    /// Not known: a fact that cannot be evaluated from here selects it.
    Undetermined(Gap),
}

/// What a consumer does with its target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wants {
    /// Reads any secret of a vault.
    AnySecret,
    /// Reads a certificate with its private key, which a vault keeps as a secret: a PKCS#12 file.
    CertificateWithKey,
    /// Sends a request of its own to a vault: the operation, if it is known.
    Request(Result<data_plane::Operation, Gap>),
    /// Uses keys and secrets of a vault for backups.
    Objects(Vec<Need>),
    /// Nothing: this is about the resource itself, and not about an access.
    Nothing,
    /// Uses what a service of a storage account holds.
    Data {
        /// The service.
        service: Subservice,
        /// What it does there.
        access: DataAccess,
    },
}

/// A permission on an object of a vault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Need {
    /// The kind of object.
    pub kind: ObjectKind,
    /// The object's name; empty: any object of this kind.
    pub name: String,
    /// The version that is used, if one is named.
    pub version: Option<String>,
    /// The data action of a role that allows it.
    pub action: &'static str,
    /// The permission of an access policy.
    pub permission: &'static str,
    /// Why an access policy may do without it.
    pub contested: Option<&'static str>,
}

/// What a consumer does with the data of a storage account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DataAccess {
    /// Reads it.
    Read,
    /// Reads and writes it.
    Write,
}

/// One attempt to reach a vault or a storage account, as a consumer declares it.
#[derive(Clone, Debug)]
pub(crate) struct AccessPath {
    /// Which feature.
    pub consumer: ConsumerKind,
    /// The caller.
    pub resource: ResourceId,
    /// What its owner calls it.
    pub label: String,
    /// Where it is declared.
    pub declared_at: Locator,
    /// When it happens.
    pub moment: Moment,
    /// The identifier, as it was written.
    pub reference: String,
    /// How it is written.
    pub form: Form,
    /// What the caller shows.
    pub credential: Credential,
    /// Where that is selected.
    pub credential_at: Locator,
    /// The audience a policy asks a token for, where it names one.
    pub audience: Option<String>,
    /// Where requests leave from.
    pub origin: Origin,
    /// The region, where the instance has several.
    pub location: Option<String>,
    /// Which of its calls the trusted-services exception of a vault covers.
    pub trust: TrustRule,
    /// What it will take.
    pub wants: Wants,
    /// The instance's public addresses.
    pub addresses: Vec<IpAddr>,
    /// When the certificate that is served now ends, where it is one.
    pub expiry: Option<Timestamp>,
    /// How the last refresh went.
    pub last: Option<LastRefresh>,
    /// The tier or the place does not support this.
    pub unsupported: Option<&'static str>,
    /// Whether the service takes what is written for a reference at all.
    pub recognized: Result<(), Gap>,
    /// Why it is not certain that the consumer ever does this.
    pub doubt: Option<Gap>,
    /// Another setting for the same connection, which comes first or may come first.
    pub shadow: Option<Box<Shadow>>,
    /// The backup or restore that it is part of.
    pub backup: Option<Box<BackupCall>>,
}

/// A request for a backup or a restore of an API Management instance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BackupCall {
    /// The request, as a resource inside the instance.
    pub request: ResourceId,
    /// Whether it is a restore.
    pub restores: bool,
    /// The storage account that it names.
    pub account: String,
    /// The container that it names.
    pub container: String,
    /// The blob that it names.
    pub blob: String,
    /// Whether its name for the blob is known; a script may compute it.
    pub is_blob_known: bool,
    /// Why it brings nothing that opens the storage account.
    pub no_access: Option<NoAccess>,
}

/// Why a request brings nothing that opens its storage account.
///
/// Sources: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> and
/// <https://github.com/Azure/azure-powershell> (`BackupAzureApiManagement.cs`; both read 2026-11-21).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NoAccess {
    /// It has neither an access type nor a key.
    Omitted,
    /// It needs a key, and the storage context of the cmdlet was made without one.
    ContextWithoutKey,
    /// It needs a key, and the storage context of the cmdlet has something else.
    ContextWith(&'static str),
    /// It asks for `AccessKey` and has no key.
    KeyMissing,
    /// The access type is not written as the cmdlet compares it.
    Case(String),
    /// Its api-version does not know access by identity yet.
    OldVersion(String),
    /// The version of the PowerShell module does not know it yet.
    OldModule(String),
}

impl NoAccess {
    /// Whether it is certain to fail; what follows from the others is only inferred.
    pub(crate) fn is_certain(&self) -> bool {
        matches!(self, Self::Omitted | Self::ContextWithoutKey)
    }

    /// The fact.
    pub(crate) fn says(&self) -> String {
        match self {
            Self::Omitted => {
                "the request has neither `accessType` nor `accessKey`, so the service expects a key".to_owned()
            }
            Self::ContextWithoutKey => {
                "without an identity as access type the cmdlet needs an account key, and the storage context has none"
                    .to_owned()
            }
            Self::ContextWith(what) => format!(
                "without an identity as access type the cmdlet needs an account key, and the storage context has {what}"
            ),
            Self::KeyMissing => "the request asks for access with a key and has no key".to_owned(),
            Self::Case(written) => {
                format!(
                    "the cmdlet compares the access type with regard to case, and `{written}` is none of its values"
                )
            }
            Self::OldVersion(version) => {
                format!("api-version {version} is older than 2021-04-01-preview, the first with access by identity")
            }
            Self::OldModule(version) => {
                format!("Az.ApiManagement {version} has no `-AccessType`: it uses account keys only")
            }
        }
    }
}

impl BackupCall {
    /// What it names, by a pointer into the body; empty: that is not known.
    pub(crate) fn value(&self, pointer: &str) -> &str {
        match pointer {
            "/storageAccount" => &self.account,
            "/containerName" => &self.container,
            _ => &self.blob,
        }
    }

    /// What its caller has to be allowed.
    pub(crate) fn action(&self) -> &'static str {
        if self.restores { RESTORE_ACTION } else { BACKUP_ACTION }
    }

    /// Its noun in a sentence.
    pub(crate) fn noun(&self) -> &'static str {
        if self.restores { "restore" } else { "backup" }
    }
}

/// A setting that hides the other settings of a connection.
///
/// Sources: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-29), and for the order
/// the source code of the host (`IConfigurationExtensions.GetWebJobsConnectionSection`, Azure/azure-webjobs-sdk).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shadow {
    /// The setting that hides the others.
    pub setting: String,
    /// Where it stands.
    pub at: Locator,
    /// What it hides, as a person would write it.
    pub hidden: String,
    /// What follows from it: `Fail` where the setting cannot work, `Unknown` where it may not count or may not work,
    /// `Pass` where it is used instead.
    pub verdict: Verdict,
    /// Why it does that, as a sentence about it.
    pub why: &'static str,
}

/// How the last refresh went.
#[derive(Clone, Debug)]
pub(crate) struct LastRefresh {
    /// Whether it worked.
    pub succeeded: bool,
    /// What was said.
    pub message: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Where that stands.
    pub locator: Locator,
}

impl AccessPath {
    /// Which kind of object the operation reads.
    pub(crate) fn object_kind(&self, reference: Option<&Reference>) -> ObjectKind {
        match (&self.wants, reference.map(|r| r.kind.as_str())) {
            (Wants::Request(_), Some("certificates")) => ObjectKind::Certificate,
            (Wants::Request(_) | Wants::Objects(_), Some("keys")) => ObjectKind::Key,
            _ => ObjectKind::Secret,
        }
    }
}

impl AccessPath {
    /// The name of the setting or property, where several services hang on one.
    pub(crate) fn connection(&self) -> &str {
        self.label.rsplit_once('/').map_or(&self.label, |(connection, _)| connection)
    }

    /// What it needs of a vault's objects, if it is a backup.
    pub(crate) fn needs(&self) -> &[Need] {
        match &self.wants {
            Wants::Objects(needs) => needs,
            _ => &[],
        }
    }

    /// Whether it is about the resource itself, and not about an access.
    pub(crate) fn is_about_resource(&self) -> bool {
        self.wants == Wants::Nothing
    }

    /// Whether it is a Recovery Services vault's use of its customer-managed key.
    pub(crate) fn is_vault_encryption(&self) -> bool {
        let by_vault = !matches!(self.credential, Credential::FirstParty(_));
        self.consumer == ConsumerKind::AzureBackup && by_vault && !self.is_about_resource()
    }

    /// Whether it fetches the package at the URL in a setting.
    pub(crate) fn is_package(&self) -> bool {
        self.form == Form::Storage && setting::is_package(self.connection())
    }

    /// The client id that selects an identity.
    pub(crate) fn client_id(&self) -> Option<&ObjectId> {
        match &self.credential {
            Credential::ManagedIdentity { client_id } => Some(client_id),
            Credential::SystemAssigned
            | Credential::UserAssigned(_)
            | Credential::FirstParty(_)
            | Credential::AccountKey
            | Credential::Undetermined(_) => None,
        }
    }

    /// What kind of resource calls.
    pub(crate) fn caller_kind(&self) -> CallerKind {
        self.consumer.caller()
    }

    /// What calls, in words.
    pub(crate) fn caller(&self) -> &'static str {
        self.caller_kind().facts().noun
    }

    /// The Azure service that fetches, in words.
    pub(crate) fn service(&self) -> &'static str {
        self.caller_kind().facts().service
    }

    /// The action that has to be allowed.
    pub(crate) fn action(&self, reference: Option<&Reference>) -> &'static str {
        match &self.wants {
            Wants::Data { service, access } => data_action(*service, *access),
            Wants::Request(Ok(operation)) => operation.action,
            Wants::Request(Err(_))
            | Wants::AnySecret
            | Wants::CertificateWithKey
            | Wants::Objects(_)
            | Wants::Nothing => action(self.object_kind(reference)),
        }
    }

    /// The actions that are known to be needed.
    pub(crate) fn actions(&self, reference: Option<&Reference>) -> Vec<&'static str> {
        match &self.wants {
            Wants::Request(Err(_)) | Wants::Nothing => Vec::new(),
            Wants::Objects(needs) => {
                let mut actions: Vec<&str> = needs.iter().map(|need| need.action).collect();
                actions.sort_unstable();
                actions.dedup();
                actions
            }
            Wants::Request(Ok(_)) | Wants::AnySecret | Wants::CertificateWithKey | Wants::Data { .. } => {
                vec![self.action(reference)]
            }
        }
    }

    /// The permission that an access policy has to hold.
    pub(crate) fn permission(&self) -> &'static str {
        match &self.wants {
            Wants::Request(Ok(operation)) => operation.permission,
            Wants::Request(Err(_))
            | Wants::AnySecret
            | Wants::CertificateWithKey
            | Wants::Objects(_)
            | Wants::Nothing
            | Wants::Data { .. } => "get",
        }
    }
}

/// The data action that a Functions host needs of a service, or that reads a package.
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/permissions/storage> (read 2026-11-22).
fn data_action(service: Subservice, access: DataAccess) -> &'static str {
    match service {
        Subservice::Blob if access == DataAccess::Read => {
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
        }
        Subservice::Queue => "Microsoft.Storage/storageAccounts/queueServices/queues/messages/write",
        Subservice::Table => "Microsoft.Storage/storageAccounts/tableServices/tables/entities/write",
        Subservice::File => "Microsoft.Storage/storageAccounts/fileServices/fileshares/files/write",
        Subservice::Blob | Subservice::Vault => "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    }
}

/// The data action that reading needs.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide> (read 2026-11-21).
pub(crate) fn action(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Secret => "Microsoft.KeyVault/vaults/secrets/getSecret/action",
        ObjectKind::Certificate => "Microsoft.KeyVault/vaults/certificates/read",
        ObjectKind::Key => "Microsoft.KeyVault/vaults/keys/read",
    }
}
