//! The public API of the crate, one item a line, in `public-api.txt`: a change shows in review.
//!
//! `.ci/run` has rustdoc describe the crate as JSON and names that file in `APIM_DOCTOR_RUSTDOC_JSON`.
//! `UPDATE_DOCS=1` rewrites the list.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_public_api_is_the_listed_one() {
    let Some(json) = std::env::var_os("APIM_DOCTOR_RUSTDOC_JSON") else {
        println!("skipped: APIM_DOCTOR_RUSTDOC_JSON is not set (the_public_api_is_the_listed_one)");
        return;
    };
    let builder = public_api::Builder::from_rustdoc_json(json);
    let api = builder.omit_blanket_impls(true).omit_auto_trait_impls(true).omit_auto_derived_impls(true).build();
    let found = api.expect("rustdoc's JSON has a format that the crate `public-api` reads").to_string();
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("public-api.txt");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&list, &found).unwrap();
    }
    let listed = std::fs::read_to_string(&list).unwrap();
    let (found, listed): (BTreeSet<&str>, BTreeSet<&str>) = (found.lines().collect(), listed.lines().collect());
    let new = found.difference(&listed).map(|line| format!("+ {line}"));
    let gone = listed.difference(&found).map(|line| format!("- {line}"));
    let differences: Vec<String> = new.chain(gone).collect();
    assert!(
        differences.is_empty(),
        "the public API changed; UPDATE_DOCS=1 rewrites the list:\n{}",
        differences.join("\n")
    );
    println!("ran: the_public_api_is_the_listed_one");
}
