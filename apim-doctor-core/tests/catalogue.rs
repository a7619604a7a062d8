//! The catalogue of codes: every code is documented, and every check is in the table and has fixtures.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use apim_doctor_core::{CHECKED, Code, RETIRED, repair};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

const HEADINGS: [&str; 3] = ["## What it means", "## What you will see", "## When this check stays quiet"];
const FAMILIES: [&str; 11] = [
    "reference",
    "identity",
    "target",
    "dns",
    "network",
    "firewall",
    "authorization",
    "object",
    "caller",
    "platform",
    "latent",
];

/// Converts the text of a code to the name of its variant.
fn variant(text: &str) -> String {
    let words = text.split(['.', '-']);
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[test]
fn codes_are_sorted_unique_and_never_reused() {
    for pair in Code::ALL.windows(2) {
        let (one, next) = (pair[0].text(), pair[1].text());
        assert!(one < next, "the rows of finding/code/mod.rs are sorted by code: move `{next}` before `{one}`");
    }
    for (retired, why) in RETIRED {
        assert!(Code::of(retired).is_none(), "`{retired}` was retired ({why}): choose another code");
    }
    for code in Code::ALL {
        assert!(FAMILIES.contains(&code.gate()), "`{code}`: the part before the dot is one of {FAMILIES:?}");
        let expected = variant(code.text());
        assert_eq!(format!("{code:?}"), expected, "finding/code/mod.rs: the row of `{code}` starts with `{expected}`");
        assert_eq!(Code::of(code.text()), Some(*code));
    }
}

#[test]
fn titles_are_unique_and_short() {
    let titles: BTreeSet<&str> = Code::ALL.iter().map(|code| code.title()).collect();
    assert_eq!(titles.len(), Code::ALL.len(), "two codes have the same title");
    for title in titles {
        let is_plain = title.starts_with(|c: char| c.is_lowercase() || c == '`') && !title.ends_with('.');
        assert!(is_plain, "a title starts in lower case and has no full stop: `{title}`");
        assert!(title.len() <= 90, "a title has at most 90 characters, and this one has {}: `{title}`", title.len());
    }
}

#[test]
fn every_code_has_a_check_or_advice() {
    for code in Code::ALL {
        assert!(
            CHECKED.contains(code) || repair(*code).is_some(),
            "`{code}` has neither a check (a block in check/table.rs) nor advice (an entry below explain/advice)"
        );
    }
}

#[test]
fn every_check_has_a_file_and_fixtures() {
    for code in CHECKED {
        let (family, slug) = code.text().split_once('.').unwrap();
        let file = root().join(format!("apim-doctor-core/src/check/{family}/{}.rs", slug.replace('-', "_")));
        assert!(file.is_file(), "check/table.rs has a block for `{code}`: add its check, {}", file.display());
        for fixture in ["broken.json", "fixed.json", "blind.json"] {
            let file = root().join("fixtures/checks").join(code.text()).join(fixture);
            assert!(file.is_file(), "add fixtures/checks/{code}/{fixture}: fixtures/README.md describes the form");
        }
    }
}

#[test]
fn every_check_is_in_the_table() {
    for family in FAMILIES {
        for entry in std::fs::read_dir(root().join("apim-doctor-core/src/check").join(family)).unwrap() {
            let file = entry.unwrap().path();
            let text = std::fs::read_to_string(&file).unwrap();
            let name = format!("{family}.{}", file.file_stem().unwrap().to_string_lossy().replace('_', "-"));
            let first = format!("//! Explains `{name}`.");
            let listed = CHECKED.iter().any(|code| code.text() == name);
            match (text.starts_with(&first), listed) {
                (false, true) => panic!("{}: the first line of a check is `{first}`", file.display()),
                (true, false) => panic!("{}: add a block for `{name}` to check/table.rs", file.display()),
                _ => {}
            }
        }
    }
}

#[test]
fn every_fixture_and_page_belongs_to_a_code() {
    let names = |codes: &[Code]| codes.iter().map(|code| code.text().to_owned()).collect::<BTreeSet<_>>();
    let pages = "apim-doctor-core/src/finding/code/pages";
    for (folder, codes) in [("fixtures/checks", CHECKED), ("docs/checks", Code::ALL), (pages, Code::ALL)] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let code = name.strip_suffix(".md").unwrap_or(&name).to_owned();
            let table = if folder.starts_with("fixtures") { "check/table.rs" } else { "finding/code/mod.rs" };
            assert!(
                names(codes).contains(&code),
                "{folder}/{name}: {table} does not have `{code}`; add it, or delete this"
            );
        }
    }
}

#[test]
fn pages_have_their_headings_and_sources() {
    for code in Code::ALL {
        let found: Vec<&str> = code.page().lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(found, HEADINGS, "finding/code/pages/{code}.md: these headings, in this order");
        for heading in HEADINGS {
            let section = code.section(heading.trim_start_matches("## ")).unwrap();
            assert!(!section.is_empty(), "finding/code/pages/{code}.md: nothing stands below `{heading}`");
        }
        assert!(!code.page().contains("TODO"), "finding/code/pages/{code}.md has a `TODO`");
        for source in code.sources() {
            assert!(source.url.starts_with("https://"), "`{code}`: {}", source.url);
            let is_date = source.read_on.parse::<jiff::civil::Date>().is_ok();
            assert!(is_date, "finding/code/sources.rs: `{}` is not a day: write `2026-11-21`", source.read_on);
        }
    }
}

#[test]
fn pages_are_up_to_date() {
    for code in Code::ALL {
        assert_written(&format!("docs/checks/{code}.md"), &page(*code));
    }
    assert_written("docs/codes.md", &list_of_codes());
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    assert_written("docs/SUMMARY.md", &with_codes(&summary));
}

/// A page that SUMMARY.md does not name is not on the site.
#[test]
fn every_page_is_on_the_site() {
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let pages = std::fs::read_dir(root().join("docs")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    for page in pages.filter(|page| page.ends_with(".md") && page != "SUMMARY.md") {
        let times = summary.matches(&format!("]({page})")).count();
        assert_eq!(times, 1, "docs/SUMMARY.md has to name docs/{page} once");
    }
}

/// Compares a generated file, or writes it.
fn assert_written(name: &str, text: &str) {
    let file = root().join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    } else {
        let old = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            old == text,
            "{name} is missing or differs from what finding/code says; write it with\n    \
             UPDATE_DOCS=1 cargo test -p apim-doctor-core --test catalogue"
        );
    }
}

/// The test `public_api` compares the whole list, but it needs the output of rustdoc, so most runs skip it.
#[test]
fn every_code_is_in_the_list_of_the_public_api() {
    let list = std::fs::read_to_string(root().join("apim-doctor-core/public-api.txt")).unwrap();
    let listed: BTreeSet<&str> =
        list.lines().filter_map(|line| line.strip_prefix("pub apim_doctor_core::Code::")).collect();
    for code in Code::ALL {
        let line = format!("{code:?}");
        assert!(
            listed.contains(line.as_str()),
            "apim-doctor-core/public-api.txt: add the line `pub apim_doctor_core::Code::{line}` where it belongs in the \
             alphabet, or have the list rewritten (CONTRIBUTING.md, \"Adding a check\")"
        );
    }
}

fn page(code: Code) -> String {
    let title = code.title();
    let mut page = format!(
        "<!-- Generated from apim-doctor-core/src/finding/code; run the tests with UPDATE_DOCS=1. -->\n\n# {code}\n\n\
         {}{}.\n\n{}\n\n## Sources\n\n",
        title[..1].to_uppercase(),
        &title[1..],
        code.page().trim(),
    );
    for source in code.sources() {
        writeln!(page, "- <{}> (read {})", source.url, source.read_on).unwrap();
    }
    page
}

fn list_of_codes() -> String {
    let mut list = "<!-- Generated from apim-doctor-core/src/finding/code; run the tests with UPDATE_DOCS=1. -->\n\n\
                    # Codes\n\nEach problem that apim-doctor reports has a code. `apim-doctor explain CODE` prints its \
                    page.\n"
        .to_owned();
    let mut family = "";
    for code in Code::ALL {
        if code.gate() != family {
            family = code.gate();
            write!(list, "\n## {family}\n\n| code | severity | problem |\n|---|---|---|\n").unwrap();
        }
        let severity = format!("{:?}", code.severity()).to_lowercase();
        writeln!(list, "| [{code}](checks/{code}.md) | {severity} | {} |", code.title()).unwrap();
    }
    list
}

/// The table of contents of the site, with each code below the page of all codes.
fn with_codes(summary: &str) -> String {
    let mut lines = String::new();
    for line in summary.lines().filter(|line| !line.contains("](checks/")) {
        writeln!(lines, "{line}").unwrap();
        if line.ends_with("](codes.md)") {
            Code::ALL.iter().for_each(|code| writeln!(lines, "    - [{code}](checks/{code}.md)").unwrap());
        }
    }
    lines
}
