//! Tests of the simulated Azure server, from a client's side.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;

use std::path::Path;
use std::time::{Duration, Instant};

use azure::client::{Client as Caller, GRAPH, RM, VAULTS};
use azure::{At, Azure, Certificate, Fault, Kind, OBJECT_ID, Options, Tool};
use serde_json::{Value, json};

const STORAGE: &str = "https://storage.azure.com";
const S: &str = "/subscriptions/00000000-0000-4000-8000-000000000001";
const RG: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg";
const KV: &str =
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1";
const APIM: &str =
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/a";
const ROLES: &str = "providers/Microsoft.Authorization/roleAssignments";

impl Caller {
    fn names(&self, url: &str) -> Vec<String> {
        let (status, body) = self.get(url);
        assert_eq!(status, 200, "{url}: {body}");
        body["value"].as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap().to_owned()).collect()
    }

    fn refused(&self, url: &str) -> String {
        let (status, body) = self.get(url);
        assert_eq!((status, &body["error"]["code"]), (403, &json!("AuthorizationFailed")), "{url}: {body}");
        body["error"]["message"].as_str().unwrap().to_owned()
    }

    fn query(&self, query: &str) -> (u16, Value) {
        let url = format!("{RM}/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01");
        let body = json!({ "subscriptions": [S.trim_start_matches("/subscriptions/")], "query": query });
        self.json(self.client.post(url).bearer_auth(self.token(RM)).body(body.to_string()))
    }
}

fn resource(id: &str, kind: &str) -> Value {
    json!({ "id": id, "name": id.rsplit('/').next().unwrap(), "type": kind, "properties": {} })
}

fn role(scope: &str, name: &str) -> Value {
    let id = format!("{scope}/{ROLES}/{name}");
    json!({ "id": id, "name": name, "properties": { "scope": scope, "principalId": name.to_uppercase() } })
}

fn read(path: impl AsRef<str>, status: u16, body: Value) -> Value {
    let path = path.as_ref();
    let and = if path.contains('?') { '&' } else { '?' };
    json!({ "request": format!("GET {path}{and}api-version=2024-05-01"), "status": status, "body": body })
}

fn recording(exchanges: Vec<Value>) -> Value {
    json!({ "apimDoctor": "snapshot/v1", "tenantId": "0f59375b-e699-4cf5-b2ee-fe0d235e4757", "exchanges": exchanges })
}

/// Two vaults, one of them refused; an instance; an existing and a missing secret; role assignments.
fn estate() -> Value {
    let vault = |name: &str| resource(&KV.replace("kv1", name), "Microsoft.KeyVault/vaults");
    let secret = |name: &str| resource(&format!("{KV}/secrets/{name}"), "Microsoft.KeyVault/vaults/secrets");
    let refused = json!({ "error": { "code": "AuthorizationFailed", "message": "as recorded" } });
    let missing = json!({ "error": { "code": "SecretNotFound", "message": "as recorded" } });
    let custom = json!({ "id": format!("{S}/providers/Microsoft.Authorization/roleDefinitions/c"), "name": "c",
        "properties": { "type": "CustomRole" } });
    let at = |scope: &str| format!("{scope}/{ROLES}?$filter=atScope()");
    recording(vec![
        read(S, 200, json!({ "id": S, "subscriptionId": "s" })),
        read(format!("{S}/providers/Microsoft.KeyVault/vaults"), 200, json!({ "value": [vault("kv1"), vault("kv2")] })),
        read(KV.replace("kv1", "kv2"), 403, refused.clone()),
        read(format!("{KV}/secrets/there"), 200, secret("there")),
        read(format!("{KV}/secrets/gone"), 404, missing),
        read(APIM, 200, resource(APIM, "Microsoft.ApiManagement/service")),
        read(format!("{APIM}/certificates"), 200, json!({ "value": [{ "id": format!("{APIM}/certificates/c1") }] })),
        read(custom["id"].as_str().unwrap(), 200, custom.clone()),
        read(at(S), 200, json!({ "value": [role(S, "high")] })),
        read(at(KV), 200, json!({ "value": [role(S, "high"), role(KV, "low")] })),
        read(at(APIM), 403, refused),
        read("https://kv1.vault.azure.net/secrets", 200, json!({ "value": [] })),
        read("https://graph.microsoft.com/v1.0/servicePrincipals(appId='x')", 200, json!({ "id": "x" })),
    ])
}

#[test]
fn sign_in_accepts_a_secret_or_an_assertion() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    assert_eq!(azure.tenant(), "0f59375b-e699-4cf5-b2ee-fe0d235e4757");
    assert_eq!(caller.token(RM).split('.').count(), 3);
    let (status, body) = caller.sign_in("client_secret=wrong&scope=https://management.azure.com/.default");
    assert_eq!((status, &body["error_codes"]), (401, &json!([7_000_215])), "{body}");
    let assertion = "client_assertion_type=urn&scope=https://management.azure.com/.default&client_assertion";
    assert_eq!(caller.sign_in(&format!("{assertion}={}", azure::ASSERTION)).0, 200);
    assert_eq!(caller.sign_in(&format!("{assertion}=other")).0, 401);
    let seen = azure.requests();
    assert!(seen.iter().all(|s| s.method == "POST" && s.end.is_some() && !s.authorized), "{seen:?}");
    for environment in [azure.sign_in(), azure.sign_in_workload(), azure.sign_in_managed_identity()] {
        assert!(environment.iter().any(|(name, value)| *name == "AZURE_CLIENT_SECRET" || !value.is_empty()));
    }
}

#[test]
fn a_managed_identity_gets_a_token_with_the_right_header() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    let environment = azure.sign_in_managed_identity();
    let value = |name: &str| environment.iter().find(|(n, _)| *n == name).unwrap().1.clone();
    let url = format!("{}?api-version=2019-08-01&resource={RM}", value("IDENTITY_ENDPOINT"));
    assert_eq!(caller.json(caller.client.get(&url)).0, 401);
    let (status, body) = caller.json(caller.client.get(&url).header("X-IDENTITY-HEADER", value("IDENTITY_HEADER")));
    assert_eq!(status, 200);
    body["expires_on"].as_str().unwrap().parse::<u64>().unwrap();
    let url = format!("{RM}{S}?api-version=1");
    assert_eq!(caller.json(caller.client.get(url).bearer_auth(body["access_token"].as_str().unwrap())).0, 200);
}

#[test]
fn the_stubs_of_az_and_azd_print_tokens_or_their_own_errors() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    let run = |az: Tool, azd: Tool, line: &str| {
        let mut shell = azure.command_with("/bin/sh", azure.sign_in_tools(az, azd));
        let output = shell.args(["-c", line]).output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (_, out, _) = run(
        Tool::SignedIn,
        Tool::Absent,
        "az account get-access-token -o json --scope https://management.azure.com/.default",
    );
    let token: Value = serde_json::from_str(&out).unwrap();
    assert!(token["expires_on"].is_i64());
    let url = format!("{RM}{S}?api-version=1");
    assert_eq!(caller.json(caller.client.get(url).bearer_auth(token["accessToken"].as_str().unwrap())).0, 200);
    assert_eq!(run(Tool::SignedIn, Tool::Absent, "azd auth token").0, 127);
    let (_, out, _) = run(Tool::Absent, Tool::SignedIn, "azd auth token --scope https://vault.azure.net/.default");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["expiresOn"], "2099-12-31T00:00:00Z");
    let (status, _, text) = run(Tool::SignedOut, Tool::SignedOut, "az account get-access-token");
    assert!(status == 1 && text.contains("az login"), "{text}");
    let (status, _, text) = run(Tool::SignedOut, Tool::SignedOut, "azd auth token");
    let said: Value = serde_json::from_str(&text).unwrap();
    assert!(status == 1 && said["data"]["message"].as_str().unwrap().contains("azd auth login"), "{text}");
    assert_eq!(azure.tool_calls().len(), 4);
}

#[test]
fn requests_need_a_valid_token_and_cannot_change_anything() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    let url = format!("{RM}{KV}?api-version=1");
    assert_eq!(caller.json(caller.client.get(&url)).1["error"]["code"], "AuthenticationFailed");
    assert_eq!(caller.json(caller.client.get(&url).bearer_auth("made-up")).0, 401);
    assert_eq!(caller.json(caller.client.get(&url).bearer_auth(caller.token(VAULTS))).0, 401);
    assert_eq!(caller.json(caller.client.get(format!("{RM}{KV}")).bearer_auth(caller.token(RM))).0, 400);
    assert!(azure.violations().is_empty());
    assert_eq!(caller.json(caller.client.delete(&url).bearer_auth(caller.token(RM))).0, 405);
    assert_eq!(azure.violations(), [format!("DELETE {RM}{KV}")]);
}

#[test]
fn recorded_answers_are_found_in_any_spelling() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    let spelled = format!("/{}?API-Version=2019-01-01", APIM.to_uppercase().replacen("/A", "//A", 1));
    assert_eq!(caller.get(&spelled).1["id"], APIM);
    let (status, body) = caller.get(&KV.replace("kv1", "kv2"));
    assert_eq!((status, &body["error"]["message"]), (403, &json!("as recorded")));
    assert_eq!(caller.get(&format!("{KV}/secrets/gone")).1["error"]["code"], "SecretNotFound");
    assert_eq!(caller.names(&format!("{KV}/{ROLES}?%24filter=atScope%28%29")), ["high", "low"]);
    let seen = azure.requests().pop().unwrap();
    assert!(seen.authorized && seen.status == 200 && seen.query.contains("$filter=atScope()"), "{seen:?}");
}

#[test]
fn other_answers_are_derived_from_the_recording_or_refused() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    // Known from a list; absent from a complete list; undetermined.
    assert_eq!(caller.get(KV).1["name"], "kv1");
    let (status, body) = caller.get(&KV.replace("kv1", "kv3"));
    assert_eq!((status, &body["error"]["code"]), (404, &json!("ResourceNotFound")));
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("'Microsoft.KeyVault/vaults/kv3' under resource group 'rg'")
    );
    let message = caller.refused(&format!("{KV}/secrets/other"));
    assert!(message.contains(OBJECT_ID) && message.contains("'Microsoft.KeyVault/vaults/secrets/read'"), "{message}");
    caller.refused(&format!("{KV}/providers/Microsoft.ManagedIdentity/identities/default"));
    // Lists.
    assert_eq!(caller.names(&format!("{RG}/providers/Microsoft.KeyVault/vaults")), ["kv1", "kv2"]);
    assert_eq!(caller.names(&format!("{KV}/secrets")), ["there"]);
    assert_eq!(caller.names(&format!("{APIM}/policyFragments")), [""; 0]);
    assert_eq!(caller.get(&format!("{APIM}/policies/policy")).0, 404);
    let definitions = format!("{S}/providers/Microsoft.Authorization/roleDefinitions");
    assert_eq!(caller.names(&format!("{definitions}?$filter=type eq 'CustomRole'")), ["c"]);
    let message = caller.refused(&format!("{S}/providers/Microsoft.Network/privateEndpoints"));
    assert!(message.contains(&format!("'Microsoft.Network/privateEndpoints/read' over scope '{S}'")), "{message}");
    for list in [format!("{KV}/keys"), format!("{APIM}/loggers"), definitions, format!("{S}/resources")] {
        caller.refused(&list);
    }
    assert_eq!(caller.get("/subscriptions").1["value"][0]["id"], S);
}

#[test]
fn assignments_include_scopes_above_and_without_a_filter_below() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    assert_eq!(caller.names(&format!("{KV}/{ROLES}")), ["high", "low"]);
    assert_eq!(caller.names(&format!("{KV}/{ROLES}?$filter=principalId eq 'LOW'")), ["low"]);
    assert_eq!(caller.names(&format!("{RG}/{ROLES}?$filter=atScope()")), ["high"]);
    // The instance's own list was refused. So are its other forms, and lists that would include it.
    assert_eq!(caller.get(&format!("{APIM}/{ROLES}")).1["error"]["message"], "as recorded");
    caller.refused(&format!("{APIM}/apis/x/{ROLES}?$filter=atScope()"));
    caller.refused(&format!("{S}/{ROLES}"));
    // No list at this scope or above was recorded.
    caller.refused(&format!("{KV}/providers/Microsoft.Authorization/denyAssignments"));
    caller.refused(&format!("/subscriptions/other/{ROLES}?$filter=atScope()"));
}

#[test]
fn lists_have_pages_and_a_missing_page_leaves_them_incomplete() {
    let azure = Azure::serve(&estate(), Options { page_size: Some(1), ..Options::default() });
    let caller = Caller::of(&azure);
    let (_, first) = caller.get(&format!("{S}/providers/Microsoft.KeyVault/vaults"));
    let (_, last) = caller.get(first["nextLink"].as_str().unwrap());
    assert_eq!((&first["value"][0]["name"], &last["value"][0]["name"]), (&json!("kv1"), &json!("kv2")));
    assert!(last.get("nextLink").is_none());

    let list = format!("{S}/providers/Microsoft.KeyVault/vaults");
    let page = |rest: &str| json!({ "value": [], "nextLink": format!("{RM}{list}?api-version=1&$skiptoken={rest}") });
    for (second, status) in [(read(format!("{list}?$skiptoken=2"), 200, json!({ "value": [] })), 404), (json!({}), 403)]
    {
        let azure = Azure::serve(&recording(vec![read(&list, 200, page("2")), second]), Options::default());
        assert_eq!(Caller::of(&azure).get(KV).0, status);
    }
}

#[test]
fn bare_bodies_are_known_but_no_list_is_complete() {
    let bodies = json!([resource(KV, "Microsoft.KeyVault/vaults"), role(KV, "low")]);
    let azure = Azure::serve(&bodies, Options::default());
    let caller = Caller::of(&azure);
    assert_eq!(caller.get(KV).0, 200);
    caller.refused(&format!("{S}/providers/Microsoft.KeyVault/vaults"));
    assert_eq!(caller.names(&format!("{S}/providers/Microsoft.Network/networkSecurityPerimeters")), [""; 0]);
    assert_eq!(caller.names(&format!("{KV}/{ROLES}?$filter=atScope()")), ["low"]);
    assert_eq!(caller.names(&format!("{S}/{ROLES}?$filter=atScope()")), [""; 0]);
    assert_eq!(caller.names(&format!("{S}/providers/Microsoft.Authorization/denyAssignments")), [""; 0]);
}

#[test]
fn resource_graph_finds_readable_resources() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    let query =
        "resources | where type =~ 'microsoft.keyvault/vaults' and name in~ ('KV1', 'kv2') | project id, name, type";
    let (status, body) = caller.query(query);
    let row = json!({ "id": KV, "name": "kv1", "type": "microsoft.keyvault/vaults" });
    assert_eq!((status, &body["data"], &body["totalRecords"]), (200, &json!([row]), &json!(1)));
    let query =
        "resources | where name =~ 'kv1' and resourceGroup =~ 'RG' and properties.sku =~ 'a' | project id, name, type";
    assert_eq!(caller.query(query).1["count"], 0);
    let query = query.replace(" and properties.sku =~ 'a'", "");
    assert_eq!(caller.query(&query).1["count"], 1);
    assert_eq!(caller.query("resources | where type in~ ('a/b') | project id, name, type").1["count"], 0);
    for other in
        ["resources | where tags.env == 'x'", "resources | where type =~ 'a' or type =~ 'b'", "resources | count"]
    {
        assert_eq!(caller.query(other).0, 400, "{other}");
    }
    assert!(azure.violations().is_empty());
}

#[test]
fn vaults_and_graph_return_recorded_answers_and_never_a_value() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    let response = caller
        .runtime
        .block_on(async { caller.client.get("https://kv1.vault.azure.net/secrets").send().await.unwrap() });
    let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
    let authority = format!("https://login.microsoftonline.com/{}", azure.tenant());
    assert_eq!(challenge, format!(r#"Bearer authorization="{authority}", resource="{VAULTS}""#));
    assert_eq!(caller.get("https://kv1.vault.azure.net//secrets/?api-version=7.6").0, 200);
    let (status, body) = caller.get("https://kv1.vault.azure.net/certificates/c?api-version=7.6");
    assert_eq!((status, &body["error"]["innererror"]["code"]), (403, &json!("ForbiddenByRbac")));
    assert_eq!(caller.get("https://kv1.vault.azure.net/secrets/there/versions?api-version=7.6").0, 403);
    assert!(azure.violations().is_empty());
    assert_eq!(caller.get("https://kv1.vault.azure.net/secrets/there/?api-version=7.6").0, 500);
    assert_eq!(azure.violations().len(), 1);
    assert_eq!(caller.get(&format!("{GRAPH}/v1.0/servicePrincipals(appId='x')?$select=id")).0, 200);
    assert_eq!(caller.get(&format!("{GRAPH}/v1.0/me")).1["error"]["code"], "Authorization_RequestDenied");
}

#[test]
fn vaults_belong_to_the_recordings_cloud() {
    let mut snapshot = estate();
    snapshot["cloud"] = "AzureChina".into();
    let azure = Azure::serve(&snapshot, Options::default());
    let caller = Caller::of(&azure);
    let request = caller.client.get("https://kv1.vault.azure.cn/secrets?api-version=7.6");
    assert_eq!(caller.json(request.bearer_auth(caller.token("https://vault.azure.cn"))).0, 403);
    let cloud = std::fs::read_to_string(azure.cloud_file()).unwrap();
    assert!(cloud.contains(r#"vault = "privatelink.vaultcore.azure.cn""#), "{cloud}");
}

#[test]
fn faults_apply_to_the_selected_requests() {
    let url = format!("{RM}{S}/providers/Microsoft.KeyVault/vaults?api-version=1");
    let with = |at: At, kind: Kind, times: Option<usize>| {
        let azure = Azure::serve(&estate(), Options { fault: Some(Fault { at, kind, times }), ..Options::default() });
        let caller = Caller::of(&azure);
        (azure, caller)
    };
    let met = |kind: Kind| {
        let (azure, caller) = with(At::EveryRead, kind.clone(), None);
        let answer =
            caller.send(caller.client.get(&url).bearer_auth(caller.token(RM)).timeout(Duration::from_millis(300)));
        assert_eq!(azure.requests().last().unwrap().fault, Some(kind));
        answer
    };
    assert_eq!(met(Kind::Status(429, Some("7".into()))).unwrap().0, 429);
    assert!(met(Kind::Reset).is_err_and(|error| !error.is_timeout()));
    assert!(met(Kind::Silence).is_err_and(|error| error.is_timeout()));
    assert!(met(Kind::Truncated).is_err_and(|error| !error.is_timeout()));
    assert!(met(Kind::Html).unwrap().1.starts_with("<!DOCTYPE html>"));
    assert!(met(Kind::WrongContentType).unwrap().1.starts_with('{'));
    assert_eq!(met(Kind::Empty).unwrap(), (200, String::new()));
    assert!(met(Kind::Deep(1000)).unwrap().1.starts_with("[[["));
    assert_eq!(met(Kind::Redirect("https://elsewhere.example/".into())).unwrap().0, 307);
    assert_eq!(met(Kind::HugeBody(100_000)).unwrap().1.len(), 100_000);
    let next = |kind: Kind| serde_json::from_str::<Value>(&met(kind).unwrap().1).unwrap()["nextLink"].clone();
    assert_eq!(next(Kind::NextLinkLoop), url.as_str());
    assert_eq!(next(Kind::NextLinkForeign("https://evil.example/".into())), "https://evil.example/");
    assert!(next(Kind::NextLinkEndless).as_str().unwrap().contains("$skiptoken=endless"));

    let (_azure, caller) = with(At::Path(KV.to_uppercase()), Kind::Status(500, None), Some(1));
    assert_eq!([caller.get(APIM).0, caller.get(KV).0, caller.get(KV).0], [200, 500, 200]);
    let (_azure, caller) = with(At::Nth(2), Kind::Status(503, None), None);
    assert_eq!([caller.get(KV).0, caller.get(KV).0, caller.get(KV).0], [200, 503, 200]);
    let (_azure, caller) = with(At::Token, Kind::Status(500, None), None);
    assert_eq!(caller.sign_in("").0, 500);
}

#[test]
fn latency_is_concurrent_and_clients_refuse_a_wrong_certificate() {
    let azure = Azure::serve(&estate(), Options { latency: Duration::from_millis(100), ..Options::default() });
    let caller = Caller::of(&azure);
    let token = caller.token(RM);
    let start = Instant::now();
    caller.runtime.block_on(async {
        let one = || caller.client.get(format!("{RM}{KV}?api-version=1")).bearer_auth(&token).send();
        let (a, b, c) = tokio::join!(one(), one(), one());
        assert!([a, b, c].into_iter().all(|answer| answer.unwrap().status() == 200));
    });
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert_eq!(azure.most_at_once(), 3);
    for certificate in [Certificate::OtherName, Certificate::OtherAuthority, Certificate::Expired] {
        let azure = Azure::serve(&estate(), Options { certificate, ..Options::default() });
        let caller = Caller::of(&azure);
        assert!(caller.send(caller.client.get(RM)).is_err_and(|error| error.is_connect()), "{certificate:?}");
        assert!(azure.requests().is_empty());
    }
}

#[test]
fn a_dropped_server_stops_and_deletes_its_files() {
    let azure = Azure::serve(&estate(), Options::default());
    let caller = Caller::of(&azure);
    assert_eq!(caller.get(KV).0, 200);
    let folder = azure.folder().to_owned();
    drop(azure);
    assert!(!folder.exists());
    assert!(caller.send(caller.client.get(RM)).is_err());
}

#[test]
fn storage_accounts_return_recorded_answers_and_refuse_the_rest() {
    let blobs = "https://st1.blob.core.windows.net/backups?restype=container&comp=list";
    let xml = "<?xml version=\"1.0\"?><EnumerationResults><Blobs/></EnumerationResults>";
    let exchange = json!({ "request": format!("GET {blobs}"), "status": 200, "body": xml });
    let azure = Azure::serve(&recording(vec![exchange]), Options::default());
    let caller = Caller::of(&azure);
    let ask =
        |url: &str, audience: &str| caller.send(caller.client.get(url).bearer_auth(caller.token(audience))).unwrap();
    assert_eq!(ask(blobs, STORAGE), (200, xml.to_owned()));
    assert_eq!(ask(blobs, RM).0, 401);
    let (status, text) = ask("https://st1.queue.core.windows.net/?comp=list", STORAGE);
    assert!(status == 403 && text.contains("<Code>AuthorizationPermissionMismatch</Code>"), "{status}: {text}");
}

#[test]
fn every_recorded_answer_is_returned_unchanged() {
    let test = "every_recorded_answer_is_returned_unchanged";
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases");
    if !cases.is_dir() {
        println!("skipped: ../shared does not exist ({test})");
        return;
    }
    let folders = ["estates", "reports"].map(|folder| cases.join(folder));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.to_string_lossy().ends_with(".snapshot.json")).collect();
    files.sort();
    for file in files {
        let snapshot: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let azure = Azure::serve(&snapshot, Options::default());
        let caller = Caller::of(&azure);
        let tokens = [RM, GRAPH, STORAGE].map(|audience| caller.token(audience));
        let get = |url: &str| {
            let (url, token) = match url.strip_prefix(GRAPH) {
                _ if url.starts_with('/') => (format!("{RM}{url}"), &tokens[0]),
                Some(_) => (url.to_owned(), &tokens[1]),
                None => (url.to_owned(), &tokens[2]),
            };
            let (status, text) = caller.send(caller.client.get(url).bearer_auth(token)).unwrap();
            (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
        };
        for exchange in snapshot["exchanges"].as_array().into_iter().flatten() {
            let Some(url) = exchange["request"].as_str().unwrap().strip_prefix("GET ") else { continue };
            let (status, body) = get(url);
            assert_eq!((json!(status), &body), (exchange["status"].clone(), &exchange["body"]), "{file:?}: {url}");
        }
        for body in snapshot.as_array().into_iter().flatten() {
            assert_eq!(&get(&format!("{}?api-version=1", body["id"].as_str().unwrap())).1, body, "{file:?}");
        }
    }
    println!("ran: {test}");
}
