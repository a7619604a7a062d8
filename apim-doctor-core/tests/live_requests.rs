//! `docs/live.md` lists every request that a live run can send.

#![cfg(feature = "live")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::path::Path;

use apim_doctor_core::live::{Ask, RequestKind};

const BEGIN: &str = "<!-- requests -->\n";
const END: &str = "<!-- /requests -->";

fn table() -> String {
    let mut table = String::from("| request | api-version | permission | why |\n|---|---|---|---|\n");
    for RequestKind { request, version, action, why, .. } in Ask::ALL.iter().map(|ask| ask.details()) {
        let action = if action.is_empty() { "–".to_owned() } else { format!("`{action}`") };
        let version = if version.is_empty() { "–" } else { version };
        writeln!(table, "| `{request}` | {version} | {action} | {why} |").unwrap();
    }
    table
}

#[test]
fn the_page_lists_every_request() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/live.md"));
    let page = std::fs::read_to_string(path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("docs/live.md has the mark `requests`");
    let (found, after) = rest.split_once(END).expect("docs/live.md has the mark `/requests`");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
        return;
    }
    assert_eq!(found, table(), "docs/live.md is stale; run the tests with UPDATE_DOCS=1");
}
