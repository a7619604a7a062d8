//! Locates facts in the input files.

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memchr_iter;

use crate::base::{Map, ResourceId};
use crate::finding::{Evidence, Locator};
use crate::model::script::{ScriptRequest, Spot};
use crate::model::{Deployed, Estate, Place};
use crate::report::v1;

/// Where the inputs' lines start.
pub(super) struct Files<'e> {
    places: Map<&'e ResourceId, Place>,
    names: Vec<Arc<str>>,
    lines: Vec<Vec<usize>>,
    /// The files of a deployment, in each world in which they are judged.
    deployed: Vec<&'e Deployed>,
    scripts: &'e BTreeMap<ResourceId, ScriptRequest>,
}

impl<'e> Files<'e> {
    pub(super) fn of(estate: &'e Estate) -> Self {
        let worlds = std::iter::once(estate).chain(estate.possible.iter().map(Arc::as_ref));
        let mut places = Map::default();
        for (id, place) in estate.tables.places() {
            places.entry(id).or_insert(place);
        }
        Self {
            places,
            names: estate.inputs.iter().map(|input| input.name.as_str().into()).collect(),
            scripts: &estate.scripts,
            lines: estate.inputs.iter().map(|input| memchr_iter(b'\n', &input.bytes).collect()).collect(),
            deployed: worlds.filter_map(|estate| estate.world.deployed()).collect(),
        }
    }

    fn find(&self, resource: Option<&ResourceId>, pointer: &str) -> Found {
        let Some(id) = resource else { return Found::default() };
        if let Some(script) = self.scripts.get(id) {
            let Spot { line, column } = script.spot(pointer);
            return Found { file: Some(script.file.clone()), line: Some(line), column: Some(column) };
        }
        if let Some(origin) = self.deployed.iter().find_map(|files| files.origins.get(id)) {
            let written = origin.of(pointer);
            return written.map_or_else(Found::default, |(file, line, column)| Found {
                file: Some(file.clone()),
                line: Some(*line),
                column: Some(*column),
            });
        }
        let Some((at, place)) = self.places.get(id).map(|p| (usize::from(p.file), p)) else { return Found::default() };
        let line = self.lines.get(at).map(|lines| lines.partition_point(|start| *start < place.offset) + 1);
        Found { file: self.names.get(at).cloned(), line, column: None }
    }

    pub(super) fn place(&self, at: &Locator) -> v1::Place {
        let Found { file, line, column } = self.find(at.resource.as_ref(), &at.pointer);
        v1::Place { file, line, column, resource: at.resource.clone(), pointer: at.pointer.clone() }
    }

    /// Adds where facts stand in the input.
    pub(super) fn locate(&self, facts: &mut [Evidence]) {
        for fact in facts {
            fact.resource.take_if(|id| id.as_str().is_empty());
            let Found { file, line, column } = self.find(fact.resource.as_ref(), &fact.pointer);
            (fact.file, fact.line, fact.column) = (file, line, column);
        }
    }
}

/// Where something stands.
#[derive(Default)]
struct Found {
    file: Option<Arc<str>>,
    line: Option<usize>,
    column: Option<usize>,
}
