//! A report for a terminal. The first screen answers: what is wrong, why, and what to do. Then every path with its
//! gates, everything else that was found, and the data that was not collected. The last line sums up.

mod answer;
mod change;
mod finding;
mod fleet;
mod head;
mod path;
mod roles;
mod trace;
mod vault;

pub(crate) use answer::{answer, what, who};
pub(crate) use change::{diff, what_if};
pub(crate) use fleet::fleet;
pub(crate) use roles::roles;

use std::collections::BTreeSet;
use std::io::Result;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::{GapEntry, Report, Suppression};

use crate::args::Common;
use crate::exit::Status;
use crate::output::{Page, Paint};
use crate::render::words::{around, leading};

/// With more groups than this, the paths are counted by cause.
const GROUPS: usize = 12;

/// How many gaps are listed.
const GAPS: usize = 20;

/// What a page has shown already, so that nothing is printed twice.
#[derive(Default)]
struct Shown {
    /// Fingerprints of findings.
    findings: BTreeSet<String>,
    /// What was not collected.
    gaps: BTreeSet<String>,
}

/// Prints a report. `status`: how the program ends.
pub(crate) fn report(report: &Report, common: &Common, status: Status, page: &mut Page<'_>) -> Result<()> {
    let mut shown = Shown::default();
    page.shortens = !common.verbose;
    page.head(report, common, &mut shown)?;
    if !common.quiet {
        page.paths(report, common.verbose, &mut shown)?;
        for finding in &report.findings {
            match common.verbose {
                true => page.whole_finding(finding)?,
                false => page.further_finding(finding, &mut shown)?,
            }
        }
        page.combined(report)?;
        report.paths.iter().try_for_each(|path| page.backup_of_instance(path))?;
        report.backup_vaults.iter().try_for_each(|vault| page.backup_vault(vault, common.verbose))?;
        page.gaps(&report.gaps, common.verbose, &mut shown)?;
        if common.verbose {
            page.collector(report)?;
            page.signed_in(report)?;
        }
        page.not_used(report)?;
    }
    // They can fail a run in which everything works.
    if !common.quiet || status == Status::Found {
        page.suppressions(report)?;
    }
    if !common.quiet {
        page.blank()?;
        page.wrapped("", &report.coverage.says.dimmed())?;
        page.more(report, common.verbose)?;
    }
    page.wrapped("", &format!("{} · exit {}", report.summary.says, status.number()))
}

impl Page<'_> {
    /// Where to read on.
    fn more(&mut self, report: &Report, verbose: bool) -> Result<()> {
        let explain = leading(report).map(|finding| format!("explain: apim-doctor explain {}", finding.code));
        let more = (!verbose).then(|| "more: -v".to_owned());
        let page = (report.groups.len() > GROUPS).then(|| "every path: -o html=FILE".to_owned());
        let parts: Vec<String> = explain.into_iter().chain(page).chain(more).collect();
        match parts.is_empty() {
            true => Ok(()),
            false => self.line(&parts.join("    ").dimmed()),
        }
    }

    /// What was recognized in the input and is not used, with what to do.
    fn not_used(&mut self, report: &Report) -> Result<()> {
        for piece in &report.coverage.not_used {
            self.blank()?;
            self.hanging("Not used: ", "  ", &format!("{}:{}: {}", piece.file, piece.line, piece.what))?;
            self.wrapped("  ", &piece.help)?;
        }
        Ok(())
    }

    /// Suppressions that have ended, or that apply to no finding.
    fn suppressions(&mut self, report: &Report) -> Result<()> {
        let warnings: Vec<String> = report.suppressions.iter().filter_map(Suppression::placed_warning).collect();
        if warnings.is_empty() {
            return Ok(());
        }
        self.blank()?;
        self.line(&"Suppressions".bold())?;
        warnings.iter().try_for_each(|warning| self.hanging("  ", "    ", warning))
    }

    /// What was not collected and was not shown yet.
    fn gaps(&mut self, gaps: &[GapEntry], verbose: bool, shown: &mut Shown) -> Result<()> {
        let new: Vec<&GapEntry> = gaps.iter().filter(|gap| verbose || shown.gaps.insert(gap.what.clone())).collect();
        let open = |gap: &&&GapEntry| verbose || gap.run.is_some();
        let (mut listed, mut count) = (0, 0);
        for gap in new.iter().filter(open) {
            count += 1;
            if listed == GAPS {
                continue;
            }
            if listed == 0 {
                self.blank()?;
                self.line(&"Not collected".bold())?;
            }
            listed += 1;
            self.gap(&gap.what, &gap.ask, gap.run.as_deref())?;
        }
        if count > listed {
            self.line(&format!("  and {} more: -o json lists them all", count - listed))?;
        }
        let closed = new.len() - count;
        if closed > 0 {
            let says = format!("{closed} more that nothing can be collected for: -v lists them");
            self.blank()?;
            self.line(&says.dimmed())?;
        }
        if gaps.iter().filter(|gap| gap.status == Some(403)).count() > 1 {
            self.wrapped("  ", "One role reads all that was refused: `apim-doctor permissions` prints it.")?;
        }
        Ok(())
    }

    /// One fact that is missing, and the command that collects it.
    fn gap(&mut self, what: &str, ask: &str, run: Option<&str>) -> Result<()> {
        let mark = self.sign(Verdict::Unknown).yellow();
        self.hanging(&format!("{mark} "), "  ", what)?;
        let Some(run) = run else { return self.wrapped("    ", ask) };
        if let Some(words) = around(ask, run) {
            self.wrapped("  ", &format!("{words}:"))?;
        }
        self.line(&format!("    {run}"))
    }

    /// What the collecting machine saw from outside the paths' subnets: information only.
    fn collector(&mut self, report: &Report) -> Result<()> {
        if report.collector_saw.is_empty() {
            return Ok(());
        }
        let title = "Seen by the collecting machine (it is not in the subnet of a path, so no path uses this)";
        self.blank()?;
        self.wrapped("", &title.bold())?;
        report.collector_saw.iter().take(GAPS).try_for_each(|seen| self.wrapped("  ", seen))
    }

    /// Who collected the data: another identity may be allowed to read more or less.
    fn signed_in(&mut self, report: &Report) -> Result<()> {
        let Some(who) = &report.signed_in else { return Ok(()) };
        let named = |what: &str, value: &Option<String>| value.as_ref().map(|value| format!(" {what} {value}"));
        let parts =
            [named("with", &who.credential), named("as object", &who.object_id), named("of tenant", &who.tenant_id)];
        let parts: String = parts.into_iter().flatten().collect();
        self.blank()?;
        self.wrapped("", &format!("Collected{parts}"))
    }

    /// The sign of a verdict.
    fn sign(&self, verdict: Verdict) -> &'static str {
        match (verdict, self.unicode) {
            (Verdict::Pass, true) => "✓",
            (Verdict::Fail, true) => "✗",
            (Verdict::Unknown, true) => "?",
            (Verdict::NotApplicable, true) => "·",
            (Verdict::Pass, false) => "ok",
            (Verdict::Fail, false) => "FAIL",
            (Verdict::Unknown, false) => "??",
            (Verdict::NotApplicable, false) => "--",
        }
    }

    /// The sign of a verdict, in its colour.
    fn coloured_sign(&self, verdict: Verdict) -> String {
        let sign = self.sign(verdict);
        match verdict {
            Verdict::Pass => sign.green(),
            Verdict::Fail => sign.as_failure(),
            Verdict::Unknown => sign.as_doubt(),
            Verdict::NotApplicable => sign.dimmed(),
        }
    }

    /// The sign of a verdict with a word, for lists.
    pub(super) fn mark(&self, verdict: Verdict) -> String {
        let word = match verdict {
            Verdict::Pass => "ok",
            Verdict::Fail => "FAIL",
            Verdict::Unknown => "unknown",
            Verdict::NotApplicable => "-",
        };
        let text = if self.unicode { format!("{} {word:7}", self.sign(verdict)) } else { format!("{word:9}") };
        match verdict {
            Verdict::Pass => text.green(),
            Verdict::Fail => text.as_failure(),
            Verdict::Unknown => text.yellow(),
            Verdict::NotApplicable => text.dimmed(),
        }
    }
}
