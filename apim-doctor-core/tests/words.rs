//! How the project speaks: every text of a finding stands in one file that people review, and constructions that make
//! readers stop are found wherever they are written.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test"
)]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use apim_doctor_core::v1::Report;

/// What one report says about its findings and gaps, one line a text.
fn texts(report: &Report) -> BTreeSet<String> {
    let findings = report.findings.iter().flat_map(|finding| {
        let fixes = finding.fixes.iter().flat_map(|fix| {
            let unverified = fix.unverified.iter().map(|why| format!("  not verified: {why}"));
            [format!("  fix: {}", fix.title)].into_iter().chain(unverified).collect::<Vec<_>>()
        });
        let confirm = finding.confirm.iter().map(|probe| format!("  confirmed if: {}", probe.expect));
        let lines: Vec<String> = fixes.chain(confirm).collect();
        [format!("{}: {}\n  {}\n{}", finding.code, finding.title, finding.message, lines.join("\n"))]
    });
    let gaps = report.gaps.iter().map(|gap| format!("gap: {}\n  ask: {}", gap.what, gap.ask));
    findings.chain(gaps).collect()
}

#[test]
fn every_text_of_the_fixtures_was_reviewed() {
    let mut all = BTreeSet::new();
    for recording in common::fixtures(|_| true) {
        all.extend(texts(&common::report(&recording.file, recording.bytes)));
    }
    let all: Vec<String> = all.into_iter().collect();
    insta::assert_snapshot!("texts", all.join("\n\n"));
}

/// Constructions that are not plain English, and what to write instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("is no", "`is not a`"),
    ("has it not", "`does not have it`"),
    ("anew", "`again`, or `recreate`"),
    ("by itself", "`automatically`"),
    ("nobody", "name who: the caller, the tool, the collector"),
    ("whoever", "name who: the caller, the tool, the collector"),
    ("did not tell", "`could not read`"),
    ("was not seen", "`was not collected`"),
    ("were not seen", "`were not collected`"),
    ("is told", "`is shown`, or `is derived`"),
    ("lets in", "`allows`"),
    ("let in by", "`allowed by`"),
    ("keeps out", "`blocks`"),
    ("besides", "`also`"),
    ("so that it is", "`so it is`"),
    ("what it is", "name the thing"),
    ("made again", "`recreated`"),
    ("make again", "`recreate`"),
    ("may read already", "`already has access`"),
    ("let it read", "`give it read access`"),
    ("admits chosen networks", "`allows only selected networks`"),
    ("this is it", "`this is the cause`"),
    ("what was read", "`the collected data`"),
    ("were not read", "`were not collected`"),
    ("was never made", "`was never created`"),
    ("any more", "`no longer`"),
    ("is said to", "say who says it, or state it"),
    ("those that are there", "`the existing ones`"),
    ("could not be judged", "`could not be evaluated`"),
    ("stands in between", "name what intercepts the connection"),
    ("let this machine in", "`allow this machine`"),
    ("the right to read", "`permission to read`"),
    ("with the right to", "`with permission to`"),
    ("1 access paths", "the number agrees with its noun"),
    ("1 access path work", "the number agrees with its noun"),
    ("1 more causes", "the number agrees with its noun"),
];

/// The forbidden constructions in a line, as whole words.
fn complaints(line: &str) -> Vec<String> {
    let lower = line.to_lowercase();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let holds = |text: &str| {
        lower.match_indices(text).any(|(at, _)| {
            !is_word(lower[..at].chars().next_back()) && !is_word(lower[at + text.len()..].chars().next())
        })
    };
    let found = FORBIDDEN.iter().filter(|(text, _)| holds(text));
    found.map(|(text, instead)| format!("`{text}`: write {instead}")).collect()
}

/// The files whose words people read: code with its comments and texts, pages, scripts. Not the words of Azure.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true if matches!(name.as_str(), "target" | ".git" | "fixtures" | "corpus" | "artifacts") => {}
            true => files(&path, found),
            false => {
                let is_read =
                    path.extension().is_some_and(|e| matches!(e.to_str(), Some("rs" | "md" | "toml" | "py" | "yml")));
                found.extend((is_read || name == "run").then_some(path));
            }
        }
    }
}

#[test]
fn no_forbidden_construction_is_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut all = Vec::new();
    files(&root, &mut all);
    all.sort();
    assert!(all.len() > 100, "only {} files", all.len());
    let mut wrong = Vec::new();
    for file in all.iter().filter(|file| !file.ends_with("tests/words.rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        for (at, line) in text.lines().enumerate() {
            wrong.extend(complaints(line).into_iter().map(|found| format!("{name}:{}: {found}", at + 1)));
        }
    }
    common::assert_none("forbidden constructions", &wrong);
}

#[test]
fn a_forbidden_construction_is_found() {
    for line in ["// Whoever asks", "the vault did not tell `x`", "It is no list.", "it is not there any more"] {
        assert_eq!(complaints(line).len(), 1, "{line}");
    }
    for line in ["/// Reads the manifest.", "it is now", "the besides-the-point flag2anew1"] {
        let expected = usize::from(line.contains("besides"));
        assert_eq!(complaints(line).len(), expected, "{line}");
    }
}
