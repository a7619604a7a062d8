//! What the real azure-cli printed (`../shared/cases/az`), beside what Resource Manager answered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use apim_doctor_core::testing::kept;
use apim_doctor_core::{Estate, Input, Options, ResourceId, fixed_recording};
use serde_json::{Map, Value, json};

use crate::common::{assert_none, with_shared};

/// Returns the files below a folder that end like this, sorted.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Reads one file as the program does, and returns what is kept of its bodies, by id.
pub(crate) fn restored(name: &str, bytes: Vec<u8>) -> BTreeMap<String, Value> {
    let (estate, problems) = Estate::read(vec![Input::new(name, bytes)]);
    assert!(problems.is_empty(), "{name}: {problems:?}");
    // No path of this resource exists, so no fix changes a body.
    let options = Options::default().with_resources([ResourceId::new("/subscriptions/none")]);
    by_id(fixed_recording(&estate, &options).unwrap())
}

fn by_id(list: Value) -> BTreeMap<String, Value> {
    let bodies = list.get("value").and_then(Value::as_array).cloned().unwrap_or_default();
    let id = |body: &Value| body["id"].as_str().unwrap_or_default().to_ascii_lowercase();
    bodies.into_iter().map(|body| (id(&body), plain(body))).collect()
}

/// A body without what has no meaning: nulls, and the form in which a time is written.
fn plain(body: Value) -> Value {
    match body {
        Value::Object(map) => {
            let members = map.into_iter().map(|(key, value)| (key, plain(value)));
            let is_empty = |value: &Value| value.is_null() || *value == json!({});
            Value::Object(members.filter(|(_, value)| !is_empty(value)).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::String(text) => match text.parse::<jiff::Timestamp>() {
            Ok(time) if text.contains('T') => Value::from(time.as_microsecond()),
            _ => Value::from(text),
        },
        other => other,
    }
}

/// Collects every body with an id and properties in the answers of a recording; the longest one of each id.
pub(crate) fn bodies(value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) => {
            if let (Some(id), Some(_)) = (map.get("id").and_then(Value::as_str), map.get("properties")) {
                let own = found.entry(id.to_ascii_lowercase()).or_default();
                if own.to_string().len() < value.to_string().len() {
                    own.clone_from(value);
                }
            }
            map.values().for_each(|inner| bodies(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| bodies(inner, found)),
        _ => {}
    }
}

/// Returns the ids of the resources whose properties an output shows.
fn shown(output: &Value) -> Vec<String> {
    // What a row of a list has whether it shows properties or not.
    const ROW: [&str; 16] = [
        "id",
        "name",
        "type",
        "location",
        "resourceGroup",
        "tags",
        "systemData",
        "changedTime",
        "createdTime",
        "extendedLocation",
        "identity",
        "kind",
        "managedBy",
        "plan",
        "provisioningState",
        "sku",
    ];
    match output {
        Value::Array(items) => items.iter().flat_map(shown).collect(),
        Value::Object(map) => {
            let is_full = match map.get("properties") {
                Some(properties) => properties.is_object(),
                None => map.keys().any(|key| !ROW.contains(&key.as_str())),
            };
            let own = map.get("id").and_then(Value::as_str).filter(|id| id.starts_with('/') && is_full);
            let web = output.pointer("/siteConfig/id").and_then(Value::as_str);
            own.into_iter().chain(web).map(str::to_ascii_lowercase).collect()
        }
        _ => Vec::new(),
    }
}

/// What an output of azure-cli does not show although Azure answers it: `siteConfig` of an app is replaced by the answer
/// of `config/web`.
fn without_lost(mut body: Value) -> Value {
    if let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut) {
        properties.remove("siteConfig");
    }
    let body = body.as_object_mut().unwrap();
    // A slot has a short name, a zone group has no type, and App Service leaves the location out.
    ["name", "type", "location", "systemData", "kind"].into_iter().for_each(|name| drop(body.remove(name)));
    body.retain(|name, value| name != "identity" || value["type"] != "None");
    json!(body)
}

#[test]
fn outputs_of_azure_cli_say_what_resource_manager_says() {
    const TEST: &str = "outputs_of_azure_cli_say_what_resource_manager_says";
    with_shared(TEST, "cases/az", |folder| {
        let (mut complaints, mut compared, mut kinds) = (Vec::new(), 0, BTreeMap::<String, usize>::new());
        for case in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            let recording = folder.join(format!("../estates/{name}.snapshot.json"));
            let Ok(recording) = std::fs::read(recording) else { continue };
            let mut known = BTreeMap::new();
            bodies(&serde_json::from_slice(&recording).unwrap(), &mut known);
            for file in [files(&case, ".json"), files(&case, ".yaml")].concat() {
                let label = format!("{name}/{}", file.file_name().unwrap().to_string_lossy());
                let found = restored(&label, std::fs::read(&file).unwrap());
                if let Ok(output) = serde_json::from_slice(&std::fs::read(&file).unwrap()) {
                    let missing =
                        shown(&output).into_iter().filter(|id| known.contains_key(id) && !found.contains_key(id));
                    complaints.extend(missing.map(|id| format!("{label}: {id} was not restored")));
                }
                for (id, body) in found {
                    let (Some(own), true) = (known.get(&id), body.get("properties").is_some()) else { continue };
                    let own = by_id(kept(&json!([own]))).remove(&id).unwrap();
                    let (own, body) = (without_lost(own), without_lost(body));
                    compared += 1;
                    *kinds.entry(ResourceId::new(&id).resource_type()).or_default() += 1;
                    let mut differences = Vec::new();
                    compare("", &own, &body, label.contains("/older-"), &mut differences);
                    complaints.extend(differences.into_iter().map(|text| format!("{label}: {id}{text}")));
                }
            }
        }
        println!("{compared} bodies of {} types", kinds.len());
        assert_none(TEST, &complaints);
        assert!(compared > 500 && kinds.len() > 20, "{compared} of {kinds:?}");
    });
}

/// Collects the leaves in which two bodies differ.
fn compare(at: &str, own: &Value, other: &Value, is_older: bool, found: &mut Vec<String>) {
    // The models of 2023 do not know this property: they come with api-versions that do not send it.
    if is_older && at == "/properties/outboundVnetRouting" {
        return;
    }
    match (own, other) {
        (Value::Object(own), Value::Object(other)) => {
            for key in own.keys().chain(other.keys().filter(|key| !own.contains_key(*key))) {
                let value = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                compare(&format!("{at}/{key}"), &value(own), &value(other), is_older, found);
            }
        }
        (Value::Array(own), Value::Array(other)) if own.len() == other.len() => {
            own.iter().zip(other).enumerate().for_each(|(n, (own, other))| {
                compare(&format!("{at}/{n}"), own, other, is_older, found);
            });
        }
        _ if own == other => {}
        _ => found.push(format!("{at}: Azure {own}, the output {other}")),
    }
}
