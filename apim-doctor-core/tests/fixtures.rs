//! Every check on every fixture: `fixtures/checks/<code>/{broken,fixed,blind}.json`.
//!
//! `broken` has the finding, `fixed` has it no more, `blind` cannot tell. No other code may turn up, unless
//! `expect.json` beside them says so: that finds false alarms.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use apim_doctor_core::{CATALOGUE, Estate, Input, Options, Verdict, diagnose, v1::Report};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/checks")
}

fn report(code: &str, name: &str) -> Report {
    let file = folder().join(code).join(name);
    let bytes = std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let (estate, problems) = Estate::read(vec![Input { name: file.display().to_string(), bytes }]);
    assert!(problems.is_empty(), "{}: {problems:?}", file.display());
    diagnose(&estate, &Options::default())
}

fn codes(report: &Report) -> BTreeSet<&str> {
    report.findings.iter().map(|f| f.code).collect()
}

/// What else a fixture may show: `{"broken": ["code", …], "fixed": […], "blind": […], "blindVerdict": "pass"}`.
fn expected(code: &str) -> BTreeMap<String, serde_json::Value> {
    let file = folder().join(code).join("expect.json");
    std::fs::read(file).map(|bytes| serde_json::from_slice(&bytes).unwrap()).unwrap_or_default()
}

fn also(code: &str, name: &str) -> BTreeSet<String> {
    let list = expected(code).get(name).cloned().unwrap_or_default();
    serde_json::from_value::<Option<BTreeSet<String>>>(list).unwrap().unwrap_or_default()
}

fn unexpected(code: &str, name: &str, report: &Report) {
    let also = also(code, name);
    let new: Vec<&str> = codes(report).into_iter().filter(|c| *c != code && !also.contains(*c)).collect();
    assert!(new.is_empty(), "{code}/{name} shows unexpected {new:?}");
}

#[test]
fn broken_fixed_and_blind_say_what_they_should() {
    let mut wrong = Vec::new();
    for check in CATALOGUE {
        let result = std::panic::catch_unwind(|| one(check.code));
        if let Err(panic) = result {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_else(|| check.code.to_owned());
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CATALOGUE.len(), wrong.join("\n"));
}

fn one(code: &str) {
    let broken = report(code, "broken.json");
    let found = broken.findings.iter().find(|f| f.code == code);
    let found = found.unwrap_or_else(|| panic!("{code}/broken shows only {:?}", codes(&broken)));
    assert!(!found.evidence.is_empty(), "{code}/broken has no evidence");
    assert!(found.verdict == Verdict::Fail || found.severity < apim_doctor_core::Severity::Error, "{code}/broken");
    unexpected(code, "broken", &broken);
    let fixed = report(code, "fixed.json");
    assert!(!codes(&fixed).contains(code), "{code}/fixed still shows it");
    assert_eq!(fixed.verdict, Verdict::Pass, "{code}/fixed does not pass: {:?} {:?}", codes(&fixed), fixed.gaps);
    unexpected(code, "fixed", &fixed);
    let blind = report(code, "blind.json");
    let certain = blind.findings.iter().any(|f| f.code == code && f.verdict == Verdict::Fail);
    assert!(!certain, "{code}/blind is certain of what it cannot see");
    let verdict = expected(code).get("blindVerdict").and_then(|v| v.as_str()).map(str::to_owned);
    let verdict = verdict.map_or(Verdict::Unknown, |v| serde_json::from_value(v.into()).unwrap());
    assert_eq!(blind.verdict, verdict, "{code}/blind: {:?} {:?}", codes(&blind), blind.gaps);
    assert!(!blind.gaps.is_empty() || verdict != Verdict::Unknown, "{code}/blind does not say what to do");
    unexpected(code, "blind", &blind);
}
