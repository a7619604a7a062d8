//! A report as JUnit XML: a suite for each access path, with a case for each gate, and one for the other findings.

use std::collections::BTreeMap;
use std::io::Result;

use apim_doctor_core::v1::{Finding, GateReport, Path, Report, Suppression};
use apim_doctor_core::{Severity, Verdict};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::args::FailOn;
use crate::exit::Status;
use crate::output::{Page, plain};

/// Prints a report. A case fails for everything that fails the run: `levels` says what does.
pub(crate) fn print(report: &Report, (status, levels): (Status, &[FailOn]), page: &mut Page<'_>) -> Result<()> {
    let mut document = quick_junit::Report::new("apim-doctor");
    let mut of_paths: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        finding.affects.iter().for_each(|path| of_paths.entry(path).or_default().push(finding));
    }
    for path in &report.paths {
        let findings = of_paths.get(path.id.as_str()).map_or(&[][..], Vec::as_slice);
        document.add_test_suite(suite(path, findings, levels));
    }
    let others: Vec<&Finding> = report.findings.iter().filter(|finding| finding.affects.is_empty()).collect();
    if !others.is_empty() || report.paths.is_empty() {
        document.add_test_suite(resources(&others, report, levels));
    }
    let wrong: Vec<(&Suppression, String)> =
        report.suppressions.iter().filter_map(|one| Some((one, one.warning()?))).collect();
    if !wrong.is_empty() {
        document.add_test_suite(suppressions(&wrong, levels));
    }
    let is_shown = document.test_suites.iter().any(|suite| suite.failures + suite.errors > 0);
    if let (Status::Found | Status::Usage, false) = (status, is_shown) {
        document.add_test_suite(run(report, status));
    }
    let text = document.to_string().map_err(std::io::Error::other)?;
    // The schema of Jenkins knows this count in a suite only.
    let (before, rest) = text.split_once("<testsuites").unwrap_or((&text, ""));
    let (head, suites) = rest.split_once('>').unwrap_or(("", rest));
    let head: Vec<&str> = head.split(' ').filter(|part| !part.starts_with("skipped=")).collect();
    page.lines(&format!("{before}<testsuites{}>{suites}", head.join(" ")))
}

/// The gates of a path; then findings that belong to no gate, such as a certificate that expires soon.
fn suite(path: &Path, findings: &[&Finding], levels: &[FailOn]) -> TestSuite {
    let mut suite = TestSuite::new(text(&path.id));
    let gates = path.gates.iter().map(|gate| (gate.gate.name().to_owned(), status(path, gate, findings, levels)));
    let is_of_gate = |finding: &Finding| path.gates.iter().any(|gate| gate.findings.contains(&finding.code));
    let others = findings.iter().filter(|finding| !is_of_gate(finding));
    for (name, status) in gates.chain(others.map(|finding| own_case(finding, levels))) {
        let mut case = TestCase::new(text(&name), status);
        case.set_classname(text(&path.id));
        suite.add_test_case(case);
    }
    suite
}

/// Whether a finding fails the run. Errors always do in a report of tests.
fn fails(finding: &Finding, levels: &[FailOn]) -> bool {
    let is_failure = finding.severity == Severity::Error
        || finding.severity == Severity::Warning && levels.contains(&FailOn::Warning);
    is_failure && finding.suppressed.is_none()
}

fn failure_or_skipped(is_failure: bool) -> TestCaseStatus {
    match is_failure {
        true => TestCaseStatus::non_success(NonSuccessKind::Failure),
        false => TestCaseStatus::skipped(),
    }
}

/// A finding as a case of its own.
fn own_case(finding: &Finding, levels: &[FailOn]) -> (String, TestCaseStatus) {
    let mut status = failure_or_skipped(fails(finding, levels));
    status.set_message(text(&finding.message)).set_description(text(&described(finding)));
    (format!("{} {}", finding.code, finding.fingerprint), status)
}

fn status(path: &Path, gate: &GateReport, findings: &[&Finding], levels: &[FailOn]) -> TestCaseStatus {
    let own = || findings.iter().filter(|finding| gate.findings.contains(&finding.code)).copied();
    let said = |is_failure: bool, kind: &str, why: &str| {
        let mut status = failure_or_skipped(is_failure);
        status.set_message(text(why));
        if is_failure {
            let described: Vec<String> = own().map(described).collect();
            status.set_type(text(own().next().map_or(kind, |finding| finding.code.as_str())));
            status.set_description(text(&described.join("\n\n")));
        }
        status
    };
    let is_found = own().any(|finding| fails(finding, levels));
    match gate.verdict {
        Verdict::Pass if is_found => said(true, "warning", &gate.says),
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::NotApplicable => said(is_found, "warning", &format!("not applicable: {}", gate.says)),
        Verdict::Unknown => {
            let why = if gate.gaps.is_empty() { gate.says.clone() } else { gate.gaps.join("; ") };
            let is_undecided = path.verdict == Verdict::Unknown && !path.suppressed;
            let is_failure = is_undecided && levels.contains(&FailOn::Unknown);
            said(is_failure || is_found, "undecided", &format!("unknown: {why}"))
        }
        Verdict::Fail if path.suppressed => said(false, "", &format!("suppressed: {}", gate.says)),
        Verdict::Fail => said(true, gate.gate.name(), &gate.says),
    }
}

/// Suppressions that have ended, or that apply to no finding.
fn suppressions(wrong: &[(&Suppression, String)], levels: &[FailOn]) -> TestSuite {
    let mut suite = TestSuite::new("suppressions");
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (suppression, warning) in wrong {
        let mut status = failure_or_skipped(levels.contains(&FailOn::Warning));
        status.set_message(text(warning));
        let place = suppression.file.iter().map(|file| format!(" {file}:{}", suppression.line.unwrap_or(1)));
        let name = format!("{}{}", suppression.code, place.collect::<String>());
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        // Several may stand in one line.
        let name = if *count == 1 { name } else { format!("{name} ({count})") };
        let mut case = TestCase::new(text(&name), status);
        case.set_classname("suppressions");
        suite.add_test_case(case);
    }
    suite
}

/// The run as a whole, if it fails for something that no other case shows.
fn run(report: &Report, status: Status) -> TestSuite {
    let (kind, why) = match status {
        Status::Usage => (NonSuccessKind::Error, "a part of the input could not be read"),
        _ => (NonSuccessKind::Failure, report.headline.says.as_str()),
    };
    let mut failed = TestCaseStatus::non_success(kind);
    failed.set_message(text(why));
    let mut case = TestCase::new(format!("exit {}", status.number()), failed);
    case.set_classname("run");
    let mut suite = TestSuite::new("run");
    suite.add_test_case(case);
    suite
}

/// What is about resources and not about an access path. Without a path and without a finding, the suite says that
/// nothing was examined.
fn resources(findings: &[&Finding], report: &Report, levels: &[FailOn]) -> TestSuite {
    let mut suite = TestSuite::new("resources");
    for (name, status) in findings.iter().map(|finding| own_case(finding, levels)) {
        let mut case = TestCase::new(text(&name), status);
        case.set_classname("resources");
        suite.add_test_case(case);
    }
    if findings.is_empty() {
        let mut status = TestCaseStatus::skipped();
        status.set_message(text(&report.headline.says));
        suite.add_test_case(TestCase::new("access paths", status));
    }
    suite
}

fn described(finding: &Finding) -> String {
    let mut lines = vec![format!("{}: {}", finding.code, finding.message)];
    lines.extend(finding.evidence.iter().map(|evidence| match (&evidence.file, evidence.line) {
        (Some(file), Some(line)) => format!("  {} ({file}:{line})", evidence.says),
        _ => format!("  {}", evidence.says),
    }));
    if let Some(fix) = finding.best_fix.and_then(|best| finding.fixes.get(best)) {
        lines.push(format!("fix: {}", fix.title));
        lines.extend(fix.az.iter().map(|line| format!("  {line}")));
        lines.extend(fix.diff.iter().flat_map(|diff| diff.lines()).map(|line| format!("  {line}")));
    }
    lines.join("\n")
}

/// A text without characters that XML or a terminal cannot take.
fn text(text: &str) -> String {
    let text = text.replace(['\u{fffe}', '\u{ffff}'], "?");
    text.split('\n').map(|line| plain(line).into_owned()).collect::<Vec<_>>().join("\n")
}
