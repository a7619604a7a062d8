//! Reads from a text which request failed.

use crate::explain::detail::Extracted;
use crate::explain::detail::Trait;
use crate::explain::situation::{Caller, Model, Object, Operation, Situation, Target};
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::subservice::Subservice;

/// Messages about a machine alone.
const OF_MACHINES: [&str; 5] = [
    "backup.agent-unavailable",
    "backup.disallowed-by-policy",
    "backup.extension-failed",
    "backup.machine-state",
    "backup.snapshot-no-network",
];

/// Messages that other services print in the same words: only the rest of the text tells whose they are.
const SHARED: [&str; 5] = [
    "apim.backup-bad-request",
    "app.internal-server-error",
    "key-vault.bare-forbidden",
    "key-vault.bare-not-found",
    "key-vault.bare-status-403",
];

/// Messages about the network of an instance alone.
const OF_INSTANCES: [&str; 2] = ["apim.activation-failed", "apim.management-endpoint-unreachable"];

/// A refusal by Resource Manager, which names the client and the action.
const MANAGEMENT: [&str; 9] = [
    "doesnothaveauthorizationtoperformaction",
    "doesnothavepermissiontoperformaction",
    "haspermissiontoperformaction",
    "linkedauthorizationfailed",
    "microsoft.authorization/roleassignments",
    "vaults/deploy/action",
    "storageaccounts/listkeys",
    "accountsclient#listkeys",
    "retrievingkeysforstorageaccount",
];

/// What a client needs to wait for the end of a backup of an instance.
/// Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> (read
/// 2026-11-29).
const POLL: &str = "Microsoft.ApiManagement/service/operationresults/read";

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
    pub(in crate::explain) fn of(message: Option<&str>, extracted: &Extracted, seen: &[Trait], squeezed: &str) -> Self {
        let message = message.filter(|message| !SHARED.contains(message)).unwrap_or_default();
        let service = message.split('.').next().unwrap_or_default();
        let seen = Seen { service, message, extracted, traits: seen, squeezed };
        let caller = seen.caller();
        let target = seen.target(caller);
        Self::new(caller, target, seen.operation(caller, target), seen.model())
    }
}

impl Seen<'_> {
    fn has(&self, marks: &[&str]) -> bool {
        marks.iter().any(|mark| self.squeezed.contains(mark))
    }

    fn says(&self, which: Trait) -> bool {
        self.traits.contains(&which)
    }

    /// Whether Resource Manager refused an action. Services that such a text names are not callers.
    fn is_management(&self) -> bool {
        self.has(&MANAGEMENT) || ["roles", "deployment"].contains(&self.service)
    }

    /// Whether the person who started a backup of an instance may not wait for its end.
    fn is_poll(&self) -> bool {
        self.message == "apim.backup-not-awaited"
            || (self.has(&["-azapimanagement:"]) && self.has(&["longrunningoperationfailedwithstatusforbidden"]))
    }

    fn is_cluster(&self) -> bool {
        const MARKS: [&str; 11] = [
            "kubelet",
            "kubernetes",
            "mountvolume",
            "failedmount",
            "secrets-store",
            ".csi.azure.com",
            "externalsecret",
            "system:serviceaccount",
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
        const ENCRYPTION: [&str; 8] = [
            "ssemusererror",
            "customer-managedkey",
            "customermanagedkey",
            "transparentdataencryption",
            "keyvaultaccessforbidden",
            "diskencryption",
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
            _ if self.is_poll() => Caller::Operator,
            _ if backs_up_instance => Caller::Kind(CallerKind::Backup),
            "apim" => Caller::Kind(CallerKind::ApiManagement),
            "app" if self.message.starts_with("app.certificate") => Caller::Kind(CallerKind::AppCertificate),
            "app" => Caller::Kind(CallerKind::App),
            "application-gateway" => Caller::Kind(CallerKind::ApplicationGateway),
            "container-apps" => Caller::ContainerApp,
            "cosmos-db" | "data-box" | "sql" => Caller::Encryption,
            "data-factory" => Caller::OtherService,
            "kubernetes" => Caller::Kubernetes,
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
            _ if self.is_poll() => Target::ResourceManager,
            _ if self.is_management() && !self.is_parameter() => Target::ResourceManager,
            _ if caller == Caller::Kind(CallerKind::Backup) => of_storage,
            "storage" => of_storage,
            "key-vault" => of_vault,
            _ if names_vault => of_vault,
            _ if names_account => of_storage,
            _ if caller.calls_vaults() || self.message.starts_with("app.reference") => of_vault,
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
        let marks: [(Object, &[&str]); 3] = [
            (
                Object::Key,
                &["vaults/keys/", "errorcmk", "wrapkey", "getkey", "ssemusererror", "doesnothavekeys", "keyoperation"],
            ),
            (
                Object::Certificate,
                &[
                    "vaults/certificates/",
                    "certificatenotfound",
                    "certificateexpired",
                    "importcertificate",
                    "getcertificate",
                    "acertificatewith",
                    "certificateclient",
                    "doesnothavecertificates",
                ],
            ),
            (
                Object::Secret,
                &[
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
            (Caller::Kind(CallerKind::AppCertificate), _) => Some(Object::Certificate),
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
            Target::Vault(_) if self.has(&["keyvaultpermissionsnotconfigured", "encryptedvirtualmachine"]) => {
                Operation::BackUp
            }
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
            Target::ResourceManager if self.is_poll() => Operation::Manage(POLL.to_owned()),
            Target::ResourceManager if self.has(&["listkeys", "keysforstorageaccount"]) => Operation::ListKeys,
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
