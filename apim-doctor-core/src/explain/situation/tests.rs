//! What is read from texts as Azure and its tools write them.

use super::{Caller, Model, Object, Operation, Situation, Target};
use crate::explain::clean::Clean;
use crate::explain::detail;
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::subservice::Subservice;

fn read(message: Option<&str>, text: &str) -> Situation {
    let clean = Clean::of(text);
    Situation::of(message, &detail::extract(&clean.text), &detail::traits(&clean.squeezed), &clean.squeezed)
}

const INSTANCE: Caller = Caller::Kind(CallerKind::ApiManagement);
const APP: Caller = Caller::Kind(CallerKind::App);
const RECOVERY_VAULT: Caller = Caller::Kind(CallerKind::RecoveryVault);
const SECRET: Target = Target::Vault(Some(Object::Secret));
const CERTIFICATE: Target = Target::Vault(Some(Object::Certificate));
const KEY: Target = Target::Vault(Some(Object::Key));
const BLOB: Target = Target::Storage(Some(Subservice::Blob));

#[test]
fn caller_target_operation_and_model_are_read_without_a_known_message() {
    let cases: &[(&str, Caller, Target, Operation, Model)] = &[
        (
            "Failed to access KeyVault Secret https://kv-a.vault.azure.net/secrets/tls using Managed Service Identity of Api \
             Management service. Check if Managed Identity of Type: UserAssigned has GET permissions on secrets in the \
             KeyVault Access Policies.",
            INSTANCE,
            SECRET,
            Operation::Read,
            // The sentence is the same for vaults with role assignments.
            Model::Unknown,
        ),
        (
            "The user, group or application 'appid=1;oid=2' does not have secrets set permission on key vault \
             'kv-b;location=westus'.",
            Caller::Unknown,
            SECRET,
            Operation::OnObject("set"),
            Model::Policies,
        ),
        (
            "Caller is not authorized to perform action on resource.\nAction: 'Microsoft.KeyVault/vaults/keys/wrap/action'\n\
             Assignment: (not found)\nVault: kv-c;location=westus",
            Caller::Unknown,
            KEY,
            Operation::UseKey,
            Model::Roles,
        ),
        (
            "@Microsoft.KeyVault(SecretUri=https://kv-d.vault.azure.net/secrets/db) func-d.azurewebsites.net 403 Forbidden",
            APP,
            SECRET,
            Operation::Read,
            Model::Unknown,
        ),
        (
            "AzureWebJobsStorage: This request is not authorized to perform this operation using this permission. PUT \
             https://ste.blob.core.windows.net/azure-webjobs-hosts",
            APP,
            BLOB,
            Operation::HostData,
            Model::Unknown,
        ),
        (
            "Error: retrieving queue properties: azurerm: 403 Key based authentication is not permitted. \
             https://stf.queue.core.windows.net/",
            Caller::Operator,
            Target::Storage(Some(Subservice::Queue)),
            Operation::Data,
            Model::Unknown,
        ),
        (
            "##[error] The client 'a' with object id 'b' does not have authorization to perform action \
             'Microsoft.ApiManagement/service/write' over scope '/subscriptions/c/resourceGroups/d'",
            Caller::Operator,
            Target::ResourceManager,
            Operation::Manage("Microsoft.ApiManagement/service/write".into()),
            Model::Unknown,
        ),
        (
            "Error retrieving keys for Storage Account \"stg\": storage.AccountsClient#ListKeys: autorest/azure: \
             AuthorizationFailed",
            Caller::Operator,
            Target::ResourceManager,
            Operation::ListKeys,
            Model::Unknown,
        ),
        (
            "UserErrorCMKKeyVaultAuthFailure: Azure Backup could not reach the encryption key of vault rsv-1.",
            RECOVERY_VAULT,
            KEY,
            Operation::UseKey,
            Model::Unknown,
        ),
        (
            "Azure Backup Service does not have sufficient permissions to Key Vault for Backup of Encrypted Virtual Machines.",
            RECOVERY_VAULT,
            Target::Vault(None),
            Operation::BackUp,
            Model::Unknown,
        ),
        (
            "45330 The server 'sql1' requires the following Azure Key Vault permissions: 'get, wrapKey, unwrapKey'.",
            Caller::Encryption,
            KEY,
            Operation::UseKey,
            Model::Unknown,
        ),
        (
            "MountVolume.SetUp failed for volume \"secrets-store\": keyvault.BaseClient#GetSecret: StatusCode=403 \
             Code=\"ForbiddenByRbac\" https://kv-h.vault.azure.net/secrets/x",
            Caller::Kubernetes,
            SECRET,
            Operation::Read,
            Model::Roles,
        ),
        (
            "Attempting Azure CLI login by using OIDC... AADSTS700213: No matching federated identity record found",
            Caller::Operator,
            Target::Entra,
            Operation::Token,
            Model::Unknown,
        ),
        (
            "Set-AzKeyVaultAccessPolicy : BadRequest",
            Caller::Operator,
            Target::Vault(None),
            Operation::Unknown,
            Model::Unknown,
        ),
        (
            "Backup-AzApiManagement: Long running operation failed with status 'Forbidden'.",
            Caller::Operator,
            Target::ResourceManager,
            Operation::Manage("Microsoft.ApiManagement/service/operationresults/read".into()),
            Model::Unknown,
        ),
        ("connect ETIMEDOUT", Caller::Unknown, Target::Unknown, Operation::Unknown, Model::Unknown),
    ];
    for (text, caller, target, operation, model) in cases {
        let expected = Situation::new(*caller, *target, operation.clone(), *model);
        assert_eq!(read(None, text), expected, "{text}");
    }
}

#[test]
fn a_message_tells_what_its_text_leaves_out() {
    let cases: &[(&str, &str, Caller, Target)] = &[
        ("apim.management-endpoint-unreachable", "Failed to connect: 3443", INSTANCE, Target::Nothing),
        ("app.reference-denied", "AccessToKeyVaultDenied", APP, SECRET),
        (
            "app.certificate-no-access",
            "The service does not have access",
            Caller::Kind(CallerKind::AppCertificate),
            CERTIFICATE,
        ),
        ("application-gateway.secret-deleted", "SecretDeleted", Caller::Kind(CallerKind::ApplicationGateway), SECRET),
        ("backup.agent-unavailable", "Could not communicate with the VM agent", RECOVERY_VAULT, Target::Nothing),
        ("storage.authorization-failure", "AuthorizationFailure", Caller::Unknown, Target::Storage(None)),
        ("apim.backup-bad-request", "Set-AzKeyVaultAccessPolicy : BadRequest", Caller::Operator, Target::Vault(None)),
    ];
    for (message, text, caller, target) in cases {
        let found = read(Some(message), text);
        assert_eq!((found.caller, found.target), (*caller, *target), "{message}");
    }
}

#[test]
fn the_role_follows_target_operation_and_caller() {
    let role = |text: &str| read(None, text).role;
    for (text, expected) in [
        ("does not have secrets get permission on key vault 'kv-a'", Some("Key Vault Secrets User")),
        ("does not have secrets set permission on key vault 'kv-a'", Some("Key Vault Secrets Officer")),
        ("does not have certificates import permission on key vault 'kv-a'", Some("Key Vault Certificates Officer")),
        ("does not have keys sign permission on key vault 'kv-a'", Some("Key Vault Crypto User")),
        ("UserErrorCMKKeyVaultAuthFailure", Some("Key Vault Crypto Service Encryption User")),
        (
            "AuthorizationPermissionMismatch https://stq.queue.core.windows.net/q",
            Some("Storage Queue Data Contributor"),
        ),
        ("AuthorizationPermissionMismatch https://stb.blob.core.windows.net/c", Some("Storage Blob Data Contributor")),
        ("ForbiddenByRbac in some key vault", None),
    ] {
        assert_eq!(role(text), expected, "{text}");
    }
    assert_eq!(read(None, "does not have keys sign permission on key vault").permissions(), "--key-permissions sign");
}
