//! `diff`: what broke, what was repaired, and which change did it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const WORLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/worlds/user-assigned-identity.json");

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_apim-doctor")).args(args).arg("--isolated").output().unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn diff(before: &Path, after: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let output = run(&[&["diff", before.to_str().unwrap(), after.to_str().unwrap(), "-o", "json"], more].concat());
    (output.status.code(), json_of(&output))
}

fn world() -> Value {
    serde_json::from_slice(&std::fs::read(WORLD).unwrap()).unwrap()
}

/// Changes the properties of every vault.
fn of_vaults(value: &mut Value, change: &dyn Fn(&mut Value)) {
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    if id.split('/').count() == 9
        && id.contains("/providers/microsoft.keyvault/vaults/")
        && value.get("properties").is_some()
    {
        change(&mut value["properties"]);
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|inner| of_vaults(inner, change)),
        Value::Array(items) => items.iter_mut().for_each(|inner| of_vaults(inner, change)),
        _ => {}
    }
}

fn written(folder: &Path, name: &str, value: &Value) -> PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, value.to_string()).unwrap();
    file
}

#[test]
fn the_change_that_did_it_is_told_from_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut changed = world();
    of_vaults(&mut changed, &|own| {
        own["networkAcls"] =
            json!({"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []});
        own["enablePurgeProtection"] = json!(own["enablePurgeProtection"] != true);
    });
    let (before, after) =
        (written(folder.path(), "before.json", &world()), written(folder.path(), "after.json", &changed));
    let (status, found) = diff(&before, &after, &[]);
    assert_eq!((status, &found["apimDoctor"]), (Some(1), &json!("report/v1")));
    let transitions = found["transitions"].as_array().unwrap();
    assert_eq!(json!(transitions.len()), found["effects"]["breaks"]);
    for one in transitions {
        let pointer = one["causedBy"][0]["pointer"].as_str().unwrap();
        assert!(pointer.starts_with("/properties/networkAcls"), "{one}");
        assert_eq!(one["causedBy"].as_array().unwrap().len(), 1);
        let path = found["paths"].as_array().unwrap().iter().find(|path| path["id"] == one["path"]).unwrap();
        assert_eq!((&path["causedBy"], &path["change"]), (&one["causedBy"], &json!("breaks")));
    }
    let changes = found["changes"].as_array().unwrap();
    let purge = changes.iter().find(|one| one["pointer"] == "/properties/enablePurgeProtection").unwrap();
    assert_eq!((&purge["matters"], &found["restDoesNotMatter"]), (&json!(false), &json!(true)));
    let schema = json_of(&run(&["schema", "diff"]));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&found).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    // The other way round it is a repair, by the same property.
    let (status, found) = diff(&after, &before, &[]);
    assert_eq!((status, &found["effects"]["repairs"]), (Some(0), &json!(transitions.len())));
    assert!(found["transitions"][0]["causedBy"][0]["pointer"].as_str().unwrap().starts_with("/properties/networkAcls"));
    let text = String::from_utf8(run(&["diff", before.to_str().unwrap(), after.to_str().unwrap()]).stdout).unwrap();
    assert!(text.contains("broke") && text.contains("cause: ") && text.contains("no verdict turns on it"), "{text}");
}

#[test]
fn two_changes_that_only_break_a_path_together_are_named_together() {
    let folder = tempfile::tempdir().unwrap();
    let rules = json!({"ipRules": [], "virtualNetworkRules": []});
    let acls = |bypass: &str, action: &str| {
        let mut acls = rules.clone();
        acls["bypass"] = bypass.into();
        acls["defaultAction"] = action.into();
        acls
    };
    // The world's identity is user-assigned, which is not trusted: make it the system-assigned one first.
    let changed = folder.path().join("ready.json");
    let ready = run(&[
        "what-if",
        "--snapshot",
        WORLD,
        "--apply",
        "vault-firewall",
        "--write-changed",
        changed.to_str().unwrap(),
    ]);
    assert_eq!(ready.status.code(), Some(1));
    let set = |world: &mut Value, acls: Value| of_vaults(world, &|own| own["networkAcls"] = acls.clone());
    let mut before: Value = serde_json::from_slice(&std::fs::read(&changed).unwrap()).unwrap();
    let mut after = before.clone();
    set(&mut before, acls("AzureServices", "Allow"));
    set(&mut after, acls("None", "Deny"));
    let (before, after) = (written(folder.path(), "b.json", &before), written(folder.path(), "a.json", &after));
    let (status, found) = diff(&before, &after, &[]);
    assert_eq!(status, Some(1));
    for one in found["transitions"].as_array().unwrap() {
        let mut pointers: Vec<&str> =
            one["causedBy"].as_array().unwrap().iter().map(|own| own["pointer"].as_str().unwrap()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/properties/networkAcls/bypass", "/properties/networkAcls/defaultAction"], "{one}");
    }
}

#[test]
fn reports_give_transitions_without_causes_and_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut changed = world();
    of_vaults(&mut changed, &|own| {
        own["networkAcls"] = json!({"bypass": "AzureServices", "defaultAction": "Deny"});
    });
    let report = |name: &str, value: &Value| {
        let recording = written(folder.path(), &format!("{name}-recording.json"), value);
        let output = run(&["diagnose", "-o", "json", "--snapshot", recording.to_str().unwrap()]);
        written(folder.path(), name, &json_of(&output))
    };
    let (before, after) = (report("before.json", &world()), report("after.json", &changed));
    let (status, found) = diff(&before, &after, &[]);
    assert_eq!(status, Some(1));
    assert!(found.get("changes").is_none());
    let first = &found["transitions"][0];
    assert_eq!((&first["before"], &first["after"], &first["causedBy"]), (&json!("pass"), &json!("fail"), &json!([])));
    assert!(first["unexplained"].as_str().unwrap().contains("compare the recordings"));
    // A recording on one side is diagnosed.
    let (status, mixed) = diff(Path::new(WORLD), &after, &[]);
    assert_eq!((status, &mixed["effects"]), (Some(1), &found["effects"]));
    let (status, _) = diff(&before, &after, &["--fail-on", "never"]);
    assert_eq!(status, Some(0));
}

#[test]
fn what_cannot_be_compared_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("odd.json");
    std::fs::write(&odd, r#"{"apimDoctor": "report/v1", "paths": 1}"#).unwrap();
    let refused = |before: &str, after: &str| {
        let output = run(&["diff", before, after]);
        assert_eq!(output.status.code(), Some(2), "{before} {after}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(odd.to_str().unwrap(), WORLD).contains("odd.json"));
    assert!(refused("-", "-").contains("standard input"));
    assert!(refused("nowhere.json", WORLD).contains("does not exist"));
    let empty = folder.path().join("empty.json");
    std::fs::write(&empty, "[]").unwrap();
    let output = run(&["diff", empty.to_str().unwrap(), empty.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}
