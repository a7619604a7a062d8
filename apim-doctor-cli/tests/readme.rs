//! The README shows the program's real output, and every link points to an existing file.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::process::Command;

const START: &str = "<!-- demo -->\n```text\n";
const END: &str = "```\n<!-- /demo -->";

#[test]
fn the_readme_shows_the_output_of_the_demo() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = readme.split_once(START).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .arg("demo")
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, format!("{before}{START}{printed}{END}{after}")).unwrap();
    } else {
        assert_eq!(shown, printed, "the README is stale; run the tests with UPDATE_DOCS=1");
    }
}

/// Each line of an excerpt stands in the output, in this order; `…` stands for what is left out.
#[test]
fn the_readme_shows_what_a_change_breaks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let (_, rest) = readme.split_once("<!-- what-if -->\n```text\n").unwrap();
    let (shown, _) = rest.split_once("```\n<!-- /what-if -->").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .args(["what-if", "--snapshot", "fixtures/worlds/user-assigned-identity.json", "--apply", "CKV_AZURE_109"])
        .current_dir(root)
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut lines = printed.lines();
    for line in shown.lines().filter(|line| line.trim() != "…") {
        assert!(lines.any(|own| own == line), "`{line}` is not in the output, or not there:\n{printed}");
    }
}

#[test]
fn links_point_to_existing_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let names = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "fixtures/README.md"];
    let mut pages: Vec<_> = names.iter().map(|name| root.join(name)).collect();
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|e| e.unwrap().path());
    pages.extend(docs.filter(|p| p.extension().is_some_and(|e| e == "md")));
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            assert!(page.parent().unwrap().join(target).exists(), "{}: {link}", page.display());
        }
    }
}
