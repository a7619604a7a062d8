//! What the gates said of one path.

use crate::base::{ResourceId, Verdict};
use crate::eval::setting::Setting;
use crate::finding::Gate;
use crate::model::Gap;
use crate::model::reference::Reference;
use crate::path::outcome::{GateOutcome, doubt};
use crate::path::reason::Cause;
use crate::path::target::{Principal, Target};
use crate::path::text_match::TextMatch;

/// A path that was walked.
#[derive(Clone, Debug)]
pub(crate) struct Diagnosis<'e> {
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
    /// What is not known of resources beside the access: the age of backups, the jobs that make them.
    pub open: Vec<Gap>,
    /// How the backups are guarded that the path makes.
    pub rows: Vec<Setting>,
    /// Further resources whose change could change the outcome; the steps of the gates name the others.
    pub depends_on: Vec<ResourceId>,
    /// What each error text that somebody gave has to do with the path, by its place among the observations.
    pub texts: Vec<(usize, TextMatch)>,
}

impl Diagnosis<'_> {
    /// Takes back that gates fail.
    pub(crate) fn doubt(&mut self, gates: &[Gate], gap: &Gap) {
        doubt(&mut self.gates, gates, gap);
    }

    /// Takes back that the access fails or works: it may not be there at all.
    pub(crate) fn perhaps(&mut self, gap: &Gap) {
        self.doubt(&Gate::ALL, gap);
        if let Some(first) = self.gates.first_mut() {
            first.withdraw("is it deployed?", Vec::new(), gap.clone());
        }
    }

    /// Takes back everything that was found: something decides that is not known.
    pub(crate) fn open_up(&mut self, gap: &Gap) {
        self.doubt(&Gate::ALL, gap);
        self.quirks.clear();
        self.gates.iter_mut().for_each(|gate| gate.reasons.clear());
        if let Some(first) = self.gates.first_mut() {
            first.withdraw("is the configuration of the caller known?", Vec::new(), gap.clone());
        }
    }

    /// All gates together.
    pub(crate) fn verdict(&self) -> Verdict {
        Verdict::all(self.gates.iter().map(|gate| gate.verdict))
    }
}
