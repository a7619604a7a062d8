//! A report as JUnit XML: a suite for each access path, with a case for each gate, and one for the other findings.

use std::collections::BTreeMap;
use std::io::Result;

use apim_doctor_core::v1::{Finding, GateReport, Path, Report};
use apim_doctor_core::{Severity, Verdict};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::output::{Page, plain};

/// Prints a report.
pub(crate) fn print(report: &Report, page: &mut Page<'_>) -> Result<()> {
    let mut document = quick_junit::Report::new("apim-doctor");
    let mut of_paths: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        finding.affects.iter().for_each(|path| of_paths.entry(path).or_default().push(finding));
    }
    for path in &report.paths {
        document.add_test_suite(suite(path, of_paths.get(path.id.as_str()).map_or(&[], Vec::as_slice)));
    }
    let others: Vec<&Finding> = report.findings.iter().filter(|finding| finding.affects.is_empty()).collect();
    if !others.is_empty() || report.paths.is_empty() {
        document.add_test_suite(resources(&others, report));
    }
    let text = document.to_string().map_err(std::io::Error::other)?;
    // The schema of Jenkins knows this count in a suite only.
    let (before, rest) = text.split_once("<testsuites").unwrap_or((&text, ""));
    let (head, suites) = rest.split_once('>').unwrap_or(("", rest));
    let head: Vec<&str> = head.split(' ').filter(|part| !part.starts_with("skipped=")).collect();
    page.lines(&format!("{before}<testsuites{}>{suites}", head.join(" ")))
}

/// The gates of a path; then findings that belong to no gate, such as a certificate that expires soon.
fn suite(path: &Path, findings: &[&Finding]) -> TestSuite {
    let mut suite = TestSuite::new(text(&path.id));
    let gates = path.gates.iter().map(|gate| (gate.gate.name().to_owned(), status(path, gate, findings)));
    let is_of_gate = |finding: &Finding| path.gates.iter().any(|gate| gate.findings.contains(&finding.code));
    let others = findings.iter().filter(|finding| !is_of_gate(finding));
    for (name, status) in gates.chain(others.map(|finding| own_case(finding))) {
        let mut case = TestCase::new(text(&name), status);
        case.set_classname(text(&path.id));
        suite.add_test_case(case);
    }
    suite
}

/// A finding as a case of its own.
fn own_case(finding: &Finding) -> (String, TestCaseStatus) {
    let mut status = match (finding.severity, &finding.suppressed) {
        (Severity::Error, None) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => TestCaseStatus::skipped(),
    };
    status.set_message(text(&finding.message)).set_description(text(&described(finding)));
    (format!("{} {}", finding.code, finding.fingerprint), status)
}

fn status(path: &Path, gate: &GateReport, findings: &[&Finding]) -> TestCaseStatus {
    let skipped = |why: String| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(text(&why));
        status
    };
    match gate.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::NotApplicable => skipped(format!("not applicable: {}", gate.says)),
        Verdict::Unknown => {
            skipped(format!("unknown: {}", if gate.gaps.is_empty() { gate.says.clone() } else { gate.gaps.join("; ") }))
        }
        Verdict::Fail if path.suppressed => skipped(format!("suppressed: {}", gate.says)),
        Verdict::Fail => {
            let own = findings.iter().filter(|finding| gate.findings.contains(&finding.code));
            let own: Vec<&&Finding> = own.collect();
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(text(own.first().map_or(gate.gate.name(), |finding| finding.code.as_str())));
            status.set_message(text(&gate.says));
            status
                .set_description(text(&own.iter().map(|finding| described(finding)).collect::<Vec<_>>().join("\n\n")));
            status
        }
    }
}

/// What is about resources and not about an access path. Without a path and without a finding, the suite says that
/// nothing was examined.
fn resources(findings: &[&Finding], report: &Report) -> TestSuite {
    let mut suite = TestSuite::new("resources");
    for (name, status) in findings.iter().map(|finding| own_case(finding)) {
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
