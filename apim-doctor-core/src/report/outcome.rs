//! What access paths come to, without explanations and without trying fixes: what is asked for every change that is tried.

use rayon::prelude::*;

use crate::base::{Map, ResourceId, Verdict};
use crate::consumer;
use crate::finding::Gate;
use crate::model::Estate;
use crate::path::{AccessPath, Case};
use crate::report::build::{PIECE, ids};
use crate::report::judged::by_place;
use crate::report::options::Options;
use crate::report::v1;
use crate::report::worlds::Worlds;

/// By what a path is found again in another report: ids are numbered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PathKey {
    consumer: String,
    resource: ResourceId,
    label: String,
    location: Option<String>,
    /// Which of those that are alike.
    number: usize,
}

/// What a path comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What identifies it in another report.
    pub key: PathKey,
    /// Its id in a report.
    pub id: String,
    /// All gates together.
    pub verdict: Verdict,
    /// The gates that fail.
    pub failing: Vec<Gate>,
}

impl PathKey {
    /// The caller.
    pub(crate) fn resource(&self) -> &ResourceId {
        &self.resource
    }

    /// The keys of a report's paths, in its order.
    pub(crate) fn of_report(report: &v1::Report) -> Vec<PathKey> {
        let named = report.paths.iter().map(|path| -> Named<'_> {
            (&*path.consumer, &path.resource, path.label.as_str(), path.location.as_deref())
        });
        numbered(named)
    }
}

/// What identifies a path: the consumer, the caller, the label and the region.
type Named<'p> = (&'p str, &'p ResourceId, &'p str, Option<&'p str>);

fn numbered<'p>(paths: impl Iterator<Item = Named<'p>>) -> Vec<PathKey> {
    let mut seen: Map<PathKey, usize> = Map::default();
    let key = |(consumer, resource, label, location): Named<'p>| {
        let mut key = PathKey {
            consumer: consumer.to_owned(),
            resource: resource.clone(),
            label: label.to_ascii_lowercase(),
            location: location.map(str::to_ascii_lowercase),
            number: 0,
        };
        let count = seen.entry(key.clone()).or_default();
        *count += 1;
        key.number = *count;
        key
    };
    paths.map(key).collect()
}

/// What every access path of an estate comes to, in the order of a report.
pub(crate) fn outcomes(estate: &Estate, options: &Options) -> Vec<Outcome> {
    let as_of = estate.time(options.as_of);
    let mut paths = consumer::paths(estate, &options.resources, &options.consumers).0;
    paths.par_sort_by(by_place);
    let ids = ids(&paths);
    let judge = |(piece, ids): (&[AccessPath], &[String])| -> Vec<(Verdict, Vec<Gate>)> {
        let worlds = Worlds::of(estate, piece);
        let one = |(path, id): (&AccessPath, &String)| {
            let case = Case { estate, path, exits: &worlds.own, as_of, is_repaired: estate.repaired.contains(id) };
            worlds.gates(&case)
        };
        piece.iter().zip(ids).map(one).collect()
    };
    let judged: Vec<(Verdict, Vec<Gate>)> =
        paths.par_chunks(PIECE).zip(ids.par_chunks(PIECE)).flat_map_iter(judge).collect();
    let accesses: Vec<_> =
        paths.iter().zip(ids).zip(judged).filter(|((path, _), _)| !path.is_about_resource()).collect();
    let keys = numbered(
        paths
            .iter()
            .filter(|path| !path.is_about_resource())
            .map(|path| (path.consumer.name(), &path.resource, path.label.as_str(), path.location.as_deref())),
    );
    let outcome = |(((_, id), (verdict, failing)), key)| Outcome { key, id, verdict, failing };
    accesses.into_iter().zip(keys).map(outcome).collect()
}
