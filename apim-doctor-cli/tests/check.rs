//! `check`: what files would deploy is judged before it is deployed.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_apim-doctor");

fn deployment(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/deployments").join(name)
}

fn check(path: &Path, args: &[&str]) -> Output {
    Command::new(PROGRAM).arg("check").arg(path).args(args).output().unwrap()
}

/// Checks files and returns the exit status and the report.
fn report(path: &Path, args: &[&str]) -> (Option<i32>, Value) {
    let output = check(path, &[args, &["-o", "json"]].concat());
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), report)
}

const OPEN: [&str; 2] = ["--parameters", "publicNetworkAccess=Enabled"];

#[test]
fn the_line_in_the_file_is_named() {
    let (status, report) = report(&deployment("bicep"), &OPEN);
    assert_eq!(status, Some(1));
    let path = &report["paths"][0];
    assert_eq!((path["label"].as_str(), path["verdict"].as_str()), (Some("orders-key"), Some("fail")));
    assert_eq!(path["rootCause"], "firewall.user-assigned-not-trusted");
    let at = &path["declaredAt"];
    assert!(at["file"].as_str().unwrap().ends_with("modules/gateway.bicep"), "{at}");
    assert_eq!((at["line"].as_u64(), at["column"].as_u64()), (Some(27), Some(9)));
    let evidence = report["findings"][0]["evidence"].as_array().unwrap();
    let lines: Vec<_> = evidence.iter().filter_map(|fact| fact["line"].as_u64()).collect();
    assert!(lines.contains(&13), "{evidence:#?}");
    // A command would come before the resource that it changes.
    assert_eq!(report["findings"][0]["fixes"][0]["az"], serde_json::json!([]));
}

#[test]
fn both_languages_say_the_same() {
    let essence = |folder: &str, args: &[&str]| {
        let (status, report) = report(&deployment(folder), args);
        let path = &report["paths"][0];
        let gates: Vec<String> =
            path["gates"].as_array().unwrap().iter().map(|gate| gate["verdict"].to_string()).collect();
        (status, report["verdict"].clone(), path["label"].clone(), path["rootCause"].clone(), gates)
    };
    for args in [&OPEN[..], &[], &["--standalone", "--parameters", "publicNetworkAccess=Enabled"]] {
        assert_eq!(essence("bicep", args), essence("arm", args), "{args:?}");
    }
}

#[test]
fn a_parameter_without_a_value_leaves_the_path_open() {
    let (status, report) = report(&deployment("bicep"), &[]);
    assert_eq!((status, report["verdict"].as_str()), (Some(0), Some("unknown")));
    let gaps = report["gaps"].to_string();
    assert!(gaps.contains("parameter `publicNetworkAccess` has no value"), "{gaps}");
}

#[test]
fn what_the_files_lack_is_certain_only_if_they_are_all_there_is() {
    let disabled = |args: &[&'static str]| [&["--parameters", "publicNetworkAccess=Enabled"], args].concat();
    let of = |args: &[&str]| {
        let (_, report) = report(&deployment("arm"), args);
        let gates = report["paths"][0]["gates"].as_array().unwrap().clone();
        gates.into_iter().find(|gate| gate["gate"] == "authorization").unwrap()["verdict"].clone()
    };
    assert_eq!(of(&disabled(&[])), "unknown");
    assert_eq!(of(&disabled(&["--standalone"])), "fail");
}

#[test]
fn nothing_to_judge_is_said() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(check(folder.path(), &[]).status.code(), Some(3));
    let file = folder.path().join("notes.json");
    std::fs::write(&file, "{}").unwrap();
    assert_eq!(check(&file, &[]).status.code(), Some(2));
    let missing = check(&folder.path().join("missing"), &[]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("missing"));
}

#[test]
fn an_error_in_a_file_is_said_with_its_place_and_the_rest_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("modules")).unwrap();
    std::fs::copy(deployment("bicep").join("modules/gateway.bicep"), folder.path().join("modules/gateway.bicep"))
        .unwrap();
    let text = std::fs::read_to_string(deployment("bicep").join("main.bicep")).unwrap();
    let lines = text.lines().count();
    let broken = format!("{text}resource lost 'Microsoft.KeyVault/vaults@2023-07-01' = {{\n  name: \n}}\n");
    std::fs::write(folder.path().join("main.bicep"), broken).unwrap();
    let (_, report) = report(folder.path(), &OPEN);
    assert_eq!(report["paths"][0]["rootCause"], "firewall.user-assigned-not-trusted");
    let said = String::from_utf8_lossy(&check(folder.path(), &OPEN).stderr).into_owned();
    assert!(said.contains(&format!("main.bicep:{}", lines + 2)), "{said}");
}

#[cfg(unix)]
#[test]
fn links_that_make_files_without_end_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let module = |name: &str| format!("module {name} '{name}/main.bicep' = {{\n  name: '{name}'\n}}\n");
    let text = std::fs::read_to_string(deployment("bicep").join("main.bicep")).unwrap();
    std::fs::create_dir(folder.path().join("modules")).unwrap();
    std::fs::copy(deployment("bicep").join("modules/gateway.bicep"), folder.path().join("modules/gateway.bicep"))
        .unwrap();
    std::fs::write(folder.path().join("main.bicep"), format!("{text}\n{}{}", module("a"), module("b"))).unwrap();
    for name in ["a", "b"] {
        std::os::unix::fs::symlink(".", folder.path().join(name)).unwrap();
    }
    let (_, report) = report(&folder.path().join("main.bicep"), &OPEN);
    let files = report["coverage"]["files"].as_u64().unwrap();
    assert!((100..2_100).contains(&files), "{files}");
}
