//! What the gates said of one path.

use crate::base::{ResourceId, Verdict};
use crate::finding::{Evidence, Gate, Step};
use crate::model::Gap;
use crate::model::reference::Reference;
use crate::path::observed::TextMatch;
use crate::path::reason::Cause;
use crate::path::target::{Principal, Target};

/// What one gate said.
#[derive(Clone, Debug)]
pub struct GateOutcome {
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

/// A path that was walked.
#[derive(Clone, Debug)]
pub struct Diagnosis<'e> {
    /// The identity it uses, as far as it is known.
    pub principal: Option<Principal>,
    /// The identifier, taken apart.
    pub reference: Option<Reference>,
    /// The vault, where it was found.
    pub target: Option<Target<'e>>,
    /// The gates, in order.
    pub gates: Vec<GateOutcome>,
    /// What else is worth knowing: quirks and latent faults.
    pub quirks: Vec<Cause>,
    /// Further resources whose change could change the outcome; the steps of the gates name the others.
    pub depends_on: Vec<ResourceId>,
    /// What each error text that somebody gave has to do with the path, by its place among the observations.
    pub texts: Vec<(usize, TextMatch)>,
}

impl Diagnosis<'_> {
    /// All gates together.
    pub fn verdict(&self) -> Verdict {
        Verdict::all(self.gates.iter().map(|gate| gate.verdict))
    }
}
