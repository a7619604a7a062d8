//! Azurite, Microsoft's own storage emulator, from the npm registry: an independent implementation of the protocol.
//! `docs/probe.md` lists its differences from the service.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError, Weak};

use crate::play::Authority;

/// Tests compare its answers word for word, so the version is fixed. `.ci/run` installs the same version.
const VERSION: &str = "azurite@3.35.0";

/// The only account in this Azurite.
pub(crate) const ACCOUNT: &str = "st1";

/// The host names in its certificate.
const NAMES: [&str; 3] = ["*.blob.core.windows.net", "*.queue.core.windows.net", "*.table.core.windows.net"];

/// A running Azurite, which stops when its last user drops it.
pub(crate) struct Azurite {
    process: Child,
    /// The addresses of blobs, queues and tables.
    pub services: Vec<(&'static str, SocketAddr)>,
    /// Its certificate authority, as PEM.
    pub authority: String,
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts Azurite or shares the running one. Returns `None` if it cannot be installed.
pub(crate) fn start(test: &str) -> Option<std::sync::Arc<Azurite>> {
    static RUNNING: Mutex<Weak<Azurite>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(azurite) = running.upgrade() {
        println!("ran: {test} (azurite)");
        return Some(azurite);
    }
    let Some(program) = program() else {
        println!("skipped: azurite cannot be installed without npm ({test})");
        return None;
    };
    let azurite = std::sync::Arc::new(run(&program));
    *running = std::sync::Arc::downgrade(&azurite);
    println!("ran: {test} (azurite)");
    Some(azurite)
}

/// Returns the path from `.ci/run`, or installs Azurite once.
fn program() -> Option<PathBuf> {
    let in_folder = |folder: &Path| folder.join("node_modules/azurite/dist/src/azurite.js");
    if let Some(folder) = std::env::var_os("APIM_DOCTOR_AZURITE") {
        let program = in_folder(Path::new(&folder));
        assert!(program.exists(), "APIM_DOCTOR_AZURITE is set, but {} does not exist", program.display());
        return Some(program);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("azurite");
    let program = in_folder(&folder);
    if !program.exists() {
        fs::create_dir_all(&folder).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&folder);
        let installed = match npm.arg(VERSION).current_dir(&folder).output() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            installed => installed.unwrap(),
        };
        assert!(installed.status.success(), "npm: {}", String::from_utf8_lossy(&installed.stderr));
    }
    Some(program)
}

fn run(program: &Path) -> Azurite {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("azurite-run");
    fs::create_dir_all(&folder).unwrap();
    let authority = Authority::new("Azurite Test");
    let (certificate, key) = authority.certificate(&NAMES, 2040);
    fs::write(folder.join("cert.pem"), certificate.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    let mut process = Command::new("node")
        .arg(program)
        // No files, no telemetry, free ports.
        .args(["--inMemoryPersistence", "--disableTelemetry", "--oauth", "basic"])
        .args(["--cert", "cert.pem", "--key", "key.pem"])
        .args(["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"])
        .env("AZURITE_ACCOUNTS", format!("{ACCOUNT}:a2V5"))
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut services = Vec::new();
    while services.len() < NAMES.len() {
        let line = lines.next().expect("azurite exited before it listened").unwrap();
        // For example: Azurite Blob service is successfully listening at https://127.0.0.1:41927
        let Some((service, address)) = line.split_once(" service is successfully listening at https://") else {
            continue;
        };
        let service = match service {
            "Azurite Blob" => "blob",
            "Azurite Queue" => "queue",
            "Azurite Table" => "table",
            other => panic!("{other}"),
        };
        services.push((service, address.parse().unwrap()));
    }
    // Discard the access log, because it must not fill the pipe.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Azurite { process, services, authority: authority.pem() }
}
