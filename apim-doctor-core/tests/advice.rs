//! The advice about real texts is for their caller and their target.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;

use apim_doctor_core::explanation::Cause;
use apim_doctor_core::testing::known_messages;
use apim_doctor_core::{explain, repair};
use serde_json::Value;

use common::with_shared;

/// A text, and what people who read it said it is about.
struct Text {
    from: String,
    text: String,
    about: BTreeSet<Service>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Service {
    Vault,
    Storage,
    ApiManagement,
    App,
    Gateway,
    ContainerApp,
    Cluster,
    Backup,
}

use Service::{ApiManagement, App, Backup, Cluster, ContainerApp, Gateway, Storage, Vault};

/// Words of commands. Each of them belongs to one service.
const COMMANDS: &[(Service, &[&str])] = &[
    (Vault, &["az keyvault", "vault.azure.", "vaultcore", "Microsoft.KeyVault", "AzureKeyVault", "\"Key Vault"]),
    (Storage, &["az storage", "core.windows.", "Microsoft.Storage", "\"Storage "]),
    (ApiManagement, &["az apim", "Microsoft.ApiManagement", "\"API Management"]),
    (App, &["az functionapp", "az webapp", "Microsoft.Web/", "abfa0a7c"]),
    (Gateway, &["application-gateway", "applicationGateways"]),
    (ContainerApp, &["az containerapp", "Microsoft.App/"]),
    (Cluster, &["az aks", "kubectl"]),
    (Backup, &["az backup", "RecoveryServices", "262044b1"]),
];

/// What makes a reader say that a text is about a service: its name, or a sentence that only this service writes. Without
/// blanks, in lower case.
const READING: &[(Service, &[&str])] = &[
    (
        Vault,
        &[
            "keyvault",
            "vaultcore",
            ".vault.",
            "vaultname",
            "vaultnotfound",
            "vaultwiththesamename",
            "akv1",
            "accesspolic",
            "notatrustedservice",
            "notfromatrustedserv",
            "cannotsetpolicies",
            "certificateexpired",
            "keyoperationforbidden",
            "customermanagedkey",
            "encryptionkey",
            "ssemusererror",
            "approvedprivatelink",
            "forbiddenby",
            "performactiononresource",
            "onadisabled",
            "inthiskeyvault",
            "certificatenotfound",
            "deletedbutrecoverable",
            "enable-rbac-authorization",
            "thistcpconnection",
            "nsppolicy",
            "nsprules",
            "appropriatesecuritygroup",
            "containoneprivatekey",
            "purge",
            "requesttypelimit",
            "throttled",
            "secretversionnotfound",
            "msinotenabled",
            "otherreasons",
            "fetchtimedout",
            "unauthorizedclient",
            "invalidsyntax",
            "servicedoesnothaveaccess",
            "expectedformat",
            "managedidentitynotfound",
            "identitynotfound",
            "referencewasnotabletoberesolved",
        ],
    ),
    (
        Storage,
        &[
            "storage",
            "core.windows",
            "core.usgov",
            "blob",
            "fileshare",
            "contentshare",
            "adlsgen2",
            "queuesclient",
            "queues.client",
            "containers.client",
            "thispermission",
            "toperformthisoperation",
            "authorizationpermissionmismatch",
            "authorizationfailure",
            "publicaccessnotpermitted",
            "keybasedauthentication",
            "accountisdisabled",
            "failedtoauthenticate",
            "authenticationfailed",
            "signaturenotvalid",
            "containernotfound",
            "sharenotfound",
            "specifiedshare",
            "specifiedcontainer",
            "azapimanagement",
            "bynetworksecurityperimeter",
            "cannotverifycopysource",
            "restorefailed",
            "cannotrestore",
            "requestedvalueget",
        ],
    ),
    (
        ApiManagement,
        &[
            "apimanagement",
            "apim",
            "azure-api.",
            "activateapi",
            "namedvalue",
            "identityclientid",
            "hostname",
            "customdomain",
            "managedcertificate",
            "managedidentity/identities",
            "invalididentityvalues",
            "activedirectorytenant",
            "beingrefreshed",
            "restorefailed",
            "cannotrestore",
            "requestedvalueget",
            "storageconnectionstring",
            "managementendpoint",
        ],
    ),
    (
        App,
        &[
            "function",
            "azurewebsites",
            "webapp",
            "appservice",
            "webjobs",
            "website",
            "microsoft.web",
            "becausesite",
            "@microsoft.keyvault(",
            "host.json",
            "referencewasnotabletoberesolved",
            "keyvaultreference",
            "accesstokeyvaultdenied",
            "msinotenabled",
            "vaultnotfound",
            "secretversionnotfound",
            "otherreasons",
            "fetchtimedout",
            "unauthorizedclient",
            "invalidsyntax",
            "unabletoresolve",
            "servicedoesnothaveaccess",
            "filessettings",
            "hostruntime",
            "internalservererror",
            "storageuri",
            "packagefrom",
            "azurestorageconnectionstring",
        ],
    ),
    (Gateway, &["applicationgateway", "listener", "managedidentitynotfound", "expectedformat"]),
    (ContainerApp, &["containerapp", "unabletofetchsecret", "valueusingmanagedidentity", "microsoft.app/"]),
    (Cluster, &["kube", "mountvolume", "csi", "serviceaccount", "prod-aks", "bsl", "backupstore", "velero"]),
    (Backup, &["backup", "recoveryservices", "usererror", "snapshot", "vmagent", "guestagent", "bcmv2"]),
];

fn read_by_hand(text: &str) -> BTreeSet<Service> {
    let squeezed: String =
        text.to_lowercase().chars().filter(|c| !c.is_whitespace() && !"'\"\\`│".contains(*c)).collect();
    let is_about = |marks: &&[&str]| marks.iter().any(|mark| squeezed.contains(mark));
    READING.iter().filter(|(_, marks)| is_about(marks)).map(|(service, _)| *service).collect()
}

/// What the label of a recorded text says.
fn labelled(consumer: &str) -> &'static [Service] {
    match consumer {
        "key-vault-data-plane" => &[Vault],
        "function-kv-reference" => &[App, Vault],
        "function-storage" => &[App, Storage],
        "application-gateway" => &[Gateway, Vault],
        "apim-backup" => &[ApiManagement, Storage],
        "azure-backup" => &[Backup],
        consumer if consumer.starts_with("apim") => &[ApiManagement, Vault],
        _ => &[],
    }
}

/// Every sample and every recorded text.
fn texts() -> Vec<Text> {
    let all = known_messages().flat_map(|(id, samples)| samples.iter().map(move |sample| (id, *sample)));
    let sample = |(id, text): (&str, &str)| {
        let mut about = read_by_hand(text);
        // Their pages are about customer-managed keys, which are in vaults.
        about.extend(["cosmos-db.", "data-box.", "sql."].iter().any(|page| id.starts_with(page)).then_some(Vault));
        Text { from: id.to_owned(), text: text.to_owned(), about }
    };
    let mut texts: Vec<Text> = all.map(sample).collect();
    with_shared("advice", "cases", |folder| {
        for file in ["error_texts.jsonl", "error_texts_2.jsonl", "cases.jsonl", "reports/texts.jsonl"] {
            for (at, line) in std::fs::read_to_string(folder.join(file)).unwrap().lines().enumerate() {
                let row: Value = serde_json::from_str(line).unwrap();
                let Some(text) = row["error_text"].as_str() else { continue };
                let mut about = read_by_hand(text);
                about.extend(labelled(row["consumer"].as_str().unwrap_or_default()));
                // Customer-managed keys are in vaults.
                about.extend(row["group"].as_str().is_some_and(|group| group.ends_with("-cmk")).then_some(Vault));
                texts.push(Text { from: format!("{file}:{}", at + 1), text: text.to_owned(), about });
            }
        }
    });
    texts
}

/// The causes of every message in a text.
fn causes(text: &str) -> Vec<Cause> {
    let explained = explain(text);
    std::iter::once(explained.first).chain(explained.others).flat_map(|meaning| meaning.causes).collect()
}

fn commands(cause: &Cause) -> Vec<&String> {
    let confirm = cause.confirm.iter().map(|confirm| &confirm.command);
    confirm.chain(cause.fixes.iter().flat_map(|fix| &fix.az)).collect()
}

#[test]
fn commands_name_only_the_caller_and_the_target_of_their_text() {
    let (mut seen, mut complaints) = (0, Vec::new());
    for Text { from, text, about } in texts() {
        for cause in causes(&text) {
            for command in commands(&cause) {
                seen += 1;
                // A scope that the text itself names is not a name of ours.
                let own = command.split(' ').filter(|word| !text.contains(*word) || !word.starts_with('/'));
                let own = own.collect::<Vec<_>>().join(" ");
                let foreign = COMMANDS.iter().filter(|(service, _)| !about.contains(service));
                let found = foreign.filter(|(_, words)| words.iter().any(|word| own.contains(word)));
                complaints
                    .extend(found.map(|(service, _)| format!("{from}: {service:?}: {command}\n      {text:.200}")));
            }
        }
    }
    assert!(seen > 1_000, "only {seen} commands");
    complaints.sort();
    complaints.dedup();
    common::assert_none("commands of other services", &complaints);
}

#[test]
fn commands_that_confirm_change_nothing() {
    const READS: &[&str] =
        &["show", "list", "list-deleted", "list-versions", "check", "check-name", "get-instance-view", "query"];
    let mut complaints = Vec::new();
    for command in texts().iter().flat_map(|text| causes(&text.text)).flat_map(|cause| cause.confirm) {
        let command = command.command;
        let words = shlex::split(&command).unwrap_or_default();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let verb = words.iter().take_while(|word| !word.starts_with('-')).last().copied().unwrap_or_default();
        let reads = match words.as_slice() {
            ["az", "rest", "--method", method, ..] => *method == "get",
            ["az", ..] => READS.contains(&verb),
            ["kubectl", verb, ..] => *verb == "get",
            ["curl", rest @ ..] => rest.iter().all(|word| !["--request", "--data", "-X", "-d"].contains(word)),
            ["nslookup", ..] => true,
            _ => false,
        };
        complaints.extend((!reads).then_some(command));
    }
    complaints.sort();
    complaints.dedup();
    common::assert_none("commands that may change something", &complaints);
}

#[test]
fn every_code_of_a_message_has_advice() {
    let mut complaints = Vec::new();
    for Text { from, text, .. } in texts() {
        for cause in causes(&text) {
            let code = cause.code.as_str();
            let repair = cause.code.code().and_then(repair);
            let is_whole = repair.is_some() && cause.fixes.len() == 1 && cause.confirm.len() <= 2;
            complaints.extend((!is_whole).then(|| format!("{from}: {code}")));
            for command in commands(&cause) {
                let parses = command.starts_with('#') || shlex::split(command).is_some();
                complaints.extend((!parses).then(|| format!("{from}: {command}")));
            }
        }
    }
    common::assert_none("causes without advice", &complaints);
}

/// The lines of the repair of one cause of a text.
fn repair_of(text: &str, code: &str) -> Vec<String> {
    let cause = causes(text).into_iter().find(|cause| cause.code.as_str() == code);
    cause.unwrap_or_else(|| panic!("{code} is not a cause of {text}")).fixes.remove(0).az
}

#[test]
fn a_grant_is_in_the_way_that_the_vault_uses() {
    let roles = "Caller is not authorized to perform action on resource.\nCaller: appid=11111111-2222-3333-4444-555555555555;\
                 oid=66666666-7777-8888-9999-aaaaaaaaaaaa\nAction: 'Microsoft.KeyVault/vaults/secrets/setSecret/action'\n\
                 Assignment: (not found)\nVault: kv-a;location=westus";
    let lines = repair_of(roles, "authorization.no-grant");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("az role assignment create --assignee 66666666"), "{lines:?}");
    assert!(lines[0].contains("\"Key Vault Secrets Officer\""), "setSecret is more than reading: {lines:?}");

    let policies = "The user, group or application 'appid=1;oid=66666666-7777-8888-9999-aaaaaaaaaaaa' does not have keys \
                    wrapKey permission on key vault 'kv-b;location=westus2'.";
    let lines = repair_of(policies, "authorization.no-grant");
    let expected = "az keyvault set-policy --name kv-b --object-id 66666666-7777-8888-9999-aaaaaaaaaaaa --key-permissions \
                    get wrapKey unwrapKey";
    assert_eq!(lines, [expected]);

    let neither = "Failed to access KeyVault Secret https://kv-c.vault.azure.net/secrets/tls using Managed Service Identity \
                   of Api Management service.";
    let cause = causes(neither).into_iter().find(|cause| cause.code.as_str() == "authorization.no-grant").unwrap();
    assert!(cause.confirm[0].command.contains("enableRbacAuthorization"), "{:?}", cause.confirm);
    let lines = &cause.fixes[0].az;
    assert!(lines[0].starts_with("# if the vault uses role assignments: az role assignment create"), "{lines:?}");
    assert!(
        lines[1].starts_with("# if the vault uses access policies: az keyvault set-policy --name kv-c"),
        "{lines:?}"
    );
}

#[test]
fn the_role_is_the_one_that_the_operation_needs() {
    let queue = "AuthorizationPermissionMismatch: This request is not authorized to perform this operation using this \
                 permission. GET https://stqueues.queue.core.windows.net/work";
    assert!(repair_of(queue, "authorization.no-grant")[0].contains("\"Storage Queue Data Contributor\""));
    let operator = "The client 'ci' with object id '66666666-7777-8888-9999-aaaaaaaaaaaa' does not have authorization to \
                    perform action 'Microsoft.Network/virtualNetworks/subnets/join/action' over scope \
                    '/subscriptions/s/resourceGroups/rg-net' or the scope is invalid. (Code: AuthorizationFailed)";
    let lines = repair_of(operator, "caller.operator-lacks-permission");
    assert!(
        lines[0].contains("--role \"Network Contributor\" --scope /subscriptions/s/resourceGroups/rg-net"),
        "{lines:?}"
    );
    let key = "UserErrorCMKKeyVaultAuthFailure: Azure Backup could not reach the encryption key of vault rsv-1.";
    assert!(repair_of(key, "authorization.no-grant")[0].contains("\"Key Vault Crypto Service Encryption User\""));
    let machine = "UserErrorKeyVaultPermissionsNotConfigured: Azure Backup Service does not have sufficient permissions to \
                   Key Vault for Backup of Encrypted Virtual Machines.";
    let lines = repair_of(machine, "authorization.first-party-principal-not-granted");
    assert!(lines[0].contains("262044b1-e2ce-469f-a196-69ab7ada62d3"), "{lines:?}");
}
