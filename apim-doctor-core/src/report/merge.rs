//! Merges equal findings of several paths.

use std::collections::{BTreeMap, HashSet};

use crate::base::{Map, ResourceId, Verdict};
use crate::check;
use crate::finding::{Code, Edit, Finding, Fix, Gate, Line, Patch};
use crate::model::Estate;
use crate::report::trial::{Tried, Walked};

/// One finding for all paths that share it.
pub(super) struct Merged {
    pub finding: Finding,
    pub affects: Vec<usize>,
}

pub(super) fn merge(estate: &Estate, walked: &[Walked]) -> Vec<Merged> {
    /// What each path says of a finding, and which paths do.
    type Views<'f> = (Vec<&'f Finding>, Vec<usize>);
    let mut shared: BTreeMap<(Code, &ResourceId, &str), Views<'_>> = BTreeMap::new();
    for (at, path) in walked.iter().enumerate() {
        for finding in &path.findings {
            let key = (finding.code, &finding.subject, finding.message.as_str());
            let (views, affects) = shared.entry(key).or_default();
            views.push(finding);
            if affects.last() != Some(&at) {
                affects.push(at);
            }
        }
    }
    let one = |(views, affects): (Vec<&Finding>, Vec<usize>)| Some(Merged { finding: join(estate, &views)?, affects });
    shared.into_values().filter_map(one).collect()
}

/// The most severe first; then what leads, then paths in their order, then codes in the order of the gates.
pub(super) fn by_weight(a: &Merged, b: &Merged) -> std::cmp::Ordering {
    let key = |m: &Merged| (std::cmp::Reverse(m.finding.severity()), !m.finding.leads, m.affects.first().copied());
    key(a).cmp(&key(b)).then_with(|| order(a.finding.code).cmp(&order(b.finding.code)))
}

/// Codes in the order of the gates, those of no gate last.
fn order(code: Code) -> (usize, Code) {
    (Gate::ALL.iter().position(|gate| gate.name() == code.gate()).unwrap_or(Gate::ALL.len()), code)
}

/// One finding of what each path's view of it brings, in time that grows as they do.
fn join(estate: &Estate, views: &[&Finding]) -> Option<Finding> {
    let (first, others) = views.split_first()?;
    let mut joined = (*first).clone();
    if others.iter().any(|other| other.verdict == Verdict::Fail) {
        joined.verdict = Verdict::Fail;
    }
    // For each fix, by its title: where it is, and the lines and edits that it has.
    let mut known: Map<String, (usize, HashSet<&str>, Edits)> = Map::default();
    for fix in views.iter().flat_map(|view| &view.fixes) {
        let Some((at, lines, edits)) = known.get_mut(&fix.title) else {
            let at = joined.fixes.iter().position(|own| own.title == fix.title).unwrap_or(joined.fixes.len());
            if at == joined.fixes.len() {
                joined.fixes.push(fix.clone());
            }
            let mut edits = Edits::default();
            fix.patch.iter().for_each(|patch| drop(edits.add(patch)));
            known.insert(fix.title.clone(), (at, fix.az.iter().map(Line::as_str).collect(), edits));
            continue;
        };
        let Some(own) = joined.fixes.get_mut(*at) else { continue };
        let more = fix.powershell.iter().filter(|line| !own.powershell.contains(line)).cloned().collect::<Vec<_>>();
        own.powershell.extend(more);
        own.az.extend(fix.az.iter().filter(|line| lines.insert(line.as_str())).cloned());
        if let (Some(own), Some(more)) = (&mut own.patch, &fix.patch) {
            own.edits.extend(edits.add(more));
        }
    }
    if !others.is_empty() {
        joined.fixes.iter_mut().for_each(|fix| check::order_commands(estate, &mut fix.az, fix.patch.as_ref()));
    }
    Some(joined)
}

/// The fixes that open a path alone, by the path.
pub(super) fn opens<'m>(merged: &'m [Merged], tried: &[Vec<Tried>]) -> Map<usize, Vec<&'m Fix>> {
    let mut opens: Map<usize, Vec<&Fix>> = Map::default();
    for (found, tried) in merged.iter().zip(tried) {
        for (fix, tried) in found.finding.fixes.iter().zip(tried) {
            tried.opened.iter().for_each(|at| opens.entry(*at).or_default().push(fix));
        }
    }
    opens
}

/// Edits that were made already, by what they touch.
#[derive(Clone, Default)]
pub(super) struct Edits(Map<ResourceId, Vec<Edit>>);

impl Edits {
    /// Those of a patch that are new.
    pub(super) fn add(&mut self, patch: &Patch) -> Vec<Edit> {
        let mut new = patch.edits.clone();
        new.retain(|edit| {
            let made = self.0.entry(edit.resource().clone()).or_default();
            let is_new = !made.contains(edit);
            made.extend(is_new.then(|| edit.clone()));
            is_new
        });
        new
    }
}
