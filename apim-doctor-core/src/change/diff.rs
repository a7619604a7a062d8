//! Compares two recordings or two reports: what broke, what was repaired, and which change did it.
//!
//! A cause is found by trying: changes are carried over from the recording after to the one before, until the verdict
//! turns, and then as few of them as turn it.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{ResourceId, Verdict};
use crate::change::compare::{Before, before as paths_of, compare, settled};
use crate::change::difference::{Unit, units};
use crate::change::error::ChangeError;
use crate::change::recording::Recording;
use crate::change::v1::{Diff, Transition};
use crate::model::Estate;
use crate::report::v1::{Cause, Report};
use crate::report::{Options, PathKey, diagnose, outcomes};

/// How many sets of changes are tried.
const MOST: usize = 4_000;

/// How many pairs of changes are tried before larger sets are made smaller.
const PAIRS: usize = 400;

/// Compares two recordings.
///
/// # Errors
/// When an input is not JSON that can be changed.
pub fn diff(before: &Estate, after: &Estate, options: &Options) -> Result<Diff, ChangeError> {
    let of = |estate: &Estate| Recording::of(estate).map_err(|error| ChangeError::new(error.to_string(), error.help));
    let (old, new) = (of(before)?, of(after)?);
    let (was, mut report) = (diagnose(before, options), diagnose(after, options));
    let (effects, gone) = compare(&mut report, &paths_of(&was));
    let units = units(&old, &new);
    let mut trials = Trials { before: &old, units: &units, options, known: BTreeMap::new() };
    let mut transitions = transitions(&was, &report);
    let all: Vec<usize> = (0..units.len()).collect();
    let mut needed: BTreeSet<usize> = BTreeSet::new();
    for (key, one) in &mut transitions {
        let near = near(one, &was, &report);
        match trials.causes(key, one.after.map(settled), &all, &near) {
            Ok((cause, also)) => {
                let places = |set: &[usize]| -> Vec<Cause> {
                    set.iter().filter_map(|at| units.get(*at)).map(|unit| unit.place.clone()).collect()
                };
                needed.extend(cause.iter().chain(also.iter().flatten()));
                one.caused_by = places(&cause);
                one.also = also.iter().map(|set| places(set)).collect();
            }
            Err(why) => one.unexplained = Some(why),
        }
    }
    let rest: Vec<usize> = all.iter().copied().filter(|at| !needed.contains(at)).collect();
    let unexplained = transitions.iter().any(|(_, one)| one.unexplained.is_some());
    let unchanged = trials.of(&[]).cloned();
    let rest_does_not_matter = !unexplained && trials.of(&rest) == unchanged.as_ref();
    let keys = PathKey::of_report(&report);
    let caused: BTreeMap<&PathKey, &Vec<Cause>> = transitions.iter().map(|(key, one)| (key, &one.caused_by)).collect();
    for (path, key) in report.paths.iter_mut().zip(&keys) {
        path.caused_by = caused.get(key).copied().cloned().unwrap_or_default();
    }
    let changes = units.iter().enumerate().map(|(at, unit)| unit.report(needed.contains(&at))).collect();
    let transitions = transitions.into_iter().map(|(_, one)| one).collect();
    Ok(Diff { report, effects, transitions, changes: Some(changes), rest_does_not_matter, gone })
}

/// Compares two reports. They do not contain the configuration, so no causes are named.
pub fn diff_reports(before: &Report, after: &Report) -> Diff {
    let mut report = after.clone();
    let (effects, gone) = compare(&mut report, &paths_of(before));
    let why = "reports do not contain the configuration: compare the recordings";
    let unexplained = |(_, one): (PathKey, Transition)| Transition { unexplained: Some(why.to_owned()), ..one };
    let transitions = transitions(before, &report).into_iter().map(unexplained).collect();
    Diff { report, effects, transitions, changes: None, rest_does_not_matter: false, gone }
}

/// The paths whose verdict is another one, in the order of their keys.
fn transitions(before: &Report, after: &Report) -> Vec<(PathKey, Transition)> {
    let (old, new): (Before, Before) = (paths_of(before), paths_of(after));
    let keys: BTreeSet<&PathKey> = old.keys().chain(new.keys()).collect();
    let one = |key: &PathKey| {
        let (old, new) = (old.get(key), new.get(key));
        let verdict = |path: Option<&(String, Verdict)>| path.map(|(_, verdict)| settled(*verdict));
        let path = new.or(old).map(|(id, _)| id.clone())?;
        (verdict(old) != verdict(new)).then(|| {
            let (before, after) = (old.map(|(_, own)| *own), new.map(|(_, own)| *own));
            (key.clone(), Transition { path, before, after, caused_by: vec![], also: vec![], unexplained: None })
        })
    };
    keys.into_iter().filter_map(one).collect()
}

/// The resources that a path's verdict rests on, before and after.
fn near(one: &Transition, before: &Report, after: &Report) -> BTreeSet<ResourceId> {
    let paths = [before, after].into_iter().flat_map(|report| &report.paths).filter(|path| path.id == one.path);
    let mut near = BTreeSet::new();
    for path in paths {
        near.insert(path.resource.clone());
        near.extend(path.target.resource.clone());
        near.extend(path.declared_at.resource.clone());
        near.extend(path.principal.as_ref().map(|principal| principal.resource.clone()));
        let steps = path.gates.iter().flat_map(|gate| &gate.steps);
        near.extend(steps.flat_map(|step| &step.evidence).filter_map(|evidence| evidence.resource.clone()));
    }
    near
}

/// What sets of changes come to.
struct Trials<'t> {
    before: &'t Recording,
    units: &'t [Unit],
    options: &'t Options,
    known: BTreeMap<Vec<usize>, BTreeMap<PathKey, Verdict>>,
}

/// What turns a verdict: the smallest set that was found, and others that turn it, too.
type Causes = (Vec<usize>, Vec<Vec<usize>>);

impl Trials<'_> {
    /// What the paths come to before, with these changes.
    fn of(&mut self, set: &[usize]) -> Option<&BTreeMap<PathKey, Verdict>> {
        if !self.known.contains_key(set) {
            if self.known.len() == MOST {
                return None;
            }
            let mut state = self.before.clone();
            set.iter().filter_map(|at| self.units.get(*at)).for_each(|unit| unit.apply(&mut state));
            let found = outcomes(&state.read(), self.options);
            self.known.insert(set.to_vec(), found.into_iter().map(|one| (one.key, settled(one.verdict))).collect());
        }
        self.known.get(set)
    }

    /// Whether a path comes to this with these changes; nothing if too many sets were tried.
    fn turns(&mut self, set: &[usize], key: &PathKey, to: Option<Verdict>) -> Option<bool> {
        Some(self.of(set)?.get(key).copied() == to)
    }

    /// The fewest changes that turn a verdict.
    fn causes(
        &mut self,
        key: &PathKey,
        to: Option<Verdict>,
        all: &[usize],
        near: &BTreeSet<ResourceId>,
    ) -> Result<Causes, String> {
        let too_many = || "no cause was found in the number of tries that one run makes".to_owned();
        if !self.turns(all, key, to).ok_or_else(too_many)? {
            return Err("the recordings differ in something that cannot be carried over piece by piece".to_owned());
        }
        let is_near = |at: &usize| {
            let place = self.units.get(*at).map(|unit| &unit.place.resource);
            place.is_some_and(|place| near.iter().any(|own| own == place || place.is_within(own)))
        };
        let close: Vec<usize> = all.iter().copied().filter(is_near).collect();
        let within = match self.turns(&close, key, to) {
            Some(true) => close,
            _ => all.to_vec(),
        };
        let mut single: Vec<Vec<usize>> = Vec::new();
        for at in &within {
            if self.turns(&[*at], key, to).ok_or_else(too_many)? {
                single.push(vec![*at]);
            }
        }
        if let Some((first, others)) = single.split_first() {
            return Ok((first.clone(), others.to_vec()));
        }
        let mut tries = 0;
        for (at, one) in within.iter().enumerate() {
            for other in within.iter().skip(at + 1) {
                tries += 1;
                if tries > PAIRS {
                    break;
                }
                if self.turns(&[*one, *other], key, to).ok_or_else(too_many)? {
                    return Ok((vec![*one, *other], Vec::new()));
                }
            }
        }
        self.reduced(within, key, to).map(|set| (set, Vec::new())).ok_or_else(too_many)
    }

    /// Makes a set that turns a verdict smaller until nothing in it can be left out: delta debugging.
    ///
    /// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002.
    fn reduced(&mut self, mut set: Vec<usize>, key: &PathKey, to: Option<Verdict>) -> Option<Vec<usize>> {
        let mut parts = 2;
        while set.len() > 1 {
            let size = set.len().div_ceil(parts);
            let mut smaller = None;
            for at in 0..set.len().div_ceil(size) {
                let own = |(place, _): &(usize, &usize)| place / size == at;
                let part: Vec<usize> = set.iter().enumerate().filter(own).map(|(_, one)| *one).collect();
                let others: Vec<usize> = set.iter().enumerate().filter(|it| !own(it)).map(|(_, one)| *one).collect();
                if self.turns(&part, key, to)? {
                    smaller = Some((part, 2));
                    break;
                }
                if !others.is_empty() && self.turns(&others, key, to)? {
                    smaller = Some((others, parts.saturating_sub(1).max(2)));
                    break;
                }
            }
            match smaller {
                Some((less, next)) => (set, parts) = (less, next),
                None if parts >= set.len() => break,
                None => parts = (2 * parts).min(set.len()),
            }
        }
        Some(set)
    }
}
