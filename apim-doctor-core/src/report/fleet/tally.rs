//! Counts records by cause.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::line::{GapLine, Line, LineError, PathLine};
use crate::base::{ResourceId, Verdict};
use crate::finding::{Code, Severity};
use crate::knowledge::caller_kind::CallerKind;
use crate::report::v1::{
    CallerCount, FindingCount, Fleet, FleetCause, FleetError, FleetExample, FleetGap, PathCount, Tool,
};

/// Counts records as they come: what it keeps grows with the callers, not with what is said about them.
///
/// ```
/// use apim_doctor_core::fleet::Tally;
/// let mut tally = Tally::default();
/// let caller = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/orders";
/// tally.add(&format!(r#"{{"record":"caller","asOf":"2026-12-01T09:00:00Z","resource":"{caller}","verdict":"pass"}}"#), 1)?;
/// assert_eq!(tally.fleet().callers.pass, 1);
/// # Ok::<(), apim_doctor_core::fleet::LineError>(())
/// ```
#[derive(Debug, Default)]
pub struct Tally {
    as_of: Option<Timestamp>,
    incomplete: Vec<String>,
    callers: CallerCount,
    subscriptions: HashSet<String>,
    paths: PathCount,
    suppressed: usize,
    findings: FindingCount,
    /// Findings by their fingerprints: one about a shared resource comes with each batch of its callers.
    known: HashSet<String>,
    causes: HashMap<String, Counted>,
    undecided: HashMap<String, Counted>,
    /// Errors by code: how many findings, and the subject of one.
    errors: HashMap<String, (usize, ResourceId)>,
    /// Callers of which a part was not read.
    unread: usize,
    gaps: HashMap<String, FleetGap>,
    /// Suppressions that are wrong.
    wrong: usize,
}

#[derive(Debug)]
struct Counted {
    paths: usize,
    callers: HashSet<ResourceId>,
    example: FleetExample,
}

impl Tally {
    /// Counts one record. `number`: its line, from 1.
    ///
    /// # Errors
    /// Where the text is not a record.
    pub fn add(&mut self, text: &str, number: usize) -> Result<(), LineError> {
        self.count(&Line::read(text, number)?);
        Ok(())
    }

    /// Says why there may be more callers, or other results.
    pub fn incomplete(&mut self, why: impl Into<String>) {
        self.incomplete.push(why.into());
    }

    pub(super) fn count(&mut self, line: &Line) {
        self.as_of = self.as_of.max(Some(line.as_of()).filter(|time| *time != Timestamp::MIN));
        match line {
            Line::Path(path) => self.path(path),
            Line::Finding(finding) => {
                if finding.suppressed || !self.known.insert(finding.fingerprint.clone()) {
                    return;
                }
                match finding.severity {
                    Severity::Error => {
                        self.findings.error += 1;
                        let error = self.errors.entry(finding.code.clone()).or_insert((0, finding.subject.clone()));
                        error.0 += 1;
                        error.1 = error.1.clone().min(finding.subject.clone());
                    }
                    Severity::Warning => self.findings.warning += 1,
                    Severity::Info => self.findings.info += 1,
                }
            }
            Line::Suppression(_) => self.wrong += 1,
            Line::Gap(gap) => self.gap(gap),
            Line::Caller(caller) => {
                let count = match caller.verdict {
                    Verdict::Pass => &mut self.callers.pass,
                    Verdict::Fail => &mut self.callers.fail,
                    Verdict::Unknown => &mut self.callers.unknown,
                    Verdict::NotApplicable => &mut self.callers.none,
                };
                *count += 1;
                self.unread += usize::from(caller.verdict == Verdict::Unknown && caller.unknown == 0);
                let subscription = caller.resource.subscription().unwrap_or_default();
                if !self.subscriptions.contains(subscription) {
                    self.subscriptions.insert(subscription.to_owned());
                }
            }
            Line::Run(run) => self.incomplete.extend(run.incomplete.iter().cloned()),
            Line::Other => {}
        }
    }

    fn path(&mut self, path: &PathLine) {
        self.suppressed += usize::from(path.suppressed);
        let (count, causes, cause) = match path.verdict {
            Verdict::Fail => (&mut self.paths.fail, &mut self.causes, &path.root_cause),
            Verdict::Unknown => (&mut self.paths.unknown, &mut self.undecided, &path.first_gate),
            _ => {
                self.paths.pass += 1;
                return;
            }
        };
        *count += 1;
        if path.suppressed {
            return;
        }
        let example =
            || FleetExample { path: path.id.clone(), resource: path.resource.clone(), label: path.label.clone() };
        let counted = causes.entry(cause.clone().unwrap_or_else(|| "unexplained".to_owned()));
        let counted = counted.or_insert_with(|| Counted { paths: 0, callers: HashSet::new(), example: example() });
        counted.paths += 1;
        // The same example, whatever comes first.
        if path.id < counted.example.path {
            counted.example = example();
        }
        counted.callers.insert(CallerKind::caller_of(&path.resource).unwrap_or_else(|| path.resource.clone()));
    }

    fn gap(&mut self, gap: &GapLine) {
        if gap.suppressed {
            return;
        }
        let GapLine { what, ask, kind, .. } = gap;
        // What is not collected for each of many callers differs in the caller alone.
        let key = what.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let one = || FleetGap { what: what.clone(), ask: ask.clone(), kind: kind.clone(), count: 0 };
        self.gaps.entry(key).or_insert_with(one).count += 1;
    }

    /// The summary of what was counted so far.
    #[must_use]
    pub fn fleet(&self) -> Fleet {
        let mut gaps: Vec<FleetGap> = self.gaps.values().cloned().collect();
        gaps.sort_by(|one, other| (other.count, &one.what).cmp(&(one.count, &other.what)));
        Fleet {
            apim_doctor: "fleet/v1".into(),
            tool: Tool::default(),
            as_of: self.as_of,
            complete: self.incomplete.is_empty(),
            incomplete: self.incomplete.clone(),
            callers: self.callers.clone(),
            subscriptions: self.subscriptions.len(),
            paths: self.paths.clone(),
            suppressed: self.suppressed,
            findings: self.findings.clone(),
            causes: listed(&self.causes, title),
            errors: self.other_errors(),
            undecided: listed(&self.undecided, |gate| format!("undecided at the gate `{gate}`")),
            gaps,
        }
    }

    /// Errors that are no path's cause: what works today and will not for long, and what is about a resource alone.
    fn other_errors(&self) -> Vec<FleetError> {
        let others = self.errors.iter().filter(|(code, _)| !self.causes.contains_key(*code));
        let mut listed: Vec<FleetError> = others
            .map(|(code, (findings, example))| FleetError {
                code: code.clone(),
                title: title(code),
                findings: *findings,
                example: example.clone(),
            })
            .collect();
        listed.sort_by(|one, other| (other.findings, &one.code).cmp(&(one.findings, &other.code)));
        listed
    }

    /// Whether a path was found.
    #[must_use]
    pub fn examined(&self) -> bool {
        self.paths.pass + self.paths.fail + self.paths.unknown > 0
    }

    /// Whether something that counts is certainly broken.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        !self.causes.is_empty() || self.findings.error > 0
    }

    /// Whether something that counts may break, or a suppression is wrong.
    #[must_use]
    pub fn has_warnings(&self) -> bool {
        self.findings.warning > 0 || self.wrong > 0
    }

    /// Whether something that counts could not be evaluated.
    #[must_use]
    pub fn has_unknowns(&self) -> bool {
        !self.undecided.is_empty() || !self.gaps.is_empty() || self.unread > 0
    }
}

/// What a code means; a code of another version means itself.
fn title(code: &str) -> String {
    Code::of(code).map_or_else(|| code.to_owned(), |code| code.title().to_owned())
}

/// The causes of most paths first.
fn listed(causes: &HashMap<String, Counted>, title: impl Fn(&str) -> String) -> Vec<FleetCause> {
    let mut listed: Vec<FleetCause> = causes
        .iter()
        .map(|(code, Counted { paths, callers, example })| FleetCause {
            code: code.clone(),
            title: title(code),
            paths: *paths,
            callers: callers.len(),
            example: example.clone(),
        })
        .collect();
    listed.sort_by(|one, other| (other.paths, &one.code).cmp(&(one.paths, &other.code)));
    listed
}
