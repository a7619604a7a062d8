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
    ("config", 1),
    ("credential", 1),
    ("network", 2),
    // The one place where text leaves the program.
    ("output", 2),
    // Draws what the library returns.
    ("render", 3),
    ("input", 4),
    // One file a command: reads, asks the library, and hands the result to a renderer.
    ("command", 5),
    // What was typed, with the environment and the configuration.
    ("parse", 6),
    ("main", 7),
];

fn sources() -> Sources {
    Sources::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// Imports that lead upwards or to a module of the same floor.
fn upwards(sources: &Sources) -> Vec<String> {
    sources.upwards(FLOORS, |_, _| false).into_iter().collect()
}

#[test]
fn modules_import_downwards_only() {
    let wrong = upwards(&sources());
    assert!(
        wrong.is_empty(),
        "a module imports only from lower floors; move what both need to a lower floor:\n{}",
        wrong.join("\n")
    );
    for (name, _) in FLOORS {
        assert!(sources().modules().contains(name), "module `{name}` no longer exists: remove it from `FLOORS`");
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    sources().assert_no_circles();
}

#[test]
fn files_are_short() {
    sources().assert_short();
}

#[test]
fn the_floors_are_documented() {
    imports::assert_documented("apim-doctor-cli/src", FLOORS);
}

#[test]
fn a_wrong_import_is_found() {
    let files =
        [("render/terminal.rs", "use crate::command::docs;"), ("command/mod.rs", "use crate::render::terminal;")];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let expected = "src/render/terminal.rs (floor 3) imports from src/command/mod.rs (floor 5)";
    assert_eq!(upwards(&Sources::of(files)), [expected]);
    // A module that is only named, and a name of the crate.
    for text in ["use crate::command;", "use crate::{args, command};", "use crate as c;\nfn f() { c::command::run() }"]
    {
        let files = [("render/terminal.rs", text), ("command/mod.rs", ""), ("args.rs", ""), ("main.rs", "")];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert!(upwards(&Sources::of(files)).contains(&expected.to_owned()), "{text}");
    }
    let novel = Sources::of([("novel.rs".to_owned(), String::new())]);
    assert!(upwards(&novel)[0].starts_with("module `novel` has no floor: add it to `FLOORS`"));
}
