//! Live runs of the program against a server that plays Azure over real TLS.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use azure::{Azure, Options};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_apim-doctor");

/// Runs a test that needs `../shared`; says whether it ran.
fn with_estates(test: &str, run: impl FnOnce(&Path)) {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/estates"));
    if !folder.is_dir() {
        println!("skipped: ../shared is not there ({test})");
        return;
    }
    run(folder);
    println!("ran: {test}");
}

/// The recordings with an API Management instance, by name, with their instances.
fn estates(folder: &Path) -> Vec<(String, Value, Vec<String>)> {
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let json = names.into_iter().filter(|path| path.extension().is_some_and(|e| e == "json"));
    let read = json.map(|path| {
        let value: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let instances = instances(&value);
        (name, value, instances)
    });
    read.filter(|(_, _, instances)| !instances.is_empty()).collect()
}

fn instances(recording: &Value) -> Vec<String> {
    fn search(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
                if let Some(id) = map.get("id").and_then(Value::as_str)
                    && kind.eq_ignore_ascii_case("Microsoft.ApiManagement/service")
                {
                    found.insert(id.to_owned());
                }
                map.values().for_each(|inner| search(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| search(inner, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    search(recording, &mut found);
    found.into_iter().collect()
}

fn taken_at(recording: &Value) -> &str {
    recording.get("takenAt").and_then(Value::as_str).unwrap_or("2026-11-21T09:00:00Z")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// A diagnosis of a file.
fn from_file(file: &Path, instances: &[String], as_of: &str) -> Value {
    let output = Command::new(PROGRAM)
        .arg("diagnose")
        .args(instances)
        .args(["-o", "json", "--fail-on", "never", "--as-of", as_of, "--snapshot"])
        .arg(file)
        .output()
        .unwrap();
    json(&output)
}

/// A live diagnosis.
fn live(azure: &Azure, instances: &[String], as_of: &str, more: &[&str]) -> Output {
    azure
        .command(PROGRAM)
        .arg("diagnose")
        .args(instances)
        .args(["-o", "json", "--fail-on", "never", "--as-of", as_of, "--cloud"])
        .arg(azure.cloud_file())
        .args(more)
        .output()
        .unwrap()
}

/// What must be the same however an estate was read: verdicts, root causes and findings.
fn essence(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut lines = vec![format!("verdict {}", text(&report["verdict"]))];
    for path in report["paths"].as_array().unwrap() {
        let gates = path["gates"].as_array().unwrap().iter();
        let gates: Vec<String> =
            gates.map(|gate| format!("{}={}", text(&gate["gate"]), text(&gate["verdict"]))).collect();
        lines.push(format!(
            "path {} {} {} {} {} {}",
            text(&path["consumer"]),
            text(&path["label"]),
            text(&path["location"]),
            text(&path["verdict"]),
            text(&path["rootCause"]),
            gates.join(" "),
        ));
    }
    for finding in report["findings"].as_array().unwrap() {
        let subject = text(&finding["subject"]).to_ascii_lowercase();
        lines.push(format!("finding {} {} {subject}", text(&finding["code"]), text(&finding["severity"])));
    }
    lines.sort();
    lines
}

#[test]
fn a_live_run_says_of_every_estate_what_its_recording_says() {
    with_estates("a_live_run_says_of_every_estate_what_its_recording_says", |folder| {
        let (mut count, mut wrong) = (0, Vec::new());
        for (name, recording, instances) in estates(folder) {
            let azure = Azure::serve(&recording, Options::default());
            let as_of = taken_at(&recording);
            let expected = essence(&from_file(&folder.join(&name), &instances, as_of));
            let output = live(&azure, &instances, as_of, &[]);
            let found = essence(&json(&output));
            if found != expected {
                let missing: Vec<&String> = expected.iter().filter(|line| !found.contains(line)).collect();
                let extra: Vec<&String> = found.iter().filter(|line| !expected.contains(line)).collect();
                wrong.push(format!("{name}\n  file: {missing:#?}\n  live: {extra:#?}"));
            }
            assert_eq!(azure.violations(), Vec::<String>::new(), "{name}");
            count += 1;
        }
        println!("{count} estates, {} differ", wrong.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
