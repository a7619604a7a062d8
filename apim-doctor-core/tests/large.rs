//! A large estate is parsed, evaluated and fixed in parallel chunks. Its report must not depend on the chunks.

#![recursion_limit = "256"]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "../benches/generator.rs"]
mod generator;

use apim_doctor_core::{Estate, Input, Options, diagnose, fixed_recording};
use serde_json::Value;

use common::{Parts, Random};

/// More exchanges, paths, lists and failing paths than one chunk has.
const INSTANCES: usize = 48;

fn inputs(files: impl IntoIterator<Item = Vec<u8>>) -> Vec<Input> {
    files.into_iter().enumerate().map(|(at, bytes)| Input::new(format!("{at}.json"), bytes)).collect()
}

/// Returns a report without positions in the input, which differ between one file and many files.
fn told(inputs: Vec<Input>) -> Value {
    let (estate, problems) = Estate::read(inputs);
    assert_eq!(problems, []);
    let mut report = serde_json::to_value(diagnose(&estate, &Options::default())).unwrap();
    forget_places(&mut report);
    report
}

fn forget_places(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| key != "file" && key != "line" && key != "coverage");
            map.values_mut().for_each(forget_places);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_places),
        _ => {}
    }
}

#[test]
fn every_other_instance_is_broken() {
    let report = told(inputs([generator::estate(INSTANCES)]));
    let mut failing = [false; INSTANCES];
    let paths = report["paths"].as_array().unwrap();
    assert_eq!(paths.len(), INSTANCES * 8);
    for path in paths {
        let tag = path["resource"].as_str().unwrap().rsplit('-').next().unwrap();
        let at: usize = tag.parse().unwrap();
        failing[at] |= path["verdict"] == "fail";
        assert!(at % 2 == 1 || path["verdict"] == "pass", "{}", path["id"]);
    }
    assert_eq!(failing.iter().filter(|fails| **fails).count(), INSTANCES / 2);
}

#[test]
fn one_file_and_many_small_files_give_the_same_report() {
    let whole = generator::estate(INSTANCES);
    let parts = Parts::of(&serde_json::from_slice(&whole).unwrap());
    let mut texts = parts.texts();
    let expected = told(inputs([whole]));
    let small = texts.chunks(200).map(|some| parts.file(some.iter().map(String::as_str)));
    assert_eq!(told(inputs(small)), expected);
    Random::new(1, "large").shuffle(&mut texts);
    assert_eq!(told(inputs([parts.file(texts.iter().map(String::as_str))])), expected, "in another order");
}

#[test]
fn contradictory_answers_are_found_across_chunks() {
    let parts = Parts::of(&serde_json::from_slice(&generator::estate(INSTANCES)).unwrap());
    let mut items = parts.items.clone();
    let fetched = |item: &&Value| item["body"]["type"] == "Microsoft.ApiManagement/service";
    let mut other = items.iter().find(fetched).expect("the recording has an instance").clone();
    let id = other["body"]["id"].as_str().unwrap().to_owned();
    other["body"]["sku"]["name"] = "Developer".into();
    items.push(other);
    let texts: Vec<String> = items.iter().map(Value::to_string).collect();
    let report = told(inputs([parts.file(texts.iter().map(String::as_str))]));
    let paths = report["paths"].as_array().unwrap();
    assert!(!paths.iter().any(|path| path["resource"] == id.as_str()), "{id} has paths");
    let gaps = report["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["what"].as_str().unwrap().contains("contradicts itself")));
}

#[test]
fn a_verified_fix_opens_its_path() {
    let (estate, _) = Estate::read(inputs([generator::estate(INSTANCES)]));
    let options = Options::default();
    let before = serde_json::to_value(diagnose(&estate, &options)).unwrap();
    let fixed = fixed_recording(&estate, &options).unwrap().to_string().into_bytes();
    let after = told(inputs([fixed]));
    let verdict = |id: &Value| {
        let path = after["paths"].as_array().unwrap().iter().find(|path| path["id"] == *id).unwrap();
        path["verdict"].as_str().unwrap().to_owned()
    };
    let mut opened = 0;
    for path in before["paths"].as_array().unwrap() {
        let verified = path["combinedFix"]["verified"] == true;
        opened += usize::from(verified);
        if verified || path["verdict"] == "pass" {
            assert_eq!(verdict(&path["id"]), "pass", "{}", path["id"]);
        }
    }
    assert!(opened > 100, "only {opened} fixes are verified");
}
