//! What a change does to the paths of a report.

use std::collections::HashMap;

use crate::base::Verdict;
use crate::report::v1::{Path, Report};

impl Report {
    /// Says of each path what became of it since another report: `new`, `breaks`, `repairs`, `still-broken` or
    /// `unchanged`. A path that is described already keeps that.
    pub fn compare(&mut self, before: &Report) {
        let key = |path: &Path| (path.consumer.clone(), path.resource.clone(), path.label.to_ascii_lowercase());
        // Of paths that share a key, the first counts.
        let failed: HashMap<_, _> =
            before.paths.iter().rev().map(|path| (key(path), path.verdict == Verdict::Fail)).collect();
        for path in self.paths.iter_mut().filter(|path| path.change.is_none()) {
            let change = match (failed.get(&key(path)), path.verdict == Verdict::Fail) {
                (None, _) => "new",
                (Some(false), true) => "breaks",
                (Some(true), false) => "repairs",
                (Some(true), true) => "still-broken",
                (Some(false), false) => "unchanged",
            };
            path.change = Some(change.into());
        }
    }
}
