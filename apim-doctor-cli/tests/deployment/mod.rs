//! Folders with deployments, among them the recorded ones of `../shared`, and calls of `check` in them.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// Runs `check` in a folder.
pub(crate) fn run(folder: &Path, args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_apim-doctor");
    Command::new(program).arg("check").args(args).current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

/// Checks a folder from inside of it.
pub(crate) fn report(folder: &Path, args: &[&str]) -> Value {
    let output = run(folder, &[&["."], args, &["-o", "json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)))
}

/// Standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Standard error on one line: the width of a terminal decides where lines are broken.
pub(crate) fn said_on_one_line(output: &Output) -> String {
    let text = said(output).replace(['│', '×', '⚠'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Copies a deployment, without the recording, which does not belong to it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false if entry.file_name() == "against.snapshot.json" => {}
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}
