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
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.text()).collect();
    let sorted: BTreeSet<&str> = codes.iter().copied().collect();
    assert_eq!(codes, sorted.iter().copied().collect::<Vec<_>>());
    for (retired, why) in RETIRED {
        assert!(!sorted.contains(retired), "`{retired}` was retired: {why}");
    }
    for code in Code::ALL {
        assert!(FAMILIES.contains(&code.gate()), "`{code}` does not belong to a family");
        assert_eq!(format!("{code:?}"), variant(code.text()));
        assert_eq!(Code::of(code.text()), Some(*code));
    }
}

#[test]
fn titles_are_unique_and_short() {
    let titles: BTreeSet<&str> = Code::ALL.iter().map(|code| code.title()).collect();
    assert_eq!(titles.len(), Code::ALL.len(), "two codes have the same title");
    for title in titles {
        let is_plain = title.starts_with(|c: char| c.is_lowercase() || c == '`') && !title.ends_with('.');
        assert!(is_plain && title.len() <= 90, "`{title}`");
    }
}

#[test]
fn every_code_has_a_check_or_advice() {
    for code in Code::ALL {
        assert!(CHECKED.contains(code) || repair(*code).is_some(), "`{code}` has neither a check nor advice");
    }
}

#[test]
fn every_check_has_a_file_and_fixtures() {
    for code in CHECKED {
        let (family, slug) = code.text().split_once('.').unwrap();
        let file = root().join(format!("apim-doctor-core/src/check/{family}/{}.rs", slug.replace('-', "_")));
        assert!(file.is_file(), "`{code}` does not have the file {}", file.display());
        for fixture in ["broken.json", "fixed.json", "blind.json"] {
            let file = root().join("fixtures/checks").join(code.text()).join(fixture);
            assert!(file.is_file(), "`{code}` does not have {fixture}");
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
            let is_check = text.starts_with(&format!("//! Explains `{name}`."));
            let listed = CHECKED.iter().any(|code| code.text() == name);
            assert_eq!(is_check, listed, "{} and check/table.rs differ", file.display());
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
            assert!(names(codes).contains(&code), "{folder}/{name} does not belong to a code");
        }
    }
}

#[test]
fn pages_have_their_headings_and_sources() {
    for code in Code::ALL {
        let found: Vec<&str> = code.page().lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(found, HEADINGS, "`{code}`");
        assert!(!code.page().contains("TODO"), "`{code}` is not documented");
        for source in code.sources() {
            assert!(source.url.starts_with("https://"), "`{code}`: {}", source.url);
            assert!(source.read_on.parse::<jiff::civil::Date>().is_ok(), "`{code}`: {}", source.read_on);
        }
    }
}

#[test]
fn pages_are_up_to_date() {
    for code in Code::ALL {
        let file = root().join(format!("docs/checks/{code}.md"));
        let page = page(*code);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, page).unwrap();
        } else {
            let old = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(old, page, "{} is stale; run the tests with UPDATE_DOCS=1", file.display());
        }
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
