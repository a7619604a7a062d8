//! Findings: what is wrong, the facts, and the fixes.

use std::io::Result;

use apim_doctor_core::v1::{Evidence, Finding, Fix, Report};
use apim_doctor_core::{Safety, Severity, Verdict};

use crate::files::LIVE;
use crate::output::{Page, Paint};
use crate::render::terminal::Shown;
use crate::render::words::{best, sentence, why_suppressed};

impl Page<'_> {
    /// A finding that does not lead: its message, its facts where no path showed them, and its best fix.
    pub(super) fn further_finding(&mut self, finding: &Finding, shown: &mut Shown) -> Result<()> {
        if !shown.findings.insert(finding.fingerprint.clone()) {
            return Ok(());
        }
        self.blank()?;
        let sign = match (finding.verdict, finding.severity) {
            (Verdict::Fail, Severity::Error) => self.coloured_sign(Verdict::Fail),
            (_, Severity::Info) => "i".cyan(),
            _ => "!".as_doubt(),
        };
        self.hanging(&format!("{sign} "), "  ", &sentence(&finding.message))?;
        self.line(&format!("  {}", finding.code.dimmed()))?;
        if let Some(suppressed) = &finding.suppressed {
            return self.wrapped("  ", &why_suppressed(suppressed).dimmed());
        }
        if shown.findings.insert(format!("facts of {}", finding.fingerprint)) {
            finding.evidence.iter().try_for_each(|fact| self.fact(fact, "    "))?;
        }
        if let Some(fix) = best(finding) {
            self.best_fix("  ", fix)?;
            self.commands("    ", fix)?;
        }
        for way in finding.confirm.iter().filter(|_| finding.verdict != Verdict::Fail) {
            self.wrapped("  ", &format!("{} run from {}:", "Confirm it:".bold(), way.run_from))?;
            self.line(&format!("    {}", way.command))?;
            self.wrapped("  ", &format!("expected: {}", way.expect))?;
        }
        Ok(())
    }

    /// A fact, and the file and line where it stands at the right.
    pub(super) fn fact(&mut self, fact: &Evidence, indent: &str) -> Result<()> {
        let at = match (&fact.file, fact.line, &fact.resource) {
            (Some(file), Some(line), _) if **file != *LIVE => {
                format!("{}:{line}", file.rsplit(['/', '\\']).next().unwrap_or_default())
            }
            (_, _, Some(id)) => id.name().to_owned(),
            _ => String::new(),
        };
        self.ending(indent, &fact.says, &at.dimmed())
    }

    /// Everything that is known of a finding.
    pub(super) fn whole_finding(&mut self, finding: &Finding) -> Result<()> {
        let severity = match finding.severity {
            Severity::Error => "error".as_failure(),
            Severity::Warning => "warning".as_doubt(),
            Severity::Info => "info".cyan(),
        };
        self.blank()?;
        self.hanging(&format!("{severity}  {}  ", finding.code.bold()), "  ", &finding.title)?;
        self.wrapped("  ", &sentence(&finding.message))?;
        if let Some(suppressed) = &finding.suppressed {
            self.wrapped("  ", &why_suppressed(suppressed))?;
        }
        if !finding.evidence.is_empty() {
            self.line(&format!("  {}", "because".bold()))?;
            finding.evidence.iter().try_for_each(|fact| self.evidence(fact, "    "))?;
        }
        if let Some(meaning) = &finding.meaning {
            self.line(&format!("  {}", "what it means".bold()))?;
            self.wrapped("    ", meaning)?;
        }
        finding.fixes.iter().try_for_each(|fix| self.whole_fix(fix))?;
        for way in &finding.confirm {
            self.line(&format!("  {} {}", "confirm from".bold(), way.run_from))?;
            self.line(&format!("    {}", way.command))?;
            self.wrapped("    ", &format!("expected: {}", way.expect))?;
        }
        for source in &finding.sources {
            self.line(&format!("  {}", format!("source: {} (read {})", source.url, source.read_on).dimmed()))?;
        }
        Ok(())
    }

    fn whole_fix(&mut self, fix: &Fix) -> Result<()> {
        let state = match (&fix.unverified, fix.verified) {
            (_, true) if fix.diff.is_some() => "verified: the changed files no longer show the finding".green(),
            (_, true) => "verified: a simulation with this fix no longer shows the finding".green(),
            (Some(why), false) => format!("not verified: {why}").yellow(),
            (None, false) => "not verified".yellow(),
        };
        self.hanging("  fix: ", "       ", &fix.title)?;
        self.wrapped("    ", &state)?;
        if fix.safety == Safety::Review {
            let review = match (fix.also_touches_count, fix.also_touches.first()) {
                (0, _) | (_, None) => "review it: it changes more than this path".to_owned(),
                (1, Some(id)) => format!("review it: it also changes path {id}"),
                (all, Some(id)) => format!("review it: it also changes {all} other paths, such as {id}"),
            };
            self.wrapped("    ", &review.yellow())?;
        }
        fix.az.iter().chain(&fix.powershell).try_for_each(|line| self.line(&format!("    {line}")))?;
        if let Some(diff) = &fix.diff {
            return self.diff("    ", diff);
        }
        for (name, text) in [("bicep", &fix.bicep), ("terraform", &fix.terraform)] {
            if let Some(text) = text {
                self.line(&format!("    {}", format!("# {name}").dimmed()))?;
                text.lines().try_for_each(|line| self.line(&format!("    {line}")))?;
            }
        }
        Ok(())
    }

    /// Where one fix is not enough, the set that opens a path.
    pub(super) fn combined(&mut self, report: &Report) -> Result<()> {
        let sets = report.paths.iter().filter_map(|path| Some((path, path.combined_fix.as_ref()?)));
        for (path, set) in sets.filter(|(_, set)| set.titles.len() > 1) {
            self.blank()?;
            self.wrapped("", &format!("{} {}", "All fixes for".bold(), path.label.bold()))?;
            for (at, title) in set.titles.iter().enumerate() {
                self.hanging(&format!("  {}. ", at + 1), "     ", title)?;
            }
            let state = match (set.verified, &set.unverified) {
                (true, _) => "Verified: together they fix the path.".green(),
                (false, Some(why)) => format!("Not sufficient: {why}.").yellow(),
                (false, None) => "Not verified.".yellow(),
            };
            self.wrapped("  ", &state)?;
            if let Some(diff) = &set.diff {
                self.diff("  ", diff)?;
            }
        }
        Ok(())
    }
}
