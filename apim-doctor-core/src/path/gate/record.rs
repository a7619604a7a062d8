//! The record of a gate while it judges a path.

use std::borrow::Cow;

use crate::base::{ResourceId, Verdict};
use crate::finding::{Evidence, Gate, Step};
use crate::model::Gap;
use crate::path::outcome::GateOutcome;
use crate::path::reason::{Cause, Reason};

/// Collects the steps, reasons and gaps of one gate.
#[derive(Debug)]
pub(crate) struct Record {
    /// Which gate.
    pub(super) gate: Gate,
    steps: Vec<Step>,
    /// What the gate found; the first leads.
    pub(super) reasons: Vec<Cause>,
    /// What the gate could not see.
    pub(super) gaps: Vec<Gap>,
    /// Further resources whose change could change the outcome; the steps name the others.
    pub depends_on: Vec<ResourceId>,
}

impl Record {
    /// An empty record.
    pub(crate) fn of(gate: Gate) -> Self {
        Self { gate, steps: Vec::new(), reasons: Vec::new(), gaps: Vec::new(), depends_on: Vec::new() }
    }

    fn step(&mut self, question: &'static str, verdict: Verdict, evidence: Vec<Evidence>) {
        self.steps.push(Step { question, verdict, evidence });
    }

    /// Records that the answer is yes.
    pub(crate) fn pass(&mut self, question: &'static str, evidence: Vec<Evidence>) {
        self.step(question, Verdict::Pass, evidence);
    }

    /// Records that the answer is negative.
    pub(crate) fn fail(&mut self, question: &'static str, evidence: Vec<Evidence>, reason: Reason) {
        self.step(question, Verdict::Fail, evidence);
        self.reasons.push(Cause { verdict: Verdict::Fail, reason });
    }

    /// Records that the answer is unknown.
    pub(crate) fn unknown(&mut self, question: &'static str, evidence: Vec<Evidence>, gap: Gap) {
        self.step(question, Verdict::Unknown, evidence);
        self.gaps.push(gap);
    }

    /// Records that the question does not apply.
    pub(crate) fn skip(&mut self, question: &'static str, says: impl Into<Cow<'static, str>>, about: &ResourceId) {
        self.step(question, Verdict::NotApplicable, vec![Evidence::new(says, about, "")]);
    }

    /// Something worth knowing that is not certain to fail.
    pub(crate) fn suspect(&mut self, reason: Reason) {
        self.reasons.push(Cause { verdict: Verdict::Unknown, reason });
    }

    /// Something worth knowing that does not stand in the way.
    pub(crate) fn note(&mut self, reason: Reason) {
        self.reasons.push(Cause { verdict: Verdict::Pass, reason });
    }

    /// The verdict so far.
    pub(crate) fn verdict(&self) -> Verdict {
        Verdict::all(self.steps.iter().map(|step| step.verdict))
    }

    /// Downgrades every failure to `Unknown`, because the deciding fact is missing.
    pub(crate) fn in_doubt(mut self, gap: &Gap) -> Self {
        for step in self.steps.iter_mut().filter(|step| step.verdict == Verdict::Fail) {
            step.verdict = Verdict::Unknown;
            self.gaps.push(gap.clone());
        }
        for cause in self.reasons.iter_mut().filter(|cause| cause.verdict == Verdict::Fail) {
            cause.verdict = Verdict::Unknown;
        }
        self
    }

    /// Appends another record.
    pub(crate) fn join(&mut self, other: Record) {
        self.steps.extend(other.steps);
        self.reasons.extend(other.reasons);
        self.gaps.extend(other.gaps);
        self.depends_on.extend(other.depends_on);
    }

    /// What the gate says.
    pub(crate) fn close(self, assumed: bool) -> (GateOutcome, Vec<ResourceId>) {
        let verdict = self.verdict();
        let Record { gate, steps, reasons, gaps, depends_on } = self;
        (GateOutcome { gate, verdict, assumed, steps, reasons, gaps }, depends_on)
    }
}
