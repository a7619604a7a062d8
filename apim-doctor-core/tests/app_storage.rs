//! The storage of apps: which settings name it, which of their facts are certain, and which are not.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use apim_doctor_core::{Code, CodeName, Verdict, diagnose, v1};
use serde_json::{Value, json};

const SUBSCRIPTION: &str = "/subscriptions/3c5aa7a0-2814-46fb-b7b1-bfc7eee26e20";
const GROUP: &str = "/subscriptions/3c5aa7a0-2814-46fb-b7b1-bfc7eee26e20/resourceGroups/rg-test/providers";
const CLIENT: &str = "11111111-2222-3333-4444-555555555555";
const OWNER: &str = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
const CONTRIBUTOR: &str = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
const READER: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";

fn site() -> String {
    format!("{GROUP}/Microsoft.Web/sites/func-test")
}

fn account() -> String {
    format!("{GROUP}/Microsoft.Storage/storageAccounts/sttest01")
}

fn identity() -> String {
    format!("{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id-test")
}

fn report(recording: &Value) -> v1::Report {
    let options = common::options().with_consumers(["function-storage"]);
    diagnose(&common::read("storage.json", recording.to_string().into_bytes()), &options)
}

/// A healthy function app with an open account. Each test changes what it needs.
struct World {
    cloud: &'static str,
    site: Value,
    settings: Value,
    account: Value,
    /// The roles of both identities, each with its scope below the account.
    roles: Vec<(&'static str, &'static str)>,
}

impl World {
    fn with(settings: Value) -> Self {
        let endpoint = |service: &str| format!("https://sttest01.{service}.core.windows.net/");
        let endpoints = json!({
            "blob": endpoint("blob"), "queue": endpoint("queue"), "table": endpoint("table"), "file": endpoint("file"),
            "dfs": endpoint("dfs"),
        });
        let queue = "974c5e8b-45b9-4653-ba55-5f855dd0fb88";
        let table = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3";
        Self {
            cloud: "AzurePublic",
            site: json!({"state": "Running", "serverFarmId": format!("{GROUP}/Microsoft.Web/serverfarms/plan")}),
            settings,
            account: json!({
                "primaryEndpoints": endpoints, "publicNetworkAccess": "Enabled", "privateEndpointConnections": [],
                "networkAcls": {"defaultAction": "Allow", "bypass": "AzureServices"}, "allowSharedKeyAccess": true,
            }),
            roles: vec![(OWNER, ""), (queue, ""), (table, "")],
        }
    }

    /// Has the settings of a working host.
    fn healthy() -> Self {
        Self::with(json!({
            "AzureWebJobsStorage__accountName": "sttest01", "AzureWebJobsStorage__credential": "managedidentity",
        }))
    }

    /// Is on a Flex Consumption plan, with its package in a container.
    fn package(authentication: Value) -> Self {
        let mut world = Self::healthy();
        let storage = json!({
            "type": "blobContainer", "value": "https://sttest01.blob.core.windows.net/pkg",
            "authentication": authentication,
        });
        world.site["functionAppConfig"] = json!({"deployment": {"storage": storage}});
        world
    }

    fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings[name] = value.into();
        self
    }

    fn recording(&self) -> Value {
        let (site, account, identity) = (site(), account(), identity());
        let principals = ["aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002"];
        let roles = principals.iter().flat_map(|principal| self.roles.iter().map(move |role| (principal, role)));
        let roles: Vec<Value> = roles
            .enumerate()
            .map(|(n, (principal, (role, below)))| {
                let scope = format!("{}{below}", self::account());
                json!({
                    "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{n:08}"),
                    "type": "Microsoft.Authorization/roleAssignments",
                    "properties": {
                        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
                        "principalId": principal, "principalType": "ServicePrincipal", "scope": scope,
                        "createdOn": "2026-01-01T00:00:00Z", "updatedOn": "2026-01-01T00:00:00Z",
                    },
                })
            })
            .collect();
        let get = |path: &str, version: &str, body: Value| {
            let request = format!("GET {path}?api-version={version}");
            json!({"request": request, "status": 200, "body": body})
        };
        let auth = "providers/Microsoft.Authorization";
        let perimeters = format!("{SUBSCRIPTION}/providers/Microsoft.Network/networkSecurityPerimeters");
        let ids = |n: usize| json!({"principalId": principals[n], "clientId": CLIENT, "tenantId": "t"});
        json!({"apimDoctor": "snapshot/v1", "takenAt": "2026-11-21T09:00:00Z", "cloud": self.cloud, "exchanges": [
            get(&site, "2024-11-01", json!({
                "id": site, "name": "func-test", "type": "Microsoft.Web/sites", "kind": "functionapp",
                "location": "westeurope",
                "identity": {
                    "type": "SystemAssigned, UserAssigned", "principalId": principals[0], "tenantId": "t",
                    "userAssignedIdentities": {identity.clone(): {"principalId": principals[1], "clientId": CLIENT}},
                },
                "properties": self.site,
            })),
            get(&identity, "2023-01-31", json!({
                "id": identity, "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "properties": ids(1),
            })),
            {
                "request": format!("POST {site}/config/appsettings/list?api-version=2024-11-01"), "status": 200,
                "body": {
                    "id": format!("{site}/config/appsettings"), "name": "appsettings",
                    "type": "Microsoft.Web/sites/config",
                    "properties": self.settings,
                },
            },
            get(&account, "2023-05-01", json!({
                "id": account, "name": "sttest01", "type": "Microsoft.Storage/storageAccounts",
                "location": "westeurope",
                "properties": self.account,
            })),
            get(&format!("{account}/fileServices/default/shares/content-01"), "2023-05-01", json!({
                "id": format!("{account}/fileServices/default/shares/content-01"), "properties": {},
            })),
            get(&format!("{account}/{auth}/roleAssignments"), "2022-04-01", json!({"value": roles})),
            get(&format!("{account}/{auth}/denyAssignments"), "2022-04-01", json!({"value": []})),
            get(&perimeters, "2024-07-01", json!({"value": []})),
        ]})
    }

    fn report(&self) -> v1::Report {
        report(&self.recording())
    }

    /// Returns a path's verdict and cause; `None` if the path does not exist.
    fn path(&self, label: &str) -> Option<(Verdict, Option<&'static str>)> {
        let report = self.report();
        report
            .paths
            .iter()
            .find(|path| path.label == label)
            .map(|path| (path.verdict, path.root_cause.as_ref().and_then(CodeName::code).map(Code::text)))
    }

    /// Returns the first unknown gate of a path, with its gaps.
    fn gap(&self, label: &str) -> String {
        let report = self.report();
        let path =
            report.paths.iter().find(|path| path.label == label).unwrap_or_else(|| panic!("path {label} is missing"));
        let gate = path.gates.iter().find(|gate| gate.verdict == Verdict::Unknown);
        gate.map(|gate| format!("{:?}: {}", gate.gate, gate.gaps.join("; "))).unwrap_or_default()
    }

    /// Returns the report's gaps.
    fn gaps(&self) -> String {
        let report = self.report();
        let all: Vec<String> = report.gaps.iter().map(|entry| entry.what.clone()).collect();
        all.join("\n")
    }
}

const BLOB: &str = "AzureWebJobsStorage/blob";
const QUEUE: &str = "AzureWebJobsStorage/queue";
const FILE: &str = "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING/file";
const PACKAGE: &str = "deployment/blob";
const PASS: Option<(Verdict, Option<&str>)> = Some((Verdict::Pass, None));
const UNKNOWN: Option<(Verdict, Option<&str>)> = Some((Verdict::Unknown, None));

fn fails(code: &'static str) -> Option<(Verdict, Option<&'static str>)> {
    Some((Verdict::Fail, Some(code)))
}

#[test]
fn the_base_of_every_test_passes() {
    for world in [World::healthy(), World::package(json!({"type": "SystemAssignedIdentity"}))] {
        let report = world.report();
        assert_eq!(report.verdict, Verdict::Pass, "{:?}", world.gaps());
        assert!(report.paths.len() >= 3);
    }
    let key = "AccountName=sttest01;AccountKey=x;EndpointSuffix=core.windows.net";
    let world = World::with(json!({
        "AzureWebJobsStorage": key, "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING": key,
        "WEBSITE_CONTENTSHARE": "content-01",
    }));
    assert_eq!((world.report().verdict, world.path(FILE)), (Verdict::Pass, PASS), "{}", world.gaps());
}

#[test]
fn an_unknown_account_is_a_gap() {
    for (name, value, gap) in [
        ("AzureWebJobsStorage", "@Microsoft.KeyVault(VaultName=kv-test;SecretName=x)", "it is a Key Vault reference"),
        ("AzureWebJobsStorage", "UseDevelopmentStorage=true", "emulator"),
        ("AzureWebJobsStorage", "<redacted>", "was not recorded"),
        ("AzureWebJobsStorage", "DefaultEndpointsProtocol=http;AccountName=sttest01;AccountKey=x", "plain HTTP"),
        ("AzureWebJobsStorage", "AccountKey=x;EndpointSuffix=core.windows.net;AccountName=", "no URL is set"),
        (
            "AzureWebJobsStorage__accountName",
            "@Microsoft.KeyVault(VaultName=kv-test;SecretName=x)",
            "Key Vault reference",
        ),
        ("AzureWebJobsStorage__accountName", "<redacted>", "was not recorded"),
        (
            "AzureWebJobsStorage__blobServiceUri",
            "@Microsoft.KeyVault(VaultName=kv-test;SecretName=x)",
            "Key Vault reference",
        ),
        ("AzureWebJobsStorage__blobServiceUri", "https://u:p@sttest01.blob.core.windows.net", "was not recorded"),
        ("AzureWebJobsStorage__serviceUri", "https://sttest01.blob.core.windows.net", "does not specify one"),
        ("OTHER", "1", "does not specify one"),
        ("WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "AccountKey=x;AccountName=", "no URL is set"),
        ("WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "hunter2", "was not recorded"),
    ] {
        let world = World::with(json!({name: value}));
        let report = world.report();
        assert_eq!(report.verdict, Verdict::Unknown, "{name}={value}");
        assert!(report.findings.is_empty() && report.paths.is_empty(), "{name}");
        assert!(world.gaps().contains(gap), "{name}={value}: {}", world.gaps());
    }
    let web = World { site: json!({"state": "Running"}), ..World::with(json!({})) };
    let mut recording = web.recording();
    recording["exchanges"][0]["body"]["kind"] = "app".into();
    assert_eq!(report(&recording).gaps.len(), 0, "a web app has no host");
}

#[test]
fn only_services_with_a_url_have_paths() {
    let world = World::with(json!({"AzureWebJobsStorage__blobServiceUri": "https://sttest01.blob.core.windows.net"}));
    assert_eq!((world.path(BLOB), world.path(QUEUE)), (PASS, None));
    assert_eq!(world.report().verdict, Verdict::Unknown);
    assert!(world.gaps().contains("the queue and table endpoint of `AzureWebJobsStorage`"), "{}", world.gaps());
}

#[test]
fn without_a_key_the_access_is_unknown() {
    for value in [
        "AccountName=sttest01;EndpointSuffix=core.windows.net",
        "AccountName=sttest01;SharedAccessSignature=sv=1&sig=2",
        "BlobEndpoint=https://sttest01.blob.core.windows.net/;SharedAccessSignature=sv=1&sig=2",
    ] {
        let world = World::with(json!({"AzureWebJobsStorage": value}));
        assert_eq!(world.path(BLOB), UNKNOWN, "{value}");
        assert!(world.gap(BLOB).contains("has no account key"), "{value}: {}", world.gap(BLOB));
    }
    // A closed firewall also blocks a signature.
    let mut closed = World::with(json!({"AzureWebJobsStorage": "AccountName=sttest01;SharedAccessSignature=s"}));
    closed.account["publicNetworkAccess"] = "Disabled".into();
    assert_eq!(closed.path(BLOB), fails("firewall.consumer-not-on-trusted-list"));
}

#[test]
fn a_content_share_needs_a_key_and_a_name() {
    let key = "AccountName=sttest01;AccountKey=x";
    let content = |text: &str| World::healthy().set("WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", text);
    assert_eq!(content(key).set("WEBSITE_CONTENTSHARE", "content-01").path(FILE), PASS);
    for share in ["", "Content_01"] {
        let world = content(key).set("WEBSITE_CONTENTSHARE", share).set("WEBSITE_SKIP_CONTENTSHARE_VALIDATION", "1");
        assert_eq!(world.path(FILE), UNKNOWN);
        assert!(world.gap(FILE).contains("which share contains the content"), "{}", world.gap(FILE));
    }
    for text in ["AccountName=sttest01", "AccountName=sttest01;SharedAccessSignature=sig=1"] {
        let world = content(text).set("WEBSITE_CONTENTSHARE", "content-01");
        assert_eq!(world.path(FILE), UNKNOWN, "{text}");
        assert!(world.gap(FILE).contains("no account key"), "{}", world.gap(FILE));
    }
    let world = content("FileEndpoint=https://other.file.core.windows.net/;AccountName=sttest01;AccountKey=x");
    assert!(
        world.set("WEBSITE_CONTENTSHARE", "content-01").gap(FILE).contains("`other`"),
        "the endpoint takes precedence"
    );
}

#[test]
fn a_url_of_another_service_fails_and_an_unknown_url_does_not() {
    let uri = |value: &str| World::healthy().set("AzureWebJobsStorage__blobServiceUri", value);
    let uri = |value: &str| {
        let mut world = uri(value);
        world.settings.as_object_mut().unwrap().remove("AzureWebJobsStorage__accountName");
        world
    };
    assert_eq!(uri("https://sttest01.queue.core.windows.net").path(BLOB), fails("reference.syntax"));
    assert_eq!(uri("http://sttest01.blob.core.windows.net").path(BLOB), fails("reference.syntax"));
    for value in [
        "https://sttest01.blob.core.windows.net:443/",
        "HTTPS://STTEST01.blob.core.windows.net",
        "https://sttest01.blob.core.windows.net",
    ] {
        assert_eq!(uri(value).path(BLOB), PASS, "{value}: {}", uri(value).gap(BLOB));
    }
    for (value, gap) in [
        ("https://sttest01.z23.blob.storage.azure.net", "which storage account `sttest01.z23.blob"),
        ("https://files.contoso.com", "which storage account `files.contoso.com` belongs to"),
        ("https://sttest01.blob.core.chinacloudapi.cn", "which storage account `"),
        ("https://sttest01.blob.core.windows.net:8443", "which storage account `"),
        ("https://sttest01.dfs.core.windows.net", "is the blob service of `sttest01`"),
        (
            "https://sttest02.blob.core.windows.net",
            "storage account `sttest02`, which may be in another subscription, was not collected",
        ),
    ] {
        assert_eq!(uri(value).path(BLOB), UNKNOWN, "{value}");
        assert!(uri(value).gap(BLOB).contains(gap), "{value}: {}", uri(value).gap(BLOB));
    }
    // The short form and a URL name different accounts: it is not documented which one counts.
    let both = World::healthy().set("AzureWebJobsStorage__blobServiceUri", "https://sttest02.blob.core.windows.net");
    assert_eq!((both.path(BLOB), both.report().verdict), (None, Verdict::Unknown));
    assert!(both.gaps().contains("they differ"));
}

#[test]
fn an_account_is_found_by_its_primary_endpoints() {
    let dns_zone = |service: &str| format!("https://sttest01.z23.{service}.storage.azure.net");
    let settings = json!({"AzureWebJobsStorage__blobServiceUri": dns_zone("blob")});
    let mut world = World::with(settings.clone());
    world.account["primaryEndpoints"] = json!({"blob": dns_zone("blob"), "queue": dns_zone("queue")});
    assert_eq!(world.path(BLOB), PASS, "{}", world.gap(BLOB));
    world.settings["AzureWebJobsStorage__blobServiceUri"] = dns_zone("queue").into();
    assert_eq!(world.path(BLOB), fails("reference.syntax"));
    // Such an account does not have the standard host name.
    world.settings = json!({"AzureWebJobsStorage__accountName": "sttest01"});
    assert!(world.gap(BLOB).contains("is the blob service of `sttest01`"), "{}", world.gap(BLOB));
    // The private zone of a non-standard host name is unknown.
    world.settings = settings;
    world.account["privateEndpointConnections"] = json!([{"id": "/x", "properties": {
        "privateLinkServiceConnectionState": {"status": "Approved"}, "privateEndpoint": {"id": "/pe"}}}]);
    assert!(world.gap(BLOB).contains("which private DNS zone"), "{}", world.gap(BLOB));
}

#[test]
fn the_short_form_is_for_the_public_cloud_only() {
    for settings in [
        json!({"AzureWebJobsStorage__accountName": "sttest01"}),
        json!({"AzureWebJobsStorage": "AccountName=sttest01;AccountKey=x"}),
    ] {
        let mut world = World { cloud: "AzureUSGovernment", ..World::with(settings) };
        world.account["primaryEndpoints"] = json!({"blob": "https://sttest01.blob.core.usgovcloudapi.net/"});
        assert_eq!(world.path(BLOB), UNKNOWN);
        assert!(world.gap(BLOB).contains("not a storage host name of AzureUSGovernment"), "{}", world.gap(BLOB));
    }
}

#[test]
fn a_resource_id_is_not_accepted_as_client_id() {
    let client = |value: &str| World::healthy().set("AzureWebJobsStorage__clientId", value);
    assert_eq!(client(CLIENT).path(BLOB), PASS);
    assert_eq!(client(&identity()).path(BLOB), fails("identity.id-kind-mismatch"));
    assert_eq!(client(identity().trim_start_matches('/')).path(BLOB), fails("identity.id-kind-mismatch"));
    assert_eq!(client(&identity().replace("id-test", "id-other")).path(BLOB), fails("identity.id-kind-mismatch"));
    // The setting for resource ids accepts it.
    let resource = World::healthy().set("AzureWebJobsStorage__managedIdentityResourceId", identity());
    assert_eq!(resource.path(BLOB), PASS);
}

#[test]
fn an_unknown_caller_is_a_gap_and_not_a_failure() {
    for (name, value, gap) in [
        ("clientSecret", "hunter2", "service principal"),
        ("tenantId", "11111111-2222-3333-4444-555555555555", "service principal"),
        ("credential", "workloadidentity", "is not `managedidentity`"),
        ("credential", "hunter2", "is not `managedidentity`"),
        ("clientId", "hunter2", "is not a client id"),
        ("clientId", "@Microsoft.KeyVault(VaultName=kv-test;SecretName=x)", "is not a client id"),
        ("managedIdentityResourceId", "hunter2", "is not the id of an identity"),
    ] {
        let world = World::healthy().set(&format!("AzureWebJobsStorage__{name}"), value);
        assert_eq!(world.path(BLOB), UNKNOWN, "{name}");
        assert!(
            world.gap(BLOB).starts_with("Identity") && world.gap(BLOB).contains(gap),
            "{name}: {}",
            world.gap(BLOB)
        );
    }
    let both = World::healthy()
        .set("AzureWebJobsStorage__clientId", CLIENT)
        .set("AzureWebJobsStorage__managedIdentityResourceId", identity());
    assert!(both.gap(BLOB).contains("together with a client id"), "{}", both.gap(BLOB));
}

#[test]
fn a_package_is_read_from_its_container() {
    let container = "/blobServices/default/containers/pkg";
    let with = |roles: Vec<(&'static str, &'static str)>| World {
        roles,
        ..World::package(json!({"type": "SystemAssignedIdentity"}))
    };
    assert_eq!(with(vec![(CONTRIBUTOR, container)]).path(PACKAGE), PASS);
    assert_eq!(with(vec![(CONTRIBUTOR, "")]).path(PACKAGE), PASS);
    // The host itself needs a larger role, on the whole account.
    assert_ne!(with(vec![(CONTRIBUTOR, container)]).path(BLOB), PASS);
    assert!(with(vec![(READER, container)]).gap(PACKAGE).contains("Storage Blob Data Contributor"));
    let other = "/blobServices/default/containers/other";
    assert_eq!(with(vec![(CONTRIBUTOR, other)]).path(PACKAGE), fails("authorization.scope-does-not-cover"));
}

#[test]
fn a_package_needs_a_known_credential() {
    for (authentication, gap) in [
        (Value::Null, "has no `type`"),
        (json!({"type": "Frob"}), "`Frob` is not documented"),
        (json!({"type": "UserAssignedIdentity"}), "no user-assigned identity is set"),
        (json!({"type": "StorageAccountConnectionString"}), "is not set"),
    ] {
        let world = World::package(authentication.clone());
        assert_eq!(world.path(PACKAGE), UNKNOWN, "{authentication}");
        assert!(world.gap(PACKAGE).contains(gap), "{authentication}: {}", world.gap(PACKAGE));
    }
    let by_key = json!({"type": "StorageAccountConnectionString", "storageAccountConnectionStringName": "DEPLOY"});
    let by_key = |text: &str| World::package(by_key.clone()).set("DEPLOY", text);
    assert_eq!(by_key("AccountName=sttest01;AccountKey=x").path(PACKAGE), PASS);
    assert!(by_key("AccountName=sttest02;AccountKey=x").gap(PACKAGE).contains("does not name the account"));
    assert!(by_key("AccountName=sttest01;SharedAccessSignature=x").gap(PACKAGE).contains("no account key"));
    assert!(by_key("@Microsoft.KeyVault(VaultName=kv-test;SecretName=x)").gap(PACKAGE).contains("Key Vault reference"));
    // A redacted URL does not name a container.
    let mut hidden = World::package(json!({"type": "SystemAssignedIdentity"}));
    hidden.site["functionAppConfig"]["deployment"]["storage"]["value"] = "<redacted>".into();
    assert_eq!(hidden.path(PACKAGE), None);
    assert!(hidden.gaps().contains("which container holds the package"));
}

const SHADOWED: &str = "reference.connection-shadowed";
const KEYLESS: &str = "DefaultEndpointsProtocol=https;AccountName=sttest01;AccountKey=;EndpointSuffix=core.windows.net";
const KEY: &str = "AccountName=sttest01;AccountKey=x;EndpointSuffix=core.windows.net";

/// Returns the commands of a finding's first fix, and whether the fix was verified.
fn first_fix(report: &v1::Report, code: &str) -> (String, bool) {
    let finding = report.findings.iter().find(|finding| finding.code == code);
    let fix = &finding.unwrap_or_else(|| panic!("{code} is missing")).fixes[0];
    (fix.az.join("\n"), fix.verified)
}

#[test]
fn an_unusable_setting_that_hides_identity_settings_is_removed() {
    for (name, value) in [
        ("AzureWebJobsStorage", KEYLESS),
        ("AzureWebJobsStorage", "AccountName=sttest01;EndpointSuffix=core.windows.net"),
        ("ConnectionStrings__AzureWebJobsStorage", KEYLESS),
        ("connectionstrings:azurewebjobsstorage", ""),
        ("AzureWebJobsStorage", "  "),
    ] {
        let mut world = World::healthy().set(name, value);
        world.site["reserved"] = true.into();
        assert_eq!(world.path(BLOB), fails(SHADOWED), "{name}={value}");
        let (az, verified) = first_fix(&world.report(), SHADOWED);
        assert!(az.contains("appsettings delete") && az.contains(&format!("--setting-names {name} ")), "{az}");
        assert!(verified, "{name}={value}");
    }
    // A part of the value was dropped, and it may be a key.
    let cut = World::healthy().set("AzureWebJobsStorage", "AccountName=sttest01;<redacted>");
    assert_ne!(cut.path(BLOB), fails(SHADOWED));
    // On Windows, an empty setting may not reach the process.
    let mut windows = World::healthy().set("AzureWebJobsStorage", "");
    windows.site["reserved"] = false.into();
    assert_eq!(windows.path(BLOB), UNKNOWN);
    assert!(windows.report().findings.iter().any(|finding| finding.code == SHADOWED));
    // The plan was not collected.
    assert_eq!(World::healthy().set("AzureWebJobsStorage", "").path(BLOB), UNKNOWN);
}

#[test]
fn a_leftover_connection_string_is_used_and_reported() {
    let leftover = "ConnectionStrings__AzureWebJobsStorage";
    // The leftover works, but hides the setting that users see.
    let works = World::healthy().set(leftover, KEY);
    assert_eq!(works.path(BLOB), PASS);
    assert!(first_fix(&works.report(), SHADOWED).0.contains(leftover));
    // The account refuses keys.
    let mut refused = World::healthy().set("ConnectionStrings:AzureWebJobsStorage", KEY);
    refused.account["allowSharedKeyAccess"] = false.into();
    assert_eq!(refused.path(BLOB), fails("authorization.shared-key-disabled"));
    let (az, verified) = first_fix(&refused.report(), "authorization.shared-key-disabled");
    assert!(az.contains("--setting-names ConnectionStrings:AzureWebJobsStorage") && verified, "{az} {verified}");
    // The leftover names another account, which was not collected.
    let other = World::healthy().set(leftover, "AccountName=stold01;AccountKey=x");
    assert_eq!(other.path(BLOB), UNKNOWN);
    assert!(other.gap(BLOB).contains("`stold01`"), "{}", other.gap(BLOB));
    // The leftover's account is hidden. The identity settings are probably intended, but may be ignored.
    for value in ["<redacted>", "@Microsoft.KeyVault(VaultName=kv-test;SecretName=x)", "UseDevelopmentStorage=true"] {
        for name in [leftover, "AzureWebJobsStorage"] {
            let world = World::healthy().set(name, value);
            assert_eq!((world.path(BLOB), world.report().verdict), (UNKNOWN, Verdict::Unknown), "{name}={value}");
            assert!(world.gap(BLOB).contains(&format!("whether `{name}` overrides")), "{}", world.gap(BLOB));
        }
    }
    // A group in `ConnectionStrings` also takes precedence.
    let group = World::with(json!({
        "ConnectionStrings__AzureWebJobsStorage__accountName": "stold01", "AzureWebJobsStorage": KEY,
    }));
    assert!(group.gap(BLOB).contains("`stold01`"), "{}", group.gap(BLOB));
    // Other connections do not matter.
    let ledger = World::healthy().set("ConnectionStrings__Ledger", "<redacted>").set("Storage", "<redacted>");
    assert_eq!((ledger.report().verdict, ledger.report().findings.len()), (Verdict::Pass, 0));
    // The short names count if no other setting exists.
    assert_eq!(World::with(json!({"Storage": KEY})).path(BLOB), PASS);
    assert_eq!(World::with(json!({"AzureWebJobsStorage:accountName": "sttest01"})).path(BLOB), PASS);
}

#[test]
fn a_slot_has_its_own_settings() {
    let slot = format!("{}/slots/staging", site());
    let mut recording = World::healthy().set("ConnectionStrings__AzureWebJobsStorage", KEYLESS).recording();
    let text =
        recording.to_string().replace(&site(), &slot).replace("Microsoft.Web/sites\"", "Microsoft.Web/sites/slots\"");
    recording = serde_json::from_str(&text).unwrap();
    let report = report(&recording);
    let path = report.paths.iter().find(|path| path.label == BLOB).unwrap();
    assert_eq!(
        (path.verdict, path.root_cause.as_ref().and_then(CodeName::code).map(Code::text)),
        (Verdict::Fail, Some(SHADOWED))
    );
    assert!(first_fix(&report, SHADOWED).0.contains("--slot staging"));
}

#[test]
fn an_entry_in_the_connection_strings_leaves_the_path_unknown() {
    let mut recording = World::healthy().recording();
    let entry = |name: &str| {
        json!({
            "request": format!("POST {}/config/connectionstrings/list?api-version=2024-11-01", site()), "status": 200,
            "body": {
                "id": format!("{}/config/connectionstrings", site()), "name": "connectionstrings",
                "type": "Microsoft.Web/sites/config", "properties": {name: {"value": KEY, "type": "Custom"}},
            },
        })
    };
    recording["exchanges"].as_array_mut().unwrap().push(entry("Ledger"));
    assert_eq!(report(&recording).verdict, Verdict::Pass);
    recording["exchanges"].as_array_mut().unwrap().pop();
    recording["exchanges"].as_array_mut().unwrap().push(entry("azurewebjobsstorage"));
    let report = report(&recording);
    let path = report.paths.iter().find(|path| path.label == BLOB).unwrap();
    assert_eq!(path.verdict, Verdict::Unknown);
    let (az, verified) = first_fix(&report, SHADOWED);
    assert!(
        az.contains("connection-string delete") && az.contains("azurewebjobsstorage") && verified,
        "{az} {verified}"
    );
}

#[test]
fn without_a_client_id_the_environment_may_name_the_identity() {
    let mut world = World::with(json!({"AzureWebJobsStorage__accountName": "sttest01", "AZURE_CLIENT_ID": CLIENT}));
    assert_eq!(world.path(BLOB), PASS);
    world.settings["AZURE_CLIENT_ID"] = "<redacted>".into();
    assert!(world.gap(BLOB).contains("AZURE_CLIENT_ID"), "{}", world.gap(BLOB));
    world.settings["AzureWebJobsStorage__credential"] = "managedidentity".into();
    assert_eq!(world.path(BLOB), PASS, "the system-assigned identity is used");
}

const AT_URL: &str = "WEBSITE_RUN_FROM_PACKAGE/blob";
const BY: &str = "WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID";

/// Returns an app whose package is at a URL.
fn at_url(url: &str) -> World {
    World::healthy().set("WEBSITE_RUN_FROM_PACKAGE", url)
}

#[test]
fn a_package_at_a_url_has_its_own_path() {
    let url = "https://sttest01.blob.core.windows.net/pkg/app.zip";
    assert_eq!((at_url(url).path(AT_URL), at_url(url).report().verdict), (PASS, Verdict::Pass));
    for local in ["0", "1", ""] {
        assert_eq!((at_url(local).path(AT_URL), at_url(local).report().verdict), (None, Verdict::Pass), "{local}");
    }
    let older = World::healthy().set("WEBSITE_USE_ZIP", url);
    assert_eq!(older.path("WEBSITE_USE_ZIP/blob"), PASS);
    // A role that reads blobs is sufficient; other roles are not.
    let container = "/blobServices/default/containers/pkg";
    let with = |roles: Vec<(&'static str, &'static str)>| World { roles, ..at_url(url) };
    assert_eq!(with(vec![(READER, container)]).path(AT_URL), PASS);
    assert_eq!(with(vec![(READER, "")]).path(AT_URL), PASS);
    assert_eq!(with(vec![]).path(AT_URL), fails("authorization.no-grant"));
    let (az, verified) = first_fix(
        &with(vec![("974c5e8b-45b9-4653-ba55-5f855dd0fb88", "")]).report(),
        "authorization.role-lacks-action",
    );
    assert!(az.contains("Storage Blob Data"), "{az} {verified}");
    // The signature's expiry is kept, and its secret is dropped.
    let signed = at_url(&format!("{url}?sv=2022-11-02&se=2026-12-01T00%3A00%3A00Z&sig=S3KRET"));
    assert_eq!(signed.path(AT_URL), UNKNOWN);
    assert!(signed.gap(AT_URL).contains("2026-12-01T00:00:00Z"), "{}", signed.gap(AT_URL));
    assert!(!serde_json::to_string(&signed.report()).unwrap().contains("S3KRET"));
    // A package outside a storage account is not evaluated, and a gap says so.
    for other in ["https://example.com/app.zip", "http://sttest01.blob.core.windows.net/pkg/a.zip", "<redacted>", "yes"]
    {
        let world = at_url(other);
        assert_eq!((world.path(AT_URL), world.report().verdict), (None, Verdict::Unknown), "{other}");
        assert!(world.gaps().contains("WEBSITE_RUN_FROM_PACKAGE"), "{}", world.gaps());
    }
    let flex = World::package(json!({"type": "SystemAssignedIdentity"})).set("WEBSITE_RUN_FROM_PACKAGE", url);
    assert!(flex.gaps().contains("not supported on a Flex Consumption plan"), "{}", flex.gaps());
}

#[test]
fn a_package_at_a_url_is_fetched_with_the_identity_in_its_setting() {
    let url = "https://sttest01.blob.core.windows.net/pkg/app.zip";
    let by = |id: &str| at_url(url).set(BY, id);
    assert_eq!(by(&identity()).path(AT_URL), PASS);
    assert_eq!(by("SystemAssigned").path(AT_URL), PASS);
    assert_eq!(by(&identity().replace("id-test", "id-other")).path(AT_URL), fails("identity.not-assigned-to-host"));
    assert_eq!(by("hunter2").path(AT_URL), UNKNOWN);
    // The setting does not accept a client id.
    assert_eq!(by(CLIENT).path(AT_URL), fails("identity.id-kind-mismatch"));
    let (az, verified) = first_fix(&by(CLIENT).report(), "identity.id-kind-mismatch");
    assert!(az.contains(BY) && az.contains("id-test") && verified, "{az} {verified}");
    let unknown = by("99999999-2222-3333-4444-555555555555");
    assert_eq!(unknown.path(AT_URL), fails("identity.not-assigned-to-host"));
    // Without a system-assigned identity, the setting is required.
    let mut recording = at_url(url).recording();
    recording["exchanges"][0]["body"]["identity"]["type"] = "UserAssigned".into();
    recording["exchanges"][0]["body"]["identity"]["principalId"] = Value::Null;
    let report = report(&recording);
    let path = report.paths.iter().find(|path| path.label == AT_URL).unwrap();
    assert_eq!(
        (path.verdict, path.root_cause.as_ref().and_then(CodeName::code).map(Code::text)),
        (Verdict::Fail, Some("identity.client-id-not-specified"))
    );
    // If the container may be public, the package may not need an identity.
    let mut open = World { roles: vec![], ..at_url(url) };
    open.account["allowBlobPublicAccess"] = true.into();
    assert_eq!(open.path(AT_URL), UNKNOWN);
}

#[test]
fn the_route_to_a_package_is_not_documented() {
    let mut closed = at_url("https://sttest01.blob.core.windows.net/pkg/app.zip");
    closed.account["networkAcls"]["defaultAction"] = "Deny".into();
    assert_eq!(closed.path(AT_URL), UNKNOWN);
    assert!(closed.report().findings.iter().any(|finding| finding.code.as_str().starts_with("firewall.")));
}

/// No report contains a secret from a setting, whatever the setting's value.
#[test]
fn settings_never_leak_secrets_into_a_report() {
    for (name, value) in [
        ("AzureWebJobsStorage__accountName", json!("AccountName=sttest01;AccountKey=S3KRET")),
        ("AzureWebJobsStorage__blobServiceUri", json!("https://u:S3KRET@sttest01.blob.core.windows.net/")),
        ("AzureWebJobsStorage__blobServiceUri", json!("https://sttest01.blob.core.windows.net/S3KRET?sig=S3KRET")),
        ("AzureWebJobsStorage__clientId", json!("S3KRET")),
        ("AzureWebJobsStorage__credential", json!("S3KRET")),
        ("AzureWebJobsStorage", json!("AccountName=sttest01\nAccountKey=S3KRET")),
        ("AzureWebJobsStorage", json!("AccountName=sttest01;AccountKey=x;BlobEndpoint=https://x.y/S3KRET")),
        ("AzureWebJobsStorage", json!(["S3KRET"])),
        ("WEBSITE_CONTENTSHARE", json!("share?sig=S3KRET")),
        ("WEBSITE_DNS_SERVER", json!("S3KRET")),
        ("X", json!("@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/x;Default=S3KRET)")),
        ("X", json!("@Microsoft.KeyVault(VaultName=kv1;SecretName=a;Password=S3KRET")),
        ("X", json!("@Microsoft.KeyVault(S3KRET)")),
    ] {
        let world = World::healthy().set(name, value.clone());
        let world = world.set("WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "AccountName=sttest01;AccountKey=S3KRET");
        let report = common::report("secrets.json", world.recording().to_string().into_bytes());
        let text = serde_json::to_string(&report).unwrap();
        assert!(!text.contains("S3KRET"), "{name}={value}");
    }
}
