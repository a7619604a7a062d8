//! Recordings that contradict each other: never the more favourable of two answers, whichever file is given first.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod common;

use std::collections::BTreeMap;

use apim_doctor_core::v1::Report;
use apim_doctor_core::{Estate, Input, Verdict, diagnose};
use common::{Random, Recording, assert_none, fixtures, options, recordings, with_shared};
use serde_json::{Value, json};

/// Changes a recording; says what was changed.
type Change = fn(&mut Value, &mut Random) -> Option<String>;

const ONE_COPY: &str = "a property of one copy says something else";

/// What may have happened between two recordings.
const CHANGES: [(&str, Change); 7] = [
    ("a list lost an element", lost),
    ("a list became empty", emptied),
    ("a resource is gone", |recording, random| gone(recording, random, true)),
    ("a resource answers 404, and lists hold it", |recording, random| gone(recording, random, false)),
    ("a property says something else", |recording, random| changed(recording, random, true)),
    (ONE_COPY, |recording, random| changed(recording, random, false)),
    ("a vault or a directory answers something else", direct),
];

fn exchanges(recording: &mut Value) -> &mut Vec<Value> {
    recording["exchanges"].as_array_mut().unwrap()
}

/// One of these, by chance.
fn one<T>(mut all: Vec<T>, random: &mut Random) -> Option<T> {
    (!all.is_empty()).then(|| all.swap_remove(random.below(all.len())))
}

fn path(exchange: &Value) -> String {
    let request = exchange["request"].as_str().unwrap_or_default().to_ascii_lowercase();
    request.split(' ').next_back().unwrap_or_default().split('?').next().unwrap_or_default().to_owned()
}

fn list<'v>(recording: &'v mut Value, random: &mut Random) -> Option<(String, &'v mut Vec<Value>)> {
    let lists = exchanges(recording).iter_mut().filter_map(|exchange| {
        let request = exchange["request"].as_str()?.to_owned();
        let items = exchange.pointer_mut("/body/value")?.as_array_mut()?;
        (!items.is_empty()).then_some((request, items))
    });
    one(lists.collect(), random)
}

fn lost(recording: &mut Value, random: &mut Random) -> Option<String> {
    let (request, items) = list(recording, random)?;
    let at = random.below(items.len());
    items.remove(at);
    Some(format!("{at} of {request}"))
}

fn emptied(recording: &mut Value, random: &mut Random) -> Option<String> {
    let (request, items) = list(recording, random)?;
    items.clear();
    Some(request)
}

/// Every resource in a recording, wherever it stands.
fn resources<'v>(value: &'v mut Value, found: &mut Vec<&'v mut Value>) {
    if value.get("id").is_some_and(Value::is_string) && value.get("properties").is_some() {
        found.push(value);
        return;
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|inner| resources(inner, found)),
        Value::Array(items) => items.iter_mut().for_each(|inner| resources(inner, found)),
        _ => {}
    }
}

fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap_or_default().to_ascii_lowercase()
}

fn gone(recording: &mut Value, random: &mut Random, everywhere: bool) -> Option<String> {
    let mut all = Vec::new();
    resources(recording, &mut all);
    let lost = one(all.iter().map(|resource| id(resource)).collect(), random)?;
    let mut is_answered = false;
    for exchange in exchanges(recording) {
        let path = path(exchange);
        if path == lost || (everywhere && path.starts_with(&format!("{lost}/"))) {
            is_answered = true;
            exchange["status"] = json!(404);
            exchange["body"] = json!({"error": {"code": "ResourceNotFound", "message": "was not found"}});
        } else if let (true, Some(items)) = (everywhere, exchange.pointer_mut("/body/value")) {
            let items = items.as_array_mut()?;
            is_answered |= items.iter().any(|item| id(item) == lost);
            items.retain(|item| id(item) != lost);
        }
    }
    is_answered.then_some(lost)
}

/// Pointers to what can say something else.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut inside = |key: &str, value: &Value| leaves(value, &format!("{at}/{}", key.replace('/', "~1")), found);
    match value {
        Value::Object(map) => map.iter().filter(|(key, _)| *key != "id").for_each(|(key, value)| inside(key, value)),
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, value)| inside(&at.to_string(), value));
            found.push(at.to_owned());
        }
        Value::Bool(_) | Value::String(_) => found.push(at.to_owned()),
        _ => {}
    }
}

fn changed(recording: &mut Value, random: &mut Random, everywhere: bool) -> Option<String> {
    let mut all = Vec::new();
    resources(recording, &mut all);
    // What a built-in role allows is known without an answer.
    all.retain(|resource| !id(resource).contains("/roledefinitions/"));
    let (resource, mut pointers) = (one(all, random)?, Vec::new());
    leaves(&resource["properties"], "/properties", &mut pointers);
    leaves(&resource["identity"], "/identity", &mut pointers);
    let (own, pointer) = (id(resource), one(pointers, random)?);
    if everywhere {
        let exchanges = exchanges(recording);
        exchanges.iter_mut().for_each(|exchange| change_all(&mut exchange["body"], &own, &pointer));
    } else {
        change(resource.pointer_mut(&pointer)?);
    }
    Some(format!("{own}{pointer}"))
}

fn change(value: &mut Value) {
    match value {
        Value::Bool(value) => *value = !*value,
        Value::String(text) => text.push('x'),
        Value::Array(items) => items.clear(),
        _ => {}
    }
}

/// Changes every copy of a resource, wherever it stands.
fn change_all(value: &mut Value, own: &str, pointer: &str) {
    if id(value) == own
        && let Some(value) = value.pointer_mut(pointer)
    {
        change(value);
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|inner| change_all(inner, own, pointer)),
        Value::Array(items) => items.iter_mut().for_each(|inner| change_all(inner, own, pointer)),
        _ => {}
    }
}

fn direct(recording: &mut Value, random: &mut Random) -> Option<String> {
    let asked = exchanges(recording).iter_mut().filter(|exchange| {
        let request = exchange["request"].as_str().unwrap_or_default();
        request.contains("https://") && !request.contains("management.") && exchange["status"] == 200
    });
    let exchange = one(asked.collect(), random)?;
    exchange["status"] = json!(404);
    exchange["body"] = json!({"error": {"code": "Request_ResourceNotFound"}});
    Some(path(exchange))
}

/// The files' verdicts by path, and the report's.
fn said(files: &[(&str, &Value)]) -> (BTreeMap<String, Verdict>, Report) {
    let input =
        |(name, document): &(&str, &Value)| Input { name: (*name).to_owned(), bytes: document.to_string().into() };
    let report = diagnose(&Estate::read(files.iter().map(input).collect()).0, &options());
    (report.paths.iter().map(|path| (path.id.clone(), path.verdict)).collect(), report)
}

/// What a recording holds that another one does not.
fn difference(of: &Value, with: &Value) -> Value {
    let (mut different, known) = (of.clone(), with["exchanges"].as_array().unwrap());
    exchanges(&mut different).retain(|exchange| !known.contains(exchange));
    for name in ["observations", "dns", "probes"] {
        different.as_object_mut().unwrap().remove(name);
    }
    different
}

fn contradict(recording: &Recording, tries: usize, complaints: &mut Vec<String>) {
    let Recording { file, document, .. } = recording;
    if document.get("exchanges").is_none() {
        return;
    }
    let mut older = document.clone();
    older["takenAt"] = json!("2026-11-20T09:00:00Z");
    let (before, _) = said(&[("older", &older)]);
    if !before.values().any(|verdict| *verdict == Verdict::Pass) {
        return;
    }
    let mut random = Random::new(11, file);
    for round in 0..tries {
        let (kind, change) = CHANGES[round % CHANGES.len()];
        let mut newer = document.clone();
        newer["takenAt"] = json!("2026-11-21T09:00:00Z");
        let Some(what) = change(&mut newer, &mut random) else { continue };
        let (now, now_report) = said(&[("newer", &newer)]);
        let mut expect = |how: &str, files: [(&str, &Value); 2], is_decided: bool| {
            let (paths, report) = said(&files);
            let mut complain = |text: String| complaints.push(format!("{file}: {kind} ({what}), {how}: {text}"));
            for (id, verdict) in &paths {
                let (was, is) = (before.get(id), now.get(id));
                let fits = if is_decided { is == Some(verdict) } else { was == Some(verdict) && is == Some(verdict) };
                if *verdict != Verdict::Unknown && !fits {
                    complain(format!("{id}: {was:?}, then {is:?}, together {verdict:?}"));
                }
            }
            if report.verdict == Verdict::Pass && now_report.verdict != Verdict::Pass {
                complain(format!("report passes, then {:?}", now_report.verdict));
            }
            if round % 3 == 0 {
                let (_, turned) = said(&[files[1], files[0]]);
                if serde_json::to_string(&turned).unwrap() != serde_json::to_string(&report).unwrap() {
                    complain("something else with the files in another order".to_owned());
                }
            }
        };
        expect("two whole recordings", [("older", &older), ("newer", &newer)], true);
        let mut part = difference(&newer, document);
        // Of one copy alone, what changed is all that counts.
        if kind != ONE_COPY {
            expect("and what changed", [("older", &older), ("part", &part)], true);
        }
        part["takenAt"] = older["takenAt"].clone();
        expect("at the same time", [("older", &older), ("part", &part)], false);
        part.as_object_mut().unwrap().remove("takenAt");
        expect("at an unknown time", [("part", &part), ("older", &older)], false);
    }
}

#[test]
fn of_two_answers_the_more_favourable_never_counts() {
    let mut complaints = Vec::new();
    let all = fixtures(|file| file.ends_with("fixed.json"));
    assert!(all.len() > 50);
    all.iter().for_each(|recording| contradict(recording, 2 * CHANGES.len(), &mut complaints));
    assert_none("fixtures", &complaints);
}

#[test]
fn of_two_answers_about_a_real_case_the_more_favourable_never_counts() {
    const TEST: &str = "of_two_answers_about_a_real_case_the_more_favourable_never_counts";
    let mut complaints = Vec::new();
    with_shared(TEST, "cases/reports", |folder| {
        recordings(folder).iter().for_each(|one| contradict(one, CHANGES.len(), &mut complaints));
    });
    with_shared(TEST, "cases/estates", |folder| {
        recordings(folder).iter().step_by(4).for_each(|one| contradict(one, CHANGES.len(), &mut complaints));
    });
    assert_none(TEST, &complaints);
}
