//! The recorded estates of `../shared`, and what of a report must not depend on how an estate was read.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use apim_doctor_core::CallerKind;
use serde_json::Value;

/// Runs a test that needs `../shared`, or prints that it was skipped.
pub(crate) fn with_estates(test: &str, run: impl FnOnce(&Path)) {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/estates"));
    if !folder.is_dir() {
        println!("skipped: ../shared does not exist ({test})");
        return;
    }
    run(folder);
    println!("ran: {test}");
}

/// Returns the recordings with API Management instances or apps, sorted by name, with their resources.
pub(crate) fn estates(folder: &Path) -> Vec<(String, Value, Vec<String>)> {
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let json = names.into_iter().filter(|path| path.extension().is_some_and(|e| e == "json"));
    let read = json.map(|path| {
        let value: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let instances = instances(&value);
        (name, value, instances)
    });
    read.filter(|(_, _, instances)| !instances.is_empty()).collect()
}

pub(crate) fn instances(recording: &Value) -> Vec<String> {
    fn search(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                let kind = map.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
                if let Some(id) = map.get("id").and_then(Value::as_str)
                    && kind != "microsoft.web/sites/slots"
                    && CallerKind::of_type(&kind).is_some()
                    && !id.contains("/config/")
                {
                    found.insert(id.to_owned());
                }
                map.values().for_each(|inner| search(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| search(inner, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    search(recording, &mut found);
    found.into_iter().collect()
}

/// One estate for each set of resource types. Which reads are sent depends on the types.
pub(crate) fn one_of_each(estates: &[(String, Value, Vec<String>)]) -> Vec<&(String, Value, Vec<String>)> {
    fn types(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                let kind = map.get("type").and_then(Value::as_str).filter(|kind| kind.contains('/'));
                found.extend(kind.map(str::to_ascii_lowercase));
                map.values().for_each(|inner| types(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| types(inner, found)),
            _ => {}
        }
    }
    let mut seen = BTreeSet::new();
    let is_new = |(_, recording, _): &&(String, Value, Vec<String>)| {
        let mut found = BTreeSet::new();
        types(recording, &mut found);
        seen.insert(found)
    };
    estates.iter().filter(is_new).collect()
}

pub(crate) fn taken_at(recording: &Value) -> &str {
    recording.get("takenAt").and_then(Value::as_str).unwrap_or("2026-11-21T09:00:00Z")
}

/// Returns the results that must not depend on the way an estate was read: verdicts, root causes and findings.
pub(crate) fn essence(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut lines = vec![format!("verdict {}", text(&report["verdict"]))];
    for path in report["paths"].as_array().unwrap() {
        let gates = path["gates"].as_array().unwrap().iter();
        let gates: Vec<String> =
            gates.map(|gate| format!("{}={}", text(&gate["gate"]), text(&gate["verdict"]))).collect();
        lines.push(format!(
            "path {} {} {} {} {} {}",
            text(&path["consumer"]),
            text(&path["label"]),
            text(&path["location"]),
            text(&path["verdict"]),
            text(&path["rootCause"]),
            gates.join(" "),
        ));
    }
    for finding in report["findings"].as_array().unwrap() {
        let subject = text(&finding["subject"]).to_ascii_lowercase();
        lines.push(format!("finding {} {} {subject}", text(&finding["code"]), text(&finding["severity"])));
    }
    lines.sort();
    lines
}

/// Compares two results of [`essence`], each with a name. Returns one text that shows the lines that only one of them has,
/// or nothing if both are equal.
pub(crate) fn differences(recording: &str, one: (&str, &[String]), other: (&str, &[String])) -> Vec<String> {
    let only = |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).cloned().collect::<Vec<_>>();
    match one.1 == other.1 {
        true => Vec::new(),
        false => vec![format!(
            "{recording}\n  {}: {:#?}\n  {}: {:#?}",
            one.0,
            only(one.1, other.1),
            other.0,
            only(other.1, one.1)
        )],
    }
}

/// Runs a function for each item in parallel, and returns all results sorted.
pub(crate) fn side_by_side<T: Sync>(items: &[T], run: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let lines = run(item);
                    found.lock().unwrap().extend(lines);
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort();
    found
}
