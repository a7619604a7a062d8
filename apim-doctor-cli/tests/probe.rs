//! `probe` against a real DNS server, real TLS servers and an identity endpoint, all on the loopback interface.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod names;
mod play;

mod fixture;

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use names::Names;
use play::{Authority, Heard, follows_schema, has, head, probe, reply, said, serve};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

const TENANT: &str = "6f0e3a1c-1111-4222-8333-444455556666";
const FIXTURE: &str = "checks/dns.not-forwarded/fixed";

fn error(inner: &str, message: &str) -> String {
    json!({"error": {"code": "Forbidden", "message": message, "innererror": {"code": inner}}}).to_string()
}

/// Starts a server for the data plane of vaults. The vault's name determines its answer.
fn vaults(config: Arc<ServerConfig>) -> (SocketAddr, Heard) {
    let heard: Heard = Arc::default();
    let kept = heard.clone();
    let address = serve(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
        let head = head(&mut stream);
        if head.is_empty() {
            return;
        }
        kept.lock().unwrap().push(head.clone());
        let vault = head.split("host: ").nth(1).unwrap().split('.').next().unwrap();
        let challenge = format!(
            "www-authenticate: Bearer authorization=\"https://login.microsoftonline.com/{TENANT}\", \
             resource=\"https://vault.azure.net\"\r\n"
        );
        let list = json!({"value": [
            {"id": format!("https://{vault}.vault.azure.net/secrets/one"), "attributes": {"enabled": true}},
            {"id": format!("https://{vault}.vault.azure.net/secrets/two"), "value": "TOPSECRETVALUE"},
        ], "nextLink": null});
        match (vault, head.contains("\r\nauthorization: bearer ")) {
            ("closed", _) => {
                let message = "Public network access is disabled and request is not from a trusted service nor via an \
                               approved private link.\r\nCaller: ;iss=;sig=TOPSECRETSIGNATURE";
                reply(stream, "403 Forbidden", "", &error("ForbiddenByConnection", message));
            }
            ("away", _) => {
                let to = "location: https://signin.example/login?token=TOPSECRETTOKEN\r\n";
                reply(stream, "302 Found", to, "");
            }
            (_, false) => reply(stream, "401 Unauthorized", &challenge, &error("Unauthorized", "no token")),
            ("norole", true) => {
                reply(stream, "403 Forbidden", "", &error("ForbiddenByRbac", "Caller is not authorized"));
            }
            (_, true) => reply(stream, "200 OK", "content-type: application/json\r\n", &list.to_string()),
        }
    });
    (address, heard)
}

/// Name servers, vaults, and the cloud file with their addresses.
struct Scene {
    names: Names,
    heard: Heard,
    folder: PathBuf,
    cloud: PathBuf,
}

impl Scene {
    fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe").join(test);
        fs::create_dir_all(&folder).unwrap();
        let (ours, theirs) = (Authority::new("Test"), Authority::new("Contoso Inspection"));
        fs::write(folder.join("ca.pem"), ours.pem()).unwrap();
        fs::write(folder.join("proxy.pem"), theirs.pem()).unwrap();
        let (good, heard) = vaults(ours.leaf(&["*.vault.azure.net"], 2040));
        let (wrong, _) = vaults(ours.leaf(&["other.example"], 2040));
        let (expired, _) = vaults(ours.leaf(&["*.vault.azure.net"], 2021));
        let (inspected, _) = vaults(theirs.leaf(&["*.vault.azure.net"], 2040));
        let plain = serve(|stream| reply(stream, "200 OK", "", "this is not TLS"));
        let names = Names::start();
        let cloud = folder.join("cloud.toml");
        let text = format!(
            "name = \"test\"\nresource_manager = \"https://management.azure.com\"\n\
             authority = \"https://login.microsoftonline.com\"\ndns_server = \"{}\"\nca_file = \"ca.pem\"\n\
             [connect_to]\n\"*.vault.azure.net\" = \"{good}\"\n\"wrong.vault.azure.net\" = \"{wrong}\"\n\
             \"expired.vault.azure.net\" = \"{expired}\"\n\"inspected.vault.azure.net\" = \"{inspected}\"\n\
             \"plain.vault.azure.net\" = \"{plain}\"\n\"*.privatelink.vaultcore.azure.net\" = \"{good}\"\n",
            names.address
        );
        fs::write(&cloud, text).unwrap();
        Self { names, heard, folder, cloud }
    }

    /// Removes the addresses from the cloud file, so only DNS decides where to connect.
    fn without_addresses(mut self) -> Self {
        let text = fs::read_to_string(&self.cloud).unwrap();
        self.cloud = self.folder.join("dns-only.toml");
        fs::write(&self.cloud, text.split("[connect_to]").next().unwrap()).unwrap();
        self
    }

    fn command(&self, host: &str, more: &[&str]) -> Command {
        probe(host, &self.cloud, more)
    }

    /// Returns the exit status and the text.
    fn text(&self, host: &str, more: &[&str]) -> (i32, String) {
        said(&self.command(host, more).output().unwrap())
    }

    /// Returns the recording.
    fn json(&self, host: &str, more: &[&str]) -> Value {
        let output = self.command(host, &[more, &["-o", "json"]].concat()).output().unwrap();
        let recording = serde_json::from_slice(&output.stdout).unwrap();
        follows_schema(&recording);
        recording
    }
}

/// Returns the answer for IPv4.
fn ipv4(recording: &Value) -> &Value {
    recording["dns"].as_array().unwrap().iter().find(|answer| answer["type"] == "A").unwrap()
}

#[test]
fn a_reachable_vault_is_shown_hop_by_hop_with_its_tenant() {
    let scene = Scene::new("reachable");
    let (status, text) = scene.text("kv1.vault.azure.net", &[]);
    assert_eq!(status, 0, "{text}");
    assert!(text.starts_with("REACHABLE kv1.vault.azure.net: answers at 127.0.0.1:"), "{text}");
    has(&text, "A: kv1.vault.azure.net → kv1.privatelink.vaultcore.azure.net → 10.1.0.5");
    has(
        &text,
        "trusted by the cloud file's `ca_file`; *.vault.azure.net issued by Test Root, until 2040-01-01T00:00:00Z",
    );
    has(&text, &format!("requests a token (401) of tenant {TENANT}"));
    let asked = scene.names.asked();
    for question in ["udp kv1.vault.azure.net A", "udp kv1.privatelink.vaultcore.azure.net A"] {
        assert!(asked.iter().any(|a| a == question), "{question} is not in {asked:?}");
    }
    let recording = scene.json("https://KV1.vault.azure.net/secrets/gateway?x=1", &[]);
    let server = scene.names.address.to_string();
    let answers = json!([
        {"name": "kv1.vault.azure.net", "type": "CNAME", "ttl": 60, "data": "kv1.privatelink.vaultcore.azure.net"},
        {"name": "kv1.privatelink.vaultcore.azure.net", "type": "A", "ttl": 10, "data": "10.1.0.5"},
    ]);
    let expected = json!({
        "name": "kv1.vault.azure.net", "type": "A", "server": server, "rcode": "NOERROR", "answers": answers,
    });
    assert_eq!(*ipv4(&recording), expected);
    let probe = &recording["probes"][0];
    assert_eq!(probe["outcome"], "connected");
    assert_eq!(probe["tls"], "trusted");
    assert_eq!(probe["tenantId"], TENANT);
    assert_eq!(recording["exchanges"], json!([]), "an answer without a token says nothing about an identity");
    assert!(scene.heard.lock().unwrap().iter().all(|head| !head.contains("authorization:")));
    let (_, quiet) = scene.text("kv1.vault.azure.net", &["-q"]);
    assert!(quiet.starts_with("REACHABLE") && !quiet.contains("dns"), "{quiet}");
}

/// Checks the text and the recording of a DNS failure. `--timeout` limits the test with a silent server.
fn goes_wrong(vault: &str, says: &str, hint: &str, rcode: &str, zone: Option<&str>) -> Value {
    let scene = Scene::new(vault).without_addresses();
    let host = format!("{vault}.vault.azure.net");
    let (status, text) = scene.text(&host, &["--timeout", "0.4"]);
    assert_eq!(status, 1, "{text}");
    let answer = format!("BLOCKED {host}: name server {} {says}", scene.names.address);
    assert!(text.starts_with(&answer), "{answer}\n{text}");
    has(&text, hint);
    let (status, _) = scene.text(&host, &["--timeout", "0.4", "--fail-on", "never", "-q"]);
    assert_eq!(status, 0);
    let recording = scene.json(&host, &["--timeout", "0.4"]);
    assert_eq!(ipv4(&recording)["rcode"], rcode);
    assert_eq!(ipv4(&recording)["zone"].as_str(), zone);
    assert_eq!(recording.get("probes"), None, "no connection was made");
    ipv4(&recording).clone()
}

#[test]
fn nxdomain_names_the_zone_that_answered() {
    let answer = goes_wrong(
        "orphan",
        "returned NXDOMAIN: `orphan.privatelink.vaultcore.azure.net` does not exist; zone `privatelink.vaultcore.azure.net` answered",
        "private zone `privatelink.vaultcore.azure.net`, which has no address for the vault",
        "NXDOMAIN",
        Some("privatelink.vaultcore.azure.net"),
    );
    assert_eq!(answer["answers"][0]["data"], "orphan.privatelink.vaultcore.azure.net", "the chain is kept");
}

#[test]
fn nxdomain_in_the_same_message_as_the_alias() {
    let answer = goes_wrong(
        "onemessage",
        "returned NXDOMAIN: `onemessage.privatelink.vaultcore.azure.net` does not exist; zone \
         `privatelink.vaultcore.azure.net` answered",
        "has no address for the vault",
        "NXDOMAIN",
        Some("privatelink.vaultcore.azure.net"),
    );
    assert_eq!(answer["answers"][0]["data"], "onemessage.privatelink.vaultcore.azure.net");
}

#[test]
fn nxdomain_of_the_public_zone_means_that_the_vault_does_not_exist() {
    let says = "returned NXDOMAIN: `missing.vault.azure.net` does not exist; zone `vault.azure.net` answered";
    goes_wrong("missing", says, "no vault has this name", "NXDOMAIN", Some("vault.azure.net"));
}

#[test]
fn nodata_is_not_nxdomain() {
    let says = "returned NODATA: `nodata.vault.azure.net` has no such record; zone `vault.azure.net` answered";
    let answer = goes_wrong("nodata", says, "check zone `vault.azure.net`", "NOERROR", Some("vault.azure.net"));
    assert_eq!(answer["answers"], json!([]));
}

#[test]
fn servfail() {
    let says = "returned SERVFAIL for `servfail.vault.azure.net`";
    goes_wrong("servfail", says, "168.63.129.16 answers only inside Azure networks", "SERVFAIL", None);
}

#[test]
fn refused() {
    let says = "returned REFUSED for `refused.vault.azure.net`";
    goes_wrong("refused", says, "the server refuses queries from this machine", "REFUSED", None);
}

#[test]
fn silence_is_a_timeout() {
    let started = std::time::Instant::now();
    goes_wrong(
        "silent",
        "did not answer for `silent.vault.azure.net` in time",
        "drops UDP and TCP port 53",
        "TIMEOUT",
        None,
    );
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[test]
fn an_alias_loop_is_detected() {
    let says = "returns aliases without an address: CNAME loop: the aliases lead back to `loop-a.vault.azure.net`";
    let answer = goes_wrong("loop-a", says, "correct the CNAME records", "SERVFAIL", None);
    assert_eq!(answer["note"], "alias loop at loop-a.vault.azure.net");
    assert_eq!(answer["answers"].as_array().unwrap().len(), 2);
}

#[test]
fn an_endless_alias_chain_is_cut_off() {
    let answer = goes_wrong(
        "long0",
        "returns aliases without an address: too many aliases",
        "correct the CNAME records",
        "SERVFAIL",
        None,
    );
    assert_eq!(answer["note"], "too many aliases");
}

#[test]
fn a_name_server_address_without_a_server() {
    let scene = Scene::new("deaf").without_addresses();
    let text = fs::read_to_string(&scene.cloud).unwrap();
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    fs::write(&scene.cloud, text.replace(&scene.names.address.to_string(), &unused.to_string())).unwrap();
    let (status, text) = scene.text("kv1.vault.azure.net", &["--timeout", "0.4"]);
    assert_eq!(status, 1);
    has(&text, &format!("name server {unused} did not answer for `kv1.vault.azure.net`: nothing listens on this port"));
}

#[test]
fn a_truncated_answer_is_requested_again_over_tcp() {
    let scene = Scene::new("big");
    let (status, text) = scene.text("big.vault.azure.net", &[]);
    assert_eq!(status, 0, "{text}");
    has(&text, "10.7.0.60; truncated over UDP, complete over TCP");
    let asked = scene.names.asked();
    assert!(asked.iter().any(|a| a == "udp big.vault.azure.net A"), "{asked:?}");
    assert!(asked.iter().any(|a| a == "tcp big.vault.azure.net A"), "{asked:?}");
    let recording = scene.json("big.vault.azure.net", &[]);
    assert_eq!(ipv4(&recording)["answers"].as_array().unwrap().len(), 60);
    assert_eq!(ipv4(&recording)["note"], "truncated over UDP, whole over TCP");
}

#[test]
fn a_given_server_is_also_asked_and_differences_are_shown() {
    let scene = Scene::new("given");
    let other = Names::start();
    let server = other.address.to_string();
    let (status, text) = scene.text("kv1.vault.azure.net", &["--server", &server, "--server", &server]);
    assert_eq!(status, 0, "{text}");
    has(&text, &format!("{server} (given) A: kv1.vault.azure.net → kv1.privatelink.vaultcore.azure.net → 10.1.0.5"));
    assert_eq!(other.asked().len(), 4, "two names, two types: {:?}", other.asked());
    // The given server refuses the query.
    let (status, text) = scene.text("refused.vault.azure.net", &["--server", &server]);
    assert_eq!(status, 1, "{text}");
    has(&text, &format!("name server {server} returned REFUSED"));
    // A failure of a given server does not block this machine.
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (status, text) = scene.text("kv1.vault.azure.net", &["--server", &deaf]);
    assert_eq!(status, 1, "{text}");
    has(
        &text,
        &format!(", but name server {deaf} did not answer for `kv1.vault.azure.net`: nothing listens on this port"),
    );
    assert!(text.starts_with("REACHABLE"), "{text}");
    assert_eq!(scene.json("kv1.vault.azure.net", &["--server", &server])["dns"].as_array().unwrap().len(), 4);
}

#[test]
fn the_hosts_file_is_quoted_by_line() {
    let Ok(hosts) = fs::read_to_string("/etc/hosts") else {
        println!("skipped: /etc/hosts does not exist (the_hosts_file_is_quoted_by_line)");
        return;
    };
    let line = hosts.lines().position(|line| {
        let line = line.split('#').next().unwrap();
        line.starts_with("127.") && line.split_whitespace().skip(1).any(|name| name == "localhost")
    });
    let Some(line) = line else {
        println!("skipped: /etc/hosts does not name localhost (the_hosts_file_is_quoted_by_line)");
        return;
    };
    println!("ran: the_hosts_file_is_quoted_by_line");
    let scene = Scene::new("hosts").without_addresses();
    let (_, text) = scene.text("localhost", &[]);
    has(&text, &format!("`/etc/hosts` line {} sets the address of `localhost` to 127.", line + 1));
}

#[test]
fn a_public_address_despite_a_private_endpoint_is_reported() {
    let (_, text) = Scene::new("leaked").text("leaked.vault.azure.net", &[]);
    has(&text, "the vault has a private endpoint, but this machine resolves its public address 20.61.1.2");
    has(&text, "link zone `privatelink.vaultcore.azure.net`");
}

#[test]
fn a_name_of_the_private_zone_is_not_the_vaults_name() {
    let (status, text) = Scene::new("privatelink").text("kv1.privatelink.vaultcore.azure.net", &["--timeout", "0.3"]);
    assert_eq!(status, 1);
    has(&text, "use `kv1.vault.azure.net`");
}

#[test]
fn a_closed_port_is_refused() {
    let scene = Scene::new("closed-port").without_addresses();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = format!("here.vault.azure.net:{closed}");
    let (status, text) = scene.text(&host, &[]);
    assert_eq!(status, 1, "{text}");
    has(&text, &format!("BLOCKED here.vault.azure.net: cannot connect to 127.0.0.1:{closed}: refused"));
    let recording = scene.json(&host, &[]);
    let expected = json!([
        {"host": "here.vault.azure.net", "address": "127.0.0.1", "port": closed, "outcome": "refused"},
    ]);
    assert_eq!(recording["probes"], expected);
}

/// Checks that an untrusted handshake is reported and recorded, and that nothing is sent.
fn distrusted(vault: &str, says: &[&str], recorded: &str) {
    let scene = Scene::new(&format!("tls-{vault}"));
    let host = format!("{vault}.vault.azure.net");
    let (status, text) = scene.text(&host, &["-v"]);
    assert_eq!(status, 1, "{text}");
    assert!(text.starts_with(&format!("BLOCKED {host}: ")), "{text}");
    says.iter().for_each(|says| has(&text, says));
    assert!(!text.contains("tenant"), "the vault is not asked: {text}");
    let probe = &scene.json(&host, &[])["probes"][0];
    assert_eq!(probe["outcome"], "connected");
    assert_eq!(probe["tls"], recorded);
    assert_eq!(probe.get("tenantId"), None);
}

#[test]
fn a_certificate_for_another_name() {
    distrusted(
        "wrong",
        &["is for `other.example`, not for `wrong.vault.azure.net`", "issued by Test Root"],
        "wrong name",
    );
}

#[test]
fn a_certificate_that_has_expired() {
    distrusted(
        "expired",
        &["has expired; the server's own certificate ended 2021-01-01T00:00:00Z", "clock"],
        "expired",
    );
}

#[test]
fn an_unknown_authority_may_be_a_proxy() {
    let says = [
        "this machine does not trust `Contoso Inspection Root`",
        "was issued under `Contoso Inspection`, which Azure does not use: a proxy may read the traffic",
        "*.vault.azure.net issued by Contoso Inspection Root; 2020-01-01T00:00:00Z to 2040-01-01T00:00:00Z; for \
         *.vault.azure.net",
    ];
    distrusted("inspected", &says, "unknown issuer");
}

#[test]
fn a_trusted_proxy_is_still_detected() {
    let scene = Scene::new("trusted-proxy");
    let text = fs::read_to_string(&scene.cloud).unwrap();
    fs::write(&scene.cloud, text.replace("ca_file = \"ca.pem\"\n", "")).unwrap();
    let run = |more: &[&str]| {
        let mut command = scene.command("inspected.vault.azure.net", more);
        // The system's authorities, in the variable that OpenSSL and rustls-native-certs read.
        said(&command.env("SSL_CERT_FILE", scene.folder.join("proxy.pem")).output().unwrap())
    };
    let (status, text) = run(&[]);
    assert_eq!(status, 0, "{text}");
    has(&text, "trusted by the system's authorities");
    has(&text, "was issued under `Contoso Inspection`, which Azure does not use: a proxy may read the traffic");
    assert_eq!(run(&["--fail-on", "warning"]).0, 1);
}

#[test]
fn an_answer_without_tls_is_reported() {
    distrusted("plain", &["the answer is not TLS"], "no handshake: the answer is not TLS");
}

#[test]
fn a_vault_without_public_access_is_reported_without_a_token() {
    let scene = Scene::new("closed");
    let (status, text) = scene.text("closed.vault.azure.net", &[]);
    assert_eq!(status, 1);
    has(
        &text,
        "BLOCKED closed.vault.azure.net: the vault answers with 403 ForbiddenByConnection: Public network access is",
    );
    has(&text, "use its private endpoint");
    assert!(!text.contains("TOPSECRET"), "{text}");
}

#[test]
fn a_redirection_is_not_followed() {
    let scene = Scene::new("away");
    let (status, text) = scene.text("away.vault.azure.net", &["-v"]);
    assert_eq!(status, 1);
    has(&text, "the answer is a redirect (302 to `https://signin.example`), which a vault never sends");
    assert!(!text.contains("TOPSECRET"), "{text}");
    assert_eq!(scene.heard.lock().unwrap().len(), 1);
}

/// Starts an identity endpoint as in App Service. Returns its address and the requests it receives.
fn identities() -> (SocketAddr, Heard) {
    let heard: Heard = Arc::default();
    let kept = heard.clone();
    let address = serve(move |mut stream| {
        let head = head(&mut stream);
        kept.lock().unwrap().push(head.clone());
        if !head.contains("x-identity-header: topsecretheader") {
            return reply(stream, "401 Unauthorized", "", "{}");
        }
        // {"oid":"0b1d","appid":"c11e","tid":"6f0e3a1c-1111-4222-8333-444455556666"}
        let claims =
            "eyJvaWQiOiIwYjFkIiwiYXBwaWQiOiJjMTFlIiwidGlkIjoiNmYwZTNhMWMtMTExMS00MjIyLTgzMzMtNDQ0NDU1NTU2NjY2In0";
        let token = format!("eyJhbGciOiJub25lIn0.{claims}.TOPSECRETSIGNATURE");
        let body = json!({"access_token": token, "expires_on": "4102444800", "resource": "x", "token_type": "Bearer"});
        reply(stream, "200 OK", "content-type: application/json\r\n", &body.to_string());
    });
    (address, heard)
}

fn as_identity(scene: &Scene, host: &str, endpoint: SocketAddr, format: &str) -> Output {
    let mut command = scene.command(host, &["--as-identity", "-o", format, "-v"]);
    if format == "json" {
        command = scene.command(host, &["--as-identity", "-o", format]);
    }
    command.env("IDENTITY_ENDPOINT", format!("http://{endpoint}/msi/token"));
    command.env("IDENTITY_HEADER", "TOPSECRETHEADER");
    command.env("AZURE_CLIENT_ID", "c11e0000-0000-4000-8000-000000000001").output().unwrap()
}

#[test]
fn the_vault_answers_this_machines_identity() {
    let scene = Scene::new("identity");
    let (endpoint, heard) = identities();
    let (status, text) = said(&as_identity(&scene, "kv1.vault.azure.net", endpoint, "terminal"));
    assert_eq!(status, 0, "{text}");
    has(&text, "and allows this machine's identity to list secrets");
    has(&text, "object id 0b1d: can list secrets (2 on the first page)");
    assert!(!text.contains("TOPSECRET"), "{text}");
    let asked = heard.lock().unwrap().join("\n");
    has(&asked, "resource=https%3a%2f%2fvault.azure.net");
    has(&asked, "client_id=c11e0000-0000-4000-8000-000000000001");
    let output = as_identity(&scene, "kv1.vault.azure.net", endpoint, "json");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("TOPSECRET"));
    let recording: Value = serde_json::from_slice(&output.stdout).unwrap();
    follows_schema(&recording);
    let exchange = &recording["exchanges"][0];
    let signed_in = json!({"credential": "managed identity", "tenantId": TENANT, "objectId": "0b1d"});
    assert_eq!(recording["signedIn"], signed_in);
    has(exchange["request"].as_str().unwrap(), "GET https://kv1.vault.azure.net/secrets?api-version=");
    assert_eq!(exchange["status"], 200);
    assert_eq!(exchange["body"]["value"][0]["id"], "https://kv1.vault.azure.net/secrets/one");
    assert_eq!(exchange["body"]["value"][1].get("value"), None);
}

#[test]
fn the_vault_refuses_this_machines_identity() {
    let scene = Scene::new("refused-identity");
    let (endpoint, _) = identities();
    let (status, text) = said(&as_identity(&scene, "norole.vault.azure.net", endpoint, "terminal"));
    assert_eq!(status, 1, "{text}");
    has(&text, "the vault answers this machine's identity with 403 ForbiddenByRbac: Caller is not authorized");
    let output = as_identity(&scene, "norole.vault.azure.net", endpoint, "json");
    let recording: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(recording["exchanges"][0]["status"], 403);
    assert_eq!(recording["exchanges"][0]["body"]["error"]["innererror"]["code"], "ForbiddenByRbac");
}

#[test]
fn an_identity_without_a_token() {
    let scene = Scene::new("no-token");
    let endpoint = serve(|mut stream| {
        head(&mut stream);
        reply(stream, "400 Bad Request", "", r#"{"error": "no identity, sig=TOPSECRET"}"#);
    });
    let (status, text) = said(&as_identity(&scene, "kv1.vault.azure.net", endpoint, "terminal"));
    assert_eq!(status, 1, "{text}");
    has(&text, "this machine's identity could not get a token");
    assert!(!text.contains("TOPSECRET"), "{text}");
    let recording: Value =
        serde_json::from_slice(&as_identity(&scene, "kv1.vault.azure.net", endpoint, "json").stdout).unwrap();
    assert_eq!(recording["exchanges"], json!([]));
}

#[test]
fn a_proxy_is_shown_without_its_password() {
    let scene = Scene::new("proxy");
    let mut command = scene.command("kv1.vault.azure.net", &[]);
    let (status, text) =
        said(&command.env("HTTPS_PROXY", "http://user:TOPSECRET@proxy.example:8080").output().unwrap());
    assert_eq!(status, 0, "{text}");
    has(&text, "http://proxy.example:8080: not used, because the cloud file sets the address");
    assert!(!text.contains("TOPSECRET"), "{text}");
    let mut command = scene.command("kv1.vault.azure.net", &[]);
    command.env("HTTPS_PROXY", "http://proxy.example:8080").env("NO_PROXY", "localhost,.vault.azure.net");
    assert!(!said(&command.output().unwrap()).1.contains("proxy.example"));
}

#[test]
fn a_recording_counts_only_for_its_vantage() {
    let scene = Scene::new("vantage");
    let fixture: Value = fixture::recording(FIXTURE);
    let subnet = fixture["vantage"]["subnet"].as_str().unwrap().to_owned();
    let cloud = &scene.json("kv-bellows-gw-3804.vault.azure.net", &[])["cloud"];
    let estate = json!({
        "apimDoctor": "snapshot/v1", "takenAt": fixture["takenAt"], "cloud": cloud, "exchanges": fixture["exchanges"],
    });
    let estate_file = scene.folder.join("estate.json");
    // Replace the network's name server with the test's own.
    fs::write(&estate_file, estate.to_string().replace("10.20.0.4", "127.0.0.1")).unwrap();
    let gate = |more: &[&str], name: &str| {
        let file = scene.folder.join(name);
        let host = "kv-bellows-gw-3804.vault.azure.net";
        let record = ["-o", "json", "-f", file.to_str().unwrap()];
        let output = scene.command(host, &[&record, more].concat()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        let diagnosis = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
            .args(["diagnose", "-o", "json", "--snapshot", estate_file.to_str().unwrap()])
            .args(["--snapshot", file.to_str().unwrap()])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&diagnosis.stderr), "");
        let report: Value = serde_json::from_slice(&diagnosis.stdout).unwrap();
        let gates = report["paths"][0]["gates"].as_array().unwrap().clone();
        gates.into_iter().find(|gate| gate["gate"] == "dns").unwrap()["verdict"].clone()
    };
    assert_eq!(gate(&["--vantage", &subnet], "there.json"), "pass");
    assert_eq!(gate(&[], "somewhere.json"), "unknown");
}

#[cfg(unix)]
#[test]
fn output_files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new("private");
    for (name, format) in [("new.json", "json"), ("new.txt", "terminal"), ("open to all.json", "json")] {
        let file = scene.folder.join(name);
        let _ = fs::remove_file(&file);
        if name.starts_with("open") {
            fs::write(&file, "old").unwrap();
            fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
        }
        let (status, _) = scene.text("kv1.vault.azure.net", &["-o", format, "-f", file.to_str().unwrap()]);
        assert_eq!(status, 0);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        has(&fs::read_to_string(&file).unwrap(), "kv1.vault.azure.net");
    }
}

#[test]
fn wrong_usage_has_its_own_exit_status() {
    let scene = Scene::new("usage");
    let status = |host: &str, more: &[&str]| scene.command(host, more).output().unwrap().status.code();
    for host in ["", "10.1.0.5", "a b", "kv1..vault.azure.net", "kv1.vault.azure.net:0"] {
        assert_eq!(status(host, &[]), Some(2), "{host}");
    }
    assert_eq!(status("kv1.vault.azure.net", &["--server", "dns.example"]), Some(2));
    assert_eq!(status("kv1.vault.azure.net", &["--timeout", "0"]), Some(2));
    assert_eq!(status("kv1.vault.azure.net", &["--vantage", "snet-apim"]), Some(2));
    assert_eq!(status("kv1.vault.azure.net", &["--cloud", "nowhere.toml"]), Some(2));
}
