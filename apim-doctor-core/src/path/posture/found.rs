//! What the parts of this module collect.

use crate::base::Verdict;
use crate::eval::setting::Setting;
use crate::model::Gap;
use crate::path::reason::{Cause, Reason};

/// What was found, and what is not known.
#[derive(Default)]
pub(in crate::path) struct Posture {
    /// What is wrong.
    pub causes: Vec<Cause>,
    /// What could not be seen.
    pub open: Vec<Gap>,
    /// How the backups are guarded.
    pub rows: Vec<Setting>,
}

impl Posture {
    pub(super) fn note(&mut self, verdict: Verdict, reason: Reason) {
        self.causes.push(Cause { verdict, reason });
    }
}
