//! A recording keeps everything that a report needs and no secret. The allow-list has the version of each property.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use apim_doctor_core::fixed_recording;
use apim_doctor_core::recording::KEPT;
use apim_doctor_core::testing::{kept, kept_types};
use apim_doctor_core::v1::Report;
use common::{assert_none, options, read, report, with_shared};
use serde_json::{Value, json};

const MANIFEST: &str = env!("CARGO_MANIFEST_DIR");

/// Returns every JSON file below a folder that is a recording or contains resource bodies.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true => files(&path, found),
            false if name.ends_with(".json") && name != "expect.json" => found.push(path),
            false => {}
        }
    }
}

/// Returns the fixtures, or the recordings in this folder of `../shared`.
fn documents(shared: Option<&Path>) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    match shared {
        Some(folder) => files(folder, &mut all),
        None => files(&Path::new(MANIFEST).join("../fixtures"), &mut all),
    }
    all.sort();
    let document = |path: PathBuf| {
        let document = match shared {
            Some(_) => serde_json::from_slice(&std::fs::read(&path).unwrap()).ok()?,
            None => common::fixture::read(&path),
        };
        Some((path.display().to_string(), document))
    };
    all.into_iter().filter_map(document).collect()
}

/// Returns a report without positions in the input file.
fn said(report: &Report) -> Value {
    fn plain(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for place in ["file", "line", "column"] {
                    map.remove(place);
                }
                map.values_mut().for_each(plain);
            }
            Value::Array(items) => items.iter_mut().for_each(plain),
            _ => {}
        }
    }
    let mut said = serde_json::to_value(report).unwrap();
    plain(&mut said);
    said
}

fn bytes(document: &Value) -> Vec<u8> {
    document.to_string().into_bytes()
}

/// Collects the pointers at which two values differ.
fn differences(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let null = Value::Null;
                differences(a.get(name).unwrap_or(&null), b.get(name).unwrap_or(&null), &format!("{at}/{name}"), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(n, (a, b))| differences(a, b, &format!("{at}/{n}"), found));
        }
        _ if one == other => {}
        _ => found.push(format!("{at}: {one} → {other}")),
    }
}

fn says_the_same(documents: Vec<(String, Value)>) {
    let mut complaints = Vec::new();
    for (file, document) in documents {
        let before = said(&report("x", bytes(&document)));
        let once = kept(&document);
        let after = said(&report("x", bytes(&once)));
        let mut found = Vec::new();
        differences(&before, &after, "", &mut found);
        complaints.extend(found.into_iter().take(3).map(|what| format!("{file}: {what}")));
        if kept(&once) != once {
            let mut found = Vec::new();
            differences(&once, &kept(&once), "", &mut found);
            complaints.push(format!("{file}: applying the allow-list twice changes the recording again: {found:?}"));
        }
    }
    assert_none("the kept recording gives another report", &complaints);
}

#[test]
fn a_kept_fixture_gives_the_same_report() {
    says_the_same(documents(None));
}

#[test]
fn a_kept_recording_gives_the_same_report() {
    for folder in ["cases/estates", "cases/reports"] {
        with_shared("a_kept_recording_gives_the_same_report", folder, |folder| says_the_same(documents(Some(folder))));
    }
}

const CANARY: &str = "K7CANARY";

/// Returns where canaries appear in the recordings and the report that are written for a document.
fn canaries(document: &Value) -> Vec<String> {
    let estate = read("x", bytes(document));
    let fixed = fixed_recording(&estate, &options()).unwrap();
    let report = said(&report("x", bytes(document)));
    let mut found = Vec::new();
    for (what, value) in [("kept", &kept(document)), ("fixed", &fixed), ("report", &report)] {
        let mut all = Vec::new();
        texts(value, "", &mut all);
        let canaries = all.into_iter().filter(|(at, text)| text.contains(CANARY) || at.contains(CANARY));
        found.extend(canaries.map(|(at, text)| format!("{what} {at}: {text}")));
    }
    found
}

/// Collects every string and key in a document, with its pointer.
fn texts<'v>(value: &'v Value, at: &str, found: &mut Vec<(String, &'v str)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| {
            texts(inner, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, inner)| texts(inner, &format!("{at}/{n}"), found))
        }
        Value::String(text) => found.push((at.to_owned(), text)),
        _ => {}
    }
}

/// Adds members that no diagnosis reads to every object, and replaces every text that is not kept with a canary.
fn planted(document: &Value) -> Value {
    let mut once = kept(document);
    let is_list = document.get("value").is_some_and(Value::is_array);
    if document.is_array() {
        once = once["value"].take();
    } else if document.get("exchanges").is_none() && !is_list {
        once = once["value"][0].take();
    }
    plant(&once, document.clone())
}

fn plant(kept: &Value, mut document: Value) -> Value {
    let mut all = Vec::new();
    texts(&document, "", &mut all);
    let lost: Vec<String> = all.iter().filter(|(at, _)| kept.pointer(at).is_none()).map(|(at, _)| at.clone()).collect();
    for (n, at) in lost.iter().enumerate() {
        *document.pointer_mut(at).unwrap() = format!("{CANARY}{n}").into();
    }
    add(&mut document);
    document
}

fn add(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(add);
            // Skip maps whose keys are the user's own names, such as attached identities and settings.
            let is_named = ["id", "name", "properties", "request", "apimDoctor", "error", "type", "code"];
            if !is_named.iter().any(|name| map.contains_key(*name)) {
                return;
            }
            map.insert("note".to_owned(), format!("{CANARY} free").into());
            map.insert("tags".to_owned(), json!({"password": format!("{CANARY} tag"), "a": {"b": [CANARY]}}));
            map.insert("adminPassword".to_owned(), CANARY.into());
            map.insert(
                "nested".to_owned(),
                json!([{"deep": {"token": CANARY, "json": format!("{{\"a\":\"{CANARY}\"}}")}}]),
            );
            map.insert("pin".to_owned(), json!({"value": [CANARY, {"value": CANARY}]}));
        }
        Value::Array(items) => items.iter_mut().for_each(add),
        _ => {}
    }
}

fn no_canary(documents: Vec<(String, Value)>) {
    let mut complaints = Vec::new();
    for (file, document) in documents {
        let found = canaries(&planted(&document));
        complaints.extend(found.into_iter().take(3).map(|what| format!("{file}: {what}")));
    }
    assert_none("a planted secret was kept", &complaints);
}

#[test]
fn unread_values_of_a_fixture_are_never_written_or_reported() {
    no_canary(documents(None));
}

#[test]
fn unread_values_of_a_recording_are_never_written_or_reported() {
    const TEST: &str = "unread_values_of_a_recording_are_never_written_or_reported";
    for folder in ["cases/estates", "cases/reports"] {
        with_shared(TEST, folder, |folder| no_canary(documents(Some(folder))));
    }
}

#[test]
fn planted_secrets_of_the_attack_are_dropped() {
    with_shared("planted_secrets_of_the_attack_are_dropped", "cases/reports/attack", |folder| {
        let text = std::fs::read_to_string(folder.join("07-canaries.snapshot.json")).unwrap();
        assert_none("a planted secret was kept", &canaries(&serde_json::from_str(&text).unwrap()));
    });
}

/// Returns the allow-list as a table, as in `docs/snapshot.md`.
fn table() -> String {
    let mut table = String::from("| type | kept |\n|---|---|\n");
    for kind in kept_types() {
        let later: BTreeMap<&str, u32> = kind.later.iter().copied().collect();
        let since = |pointer: &str| later.iter().find(|(own, _)| pointer.starts_with(*own)).map(|(_, since)| *since);
        let own = kind.pointers.iter().filter(|at| at.starts_with("/properties") || at.starts_with("/values"));
        let shown: Vec<String> = own
            .map(|pointer| {
                let short = pointer.strip_prefix("/properties/").unwrap_or(pointer).trim_start_matches('/');
                let since = since(pointer).map(|since| format!(" (from {since} on)")).unwrap_or_default();
                format!("`{}`{since}", short.replace("/*", "[]"))
            })
            .collect();
        let names = kind.types.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let shown = if shown.is_empty() { "see above".to_owned() } else { shown.join(", ") };
        table.push_str(&format!("| {names} | {shown} |\n"));
    }
    table
}

#[test]
fn the_page_lists_kept_properties() {
    const BEGIN: &str = "<!-- kept -->\n";
    const END: &str = "<!-- /kept -->";
    let path = Path::new(MANIFEST).join("../docs/snapshot.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("docs/snapshot.md has the mark `kept`");
    let (found, after) = rest.split_once(END).expect("docs/snapshot.md has the mark `/kept`");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
        return;
    }
    assert_eq!(found, table(), "docs/snapshot.md is stale; run the tests with UPDATE_DOCS=1");
}

/// Every property that is read has the version since which it is kept.
#[test]
fn every_read_property_has_a_version() {
    let file = Path::new(MANIFEST).join("src/source/keep/list.txt");
    let list = std::fs::read_to_string(&file).unwrap();
    let listed: BTreeSet<&str> = list.lines().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    let is_known = |name: &str| listed.iter().any(|line| line.split(' ').next() == Some(name));
    let mut missing = BTreeSet::new();
    for kept in kept_types() {
        for name in kept.types {
            let all = kept.pointers.iter().map(|pointer| format!("{name} {pointer}"));
            match (listed.contains(name), is_known(name)) {
                (true, _) => {}
                (false, true) => missing.extend(all.filter(|line| !listed.contains(line.as_str()))),
                (false, false) => drop(missing.insert((*name).to_owned())),
            }
        }
    }
    let missing: Vec<String> = missing.into_iter().map(|line| format!("{KEPT} {line}")).collect();
    if std::env::var_os("UPDATE_KEPT").is_some() {
        std::fs::write(&file, format!("{list}{}", missing.iter().map(|line| format!("{line}\n")).collect::<String>()))
            .unwrap();
        return;
    }
    assert_none(
        "read, but not in src/source/keep/list.txt: raise VERSION, then run the test with UPDATE_KEPT=1",
        &missing,
    );
}
