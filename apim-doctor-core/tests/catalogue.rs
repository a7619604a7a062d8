//! The catalogue of checks: every code is filed, documented and proved.

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

use apim_doctor_core::{CATALOGUE, Check, RETIRED};

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

#[test]
fn codes_are_sorted_unique_and_never_used_again() {
    let codes: Vec<&str> = CATALOGUE.iter().map(|check| check.code).collect();
    let sorted: BTreeSet<&str> = codes.iter().copied().collect();
    assert_eq!(codes, sorted.iter().copied().collect::<Vec<_>>());
    for (retired, why) in RETIRED {
        assert!(!sorted.contains(retired), "`{retired}` was retired: {why}");
    }
    for code in codes {
        let (family, _) = code.split_once('.').unwrap();
        assert!(FAMILIES.contains(&family), "`{code}` is in no family");
    }
}

#[test]
fn a_check_is_found_by_its_code() {
    for check in CATALOGUE {
        let (family, slug) = check.code.split_once('.').unwrap();
        let file = root().join(format!("apim-doctor-core/src/check/{family}/{}.rs", slug.replace('-', "_")));
        assert!(file.is_file(), "`{}` has no file {}", check.code, file.display());
        for fixture in ["broken.json", "fixed.json", "blind.json"] {
            let file = root().join("fixtures/checks").join(check.code).join(fixture);
            assert!(file.is_file(), "`{}` has no {fixture}", check.code);
        }
    }
}

#[test]
fn every_fixture_and_page_belongs_to_a_check() {
    let codes: BTreeSet<String> = CATALOGUE.iter().map(|check| check.code.to_owned()).collect();
    for folder in ["fixtures/checks", "docs/checks"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let code = name.strip_suffix(".md").unwrap_or(&name).to_owned();
            assert!(codes.contains(&code), "{folder}/{name} belongs to no check");
        }
    }
}

#[test]
fn pages_have_their_headings_and_sources() {
    for check in CATALOGUE {
        let found: Vec<&str> = check.docs.lines().map(str::trim).filter(|line| line.starts_with("## ")).collect();
        assert_eq!(found, HEADINGS, "`{}`", check.code);
        assert!(!check.docs.contains("TODO"), "`{}` is not documented", check.code);
        assert!(!check.sources.is_empty(), "`{}` has no source", check.code);
        for source in check.all_sources() {
            assert!(source.url.starts_with("https://"), "`{}`: {}", check.code, source.url);
        }
    }
}

#[test]
fn pages_are_up_to_date() {
    for check in CATALOGUE {
        let file = root().join(format!("docs/checks/{}.md", check.code));
        let page = page(check);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, page).unwrap();
        } else {
            let old = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(old, page, "{} is stale; run the tests with UPDATE_DOCS=1", file.display());
        }
    }
}

fn page(check: &Check) -> String {
    let mut page = format!(
        "<!-- Generated from apim-doctor-core/src/check; run the tests with UPDATE_DOCS=1. -->\n\n# {}\n\n{}.\n\n",
        check.code, check.app_summary
    );
    for line in check.docs.trim().lines() {
        writeln!(page, "{}", line.trim()).unwrap();
    }
    page.push_str("\n## Sources\n\n");
    for source in check.all_sources() {
        writeln!(page, "- <{}> (read {})", source.url, source.read_on).unwrap();
    }
    page
}
