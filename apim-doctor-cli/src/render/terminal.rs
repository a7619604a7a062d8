//! Prints a report on a terminal: the answer first, then one line per gate, the evidence, the fix to copy, and the
//! gaps.

use std::collections::HashMap;
use std::io::Result;

use apim_doctor_core::v1::{
    Answer, Evidence, Finding, Fix, GapEntry, GateReport, Outcome, Path, Permitted, Report, Step,
};
use apim_doctor_core::{Asked, ResourceId, Safety, Severity, Verdict};

use crate::args::Common;
use crate::output::{Page, Paint, whole_words};

/// How many paths of a group are shown.
const MEMBERS: usize = 12;

/// Prints a report.
pub(crate) fn report(report: &Report, common: &Common, page: &mut Page<'_>) -> Result<()> {
    page.headline(report)?;
    if common.quiet {
        return Ok(());
    }
    page.paths(report, common.verbose)?;
    for finding in &report.findings {
        page.finding(finding, common.verbose)?;
    }
    page.combined(report)?;
    page.gaps(&report.gaps)?;
    page.collector(report)?;
    page.signed_in(report)?;
    if !common.verbose && !report.findings.is_empty() {
        page.line("")?;
        page.line(&"more: -v shows every question, other fixes, Bicep, Terraform and sources".dimmed())?;
    }
    Ok(())
}

/// Prints the answer to `can`.
pub(crate) fn answer(asked: &Asked, answer: &Answer, common: &Common, page: &mut Page<'_>) -> Result<()> {
    let is_denial =
        |id: &ResourceId| id.resource_type().eq_ignore_ascii_case("Microsoft.Authorization/denyAssignments");
    let mut stated = answer.trace.iter().flat_map(|step| &step.evidence);
    let denial = stated.find(|evidence| evidence.resource.as_ref().is_some_and(is_denial));
    let (word, rest) = match (answer.answer, &answer.by, denial) {
        (Permitted::Allowed, Some(by), _) => ("allowed".as_success(), format!("by {by}")),
        (Permitted::Allowed, None, _) => ("allowed".as_success(), String::new()),
        (Permitted::Denied, _, Some(denial)) => ("denied".as_failure(), denial.says.to_string()),
        (Permitted::Denied, ..) => {
            ("denied".as_failure(), "none of the role assignments, all of which were collected, allows it".to_owned())
        }
        (Permitted::Unknown, ..) => ("unknown".as_doubt(), "some of the required data was not collected".to_owned()),
    };
    page.line(&format!("{word}  {rest}"))?;
    if common.quiet {
        return Ok(());
    }
    let may = match answer.answer {
        Permitted::Allowed => "may",
        Permitted::Denied => "may not",
        Permitted::Unknown => "may or may not",
    };
    page.wrapped("  ", &format!("{} {may} {} at {}", asked.principal, asked.action, asked.scope))?;
    for step in &answer.trace {
        page.step(step, 1)?;
    }
    for gap in &answer.gaps {
        page.gap(&gap.what, &gap.ask)?;
    }
    Ok(())
}

impl Page<'_> {
    pub(super) fn mark(&self, verdict: Verdict) -> String {
        let (sign, word) = match verdict {
            Verdict::Pass => ("✓", "ok"),
            Verdict::Fail => ("✗", "FAIL"),
            Verdict::Unknown => ("?", "unknown"),
            Verdict::NotApplicable => ("·", "-"),
        };
        let text = if self.unicode { format!("{sign} {word:7}") } else { format!("{word:9}") };
        match verdict {
            Verdict::Pass => text.green(),
            Verdict::Fail => text.as_failure(),
            Verdict::Unknown => text.yellow(),
            Verdict::NotApplicable => text.dimmed(),
        }
    }

    /// The answer in three lines.
    fn headline(&mut self, report: &Report) -> Result<()> {
        let headline = &report.headline;
        let word = match headline.outcome {
            Outcome::Pass => "PASS".as_success(),
            Outcome::Fail => "FAIL".as_failure(),
            Outcome::Unknown => "UNKNOWN".as_doubt(),
            Outcome::NothingExamined => "NOTHING EXAMINED".as_doubt(),
        };
        self.line(&format!("{word}  {} (as of {})", headline.says, report.as_of))?;
        if let Some(why) = &headline.why {
            self.hanging("why   ", "      ", why)?;
        }
        if let Some(ask) = &headline.ask {
            self.hanging("ask   ", "      ", ask)?;
        }
        let Some(leading) = report.findings.iter().find(|f| Some(&f.fingerprint) == headline.finding.as_ref()) else {
            return Ok(());
        };
        let fix = best(leading).map(|fix| match (fix.verified, fix.safety) {
            (true, Safety::Review) => format!("{} (verified; review: it changes more than this path)", fix.title),
            (true, _) => format!("{} (verified)", fix.title),
            (false, _) => fix.title.clone(),
        });
        self.hanging("fix   ", "      ", &fix.unwrap_or_else(|| "no fix is known".to_owned()))
    }

    /// Paths with the same result are shown together.
    fn paths(&mut self, report: &Report, verbose: bool) -> Result<()> {
        let by_id: HashMap<&str, &Path> = report.paths.iter().map(|path| (path.id.as_str(), path)).collect();
        let groups = report.groups.iter().map(|group| group.paths.as_slice());
        let groups: Vec<&[String]> = match verbose {
            true => groups.flat_map(|group| group.chunks(1)).collect(),
            false => groups.collect(),
        };
        for group in groups {
            let group: Vec<&Path> = group.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
            self.line("")?;
            for path in group.iter().take(MEMBERS) {
                let place = path.location.as_ref().map(|l| format!(" in {l}")).unwrap_or_default();
                let reads = reads(path);
                let what = format!("{} of {}{place}, {reads}", path.consumer_noun, path.resource.name());
                self.line(&format!("{} {}  {}", self.mark(path.verdict), path.label.bold(), what.dimmed()))?;
            }
            if group.len() > MEMBERS {
                self.line(&format!("{:10}and {} more like these", "", group.len() - MEMBERS))?;
            }
            let Some(path) = group.first() else { continue };
            if path.verdict == Verdict::Pass && !verbose {
                continue;
            }
            if let Some(symptom) = &path.first_symptom {
                self.hanging("  you see: ", "           ", symptom)?;
            }
            if path.gates.iter().any(|gate| gate.assumed && gate.verdict == Verdict::Pass) {
                self.line(&format!("  {}", "\"then\": the result once the failures above are fixed".dimmed()))?;
            }
            for gate in &path.gates {
                self.gate(gate, verbose)?;
            }
        }
        Ok(())
    }

    fn gate(&mut self, gate: &GateReport, verbose: bool) -> Result<()> {
        let is_result = matches!(gate.verdict, Verdict::Pass | Verdict::Fail);
        let then = if gate.assumed && is_result { "then: " } else { "" };
        let head = format!("  {} {:14}", self.mark(gate.verdict), gate.gate.name());
        let room = self.width.saturating_sub(27).max(20);
        let says = self.spelled(&format!("{then}{}", gate.says)).into_owned();
        let lines = textwrap::wrap(&says, whole_words(room));
        for (at, line) in lines.iter().enumerate() {
            match at {
                0 => self.line(&format!("{head} {line}"))?,
                _ => self.line(&format!("{:27}{line}", ""))?,
            }
        }
        if verbose {
            gate.steps.iter().try_for_each(|step| self.step(step, 2))?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, depth: usize) -> Result<()> {
        let indent = "  ".repeat(depth);
        self.line(&format!("{indent}{} {}", self.mark(step.verdict), step.question))?;
        step.evidence.iter().try_for_each(|evidence| self.evidence(evidence, &format!("{indent}            ")))
    }

    fn evidence(&mut self, evidence: &Evidence, indent: &str) -> Result<()> {
        let resource = evidence.resource.as_ref().map(|id| id.name().to_owned()).unwrap_or_default();
        let place = match (&evidence.file, evidence.line) {
            (Some(file), Some(line)) => format!(", {file}:{line}"),
            _ => String::new(),
        };
        let at = match resource.is_empty() {
            true => String::new(),
            false => format!(" [{resource}{}{place}]", evidence.pointer),
        };
        let rest = format!("{indent}  ");
        self.hanging(&format!("{indent}- "), &rest, &format!("{}{at}", evidence.says))
    }

    fn finding(&mut self, finding: &Finding, verbose: bool) -> Result<()> {
        let severity = match finding.severity {
            Severity::Error => "error".as_failure(),
            Severity::Warning => "warning".as_doubt(),
            Severity::Info => "info".cyan(),
        };
        self.line("")?;
        self.line(&format!("{severity}  {}  {}", finding.code.bold(), finding.title))?;
        self.wrapped("  ", &finding.message)?;
        if !finding.evidence.is_empty() {
            self.line(&format!("  {}", "because".bold()))?;
            finding.evidence.iter().try_for_each(|evidence| self.evidence(evidence, "    "))?;
        }
        if let Some(meaning) = &finding.meaning {
            self.line(&format!("  {}", "what it means".bold()))?;
            self.wrapped("    ", meaning)?;
        }
        let mut fixes: Vec<&Fix> = finding.fixes.iter().collect();
        if !verbose {
            fixes = best(finding).into_iter().collect();
        }
        fixes.into_iter().try_for_each(|fix| self.fix(fix, verbose))?;
        for probe in finding.confirm.iter().filter(|_| verbose || finding.verdict != Verdict::Fail) {
            self.line(&format!("  {} {}", "confirm from".bold(), probe.run_from))?;
            self.line(&format!("    {}", probe.command))?;
            self.wrapped("    ", &format!("expect: {}", probe.expect))?;
        }
        if verbose {
            for source in &finding.sources {
                self.line(&format!("  {}", format!("source: {} (read {})", source.url, source.read_on).dimmed()))?;
            }
        }
        Ok(())
    }

    fn fix(&mut self, fix: &Fix, verbose: bool) -> Result<()> {
        let state = match (&fix.unverified, fix.verified) {
            (_, true) => "verified: a simulation with this fix no longer shows the finding".green(),
            (Some(why), false) => format!("not verified: {why}").yellow(),
            (None, false) => "not verified".yellow(),
        };
        self.hanging("  fix: ", "       ", &fix.title)?;
        self.line(&format!("    {state}"))?;
        if fix.safety == Safety::Review {
            let review = match (fix.also_touches_count, fix.also_touches.first()) {
                (0, _) | (_, None) => "review it: it changes more than this path".to_owned(),
                (1, Some(id)) => format!("review it: it also touches path {id}"),
                (all, Some(id)) => format!("review it: it also touches {all} other paths, such as {id}"),
            };
            self.line(&format!("    {}", review.yellow()))?;
        }
        fix.az.iter().try_for_each(|line| self.line(&format!("    {}", line)))?;
        for (name, text) in [("bicep", &fix.bicep), ("terraform", &fix.terraform)] {
            if let Some(text) = text.as_ref().filter(|_| verbose) {
                self.line(&format!("    {}", format!("# {name}").dimmed()))?;
                text.lines().try_for_each(|line| self.line(&format!("    {line}")))?;
            }
        }
        Ok(())
    }

    /// Where one fix is not enough, the set that opens a path.
    fn combined(&mut self, report: &Report) -> Result<()> {
        let sets = report.paths.iter().filter_map(|path| Some((path, path.combined_fix.as_ref()?)));
        for (path, set) in sets.filter(|(_, set)| set.titles.len() > 1) {
            let state = match (set.verified, &set.unverified) {
                (true, _) => "verified: together they fix the path".green(),
                (false, Some(why)) => format!("not sufficient: {why}").yellow(),
                (false, None) => "not verified".yellow(),
            };
            self.line("")?;
            self.line(&format!("{} {}", "all fixes for".bold(), path.label.bold()))?;
            self.line(&format!("    {state}"))?;
            for (at, title) in set.titles.iter().enumerate() {
                self.hanging(&format!("    {}. ", at + 1), "       ", title)?;
            }
        }
        Ok(())
    }

    fn gaps(&mut self, gaps: &[GapEntry]) -> Result<()> {
        if gaps.is_empty() {
            return Ok(());
        }
        self.line("")?;
        self.line(&"not collected".bold())?;
        for gap in gaps.iter().take(20) {
            self.gap(&gap.what, &gap.ask)?;
        }
        if gaps.len() > 20 {
            self.line(&format!("  and {} more; -o json lists them all", gaps.len() - 20))?;
        }
        if gaps.iter().filter(|gap| gap.status == Some(403)).count() > 1 {
            self.wrapped("  ", "`apim-doctor permissions` prints one role for all of them")?;
        }
        Ok(())
    }

    /// What the collecting machine saw from outside the paths' subnets: information only.
    fn collector(&mut self, report: &Report) -> Result<()> {
        if report.collector_saw.is_empty() {
            return Ok(());
        }
        let title = "seen by the collecting machine (it is not in the subnet of a path, so no path uses this)";
        self.line("")?;
        self.line(&title.bold())?;
        report.collector_saw.iter().take(20).try_for_each(|seen| self.wrapped("  ", seen))
    }

    /// Who collected the data: another identity may be allowed to read more or less.
    fn signed_in(&mut self, report: &Report) -> Result<()> {
        let Some(who) = &report.signed_in else { return Ok(()) };
        let named = |what: &str, value: &Option<String>| value.as_ref().map(|value| format!(" {what} {value}"));
        let parts =
            [named("with", &who.credential), named("as object", &who.object_id), named("of tenant", &who.tenant_id)];
        let parts: String = parts.into_iter().flatten().collect();
        self.line("")?;
        self.wrapped("", &format!("read{parts}"))
    }

    fn gap(&mut self, what: &str, ask: &str) -> Result<()> {
        self.hanging("  ? ", "    ", what)?;
        self.hanging("    what to do: ", "      ", ask)
    }
}

/// The fix to try first.
fn best(finding: &Finding) -> Option<&Fix> {
    finding.fixes.get(finding.best_fix?)
}

/// Describes what a path does with its target.
fn reads(path: &Path) -> String {
    let host = path.target.host.as_deref().and_then(|host| host.split('.').next());
    if path.consumer == "function-storage" {
        let service = path.label.rsplit('/').next().unwrap_or_default();
        return format!("uses the {service} service of {}", host.unwrap_or("a storage account"));
    }
    let object = path.target.object.as_deref().unwrap_or("a secret");
    format!("reads {object} in {}", host.unwrap_or("a vault"))
}
