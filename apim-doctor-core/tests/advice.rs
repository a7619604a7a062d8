//! The advice about texts is for their caller and their target.

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

use apim_doctor_core::explanation::{Cause, Meaning};
use apim_doctor_core::testing::known_messages;
use apim_doctor_core::{Code, explain};
use serde_json::Value;

use common::with_shared;

#[test]
fn dump() {
    for (from, text) in texts() {
        let explained = explain(&text);
        for meaning in std::iter::once(&explained.first).chain(&explained.others) {
            println!(
                "=== {from} {:?}: {}",
                meaning.message,
                text.chars().take(300).collect::<String>().replace('\n', " ")
            );
            for cause in &meaning.causes {
                println!("  * {}", cause.code.as_str());
                for c in &cause.confirm {
                    println!("      ? {} [{}] => {}", c.command, c.run_from, c.expect);
                }
                for f in &cause.fixes {
                    println!("      ! {}", f.title);
                    for l in &f.az {
                        println!("        {l}");
                    }
                }
            }
        }
    }
}

/// Every text of the recorded cases and every sample, with where it is from.
fn texts() -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = known_messages()
        .flat_map(|(id, samples)| samples.iter().map(move |sample| (id.to_owned(), (*sample).to_owned())))
        .collect();
    with_shared("advice", "cases", |folder| {
        for file in ["error_texts.jsonl", "error_texts_2.jsonl", "cases.jsonl", "reports/texts.jsonl"] {
            for line in std::fs::read_to_string(folder.join(file)).unwrap().lines() {
                let row: Value = serde_json::from_str(line).unwrap();
                let id = row["id"].as_str().unwrap_or_default();
                if let Some(text) = row["error_text"].as_str() {
                    texts.push((format!("{file} {id}"), text.to_owned()));
                }
            }
        }
    });
    texts
}
