//! Lines to paste, from fixes, probes and gaps: azure-cli and the languages' parsers accept them, and names in them
//! stay data.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;

mod asks;
mod az;
mod fixes;
mod hostile;
mod snippet;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use apim_doctor_core::testing::known_messages;
use apim_doctor_core::{explain, v1::Report};

/// Returns every fixture, scenario and built-in case.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    find(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures"), &mut files);
    files.sort();
    files.retain(|file| file.extension().is_some_and(|e| e == "json") && !file.ends_with("expect.json"));
    let read = |file: PathBuf| (file.display().to_string(), common::fixture::written(&common::fixture::read(&file)));
    files.into_iter().map(read).collect()
}

/// Returns the fixtures, and the recordings of `../shared` if it exists.
fn recorded() -> Vec<(String, Vec<u8>)> {
    let mut files = fixtures();
    for folder in ["cases/estates", "cases/reports", "cases/reports/attack"] {
        common::with_shared("commands", folder, |folder| {
            let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
            found.retain(|file| file.to_string_lossy().ends_with(".snapshot.json"));
            files.extend(found.iter().map(|file| (file.display().to_string(), std::fs::read(file).unwrap())));
        });
    }
    files
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { find(&entry, files) } else { files.push(entry) }
    }
}

/// Returns the lines to paste, in blocks that are printed together.
fn blocks(report: &Report) -> Vec<Vec<String>> {
    let fixes = report.findings.iter().flat_map(|f| &f.fixes).map(|fix| fix.az.clone());
    let combined = report.paths.iter().filter_map(|p| p.combined_fix.as_ref()).map(|fix| fix.az.clone());
    let probes = report.findings.iter().flat_map(|f| &f.confirm);
    let probes = probes.map(|probe| vec![format!("#from {}", probe.run_from), probe.command.to_string()]);
    let asks = report.gaps.iter().flat_map(|gap| commands_of(&gap.ask)).map(|line| vec![line]);
    fixes.chain(combined).chain(probes).chain(asks).collect()
}

/// Programs that an ask runs.
const PROGRAMS: [&str; 3] = ["az ", "nslookup ", "apim-doctor "];

/// The commands of an ask: the ask itself, or what stands between back-ticks in it.
fn commands_of(ask: &str) -> Vec<String> {
    let is_command = |part: &&str| PROGRAMS.iter().any(|program| part.starts_with(program));
    match is_command(&ask) {
        true => vec![ask.to_owned()],
        false => ask.split('`').skip(1).step_by(2).filter(is_command).map(str::to_owned).collect(),
    }
}

/// Returns every block that is printed for any recording or known message.
fn all_blocks() -> BTreeSet<Vec<String>> {
    let mut all = BTreeSet::new();
    for (file, bytes) in recorded() {
        all.extend(blocks(&common::report(&file, bytes)));
    }
    for (_, samples) in known_messages() {
        for sample in samples {
            let explanation = explain(sample);
            for cause in std::iter::once(&explanation.first).chain(&explanation.others).flat_map(|m| &m.causes) {
                all.extend(cause.fixes.iter().map(|fix| fix.az.clone()));
                let probes = cause.confirm.iter();
                all.extend(probes.map(|probe| vec![format!("#from {}", probe.run_from), probe.command.clone()]));
            }
        }
    }
    all
}

/// Changes every string in a document, including keys.
fn walk_texts(value: &mut serde_json::Value, change: &impl Fn(&str) -> String) {
    match value {
        serde_json::Value::String(text) => *text = change(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| walk_texts(item, change)),
        serde_json::Value::Object(map) => {
            let old = std::mem::take(map);
            for (key, mut inner) in old {
                walk_texts(&mut inner, change);
                map.insert(change(&key), inner);
            }
        }
        _ => {}
    }
}
