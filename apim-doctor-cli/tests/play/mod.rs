//! Shared by the tests of `probe`: certificate authorities, simulated Azure servers, and the program's command line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;

/// A certificate authority for a test.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(organisation: &str) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, format!("{organisation} Root"));
        params.distinguished_name.push(DnType::OrganizationName, organisation);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Issues a certificate for names, and its key.
    pub(crate) fn certificate(&self, names: &[&str], last_year: i32) -> (Certificate, KeyPair) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names.clone()).unwrap();
        params.distinguished_name.push(DnType::CommonName, names[0].as_str());
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(last_year, 1, 1);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// Returns a TLS server configuration with a certificate for names.
    pub(crate) fn leaf(&self, names: &[&str], last_year: i32) -> Arc<ServerConfig> {
        let (leaf, key) = self.certificate(names, last_year);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap())
    }
}

/// Starts a server that answers each connection in its own thread. Returns its address.
pub(crate) fn serve(answer: impl Fn(std::net::TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

/// Reads the head of a request, in lower case. The result is empty if no request came.
pub(crate) fn head(stream: impl Read) -> String {
    let mut head = String::new();
    let mut reader = BufReader::new(stream);
    while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
    head.to_ascii_lowercase()
}

pub(crate) fn reply(mut stream: impl Write, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// The requests that a server received.
pub(crate) type Heard = Arc<Mutex<Vec<String>>>;

/// Returns a `probe` command without this machine's own proxies and identities.
pub(crate) fn probe(host: &str, cloud: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "NO_COLOR"] {
        command.env_remove(name);
    }
    for name in ["AZURE_CLIENT_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "IMDS_ENDPOINT"] {
        command.env_remove(name);
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("LC_ALL", "C.UTF-8").env("COLUMNS", "160");
    command.args(["probe", host, "--cloud", cloud.to_str().unwrap()]).args(more);
    command
}

/// Returns the status and text of a run, and checks that standard error is empty.
pub(crate) fn said(output: &Output) -> (i32, String) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "", "standard error is empty");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    // Ignore line wrapping, which depends on the terminal's width.
    (output.status.code().unwrap(), text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Checks that a recording follows its schema.
pub(crate) fn follows_schema(recording: &Value) {
    let schema = Command::new(env!("CARGO_BIN_EXE_apim-doctor")).args(["schema", "snapshot"]).output().unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_slice(&schema.stdout).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(recording).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// Panics if a text does not contain another text.
#[track_caller]
pub(crate) fn has(text: &str, wanted: &str) {
    assert!(text.contains(wanted), "`{wanted}` is not in:\n{text}");
}
