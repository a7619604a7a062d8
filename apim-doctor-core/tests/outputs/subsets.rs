//! Any subset of an estate's files, in any order and in any form, says what Resource Manager's bodies say, or less.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use apim_doctor_core::{Estate, Input, Verdict, diagnose, v1};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::common::{assert_none, options, with_shared};
use crate::files::bodies;

/// How long the test may take; a debug build tries some hundred subsets in that time.
const LONGEST: Duration = Duration::from_secs(25);

/// One estate: what azure-cli printed, and what Resource Manager answered.
struct Estates {
    name: String,
    /// Each output of azure-cli.
    outputs: Vec<Value>,
    /// The answers about the resources that the outputs show.
    answers: Vec<Value>,
    /// The verdict of each path by the answers.
    verdicts: BTreeMap<String, Verdict>,
}

/// Returns the verdict of each path and of each of its gates.
fn verdicts(inputs: Vec<Input>) -> BTreeMap<String, Verdict> {
    let report = diagnose(&Estate::read(inputs).0, &options());
    let of_path = |path: &v1::Path| {
        let name = format!("{} {}", path.consumer, path.label);
        let gates = path
            .gates
            .iter()
            .filter(|gate| !gate.assumed)
            .map(|gate| (format!("{name}, gate {:?}", gate.gate), gate.verdict));
        [(name.clone(), path.verdict)].into_iter().chain(gates).collect::<Vec<_>>()
    };
    report.paths.iter().flat_map(of_path).collect()
}

/// Collects the ids of everything that an output shows.
fn ids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("id").and_then(Value::as_str).map(str::to_ascii_lowercase));
            map.values().for_each(|inner| ids(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| ids(inner, found)),
        _ => {}
    }
}

/// Reads the outputs and the recording of one estate.
fn estate(folder: &Path) -> Option<Estates> {
    let name = folder.file_name()?.to_string_lossy().into_owned();
    let recording = std::fs::read(folder.join(format!("../../estates/{name}.snapshot.json"))).ok()?;
    let recording: Value = serde_json::from_slice(&recording).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        name.ends_with(".json") && !name.starts_with("form-")
    });
    files.sort();
    let outputs: Vec<Value> =
        files.iter().map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()).collect();
    let (mut known, mut shown) = (BTreeMap::new(), Vec::new());
    bodies(&recording, &mut known);
    outputs.iter().for_each(|output| ids(output, &mut shown));
    shown.sort();
    shown.dedup();
    let mut answers: Vec<Value> = shown.iter().filter_map(|id| known.get(id)).cloned().collect();
    // Outputs show settings without an id.
    answers.extend(known.iter().filter(|(id, _)| id.ends_with("/config/appsettings")).map(|(_, body)| body.clone()));
    let verdicts = verdicts(vec![input("answers.json", json!(answers).to_string().into_bytes())]);
    Some(Estates { name, outputs, answers, verdicts })
}

fn input(name: &str, bytes: Vec<u8>) -> Input {
    Input::new(name, bytes)
}

/// A document in YAML, as PyYAML writes it in blocks.
fn yaml(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                out.push_str(&format!("{pad}{}:", json!(key)));
                nested(value, indent, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("{pad}-"));
                nested(item, indent, out);
            }
        }
        scalar => out.push_str(&format!("{pad}{scalar}\n")),
    }
}

fn nested(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            yaml(value, indent + 2, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            yaml(value, indent + 2, out);
        }
        scalar => out.push_str(&format!(" {scalar}\n")),
    }
}

/// The bytes of some documents in one of the forms in which people keep them.
fn file(documents: &[&Value], form: u8) -> Vec<u8> {
    let appended: String = documents.iter().map(|document| format!("{document:#}\n")).collect();
    match form % 5 {
        0 => appended.into_bytes(),
        1 => json!(documents).to_string().into_bytes(),
        2 => {
            let texts = documents.iter().map(|document| {
                let mut text = String::new();
                yaml(document, 0, &mut text);
                text
            });
            texts.collect::<Vec<_>>().join("---\n").into_bytes()
        }
        3 => [0xFF, 0xFE].into_iter().chain(appended.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
        _ => format!("\u{feff}{}", json!({ "value": documents })).into_bytes(),
    }
}

/// What is taken of an estate: for each output and each answer whether it is, in which file, and the forms of the files.
#[derive(Clone, Debug)]
struct Taken {
    estate: prop::sample::Index,
    share: u8,
    picks: Vec<(u8, u8)>,
    forms: Vec<u8>,
}

fn taken() -> impl Strategy<Value = Taken> {
    (
        any::<prop::sample::Index>(),
        prop::sample::select(vec![40_u8, 120, 200, 250]),
        prop::collection::vec(any::<(u8, u8)>(), 160),
        prop::collection::vec(any::<u8>(), 1..9),
    )
        .prop_map(|(estate, share, picks, forms)| Taken { estate, share, picks, forms })
}

fn files(estate: &Estates, taken: &Taken) -> Vec<Input> {
    let mut files: Vec<Vec<&Value>> = vec![Vec::new(); taken.forms.len()];
    // Answers are rarer than outputs, so that the verdict hangs on outputs.
    let answers = estate.answers.iter().map(|answer| (answer, taken.share / 3));
    let all = estate.outputs.iter().map(|output| (output, taken.share)).chain(answers);
    for ((value, share), (pick, place)) in all.zip(&taken.picks) {
        if *pick < share {
            files[usize::from(*place) % taken.forms.len()].push(value);
        }
    }
    let named = files.iter().zip(&taken.forms).enumerate().filter(|(_, (documents, _))| !documents.is_empty());
    named.map(|(n, (documents, form))| input(&format!("{}-{n}", form % 7), file(documents, *form))).collect()
}

#[test]
fn a_subset_of_the_files_says_the_same_or_less() {
    const TEST: &str = "a_subset_of_the_files_says_the_same_or_less";
    with_shared(TEST, "cases/az", |folder| {
        let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        let estates: Vec<Estates> =
            folders.iter().filter(|path| path.is_dir()).filter_map(|path| estate(path)).collect();
        assert!(estates.len() > 20);
        let decided = estates
            .iter()
            .flat_map(|e| e.verdicts.values())
            .filter(|verdict| matches!(verdict, Verdict::Pass | Verdict::Fail));
        assert!(decided.count() > 100, "some verdicts can be contradicted");
        let config = Config { cases: 100_000, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let (start, mut tried, mut same) = (Instant::now(), 0_usize, 0_usize);
        let mut complaints = Vec::new();
        while start.elapsed() < LONGEST && complaints.len() < 40 {
            let tree = taken().new_tree(&mut runner).unwrap();
            let taken = proptest::strategy::ValueTree::current(&tree);
            let estate = &estates[taken.estate.index(estates.len())];
            let found = verdicts(files(estate, &taken));
            tried += 1;
            let says_something = |verdict: &Verdict| matches!(verdict, Verdict::Pass | Verdict::Fail);
            for (path, verdict) in found.iter().filter(|(_, verdict)| says_something(verdict)) {
                same += 1;
                if estate.verdicts.get(path) != Some(verdict) {
                    let own = estate.verdicts.get(path);
                    complaints.push(format!("{}: {path}: {verdict:?}, Azure's answers say {own:?}", estate.name));
                }
            }
        }
        println!("{tried} subsets, {same} verdicts that say something");
        assert_none(TEST, &complaints);
        assert!(tried > 20 && same > 10, "{tried} subsets, {same} verdicts");
    });
}
