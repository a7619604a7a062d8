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

/// Failures of these gates are not certain.
pub(super) fn doubt(gates: &mut [GateOutcome], of: &[Gate], gap: &Gap) {
    for gate in gates.iter_mut().filter(|gate| gate.verdict == Verdict::Fail && of.contains(&gate.gate)) {
        gate.verdict = Verdict::Unknown;
        gate.gaps.push(gap.clone());
        let failed = gate.reasons.iter_mut().filter(|cause| cause.verdict == Verdict::Fail);
        failed.for_each(|cause| cause.verdict = Verdict::Unknown);
        let steps = gate.steps.iter_mut().filter(|step| step.verdict == Verdict::Fail);
        steps.for_each(|step| step.verdict = Verdict::Unknown);
    }
}
