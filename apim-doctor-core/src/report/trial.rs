//! Fixes tried: applied in memory, the paths they could change walked again, and taken back.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::base::{Map, ResourceId, Verdict};
use crate::check::{self, Context};
use crate::consumer;
use crate::finding::{Edit, Finding, Fix, Gate, Patch, Severity};
use crate::model::Estate;
use crate::path::{AccessPath, Case, Diagnosis, walk};
use crate::report::simulate;
use crate::report::v1;

/// A path that was walked, without what it borrowed.
pub(super) struct Walked {
    pub id: String,
    pub verdict: Verdict,
    pub findings: Vec<Finding>,
    pub touches: Vec<ResourceId>,
    pub gates: Vec<(Gate, Verdict)>,
}

/// Everything that was found on a path, explained.
pub(super) fn explain(case: &Case<'_>, diagnosis: &Diagnosis<'_>) -> Vec<Finding> {
    let of_gates = diagnosis.gates.iter().flat_map(|gate| gate.reasons.iter().map(move |cause| (Some(gate), cause)));
    let of_quirks = diagnosis.quirks.iter().map(|cause| (None, cause));
    of_gates.chain(of_quirks).map(|(gate, cause)| check::explain(&Context { case, diagnosis, gate, cause })).collect()
}

impl Walked {
    /// Keeps what is needed of a diagnosis.
    pub fn of(id: String, diagnosis: &Diagnosis<'_>, findings: Vec<Finding>) -> Self {
        Self {
            id,
            verdict: diagnosis.verdict(),
            findings,
            touches: diagnosis.touches.clone(),
            gates: diagnosis.gates.iter().map(|gate| (gate.gate, gate.verdict)).collect(),
        }
    }
}

/// Paths by the resources whose change could change them.
pub(super) fn by_touch(walked: &[Walked]) -> Map<ResourceId, Vec<usize>> {
    let mut index: Map<ResourceId, Vec<usize>> = Map::default();
    for (at, path) in walked.iter().enumerate() {
        for id in &path.touches {
            let paths = index.entry(id.clone()).or_default();
            if paths.last() != Some(&at) {
                paths.push(at);
            }
        }
    }
    index
}

/// Fixes tried in memory.
pub(super) struct Trial<'t> {
    pub estate: &'t mut Estate,
    pub paths: &'t [AccessPath],
    pub walked: &'t [Walked],
    pub as_of: Timestamp,
    pub by_touch: Map<ResourceId, Vec<usize>>,
}

impl Trial<'_> {
    /// Paths that a patch could change, besides those that are asked about.
    fn near(&self, patch: &Patch, asked: &[usize]) -> BTreeSet<usize> {
        let mut near: BTreeSet<usize> = asked.iter().copied().collect();
        for edit in &patch.edits {
            // A grant for one principal changes nothing for another.
            if let Edit::Create { principal: Some(_), .. } = edit {
                continue;
            }
            near.extend(self.by_touch.get(edit.touches()).into_iter().flatten());
        }
        near
    }

    /// Walks a path again. Its own declaration may have been patched, so it is read anew.
    fn again(&self, paths: &Map<ResourceId, Vec<AccessPath>>, at: usize) -> Option<Walked> {
        let case = self.case(paths, at)?;
        let diagnosis = walk(&case);
        let findings = explain(&case, &diagnosis);
        Some(Walked::of(String::new(), &diagnosis, findings))
    }

    /// As [`Trial::again`], for the verdict alone.
    fn verdict_again(&self, paths: &Map<ResourceId, Vec<AccessPath>>, at: usize) -> Option<Verdict> {
        Some(walk(&self.case(paths, at)?).verdict())
    }

    /// A path as the patched estate declares it.
    fn case<'c>(&'c self, paths: &'c Map<ResourceId, Vec<AccessPath>>, at: usize) -> Option<Case<'c>> {
        let old = self.paths.get(at)?;
        let same = |p: &&AccessPath| {
            p.consumer == old.consumer
                && p.label == old.label
                && p.declared_at == old.declared_at
                && p.origin == old.origin
        };
        let path = match paths.get(&old.resource) {
            Some(paths) => paths.iter().find(same)?,
            None => old,
        };
        Some(Case { estate: self.estate, path, as_of: self.as_of })
    }

    /// The paths of the instances that are asked about, as the patched estate declares them. Instances in which the
    /// patch changes nothing are left out: they declare what they declared.
    fn declared(&self, patch: &Patch, near: &BTreeSet<usize>) -> Map<ResourceId, Vec<AccessPath>> {
        let mut paths = Map::default();
        for instance in near.iter().filter_map(|at| self.paths.get(*at)).map(|p| &p.resource) {
            let changed = || patch.edits.iter().any(|edit| edit.touches().is_within(instance));
            if !paths.contains_key(instance) && changed() {
                paths.insert(instance.clone(), consumer::paths_of(self.estate, instance));
            }
        }
        paths
    }

    /// Why a fix is not verified; `None` where it is.
    pub fn verify(
        &mut self,
        code: &str,
        subject: &ResourceId,
        severity: Severity,
        fix: &Fix,
        affects: &[usize],
    ) -> Option<String> {
        let Some(patch) = &fix.patch else {
            return Some("a person has to decide or supply something".to_owned());
        };
        let near = self.near(patch, affects);
        let Some(undo) = simulate::apply(self.estate, patch) else {
            return Some("what it changes was not read".to_owned());
        };
        let declared = self.declared(patch, &near);
        let mut reason = None;
        for at in near {
            let (Some(before), Some(after)) = (self.walked.get(at), self.again(&declared, at)) else {
                reason = Some("the path is not there any more".to_owned());
                break;
            };
            let same = |f: &Finding| f.check.code == code && f.subject == *subject;
            if affects.contains(&at) && after.findings.iter().any(same) {
                reason = Some("the finding would still be there".to_owned());
                break;
            }
            let known = |f: &Finding| before.findings.iter().any(|b| b.check == f.check && b.subject == f.subject);
            if let Some(new) = after.findings.iter().find(|f| f.severity() >= severity && !known(f)) {
                reason = Some(format!("`{}` would come instead", new.check.code));
                break;
            }
            let unseen = after.gates.iter().find(|(gate, v)| *v == Verdict::Unknown && *gate != Gate::Object);
            if let Some((gate, _)) = unseen.filter(|_| affects.contains(&at)) {
                reason = Some(format!("gate {} could not be judged", gate.name()));
                break;
            }
        }
        undo.restore(self.estate);
        reason
    }

    /// Fixes that open one failing path together: the first fix of each certain finding, tried in order.
    pub fn combined(&mut self, at: usize, report: Option<&mut v1::Path>) -> Option<Patch> {
        let walked = self.walked.get(at).filter(|w| w.verdict == Verdict::Fail)?;
        let report = report?;
        let mut combined = v1::CombinedFix { verified: false, unverified: None, titles: vec![], az: vec![] };
        let (mut patch, mut undos, mut tried) = (Patch::default(), Vec::new(), BTreeSet::new());
        let mut findings = Cow::Borrowed(walked.findings.as_slice());
        let mut verdict = walked.verdict;
        while verdict == Verdict::Fail {
            let next = findings.iter().filter(|f| f.verdict == Verdict::Fail).find_map(|finding| {
                let usable = |fix: &&Fix| fix.patch.is_some() && !tried.contains(&fix.title);
                finding.fixes.iter().find(usable).cloned()
            });
            let Some(fix) = next else {
                let open = findings.iter().find(|f| f.verdict == Verdict::Fail).map(|f| f.check.code);
                combined.unverified = Some(match open {
                    Some(code) => format!("`{code}` needs something outside of what was read"),
                    None => "no fix is known".to_owned(),
                });
                break;
            };
            tried.insert(fix.title.clone());
            let Some(fix_patch) = &fix.patch else { continue };
            let Some(undo) = simulate::apply(self.estate, fix_patch) else { continue };
            let before = patch.edits.len();
            patch.edits.extend(fix_patch.edits.iter().cloned());
            match self.again(&self.declared(&patch, &BTreeSet::from([at])), at) {
                Some(after) => {
                    undos.push(undo);
                    verdict = after.verdict;
                    findings = Cow::Owned(after.findings);
                    combined.titles.push(fix.title.clone());
                    combined
                        .az
                        .extend(fix.az.iter().filter(|line| !combined.az.contains(line)).cloned().collect::<Vec<_>>());
                }
                None => {
                    undo.restore(self.estate);
                    patch.edits.truncate(before);
                }
            }
        }
        if verdict == Verdict::Unknown {
            combined.unverified = Some("after these, what was not seen still decides".to_owned());
        }
        if verdict == Verdict::Pass {
            // Only a path that passed can get worse.
            let mut near = self.near(&patch, &[at]);
            near.retain(|other| self.walked.get(*other).is_some_and(|w| w.verdict == Verdict::Pass));
            let declared = self.declared(&patch, &near);
            let worse = near.into_iter().find(|other| self.verdict_again(&declared, *other) != Some(Verdict::Pass));
            match worse.and_then(|other| self.walked.get(other)) {
                Some(other) => combined.unverified = Some(format!("path `{}` would get worse", other.id)),
                None => combined.verified = true,
            }
        }
        undos.into_iter().rev().for_each(|undo| undo.restore(self.estate));
        let verified = combined.verified;
        report.combined_fix = Some(combined);
        verified.then_some(patch)
    }
}
