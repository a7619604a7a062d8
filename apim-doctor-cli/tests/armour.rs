//! Hostile bytes in fields, arguments, file names and answers never reach a terminal.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;

mod fixture;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use azure::{At, Azure, Fault, Kind, Options};
use serde_json::Value;

/// One of each kind: a colour that the program never uses, a title, a bell, a carriage return, a backspace, DEL, C1,
/// direction marks, zero-width characters, a tag, separators, fillers and variation selectors.
const HOSTILE: &str = "\u{1b}[35m\u{1b}]0;owned\u{7}\r\u{8}\u{c}\u{b}\u{7f}\u{85}\u{9b}31m\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\
                       \u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2064}\u{2066}\u{2069}\u{206f}\u{3164}\
                       \u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{1d173}\u{e0001}\u{e0041}\u{e007f}\u{e0100}";

/// Independent of the program's own pattern on purpose.
fn is_hostile(c: char) -> bool {
    let own_layout = c == '\n' || c == '\t';
    !own_layout
        && matches!(
            u32::from(c),
            0x00..=0x1f
                | 0x7f..=0x9f
                | 0xad
                | 0x34f
                | 0x61c
                | 0x115f..=0x1160
                | 0x17b4..=0x17b5
                | 0x180b..=0x180f
                | 0x200b..=0x200f
                | 0x2028..=0x202e
                | 0x2060..=0x206f
                | 0x3164
                | 0xfe00..=0xfe0f
                | 0xfeff
                | 0xffa0
                | 0xfff0..=0xfffb
                | 0x1bca0..=0x1bca3
                | 0x1d173..=0x1d17a
                | 0xe0000..=0xe0fff
        )
}

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
    program.current_dir(env!("CARGO_MANIFEST_DIR")).env("LC_ALL", "C.UTF-8").env("COLUMNS", "100");
    program.env_remove("NO_COLOR").stdin(Stdio::null());
    program
}

/// Removes the program's own colours, which are the only allowed escape sequences.
fn without_own_colours(text: &str) -> String {
    let own = ["0", "1", "2", "4", "1;31", "1;32", "1;33", "32", "33", "36", "31", "35;1", "36;1"];
    own.iter().fold(text.to_owned(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""))
}

fn assert_clean(output: &Output, what: &str) {
    for (stream, bytes) in [("standard output", &output.stdout), ("standard error", &output.stderr)] {
        let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{what}: {stream} is not UTF-8"));
        assert!(!text.contains("\u{1b}[35m"), "{what}: a colour from the data on {stream}");
        let text = without_own_colours(text);
        let odd = text.chars().find(|c| is_hostile(*c));
        assert_eq!(odd.map(|c| format!("U+{:04X}", u32::from(c))), None, "{what}: {stream}: {text:?}");
    }
    assert!(output.status.code().is_some(), "{what}: terminated by a signal");
}

/// Collects the names in a recording: the last segments of ids, role names, locations.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let is_name = |text: &str| {
                (3..60).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_ ".contains(&b))
            };
            let last = text.rsplit('/').next().unwrap_or(text).split('?').next().unwrap_or_default();
            found.extend([last].into_iter().filter(|last| is_name(last)).map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Object(map) => map.values().for_each(|item| names(item, found)),
        _ => {}
    }
}

/// Replaces every occurrence of a name in every string.
fn renamed(value: &Value, name: &str, by: &str) -> Value {
    match value {
        Value::String(text) => text.replace(name, by).into(),
        Value::Array(items) => items.iter().map(|item| renamed(item, name, by)).collect(),
        Value::Object(map) => map.iter().map(|(key, item)| (key.replace(name, by), renamed(item, name, by))).collect(),
        other => other.clone(),
    }
}

/// Appends hostile bytes to every string with this key. Keys, requests and types stay, or the file could not be read.
fn hostile_at(value: &mut Value, key: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| hostile_at(item, key)),
        Value::Object(map) => map.iter_mut().for_each(|(own, item)| match item {
            Value::String(text) if own == key => text.push_str(HOSTILE),
            item => hostile_at(item, key),
        }),
        _ => {}
    }
}

fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Object(map) => map.iter().for_each(|(key, item)| {
            if item.is_string() {
                found.insert(key.clone());
            }
            keys(item, found);
        }),
        _ => {}
    }
}

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("armour").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Recordings with every kind of caller and target, and fixes in every language.
const RECORDINGS: [&str; 7] = [
    "checks/firewall.user-assigned-not-trusted/broken",
    "checks/authorization.role-lacks-action/broken",
    "checks/authorization.denied/broken",
    "checks/dns.zone-not-linked/broken",
    "checks/network.egress-blocked/blind",
    "checks/target.content-share-missing/broken",
    "demo/stopped-function-app",
];

#[test]
fn hostile_names_in_a_recording_never_reach_a_terminal() {
    let folder = scratch("names");
    let (file, fixed) = (folder.join("hostile.json"), folder.join("fixed.json"));
    let mut runs = 0;
    for recording in RECORDINGS {
        let document = fixture::recording(recording);
        let (mut all, mut every_key) = (BTreeSet::new(), BTreeSet::new());
        names(&document, &mut all);
        keys(&document, &mut every_key);
        // Several names per run: each name is in a different place in the report.
        let all: Vec<String> = all.into_iter().collect();
        let by_name = all.chunks(8).map(|some| {
            some.iter().fold(document.clone(), |document, name| renamed(&document, name, &format!("{name}{HOSTILE}")))
        });
        let by_key = every_key.iter().map(|key| {
            let mut document = document.clone();
            hostile_at(&mut document, key);
            document
        });
        for hostile in by_name.chain(by_key) {
            fs::write(&file, hostile.to_string()).unwrap();
            let diagnose = |more: &[&str]| {
                let mut run = program();
                run.arg("diagnose").arg("--snapshot").arg(&file).args(more).output().unwrap()
            };
            let colour = if runs % 2 == 0 { "always" } else { "never" };
            let verbose = diagnose(&["-v", "--color", colour, "--write-fixed", fixed.to_str().unwrap()]);
            assert_clean(&verbose, recording);
            if runs % 3 == 0 {
                let json = diagnose(&["-o", "json"]);
                assert_clean(&json, recording);
                let is_json = || serde_json::from_slice::<Value>(&json.stdout).is_ok();
                assert!(json.status.code() == Some(2) || is_json(), "{recording}");
            }
            if let Ok(fixed) = fs::read_to_string(&fixed) {
                assert_eq!(fixed.chars().find(|c| is_hostile(*c)), None, "{recording}: the fixed recording");
            }
            runs += 1;
        }
    }
    assert!(runs > 60, "only {runs} runs");
}

#[test]
fn json_keeps_hostile_names() {
    let folder = scratch("same");
    let file = folder.join("hostile.json");
    let recording = fixture::recording(RECORDINGS[0]);
    let report = |text: &str| -> Value {
        fs::write(&file, text).unwrap();
        let output = program().args(["diagnose", "-o", "json", "--snapshot"]).arg(&file).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let before = report(&recording.to_string());
    let name = before["paths"][0]["resource"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let hostile = format!("{name}\u{200b}\u{202e}\u{9b}\u{7f}\u{e0041}");
    let document = renamed(&recording, &name, &hostile);
    let after = report(&document.to_string());
    assert_eq!(after["paths"][0]["resource"].as_str().unwrap().rsplit('/').next(), Some(hostile.as_str()));
}

#[test]
fn hostile_arguments_and_file_names_never_reach_a_terminal() {
    let folder = scratch("arguments");
    let line = HOSTILE.replace('\0', "");
    let file = folder.join(format!("a{line}.json"));
    let id = "11111111-2222-3333-4444-555555555555";
    fs::write(&file, "not JSON").unwrap();
    let file = file.to_str().unwrap();
    let (slash, toml) = (format!("/x{line}"), format!("c{line}.toml"));
    let (slash, toml, h) = (slash.as_str(), toml.as_str(), line.as_str());
    let recording = &fixture::file(RECORDINGS[0]);
    for args in [
        &[h][..],
        &["diagnose", h],
        &["diagnose", slash],
        &["diagnose", slash, "--snapshot", recording],
        &["diagnose", "--snapshot", h],
        &["diagnose", "--snapshot", file],
        &["diagnose", "--snapshot", file, "-f", file],
        &["diagnose", "--snapshot", recording, "--write-fixed", recording, "-f", h],
        &["diagnose", "--snapshot", recording, "--consumer", h],
        &["diagnose", "--snapshot", recording, "-n", h],
        &["diagnose", "--snapshot", recording, "-n", h, "-g", h],
        &["diagnose", "--snapshot", recording, "--error", h],
        &["diagnose", "--snapshot", recording, "--as-of", h],
        &["diagnose", "--snapshot", recording, "--fail-on", h],
        &["diagnose", "--snapshot", recording, "-f", &format!("{slash}/y")],
        &["diagnose", "--snapshot", recording, &format!("--x{line}")],
        &["diagnose", slash, "--cloud", h],
        &["diagnose", slash, "--cloud", toml],
        &["diagnose", slash, "--subscription", h],
        &["diagnose", slash, "--auth", h],
        &["collect", slash, "-f", h],
        &["collect", "-n", h, "-f", &format!("{slash}/y")],
        &["can", h, h, h],
        &["can", id, h, slash, "--snapshot", recording],
        &["can", id, &format!("a/{line}"), slash, "--snapshot", recording],
        &["can", slash, &format!("a/{line}"), slash, "--snapshot", recording],
        &["permissions", "--scope", h],
        &["permissions", "--scope", slash],
        &["permissions", "--scope", slash, "-f", &format!("{slash}/y")],
        &["explain", h],
        &["explain", &format!("firewall.{line}")],
        &["explain", "--error", h],
        &[
            "explain",
            "--error",
            &format!(
                "Client address is not authorized and caller is not a trusted service. Vault: kv{line};location=x"
            ),
        ],
        &["explain", "--error-file", file],
        &["explain", "--error-file", h],
        &["demo", h],
        &["schema", h],
        &["completions", h],
        &["rules", "-o", h],
        &["probe", h],
        &["probe", "kv1.vault.azure.net", "--server", h],
        &["probe", "kv1.vault.azure.net", "--vantage", h],
        &["probe", "kv1.vault.azure.net", "--timeout", h],
        &["probe", "kv1.vault.azure.net", "--cloud", toml],
        &["--color", h, "rules"],
        &["--help"],
        &["help", "diagnose"],
        &["help", h],
        &["man"],
        &["completions", "fish"],
        &["rules"],
    ] {
        for colour in ["never", "always"] {
            let output = program().args(["--color", colour]).args(args).output().unwrap();
            assert_clean(&output, &format!("{args:?}"));
        }
    }
}

#[test]
fn hostile_environment_variables_never_reach_a_terminal() {
    for args in [&["--help"][..], &["diagnose", "--help"], &["probe", "--help"], &["diagnose", "/x"], &["demo"]] {
        let mut run = program();
        for name in ["APIM_DOCTOR_CLOUD", "COLUMNS", "LANG", "HTTPS_PROXY", "IDENTITY_ENDPOINT", "AZURE_TENANT_ID"] {
            run.env(name, format!("x{HOSTILE}"));
        }
        assert_clean(&run.args(args).output().unwrap(), &format!("{args:?}"));
    }
    // The program's own name.
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let output = program().arg0(format!("x{HOSTILE}")).arg("--nothing").output().unwrap();
        assert_clean(&output, "its own name");
    }
}

#[test]
fn hostile_input_never_reaches_a_terminal() {
    let h = Value::from(HOSTILE).to_string();
    let id = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv";
    for text in [
        format!("{{\"apimDoctor\": {h}}}"),
        format!("{{\"apimDoctor\": \"snapshot/v1\", \"cloud\": {h}, \"exchanges\": []}}"),
        format!("{{\"apimDoctor\": \"snapshot/v1\", \"takenAt\": {h}, \"exchanges\": []}}"),
        format!("{{\"apimDoctor\": \"snapshot/v1\", \"exchanges\": [{{\"request\": {h}, \"status\": {h}}}]}}"),
        format!("[{{\"id\": \"{id}\", \"properties\": {{\"enableRbacAuthorization\": {h}}}}}]"),
        format!("[{{\"id\": \"{id}\", \"properties\": {{\"publicNetworkAccess\": {h}, \"networkAcls\": {h}}}}}]"),
        format!("{{{h}: {h}}}"),
        HOSTILE.to_owned(),
        format!("[{{\"id\": {h}, \"type\": {h}, \"properties\": {h}}}]"),
    ] {
        let mut child = program()
            .args(["diagnose", "--snapshot", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert_clean(&child.wait_with_output().unwrap(), &text);
    }
}

#[test]
fn hostile_answers_never_reach_a_terminal() {
    let recording = fixture::recording(RECORDINGS[0]);
    let instance = recording["exchanges"].as_array().unwrap().iter().find_map(|exchange| {
        let request = exchange["request"].as_str()?.strip_prefix("GET ")?.split('?').next()?;
        let is_instance = request.split('/').rev().nth(1) == Some("service");
        is_instance.then(|| request.to_owned())
    });
    let instance = instance.unwrap();
    let h = Value::from(HOSTILE).to_string();
    let body: &'static str = format!(
        "{{\"error\": {{\"code\": {h}, \"message\": {h}, \"innererror\": {{\"code\": {h}}}}}, \"error_description\": {h}}}"
    )
    .leak();
    let folder = scratch("server");
    for (at, status) in [(At::Token, 400), (At::EveryRead, 403), (At::EveryRead, 400), (At::EveryRead, 409)] {
        let fault = Fault { at: at.clone(), kind: Kind::Answer(status, "application/json", body), times: None };
        let azure = Azure::serve(&recording, Options { fault: Some(fault), ..Options::default() });
        let run = |args: &[&str]| {
            let mut command = azure.command(env!("CARGO_BIN_EXE_apim-doctor"));
            command.env("LC_ALL", "C.UTF-8").args(args).arg("--cloud").arg(azure.cloud_file());
            command.args(["--auth", "env", "--timeout", "20"]).output().unwrap()
        };
        let file = folder.join("recording.json");
        for args in [
            &["diagnose", instance.as_str(), "-v", "--ask-vault"][..],
            &["diagnose", instance.as_str(), "-o", "json"],
            &["collect", instance.as_str(), "-f", file.to_str().unwrap()],
        ] {
            assert_clean(&run(args), &format!("{at:?} {status} {args:?}"));
        }
        if let Ok(recording) = fs::read_to_string(&file) {
            assert_eq!(recording.chars().find(|c| is_hostile(*c)), None, "{at:?} {status}: the recording");
        }
    }
}

/// New commands cannot bypass the filter.
#[test]
fn only_one_place_prints() {
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(&path, found),
                false => found.push(path),
            }
        }
    }
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 20);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        // Unit tests stand at the end, and write files of their own.
        let text = text.split("\nmod tests {").next().unwrap();
        let own = match file.file_name().unwrap().to_str().unwrap() {
            "output.rs" => &["io::stdout()", "io::stderr()"][..],
            "files.rs" => &["OpenOptions::", "tempfile::", "fs::write"],
            // Check whether standard error is a terminal, to show progress or a page.
            "live.rs" | "open.rs" => &["io::stderr()"],
            _ => &[],
        };
        let ways = [
            "io::stdout()",
            "io::stderr()",
            "OpenOptions::",
            "tempfile::",
            "File::create",
            "fs::write",
            "print!(",
            "println!(",
        ];
        for way in ways.iter().filter(|way| !own.contains(way)) {
            assert!(!text.contains(way), "{}: {way}", file.display());
        }
    }
}

/// Runs the recorded attacks in `../shared`.
#[test]
fn recorded_attacks_fail() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/reports/attack");
    if !folder.is_dir() {
        println!("skipped: ../shared does not exist (recorded_attacks_fail)");
        return;
    }
    let own = scratch("recorded");
    for name in ["03-escape-role-name", "03-escape-bicep", "05-quadratic-redaction", "06-deep-body-write-fixed"] {
        let file = folder.join(format!("{name}.snapshot.json"));
        let fixed = own.join(format!("{name}.json"));
        fs::write(&fixed, "as it was").unwrap();
        let mut run = program();
        run.args(["diagnose", "-v", "--snapshot"]).arg(&file).arg("--write-fixed").arg(&fixed);
        let output = run.output().unwrap();
        assert_clean(&output, name);
        let written = fs::read_to_string(&fixed).unwrap();
        match output.status.code() == Some(2) {
            true => assert_eq!(written, "as it was", "{name}"),
            false => assert!(serde_json::from_str::<Value>(&written).is_ok_and(|fixed| fixed.is_object()), "{name}"),
        }
        assert_eq!(output.status.code() == Some(2), name.starts_with("06"), "{name}");
        // `can` prints the name of every role, because each role is assigned.
        let recording: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap_or_default();
        let exchanges = recording["exchanges"].as_array().into_iter().flatten();
        let listed = exchanges.flat_map(|exchange| exchange["body"]["value"].as_array().into_iter().flatten());
        let grants: Vec<&Value> =
            listed.filter(|body| body["id"].as_str().is_some_and(|id| id.contains("/roleAssignments/"))).collect();
        for grant in grants.iter().map(|grant| &grant["properties"]) {
            let (Some(principal), Some(scope)) = (grant["principalId"].as_str(), grant["scope"].as_str()) else {
                continue;
            };
            let action = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
            let output = program().args(["can", principal, action, scope, "--snapshot"]).arg(&file).output().unwrap();
            assert_clean(&output, &format!("{name}: {principal}"));
        }
    }
    println!("ran: recorded_attacks_fail");
}
