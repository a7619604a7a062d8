//! Live runs of the program, and what their reports say.

use std::collections::BTreeSet;
use std::process::Output;

use serde_json::Value;

use super::{Azure, Fault, Options};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_apim-doctor");

/// When the recordings of [`super::worlds`] were taken.
pub const AS_OF: &str = "2026-11-21T09:00:00Z";

pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// A live diagnosis.
pub fn live(azure: &Azure, instances: &[String], as_of: &str, more: &[&str]) -> Output {
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

/// What a live diagnosis of one instance says, with the arguments and the fault.
pub fn report(recording: &Value, instance: &str, more: &[&str], fault: Option<Fault>) -> Value {
    let azure = Azure::serve(recording, Options { fault, ..Options::default() });
    let report = json(&live(&azure, &[instance.to_owned()], AS_OF, more));
    assert_eq!(azure.violations(), Vec::<String>::new());
    report
}

/// Each gate of each path, and what it said.
pub fn gates(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let paths = report["paths"].as_array().unwrap().iter();
    let gates = paths.flat_map(|path| {
        let name = format!("{} {}", text(&path["consumer"]), text(&path["label"]));
        let gates = path["gates"].as_array().unwrap().iter();
        gates.map(move |gate| (format!("{name} {}", text(&gate["gate"])), text(&gate["verdict"])))
    });
    gates.collect()
}

/// What one gate of one path said (`apim-named-value value-0 object`).
pub fn gate(report: &Value, gate: &str) -> String {
    let found = gates(report).into_iter().find(|(name, _)| name == gate);
    found.unwrap_or_else(|| panic!("there is no gate `{gate}`: {report}")).1
}

/// The codes of the findings.
pub fn codes(report: &Value) -> BTreeSet<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}
