//! The headline of a report: the answer in one sentence, the leading finding, the first fix, and groups of equal paths.

use std::cmp::Reverse;
use std::collections::HashSet;

use crate::base::{Map, Verdict};
use crate::finding::{Code, Safety, Severity};
use crate::path::AccessPath;
use crate::report::trial::Walked;
use crate::report::v1::{Finding, Fix, GapEntry, Group, Headline, Outcome, Path, PathCount, Report};

/// Answers in one sentence, and names the finding, or else the gap, that comes first. `looked_at`: resources were
/// looked at that are no access paths.
pub(super) fn headline(
    verdict: Verdict,
    (count, looked_at): (&PathCount, bool),
    first_cause: Option<Code>,
    findings: &[Finding],
    gaps: &[GapEntry],
) -> Headline {
    let total = count.pass + count.fail + count.unknown;
    let (paths, work) = if total == 1 { ("access path", "works") } else { ("access paths", "work") };
    let problems = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let (outcome, says) = match verdict {
        Verdict::Fail if total == 0 => {
            let says = if problems == 1 {
                "1 problem was found".to_owned()
            } else {
                format!("{problems} problems were found")
            };
            (Outcome::Fail, says)
        }
        Verdict::Fail if count.fail == 0 && findings.first().is_some_and(|finding| finding.affects.is_empty()) => {
            let but = if problems == 1 { "1 problem was found" } else { "problems were found" };
            (Outcome::Fail, format!("{total} {paths} {work}, but {but}"))
        }
        Verdict::Unknown if total == 0 && looked_at => {
            (Outcome::Unknown, "no error was found; more may exist that was not collected".to_owned())
        }
        Verdict::Pass | Verdict::NotApplicable if total == 0 => (Outcome::Pass, "no error was found".to_owned()),
        Verdict::Fail if count.fail == 0 => {
            (Outcome::Fail, format!("{total} {paths} {work}, but an object in use has expired"))
        }
        Verdict::Fail => {
            let fail = if count.fail == 1 { "fails" } else { "fail" };
            (Outcome::Fail, format!("{} of {total} {paths} {fail}", count.fail))
        }
        Verdict::Unknown if total == 0 => (Outcome::NothingExamined, "no access path was found".to_owned()),
        Verdict::Unknown if count.unknown == 0 => {
            // A text that no path accounts for is about none of them.
            let is_unexplained = findings.iter().any(|f| f.verdict == Verdict::Unknown && f.affects.is_empty());
            let but = match is_unexplained {
                true => ", but none of them explains the given error text",
                false => "; more may exist that were not collected",
            };
            (Outcome::Unknown, format!("{total} {paths} {work}{but}"))
        }
        Verdict::Unknown => (Outcome::Unknown, format!("{} of {total} {paths} could not be evaluated", count.unknown)),
        Verdict::Pass | Verdict::NotApplicable => {
            let all = if total == 1 { "" } else { "all " };
            (Outcome::Pass, format!("{all}{total} {paths} {work}"))
        }
    };
    let leading = match first_cause {
        Some(code) => findings.iter().find(|finding| finding.code == code),
        None => findings.first(),
    };
    let gap = first(gaps).filter(|_| leading.is_none());
    Headline {
        outcome,
        says,
        finding: leading.map(|finding| finding.fingerprint.clone()),
        why: leading.map(|finding| finding.message.clone()).or(gap.map(|gap| gap.what.clone())),
        fix: leading.and_then(|finding| finding.fixes.get(finding.best_fix?)).map(|fix| fix.title.clone()),
        ask: gap.map(|gap| gap.ask.clone()),
        run: gap.and_then(|gap| gap.run.clone()),
    }
}

/// The gap to close first: one that can be closed before one that cannot, then the one that most paths depend on.
fn first(gaps: &[GapEntry]) -> Option<&GapEntry> {
    gaps.iter().min_by_key(|gap| (gap.run.is_none(), Reverse(gap.affects.len())))
}

/// The whole report in one line.
pub(super) fn sums_up(
    count: &PathCount,
    looked_at: bool,
    findings: &[Finding],
    gaps: &[GapEntry],
    paths: &[Path],
) -> String {
    let total = count.pass + count.fail + count.unknown;
    let counted = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let all = counted(total, "path", "paths");
    let mut parts = vec![match (count.fail, count.unknown) {
        (0, 0) if total == 0 && looked_at => {
            let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
            if errors == 0 { "no errors".to_owned() } else { counted(errors, "error", "errors") }
        }
        (0, 0) if total == 0 => "nothing was examined".to_owned(),
        (0, 0) => format!("{all} {}", if total == 1 { "passes" } else { "pass" }),
        (0, unknown) => format!("{unknown} of {all} undecided"),
        (fail, unknown) => {
            let unknown = if unknown == 0 { String::new() } else { format!(", {unknown} undecided") };
            format!("{fail} of {all} {}{unknown}", if fail == 1 { "fails" } else { "fail" })
        }
    }];
    let failing: Vec<&Path> = paths.iter().filter(|path| path.verdict == Verdict::Fail).collect();
    if !failing.is_empty() {
        let roots: HashSet<(&str, &str)> =
            failing.iter().filter_map(|path| Some((path.id.as_str(), path.root_cause.as_ref()?.as_str()))).collect();
        let is_root = |f: &&Finding| f.affects.iter().any(|path| roots.contains(&(path.as_str(), f.code.as_str())));
        parts.push(counted(findings.iter().filter(is_root).count(), "cause", "causes"));
        parts.push(repairs(&failing));
    }
    let warnings = findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    if warnings > 0 {
        parts.push(counted(warnings, "warning", "warnings"));
    }
    let questions = gaps.iter().filter(|gap| gap.run.is_some()).count();
    if questions > 0 && count.unknown > 0 {
        parts.push(format!("{} to answer", counted(questions, "question", "questions")));
    }
    parts.join(" · ")
}

/// Puts the whole report in one line once more, where its fixes were tried in another way.
pub(crate) fn sum_up_again(report: &mut Report) {
    let Report { summary, findings, gaps, paths, .. } = report;
    if paths.iter().any(|path| path.verdict == Verdict::Fail) {
        summary.says = sums_up(&summary.paths, false, findings, gaps, paths);
    }
}

/// Names another leading finding, where the one that led is suppressed and one that counts is as severe.
pub(super) fn lead_again(report: &mut Report) {
    let Report { headline, findings, .. } = report;
    let leads = |finding: &&Finding| Some(&finding.fingerprint) == headline.finding.as_ref();
    if findings.iter().find(leads).is_none_or(|finding| finding.suppressed.is_none()) {
        return;
    }
    let counts = findings.iter().filter(|finding| finding.suppressed.is_none());
    if let Some(finding) = counts.max_by_key(|finding| (finding.severity, Reverse(finding.fingerprint.as_str()))) {
        headline.finding = Some(finding.fingerprint.clone());
        headline.why = Some(finding.message.clone());
        headline.fix = finding.best_fix.and_then(|best| finding.fixes.get(best)).map(|fix| fix.title.clone());
    }
}

/// How many verified fixes repair how many of the failing paths.
fn repairs(failing: &[&Path]) -> String {
    let verified = failing.iter().filter_map(|path| path.combined_fix.as_ref().filter(|fix| fix.verified));
    let (mut repaired, mut titles) = (0, HashSet::new());
    for fix in verified {
        repaired += 1;
        titles.extend(fix.titles.iter().map(String::as_str));
    }
    let whom = match (repaired, failing.len()) {
        (0, _) => return "no verified fix".to_owned(),
        (1, 1) => "it".to_owned(),
        (2, 2) => "both".to_owned(),
        (some, all) if some == all => format!("all {all}"),
        (some, all) => format!("{some} of {all}"),
    };
    match titles.len() {
        1 => format!("1 verified fix repairs {whom}"),
        fixes => format!("{fixes} verified fixes repair {whom}"),
    }
}

/// Which fix to try first: a verified one that changes least; otherwise the first.
pub(crate) fn best(fixes: &[Fix]) -> Option<usize> {
    let verified = fixes.iter().enumerate().filter(|(_, fix)| fix.verified);
    let least = verified.min_by_key(|(_, fix)| match fix.safety {
        Safety::Safe => 0,
        Safety::Review => 1,
        Safety::Manual => 2,
    });
    least.map(|(at, _)| at).or((!fixes.is_empty()).then_some(0))
}

/// Puts paths of one resource together that have the same result at every gate. Groups that fail come first.
pub(super) fn groups(paths: &[AccessPath], walked: &[Walked]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: Map<_, usize> = Map::default();
    for (path, walked) in paths.iter().zip(walked).filter(|(path, _)| !path.is_about_resource()) {
        let of_gates = walked.gates.iter().map(|gate| gate.findings).sum();
        let codes: Vec<Code> = walked.codes.iter().take(of_gates).map(|(code, _)| *code).collect();
        let at = *known.entry((&path.resource, &walked.gates, codes)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.paths.push(walked.id.clone()),
            None => groups.push(Group {
                verdict: walked.verdict,
                root_cause: walked.root_cause.map(Into::into),
                paths: vec![walked.id.clone()],
            }),
        }
    }
    groups.sort_by_key(|group| group.verdict != Verdict::Fail);
    groups
}
