//! What becomes of each path between two states.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::base::Verdict;
use crate::change::v1::{Effects, GonePath};
use crate::report::PathKey;
use crate::report::v1::Report;

/// What a path was before, by its key.
pub(super) type Before = BTreeMap<PathKey, (String, Verdict)>;

/// What the paths of a report are, by their keys.
pub(super) fn before(report: &Report) -> Before {
    let own = report.paths.iter().map(|path| (path.id.clone(), path.verdict));
    PathKey::of_report(report).into_iter().zip(own).collect()
}

/// A verdict, where nothing to check is nothing wrong.
pub(super) fn settled(verdict: Verdict) -> Verdict {
    if verdict == Verdict::NotApplicable { Verdict::Pass } else { verdict }
}

/// What became of a path.
pub(super) fn change(before: Option<Verdict>, after: Verdict) -> &'static str {
    match (before.map(settled), settled(after)) {
        (None, _) => "new",
        (Some(Verdict::Fail), Verdict::Fail) => "still-broken",
        (Some(_), Verdict::Fail) => "breaks",
        (Some(Verdict::Fail), Verdict::Pass) => "repairs",
        (Some(Verdict::Pass | Verdict::Fail), Verdict::Unknown) => "becomes-unknown",
        (Some(Verdict::Unknown), Verdict::Pass) => "becomes-known",
        _ => "unchanged",
    }
}

/// Says of each path of a report what became of it, and counts them. Also the paths that are gone.
pub(super) fn compare(report: &mut Report, before: &Before) -> (Effects, Vec<GonePath>) {
    let mut effects = Effects::default();
    let keys = PathKey::of_report(report);
    for (path, key) in report.paths.iter_mut().zip(&keys) {
        let change = change(before.get(key).map(|(_, verdict)| *verdict), path.verdict);
        let count = match change {
            "new" => &mut effects.new,
            "still-broken" => &mut effects.still_broken,
            "breaks" => &mut effects.breaks,
            "repairs" => &mut effects.repairs,
            "becomes-unknown" => &mut effects.becomes_unknown,
            "becomes-known" => &mut effects.becomes_known,
            _ => &mut effects.unchanged,
        };
        *count += 1;
        path.change = Some(Cow::Borrowed(change));
    }
    let keys: BTreeSet<&PathKey> = keys.iter().collect();
    let is_gone = |(key, _): &(&PathKey, &(String, Verdict))| !keys.contains(key);
    let gone: Vec<GonePath> = before
        .iter()
        .filter(is_gone)
        .map(|(_, (id, verdict))| GonePath { id: id.clone(), verdict: *verdict })
        .collect();
    effects.gone = gone.len();
    (effects, gone)
}
