//! `probe` of storage accounts: against Azurite if it behaves like the service, otherwise against a TLS server with the
//! documented answers.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azurite;
mod names;
mod play;

mod fixture;

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use azure_core::base64::encode_url_safe;
use azurite::{ACCOUNT, Azurite};
use names::Names;
use play::{Authority, Heard, follows_schema, has, head, probe, reply, said, serve};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

const TENANT: &str = "6f0e3a1c-1111-4222-8333-444455556666";
const STORAGE: &str = "https://storage.azure.com";

/// Returns an access token as from Entra ID, except for the signature.
fn token(audience: &str, tenant: &str) -> String {
    let part = |value: Value| encode_url_safe(value.to_string()).trim_end_matches('=').to_owned();
    let claims = json!({
        "aud": audience, "iss": format!("https://sts.windows.net/{tenant}/"), "tid": tenant, "oid": "0b1d",
        "iat": 1_700_000_000, "nbf": 1_700_000_000, "exp": 4_102_444_800_u64,
    });
    format!("{}.{}.TOPSECRETSIGNATURE", part(json!({"alg": "none", "typ": "JWT"})), part(claims))
}

/// Starts an identity endpoint as in App Service. It issues the same token for every audience.
fn identities(token: String) -> (SocketAddr, Heard) {
    let heard: Heard = Arc::default();
    let kept = heard.clone();
    let address = serve(move |mut stream| {
        kept.lock().unwrap().push(head(&mut stream));
        let body = json!({"access_token": token, "expires_on": "4102444800", "resource": "x", "token_type": "Bearer"});
        reply(stream, "200 OK", "content-type: application/json\r\n", &body.to_string());
    });
    (address, heard)
}

/// Starts a server with the documented answers. The account's name determines the answer.
fn accounts(config: Arc<ServerConfig>) -> (SocketAddr, Heard) {
    let heard: Heard = Arc::default();
    let kept = heard.clone();
    let address = serve(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
        let head = head(&mut stream);
        if head.is_empty() {
            return;
        }
        kept.lock().unwrap().push(head.clone());
        let host = head.split("host: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let (account, service) = host.split_once('.').unwrap();
        let fails = |stream, status: &str, code: &str, message: &str, more: &str| {
            let end = "RequestId:11111111-0001-0002-0003-444444000000\nTime:2026-11-22T09:00:00.0000000Z";
            let body = match service.starts_with("table") {
                true => {
                    let message = json!({"lang": "en-US", "value": format!("{message}\n{end}")});
                    json!({"odata.error": {"code": code, "message": message}}).to_string()
                }
                false => format!(
                    "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code>\
                     <Message>{message}\n{end}</Message></Error>"
                ),
            };
            // Versions before 2017-07-29 do not have this header, and a proxy may drop it.
            let header = if account == "nocode" { String::new() } else { format!("x-ms-error-code: {code}\r\n") };
            let headers = format!(
                "server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0\r\nx-ms-request-id: \
                 11111111-0001-0002-0003-444444000000\r\n{header}{more}"
            );
            reply(stream, status, &headers, &body);
        };
        let please = "Server failed to authenticate the request. Please refer to the information in the \
                      www-authenticate header.";
        let challenge = format!(
            "www-authenticate: Bearer authorization_uri=https://login.microsoftonline.com/{TENANT}/oauth2/authorize \
             resource_id=https://storage.azure.com\r\n"
        );
        let closed = "This request is not authorized to perform this operation.";
        match (account, head.contains("\r\nauthorization: bearer ")) {
            ("closed" | "nocode", _) => fails(stream, "403 Forbidden", "AuthorizationFailure", closed, ""),
            ("perimeter", _) => {
                let text = "This request is not authorized by network security perimeter to perform this operation.";
                fails(stream, "403 Forbidden", "AuthorizationFailure", text, "");
            }
            ("disabled", _) => {
                fails(stream, "403 Forbidden", "AccountIsDisabled", "The specified account is disabled.", "");
            }
            ("private", _) => {
                let text = "Public access is not permitted on this storage account.";
                fails(stream, "409 Conflict", "PublicAccessNotPermitted", text, "");
            }
            ("nokeys", _) => {
                let text = "Key based authentication is not permitted on this storage account.";
                fails(stream, "403 Forbidden", "KeyBasedAuthenticationNotPermitted", text, "");
            }
            ("gone", _) => {
                let text = "The requested URI does not represent any resource on the server.";
                fails(stream, "400 Bad Request", "InvalidUri", text, "");
            }
            ("busy", _) => {
                let text = "The server is currently unable to receive requests. Please retry your request.";
                fails(stream, "503 Service Unavailable", "ServerBusy", text, "");
            }
            ("new", _) => {
                fails(stream, "403 Forbidden", "SomethingNew", "An unknown error, sig=TOPSECRETSIGNATURE.", "")
            }
            ("page", _) => {
                let page = "<html><title>Blocked by policy</title><message>TOPSECRETPAGE</message></html>";
                reply(stream, "403 Forbidden", "content-type: text/html\r\n", page);
            }
            ("away", _) => {
                let to = "location: https://signin.example/login?token=TOPSECRETTOKEN\r\n";
                reply(stream, "302 Found", to, "");
            }
            ("norole", true) => {
                let text = "This request is not authorized to perform this operation using this permission.";
                fails(stream, "403 Forbidden", "AuthorizationPermissionMismatch", text, "");
            }
            ("stranger", true) => {
                fails(stream, "401 Unauthorized", "InvalidAuthenticationInfo", please, &challenge);
            }
            (_, false) => fails(stream, "401 Unauthorized", "NoAuthenticationInformation", please, &challenge),
            (_, true) => {
                let body = "<EnumerationResults><Containers><Container><Name>TOPSECRETCONTAINER</Name></Container>\
                            </Containers></EnumerationResults>";
                reply(stream, "200 OK", "x-ms-request-id: 1-2\r\ncontent-type: application/xml\r\n", body);
            }
        }
    });
    (address, heard)
}

/// Name servers, an account's services, and the cloud file with their addresses.
struct Scene {
    folder: PathBuf,
    cloud: PathBuf,
    names: Names,
    heard: Heard,
    azurite: Option<Arc<Azurite>>,
}

impl Scene {
    /// Uses a server with the documented answers.
    fn new(test: &str) -> Self {
        let authority = Authority::new("Test");
        let wildcards = ["blob", "file", "queue", "table"].map(|service| format!("*.{service}.core.windows.net"));
        let (address, heard) = accounts(authority.leaf(&wildcards.each_ref().map(String::as_str), 2040));
        let lines = wildcards.map(|name| format!("\"{name}\" = \"{address}\"\n"));
        Self::with(test, &authority.pem(), &lines.concat(), heard, None)
    }

    /// Uses Azurite.
    fn azurite(test: &str) -> Option<Self> {
        let azurite = azurite::start(test)?;
        let line = |(service, at): &(&str, SocketAddr)| format!("\"*.{service}.core.windows.net\" = \"{at}\"\n");
        let lines: String = azurite.services.iter().map(line).collect();
        Some(Self::with(test, &azurite.authority, &lines, Heard::default(), Some(azurite.clone())))
    }

    fn with(test: &str, authority: &str, connect_to: &str, heard: Heard, azurite: Option<Arc<Azurite>>) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe-storage").join(test);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("ca.pem"), authority).unwrap();
        let names = Names::start();
        let cloud = folder.join("cloud.toml");
        let text = format!(
            "name = \"test\"\nresource_manager = \"https://management.azure.com\"\n\
             authority = \"https://login.microsoftonline.com\"\ndns_server = \"{}\"\nca_file = \"ca.pem\"\n\
             [connect_to]\n{connect_to}",
            names.address
        );
        fs::write(&cloud, text).unwrap();
        Self { folder, cloud, names, heard, azurite }
    }

    /// Adds a line to `connect_to`.
    fn connecting(self, host: &str, to: SocketAddr) -> Self {
        let text = fs::read_to_string(&self.cloud).unwrap();
        fs::write(&self.cloud, format!("{text}\"{host}\" = \"{to}\"\n")).unwrap();
        self
    }

    /// Removes the addresses from the cloud file, so only DNS decides where to connect.
    fn without_addresses(self) -> Self {
        let text = fs::read_to_string(&self.cloud).unwrap();
        fs::write(&self.cloud, text.split("[connect_to]").next().unwrap()).unwrap();
        self
    }

    /// Returns the exit status and the text.
    fn text(&self, host: &str, more: &[&str]) -> (i32, String) {
        let (status, text) = said(&probe(host, &self.cloud, more).output().unwrap());
        assert!(!text.contains("TOPSECRET"), "{text}");
        (status, text)
    }

    /// Returns the recording.
    fn json(&self, host: &str, more: &[&str]) -> Value {
        recorded(&probe(host, &self.cloud, &[more, &["-o", "json"]].concat()).output().unwrap())
    }

    fn as_identity(&self, host: &str, endpoint: SocketAddr, more: &[&str]) -> Output {
        let mut command = probe(host, &self.cloud, &[&["--as-identity"], more].concat());
        command
            .env("IDENTITY_ENDPOINT", format!("http://{endpoint}/msi/token"))
            .env("IDENTITY_HEADER", "TOPSECRETHEADER");
        command.output().unwrap()
    }

    /// Returns the exit status, text and recording of a probe with a token.
    fn with_token(&self, host: &str, token: String) -> (i32, String, Value) {
        let (endpoint, asked) = identities(token);
        let (status, text) = said(&self.as_identity(host, endpoint, &[]));
        assert!(!text.to_ascii_uppercase().contains("TOPSECRET"), "{text}");
        has(&asked.lock().unwrap()[0], "resource=https%3a%2f%2fstorage.azure.com http/1.1");
        (status, text, recorded(&self.as_identity(host, endpoint, &["-o", "json"])))
    }
}

/// Returns a recording, and checks that it follows its schema and contains no secrets.
fn recorded(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.to_ascii_uppercase().contains("TOPSECRET"), "{text}");
    let recording = serde_json::from_str(&text).unwrap();
    follows_schema(&recording);
    recording
}

#[test]
fn azurite_refuses_a_missing_token_with_another_answer_than_the_service() {
    let Some(scene) = Scene::azurite("azurite-anonymous") else { return };
    for service in ["blob", "table"] {
        let host = format!("{ACCOUNT}.{service}.core.windows.net");
        let (status, text) = scene.text(&host, &[]);
        // The code is the same as for a closed firewall, but the text is not, so the answer proves nothing.
        assert_eq!(status, 0, "{text}");
        assert!(text.starts_with(&format!("UNKNOWN {host}: answers at 127.0.0.1:")), "{text}");
        has(
            &text,
            "the storage account answers with 403 AuthorizationFailure: Server failed to authenticate the request.",
        );
        has(&text, "the meaning of this answer is not documented");
        has(&text, "server Azurite-");
        assert_eq!(scene.text(&host, &["--fail-on", "unknown", "-q"]).0, 1);
        assert_eq!(scene.json(&host, &[])["exchanges"], json!([]));
    }
    let (status, text) = scene.text("st1.queue.core.windows.net", &[]);
    assert_eq!(status, 0, "{text}");
    assert!(text.starts_with("REACHABLE"), "{text}");
    has(&text, "answers with 403 AuthenticationFailed");
}

#[test]
fn azurite_accepts_the_right_token_and_its_list_is_dropped() {
    let Some(scene) = Scene::azurite("azurite-right-token") else { return };
    create_container(&scene, "topsecretcontainer");
    for (service, question) in
        [("blob", "/?comp=list&maxresults=1"), ("queue", "/?comp=list&maxresults=1"), ("table", "/Tables?$top=1")]
    {
        let host = format!("{ACCOUNT}.{service}.core.windows.net");
        let (status, text, recording) = scene.with_token(&host, token(STORAGE, TENANT));
        assert_eq!(status, 0, "{text}");
        assert!(text.starts_with(&format!("REACHABLE {host}: ")), "{text}");
        has(&text, "object id 0b1d: can list (the list was discarded unread)");
        let request = format!("GET https://{host}{question}");
        assert_eq!(recording["exchanges"], json!([{"request": request, "status": 200}]), "{service}");
        assert_eq!(recording["signedIn"]["tenantId"], TENANT);
    }
}

#[test]
fn azurite_refuses_a_token_for_another_audience() {
    let Some(scene) = Scene::azurite("azurite-wrong-audience") else { return };
    for service in ["blob", "queue", "table"] {
        let host = format!("{ACCOUNT}.{service}.core.windows.net");
        let (status, text, recording) = scene.with_token(&host, token("https://vault.azure.net", TENANT));
        assert_eq!(status, 1, "{text}");
        let answer = format!(
            "BLOCKED {host}: the storage account answers this machine's identity with 403 AuthenticationFailed: Server \
             failed to authenticate the request."
        );
        assert!(text.starts_with(&answer), "{text}");
        has(&text, "(Invalid token audience.)");
        has(&text, "the token was rejected: it has a different tenant or audience, or has expired");
        assert_eq!(recording["exchanges"][0]["status"], 403);
        assert_eq!(recording["exchanges"][0]["body"]["error"]["code"], "AuthenticationFailed");
    }
}

#[test]
fn azurite_refuses_an_invalid_token() {
    let Some(scene) = Scene::azurite("azurite-no-token") else { return };
    let (status, text, _) = scene.with_token("st1.blob.core.windows.net", "topsecretnonsense".to_owned());
    assert_eq!(status, 1, "{text}");
    has(&text, "403 AuthenticationFailed");
    has(&text, "(Authentication scheme Bearer is not supported.)");
}

#[test]
fn azurite_does_not_have_another_account() {
    let Some(scene) = Scene::azurite("azurite-no-account") else { return };
    let (status, text) = scene.text("stnone.blob.core.windows.net", &[]);
    assert_eq!(status, 0, "{text}");
    assert!(text.starts_with("UNKNOWN"), "{text}");
    has(&text, "the storage account answers with 404 ResourceNotFound: The specified resource does not exist.");
    has(&text, "the account does not exist or is hidden from requests without a credential");
    assert_eq!(scene.text("stnone.blob.core.windows.net", &["--fail-on", "warning", "-q"]).0, 1);
}

/// Creates a container in Azurite directly, because `probe` cannot write.
fn create_container(scene: &Scene, name: &str) {
    let azurite = scene.azurite.as_ref().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let authority = reqwest::Certificate::from_pem(azurite.authority.as_bytes()).unwrap();
    let host = format!("{ACCOUNT}.blob.core.windows.net");
    let client = reqwest::Client::builder().no_proxy().resolve(&host, azurite.services[0].1);
    let client = client.tls_certs_only([authority]).build().unwrap();
    let request = client
        .put(format!("https://{host}/{name}?restype=container"))
        .header("x-ms-version", "2023-11-03")
        .bearer_auth(token(STORAGE, TENANT));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let status = runtime.block_on(request.send()).unwrap().status().as_u16();
    assert!([201, 409].contains(&status), "{status}");
}

#[test]
fn a_reachable_account_is_shown_hop_by_hop_with_its_tenant() {
    let scene = Scene::new("reachable");
    let (status, text) = scene.text("st1.blob.core.windows.net", &["-v"]);
    assert_eq!(status, 0, "{text}");
    assert!(text.starts_with("REACHABLE st1.blob.core.windows.net: answers at 127.0.0.1:"), "{text}");
    has(&text, "A: st1.blob.core.windows.net → st1.privatelink.blob.core.windows.net → 10.1.0.7");
    has(&text, &format!("requests a token (401) of tenant {TENANT} - server Windows-Azure-Blob/1.0"));
    has(&text, "request 11111111-0001-0002-0003-444444000000");
    has(
        &text,
        "the request had no credential, so the account's network rules may still block requests with a credential",
    );
    assert!(scene.names.asked().iter().any(|asked| asked == "udp st1.privatelink.blob.core.windows.net A"));
    let recording = scene.json("https://st1.blob.core.windows.net/container/blob?sv=1&sig=TOPSECRET", &[]);
    assert_eq!(recording["probes"][0]["tls"], "trusted");
    assert_eq!(recording["probes"][0]["tenantId"], TENANT);
    assert_eq!(recording["exchanges"], json!([]), "an answer without a token says nothing about an identity");
    let heard = scene.heard.lock().unwrap();
    assert_eq!(heard.len(), 2);
    for head in heard.iter() {
        assert!(head.starts_with("get /?comp=list&maxresults=1 http/1.1\r\n"), "{head}");
        assert!(head.contains("x-ms-version: 2023-11-03") && !head.contains("authorization"), "{head}");
    }
}

/// Checks the result for a documented answer to a caller without a token.
fn answers(account: &str, status: i32, word: &str, says: &str, hint: &str) {
    let scene = Scene::new(account);
    for service in ["blob", "queue", "table"] {
        let host = format!("{account}.{service}.core.windows.net");
        let (found, text) = scene.text(&host, &[]);
        assert_eq!(found, status, "{text}");
        assert!(text.starts_with(&format!("{word} {host}: ")), "{text}");
        has(&text, says);
        has(&text, hint);
        // Every other result is unknown or blocked.
        let is_certain = word != "UNKNOWN" && status == 0;
        assert_eq!(scene.text(&host, &["--fail-on", "unknown"]).0 == 0, is_certain, "{text}");
    }
}

#[test]
fn a_closed_firewall() {
    let says = "the storage account answers with 403 AuthorizationFailure: This request is not authorized to perform this \
                operation. what to do: the account's network rules block this machine";
    answers("closed", 1, "BLOCKED", says, "roles have no influence on this");
}

#[test]
fn a_code_in_the_body_only() {
    answers("nocode", 1, "BLOCKED", "403 AuthorizationFailure: This request", "network rules block this machine");
}

#[test]
fn a_perimeter_is_distinguished_from_a_firewall_with_the_same_code() {
    let says = "403 AuthorizationFailure: This request is not authorized by network security perimeter";
    answers("perimeter", 1, "BLOCKED", says, "add an inbound access rule to the perimeter");
}

#[test]
fn a_disabled_account() {
    let says = "403 AccountIsDisabled: The specified account is disabled.";
    answers("disabled", 1, "BLOCKED", says, "check the state of the subscription");
}

#[test]
fn an_account_that_requires_a_credential_is_reachable() {
    answers("private", 0, "REACHABLE", "answers with 409 PublicAccessNotPermitted", "requests a credential");
}

#[test]
fn an_account_that_refuses_keys_is_reachable() {
    let says = "403 KeyBasedAuthenticationNotPermitted: Key based authentication is not permitted";
    answers("nokeys", 0, "REACHABLE", says, "the account refuses account keys");
}

#[test]
fn a_name_that_points_to_a_service_without_the_account() {
    let says = "400 InvalidUri: The requested URI does not represent any resource on the server.";
    answers("gone", 0, "UNKNOWN", says, "check whether the name resolves to the address of a deleted account");
}

#[test]
fn a_busy_service() {
    answers("busy", 0, "UNKNOWN", "503 ServerBusy", "try again later");
}

#[test]
fn an_undocumented_code() {
    let says = "403 SomethingNew: An unknown error, sig=<redacted>";
    answers("new", 0, "UNKNOWN", says, "the meaning of this answer is not documented");
}

#[test]
fn a_proxys_page_is_not_an_accounts_answer() {
    let says = "has no `x-ms-request-id`, which a storage account always sends: 403 without a code";
    answers("page", 1, "BLOCKED", says, "a different server answers");
}

#[test]
fn a_redirection_is_not_followed() {
    let says = "the answer is a redirect (302 to `https://signin.example`), which a storage account never sends";
    answers("away", 1, "BLOCKED", says, "a sign-in page or a proxy intercepts the request");
}

#[test]
fn the_account_answers_this_machines_identity() {
    let scene = Scene::new("identity");
    let (status, text, recording) = scene.with_token("st1.blob.core.windows.net", token(STORAGE, TENANT));
    assert_eq!(status, 0, "{text}");
    has(&text, "and allows this machine's identity to list its contents");
    let request = "GET https://st1.blob.core.windows.net/?comp=list&maxresults=1";
    assert_eq!(recording["exchanges"], json!([{"request": request, "status": 200}]), "the list is dropped");
    let (status, text, recording) = scene.with_token("norole.queue.core.windows.net", token(STORAGE, TENANT));
    assert_eq!(status, 1, "{text}");
    has(&text, "403 AuthorizationPermissionMismatch: This request is not authorized to perform this operation using");
    has(
        &text,
        "the network and the token are valid; the identity has no role with list permission on the account (`Storage Queue",
    );
    let message = "This request is not authorized to perform this operation using this permission.";
    let error = json!({"error": {"code": "AuthorizationPermissionMismatch", "message": message}});
    assert_eq!(recording["exchanges"][0]["body"], error);
    let (status, text, _) = scene.with_token("stranger.blob.core.windows.net", token(STORAGE, "0000-other"));
    assert_eq!(status, 1, "{text}");
    has(
        &text,
        &format!("the identity is in tenant 0000-other, but the storage account accepts tokens of tenant {TENANT}"),
    );
    has(&text, "401 InvalidAuthenticationInfo");
    // A closed firewall also blocks a request with a token, and a role is not suggested.
    let (_, text, _) = scene.with_token("closed.blob.core.windows.net", token(STORAGE, TENANT));
    has(&text, "answers this machine's identity with 403 AuthorizationFailure");
    assert!(!text.contains("Data Reader"), "{text}");
}

#[test]
fn file_shares_never_get_a_token() {
    let scene = Scene::new("file-identity");
    let (endpoint, asked) = identities(token(STORAGE, TENANT));
    let (status, text) = said(&scene.as_identity("st1.file.core.windows.net", endpoint, &[]));
    assert_eq!(status, 0, "{text}");
    has(&text, "`--as-identity` does not apply to file shares");
    assert_eq!(*asked.lock().unwrap(), Vec::<String>::new(), "no token was requested");
    assert!(scene.heard.lock().unwrap().iter().all(|head| !head.contains("authorization")));
}

#[test]
fn shares_need_another_port() {
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let opened = open.local_addr().unwrap();
    let host = "st1.file.core.windows.net";
    let scene = Scene::new("smb-open").connecting(&format!("{host}:445"), opened);
    let (status, text) = scene.text(host, &[]);
    assert_eq!(status, 0, "{text}");
    has(&text, &format!("tcp {opened} (private) connected in"));
    has(&text, "for SMB");
    let scene = Scene::new("smb-closed").connecting(&format!("{host}:445"), closed);
    let (status, text) = scene.text(host, &[]);
    assert_eq!(status, 0, "the file service is reachable: {text}");
    has(&text, &format!("warning cannot connect to {closed}: refused, so this machine cannot mount a share (SMB)"));
    assert_eq!(scene.text(host, &["--fail-on", "warning"]).0, 1);
    let probes = scene.json(host, &[])["probes"].clone();
    assert_eq!(probes[1], json!({"host": host, "address": "127.0.0.1", "port": closed.port(), "outcome": "refused"}));
    // Blobs do not use port 445. Without `connect_to`, the real port is used.
    assert_eq!(scene.json("st1.blob.core.windows.net", &[])["probes"].as_array().unwrap().len(), 1);
    let scene = Scene::new("smb-dns").without_addresses();
    let probes = scene.json("shares.file.core.windows.net", &["--timeout", "1"])["probes"].clone();
    assert_eq!((&probes[0]["port"], &probes[1]["port"]), (&json!(443), &json!(445)));
    drop(open);
}

#[test]
fn dns_failures_of_accounts_are_like_those_of_vaults() {
    let scene = Scene::new("names").without_addresses();
    let says = |host: &str| scene.text(host, &["--timeout", "0.4"]).1;
    let stray = says("stray.blob.core.windows.net");
    has(&stray, "zone `privatelink.blob.core.windows.net`, which has no address for the storage account");
    has(&says("stnone.blob.core.windows.net"), "no storage account has this name");
    let stout = says("stout.blob.core.windows.net");
    has(&stout, "the storage account has a private endpoint, but this machine resolves its public address 20.60.1.2");
    has(&stout, "link zone `privatelink.blob.core.windows.net`");
    has(&says("st1.privatelink.blob.core.windows.net"), "use `st1.blob.core.windows.net`");
    has(&says("st1.dfs.core.windows.net"), "is neither a vault nor a storage account of test, so it is not queried");
    has(&says("st1.blob.core.chinacloudapi.cn"), "it is a storage account of AzureChina: give `--cloud AzureChina`");
}

#[test]
fn a_recorded_account_probe_does_not_affect_a_diagnosis() {
    let scene = Scene::new("diagnosis");
    let estate = &fixture::file("checks/dns.not-forwarded/fixed");
    let seen = scene.folder.join("seen.json");
    let (endpoint, _) = identities(token(STORAGE, TENANT));
    for host in ["st1.blob.core.windows.net", "norole.blob.core.windows.net"] {
        let output = scene.as_identity(host, endpoint, &["-o", "json"]);
        let mut recording: Value = serde_json::from_slice(&output.stdout).unwrap();
        // Both files need the same cloud; the time and the tenant come from the estate.
        for key in ["cloud", "takenAt", "tenantId", "signedIn"] {
            recording.as_object_mut().unwrap().remove(key);
        }
        fs::write(&seen, recording.to_string()).unwrap();
        let diagnose = |files: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
            command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["diagnose", "-o", "json"]);
            let output = command.args(files.iter().flat_map(|file| ["--snapshot", file])).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stderr), "");
            serde_json::from_slice::<Value>(&output.stdout).unwrap()
        };
        let (alone, both) = (diagnose(&[estate]), diagnose(&[estate, seen.to_str().unwrap()]));
        for key in ["verdict", "findings", "gaps", "summary"] {
            assert_eq!(alone[key], both[key], "{key}");
        }
    }
}
