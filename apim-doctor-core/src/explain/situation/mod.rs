//! The request that a text is about: who made it, what it was for, and which permission model decided.

mod read;
mod sentence;
#[cfg(test)]
mod tests;

use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::management_roles::smallest_own_role;
use crate::knowledge::subservice::Subservice;

/// A request, as far as a text shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Situation {
    /// Who made the request.
    pub caller: Caller,
    /// What the request was made to.
    pub target: Target,
    /// What it asked for.
    pub operation: Operation,
    /// How the vault decides who may do what.
    pub model: Model,
    /// The built-in role that allows the operation, if the text shows which that is.
    pub role: Option<&'static str>,
}

/// Who makes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A resource of a kind that apim-doctor evaluates.
    Kind(CallerKind),
    /// A container app.
    ContainerApp,
    /// A pod, or a driver or operator of a cluster.
    Kubernetes,
    /// A person or a pipeline: the Azure CLI, PowerShell, Terraform, GitHub Actions, …
    Operator,
    /// A Microsoft service that encrypts with a customer-managed key.
    Encryption,
    /// Another Azure service.
    OtherService,
    /// The text does not show it.
    Unknown,
}

impl Caller {
    /// Whether vaults are all that it is known to call.
    fn calls_vaults(self) -> bool {
        matches!(self, Caller::Encryption | Caller::Kind(CallerKind::AppCertificate | CallerKind::ApplicationGateway))
    }

    /// Whether it uses keys of a vault to encrypt data that it keeps.
    fn encrypts(self) -> bool {
        matches!(self, Caller::Encryption | Caller::Kind(CallerKind::RecoveryVault))
    }
}

/// What a request is made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A key vault, and the kind of object in it, if the text shows that.
    Vault(Option<Object>),
    /// A storage account, and which of its services, if the text shows that.
    Storage(Option<Subservice>),
    /// A Recovery Services vault.
    RecoveryVault,
    /// Azure Resource Manager.
    ResourceManager,
    /// Microsoft Entra, or the endpoint that hands out its tokens.
    Entra,
    /// Nothing: the message is about a machine or a network alone.
    Nothing,
    /// The text does not show it.
    Unknown,
}

/// A kind of object in a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Object {
    Secret,
    Certificate,
    Key,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// To read an object of a vault.
    Read,
    /// To wrap and unwrap with a key, as services do that encrypt data.
    UseKey,
    /// To back up the keys and secrets of encrypted machines.
    BackUp,
    /// Another operation on an object of a vault, under its name in access policies: `set`.
    OnObject(&'static str),
    /// To read or write the content of a storage account.
    Data,
    /// The same for the state of a Functions host, which needs more.
    HostData,
    /// To list the keys of a storage account.
    ListKeys,
    /// A management action: `Microsoft.KeyVault/vaults/write`.
    Manage(String),
    /// A token.
    Token,
    /// The text does not show it.
    Unknown,
}

/// How a vault decides who may do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// Role assignments (Azure RBAC).
    Roles,
    /// Access policies.
    Policies,
    /// The text does not show it.
    Unknown,
}

impl Situation {
    /// Describes a request; its role follows from the rest.
    pub(super) fn new(caller: Caller, target: Target, operation: Operation, model: Model) -> Self {
        let role = role_for(caller, target, &operation);
        Self { caller, target, operation, model, role }
    }

    /// The options of `az keyvault set-policy` that allow the operation.
    pub(super) fn permissions(&self) -> String {
        let Target::Vault(object) = self.target else { return "--secret-permissions get".to_owned() };
        match (object, &self.operation) {
            _ if self.caller == Caller::Kind(CallerKind::AppCertificate) => {
                "--secret-permissions get --certificate-permissions get".to_owned()
            }
            (_, Operation::BackUp) => {
                "--secret-permissions get list backup --key-permissions get list backup".to_owned()
            }
            (Some(Object::Key), Operation::UseKey) if self.caller == Caller::Kind(CallerKind::RecoveryVault) => {
                "--key-permissions get list wrapKey unwrapKey".to_owned()
            }
            (Some(Object::Key), Operation::UseKey) => "--key-permissions get wrapKey unwrapKey".to_owned(),
            (object, Operation::OnObject(permission)) => format!("{} {permission}", option(object)),
            (object, _) => format!("{} get", option(object)),
        }
    }
}

/// Finds the built-in role that allows the operation.
///
/// Sources: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide>,
/// <https://learn.microsoft.com/azure/storage/blobs/assign-azure-role-data-access>,
/// <https://learn.microsoft.com/azure/azure-functions/functions-reference>,
/// <https://learn.microsoft.com/azure/backup/backup-azure-vms-encryption> and
/// <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> (read 2026-12-01).
fn role_for(caller: Caller, target: Target, operation: &Operation) -> Option<&'static str> {
    Some(match (target, operation) {
        (Target::Vault(_), _) if caller == Caller::Kind(CallerKind::AppCertificate) => "Key Vault Certificate User",
        (Target::Vault(_), Operation::BackUp) => "Key Vault Administrator",
        (Target::Vault(Some(Object::Secret)), Operation::Read | Operation::OnObject("list")) => {
            "Key Vault Secrets User"
        }
        (Target::Vault(Some(Object::Secret)), _) => "Key Vault Secrets Officer",
        (Target::Vault(Some(Object::Certificate)), Operation::Read | Operation::OnObject("list")) => {
            "Key Vault Certificate User"
        }
        (Target::Vault(Some(Object::Certificate)), _) => "Key Vault Certificates Officer",
        (Target::Vault(Some(Object::Key)), Operation::UseKey) if caller.encrypts() => {
            "Key Vault Crypto Service Encryption User"
        }
        (
            Target::Vault(Some(Object::Key)),
            Operation::Read
            | Operation::UseKey
            | Operation::OnObject("list" | "encrypt" | "decrypt" | "sign" | "verify"),
        ) => "Key Vault Crypto User",
        (Target::Vault(Some(Object::Key)), _) => "Key Vault Crypto Officer",
        (Target::Storage(Some(Subservice::Blob)), Operation::HostData) => "Storage Blob Data Owner",
        (Target::Storage(Some(Subservice::Blob)), _) => "Storage Blob Data Contributor",
        (Target::Storage(Some(Subservice::Queue)), _) => "Storage Queue Data Contributor",
        (Target::Storage(Some(Subservice::Table)), _) => "Storage Table Data Contributor",
        (Target::Storage(Some(Subservice::File)), _) => "Storage File Data Privileged Contributor",
        (Target::ResourceManager, Operation::ListKeys) => {
            return smallest_own_role("Microsoft.Storage/storageAccounts/listKeys/action");
        }
        (Target::ResourceManager, Operation::Manage(action)) => return smallest_own_role(action),
        _ => return None,
    })
}

/// The option of `az keyvault set-policy` for a kind of object.
fn option(object: Option<Object>) -> &'static str {
    match object {
        Some(Object::Key) => "--key-permissions",
        Some(Object::Certificate) => "--certificate-permissions",
        _ => "--secret-permissions",
    }
}
