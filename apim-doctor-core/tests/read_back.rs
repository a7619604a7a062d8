//! A program reads back what the tool wrote, and loses nothing.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use apim_doctor_core::explanation::Explanation;
use apim_doctor_core::testing::known_messages;
use apim_doctor_core::v1::{Answer, Report};
use apim_doctor_core::{Asked, CodeName, can, diagnose, explain};
use common::{assert_none, fixtures, options, read};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Returns what differs after a document was written, read as `T` and written again.
fn lost<T: Serialize + DeserializeOwned>(what: &str, document: &T) -> Option<String> {
    let written = serde_json::to_value(document).unwrap();
    // As text, because a program reads a file.
    let again: T = match serde_json::from_str(&written.to_string()) {
        Ok(again) => again,
        Err(error) => return Some(format!("{what}: {error}")),
    };
    (serde_json::to_value(again).unwrap() != written).then(|| format!("{what}: the second document differs"))
}

#[test]
fn reports_and_answers_of_every_fixture_are_read_back() {
    let (mut wrong, mut reports, mut answers, mut findings) = (Vec::new(), 0, 0, 0);
    for recording in fixtures(|_| true) {
        let estate = read(&recording.file, recording.bytes);
        let report = diagnose(&estate, &options());
        findings += report.findings.len();
        wrong.extend(lost::<Report>(&recording.file, &report));
        reports += 1;
        for path in &report.paths {
            let principal = path.principal.as_ref().and_then(|principal| principal.principal_id.as_deref());
            let (Some(principal), Some(target)) = (principal, &path.target.resource) else { continue };
            for action in &path.operations {
                let answer = can(&estate, &Asked::new(principal, action.as_ref(), target.clone()));
                wrong.extend(lost::<Answer>(&recording.file, &answer));
                answers += 1;
            }
        }
    }
    assert_none("documents are not read back", &wrong);
    println!("read back: {reports} reports with {findings} findings, and {answers} answers");
    assert!(reports > 100 && findings > 100 && answers > 100);
}

#[test]
fn explanations_of_every_message_are_read_back() {
    let texts = known_messages().flat_map(|(_, samples)| samples.iter().copied()).chain(["no error at all"]);
    let wrong: Vec<String> = texts.filter_map(|text| lost::<Explanation>(text, &explain(text))).collect();
    assert_none("explanations are not read back", &wrong);
}

/// A report with everything that a newer version may add.
fn newer() -> Value {
    let file = fixtures(|file| file.contains("dns.zone-not-linked/broken")).pop();
    let file = file.expect("the fixture is there");
    let mut report = serde_json::to_value(diagnose(&read(&file.file, file.bytes), &options())).unwrap();
    report["added"] = json!({ "later": true });
    report["paths"][0]["rootCause"] = json!("dns.added-later");
    report["paths"][0]["gates"][3]["findings"] = json!(["dns.added-later"]);
    report["paths"][0]["gates"][3]["steps"][0]["under"] = json!([{ "question": "?" }]);
    report["findings"][0]["code"] = json!("dns.added-later");
    report["findings"][0]["fixes"][0]["added"] = json!(["later"]);
    report
}

#[test]
fn a_report_of_a_newer_version_is_read() {
    let report: Report = serde_json::from_value(newer()).unwrap();
    assert_eq!(report.findings[0].code, "dns.added-later");
    assert_eq!(report.findings[0].code.code(), None);
    assert_eq!(report.paths[0].root_cause.as_ref().map(CodeName::as_str), Some("dns.added-later"));
    assert_eq!(report.as_of.to_string(), "2026-11-21T09:00:00Z");
    let written = serde_json::to_value(&report).unwrap();
    assert_eq!(written["findings"][0]["code"], "dns.added-later");
}

#[test]
fn another_document_is_not_a_report() {
    let error = |document: Value| serde_json::from_value::<Report>(document).unwrap_err().to_string();
    let mut report = newer();
    report["apimDoctor"] = json!("report/v2");
    assert_eq!(error(report), "this is `report/v2`: expected `report/v1`");
    let mut report = newer();
    report["asOf"] = json!("");
    assert_eq!(error(report), "`` is not a time like 2026-11-21T09:00:00Z");
}
