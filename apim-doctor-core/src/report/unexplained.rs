//! Reports error texts that no path explains.

use std::collections::BTreeSet;

use crate::base::{Map, ResourceId};
use crate::check;
use crate::finding::Finding;
use crate::model::{ClosedBy, Estate, Gap};
use crate::path::{AccessPath, TextMatch, TextSubject};
use crate::report::options::Options;
use crate::report::trial::Walked;

/// Error texts that were given and that no path accounts for, and what is not known for that.
///
/// A text that clearly names another vault, account or caller leaves the paths as they are.
pub(super) fn unexplained(
    estate: &Estate,
    options: &Options,
    paths: &[AccessPath],
    walked: &[Walked],
) -> (Vec<Finding>, Vec<Gap>) {
    let (mut findings, mut gaps) = (Vec::new(), Vec::new());
    let Some(first) = paths.first() else { return (findings, gaps) };
    let mut matches_of: Map<usize, Vec<&TextMatch>> = Map::default();
    for (at, found) in walked.iter().flat_map(|path| &path.texts) {
        matches_of.entry(*at).or_default().push(found);
    }
    for (at, observation) in estate.observations.iter().enumerate().filter(|(_, o)| !o.is_status) {
        let about = observation.resource.as_ref();
        let is_asked =
            |id: &ResourceId| options.resources.is_empty() || options.resources.iter().any(|o| id.is_within(o));
        let matches = matches_of.remove(&at).unwrap_or_default();
        // A text about a resource that has no path here is about something else.
        if matches.is_empty() && about.is_some_and(|id| !is_asked(id)) {
            continue;
        }
        if matches
            .iter()
            .any(|found| matches!(found, TextMatch::Explains | TextMatch::Contradicts | TextMatch::Outdated))
        {
            continue;
        }
        let others: BTreeSet<&TextSubject> = matches
            .iter()
            .filter_map(|found| match found {
                TextMatch::Elsewhere(other) => Some(other),
                _ => None,
            })
            .collect();
        let silent = matches.iter().any(|found| **found == TextMatch::Silent);
        let clear = |other: &&TextSubject| {
            matches!(other, TextSubject::Vault(_) | TextSubject::Account(_) | TextSubject::Caller(_))
        };
        let is_clear = !silent && !others.is_empty() && others.iter().all(clear);
        let subject = about.filter(|id| is_asked(id)).or(options.resources.first()).unwrap_or(&first.resource);
        findings.push(check::of_text(subject, &observation.error, &others, is_clear));
        if !is_clear {
            let what = "which request the given error text comes from: none of the access paths found explains it";
            gaps.push(Gap::incomplete(what, ClosedBy::Diagnose("--error -")).advise(
                "collect the resource that the text is about, or give the whole text with its code and inner code",
            ));
        }
    }
    (findings, gaps)
}
