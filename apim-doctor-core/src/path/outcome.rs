//! What a gate said of one path.

use crate::base::Verdict;
use crate::finding::{Evidence, Gate, Step};
use crate::model::Gap;
use crate::path::reason::Cause;

/// What one gate said.
#[derive(Clone, Debug)]
pub(crate) struct GateOutcome {
    /// Which gate.
    pub gate: Gate,
    /// Its verdict.
    pub verdict: Verdict,
    /// Evaluated as if earlier gates had passed, because one of them failed or is unknown.
    pub assumed: bool,
    /// How it got there.
    pub steps: Vec<Step>,
    /// What it found; the first leads.
    pub reasons: Vec<Cause>,
    /// What it could not see.
    pub gaps: Vec<Gap>,
}

impl GateOutcome {
    /// Takes back that the gate passes: something else that is known contradicts it.
    pub(super) fn withdraw(&mut self, question: &'static str, evidence: Vec<Evidence>, gap: Gap) {
        self.verdict = Verdict::Unknown;
        self.steps.push(Step { question, verdict: Verdict::Unknown, evidence });
        self.gaps.push(gap);
    }
}
