//! Headless Chromium, driven over WebDriver, and axe-core from the npm registry.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Tests rely on its rules, so the version is fixed.
const AXE: &str = "axe-core@4.14.1";

/// What of Chromium talks to a network without being asked.
const QUIET: [&str; 7] = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
    "--no-first-run",
    "--no-pings",
];

/// A running Chromium, which stops when it is dropped.
pub(crate) struct Browser {
    pub client: Client,
    _driver: Driver,
}

/// A running chromedriver.
struct Driver {
    process: Child,
    address: String,
}

impl Drop for Driver {
    /// Asks it to end its browsers, which would outlive it.
    fn drop(&mut self) {
        if let Ok(mut connection) = TcpStream::connect(&self.address) {
            let _ = connection.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = write!(connection, "GET /shutdown HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
            let _ = connection.read_to_end(&mut Vec::new());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts Chromium. Returns `None` if it is not installed.
pub(crate) async fn start(test: &str) -> Option<Browser> {
    started(test, &[], json!({})).await
}

/// Starts Chromium where no page may run a script.
pub(crate) async fn without_scripts(test: &str) -> Option<Browser> {
    started(test, &[], json!({"profile.managed_default_content_settings.javascript": 2})).await
}

/// Starts Chromium, which sends every request to a proxy.
pub(crate) async fn with_proxy(test: &str, proxy: &str) -> Option<Browser> {
    started(test, &[&format!("--proxy-server={proxy}"), "--proxy-bypass-list=<-loopback>"], json!({})).await
}

async fn started(test: &str, args: &[&str], preferences: Value) -> Option<Browser> {
    let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut process) = driver else {
        println!("skipped: chromedriver is not installed ({test})");
        return None;
    };
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| {
        let line = line.unwrap();
        Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned())
    });
    let driver = Driver { process, address: format!("127.0.0.1:{}", port.unwrap()) };
    // What it still says has to go somewhere.
    std::thread::spawn(move || lines.for_each(drop));
    let own = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--window-size=1200,900",
        "--force-prefers-reduced-motion",
    ];
    let args: Vec<&str> = own.iter().chain(&QUIET).chain(args).copied().collect();
    let wanted = json!({
        "browserName": "chrome",
        "unhandledPromptBehavior": "ignore",
        "goog:chromeOptions": {"args": args, "prefs": preferences},
    });
    let Value::Object(wanted) = wanted else { unreachable!() };
    let wanted: Capabilities = wanted.into_iter().collect();
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let client = builder.capabilities(wanted).connect(&format!("http://{}", driver.address)).await.unwrap();
    println!("ran: {test} (chromium)");
    Some(Browser { client, _driver: driver })
}

impl Browser {
    /// Opens a file.
    pub(crate) async fn open(&self, page: &Path) {
        self.client.goto(url::Url::from_file_path(page).unwrap().as_ref()).await.unwrap();
    }

    /// What a script of the test returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// What a script of the test returns later, with `done`.
    pub(crate) async fn wait_for(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.client.execute_async(&script, Vec::new()).await.unwrap()
    }

    /// Waits until a script of the test returns true.
    pub(crate) async fn until(&self, script: &str) {
        for _ in 0..100 {
            if self.run(script).await == true {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("after five seconds it is still false: {script}");
    }

    /// A command of Chromium's own protocol.
    pub(crate) async fn chromium(&self, command: &str, parameters: Value) {
        self.client.issue_cmd(Chromium(json!({"cmd": command, "params": parameters}))).await.unwrap();
    }

    /// Shows the page for a medium (`screen`, `print`), with a colour scheme.
    pub(crate) async fn emulate(&self, medium: &str, scheme: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.chromium("Emulation.setEmulatedMedia", json!({"media": medium, "features": features})).await;
    }

    /// Makes the page as wide as this.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.chromium("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// What axe-core finds: the rule, and the element.
    pub(crate) async fn complaints(&self, axe: &str) -> Vec<String> {
        self.run(axe).await;
        let found = self
            .wait_for(
                "axe.run(document, {resultTypes: ['violations', 'incomplete']}).then((found) => done(\
                 found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`))))",
            )
            .await;
        serde_json::from_value(found).unwrap()
    }
}

/// The source of axe-core. Returns `None` if it cannot be installed.
pub(crate) fn axe(test: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    let source = folder.join("node_modules/axe-core/axe.min.js");
    if !source.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
            "--prefix",
        ]);
        match npm.arg(&folder).arg(AXE).current_dir(&folder).output() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                println!("skipped: axe-core cannot be installed without npm ({test})");
                return None;
            }
            done => {
                let done = done.unwrap();
                assert!(done.status.success(), "npm: {}", String::from_utf8_lossy(&done.stderr));
            }
        }
    }
    Some(std::fs::read_to_string(source).unwrap())
}

/// A command of Chromium's own protocol, which its driver passes on.
#[derive(Debug)]
struct Chromium(Value);

impl WebDriverCompatibleCommand for Chromium {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(self.0.to_string()))
    }
}
