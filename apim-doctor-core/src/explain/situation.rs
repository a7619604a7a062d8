//! Reads from a text which request failed: who made it, what it was for, and which permission model decided.

use crate::explain::detail::Extracted;
use crate::explain::family::Trait;
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::smallest_role;
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

/// Messages about a machine alone.
const OF_MACHINES: [&str; 5] = [
    "backup.agent-unavailable",
    "backup.disallowed-by-policy",
    "backup.extension-failed",
    "backup.machine-state",
    "backup.snapshot-no-network",
];

/// Messages about the network of an instance alone.
const OF_INSTANCES: [&str; 2] = ["apim.activation-failed", "apim.management-endpoint-unreachable"];

/// A refusal by Resource Manager, which names the client and the action.
const MANAGEMENT: [&str; 7] = [
    "doesnothaveauthorizationtoperformaction",
    "doesnothavepermissiontoperformaction",
    "haspermissiontoperformaction",
    "linkedauthorizationfailed",
    "microsoft.authorization/roleassignments",
    "vaults/deploy/action",
    "listkeys",
];

/// The parts of a squeezed text, and what else is known of it.
struct Seen<'t> {
    /// The part of the message's id before the dot.
    service: &'t str,
    message: &'t str,
    extracted: &'t Extracted,
    traits: &'t [Trait],
    squeezed: &'t str,
}

impl Situation {
    /// Reads it from the message (if it is known), from what it names, and from the squeezed text around it.
    pub(super) fn of(message: Option<&str>, extracted: &Extracted, seen: &[Trait], squeezed: &str) -> Self {
        let message = message.unwrap_or_default();
        let service = message.split('.').next().unwrap_or_default();
        let seen = Seen { service, message, extracted, traits: seen, squeezed };
        let caller = seen.caller();
        let target = seen.target(caller);
        Self { caller, target, operation: seen.operation(caller, target), model: seen.model() }
    }
}

impl Seen<'_> {
    fn has(&self, marks: &[&str]) -> bool {
        marks.iter().any(|mark| self.squeezed.contains(mark))
    }

    fn says(&self, which: Trait) -> bool {
        self.traits.contains(&which)
    }

    /// Whether Resource Manager refused an action, so that services in the text are what it is about, and not callers.
    fn is_management(&self) -> bool {
        self.has(&MANAGEMENT) || ["roles", "deployment"].contains(&self.service)
    }

    fn is_cluster(&self) -> bool {
        const MARKS: [&str; 12] = [
            "kubelet",
            "kubernetes",
            "mountvolume",
            "failedmount",
            "secrets-store",
            ".csi.azure.com",
            "externalsecret",
            "system:serviceaccount",
            "workloadidentitycredential",
            "oidc.prod-aks.azure.com",
            "backupstoragelocation",
            "velero",
        ];
        const MESSAGES: [&str; 4] = [
            "backup.extension-identity",
            "backup.location-not-found",
            "backup.location-unavailable",
            "backup.store-not-valid",
        ];
        self.has(&MARKS) || MESSAGES.contains(&self.message)
    }

    fn is_operator(&self) -> bool {
        const MARKS: [&str; 18] = [
            "pulumi",
            "ansible",
            "##[error]",
            "##[debug]",
            "token.actions.githubusercontent.com",
            "vstoken.dev.azure.com",
            "azurecliloginby",
            "usingoidc",
            "azlogin",
            "azclilogin",
            "runningazurecli",
            "az:error",
            "get-az",
            "set-az",
            "new-az",
            "add-az",
            "backup-az",
            "storageexplorer",
        ];
        self.says(Trait::Terraform) || self.says(Trait::Deployment) || self.has(&MARKS)
    }

    fn caller(&self) -> Caller {
        const ENCRYPTION: [&str; 9] = [
            "ssemusererror",
            "customer-managedkey",
            "customermanagedkey",
            "transparentdataencryption",
            "keyvaultaccessforbidden",
            "diskencryption",
            "databox",
            "tdekey",
            "requiresthefollowingazurekeyvaultpermissions",
        ];
        const OTHER: [&str; 8] = [
            "datafactory",
            "hybriddeliveryexception",
            "adlsgen2operation",
            "synapse",
            "eventgrid",
            "workflowapp",
            "databricks",
            "logicapp",
        ];
        let backs_up_instance = self.message.starts_with("backup.apim")
            || (self.service == "apim" && self.message.contains("backup"))
            || self.has(&["backup-azapimanagement", "restore-azapimanagement"]);
        match self.service {
            _ if backs_up_instance => Caller::Kind(CallerKind::Backup),
            "apim" => Caller::Kind(CallerKind::ApiManagement),
            "app" if self.message.starts_with("app.certificate") => Caller::Kind(CallerKind::AppCertificate),
            "app" => Caller::Kind(CallerKind::App),
            "application-gateway" => Caller::Kind(CallerKind::ApplicationGateway),
            "container-apps" => Caller::ContainerApp,
            "roles" | "deployment" => Caller::Operator,
            _ if self.is_management() => {
                if self.is_operator() {
                    Caller::Operator
                } else {
                    Caller::Unknown
                }
            }
            _ if self.is_cluster() => Caller::Kubernetes,
            "backup" => Caller::Kind(CallerKind::RecoveryVault),
            _ if self.says(Trait::ApiManagement) => Caller::Kind(CallerKind::ApiManagement),
            _ if self.says(Trait::ApplicationGateway) => Caller::Kind(CallerKind::ApplicationGateway),
            _ if self.says(Trait::ContainerApps) => Caller::ContainerApp,
            _ if self.says(Trait::AppService) || self.says(Trait::ContentShare) => Caller::Kind(CallerKind::App),
            _ if self.says(Trait::Backup) || self.has(&["usererrorcmk", "usererrorkeyvault"]) => {
                Caller::Kind(CallerKind::RecoveryVault)
            }
            _ if self.has(&ENCRYPTION) => Caller::Encryption,
            _ if self.is_operator() => Caller::Operator,
            _ if self.has(&OTHER) => Caller::OtherService,
            _ => Caller::Unknown,
        }
    }

    fn target(&self, caller: Caller) -> Target {
        const VAULT: [&str; 5] = ["keyvault", "vaultcore", "akv10", "usererrorcmk", "ssemusererror"];
        const STORAGE: [&str; 15] = [
            "storageaccount",
            "storageaccounts",
            "azurewebjobsstorage",
            "blobstorage",
            "fileshare",
            "contentshare",
            ".core.windows",
            "azure.storage",
            "azblob",
            "blobservice",
            "adlsgen2",
            "storageexplorer",
            "authorizationpermissionmismatch",
            "notauthorizedtoperformthisoperation",
            "publicaccessnotpermitted",
        ];
        let names_vault = self.extracted.contains_key("vault") || self.extracted.contains_key("host");
        let names_account = self.extracted.contains_key("account");
        let (vault, storage) = (self.has(&VAULT), self.has(&STORAGE) || self.service == "storage");
        let of_storage = Target::Storage(self.storage_service());
        let of_vault = Target::Vault(self.object(caller));
        match self.service {
            _ if OF_MACHINES.contains(&self.message) || OF_INSTANCES.contains(&self.message) => Target::Nothing,
            _ if self.is_management() && !self.is_parameter() => Target::ResourceManager,
            _ if caller == Caller::Kind(CallerKind::Backup) => of_storage,
            "storage" => of_storage,
            "key-vault" => of_vault,
            _ if names_vault => of_vault,
            _ if names_account => of_storage,
            _ if caller == Caller::Encryption => of_vault,
            _ if self.message.starts_with("app.reference") || self.message.starts_with("application-gateway") => {
                of_vault
            }
            _ if vault && !storage => of_vault,
            _ if storage && !vault => of_storage,
            _ if vault => Target::Unknown,
            "backup" if caller == Caller::Kind(CallerKind::RecoveryVault) => Target::RecoveryVault,
            _ if self.asks_for_token() => Target::Entra,
            _ => Target::Unknown,
        }
    }

    /// Whether Resource Manager reads a secret of a vault as a parameter of a deployment.
    fn is_parameter(&self) -> bool {
        self.message.starts_with("deployment.key-vault") && self.message != "deployment.key-vault-deploy-action"
    }

    fn asks_for_token(&self) -> bool {
        const MARKS: [&str; 9] = [
            "aadsts",
            "managedidentity",
            "credential",
            "msiendpoint",
            "msi_endpoint",
            "identity_endpoint",
            "169.254.169.254",
            "login.microsoftonline.",
            "federatedidentity",
        ];
        self.service == "identity" || self.has(&MARKS)
    }

    fn storage_service(&self) -> Option<Subservice> {
        if let Some(service) = self.extracted.get("service") {
            return Subservice::STORAGE.into_iter().find(|known| known.group_id().eq_ignore_ascii_case(service));
        }
        let marks = [
            (Subservice::Queue, ["queueclient", "queueservice", "queueproperties"]),
            (Subservice::Table, ["tableclient", "tableservice", "tableproperties"]),
            (Subservice::File, ["fileshare", "shareclient", "contentshare"]),
            (Subservice::Blob, ["blob", "containers.client", "adlsgen2"]),
        ];
        marks.into_iter().find(|(_, marks)| self.has(marks)).map(|(service, _)| service)
    }

    fn object(&self, caller: Caller) -> Option<Object> {
        let named = self.extracted.get("object").and_then(|object| object.split_once('/')).map(|(kind, _)| kind);
        let marks = [
            (
                Object::Key,
                ["vaults/keys/", "usererrorcmk", "wrapkey", "getkey", "errorcmk", "ssemusererror", "doesnothavekeys"],
            ),
            (
                Object::Certificate,
                [
                    "vaults/certificates/",
                    "certificatenotfound",
                    "importcertificate",
                    "getcertificate",
                    "acertificatewith",
                    "certificateclient",
                    "doesnothavecertificates",
                ],
            ),
            (
                Object::Secret,
                [
                    "vaults/secrets/",
                    "getsecret",
                    "secretnotfound",
                    "secretclient",
                    "keyvaultsecret",
                    "doesnothavesecrets",
                    "disabledsecret",
                ],
            ),
        ];
        let seen = || marks.into_iter().find(|(_, marks)| self.has(marks)).map(|(object, _)| object);
        match (caller, named) {
            (Caller::Encryption, _) => Some(Object::Key),
            // They read the secret behind a certificate.
            (Caller::Kind(CallerKind::ApiManagement | CallerKind::App | CallerKind::ApplicationGateway), _)
            | (Caller::ContainerApp, _) => Some(Object::Secret),
            (_, Some("keys")) => Some(Object::Key),
            (_, Some("certificates")) => Some(Object::Certificate),
            (_, Some("secrets")) => Some(Object::Secret),
            _ => seen(),
        }
    }

    fn operation(&self, caller: Caller, target: Target) -> Operation {
        match target {
            Target::Vault(Some(object)) => match self.permission() {
                Some("get") if object == Object::Key && caller.encrypts() => Operation::UseKey,
                Some("get") => Operation::Read,
                Some("wrapKey" | "unwrapKey") => Operation::UseKey,
                Some(other) => Operation::OnObject(other),
                None if object == Object::Key => Operation::UseKey,
                None => Operation::Read,
            },
            Target::Storage(_) if self.has(&["azurewebjobs"]) => Operation::HostData,
            Target::Storage(_) => Operation::Data,
            Target::ResourceManager if self.has(&["listkeys"]) => Operation::ListKeys,
            Target::ResourceManager => {
                self.extracted.get("action").map_or(Operation::Unknown, |action| Operation::Manage(action.clone()))
            }
            Target::Entra => Operation::Token,
            _ if self.asks_for_token() => Operation::Token,
            _ => Operation::Unknown,
        }
    }

    /// The permission that a vault misses, under its name in access policies. Both the refusal of a vault with access
    /// policies ("does not have secrets get permission") and the data action of one with role assignments name it.
    fn permission(&self) -> Option<&'static str> {
        const PERMISSIONS: [(&str, &str, &str); 22] = [
            ("get", "getsecret/action", "getpermission"),
            ("set", "setsecret/action", "setpermission"),
            ("list", "secrets/readmetadata/action", "listpermission"),
            ("delete", "secrets/delete", "deletepermission"),
            ("recover", "secrets/recover/action", "recoverpermission"),
            ("purge", "secrets/purge/action", "purgepermission"),
            ("backup", "secrets/backup/action", "backuppermission"),
            ("restore", "secrets/restore/action", "restorepermission"),
            ("import", "certificates/import/action", "importpermission"),
            ("create", "certificates/create/action", "createpermission"),
            ("update", "certificates/update/action", "updatepermission"),
            ("get", "certificates/read", "getpermission"),
            ("delete", "certificates/delete", "deletepermission"),
            ("create", "keys/create/action", "createpermission"),
            ("delete", "keys/delete", "deletepermission"),
            ("get", "keys/read", "getpermission"),
            ("wrapKey", "keys/wrap/action", "wrapkeypermission"),
            ("unwrapKey", "keys/unwrap/action", "unwrapkeypermission"),
            ("encrypt", "keys/encrypt/action", "encryptpermission"),
            ("decrypt", "keys/decrypt/action", "decryptpermission"),
            ("sign", "keys/sign/action", "signpermission"),
            ("verify", "keys/verify/action", "verifypermission"),
        ];
        let found = PERMISSIONS.iter().find(|(_, action, policy)| self.has(&[action, policy]));
        found.map(|(permission, _, _)| *permission)
    }

    fn model(&self) -> Model {
        const ROLES: [&str; 4] =
            ["forbiddenbyrbac", "assignment:(notfound)", "assignment:/", "isnotauthorizedtoperformactiononresource"];
        const POLICIES: [&str; 4] =
            ["forbiddenbypolicy", "notfoundonanyaccesspolicy", "permissiononkeyvault", "notallowedbyvaultpolicy"];
        match (self.has(&ROLES), self.has(&POLICIES)) {
            (true, false) => Model::Roles,
            (false, true) => Model::Policies,
            _ => Model::Unknown,
        }
    }
}

impl Situation {
    /// The built-in role that allows the operation, if the text shows which that is.
    ///
    /// Sources: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide>,
    /// <https://learn.microsoft.com/azure/storage/blobs/assign-azure-role-data-access> and
    /// <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> (read 2026-12-01).
    pub(super) fn role(&self) -> Option<&'static str> {
        Some(match (self.target, &self.operation) {
            _ if self.caller == Caller::Kind(CallerKind::AppCertificate) => "Key Vault Certificate User",
            (Target::Vault(Some(Object::Secret)), Operation::Read | Operation::OnObject("list")) => {
                "Key Vault Secrets User"
            }
            (Target::Vault(Some(Object::Secret)), _) => "Key Vault Secrets Officer",
            (Target::Vault(Some(Object::Certificate)), Operation::Read | Operation::OnObject("list")) => {
                "Key Vault Certificate User"
            }
            (Target::Vault(Some(Object::Certificate)), _) => "Key Vault Certificates Officer",
            (Target::Vault(Some(Object::Key)), Operation::UseKey) if self.caller.encrypts() => {
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
                return management_role("Microsoft.Storage/storageAccounts/listKeys/action");
            }
            (Target::ResourceManager, Operation::Manage(action)) => return management_role(action),
            _ => return None,
        })
    }

    /// The options of `az keyvault set-policy` that allow the operation.
    pub(super) fn permissions(&self) -> String {
        let Target::Vault(object) = self.target else { return "--secret-permissions get".to_owned() };
        match (object, &self.operation) {
            _ if self.caller == Caller::Kind(CallerKind::AppCertificate) => {
                "--secret-permissions get --certificate-permissions get".to_owned()
            }
            (Some(Object::Key), Operation::UseKey) => "--key-permissions get wrapKey unwrapKey".to_owned(),
            (object, Operation::OnObject(permission)) => format!("{} {permission}", option(object)),
            (object, _) => format!("{} get", option(object)),
        }
    }
}

/// The smallest built-in role for a management action.
fn management_role(action: &str) -> Option<&'static str> {
    smallest_role::smallest(&[action], &[]).map(|role| role.name)
}

/// The option of `az keyvault set-policy` for a kind of object.
fn option(object: Option<Object>) -> &'static str {
    match object {
        Some(Object::Key) => "--key-permissions",
        Some(Object::Certificate) => "--certificate-permissions",
        _ => "--secret-permissions",
    }
}
