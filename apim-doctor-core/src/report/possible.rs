//! Possible worlds: a path that has one verdict in all of them has it, whatever the files leave open.

use jiff::Timestamp;

use crate::base::{Map, Verdict};
use crate::consumer;
use crate::knowledge::caller_kind::ConsumerKind;
use crate::model::{Estate, Gap};
use crate::path::{AccessPath, Case};
use crate::report::files::Files;
use crate::report::gate::Gates;
use crate::report::judged::{Judged, by_place};
use crate::report::options::Options;
use crate::report::worlds::Worlds;

/// The worlds of which one comes true.
pub(super) struct Possible<'e> {
    worlds: Vec<World<'e>>,
    /// For each path, its number in each world, if it is there.
    places: Vec<Vec<Option<usize>>>,
    /// How many paths stand in the files whatever is open.
    certain: usize,
}

struct World<'e> {
    estate: &'e Estate,
    paths: Vec<AccessPath>,
    unseen: Vec<Gap>,
}

/// Where a path is written: its consumer with file, line and column, or its owner and label where that is not known.
type Written = (ConsumerKind, String, Option<String>);

impl<'e> Possible<'e> {
    pub(super) fn of(estate: &'e Estate, options: &Options) -> Self {
        let world = |estate: &'e Estate| {
            let (mut paths, unseen) = consumer::paths(estate, &options.resources, &options.consumers);
            paths.sort_by(by_place);
            World { estate, paths, unseen }
        };
        let worlds = estate.possible.iter().map(|estate| world(estate)).collect();
        Self { worlds, places: Vec::new(), certain: 0 }
    }

    /// What hides other paths: with worlds, what hides them in one of these.
    pub(super) fn unseen(&mut self, unseen: Vec<Gap>) -> Vec<Gap> {
        if self.worlds.is_empty() {
            return unseen;
        }
        let mut all: Vec<Gap> = self.worlds.iter_mut().flat_map(|world| std::mem::take(&mut world.unseen)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Finds each path in each world, and adds the paths that stand in some worlds only.
    pub(super) fn align(&mut self, paths: &mut Vec<AccessPath>, files: &Files<'_>) {
        self.certain = paths.len();
        if self.worlds.is_empty() {
            return;
        }
        let mut known = by_writing(paths, files);
        let written: Vec<_> = self.worlds.iter().map(|world| by_writing(&world.paths, files)).collect();
        for (world, all) in self.worlds.iter().zip(&written) {
            let mut keys: Vec<&Written> = all.keys().collect();
            keys.sort();
            for key in keys {
                let own = known.entry(key.clone()).or_default();
                let there = all.get(key).map(Vec::as_slice).unwrap_or_default();
                for path in there.iter().filter_map(|at| world.paths.get(*at)) {
                    if twin(path, own, paths, there.len()).is_none() {
                        own.push(paths.len());
                        paths.push(path.clone());
                    }
                }
            }
        }
        self.places = vec![Vec::new(); paths.len()];
        for (key, own) in &known {
            for at in own {
                let Some(path) = paths.get(*at) else { continue };
                let place = |(world, all): (&World<'_>, &Map<Written, Vec<usize>>)| {
                    twin(path, all.get(key)?, &world.paths, own.len())
                };
                if let Some(places) = self.places.get_mut(*at) {
                    *places = self.worlds.iter().zip(&written).map(place).collect();
                }
            }
        }
    }

    /// Gives paths that are unknown the verdict that they have in all worlds.
    pub(super) fn settle(&self, judged: &mut [Judged], ids: &[String], as_of: Timestamp, files: &Files<'_>) {
        let worlds: Vec<Worlds<'_>> = self.worlds.iter().map(|world| Worlds::of(world.estate, &world.paths)).collect();
        for (at, ((judged, id), places)) in judged.iter_mut().zip(ids).zip(&self.places).enumerate() {
            let is_certain = at < self.certain;
            if is_certain && judged.walked.verdict != Verdict::Unknown {
                continue;
            }
            let case = |number: usize| {
                let world = self.worlds.get(number)?;
                let path = world.paths.get((*places.get(number)?)?)?;
                let exits = worlds.get(number)?;
                Some((Case { estate: world.estate, path, exits: &exits.own, as_of, is_repaired: false }, exits))
            };
            let verdict = |number: usize| case(number).map(|(case, worlds)| worlds.verdict(&case));
            let first = verdict(0).filter(|verdict| matches!(verdict, Verdict::Pass | Verdict::Fail));
            let is_same = first.is_some() && (1..worlds.len()).all(|number| verdict(number) == first);
            if is_certain && !is_same {
                continue;
            }
            let Some((case, worlds)) = (0..worlds.len()).find_map(case) else { continue };
            let (mut diagnosis, mut findings) = worlds.judge(&case);
            if !is_same {
                let name = case.path.resource.name();
                diagnosis
                    .perhaps(&Gap::not_in_files(format!("whether `{name}` is deployed with `{}`", case.path.label)));
                findings
                    .iter_mut()
                    .filter(|one| one.verdict == Verdict::Fail)
                    .for_each(|one| one.verdict = Verdict::Unknown);
            }
            // A fix would be tried where the failure is not known.
            findings.iter_mut().flat_map(|finding| &mut finding.fixes).for_each(|fix| fix.patch = None);
            *judged = Judged::of(&case, id, (diagnosis, findings), files, &mut Gates::new(files));
            judged.walked.depends_on.clear();
        }
    }
}

/// The numbers of paths by where they are written.
fn by_writing(paths: &[AccessPath], files: &Files<'_>) -> Map<Written, Vec<usize>> {
    let mut all: Map<Written, Vec<usize>> = Map::default();
    for (at, path) in paths.iter().enumerate() {
        let place = files.place(&path.declared_at);
        let written = match (place.file, place.line) {
            (Some(file), Some(line)) => format!("{file}:{line}:{}", place.column.unwrap_or_default()),
            _ => format!("{}#{}", path.resource.as_str().to_ascii_lowercase(), path.label.to_ascii_lowercase()),
        };
        all.entry((path.consumer, written, path.location.clone())).or_default().push(at);
    }
    all
}

/// The number of the path that is written at the same place and is the same one: by its owner and label, or because it is
/// the only one in both worlds. Names may depend on what is open.
fn twin(path: &AccessPath, among: &[usize], paths: &[AccessPath], count: usize) -> Option<usize> {
    let is_same = |at: &usize| {
        paths
            .get(*at)
            .is_some_and(|other| other.resource == path.resource && other.label.eq_ignore_ascii_case(&path.label))
    };
    let exact = among.iter().copied().find(is_same);
    exact.or_else(|| among.first().copied().filter(|_| among.len() == 1 && count == 1))
}
