//! Everything that fixes, probes and gaps print to be pasted: azure-cli takes it, its language reads it, and names in it
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

mod az;
mod fixes;
mod hostile;
mod snippet;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use apim_doctor_core::{explain, known_messages, v1::Report};

/// Every fixture and scenario, and the built-in cases.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    find(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures"), &mut files);
    files.sort();
    files.retain(|file| file.extension().is_some_and(|e| e == "json") && !file.ends_with("expect.json"));
    let read = |file: PathBuf| (file.display().to_string(), common::fixture::written(&common::fixture::read(&file)));
    files.into_iter().map(read).collect()
}

/// Fixtures, and the recordings of `../shared` where they are.
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

/// Lines to paste, each list as it stands together.
fn blocks(report: &Report) -> Vec<Vec<String>> {
    let fixes = report.findings.iter().flat_map(|f| &f.fixes).map(|fix| fix.az.clone());
    let combined = report.paths.iter().filter_map(|p| p.combined_fix.as_ref()).map(|fix| fix.az.clone());
    let probes = report.findings.iter().flat_map(|f| &f.confirm);
    let probes = probes.map(|probe| vec![format!("#from {}", probe.run_from), probe.command.to_string()]);
    let asks = report.gaps.iter().flat_map(|gap| quoted(&gap.ask)).map(|line| vec![line]);
    fixes.chain(combined).chain(probes).chain(asks).collect()
}

/// Commands between back-ticks.
fn quoted(text: &str) -> Vec<String> {
    let parts = text.split('`').skip(1).step_by(2);
    parts
        .filter(|part| ["az ", "nslookup "].iter().any(|p| part.starts_with(p)) && !part.contains('…'))
        .map(str::to_owned)
        .collect()
}

/// Everything that is printed of all recordings and of all known messages, each block once.
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

/// Changes every text of a document, keys too.
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
