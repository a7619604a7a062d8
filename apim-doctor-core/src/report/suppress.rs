//! What the owner of an estate accepts: levels of codes, suppressed findings, and a baseline of known ones. None of it
//! changes a verdict; it changes what counts.

mod baseline;
mod rule;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use jiff::Timestamp;

use crate::base::{Map, Verdict};
use crate::finding::Severity;
use crate::report::headline::lead_again;
use crate::report::v1::{Finding, Path, Report, Suppressed};

pub use baseline::{Baseline, Known};
pub use rule::{Level, PatternError, Rule};

/// What its owner accepts of a report.
///
/// ```
/// use apim_doctor_core::{Baseline, Estate, Input, Options, Suppressions, diagnose};
/// let (estate, _) = Estate::read(vec![Input::new("empty.json", *b"[]")]);
/// let mut report = diagnose(&estate, &Options::default());
/// let known = Baseline::of(&report);
/// Suppressions::default().with_baseline(known).apply(&mut report);
/// assert!(report.findings.iter().all(|finding| finding.suppressed.is_some()));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Suppressions {
    /// Levels and suppressions. Of several levels for one finding the last one counts.
    pub rules: Vec<Rule>,
    /// What was known before.
    pub baselines: Vec<Baseline>,
    /// The time by which rules expire; by default the one that the report is judged from, which is that of a recording.
    pub as_of: Option<Timestamp>,
    /// The real paths of files that a report names in another way than from the current folder.
    pub(crate) files: BTreeMap<String, PathBuf>,
}

/// What is accepted of one finding.
#[derive(Default)]
struct Accepted {
    /// Whether it is accepted for each path that it affects.
    paths: Vec<bool>,
    /// Whether it is accepted as a whole.
    whole: bool,
    /// By what.
    by: Option<Suppressed>,
    /// What it counts as.
    level: Option<Level>,
}

impl Suppressions {
    /// Adds a rule.
    #[must_use]
    pub fn with_rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a baseline.
    #[must_use]
    pub fn with_baseline(mut self, baseline: Baseline) -> Self {
        self.baselines.push(baseline);
        self
    }

    /// Says in a report what counts. A finding that is suppressed for all its paths is marked, and so is a path if every
    /// finding that keeps it from passing is. Expired rules suppress nothing.
    pub fn apply(&self, report: &mut Report) {
        let as_of = self.as_of.unwrap_or(report.as_of);
        let mut uses = vec![0; self.rules.len()];
        let paths: Map<&str, usize> =
            report.paths.iter().enumerate().map(|(at, path)| (path.id.as_str(), at)).collect();
        let keys = baseline::keys(&report.paths);
        // For each path: whether something fails it, and whether all that does is accepted.
        let mut failures = vec![(false, true); report.paths.len()];
        let mut accepted = Vec::with_capacity(report.findings.len());
        for finding in &report.findings {
            let affected: Vec<Option<usize>> =
                finding.affects.iter().map(|id| paths.get(id.as_str()).copied()).collect();
            let path_of = |at: &Option<usize>| at.and_then(|at| report.paths.get(at).zip(keys.get(at)));
            let affects: Vec<Option<(&Path, &String)>> = affected.iter().map(path_of).collect();
            let own = self.judge(finding, &affects, as_of, &mut uses);
            let is_lowered = own.level.and_then(Level::severity).is_some_and(|level| level < Severity::Error);
            for (at, is_accepted) in affected.iter().zip(&own.paths) {
                let failure = at.and_then(|at| failures.get_mut(at)).filter(|_| finding.verdict == Verdict::Fail);
                if let Some((fails, all)) = failure {
                    (*fails, *all) = (true, *all && (*is_accepted || own.whole || is_lowered));
                }
            }
            accepted.push(own);
        }
        for (finding, own) in report.findings.iter_mut().zip(accepted) {
            finding.severity = own.level.and_then(Level::severity).unwrap_or(finding.severity);
            finding.suppressed = own.by.filter(|_| own.whole);
        }
        for ((path, key), (fails, all)) in report.paths.iter_mut().zip(&keys).zip(failures) {
            path.suppressed = match path.verdict {
                Verdict::Fail => fails && all,
                Verdict::Unknown => self.baselines.iter().any(|known| known.knows_undecided(key, path)),
                Verdict::Pass | Verdict::NotApplicable => false,
            };
        }
        let listed: HashSet<&str> = report.paths.iter().map(|path| path.id.as_str()).collect();
        for gap in report.gaps.iter_mut().filter(|gap| !gap.affects.iter().any(|id| listed.contains(id.as_str()))) {
            gap.suppressed = self.baselines.iter().any(|known| known.gaps.contains(&gap.what));
        }
        report.suppressions = self.rules.iter().zip(uses).filter_map(|(rule, uses)| rule.told(uses, as_of)).collect();
        count_again(report);
        lead_again(report);
    }

    /// What is accepted of a finding. `affects`: the paths that it affects, with what identifies them.
    fn judge(
        &self,
        finding: &Finding,
        affects: &[Option<(&Path, &String)>],
        as_of: Timestamp,
        uses: &mut [usize],
    ) -> Accepted {
        let mut accepted = Accepted::none(affects.len());
        for (rule, uses) in self.rules.iter().zip(uses) {
            if rule.is_expired(as_of) || !rule.names(&finding.code) {
                continue;
            }
            let covers = |path: &Option<(&Path, _)>| rule.covers(finding, path.map(|(path, _)| path), &self.files);
            let covered: Vec<bool> = affects.iter().map(covers).collect();
            let covers_all = !covered.is_empty() && covered.iter().all(|covers| *covers);
            let is_whole = covers_all || rule.covers(finding, None, &self.files);
            if !is_whole && !covered.contains(&true) {
                continue;
            }
            *uses += 1;
            match rule.level {
                Level::Off => accepted.add(&covered, is_whole, || rule.suppressed()),
                // The last level counts, also after `off`.
                level if is_whole => {
                    accepted = Accepted { level: Some(level), ..Accepted::none(affects.len()) };
                }
                _ => {}
            }
        }
        for baseline in &self.baselines {
            // A level that makes it count less makes it no worse, and one that makes it count more does not either.
            let level = accepted.level.and_then(Level::severity).unwrap_or(finding.severity);
            let severity = level.min(finding.severity);
            if let Some(known) = baseline.find(finding).filter(|known| !known.is_worse(finding.verdict, severity)) {
                let knows = |(path, key): (&Path, &String)| baseline.knows(known, key, path.verdict);
                let covered: Vec<bool> = affects.iter().map(|path| path.is_some_and(knows)).collect();
                accepted.add(&covered, covered.iter().all(|covers| *covers), || baseline.suppressed());
            }
        }
        accepted.whole |= !accepted.paths.is_empty() && accepted.paths.iter().all(|covers| *covers);
        accepted
    }
}

impl Accepted {
    /// Nothing is accepted, of a finding that affects some paths.
    fn none(paths: usize) -> Self {
        Self { paths: vec![false; paths], ..Self::default() }
    }

    fn add(&mut self, covered: &[bool], is_whole: bool, by: impl FnOnce() -> Suppressed) {
        for (own, covers) in self.paths.iter_mut().zip(covered) {
            *own |= covers;
        }
        self.whole |= is_whole;
        if is_whole || covered.contains(&true) {
            self.by.get_or_insert_with(by);
        }
    }
}

/// Counts the findings that count.
fn count_again(report: &mut Report) {
    let counted = |severity: Severity| {
        let own = report.findings.iter().filter(|finding| finding.suppressed.is_none());
        own.filter(|finding| finding.severity == severity).count()
    };
    let (error, warning, info) = (counted(Severity::Error), counted(Severity::Warning), counted(Severity::Info));
    let suppressed = report.findings.len() - error - warning - info;
    report.summary.findings.error = error;
    report.summary.findings.warning = warning;
    report.summary.findings.info = info;
    report.summary.findings.suppressed = suppressed;
    if suppressed > 0 {
        let noun = if suppressed == 1 { "finding" } else { "findings" };
        report.summary.says.push_str(&format!(" · {suppressed} {noun} suppressed"));
    }
}
