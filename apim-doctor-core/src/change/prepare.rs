//! Finds what to do before a change, so that nothing breaks by it: the smallest set of preparations that was found,
//! proved by trying it in memory.
//!
//! Preparations are the fixes of the state after the change, without those that would undo the change, and a
//! [private way](super::private_way). Each is tried where it belongs: on the state before the change, with the change
//! made after it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::base::Verdict;
use crate::change::candidate::Candidate;
use crate::change::compare::settled;
use crate::change::edit::{Step, is_within};
use crate::change::private_way::PrivateWay;
use crate::change::recording::Recording;
use crate::change::v1::{Preparation, Unprepared};
use crate::finding::{Edit, Gate, Patch};
use crate::model::Estate;
use crate::report::{Options, Outcome, PathKey, diagnose_with_patches, outcomes, v1};

/// How many preparations one path may need.
const DEEPEST: usize = 4;

/// How often the state is diagnosed for one path, and for all of them.
const FOR_ONE: usize = 48;
const FOR_ALL: usize = 1_000;

/// After as many paths without a preparation, none is searched for further ones that are alike.
const ALIKE: usize = 3;

/// Of how many preparations all smaller sets are tried at the end.
const FEW: usize = 6;

/// What a path comes to, by its key.
type Outcomes = BTreeMap<PathKey, Outcome>;

/// The search for preparations.
pub(super) struct Search<'s> {
    /// The state before the change, without what was observed.
    before: &'s Recording,
    steps: &'s [Step],
    options: &'s Options,
    /// What the paths come to before the change, and after it.
    was: Outcomes,
    becomes: Outcomes,
    /// How often the state was diagnosed.
    tries: usize,
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub preparations: Vec<Preparation>,
    pub unprepared: Vec<Unprepared>,
    /// The state after the preparations and the change.
    pub after: Option<Recording>,
}

/// How a set of preparations does.
enum Trial {
    /// These of the paths pass.
    Opens(BTreeSet<PathKey>),
    /// Another path gets worse: its id.
    Harms(String),
}

/// How bad a verdict is.
fn rank(verdict: Verdict) -> u8 {
    match settled(verdict) {
        Verdict::Fail => 2,
        Verdict::Unknown => 1,
        _ => 0,
    }
}

fn by_key(all: Vec<Outcome>) -> Outcomes {
    all.into_iter().map(|one| (one.key.clone(), one)).collect()
}

impl<'s> Search<'s> {
    pub(super) fn new(before: &'s Recording, after: &Estate, steps: &'s [Step], options: &'s Options) -> Self {
        let was = by_key(outcomes(&before.read(), options));
        let becomes = by_key(outcomes(after, options));
        Self { before, steps, options, was, becomes, tries: 0 }
    }

    /// Finds preparations for the paths that break.
    pub(super) fn run(mut self, breaks: &[(PathKey, String)]) -> Found {
        let (mut chosen, mut known): (Vec<Candidate>, Vec<Candidate>) = (Vec::new(), Vec::new());
        let (mut open, mut why): (BTreeSet<PathKey>, BTreeMap<PathKey, String>) = (BTreeSet::new(), BTreeMap::new());
        // The state after the change with what is chosen so far.
        let mut state: Option<(usize, Recording, Estate)> = None;
        // How many paths of a kind have no preparation.
        let mut failed: BTreeMap<String, usize> = BTreeMap::new();
        for (key, _) in breaks {
            if open.contains(key) {
                continue;
            }
            if state.as_ref().is_none_or(|(count, ..)| *count != chosen.len()) {
                let recording = self.after(&chosen);
                let estate = recording.read();
                state = Some((chosen.len(), recording, estate));
            }
            let Some((_, recording, estate)) = &state else { continue };
            let look = self.look(key, recording, estate);
            let kind = look.kind.clone();
            if failed.get(&kind).is_some_and(|count| *count == ALIKE) {
                let reason = look.why.unwrap_or_else(|| "no fix is known".to_owned());
                why.insert(key.clone(), reason);
                continue;
            }
            match self.solve(key, look, &chosen, breaks) {
                Ok(more) => {
                    known.extend(more.iter().filter(|one| !known.contains(one)).cloned().collect::<Vec<_>>());
                    chosen.extend(more);
                    if let Trial::Opens(opened) = self.trial(&chosen, breaks) {
                        open = opened;
                    }
                }
                Err(reason) => {
                    *failed.entry(kind).or_default() += 1;
                    why.insert(key.clone(), reason);
                }
            }
        }
        if let Trial::Opens(opened) = self.trial(&chosen, breaks) {
            open = opened;
        }
        let chosen = self.smallest(chosen, &known, &open, breaks);
        let unprepared = breaks.iter().filter(|(key, _)| !open.contains(key)).map(|(key, id)| Unprepared {
            path: id.clone(),
            why: why.remove(key).unwrap_or_else(|| "no fix is known".to_owned()),
        });
        let unprepared = unprepared.collect();
        let (chosen, needed): (Vec<Candidate>, Vec<BTreeSet<PathKey>>) = chosen.into_iter().unzip();
        let is_verified = chosen.is_empty()
            || matches!(self.trial(&chosen, breaks), Trial::Opens(opened) if opened.is_superset(&open));
        let preparation = |(one, needed): (&Candidate, BTreeSet<PathKey>)| Preparation {
            title: one.title.clone(),
            az: one.az.clone(),
            safety: one.safety,
            verified: is_verified,
            paths: breaks.iter().filter(|(key, _)| needed.contains(key)).map(|(_, id)| id.clone()).collect(),
        };
        let preparations = chosen.iter().zip(needed).map(preparation).collect();
        Found { preparations, unprepared, after: Some(self.after(&chosen)) }
    }

    /// The state with preparations, then the change.
    fn after(&self, chosen: &[Candidate]) -> Recording {
        let mut after = self.prepared(chosen);
        after.make(self.steps);
        after
    }

    fn prepared(&self, chosen: &[Candidate]) -> Recording {
        let mut prepared = self.before.clone();
        chosen.iter().for_each(|one| prepared.apply(&one.patch));
        prepared
    }

    /// Tries a set of preparations: which of the paths pass with it.
    fn trial(&mut self, chosen: &[Candidate], breaks: &[(PathKey, String)]) -> Trial {
        self.tries += 1;
        let prepared = outcomes(&self.prepared(chosen).read(), self.options);
        let worse = |one: &&Outcome| self.was.get(&one.key).is_some_and(|was| rank(one.verdict) > rank(was.verdict));
        match prepared.iter().find(worse) {
            Some(worse) => Trial::Harms(worse.id.clone()),
            None => self.with_change(chosen, breaks),
        }
    }

    /// The same, without a look at the state before the change.
    fn with_change(&mut self, chosen: &[Candidate], breaks: &[(PathKey, String)]) -> Trial {
        let after = by_key(outcomes(&self.after(chosen).read(), self.options));
        let worse =
            |one: &&Outcome| self.becomes.get(&one.key).is_some_and(|own| rank(one.verdict) > rank(own.verdict));
        if let Some(worse) = after.values().find(worse) {
            return Trial::Harms(worse.id.clone());
        }
        let was = |key: &PathKey| self.was.get(key).map_or(0, |was| rank(was.verdict));
        let passes = |key: &&PathKey| after.get(*key).is_some_and(|one| rank(one.verdict) <= was(key));
        Trial::Opens(breaks.iter().map(|(key, _)| key).filter(passes).cloned().collect())
    }

    /// The fewest further preparations with which a path passes.
    fn solve(
        &mut self,
        key: &PathKey,
        first: Look,
        chosen: &[Candidate],
        breaks: &[(PathKey, String)],
    ) -> Result<Vec<Candidate>, String> {
        let mut queue: VecDeque<(Vec<Candidate>, Look)> = VecDeque::from([(Vec::new(), first)]);
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut reason = None;
        let mut tries = 0;
        while let Some((more, Look { state, candidates, why, .. })) = queue.pop_front() {
            reason = reason.or(why);
            for next in candidates.into_iter().filter(|_| more.len() < DEEPEST) {
                let set: Vec<Candidate> = more.iter().cloned().chain([next]).collect();
                let mut edits: Vec<String> = set.iter().map(|one| format!("{:?}", one.patch.edits)).collect();
                edits.sort();
                if !seen.insert(edits.concat()) {
                    continue;
                }
                if tries == FOR_ONE || self.tries >= FOR_ALL {
                    return Err("no preparation was found in the number of tries that one run makes".to_owned());
                }
                (tries, self.tries) = (tries + 1, self.tries + 1);
                let all: Vec<Candidate> = chosen.iter().chain(&set).cloned().collect();
                let recording = self.after(&all);
                let look = self.look(key, &recording, &recording.read());
                let was = self.was.get(key).map_or(0, |was| rank(was.verdict));
                if look.verdict.is_some_and(|verdict| rank(verdict) <= was) {
                    match self.trial(&all, breaks) {
                        Trial::Opens(opened) if opened.contains(key) => return Ok(set),
                        Trial::Opens(_) => {}
                        Trial::Harms(other) => {
                            reason = Some(format!("the known preparations would make path `{other}` worse"));
                        }
                    }
                } else if look.state != state {
                    queue.push_back((set, look));
                }
            }
        }
        Err(reason.unwrap_or_else(|| "no fix is known".to_owned()))
    }

    /// Diagnoses a path in a state: what it comes to, and what could be prepared next.
    fn look(&self, key: &PathKey, recording: &Recording, estate: &Estate) -> Look {
        let mut options = self.options.clone();
        options.resources = vec![key.resource().clone()];
        let (report, patches) = diagnose_with_patches(estate, &options);
        let at = PathKey::of_report(&report).iter().position(|own| own == key);
        let Some(path) = at.and_then(|at| report.paths.get(at)) else {
            let why = Some("the access path no longer exists".to_owned());
            return Look { verdict: None, state: String::new(), kind: String::new(), candidates: Vec::new(), why };
        };
        let is_its = |finding: &v1::Finding| finding.verdict == Verdict::Fail && finding.affects.contains(&path.id);
        let (mut candidates, mut undone, mut by_hand) = (Vec::new(), Vec::new(), Vec::new());
        for (finding, own) in report.findings.iter().zip(&patches.fixes).filter(|(finding, _)| is_its(finding)) {
            for (fix, patch) in finding.fixes.iter().zip(own) {
                match patch {
                    Some(patch) if self.undoes(patch) => undone.push(fix.title.clone()),
                    Some(patch) => candidates.push(Candidate {
                        title: fix.title.clone(),
                        az: fix.az.clone(),
                        safety: fix.safety,
                        patch: patch.clone(),
                    }),
                    None => by_hand.push(fix.title.clone()),
                }
            }
        }
        let closed = [Gate::Dns, Gate::Network, Gate::Firewall];
        if path.gates.iter().any(|gate| gate.verdict == Verdict::Fail && closed.contains(&gate.gate)) {
            let bodies = recording.bodies();
            candidates.extend(PrivateWay { bodies: &bodies, cloud: &estate.cloud, path }.candidates());
        }
        let why = match (by_hand.first(), undone.first(), settled(path.verdict)) {
            (.., Verdict::Unknown) => {
                Some("with the known preparations it depends on data that was not collected".to_owned())
            }
            (Some(title), ..) => Some(format!("it needs a decision or a value from you: {title}")),
            (None, Some(title), _) => Some(format!("the only known fix undoes the change: {title}")),
            (None, None, _) => None,
        };
        let codes = |finding: &v1::Finding| format!("{} {}", finding.code, finding.subject);
        let found: Vec<String> = report.findings.iter().filter(|finding| is_its(finding)).map(codes).collect();
        let gates = path.gates.iter().map(|gate| (gate.verdict, &gate.says)).collect::<Vec<_>>();
        let titles = candidates.iter().map(|one| without_names(&one.title)).chain(why.as_deref().map(without_names));
        let cause = path.root_cause.as_ref().map(ToString::to_string).unwrap_or_default();
        let kind = format!("{} {cause} {}", path.consumer, titles.collect::<Vec<_>>().join(", "));
        Look { verdict: Some(path.verdict), state: format!("{gates:?} {found:?}"), kind, candidates, why }
    }

    /// Whether a patch takes back what the change does.
    fn undoes(&self, patch: &Patch) -> bool {
        let undoes = |edit: &Edit| match edit {
            Edit::Set { resource, pointer, .. } | Edit::Remove { resource, pointer } => self.steps.iter().any(|step| {
                let own = step.pointer();
                step.resource() == resource && (is_within(pointer, own) || is_within(own, pointer))
            }),
            Edit::Append { resource, .. } => self.steps.iter().any(|step| *step == Step::Delete(resource.clone())),
            Edit::Create { body, .. } => {
                let id = body.get("id").and_then(serde_json::Value::as_str).map(crate::base::ResourceId::new);
                self.steps.iter().any(|step| matches!(step, Step::Delete(gone) if Some(gone) == id.as_ref()))
            }
        };
        patch.edits.iter().any(undoes)
    }

    /// The smallest set that opens the same paths, each preparation with the paths that do not pass without it: first what
    /// is not needed is left out, then smaller sets of all that were tried are tried.
    fn smallest(
        &mut self,
        mut chosen: Vec<Candidate>,
        known: &[Candidate],
        open: &BTreeSet<PathKey>,
        breaks: &[(PathKey, String)],
    ) -> Vec<(Candidate, BTreeSet<PathKey>)> {
        let sizes = (1..chosen.len()).filter(|_| known.len() <= FEW);
        let sets = sizes.flat_map(|size| subsets(known.len(), size));
        for set in sets.collect::<Vec<_>>() {
            let fewer: Vec<Candidate> = set.iter().filter_map(|at| known.get(*at)).cloned().collect();
            if self.closed_without(&fewer, open, breaks).is_empty()
                && matches!(self.trial(&fewer, breaks), Trial::Opens(_))
            {
                chosen = fewer;
                break;
            }
        }
        let mut needed: Vec<(Candidate, BTreeSet<PathKey>)> = Vec::new();
        while let Some(one) = chosen.pop() {
            let others: Vec<Candidate> = chosen.iter().chain(needed.iter().map(|(own, _)| own)).cloned().collect();
            let closed = self.closed_without(&others, open, breaks);
            if !closed.is_empty() {
                needed.insert(0, (one, closed));
            }
        }
        needed
    }

    /// The paths that do not pass with these preparations alone.
    fn closed_without(
        &mut self,
        others: &[Candidate],
        open: &BTreeSet<PathKey>,
        breaks: &[(PathKey, String)],
    ) -> BTreeSet<PathKey> {
        match self.with_change(others, breaks) {
            Trial::Opens(opened) => open.difference(&opened).cloned().collect(),
            Trial::Harms(_) => open.clone(),
        }
    }
}

/// What a path comes to with preparations, and what could be prepared next.
struct Look {
    verdict: Option<Verdict>,
    /// What its gates say: a preparation that changes none of it leads nowhere.
    state: String,
    /// By what paths are alike for which the same can be prepared.
    kind: String,
    candidates: Vec<Candidate>,
    /// Why nothing more can be prepared, if that is so.
    why: Option<String>,
}

/// A text without the names in it, which stand in back-ticks.
fn without_names(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The sets of this many of the first numbers.
fn subsets(of: usize, size: usize) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let longer = |set: Vec<usize>| {
            let from = set.last().map_or(0, |last| last + 1);
            (from..of).map(move |next| set.iter().copied().chain([next]).collect::<Vec<_>>())
        };
        sets = sets.into_iter().flat_map(longer).collect();
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_are_all_of_a_size() {
        assert_eq!(subsets(3, 2), [[0, 1], [0, 2], [1, 2]]);
        assert_eq!(subsets(2, 1), [[0], [1]]);
        assert!(subsets(1, 2).is_empty());
    }
}
