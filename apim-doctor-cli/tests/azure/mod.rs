//! A simulated Azure for tests: serves a recording over real TLS and Azure's own host names, in the test process.
//!
//! [`Azure::serve`] starts the server, which stops when it is dropped. A program reaches it through a cloud file, which
//! has the addresses for Azure's hosts and the trusted certificate authority. The server simulates
//!
//! - sign-in with a client secret or a federated token, a managed identity endpoint as in App Service, and stubs of the
//!   programs `az` and `azd`;
//! - Resource Manager, with lists that are derived from the recording, pages, and Resource Graph ([`world`]);
//! - the hosts of vaults and storage accounts, and Microsoft Graph, if they were recorded.
//!
//! Requests that the recording cannot answer are refused, as for a reader without permission: no data is invented. A
//! request that would change something or fetch a secret's value is never served. [`Azure::violations`] lists it.
//!
//! ```ignore
//! let azure = Azure::serve(&recording, Options { latency: Duration::from_millis(20), ..Options::default() });
//! let output = azure.command(env!("CARGO_BIN_EXE_apim-doctor")).args(["collect", id, "--cloud"]).arg(azure.cloud_file()).output();
//! assert!(azure.violations().is_empty());
//! ```

#![allow(dead_code, unused_imports, reason = "each test binary uses a part of it")]

pub(crate) mod client;
pub(crate) mod estates;
mod faults;
mod graph;
mod http;
mod log;
pub(crate) mod runs;
mod service;
pub(crate) mod tenant;
mod throttle;
mod world;
pub(crate) mod worlds;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use serde_json::Value;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use faults::Faults;
pub(crate) use faults::{At, Fault, Kind};
use graph::Query;
use http::{Answer, Target};
use log::Log;
pub(crate) use log::{Counts, Keep, Seen};
use tenant::Simulation;
pub(crate) use tenant::{Caller, Scope, Tenant};
use throttle::Left;
pub(crate) use throttle::{Bucket, Quota, Throttle};
use world::World;

/// The application that may sign in.
pub(crate) const CLIENT_ID: &str = "7c1f3a52-0b1e-4c55-9d0f-3f8a64c0de01";
/// The application's object id: the `oid` in its tokens.
pub(crate) const OBJECT_ID: &str = "7c1f3a52-0b1e-4c55-9d0f-3f8a64c0de02";
/// The application's secret. Tests check that it never appears in output.
pub(crate) const CLIENT_SECRET: &str = "Zq8Q~the-secret-of-the-tests";
/// The federated token that is accepted instead of the secret.
pub(crate) const ASSERTION: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06dGVzdHMifQ.assertion-of-the-tests";
/// The header value that the managed identity endpoint requires.
pub(crate) const IDENTITY_HEADER: &str = "the-header-of-the-tests";

/// Variables that could change the hosts or the sign-in of a program.
const VARIABLES: &str = "\
    AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET AZURE_FEDERATED_TOKEN_FILE \
    AZURE_CLIENT_CERTIFICATE_PATH AZURE_CLIENT_CERTIFICATE_PASSWORD AZURE_AUTHORITY_HOST \
    AZURE_TOKEN_CREDENTIALS AZURE_SUBSCRIPTION_ID AZURE_USERNAME AZURE_PASSWORD IDENTITY_ENDPOINT \
    IDENTITY_HEADER IDENTITY_SERVER_THUMBPRINT IMDS_ENDPOINT MSI_ENDPOINT MSI_SECRET HTTP_PROXY \
    http_proxy HTTPS_PROXY https_proxy ALL_PROXY all_proxy NO_PROXY no_proxy REQUEST_METHOD";

/// The server's behaviour. The default has no latency and no fault.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The delay before every answer.
    pub latency: Duration,
    /// The fault to simulate.
    pub fault: Option<Fault>,
    /// Further faults. Of several faults that a request has, the first is applied.
    pub faults: Vec<Fault>,
    /// The number of items on a page of a list; `None` means all.
    pub page_size: Option<usize>,
    /// The server's certificate.
    pub certificate: Certificate,
    /// Whether the settings of apps may be listed.
    pub settings: bool,
    /// Limits of requests; `None`: no limit.
    pub throttle: Option<Throttle>,
    /// How long tokens last.
    pub tokens: Tokens,
    /// What is kept of requests.
    pub keep: Keep,
    /// Further threads that serve.
    pub more_threads: usize,
}

/// How long tokens last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens {
    /// What a token says of itself.
    pub promised: Duration,
    /// After which time the server refuses it: less than promised, if it was revoked.
    pub accepted: Duration,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { promised: Duration::from_secs(3600), accepted: Duration::from_secs(3600) }
    }
}

/// The server's certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Certificate {
    /// For all hosts, from the cloud file's authority.
    #[default]
    Good,
    /// For another name, from the cloud file's authority.
    OtherName,
    /// For all hosts, from an unknown authority.
    OtherAuthority,
    /// For all hosts, from the cloud file's authority, expired in 2021.
    Expired,
}

/// The behaviour of a stub of `az` or `azd`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Tool {
    /// The program is not installed.
    Absent,
    /// The stub prints a token.
    SignedIn,
    /// The stub fails with the program's own message that the user has to sign in.
    SignedOut,
}

/// A running server.
pub(crate) struct Azure {
    state: Arc<State>,
    folder: PathBuf,
    address: SocketAddr,
    identity: SocketAddr,
    stop: Option<watch::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

/// What a server holds.
enum Content {
    /// Recordings: the first one, and what the server holds after each change.
    Recordings { worlds: Vec<World>, now: AtomicUsize },
    /// A generated tenant.
    Tenant(Box<Simulation>),
}

/// State shared by all connections.
struct State {
    content: Content,
    options: Options,
    faults: Faults,
    left: Left,
    log: Log,
    violations: Mutex<Vec<String>>,
    /// The issued tokens, each with its audience and the time of its issue.
    tokens: Mutex<HashMap<String, (String, Instant)>>,
}

impl State {
    fn new(content: Content, options: Options) -> Self {
        let faults = Faults::new(options.fault.iter().chain(&options.faults).cloned());
        let log = Log::new(options.keep);
        let (left, violations, tokens) = (Left::default(), Mutex::default(), Mutex::default());
        Self { content, options, faults, left, log, violations, tokens }
    }

    /// What the server holds now, if these are recordings.
    fn world(&self) -> &World {
        match &self.content {
            Content::Recordings { worlds, now } => &worlds[now.load(Ordering::SeqCst)],
            Content::Tenant(_) => panic!("a tenant has no recording"),
        }
    }

    fn tenant(&self) -> &str {
        match &self.content {
            Content::Recordings { .. } => &self.world().tenant,
            Content::Tenant(_) => tenant::ID,
        }
    }

    /// The host name suffix of vaults.
    fn vaults(&self) -> &'static str {
        match &self.content {
            Content::Recordings { .. } => self.world().vaults,
            Content::Tenant(_) => "vault.azure.net",
        }
    }

    /// The host name suffix of storage services.
    fn storage(&self) -> &'static str {
        match &self.content {
            Content::Recordings { .. } => self.world().storage,
            Content::Tenant(_) => "core.windows.net",
        }
    }

    fn recorded(&self, host: &str, target: &Target) -> Option<Answer> {
        match &self.content {
            Content::Recordings { .. } => self.world().recorded(host, target),
            Content::Tenant(_) => None,
        }
    }

    /// Returns a directory object.
    fn holder(&self, target: &Target) -> Option<Answer> {
        match &self.content {
            Content::Recordings { .. } => self.world().holder(target),
            Content::Tenant(_) => Simulation::directory(target),
        }
    }

    /// Returns how many resources a query finds, and the rows of one page.
    fn rows(&self, query: &Query, skip: usize, size: usize) -> (usize, Vec<Value>) {
        match &self.content {
            Content::Recordings { .. } => {
                let rows = self.world().rows(query);
                (rows.len(), rows.into_iter().skip(skip).take(size).collect())
            }
            Content::Tenant(tenant) => tenant.rows(query, skip, size),
        }
    }

    /// Returns the ids of the subscriptions below a management group.
    fn management_group(&self, name: &str) -> Option<Vec<String>> {
        match &self.content {
            Content::Recordings { .. } => None,
            Content::Tenant(tenant) => tenant.management_group(name),
        }
    }

    /// Whether the token can see a subscription. Recordings do not tell.
    fn has_subscription(&self, id: &str) -> bool {
        match &self.content {
            Content::Recordings { .. } => true,
            Content::Tenant(tenant) => tenant.has_subscription(id),
        }
    }
}

impl Azure {
    /// Starts a server for a recording or for bare resource bodies.
    pub(crate) fn serve(snapshot: &Value, options: Options) -> Azure {
        Self::serve_each(std::slice::from_ref(snapshot), options)
    }

    /// Lets the server hold the next of its recordings.
    pub(crate) fn change(&self) {
        if let Content::Recordings { now, .. } = &self.state.content {
            now.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Starts a server for several recordings: it holds the first one until [`Azure::change`].
    pub(crate) fn serve_each(snapshots: &[Value], options: Options) -> Azure {
        let worlds = snapshots.iter().map(World::new).collect();
        Self::start(State::new(Content::Recordings { worlds, now: AtomicUsize::new(0) }, options))
    }

    /// Starts a server for a generated tenant.
    pub(crate) fn serve_tenant(tenant: &Tenant, options: Options) -> Azure {
        Self::start(State::new(Content::Tenant(Box::new(Simulation::new(tenant.clone()))), options))
    }

    fn start(state: State) -> Azure {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("apim-doctor-azure-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();

        let state = Arc::new(state);
        let (authority, acceptor) = certificates(state.options.certificate, &state);
        let listen = || TcpListener::bind("127.0.0.1:0").and_then(|l| l.set_nonblocking(true).map(|()| l)).unwrap();
        let (secure, plain) = (listen(), listen());
        let (address, identity) = (secure.local_addr().unwrap(), plain.local_addr().unwrap());
        std::fs::write(folder.join("ca.pem"), authority).unwrap();
        std::fs::write(folder.join("cloud.toml"), cloud_file(address, &state)).unwrap();

        let (stop, stopped) = watch::channel(());
        // Each thread accepts connections from the same queue and keeps those that it accepted.
        let threads = (0..=state.options.more_threads).map(|_| {
            let (secure, plain) = (secure.try_clone().unwrap(), plain.try_clone().unwrap());
            let (shared, acceptor, mut stopped) = (Arc::clone(&state), acceptor.clone(), stopped.clone());
            std::thread::Builder::new().name("azure".to_owned()).spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    tokio::spawn(http::listen(secure, Some(acceptor), Arc::clone(&shared)));
                    tokio::spawn(http::listen(plain, None, shared));
                    let _ = stopped.changed().await;
                });
            })
        });
        let threads = threads.map(Result::unwrap).collect();
        Azure { state, folder, address, identity, stop: Some(stop), threads }
    }

    /// Returns the file for `--cloud`.
    pub(crate) fn cloud_file(&self) -> PathBuf {
        self.folder.join("cloud.toml")
    }

    /// Returns the server's own folder, which is removed with the server.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the recording's tenant, which is the tenant of the sign-in.
    pub(crate) fn tenant(&self) -> &str {
        self.state.tenant()
    }

    /// Returns the environment for sign-in with a client secret. Every other variable that could matter is empty.
    pub(crate) fn sign_in(&self) -> Vec<(&'static str, String)> {
        self.environment(&[
            ("AZURE_TENANT_ID", self.tenant()),
            ("AZURE_CLIENT_ID", CLIENT_ID),
            ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ])
    }

    /// Returns the environment for sign-in with a federated token.
    pub(crate) fn sign_in_workload(&self) -> Vec<(&'static str, String)> {
        let file = self.folder.join("assertion");
        std::fs::write(&file, ASSERTION).unwrap();
        self.environment(&[
            ("AZURE_TENANT_ID", self.tenant()),
            ("AZURE_CLIENT_ID", CLIENT_ID),
            ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap()),
        ])
    }

    /// Returns the environment of an app in App Service with a managed identity.
    pub(crate) fn sign_in_managed_identity(&self) -> Vec<(&'static str, String)> {
        let endpoint = format!("http://{}/msi/token", self.identity);
        self.environment(&[("IDENTITY_ENDPOINT", &endpoint), ("IDENTITY_HEADER", IDENTITY_HEADER)])
    }

    /// Returns an environment in which stubs are the only `az` and `azd`. Their calls are in [`Azure::tool_calls`].
    pub(crate) fn sign_in_tools(&self, az: Tool, azd: Tool) -> Vec<(&'static str, String)> {
        let folder = self.folder.join(format!("az-{az:?}-azd-{azd:?}"));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, tool) in [("az", az), ("azd", azd)] {
            if tool != Tool::Absent {
                service::write_tool(&self.state, &folder.join(name), &self.folder.join("tool-calls"), tool);
            }
        }
        self.environment(&[("PATH", folder.to_str().unwrap())])
    }

    /// Returns an environment in which `az` is a stand-in for `az rest`, which sends its requests to this server.
    pub(crate) fn az_rest(&self) -> Vec<(&'static str, String)> {
        let folder = self.folder.join("az-rest");
        std::fs::create_dir_all(&folder).unwrap();
        service::write_az_rest(&self.state, &folder.join("az"), &self.folder.join("ca.pem"), self.address);
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        self.environment(&[("PATH", &path), ("TMPDIR", self.folder.to_str().unwrap())])
    }

    /// Returns an environment for the real `az` in this folder: its requests reach this server through a proxy.
    pub(crate) fn real_az(&self, bin: &Path) -> Vec<(&'static str, String)> {
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let text = |name: &str| self.folder.join(name).to_str().unwrap().to_owned();
        let (config, authority, proxy) =
            (text("az-config"), text("ca.pem"), format!("http://{}", tunnel(self.address)));
        let mut environment = self.environment(&[("PATH", &path), ("TMPDIR", self.folder.to_str().unwrap())]);
        environment.retain(|(name, _)| !name.eq_ignore_ascii_case("HTTPS_PROXY"));
        environment.extend([
            ("HTTPS_PROXY", proxy),
            ("AZURE_CONFIG_DIR", config),
            ("REQUESTS_CA_BUNDLE", authority),
            ("AZURE_CORE_COLLECT_TELEMETRY", "no".to_owned()),
            ("AZURE_CORE_INSTANCE_DISCOVERY", "false".to_owned()),
        ]);
        environment
    }

    /// Returns the arguments of each call of the stubs.
    pub(crate) fn tool_calls(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.join("tool-calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Returns a program that can sign in to this server only, with a client secret.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.command_with(program, self.sign_in())
    }

    /// Returns a program with another sign-in. Empty variables are not set.
    pub(crate) fn command_with(&self, program: &str, environment: Vec<(&'static str, String)>) -> Command {
        let mut command = Command::new(program);
        for (name, value) in environment {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        command
    }

    /// Returns every request, in order of arrival.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.state.log.each()
    }

    /// Returns requests that would have changed something or fetched a secret's value.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.state.violations.lock().unwrap().clone()
    }

    /// Returns counts of all requests.
    pub(crate) fn counts(&self) -> Counts {
        self.state.log.counts()
    }

    /// Returns the largest number of concurrent requests.
    pub(crate) fn most_at_once(&self) -> usize {
        self.counts().most_at_once
    }

    fn environment(&self, set: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        let empty = VARIABLES.split(' ').filter(|name| set.iter().all(|(given, _)| given != name));
        let set = set.iter().map(|(name, value)| (*name, (*value).to_owned()));
        set.chain(empty.map(|name| (name, String::new()))).collect()
    }
}

impl Drop for Azure {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Starts a proxy that connects every host to one address, and returns its own.
fn tunnel(to: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (Ok(client), Ok(server)) = (client, TcpStream::connect(to)) else { continue };
            std::thread::spawn(move || join(client, server));
        }
    });
    own
}

/// Answers a `CONNECT` and copies what both sides send.
fn join(mut client: TcpStream, server: TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.extend(byte);
    }
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Both);
    };
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || copy(from, to));
    copy(server, client);
    Ok(())
}

/// Returns the host name patterns of vaults and storage accounts.
fn wildcards(state: &State) -> Vec<String> {
    let storage = ["blob", "file", "queue", "table"].map(|service| format!("*.{service}.{}", state.storage()));
    std::iter::once(format!("*.{}", state.vaults())).chain(storage).collect()
}

/// Returns a cloud file with Azure's public hosts, and the vaults and storage accounts of the recording's cloud.
fn cloud_file(address: SocketAddr, state: &State) -> String {
    let (vaults, storage) = (state.vaults(), state.storage());
    let wildcards: String = wildcards(state).iter().map(|host| format!("\"{host}\" = \"{address}\"\n")).collect();
    let vault_zone = vaults.replacen("vault.", "privatelink.vaultcore.", 1);
    format!(
        r#"name = "Azure of the tests"
resource_manager = "https://management.azure.com"
authority = "https://login.microsoftonline.com"
graph = "https://graph.microsoft.com"
key_vault_suffix = "{vaults}"
key_vault_audience = "https://{vaults}"
storage_suffix = "{storage}"
ca_file = "ca.pem"

[private_dns_zones]
vault = "{vault_zone}"

[connect_to]
"management.azure.com" = "{address}"
"login.microsoftonline.com" = "{address}"
"graph.microsoft.com" = "{address}"
{wildcards}"#
    )
}

/// Creates a certificate authority. Returns it as PEM, with an acceptor that has a certificate of this kind.
fn certificates(kind: Certificate, state: &State) -> (String, TlsAcceptor) {
    let authority = || {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Authority of the tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        (pem, Issuer::new(params, key))
    };
    let (pem, mut issuer) = authority();
    if kind == Certificate::OtherAuthority {
        issuer = authority().1;
    }
    let hosts = ["management.azure.com", "login.microsoftonline.com", "graph.microsoft.com"].map(str::to_owned);
    let names = match kind {
        Certificate::OtherName => vec!["elsewhere.example".to_owned()],
        _ => hosts.into_iter().chain(wildcards(state)).collect(),
    };
    let mut params = CertificateParams::new(names).unwrap();
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    if kind == Certificate::Expired {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, &issuer).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
    (pem, TlsAcceptor::from(Arc::new(config)))
}

/// Returns the number of sequential round trips: the most requests that did not overlap.
pub(crate) fn round_trips(requests: &[Seen]) -> usize {
    let mut spans: Vec<(Instant, Instant)> =
        requests.iter().filter_map(|request| Some((request.start, request.end?))).collect();
    spans.sort_by_key(|(_, end)| *end);
    let (mut count, mut last) = (0, None);
    for (start, end) in spans {
        if last.is_none_or(|last| start >= last) {
            count += 1;
            last = Some(end);
        }
    }
    count
}
