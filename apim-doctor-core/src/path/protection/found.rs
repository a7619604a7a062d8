//! What the parts of this module collect.

use crate::base::{ResourceId, Verdict};
use crate::eval::recovery;
use crate::model::recovery::ProtectedItem;
use crate::model::{Gap, Resource};
use crate::path::reason::{Cause, Item, Reason};

/// What was found, what is not known, and what both depend on.
#[derive(Default)]
pub(in crate::path) struct Protection {
    /// What is wrong.
    pub causes: Vec<Cause>,
    /// What could not be seen.
    pub open: Vec<Gap>,
    /// Resources whose change could change it.
    pub depends_on: Vec<ResourceId>,
}

impl Protection {
    pub(super) fn fail(&mut self, reason: Reason) {
        self.causes.push(Cause { verdict: Verdict::Fail, reason });
    }

    /// Something that is certain and no error.
    pub(super) fn warn(&mut self, reason: Reason) {
        self.causes.push(Cause { verdict: Verdict::Pass, reason });
    }

    pub(super) fn suspect(&mut self, reason: Reason) {
        self.causes.push(Cause { verdict: Verdict::Unknown, reason });
    }
}

/// An item, as findings name it.
pub(super) fn named(item: &Resource<ProtectedItem>) -> Item {
    Item {
        id: item.id.clone(),
        label: recovery::label_of(item).to_owned(),
        machine: recovery::machine_of(item).cloned(),
    }
}
