//! A recording of an earlier version lacks what that version did not keep, and nothing is concluded from that.

#[path = "../../../fixtures/read.rs"]
mod fixture;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::base::{ResourceId, Verdict};
use crate::model::{Estate, Input};
use crate::report::{Options, diagnose};
use crate::source::ReadOptions;
use crate::source::keep::{Before, KeptType, Later, kept_types};

/// Recordings that a member is tried on.
const TRIES: usize = 4;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true => files(&path, found),
            false if name.ends_with(".json") && name != "expect.json" => found.push(path),
            false => {}
        }
    }
}

/// The verdicts of a report, and of its paths.
type Said = (Verdict, BTreeMap<String, Verdict>);

fn said(document: &Value, later: &'static [Later]) -> Said {
    let input = Input::new("x", document.to_string());
    let (estate, ..) = Estate::read_as(vec![input], &ReadOptions::default(), later);
    let as_of = Some("2026-11-21T09:00:00Z".parse().unwrap());
    let report = diagnose(&estate, &Options { as_of, ..Options::default() });
    (report.verdict, report.paths.into_iter().map(|path| (path.id, path.verdict)).collect())
}

/// What became surer.
fn surer(before: &Said, after: &Said) -> Vec<String> {
    let gone = |(id, was): (&String, &Verdict)| match after.1.get(id) {
        Some(now) if now == was || *now == Verdict::Unknown => None,
        None if after.0 != Verdict::Pass => None,
        now => Some(format!("{id}: {was:?} → {now:?}")),
    };
    let new = after.1.keys().filter(|id| !before.1.contains_key(*id)).map(|id| format!("{id}: new"));
    let report = (before.0 != Verdict::Pass && after.0 == Verdict::Pass).then(|| "the report passes".to_owned());
    before.1.iter().filter_map(gone).chain(new).chain(report).collect()
}

/// Removes a member from every body of a type; whether there was one.
fn remove(value: &mut Value, kind: &str, steps: &[&str]) -> bool {
    fn inside(value: &mut Value, steps: &[&str]) -> bool {
        match (steps, value) {
            ([last], Value::Object(map)) => map.remove(*last).is_some(),
            (["*", rest @ ..], Value::Array(items)) => {
                items.iter_mut().map(|item| inside(item, rest)).fold(false, |a, b| a | b)
            }
            (["*", rest @ ..], Value::Object(map)) => {
                map.values_mut().map(|item| inside(item, rest)).fold(false, |a, b| a | b)
            }
            ([first, rest @ ..], Value::Object(map)) => map.get_mut(*first).is_some_and(|value| inside(value, rest)),
            _ => false,
        }
    }
    let id = value.get("id").and_then(Value::as_str).map(ResourceId::new);
    let own = id.is_some_and(|id| id.resource_type().eq_ignore_ascii_case(kind)) && inside(value, steps);
    let each = |found: bool, value: &mut Value| found | remove(value, kind, steps);
    match value {
        Value::Object(map) => map.values_mut().fold(own, each),
        Value::Array(items) => items.iter_mut().fold(own, each),
        _ => own,
    }
}

/// Every member of the list is treated as if it had been added now: it is removed, or kept in less detail, by the
/// version before, and no verdict becomes surer by that.
#[test]
fn what_an_earlier_version_did_not_keep_is_not_absent() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    files(&root.join("../fixtures"), &mut all);
    let fixtures = all.len();
    files(&root.join("../../shared/cases/reports"), &mut all);
    println!("{}: the recordings of ../shared", if all.len() > fixtures { "ran" } else { "skipped" });
    let read = |path: &PathBuf| match path.starts_with(root.join("../fixtures")) {
        true => Some(fixture::read(path)),
        false => serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).ok(),
    };
    let documents = all.iter().filter_map(read).filter(|document| document.get("exchanges").is_some());
    let documents: Vec<(Value, Said)> = documents.map(|d| (d.clone(), said(&d, &[]))).collect();
    let mut complaints = Vec::new();
    let mut runs = 0;
    for KeptType { types, pointers, .. } in kept_types() {
        for kind in types {
            for pointer in pointers.iter().filter(|at| at.starts_with("/properties/") && !at.ends_with('*')) {
                let pointer: &'static str = pointer.clone().leak();
                let steps: Vec<&str> = pointer.split('/').skip(1).collect();
                let mut tried = 0;
                for (document, before) in &documents {
                    let mut less = document.clone();
                    if tried == TRIES || !remove(&mut less, kind, &steps) {
                        continue;
                    }
                    tried += 1;
                    for (how, mut old) in [(Before::Nothing, less), (Before::Less, document.clone())] {
                        old["kept"] = 1.into();
                        let mut later = vec![Later { kind, pointer, since: 2, before: how }];
                        // A subnet also stands in its network.
                        if *kind == "microsoft.network/virtualnetworks/subnets" {
                            let (kind, pointer) =
                                ("microsoft.network/virtualnetworks", format!("/properties/subnets/*{pointer}"));
                            later.push(Later { kind, pointer: pointer.leak(), since: 2, before: how });
                        }
                        let later: &'static [Later] = later.leak();
                        runs += 1;
                        let found = surer(before, &said(&old, later));
                        complaints.extend(found.into_iter().map(|what| format!("{kind} {pointer} {how:?}: {what}")));
                    }
                }
            }
        }
    }
    println!("{runs} recordings of an earlier version");
    assert!(runs > 100, "{runs}");
    assert!(complaints.is_empty(), "{} of {runs}:\n{}", complaints.len(), complaints.join("\n"));
}
