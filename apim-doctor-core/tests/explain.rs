//! Compares the explanations of real error texts with the confirmed causes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;

use apim_doctor_core::testing::known_messages;
use apim_doctor_core::{ResourceId, diagnose, explain};
use serde_json::Value;

use common::{options, read, rows, text, with_shared};

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

#[test]
fn real_texts_are_recognized_with_every_possible_gate() {
    with_shared("error texts", "cases", |folder| {
        let rows = rows(&folder.join("error_texts.jsonl"));
        let (mut recognized, mut covered, mut beyond) = (0, 0, 0);
        for row in &rows {
            let explained = explain(text(row, "error_text"));
            let named: BTreeSet<&str> = explained.first.gates.iter().map(AsRef::as_ref).collect();
            let wanted: BTreeSet<&str> =
                row["possible_gates"].as_array().unwrap().iter().map(|gate| gate.as_str().unwrap()).collect();
            recognized += usize::from(explained.recognized);
            covered += usize::from(wanted.is_subset(&named));
            beyond += named.difference(&wanted).count();
            if !explained.recognized || !wanted.is_subset(&named) {
                println!(
                    "miss: {:?} expected {wanted:?}, found {named:?}: {}",
                    explained.first.message,
                    text(row, "error_text")
                );
            }
        }
        let all = rows.len();
        println!(
            "error texts: {recognized} of {all} recognized, {covered} with every gate, {:.2} additional gates on average",
            share(beyond, all)
        );
        assert!(share(recognized, all) >= 0.95);
        assert!(share(covered, all) >= 0.90);
        assert!(share(beyond, all) <= 2.0);
    });
}

#[test]
fn confirmed_causes_come_first() {
    with_shared("confirmed causes", "cases", |folder| {
        let mut rows = rows(&folder.join("cases.jsonl"));
        rows.retain(|row| !text(row, "error_text").is_empty());
        let (mut first, mut among) = (0, 0);
        for row in &rows {
            let explained = explain(text(row, "error_text")).first;
            let codes: Vec<&str> = explained.causes.iter().map(|cause| cause.code.as_str()).collect();
            let place = codes.iter().position(|code| *code == text(row, "root_cause_code"));
            first += usize::from(place == Some(0));
            among += usize::from(place.is_some_and(|place| place < 3));
            if place != Some(0) {
                println!("miss: {} expected {}, found {codes:?}", text(row, "id"), text(row, "root_cause_code"));
            }
        }
        let all = rows.len();
        println!("cases: the confirmed cause is first in {first} of {all}, in the first three in {among}");
        assert!(share(among, all) >= 0.90);
        assert!(share(first, all) >= 0.65);
    });
}

#[test]
fn an_error_text_keeps_the_root_cause_of_its_case() {
    with_shared("error texts with their estates", "cases", |folder| {
        let cases = rows(&folder.join("cases.jsonl"));
        let (mut judged, mut complaints) = (0, Vec::new());
        for row in rows(&folder.join("estates/expected.jsonl")) {
            let case = cases.iter().find(|case| case["id"] == row["id"] && !text(case, "error_text").is_empty());
            let (Some(case), "case") = (case, text(&row, "category")) else { continue };
            let file = text(&row, "file");
            let bytes = std::fs::read(folder.join("estates").join(file)).unwrap();
            let mut estate = read(file, bytes);
            let before = diagnose(&estate, &options());
            let resource = row["diagnose"]["resource"].as_str().map(ResourceId::new);
            estate.observe(text(case, "error_text"), resource);
            let after = diagnose(&estate, &options());
            for (before, after) in before.paths.iter().zip(&after.paths) {
                judged += 1;
                if before.root_cause != after.root_cause || before.verdict != after.verdict {
                    complaints.push(format!("{file}: {:?} became {:?}", before.root_cause, after.root_cause));
                }
            }
        }
        println!("paths compared with and without their error text: {judged}");
        assert!(judged > 0);
        common::assert_none("the error text changed the root cause", &complaints);
    });
}

#[test]
fn texts_that_are_not_samples_are_recognized() {
    with_shared("halves of the error texts", "cases", |folder| {
        let samples: Vec<&str> = known_messages().flat_map(|(_, samples)| samples.iter().copied()).collect();
        let mut rows = rows(&folder.join("error_texts.jsonl"));
        rows.sort_by_key(|row| text(row, "source_url").to_owned());
        let sources: BTreeSet<String> = rows.iter().map(|row| text(row, "source_url").to_owned()).collect();
        let middle = sources.iter().nth(sources.len() / 2).unwrap().clone();
        let (one, other): (Vec<_>, Vec<_>) = rows.iter().partition(|row| text(row, "source_url") < middle.as_str());
        for (name, half) in [("first", one), ("second", other)] {
            let foreign = half.iter().filter(|row| !samples.contains(&text(row, "error_text")));
            let read = foreign.filter(|row| explain(text(row, "error_text")).recognized).count();
            println!("{name} half by source: {read} of {} texts that are not samples are recognized", half.len());
            assert!(share(read, half.len()) >= 0.90, "{name} half");
        }
    });
}

#[test]
fn commands_of_other_services_are_not_printed() {
    let same = |code: &str, pattern: &str| {
        code == pattern || pattern.strip_suffix('*').is_some_and(|gate| code.starts_with(gate))
    };
    let list = |row: &Value, key: &str| -> Vec<String> {
        row[key].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    with_shared("error texts of reports", "cases/reports", |folder| {
        let mut complaints = Vec::new();
        for row in rows(&folder.join("texts.jsonl")) {
            let mut complain = |what: String| complaints.push(format!("{}: {what}", text(&row, "id")));
            let explained = explain(text(&row, "error_text")).first;
            let codes: Vec<&str> = explained.causes.iter().map(|cause| cause.code.as_str()).collect();
            let first = list(&row, "first_code");
            if !first.is_empty() && !codes.first().is_some_and(|code| first.iter().any(|wanted| same(code, wanted))) {
                complain(format!("leads with {codes:?}"));
            }
            for wanted in list(&row, "top3") {
                if !codes.iter().take(3).any(|code| same(code, &wanted)) {
                    complain(format!("{wanted} is missing in {codes:?}"));
                }
            }
            for unwanted in list(&row, "not_codes") {
                if codes.iter().any(|code| same(code, &unwanted)) {
                    complain(format!("names {unwanted}"));
                }
            }
            let probes = explained.causes.iter().flat_map(|cause| &cause.confirm).map(|probe| &probe.command);
            let fixes = explained.causes.iter().flat_map(|cause| &cause.fixes).flat_map(|fix| &fix.az);
            let commands: Vec<&String> = probes.chain(fixes).collect();
            for pattern in list(&row, "commands_must_not_match") {
                let pattern = regex::Regex::new(&pattern).unwrap();
                if let Some(command) = commands.iter().find(|command| pattern.is_match(command)) {
                    complain(format!("prints {command}"));
                }
            }
        }
        common::assert_none("texts of reports", &complaints);
    });
}

/// The same for texts that are not in `../shared`.
#[test]
fn commands_are_for_the_service_that_a_text_names() {
    let commands = |text: &str| -> Vec<String> {
        let first = explain(text).first;
        let probes = first.causes.iter().flat_map(|cause| &cause.confirm).map(|probe| probe.command.clone());
        let fixes = first.causes.iter().flat_map(|cause| &cause.fixes).flat_map(|fix| fix.az.clone());
        probes.chain(fixes).collect()
    };
    let none = |text: &str, marks: &[&str]| {
        let commands = commands(text);
        assert!(!commands.is_empty(), "{text}");
        let found = commands.iter().find(|command| marks.iter().any(|mark| command.contains(mark)));
        assert_eq!(found, None, "{text}");
    };
    let storage = "403 AuthorizationFailure PUT https://stfabrikam07.queue.core.windows.net/work";
    none(storage, &["keyvault", "vault.azure.net", "az apim"]);
    assert!(commands(storage).iter().any(|command| command.contains("stfabrikam07")));
    let instance = "Failed to access KeyVault Secret https://kv-a.vault.azure.net/secrets/tls using Managed Service Identity \
                    (http://aka.ms/apimmsi) of Api Management service.";
    none(instance, &["functionapp", "webapp", "Microsoft.Web/", "az storage"]);
    let app = "Key Vault reference was not able to be resolved because site was denied access to Key Vault reference's \
               vault. func-a.azurewebsites.net";
    none(app, &["az apim", "Microsoft.ApiManagement", "az storage"]);
}
