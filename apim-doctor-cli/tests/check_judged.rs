//! Deployments in many styles, with the paths, verdicts, root causes and lines that `check` should find in them.
//!
//! `fixtures/judged/expected.jsonl` has the form of `../shared/cases/deployments/expected.jsonl`; what it leaves out is not
//! judged.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};

use apim_doctor_core::{CheckOptions, Cloud, check};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/judged")
}

/// One value, or any of a list.
fn is_one_of(expected: &Value, found: &Value) -> bool {
    expected.as_array().map_or_else(|| expected == found, |all| all.contains(found))
}

/// Whether a place is the expected one, or one of several.
fn is_at(expected: &Value, place: &Value) -> bool {
    if let Some(all) = expected.as_array() {
        return all.iter().any(|one| is_at(one, place));
    }
    let file = place["file"].as_str().unwrap_or_default();
    let (first, line) = (expected["line"].as_u64().unwrap(), place["line"].as_u64().unwrap_or_default());
    let last = expected["to"].as_u64().unwrap_or(first);
    file.ends_with(expected["file"].as_str().unwrap()) && (first..=last).contains(&line)
}

fn report(folder: &Path, args: &[&str]) -> Value {
    let mut options = CheckOptions::default().with_standalone(args.contains(&"--standalone"));
    if let Some(at) = args.iter().position(|arg| *arg == "--cloud") {
        options.cloud = Cloud::named(args[at + 1]);
    }
    serde_json::to_value(check(&[folder.to_path_buf()], &options).0).unwrap()
}

/// What is wrong with a path.
fn wrong(expected: &Value, report: &Value) -> Option<String> {
    let is_it = |path: &&Value| {
        let owner = expected["resource"].as_str().unwrap_or_default();
        path["consumer"] == expected["consumer"]
            && path["label"] == expected["label"]
            && path["resource"].as_str().unwrap().ends_with(owner)
    };
    let Some(path) = report["paths"].as_array().unwrap().iter().find(is_it) else { return Some("no such path".into()) };
    if !is_one_of(&expected["verdict"], &path["verdict"]) {
        return Some(format!("verdict {} {}", path["verdict"], path["rootCause"]));
    }
    if path["verdict"] == "fail" && !is_one_of(&expected["rootCause"], &path["rootCause"]) {
        return Some(format!("root cause {}", path["rootCause"]));
    }
    let findings = report["findings"].as_array().unwrap().iter();
    let findings: Vec<&Value> =
        findings.filter(|one| one["affects"].as_array().is_some_and(|all| all.contains(&path["id"]))).collect();
    let has = |code: &Value| findings.iter().any(|one| is_one_of(code, &one["code"]));
    if let Some(code) = expected["alsoFindings"].as_array().into_iter().flatten().find(|code| !has(code)) {
        return Some(format!("lacks {code}"));
    }
    if let Some(code) = expected["notFindings"].as_array().into_iter().flatten().find(|code| has(code)) {
        return Some(format!("has {code}"));
    }
    if !expected["declaredAt"].is_null() && !is_at(&expected["declaredAt"], &path["declaredAt"]) {
        return Some(format!("declared at {}", path["declaredAt"]));
    }
    let steps = path["gates"].as_array().unwrap().iter().flat_map(|gate| gate["steps"].as_array().unwrap());
    let mut evidence = findings.iter().copied().chain(steps).flat_map(|one| one["evidence"].as_array().unwrap());
    if !expected["decidedAt"].is_null() && !evidence.any(|fact| is_at(&expected["decidedAt"], fact)) {
        return Some("no evidence at the line that decides".to_owned());
    }
    None
}

#[test]
fn every_deployment_is_judged_as_expected() {
    let text = std::fs::read_to_string(root().join("expected.jsonl")).unwrap();
    let (mut paths, mut misses) = (0, Vec::new());
    for row in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let id = row["id"].as_str().unwrap();
        for run in row["runs"].as_array().unwrap() {
            let args: Vec<&str> = run["args"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let report = report(&root().join(id), &args);
            if !is_one_of(&run["verdict"], &report["verdict"]) {
                misses.push(format!("{id} {args:?}: the report's verdict is {}", report["verdict"]));
            }
            for expected in run["paths"].as_array().unwrap() {
                paths += 1;
                let miss = wrong(expected, &report);
                misses.extend(miss.map(|miss| format!("{id} {args:?} {}: {miss}", expected["label"])));
            }
        }
    }
    println!("{paths} paths");
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}
