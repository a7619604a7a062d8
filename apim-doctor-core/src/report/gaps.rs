//! Gaps, with the paths that depend on them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Gap;
use crate::report::v1;

/// What could not be seen, with the paths it affects.
#[derive(Default)]
pub(super) struct Gaps(BTreeMap<Gap, BTreeSet<String>>);

impl Gaps {
    pub(super) fn add(&mut self, gap: Gap, path: Option<&String>) {
        if !gap.is_earlier() {
            self.0.entry(gap).or_default().extend(path.cloned());
        }
    }

    pub(super) fn list(self) -> Vec<v1::GapEntry> {
        let entry = |(gap, affects): (Gap, BTreeSet<String>)| {
            let closing = gap.closing();
            v1::GapEntry {
                what: gap.what(),
                ask: closing.to_string(),
                run: closing.run.map(|line| line.to_string()),
                kind: gap.kind().name().into(),
                status: gap.kind().status(),
                affects: affects.into_iter().collect(),
                suppressed: false,
                about: gap.about(),
                is_left_out: gap.is_left_out(),
            }
        };
        let mut entries: Vec<v1::GapEntry> = self.0.into_iter().map(entry).collect();
        entries.sort_by(|a, b| (&a.what, &a.ask).cmp(&(&b.what, &b.ask)));
        entries
    }
}
