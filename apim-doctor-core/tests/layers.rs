//! Modules import only from lower floors, no files import each other in a circle, and files are short.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod imports;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use imports::{Sources, no_floor};

/// Each module and its floor. A module may import from floors below its own.
const FLOORS: &[(&str, usize)] = &[
    ("base", 0),
    ("knowledge", 1),
    ("model", 1),
    ("finding", 2),
    ("template", 1),
    ("source", 2),
    ("live", 3),
    ("eval", 3),
    ("explain", 3),
    ("path", 4),
    ("consumer", 5),
    ("check", 6),
    ("report", 7),
    ("change", 8),
    ("predeploy", 8),
    ("can", 7),
    ("role_check", 7),
];

/// Allowed imports within a floor or upwards, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("model", "knowledge", "a vault is found by its host name, which depends on the cloud"),
    ("knowledge", "model", "Azure's own roles are kept as role definitions"),
    ("can", "report", "the answer is a public format like the report, and stands beside it"),
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.extend(Some(path).filter(|p| p.extension().is_some_and(|e| e == "rs"))),
        }
    }
}

/// Returns a line without its comment. A `//` in a string is also treated as a comment; the imports of `Sources`, which
/// are checked afterwards, know strings.
fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// Returns the text after each `crate::` in a line.
fn imports(line: &str) -> Vec<&str> {
    let after = code(line).split("crate::").skip(1);
    after.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()).collect()
}

/// Returns the problems with a line of a module. `is_top`: `super` is the crate itself.
fn complaints(module: &str, is_top: bool, line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let code = code(line);
    let squeezed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if squeezed.contains("super::super") {
        found.push("`super::super`: write the path from `crate`".to_owned());
    }
    if squeezed.contains("crate::{") || squeezed.contains("crate::*") {
        found.push("`crate::{` and `crate::*`: write one `use` per module".to_owned());
    }
    // A test module inside the file may say `use super::*`.
    if is_top && squeezed.contains("super::") && squeezed != "usesuper::*;" {
        found.push("`super::` is the crate itself here: write the path from `crate`".to_owned());
    }
    let own = floor(module);
    for other in imports(code).into_iter().filter(|other| !other.is_empty() && *other != module) {
        let allowed = match (own, floor(other)) {
            (_, None) => Err(format!("`crate::{other}`: write the module too, as in `crate::model::Estate`")),
            (None, _) => Err(no_floor(module)),
            (Some(own), Some(other)) => Ok((own, other)),
        };
        let excepted = EXCEPTIONS.iter().any(|(from, to, _)| *from == module && *to == other);
        match allowed {
            Err(text) => found.push(text),
            Ok((own, its)) if its >= own && !excepted => {
                found.push(format!("`{module}` (floor {own}) must not import from `{other}` (floor {its})"));
            }
            Ok(_) => {}
        }
    }
    found
}

#[test]
fn modules_import_downwards_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    assert!(files.len() > 20, "only {} source files", files.len());
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for file in &files {
        let inside = file.strip_prefix(&root).unwrap();
        let parts: Vec<String> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let module = parts[0].trim_end_matches(".rs").to_owned();
        if module == "lib" {
            continue;
        }
        let is_top = parts.len() == 1 || (parts.len() == 2 && parts[1] == "mod.rs");
        let text = std::fs::read_to_string(file).unwrap();
        for (at, line) in text.lines().enumerate() {
            let found = complaints(&module, is_top, line);
            wrong.extend(found.into_iter().map(|text| format!("src/{}:{}: {text}", inside.display(), at + 1)));
            used.extend(imports(line).into_iter().map(|other| (module.clone(), other.to_owned())));
        }
    }
    assert_downwards(&wrong);
    let excepted = |from: &str, to: &str| EXCEPTIONS.iter().any(|exception| (exception.0, exception.1) == (from, to));
    let with_lib: Vec<(&str, usize)> = FLOORS.iter().copied().chain([("lib", usize::MAX)]).collect();
    let sources = Sources::read(&root);
    assert_downwards(&sources.upwards(&with_lib, excepted).into_iter().collect::<Vec<_>>());
    for (name, _) in FLOORS {
        assert!(sources.modules().contains(name), "module `{name}` no longer exists: remove it from `FLOORS`");
    }
    for (from, to, why) in EXCEPTIONS {
        let pair = ((*from).to_owned(), (*to).to_owned());
        assert!(
            used.contains(&pair),
            "the exception `{from}` → `{to}` ({why}) is not needed: remove it from `EXCEPTIONS`"
        );
    }
}

fn assert_downwards(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "a module imports only from lower floors; move what both need to a lower floor:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_floors_are_documented() {
    imports::assert_documented("apim-doctor-core/src", FLOORS);
}

#[test]
fn a_wrong_import_is_found() {
    let is_wrong = |module, is_top, line| !complaints(module, is_top, line).is_empty();
    assert!(is_wrong("base", false, "use crate::model::Estate;"));
    assert!(is_wrong("eval", false, "    let x = crate::path::walk(&case);"));
    assert!(is_wrong("source", false, "use crate::finding::Step;"));
    assert!(is_wrong("eval", false, "use super::super::path::Case;"));
    assert!(is_wrong("eval", false, "use crate::{base, path};"));
    assert!(is_wrong("eval", false, "use crate::Estate;"));
    assert!(is_wrong("can", true, "use super::check::Context;"));
    assert!(!is_wrong("can", true, "    use super::*;"));
    assert!(!is_wrong("eval", false, "use super::nsg; // not crate::path"));
    assert!(!is_wrong("path", false, "use crate::eval::dns; use crate::base::Verdict;"));
    assert!(!is_wrong("check", false, "pub(crate) use declare_check;"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    Sources::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).assert_no_circles();
}

#[test]
fn files_are_short() {
    Sources::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).assert_short();
}

#[test]
fn a_long_file_is_found() {
    let file = |name: &str, lines: usize| (name.to_owned(), "//\n".repeat(lines));
    let long = Sources::of([file("lib.rs", 600), file("a.rs", 601)]).long();
    assert_eq!(long, ["src/a.rs: 601 lines"]);
}

#[test]
fn a_circle_is_found() {
    let circles = |files: &[(&str, &str)]| -> Vec<Vec<String>> {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Sources::of(files).circles().into_iter().collect()
    };
    let two = [["a/one.rs", "a/two.rs"].map(str::to_owned).to_vec()];
    let one = ("a/one.rs", "use crate::a::two::Two;");
    assert_eq!(
        circles(&[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", ""),
            one,
            ("a/two.rs", "use crate::a::one;\nfn f() { one::f() }")
        ]),
        two
    );
    // Through what `mod.rs` re-exports, in a group, and without `use`.
    let mod_rs = ("a/mod.rs", "mod one;\nmod two;\npub use one::{Other as One, f};\npub(crate) use two::Two;");
    let one = ("a/one.rs", "use crate::a::Two;");
    assert_eq!(circles(&[mod_rs, one, ("a/two.rs", "use crate::a::{One, self};")]), two);
    assert_eq!(circles(&[mod_rs, one, ("a/two.rs", "fn f() { super::f() }")]), two);
    // Through everything that the parent has: its children, and what it imports.
    let by_child = ("a/one.rs", "use super::*;\nfn f() { two::f() }");
    assert_eq!(circles(&[("a/mod.rs", ""), by_child, ("a/two.rs", "use super::one::One;")]), two);
    assert_eq!(circles(&[mod_rs, ("a/one.rs", "use super::*;\nstruct S(Two);"), ("a/two.rs", "use super::One;")]), two);
    // After a test module, and through `super::super`.
    let after = ("a/one.rs", "#[cfg(test)]\nmod tests { fn f() {} }\nfn g() { super::super::a::two::f() }");
    assert_eq!(circles(&[("a/mod.rs", ""), after, ("a/two.rs", "use super::one::One;")]), two);
    assert_eq!(
        circles(&[
            ("a.rs", "use super::b;\nfn f() { b::g() }"),
            ("b.rs", "use crate::c::C;"),
            ("c.rs", "fn f(_: crate::a::A) {}")
        ])
        .len(),
        1
    );
    // A parent that calls its child, which imports what the parent defines.
    let parent = ("a/mod.rs", "mod one;\npub struct A;\nfn f() { one::f() }");
    assert_eq!(circles(&[parent, ("a/one.rs", "use super::A;")]).len(), 1);
    // Facades, comments, texts and tests do not count.
    let facade = ("a/mod.rs", "mod one;\npub use one::One;\npub struct A;");
    assert!(circles(&[facade, ("a/one.rs", "use crate::a::A;")]).is_empty());
    let quiet = "// crate::b::B\nconst T: &str = \"crate::b::B\";\n#[cfg(test)]\nmod tests {\n use crate::b::B; }";
    assert!(circles(&[("a.rs", quiet), ("b.rs", "use crate::a::T;")]).is_empty());
}
