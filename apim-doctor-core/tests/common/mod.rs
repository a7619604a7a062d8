//! Shared by the tests: finds the recordings in `../shared`, and generates reproducible random numbers.

#![allow(dead_code, reason = "each test binary uses a part of it")]

#[path = "../../../fixtures/read.rs"]
pub(crate) mod fixture;
mod shared;

use std::path::{Path, PathBuf};

use apim_doctor_core::{Asked, Estate, Input, Options, ResourceId, Timestamp, diagnose, v1};
use serde_json::{Map, Value, json};

pub(crate) use shared::with_shared;

/// splitmix64: small, sufficient, and the same on every platform.
pub(crate) struct Random(u64);

impl Random {
    /// Returns a generator for one test and one file.
    pub(crate) fn new(seed: u64, salt: &str) -> Self {
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(salt.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, fold))
    }

    /// Returns the next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `end`; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end.max(1)
    }

    /// Returns true once in `n` calls on average.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Shuffles the items in place.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// A recording, with the `can` questions about it.
pub(crate) struct Recording {
    /// The file's name.
    pub file: String,
    /// The file's content.
    pub bytes: Vec<u8>,
    /// The parsed content.
    pub document: Value,
    /// The questions for `can`.
    pub questions: Vec<Asked>,
}

/// Returns every recording in a folder, sorted by name.
pub(crate) fn recordings(folder: &Path) -> Vec<Recording> {
    let expected = std::fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let rows: Vec<Value> = expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(".snapshot.json"));
    files.sort();
    let read = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(path).unwrap();
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let own = || rows.iter().filter(|row| row["file"] == file.as_str());
        let questions = own().filter_map(|row| question(&row["can"])).collect();
        // A text for `--error` is treated like a recorded observation.
        let texts = own().filter_map(|row| {
            let asked = row.get("diagnose")?;
            let text = asked.get("error")?.as_str()?;
            let mut document = document.clone();
            let seen = json!([{"error": text, "resource": asked.get("resource")}]);
            document.as_object_mut()?.insert("observations".to_owned(), seen);
            let (file, bytes) = (format!("{file} with a text"), document.to_string().into_bytes());
            Some(Recording { file, bytes, document, questions: Vec::new() })
        });
        let mut all: Vec<Recording> = texts.collect();
        all.push(Recording { file, bytes, document, questions });
        all
    };
    files.iter().flat_map(read).collect()
}

/// Returns the estates and reports of `../shared`, or the fixtures if `../shared` does not exist.
pub(crate) fn corpus(test: &str) -> Vec<Recording> {
    let mut all = Vec::new();
    for folder in ["cases/estates", "cases/reports"] {
        with_shared(test, folder, |folder| all.extend(recordings(folder)));
    }
    if all.is_empty() { fixtures(|_| true) } else { all }
}

/// Returns the recordings below the fixture folders that `keep` accepts, sorted by name.
pub(crate) fn fixtures(keep: impl Fn(&str) -> bool) -> Vec<Recording> {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() { files(&path, found) } else { found.push(path) }
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let mut found = Vec::new();
    files(&folder, &mut found);
    found.sort();
    let read = |path: &PathBuf| {
        let file = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        if !keep(&file) {
            return None;
        }
        let document = fixture::read(path);
        let is_recording = document.get("exchanges").is_some() || document.is_array();
        let bytes = fixture::written(&document);
        is_recording.then(|| Recording { file, bytes, document, questions: Vec::new() })
    };
    found.iter().filter(|path| path.extension().is_some_and(|e| e == "json")).filter_map(read).collect()
}

fn question(asked: &Value) -> Option<Asked> {
    let text = |name: &str| asked.get(name)?.as_str();
    Some(Asked::new(text("principal")?, text("action")?, ResourceId::new(text("scope")?)).with_as_of(as_of()))
}

/// The time of the recordings. Bare resource files do not contain it.
fn as_of() -> Timestamp {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// Options that evaluate every path at the time of the recordings.
pub(crate) fn options() -> Options {
    Options::default().with_as_of(as_of())
}

/// Reads one file.
pub(crate) fn read(file: &str, bytes: Vec<u8>) -> Estate {
    Estate::read(vec![Input::new(file, bytes)]).0
}

/// Reads one file and diagnoses it.
pub(crate) fn report(file: &str, bytes: Vec<u8>) -> v1::Report {
    diagnose(&read(file, bytes), &options())
}

/// A recording in parts that a test can remove one by one: exchanges, or the bodies of a bare resource file.
pub(crate) struct Parts {
    head: Option<Map<String, Value>>,
    /// The exchanges or bodies.
    pub items: Vec<Value>,
}

impl Parts {
    /// Splits a recording.
    pub(crate) fn of(document: &Value) -> Self {
        match document {
            Value::Array(items) => Self { head: None, items: items.clone() },
            Value::Object(map) => {
                let mut head = map.clone();
                let items = head.remove("exchanges").and_then(|e| e.as_array().cloned()).unwrap_or_default();
                Self { head: Some(head), items }
            }
            _ => panic!("neither a recording nor resource bodies"),
        }
    }

    /// Whether the items are exchanges.
    pub(crate) fn is_recording(&self) -> bool {
        self.head.is_some()
    }

    /// Returns each item as JSON text.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.items.iter().map(Value::to_string).collect()
    }

    /// Returns a file with these items, one per line.
    pub(crate) fn file<'t>(&self, items: impl IntoIterator<Item = &'t str>) -> Vec<u8> {
        let items: Vec<&str> = items.into_iter().collect();
        let items = items.join(",\n");
        let text = match &self.head {
            None => format!("[\n{items}\n]\n"),
            Some(head) => {
                let head: String = head.iter().map(|(k, v)| format!("{}: {v},\n", Value::from(k.as_str()))).collect();
                format!("{{\n{head}\"exchanges\": [\n{items}\n]\n}}\n")
            }
        };
        text.into_bytes()
    }
}

/// Panics with the first complaints and their number if there are any.
pub(crate) fn assert_none(what: &str, complaints: &[String]) {
    let shown: Vec<&str> = complaints.iter().take(60).map(String::as_str).collect();
    assert!(complaints.is_empty(), "{what}: {} complaints, the first ones:\n{}", complaints.len(), shown.join("\n"));
}

/// The rows of a file with one JSON value a line.
pub(crate) fn rows(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A text in a row; empty if it is missing.
pub(crate) fn text<'v>(row: &'v Value, key: &str) -> &'v str {
    row[key].as_str().unwrap_or_default()
}
