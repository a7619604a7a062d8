//! What a person sees, in an emulated terminal: the first screen answers, no word is split, only commands are wider than
//! the screen, and the last line sums up.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use apim_doctor_core::v1::Outcome;
use serde_json::Value;

/// The sizes of a screen: lines and columns.
const SIZES: &[(u16, u16)] = &[(24, 80), (40, 120)];

/// What the program is started with.
type Arguments = Vec<String>;

fn demos() -> Vec<Arguments> {
    let names = [
        "user-assigned-behind-firewall",
        "roles-ignore-policies",
        "stopped-function-app",
        "private-zone-without-record",
    ];
    names.iter().map(|name| vec!["demo".to_owned(), (*name).to_owned()]).collect()
}

/// Ten recorded estates of different kinds: with many paths, with open questions, with warnings.
fn estates() -> Vec<Arguments> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/estates");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: screens of estates ({} is missing)", folder.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        file.to_string_lossy().ends_with(".snapshot.json") && !file.to_string_lossy().contains("backup")
    });
    files.sort();
    let every = files.len() / 10;
    let chosen: Vec<PathBuf> = files.into_iter().step_by(every).take(10).collect();
    println!("ran: screens of {} estates", chosen.len());
    let diagnose = |file: PathBuf| vec!["diagnose".to_owned(), file.display().to_string()];
    chosen.into_iter().map(diagnose).collect()
}

fn output(arguments: &[String], columns: u16, more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .args(arguments)
        .args(more)
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", columns.to_string())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The rows that a terminal of this width shows.
fn rows(text: &str, columns: u16) -> Vec<String> {
    let height = 4000;
    let mut terminal = vt100::Parser::new(height, columns, 0);
    terminal.process(text.replace('\n', "\r\n").as_bytes());
    let rows: Vec<String> = terminal.screen().rows(0, columns).collect();
    let end = rows.iter().rposition(|row| !row.trim().is_empty()).unwrap() + 1;
    rows[..end].to_vec()
}

/// Without line breaks, quotes of code, and the case of the first letter.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn is_command(line: &str) -> bool {
    let starts = ["az ", "# ", "apim-doctor ", "nslookup ", "curl ", "union ", "explain: apim-doctor "];
    let rest = line.trim_start();
    let is_variable =
        rest.split_once("=$(").is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    is_variable || starts.iter().any(|start| rest.starts_with(start))
}

#[test]
fn the_first_screen_answers_and_the_last_line_sums_up() {
    let (mut screens, mut wrong) = (0, Vec::new());
    for arguments in demos().into_iter().chain(estates()) {
        let report: Value = serde_json::from_str(&output(&arguments, 80, &["-o", "json"])).unwrap();
        let headline = &report["headline"];
        for (lines, columns) in SIZES {
            let text = output(&arguments, *columns, &[]);
            let mut complain =
                |what: String| wrong.push(format!("{} at {columns} columns: {what}", arguments.join(" ")));
            let rows = rows(&text, *columns);
            let first = words(&rows[..rows.len().min(usize::from(*lines))].join("\n"));
            if !first.contains(&words(headline["says"].as_str().unwrap())) {
                complain("the verdict is not on the first screen".to_owned());
            }
            for part in ["why", "fix"] {
                let Some(part) = headline[part].as_str() else { continue };
                // What is wider than a line is shortened in its middle.
                let whole = words(part.trim_end_matches('.'));
                if whole.split(' ').all(|word| word.len() < 76) && !first.contains(&whole) {
                    complain(format!("`{part}` is not on the first screen, or one of its words is split"));
                }
            }
            let summary = format!("{} · exit ", report["summary"]["says"].as_str().unwrap());
            let end =
                words(&text.lines().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n"));
            if !end.contains(&words(&summary)) || !text.lines().last().unwrap().contains("exit ") {
                complain(format!("the last line is not the summary, but `{end}`"));
            }
            for line in text.lines().filter(|line| line.chars().count() > usize::from(*columns)) {
                if !is_command(line) {
                    complain(format!("this line is too wide: {line}"));
                }
            }
            if text.contains("\n\n\n") {
                complain("there are two empty lines together".to_owned());
            }
            screens += 1;
        }
    }
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
    assert!(screens >= 2 * demos().len());
}

#[test]
fn a_passing_report_is_short() {
    let passing = |arguments: &Arguments| {
        let report: Value = serde_json::from_str(&output(arguments, 80, &["-o", "json"])).unwrap();
        report["headline"]["outcome"] == serde_json::to_value(Outcome::Pass).unwrap()
            && report["findings"].as_array().unwrap().is_empty()
    };
    for arguments in estates().iter().filter(|arguments| passing(arguments)) {
        let text = output(arguments, 80, &[]);
        assert!(text.lines().count() < 24, "{text}");
    }
}
