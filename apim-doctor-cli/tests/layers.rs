//! Modules of the command line import downwards only, and no files import each other in a circle.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../apim-doctor-core/tests/imports/mod.rs"]
mod imports;

use std::path::Path;

use imports::Sources;

/// Each module and its floor. A module may import from floors below its own; files of one module from each other.
const FLOORS: &[(&str, usize)] = &[
    // What was typed, and why it cannot be done.
    ("args", 0),
    ("failure", 0),
    ("exit", 1),
    ("files", 1),
    ("cloud", 1),
    ("credential", 1),
    ("network", 2),
    // The one place where text leaves the program.
    ("output", 2),
    // Draws what the library returns.
    ("render", 3),
    ("input", 4),
    // One file a command: reads, asks the library, and hands the result to a renderer.
    ("command", 5),
    ("main", 6),
];

fn sources() -> Sources {
    Sources::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn module(file: &str) -> &str {
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// Imports that lead upwards or to a module of the same floor.
fn upwards(sources: &Sources) -> Vec<String> {
    let floor = |file: &str| {
        let known = FLOORS.iter().find(|(name, _)| *name == module(file));
        known.unwrap_or_else(|| panic!("module `{}` has no floor", module(file))).1
    };
    let wrong = |(from, to): &(String, String)| module(from) != module(to) && floor(from) <= floor(to);
    sources.imported().into_iter().filter(wrong).map(|(from, to)| format!("{from} imports from {to}")).collect()
}

#[test]
fn modules_import_downwards_only() {
    let wrong = upwards(&sources());
    assert!(wrong.is_empty(), "{} imports:\n{}", wrong.len(), wrong.join("\n"));
    for (name, _) in FLOORS {
        assert!(sources().files().any(|file| module(file) == *name), "module `{name}` no longer exists");
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let circles: Vec<String> = sources().circles().iter().map(|circle| circle.join(" → ")).collect();
    assert!(circles.is_empty(), "{} circles of imports:\n{}", circles.len(), circles.join("\n"));
}

#[test]
fn files_are_short() {
    let long = sources().long();
    assert!(long.is_empty(), "part these files along their ideas:\n{}", long.join("\n"));
}

#[test]
fn a_wrong_import_is_found() {
    let files =
        [("render/terminal.rs", "use crate::command::docs;"), ("command/mod.rs", "use crate::render::terminal;")];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(upwards(&Sources::of(files)), ["render/terminal.rs imports from command/mod.rs"]);
}
