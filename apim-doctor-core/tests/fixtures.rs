//! Runs every check on every fixture: `fixtures/checks/<code>/{broken,fixed,blind}.json`.
//!
//! `broken` has the finding, `fixed` does not have it, and `blind` is unknown. To find false alarms, no other code is
//! allowed unless `expect.json` in the same folder lists it.
//!
//! `fixtures/scenarios/<code>/<caller or target>.json` has the finding with another kind of caller or target. Its texts
//! have to be about that caller and target.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../fixtures/read.rs"]
mod fixture;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use apim_doctor_core::v1::{self, Report};
use apim_doctor_core::{CHECKED, CallerKind, Estate, Input, Options, Verdict, diagnose};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/checks")
}

fn report(code: &str, name: &str) -> Report {
    read(&folder().join(code).join(name))
}

fn read(file: &Path) -> Report {
    let bytes = fixture::written(&fixture::read(file));
    let (estate, problems) = Estate::read(vec![Input::new(file.display().to_string(), bytes)]);
    assert!(problems.is_empty(), "{}: {problems:?}", file.display());
    diagnose(&estate, &Options::default())
}

fn codes(report: &Report) -> BTreeSet<&str> {
    report.findings.iter().map(|f| f.code.as_str()).collect()
}

/// Additional codes of fixtures: `{"broken": ["code", …], "fixed": […], "blind": […], "blindVerdict": "pass"}`.
fn expected(code: &str) -> BTreeMap<String, serde_json::Value> {
    let file = folder().join(code).join("expect.json");
    std::fs::read(file).map(|bytes| serde_json::from_slice(&bytes).unwrap()).unwrap_or_default()
}

fn also(code: &str, name: &str) -> BTreeSet<String> {
    let list = expected(code).get(name).cloned().unwrap_or_default();
    serde_json::from_value::<Option<BTreeSet<String>>>(list).unwrap().unwrap_or_default()
}

fn unexpected(code: &str, name: &str, report: &Report) {
    let also = also(code, name);
    let new: Vec<&str> = codes(report).into_iter().filter(|c| *c != code && !also.contains(*c)).collect();
    assert!(
        new.is_empty(),
        "{code}/{name}.json also has {new:?}: change the fixture, or if that is correct, add \
         `\"{name}\": {new:?}` to fixtures/checks/{code}/expect.json"
    );
    let gone: Vec<&String> = also.iter().filter(|c| !codes(report).contains(c.as_str())).collect();
    assert!(gone.is_empty(), "{code}/{name}.json no longer has {gone:?}: remove it from expect.json");
}

#[test]
fn broken_fixed_and_blind_have_the_right_codes_and_verdicts() {
    let mut wrong = Vec::new();
    for code in CHECKED {
        let result = std::panic::catch_unwind(|| one(code.text()));
        if let Err(panic) = result {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_else(|| code.to_string());
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CHECKED.len(), wrong.join("\n"));
}

fn one(code: &str) {
    let broken = report(code, "broken.json");
    let found = broken.findings.iter().find(|f| f.code == *code);
    let found = found.unwrap_or_else(|| {
        let only = codes(&broken);
        panic!("{code}/broken.json has only {only:?}: does the fixture break it, and does a gate return its reason?")
    });
    assert!(!found.evidence.is_empty(), "{code}/broken.json: the finding has no evidence");
    let (verdict, severity) = (found.verdict, found.severity);
    assert!(
        verdict == Verdict::Fail || severity < apim_doctor_core::Severity::Error,
        "{code}/broken.json: the finding is `{verdict:?}`, and a code of severity `Error` has to be `Fail`"
    );
    unexpected(code, "broken", &broken);
    let fixed = report(code, "fixed.json");
    assert!(!codes(&fixed).contains(code), "{code}/fixed.json still has {code}");
    assert_eq!(fixed.verdict, Verdict::Pass, "{code}/fixed.json does not pass: {:?} {:?}", codes(&fixed), fixed.gaps);
    unexpected(code, "fixed", &fixed);
    let blind = report(code, "blind.json");
    let certain = blind.findings.iter().any(|f| f.code == code && f.verdict == Verdict::Fail);
    assert!(
        !certain,
        "{code}/blind.json is certain of {code}: hide every answer that shows the fact, of the resource and of lists"
    );
    let verdict = expected(code).get("blindVerdict").and_then(|v| v.as_str()).map(str::to_owned);
    let verdict = verdict.map_or(Verdict::Unknown, |v| serde_json::from_value(v.into()).unwrap());
    assert_eq!(
        blind.verdict,
        verdict,
        "{code}/blind.json has {:?} and the gaps {:?}; hide every answer that shows the fact, of the resource and of lists",
        codes(&blind),
        blind.gaps
    );
    assert!(!blind.gaps.is_empty() || verdict != Verdict::Unknown, "{code}/blind.json has no gap");
    unexpected(code, "blind", &blind);
}

/// Returns every scenario with its code.
fn scenarios() -> Vec<(String, PathBuf)> {
    let entries = |folder: &Path| {
        let all = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut all: Vec<PathBuf> = all.map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all
    };
    let code = |folder: &Path| folder.file_name().unwrap().to_string_lossy().into_owned();
    let of = |folder: PathBuf| entries(&folder).into_iter().map(move |file| (code(&folder), file));
    entries(&folder().join("../scenarios")).into_iter().flat_map(of).collect()
}

/// Scenarios that need a manual fix: a secret value, an object that is not visible, or a missing network.
const BY_HAND: [&str; 11] = [
    // Resource Manager does not show keys.
    "authorization.role-lacks-action/policy-key",
    "firewall.consumer-not-on-trusted-list/app-without-network",
    "firewall.consumer-not-on-trusted-list/storage",
    "firewall.perimeter-blocks/app",
    "firewall.perimeter-blocks/storage",
    "firewall.public-access-disabled/storage",
    "firewall.source-not-allowed/app-on-consumption",
    "firewall.source-not-allowed/storage",
    "object.missing/app",
    // The vault needs a key of another type.
    "object.wrong-format/recovery-vault",
    // Another tier or an export of the configuration.
    "platform.feature-unsupported/backup",
];

#[test]
fn a_scenario_has_its_code_and_a_verified_fix() {
    let mut wrong = Vec::new();
    for (code, file) in scenarios() {
        let name = format!("{code}/{}", file.file_stem().unwrap().to_string_lossy());
        let report = read(&file);
        let found: Vec<_> = report.findings.iter().filter(|f| f.code == *code).collect();
        if found.is_empty() {
            wrong.push(format!("{name} has only {:?}", codes(&report)));
        }
        for path in report.paths.iter().filter(|path| path.verdict == Verdict::Fail) {
            let verified = path.combined_fix.as_ref().is_some_and(|fix| fix.verified);
            if verified == BY_HAND.contains(&name.as_str()) {
                wrong.push(format!("{name}: {} verified: {verified}", path.label));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns all texts of a finding.
fn texts(finding: &v1::Finding) -> Vec<String> {
    let fixes = finding.fixes.iter().flat_map(|fix| {
        let written = [&fix.bicep, &fix.terraform].into_iter().flatten();
        std::iter::once(&fix.title).chain(&fix.az).chain(written).cloned()
    });
    let probes = finding.confirm.iter().flat_map(|p| [p.run_from.to_string(), p.command.clone(), p.expect.clone()]);
    [finding.title.to_string(), finding.message.clone()].into_iter().chain(fixes).chain(probes).collect()
}

/// What callers of other kinds, their services and their symbols are called. A certificate may be anybody's.
fn words_of_others(kinds: BTreeSet<CallerKind>) -> Vec<&'static str> {
    let own: Vec<&str> = kinds.iter().map(|kind| kind.facts().service).collect();
    let others = CallerKind::ALL.into_iter().map(|kind| kind.facts()).filter(|facts| !own.contains(&facts.service));
    others.flat_map(|facts| [facts.noun, facts.service, facts.symbol]).filter(|word| *word != "certificate").collect()
}

fn has_word(text: &str, word: &str) -> bool {
    let words = |text: &str| format!(" {} ", text.split(|c: char| !c.is_alphanumeric()).collect::<Vec<_>>().join(" "));
    words(text).contains(&words(&word.to_lowercase()))
}

#[test]
fn texts_are_about_the_caller_and_the_target() {
    let broken = CHECKED.iter().map(|code| (code.to_string(), folder().join(code.text()).join("broken.json")));
    let mut wrong = Vec::new();
    for (code, file) in scenarios().into_iter().chain(broken) {
        let report = read(&file);
        for finding in &report.findings {
            if finding.sources.is_empty() {
                wrong.push(format!("{code} ({}): {} does not cite a page", file.display(), finding.code));
            }
            let mut about = report.paths.iter().filter(|path| finding.affects.contains(&path.id)).peekable();
            if about.peek().is_none() || about.clone().any(|path| path.consumer.starts_with("apim-")) {
                continue;
            }
            // Resource names may contain any word.
            let no_names = |text: &str| {
                let words = text.split([' ', '`', '"', '\'']).filter(|word| !word.contains(['/', '-']));
                words.collect::<Vec<_>>().join(" ").to_lowercase()
            };
            let mut never = words_of_others(about.clone().filter_map(|path| CallerKind::of(&path.resource)).collect());
            if about.all(|path| path.consumer == "function-storage") {
                never.extend(["vault", "keyvault"]);
            }
            for text in texts(finding) {
                let words = no_names(&text);
                wrong.extend(
                    never
                        .iter()
                        .filter(|never| has_word(&words, never))
                        .map(|never| format!("{code} ({}), {}: `{never}` in: {text}", file.display(), finding.code)),
                );
                if text.starts_with("az apim") || (never.contains(&"keyvault") && text.starts_with("az keyvault")) {
                    wrong.push(format!("{code} ({}): {text}", file.display()));
                }
            }
        }
        for path in report.paths.iter().filter(|path| !path.consumer.starts_with("apim-")) {
            wrong.extend(path.first_symptom.iter().filter(|text| text.contains("apimmsi")).cloned());
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_fixed_reference_is_refetched() {
    for (code, file) in scenarios() {
        let report = read(&file);
        for path in report.paths.iter().filter(|path| path.consumer == "function-kv-reference") {
            let Some(fix) = path.combined_fix.as_ref().filter(|fix| fix.verified) else { continue };
            let last = fix.az.last().map(String::as_str).unwrap_or_default();
            assert!(last.contains("/config/configreferences/appsettings/refresh"), "{code}: {last}");
        }
    }
}
