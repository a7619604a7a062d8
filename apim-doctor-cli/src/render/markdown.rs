//! A report as Markdown, for comments on pull requests and for summaries of runs.
//!
//! Names come from untrusted files. They stand in code spans, or are escaped: none becomes a link, an element or a mention.

mod escape;
mod picture;

use std::io::Result;

use apim_doctor_core::v1::{Finding, Fix, Path, Report, Suppression};
use apim_doctor_core::{Severity, Verdict};

use crate::output::Page;
use crate::render::words::sentence;
use escape::{fence, prose, span};

/// How many paths, findings and gaps are shown. A comment on GitHub holds 65,536 characters.
const PATHS: usize = 50;
const FINDINGS: usize = 20;
const GAPS: usize = 10;
/// How many lines of a change are shown.
const LINES: usize = 40;

/// Prints a report.
pub(crate) fn print(report: &Report, page: &mut Page<'_>) -> Result<()> {
    page.line(&format!("## apim-doctor: {}", prose(&report.headline.says)))?;
    if let Some(why) = &report.headline.why {
        page.line("")?;
        page.line(&prose(&sentence(why)))?;
    }
    if let Some(fix) = &report.headline.fix {
        page.line("")?;
        page.line(&format!("**Fix:** {}", prose(&sentence(fix))))?;
    }
    let mut paths: Vec<&Path> = report.paths.iter().collect();
    paths.sort_by_key(|path| (rank(path.verdict), path.suppressed));
    if let Some(first) = paths.first().filter(|path| path.verdict != Verdict::Pass) {
        picture::print(first, page)?;
    }
    table(&paths, page)?;
    let counting: Vec<&Finding> = report.findings.iter().filter(|finding| finding.suppressed.is_none()).collect();
    for finding in counting.iter().take(FINDINGS) {
        self::finding(finding, page)?;
    }
    more(counting.len(), FINDINGS, "findings", page)?;
    gaps(report, page)?;
    suppressions(report, page)?;
    page.line("")?;
    page.line(&format!("*{}*", prose(&report.summary.says)))
}

fn rank(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Unknown => 1,
        Verdict::Pass | Verdict::NotApplicable => 2,
    }
}

fn table(paths: &[&Path], page: &mut Page<'_>) -> Result<()> {
    if paths.is_empty() {
        return Ok(());
    }
    page.line("")?;
    page.line("| | Access path | Cause |")?;
    page.line("|---|---|---|")?;
    for path in paths.iter().take(PATHS) {
        let verdict = match path.verdict {
            Verdict::Fail if path.suppressed => "suppressed",
            Verdict::Fail => "**fail**",
            Verdict::Unknown => "unknown",
            Verdict::Pass | Verdict::NotApplicable => "pass",
        };
        let cause = path.root_cause.as_ref().map(|code| span(code.as_str())).unwrap_or_default();
        let change = path.change.as_deref().map(|change| format!(" ({})", prose(change))).unwrap_or_default();
        let name = format!("{} {}", prose(&path.consumer_noun), span(&path.label));
        // A pipe ends a cell, even in a code span.
        page.line(&format!("| {verdict}{change} | {} | {cause} |", name.replace('|', "\\|")))?;
    }
    more(paths.len(), PATHS, "access paths", page)
}

fn more(all: usize, shown: usize, noun: &str, page: &mut Page<'_>) -> Result<()> {
    match all.checked_sub(shown) {
        Some(rest @ 1..) => {
            page.line("")?;
            page.line(&format!("{rest} more {noun} are not shown here."))
        }
        _ => Ok(()),
    }
}

fn finding(finding: &Finding, page: &mut Page<'_>) -> Result<()> {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    page.line("")?;
    page.line(&format!("### {severity}: {}", span(finding.code.as_str())))?;
    page.line("")?;
    let suspected = if finding.verdict == Verdict::Unknown { "Suspected, not proved: " } else { "" };
    page.line(&format!("{suspected}{}", prose(&sentence(&finding.message))))?;
    if let Some((file, line, _)) = finding.place() {
        page.line("")?;
        page.line(&format!("In {}.", span(&format!("{file}:{line}"))))?;
    }
    match finding.best_fix.and_then(|best| finding.fixes.get(best)) {
        Some(fix) => self::fix(fix, page),
        None => Ok(()),
    }
}

fn fix(fix: &Fix, page: &mut Page<'_>) -> Result<()> {
    let trust = if fix.verified { "verified" } else { "not verified" };
    page.line("")?;
    page.line(&format!("**Fix** ({trust}): {}", prose(&sentence(&fix.title))))?;
    let (language, lines): (&str, Vec<&str>) = match &fix.diff {
        Some(diff) => ("diff", diff.lines().collect()),
        None => ("sh", fix.az.iter().map(String::as_str).collect()),
    };
    if lines.is_empty() {
        return Ok(());
    }
    let fence = fence(&lines);
    page.line("")?;
    page.line(&format!("{fence}{language}"))?;
    lines.iter().take(LINES).try_for_each(|line| page.line_of_file(line))?;
    page.line(&fence)?;
    more(lines.len(), LINES, "lines", page)
}

fn gaps(report: &Report, page: &mut Page<'_>) -> Result<()> {
    if report.gaps.is_empty() {
        return Ok(());
    }
    page.line("")?;
    page.line("### Not collected")?;
    page.line("")?;
    for gap in report.gaps.iter().take(GAPS) {
        page.line(&format!("- {}; {}", prose(&gap.what), prose(&gap.ask)))?;
    }
    more(report.gaps.len(), GAPS, "gaps", page)
}

fn suppressions(report: &Report, page: &mut Page<'_>) -> Result<()> {
    let warnings: Vec<String> = report.suppressions.iter().filter_map(Suppression::placed_warning).collect();
    if warnings.is_empty() {
        return Ok(());
    }
    page.line("")?;
    page.line("### Suppressions")?;
    page.line("")?;
    warnings.iter().try_for_each(|warning| page.line(&format!("- {}", prose(warning))))
}
