//! The headline of a report: the answer in one sentence, the leading finding, the first fix, and groups of equal paths.

use crate::base::{Map, Verdict};
use crate::finding::{Code, Safety};
use crate::path::AccessPath;
use crate::report::trial::Walked;
use crate::report::v1::{Finding, Fix, GapEntry, Group, Headline, Outcome, PathCount};

/// Answers in one sentence, and names the finding, or else the gap, that comes first.
pub(super) fn headline(
    verdict: Verdict,
    count: &PathCount,
    first_cause: Option<Code>,
    findings: &[Finding],
    gaps: &[GapEntry],
) -> Headline {
    let total = count.pass + count.fail + count.unknown;
    let (paths, work) = if total == 1 { ("access path", "works") } else { ("access paths", "work") };
    let (outcome, says) = match verdict {
        Verdict::Fail if count.fail == 0 => {
            let code = findings.first().map_or("", |finding| finding.code.as_str());
            (Outcome::Fail, format!("{code}: no access fails, but an object in use has expired"))
        }
        Verdict::Fail => {
            let code = first_cause.map_or("", Code::text);
            (Outcome::Fail, format!("{code}: {} of {total} {paths} will not work", count.fail))
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
        Verdict::Unknown => {
            let open = format!("{} of {total} {paths} could not be evaluated", count.unknown);
            let says = match findings.iter().find(|finding| finding.verdict == Verdict::Unknown) {
                Some(suspected) => format!("possible cause {}: {open}", suspected.code),
                None => format!("no problem found, but {open}"),
            };
            (Outcome::Unknown, says)
        }
        Verdict::Pass | Verdict::NotApplicable => {
            let but = match findings {
                [] => String::new(),
                [one] => format!(", but: {}", one.code),
                [first, rest @ ..] => format!(", but: {} and {} more", first.code, rest.len()),
            };
            (Outcome::Pass, format!("{total} {paths} {work}{but}"))
        }
    };
    let leading = match first_cause {
        Some(code) => findings.iter().find(|finding| finding.code == code),
        None => findings.first(),
    };
    let gap = gaps.first().filter(|_| leading.is_none());
    Headline {
        outcome,
        says,
        finding: leading.map(|finding| finding.fingerprint.clone()),
        why: leading.map(|finding| finding.message.clone()).or(gap.map(|gap| gap.what.clone())),
        fix: leading.and_then(|finding| finding.fixes.get(finding.best_fix?)).map(|fix| fix.title.clone()),
        ask: gap.map(|gap| gap.ask.clone()),
    }
}

/// Which fix to try first: a verified one that changes least; otherwise the first.
pub(super) fn best(fixes: &[Fix]) -> Option<usize> {
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
    for (path, walked) in paths.iter().zip(walked) {
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
