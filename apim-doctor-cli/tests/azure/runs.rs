//! Runs the program live and reads its reports.

use std::collections::BTreeSet;
use std::process::Output;

use serde_json::Value;

use super::{Azure, Fault, Options};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_apim-doctor");

/// The time of the recordings in [`super::worlds`].
pub(crate) const AS_OF: &str = "2026-11-21T09:00:00Z";

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Runs a live diagnosis.
pub(crate) fn live(azure: &Azure, instances: &[String], as_of: &str, more: &[&str]) -> Output {
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

/// Runs a live diagnosis of one instance with a fault, and returns its report.
pub(crate) fn report(recording: &Value, instance: &str, more: &[&str], fault: Option<Fault>) -> Value {
    let azure = Azure::serve(recording, Options { fault, ..Options::default() });
    let report = json(&live(&azure, &[instance.to_owned()], AS_OF, more));
    assert_eq!(azure.violations(), Vec::<String>::new());
    report
}

/// Returns each gate of each path with its verdict.
pub(crate) fn gates(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let paths = report["paths"].as_array().unwrap().iter();
    let gates = paths.flat_map(|path| {
        let name = format!("{} {}", text(&path["consumer"]), text(&path["label"]));
        let gates = path["gates"].as_array().unwrap().iter();
        gates.map(move |gate| (format!("{name} {}", text(&gate["gate"])), text(&gate["verdict"])))
    });
    gates.collect()
}

/// Returns the verdict of one gate of one path (`apim-named-value value-0 object`).
pub(crate) fn gate(report: &Value, gate: &str) -> String {
    let found = gates(report).into_iter().find(|(name, _)| name == gate);
    found.unwrap_or_else(|| panic!("gate `{gate}` is missing: {report}")).1
}

/// Returns the codes of the findings.
pub(crate) fn codes(report: &Value) -> BTreeSet<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}
