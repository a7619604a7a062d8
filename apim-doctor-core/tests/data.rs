//! Reads every answer of Resource Manager and every export in `../shared/data`, and requires that nearly all modelled
//! resources in them can be parsed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::path::{Path, PathBuf};

use apim_doctor_core::{Coverage, Estate, Input, Options, diagnose};
use common::{assert_none, with_shared};
use serde_json::{Value, json};

/// Returns all JSON files below a folder, sorted by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.extend(Some(path).filter(|p| p.extension().is_some_and(|e| e == "json"))),
        }
    }
    found.sort();
    found
}

/// The number of parsed resources, and what could not be parsed.
#[derive(Default)]
struct Tally {
    inputs: usize,
    modelled: usize,
    read: usize,
    misread: Vec<String>,
    fatal: Vec<String>,
}

impl Tally {
    /// Reads and diagnoses one input.
    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let (estate, problems) = Estate::read(vec![Input::new(name, bytes)]);
        let report = diagnose(&estate, &Options::default());
        assert_eq!(report.apim_doctor, "report/v1");
        let Coverage { modelled, read, .. } = *estate.coverage();
        assert!(read <= modelled, "{name}: {read} of {modelled}");
        self.inputs += 1;
        self.modelled += modelled;
        self.read += read;
        for problem in problems {
            // A body without a readable id and type may be of any type, so it counts as modelled and not parsed.
            self.modelled += usize::from(problem.message.starts_with("a resource could not be read"));
            let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
            let text = format!("{name}{line}: {problem}");
            if problem.fatal { self.fatal.push(text) } else { self.misread.push(text) }
        }
    }

    /// Prints one folder's result and adds it to the total.
    fn close(self, what: &str, all: &mut Tally) {
        let share = share(self.read, self.modelled);
        println!(
            "{what}: {} inputs, {} of {} modelled resources read ({share:.4})",
            self.inputs, self.read, self.modelled
        );
        self.misread.iter().for_each(|text| println!("  misread: {text}"));
        all.inputs += self.inputs;
        all.modelled += self.modelled;
        all.read += self.read;
        all.fatal.extend(self.fatal);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share to print")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Converts a recorded exchange to a snapshot exchange. A write that returned the resource counts as a read.
fn exchange(recorded: &Value) -> Option<Value> {
    let text = |name: &str| recorded.get(name)?.as_str();
    let (method, path, status) = (text("method")?, text("path")?, recorded.get("status")?.as_u64()?);
    let body = recorded.get("body").cloned().unwrap_or(Value::Null);
    let is_write = ["PUT", "PATCH"].contains(&method) && [200, 201].contains(&status) && body.is_object();
    let (method, status) = if is_write { ("GET", 200) } else { (method, status) };
    Some(json!({"request": format!("{method} {path}"), "status": status, "body": body}))
}

fn snapshot(exchanges: Vec<Value>) -> Vec<u8> {
    json!({"apimDoctor": "snapshot/v1", "exchanges": exchanges}).to_string().into_bytes()
}

#[test]
fn nearly_all_answers_of_azure_are_parsed() {
    const TEST: &str = "nearly_all_answers_of_azure_are_parsed";
    with_shared(TEST, "data", |data| {
        let mut all = Tally::default();
        for folder in ["recorded/azure-service-operator", "recorded/cloud-custodian", "spec-examples"] {
            let folder = data.join("arm-responses").join(folder);
            let mut tally = Tally::default();
            for path in files(&folder) {
                let name = path.strip_prefix(data).unwrap().display().to_string();
                let document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                let recorded = document.get("exchanges").and_then(Value::as_array);
                let exchanges: Vec<Value> = match recorded {
                    Some(recorded) => recorded.iter().map(|one| exchange(one).unwrap()).collect(),
                    None => vec![exchange(&document).unwrap()],
                };
                // Each exchange is counted alone, because a later answer would hide an earlier one.
                // Reading all of them together must not panic.
                for one in &exchanges {
                    tally.add(&name, snapshot(vec![one.clone()]));
                }
                Tally::default().add(&name, snapshot(exchanges));
            }
            tally.close(&folder.strip_prefix(data).unwrap().display().to_string(), &mut all);
        }
        let mut tally = Tally::default();
        let roles = data.join("arm-responses/recorded/builtin-role-definitions.json");
        tally.add("builtin-role-definitions.json", std::fs::read(roles).unwrap());
        assert!(tally.modelled > 800, "only {} roles", tally.modelled);
        tally.close("builtin-role-definitions.json", &mut all);
        let mut tally = Tally::default();
        for path in files(&data.join("resource-exports")) {
            let name = path.strip_prefix(data).unwrap().display().to_string();
            tally.add(&name, std::fs::read(&path).unwrap());
        }
        tally.close("resource-exports", &mut all);
        let share = share(all.read, all.modelled);
        println!("all: {} inputs, {} of {} modelled resources read ({share:.4})", all.inputs, all.read, all.modelled);
        assert_none("unreadable files", &all.fatal);
        assert!(share >= 0.99, "only {share:.4} of the modelled resources were read");
    });
}
