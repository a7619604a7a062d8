//! Paths that were judged.

use crate::finding::Finding;
use crate::model::Gap;
use crate::path::{AccessPath, Case, Diagnosis};
use crate::report::files::Files;
use crate::report::gate::Gates;
use crate::report::path::path_report;
use crate::report::trial::{Walked, touched};
use crate::report::v1;

/// A path that was judged.
pub(super) struct Judged {
    pub report: v1::Path,
    pub walked: Walked,
    /// What its gates could not see.
    pub unseen: Vec<Gap>,
    /// What is not known of resources beside the access.
    pub open: Vec<Gap>,
}

impl Judged {
    pub(super) fn of(
        case: &Case<'_>,
        id: &str,
        (diagnosis, findings): (Diagnosis<'_>, Vec<Finding>),
        files: &Files<'_>,
        gates: &mut Gates<'_>,
    ) -> Self {
        let unseen = diagnosis.gates.iter().flat_map(|gate| gate.gaps.iter().cloned()).collect();
        let open = diagnosis.open.clone();
        let mut walked = Walked::of(id.to_owned(), &diagnosis, findings);
        walked.depends_on = touched(&diagnosis);
        Self { report: path_report(case, diagnosis, &walked, files, gates), walked, unseen, open }
    }
}

/// The order of paths in a report.
pub(super) fn by_place(a: &AccessPath, b: &AccessPath) -> std::cmp::Ordering {
    let (one, other) = (a.origin.name(), b.origin.name());
    (&a.resource, a.consumer.name(), &a.label, one).cmp(&(&b.resource, b.consumer.name(), &b.label, other))
}
