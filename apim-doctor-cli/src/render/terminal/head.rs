//! The first screen: the verdict, its cause, and what to do.

use std::io::Result;

use apim_doctor_core::v1::{Finding, Fix, Outcome, Report};
use apim_doctor_core::{Safety, Verdict};

use crate::args::Common;
use crate::output::{Page, Paint, plain_but_tabs};
use crate::render::terminal::Shown;
use crate::render::words::{around, best, capital, leading, sentence, why_suppressed};

impl Page<'_> {
    /// The verdict in one line, then the cause, then the fix or the question to settle.
    pub(super) fn head(&mut self, report: &Report, common: &Common, shown: &mut Shown) -> Result<()> {
        let headline = &report.headline;
        let verdict = match headline.outcome {
            Outcome::Pass => Verdict::Pass,
            Outcome::Fail => Verdict::Fail,
            _ => Verdict::Unknown,
        };
        self.verdict_line(verdict, &capital(&headline.says), report)?;
        match leading(report) {
            Some(finding) => self.leading(finding, common, shown)?,
            None => self.question(report, common, shown)?,
        }
        match common.quiet {
            true => Ok(()),
            false => self.blank(),
        }
    }

    /// A verdict in one line, and the time of the report.
    pub(super) fn verdict_line(&mut self, verdict: Verdict, says: &str, report: &Report) -> Result<()> {
        let says = format!("{} {says}", self.sign(verdict));
        let says = match verdict {
            Verdict::Pass => says.as_success(),
            Verdict::Fail => says.as_failure(),
            _ => says.as_doubt(),
        };
        let time = report.as_of.strftime("%Y-%m-%d %H:%M UTC").to_string();
        self.apart(&says, &time.dimmed())
    }

    /// The finding that comes first, and its fix.
    fn leading(&mut self, finding: &Finding, common: &Common, shown: &mut Shown) -> Result<()> {
        self.blank()?;
        let suspected = match finding.verdict {
            Verdict::Unknown => "Suspected, not proved: ",
            _ => "",
        };
        self.wrapped("  ", &format!("{suspected}{}", sentence(&finding.message)))?;
        if let Some(suppressed) = &finding.suppressed {
            shown.findings.insert(finding.fingerprint.clone());
            return self.wrapped("  ", &why_suppressed(suppressed).dimmed());
        }
        self.blank()?;
        let Some(fix) = best(finding) else {
            return self.wrapped("  ", "No fix is known.");
        };
        self.best_fix("  ", fix)?;
        if !common.quiet && !common.verbose {
            self.commands("    ", fix)?;
            shown.findings.insert(finding.fingerprint.clone());
        }
        Ok(())
    }

    /// Without a finding: what keeps the verdict open, and the command that settles it.
    fn question(&mut self, report: &Report, common: &Common, shown: &mut Shown) -> Result<()> {
        let Some(why) = &report.headline.why else { return Ok(()) };
        let fine = if report.verdict == Verdict::Unknown && !report.paths.is_empty() {
            "Nothing that was collected is wrong. Open: "
        } else {
            ""
        };
        self.blank()?;
        self.wrapped("  ", &format!("{fine}{}", sentence(why)))?;
        let Some(ask) = &report.headline.ask else { return Ok(()) };
        self.blank()?;
        match &report.headline.run {
            None => self.wrapped("  ", &sentence(ask))?,
            Some(run) => {
                let words = around(ask, run).map(|words| format!(" {words}")).unwrap_or_default();
                self.wrapped("  ", &format!("{}{words}", "Settle it:".bold()))?;
                self.blank()?;
                self.line(&format!("    {run}"))?;
            }
        }
        if !common.verbose {
            shown.gaps.insert(why.clone());
        }
        Ok(())
    }

    /// The title of a fix, and how far it can be trusted.
    pub(super) fn best_fix(&mut self, indent: &str, fix: &Fix) -> Result<()> {
        let title = format!("{} {}.", "Fix:".bold(), fix.title.trim_end_matches('.'));
        let trust = match (fix.verified, fix.safety) {
            (true, Safety::Review) => "verified · also changes other things".green(),
            (true, _) => "verified".green(),
            (false, _) if fix.unverified.is_some() => String::new(),
            (false, _) => "not verified".yellow(),
        };
        self.ending(indent, &title, &trust)?;
        if let (false, Some(why)) = (fix.verified, &fix.unverified) {
            self.wrapped(indent, &format!("Not verified: {why}.").yellow())?;
        }
        match (fix.also_touches_count, fix.also_touches.first()) {
            (0, _) | (_, None) => Ok(()),
            (1, Some(path)) => self.wrapped(indent, &format!("It also changes path {path}.").yellow()),
            (all, Some(path)) => {
                self.wrapped(indent, &format!("It also changes {all} other paths, such as {path}.").yellow())
            }
        }
    }

    /// The commands of a fix, each in one line. A fix of files has none, and shows what changes in them, or what to write.
    pub(super) fn commands(&mut self, indent: &str, fix: &Fix) -> Result<()> {
        if let Some(diff) = &fix.diff {
            self.blank()?;
            return self.diff(indent, diff);
        }
        let snippet = fix.bicep.as_deref().or(fix.terraform.as_deref());
        let snippet = snippet.filter(|_| fix.az.is_empty() && fix.powershell.is_empty());
        let commands = fix.az.iter().chain(&fix.powershell).map(String::as_str);
        let mut lines = commands.chain(snippet.into_iter().flat_map(str::lines)).peekable();
        if lines.peek().is_some() {
            self.blank()?;
        }
        lines.try_for_each(|line| self.line(&format!("{indent}{line}")))
    }

    /// The changes of files. Lines are as long as they are in the files.
    pub(super) fn diff(&mut self, indent: &str, diff: &str) -> Result<()> {
        diff.split_terminator('\n').try_for_each(|line| {
            let line = plain_but_tabs(line);
            let painted = match line.get(..1) {
                _ if line.starts_with("---") || line.starts_with("+++") => line.bold(),
                Some("+") => line.green(),
                Some("-") => line.red(),
                Some("@") => line.cyan(),
                _ => line.clone(),
            };
            self.line_of_file(&format!("{indent}{painted}"))
        })
    }
}
