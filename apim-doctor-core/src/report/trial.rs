//! Tries fixes: applies each in memory, evaluates the affected paths again, and reverts it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::base::{Map, ResourceId, Verdict};
use crate::check;
use crate::consumer;
use crate::finding::{Code, Concerns, Edit, Finding, Fix, Gate, Line, Patch, command};
use crate::knowledge::caller_kind::ConsumerKind;
use crate::model::Estate;
use crate::path::exit::Exits;
use crate::path::{AccessPath, Case, Diagnosis, GateOutcome, TextMatch, walk};
use crate::report::simulate;
use crate::report::v1;

/// A path that was walked, without what it borrowed and without its trace.
pub(super) struct Walked {
    pub id: String,
    pub verdict: Verdict,
    pub findings: Vec<Finding>,
    /// The code and the verdict of each finding: those of the gates first, in their order.
    pub codes: Vec<(Code, Verdict)>,
    /// The code of the first certain finding of the first failing gate.
    pub root_cause: Option<Code>,
    pub gates: Vec<GateResult>,
    /// The target's host, as far as the reference names it.
    pub host: Option<String>,
    /// Resources whose change could change the outcome. Empty if a fix is tried.
    pub depends_on: Vec<ResourceId>,
    /// What each error text that somebody gave has to do with it.
    pub texts: Vec<(usize, TextMatch)>,
}

/// What a gate said, without why.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GateResult {
    pub gate: Gate,
    pub verdict: Verdict,
    /// How many findings it has.
    pub findings: usize,
}

/// Everything that was found on a path, explained.
pub(super) fn explain(case: &Case<'_>, diagnosis: &Diagnosis<'_>) -> Vec<Finding> {
    let of_gates = diagnosis.gates.iter().flat_map(|gate| gate.reasons.iter().map(move |cause| (Some(gate), cause)));
    let of_quirks = diagnosis.quirks.iter().map(|cause| (None, cause));
    of_gates.chain(of_quirks).map(|(gate, cause)| check::explain(case, diagnosis, gate, cause)).collect()
}

impl Walked {
    /// Keeps what is needed of a diagnosis.
    pub(super) fn of(id: String, diagnosis: &Diagnosis<'_>, findings: Vec<Finding>) -> Self {
        let result =
            |gate: &GateOutcome| GateResult { gate: gate.gate, verdict: gate.verdict, findings: gate.reasons.len() };
        let gates: Vec<GateResult> = diagnosis.gates.iter().map(result).collect();
        let codes: Vec<_> = findings.iter().map(|finding| (finding.code, finding.verdict)).collect();
        Self {
            id,
            verdict: diagnosis.verdict(),
            findings,
            root_cause: root_cause(&gates, &codes),
            codes,
            gates,
            host: diagnosis.reference.as_ref().map(|reference| reference.host.clone()),
            depends_on: Vec::new(),
            texts: diagnosis.texts.clone(),
        }
    }
}

fn root_cause(gates: &[GateResult], codes: &[(Code, Verdict)]) -> Option<Code> {
    let failing = gates.iter().position(|gate| gate.verdict == Verdict::Fail)?;
    let (before, rest) = gates.split_at_checked(failing)?;
    let own = codes.iter().skip(before.iter().map(|gate| gate.findings).sum()).take(rest.first()?.findings);
    own.into_iter().find(|(_, verdict)| *verdict == Verdict::Fail).map(|(code, _)| *code)
}

/// Resources whose change could change the outcome of a path.
pub(super) fn touched(diagnosis: &Diagnosis<'_>) -> Vec<ResourceId> {
    let steps = diagnosis.gates.iter().flat_map(|gate| &gate.steps);
    let named = steps.flat_map(|step| &step.evidence).filter_map(|evidence| evidence.resource.as_ref());
    let mut touched: Vec<ResourceId> = Vec::new();
    for id in named.chain(&diagnosis.depends_on) {
        if !touched.contains(id) {
            touched.push(id.clone());
        }
    }
    touched
}

/// What was found before any fix was tried.
pub(super) struct Before<'t> {
    pub estate: &'t Estate,
    pub paths: &'t [AccessPath],
    pub walked: &'t [Walked],
    pub as_of: Timestamp,
    /// Paths by the resources whose change could change them, as [`by_dependency`] says.
    pub by_dependency: Map<&'t ResourceId, Vec<usize>>,
}

/// Fixes tried in memory, on an estate of its own.
pub(super) struct Trial<'t> {
    estate: Estate,
    before: &'t Before<'t>,
    /// The path that gets worse by a patch, by the patch: many paths are opened by one.
    harmed: Map<String, Option<usize>>,
}

/// How a fix did.
pub(super) struct Tried {
    /// Why it is not verified; `None` where it is.
    pub unverified: Option<String>,
    /// The paths that it opens alone, with no other path worse for it.
    pub opened: Vec<usize>,
    /// Further paths that what it changes could change.
    pub also: Vec<usize>,
}

impl Before<'_> {
    /// Tries many things, side by side where there are many, each side on an estate of its own.
    pub(super) fn each<T: Sync, R: Send>(&self, all: &[T], judge: impl Fn(&mut Trial<'_>, &T) -> R + Sync) -> Vec<R> {
        const PIECE: usize = 8;
        let piece = all.len().div_ceil(rayon::current_num_threads()).max(PIECE);
        let tried = |piece: &[T]| {
            let mut trial = Trial { estate: self.estate.clone(), before: self, harmed: Map::default() };
            piece.iter().map(|one| judge(&mut trial, one)).collect::<Vec<R>>()
        };
        all.par_chunks(piece).flat_map_iter(tried).collect()
    }
}

/// Paths by the resources whose change could change them, for those that a fix would change.
pub(super) fn by_dependency(walked: &[Walked]) -> Map<&ResourceId, Vec<usize>> {
    let fixes = walked.iter().flat_map(|path| &path.findings).flat_map(|finding| &finding.fixes);
    let edits = fixes.filter_map(|fix| fix.patch.as_ref()).flat_map(|patch| &patch.edits);
    let mut index: Map<&ResourceId, Vec<usize>> = edits.map(|edit| (edit.resource(), Vec::new())).collect();
    for (at, path) in walked.iter().enumerate() {
        for id in &path.depends_on {
            if let Some(paths) = index.get_mut(id) {
                paths.push(at);
            }
        }
    }
    index
}

impl Trial<'_> {
    /// Paths that a patch could change, in addition to the given ones.
    fn near(&self, patch: &Patch, asked: &[usize]) -> BTreeSet<usize> {
        let mut near: BTreeSet<usize> = asked.iter().copied().collect();
        for edit in &patch.edits {
            // A grant for one principal changes nothing for another.
            if let Edit::Create { concerns: Concerns::Principal(_), .. } = edit {
                continue;
            }
            near.extend(self.before.by_dependency.get(edit.resource()).into_iter().flatten());
        }
        near
    }

    /// A path in the patched estate.
    fn case<'c>(&'c self, at: usize, path: &'c AccessPath, exits: &'c Exits<'c>) -> Case<'c> {
        let failed = self.before.walked.get(at).is_some_and(|before| before.verdict == Verdict::Fail);
        Case { estate: &self.estate, path, exits, as_of: self.before.as_of, is_repaired: failed }
    }

    /// Walks a path again.
    fn again(&self, at: usize, path: &AccessPath, exits: &Exits<'_>) -> Walked {
        let case = self.case(at, path, exits);
        let diagnosis = walk(&case);
        let findings = explain(&case, &diagnosis);
        Walked::of(String::new(), &diagnosis, findings)
    }

    /// As [`Trial::again`], for the verdict alone.
    fn verdict_again(&self, at: usize, path: &AccessPath, exits: &Exits<'_>) -> Verdict {
        walk(&self.case(at, path, exits)).verdict()
    }

    /// A path as the patched estate declares it: its own declaration may have been patched.
    fn path<'c>(&'c self, paths: &'c Map<ResourceId, Vec<AccessPath>>, at: usize) -> Option<&'c AccessPath> {
        let old = self.before.paths.get(at)?;
        // Another setting may say where the host's storage is, once one is removed; their labels are unique in an app. A
        // request may name another container.
        let same = |p: &&AccessPath| {
            p.consumer == old.consumer
                && (p.label == old.label || p.consumer == ConsumerKind::Backup)
                && (p.declared_at == old.declared_at || p.consumer == ConsumerKind::Storage)
                && p.location == old.location
        };
        match paths.get(&old.resource) {
            Some(paths) => paths.iter().find(same),
            None => Some(old),
        }
    }

    /// The paths of the instances that are asked about, as the patched estate declares them. Instances in which the
    /// patch changes nothing are left out: they declare what they declared.
    fn declared(&self, patch: &Patch, near: &BTreeSet<usize>) -> Map<ResourceId, Vec<AccessPath>> {
        let mut paths = Map::default();
        for instance in near.iter().filter_map(|at| self.before.paths.get(*at)).map(|p| &p.resource) {
            let changed = || patch.edits.iter().any(|edit| edit.resource().is_within(instance));
            if !paths.contains_key(instance) && changed() {
                paths.insert(instance.clone(), consumer::paths_of(&self.estate, instance));
            }
        }
        paths
    }

    /// Tries one fix of a finding on the paths it affects, and on the others that it could change.
    pub(super) fn verify(&mut self, finding: &Finding, fix: &Fix, affects: &[usize]) -> Tried {
        let not = |why: &str| Tried { unverified: Some(why.to_owned()), opened: Vec::new(), also: Vec::new() };
        let Some(patch) = &fix.patch else { return not("the fix needs a decision or a value from you") };
        let near = self.near(patch, affects);
        let also = near.iter().copied().filter(|at| !affects.contains(at)).collect();
        let Some(undo) = simulate::apply(&mut self.estate, patch) else {
            return not("the resource that the fix changes was not collected");
        };
        let declared = self.declared(patch, &near);
        let mut tried = Tried { unverified: None, opened: Vec::new(), also };
        let mut worse = false;
        let paths: Vec<(usize, Option<&AccessPath>)> =
            near.into_iter().map(|at| (at, self.path(&declared, at))).collect();
        let exits = Exits::of(&self.estate, paths.iter().filter_map(|(_, path)| *path));
        for (at, path) in paths {
            let (Some(before), Some(path)) = (self.before.walked.get(at), path) else {
                tried.unverified = Some("the access path no longer exists".to_owned());
                break;
            };
            let after = self.again(at, path, &exits);
            let asked = affects.contains(&at);
            tried.unverified = why_not(finding, before, &after, asked);
            if tried.unverified.is_some() {
                break;
            }
            match (before.verdict, after.verdict) {
                (Verdict::Pass, Verdict::Pass) => {}
                (Verdict::Pass, _) => worse = true,
                (_, Verdict::Pass) if asked => tried.opened.push(at),
                _ => {}
            }
        }
        undo.restore(&mut self.estate);
        if worse || tried.unverified.is_some() {
            tried.opened.clear();
        }
        tried
    }

    /// Fixes that open one failing path together: the first fix of each certain finding, tried in order.
    /// With what they change. `opens` are fixes that are known to open the path alone.
    pub(super) fn combined(&mut self, at: usize, opens: &[&Fix]) -> Option<(v1::CombinedFix, Patch)> {
        let walked = self.before.walked.get(at).filter(|w| w.verdict == Verdict::Fail)?;
        if let Some(fix) = first_fix(&walked.findings, &BTreeSet::new()).filter(|fix| opens.contains(fix)) {
            let (titles, az) = (vec![fix.title.clone()], command::texts(&fix.az));
            let combined = v1::CombinedFix { verified: true, unverified: None, titles, az, diff: None };
            return Some((combined, fix.patch.clone().unwrap_or_default()));
        }
        let mut combined =
            v1::CombinedFix { verified: false, unverified: None, titles: vec![], az: vec![], diff: None };
        let (mut patch, mut undos, mut tried) = (Patch::default(), Vec::new(), BTreeSet::new());
        let mut az: Vec<Line> = Vec::new();
        let mut findings = Cow::Borrowed(walked.findings.as_slice());
        let mut verdict = walked.verdict;
        while verdict == Verdict::Fail {
            let Some(fix) = first_fix(&findings, &tried).cloned() else {
                let open = findings.iter().find(|f| f.verdict == Verdict::Fail).map(|f| f.code);
                combined.unverified = Some(match open {
                    Some(code) => format!("`{code}` cannot be fixed within the collected resources"),
                    None => "no fix is known".to_owned(),
                });
                break;
            };
            tried.insert(fix.title.clone());
            let Some(fix_patch) = &fix.patch else { continue };
            let Some(undo) = simulate::apply(&mut self.estate, fix_patch) else { continue };
            let before = patch.edits.len();
            patch.edits.extend(fix_patch.edits.iter().cloned());
            let declared = self.declared(&patch, &BTreeSet::from([at]));
            let path = self.path(&declared, at);
            match path.map(|path| self.again(at, path, &Exits::of(&self.estate, [path]))) {
                Some(after) => {
                    undos.push(undo);
                    verdict = after.verdict;
                    findings = Cow::Owned(after.findings);
                    combined.titles.push(fix.title.clone());
                    let new: Vec<Line> = fix.az.iter().filter(|line| !az.contains(line)).cloned().collect();
                    az.extend(new);
                }
                None => {
                    undo.restore(&mut self.estate);
                    patch.edits.truncate(before);
                }
            }
        }
        if verdict == Verdict::Unknown {
            combined.unverified =
                Some("with these fixes the verdict still depends on data that was not collected".to_owned());
        }
        if verdict == Verdict::Pass {
            let worse = self.harmed_by(at, &patch);
            match worse.and_then(|other| self.before.walked.get(other)) {
                Some(other) => combined.unverified = Some(format!("the fix would break path `{}`", other.id)),
                None => combined.verified = true,
            }
        }
        undos.into_iter().rev().for_each(|undo| undo.restore(&mut self.estate));
        check::order_commands(self.before.estate, &mut az, Some(&patch));
        combined.az = command::texts(&az);
        Some((combined, patch))
    }
}

impl Trial<'_> {
    /// The first path that gets worse by a patch that was applied.
    fn harmed_by(&mut self, at: usize, patch: &Patch) -> Option<usize> {
        let key = format!("{:?}", patch.edits);
        if let Some(known) = self.harmed.get(&key) {
            return *known;
        }
        // Only a path that passed can get worse.
        let mut near = self.near(patch, &[at]);
        near.retain(|other| self.before.walked.get(*other).is_some_and(|w| w.verdict == Verdict::Pass));
        let declared = self.declared(patch, &near);
        let paths: Vec<_> = near.into_iter().map(|other| (other, self.path(&declared, other))).collect();
        let exits = Exits::of(&self.estate, paths.iter().filter_map(|(_, path)| *path));
        let passes = |other: usize, path: Option<&AccessPath>| {
            path.is_some_and(|path| self.verdict_again(other, path, &exits) == Verdict::Pass)
        };
        let worse = paths.iter().find(|(other, path)| !passes(*other, *path)).map(|(other, _)| *other);
        self.harmed.insert(key, worse);
        worse
    }
}

/// The first fix of the first certain finding that can be tried and was not.
fn first_fix<'f>(findings: &'f [Finding], tried: &BTreeSet<String>) -> Option<&'f Fix> {
    let usable = |fix: &&Fix| fix.patch.is_some() && !tried.contains(&fix.title);
    findings.iter().filter(|f| f.verdict == Verdict::Fail).find_map(|f| f.fixes.iter().find(usable))
}

/// Why a fix of this finding is not verified by what it made of a path.
fn why_not(finding: &Finding, before: &Walked, after: &Walked, asked: bool) -> Option<String> {
    let same = |f: &Finding| f.code == finding.code && f.subject == finding.subject;
    if asked && after.findings.iter().any(same) {
        return Some("the fix would not resolve the finding".to_owned());
    }
    let known = |f: &Finding| before.findings.iter().any(|b| b.code == f.code && b.subject == f.subject);
    if let Some(new) = after.findings.iter().find(|f| f.severity() >= finding.severity() && !known(f)) {
        return Some(format!("the fix would cause `{}`", new.code));
    }
    let unseen = after.gates.iter().find(|gate| gate.verdict == Verdict::Unknown && gate.gate != Gate::Object);
    unseen.filter(|_| asked).map(|gate| format!("the `{}` gate could not be evaluated", gate.gate.name()))
}
