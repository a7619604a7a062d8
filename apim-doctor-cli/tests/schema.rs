//! Output and input follow the JSON Schemas that `schema` prints.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn json(args: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}"))
}

fn check(schema: &str, value: &Value, what: &str) {
    let schema = json(&["schema", schema]);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(value).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:?}");
}

#[test]
fn reports_follow_their_schema_and_the_contract() {
    for case in ["user-assigned-behind-firewall", "roles-ignore-policies", "private-zone-without-record"] {
        let report = json(&["demo", case, "-o", "json"]);
        check("report", &report, case);
        let names: Vec<&str> =
            report["paths"][0]["gates"].as_array().unwrap().iter().map(|g| g["gate"].as_str().unwrap()).collect();
        let gates = ["reference", "identity", "target", "dns", "network", "firewall", "authorization", "object"];
        assert_eq!(names, gates);
        for field in ["apimDoctor", "tool", "asOf", "verdict", "paths", "findings", "gaps", "summary"] {
            assert!(report.get(field).is_some(), "{field}");
        }
        for field in [
            "id",
            "consumer",
            "resource",
            "label",
            "declaredAt",
            "principal",
            "operations",
            "target",
            "origin",
            "moment",
            "verdict",
            "rootCause",
            "firstSymptom",
            "gates",
        ] {
            assert!(report["paths"][0].get(field).is_some(), "{field}");
        }
        for field in [
            "code",
            "gate",
            "severity",
            "verdict",
            "subject",
            "title",
            "message",
            "fingerprint",
            "affects",
            "evidence",
            "fixes",
            "confirm",
            "sources",
        ] {
            assert!(report["findings"][0].get(field).is_some(), "{field}");
        }
        let source = &report["findings"][0]["sources"][0];
        assert!(source["url"].is_string() && source["readOn"].is_string(), "{source}");
    }
}

#[test]
fn the_schema_rejects_invalid_reports() {
    let schema = json(&["schema", "report"]);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut report = json(&["demo", "-o", "json"]);
    report["verdict"] = "perhaps".into();
    assert!(!validator.is_valid(&report));
    report.as_object_mut().unwrap().remove("paths");
    assert!(!validator.is_valid(&report));
}

#[test]
fn answers_follow_their_schema() {
    let scope = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv";
    let file = "src/command/demo/roles-ignore-policies.json";
    let answer = json(&[
        "can",
        "00000000-1111-2222-3333-444444444444",
        "Microsoft.KeyVault/vaults/read",
        scope,
        "--snapshot",
        file,
        "-o",
        "json",
    ]);
    check("answer", &answer, "answer");
}

#[test]
fn recordings_follow_their_schema() {
    let demo = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/command/demo/roles-ignore-policies.json"));
    check("snapshot", &serde_json::from_slice(&demo.unwrap()).unwrap(), "demo");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/estates");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: ../shared does not exist (recordings_follow_their_schema)");
        return;
    };
    println!("ran: recordings_follow_their_schema");
    let schema = json(&["schema", "snapshot"]);
    let validator = jsonschema::validator_for(&schema).unwrap();
    for entry in entries {
        let path = entry.unwrap().path();
        let value: Value = match path.extension().is_some_and(|e| e == "json") {
            true => serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap(),
            false => continue,
        };
        if value.get("apimDoctor").is_some() {
            assert!(validator.is_valid(&value), "{}", path.display());
        }
    }
}

/// The site publishes the schemas that this page lists.
#[test]
fn the_docs_list_every_schema() {
    let output = Command::new(env!("CARGO_BIN_EXE_apim-doctor")).args(["schema", "nonsense"]).output().unwrap();
    let help = String::from_utf8(output.stderr).unwrap();
    let (_, names) = help.split_once("[possible values: ").unwrap();
    let mut names: Vec<&str> = names.split_once(']').unwrap().0.split(", ").collect();
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schemas.md")).unwrap();
    let rows = docs.lines().filter_map(|line| line.strip_prefix("| [")?.split_once("](https://"));
    let mut listed: Vec<&str> = rows.map(|(name, _)| name).collect();
    names.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, names, "docs/schemas.md does not list the schemas that `schema` prints");
}
