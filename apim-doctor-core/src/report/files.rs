//! Locates facts in the input files.

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memchr_iter;

use crate::base::{Map, ResourceId};
use crate::finding::{Evidence, Locator};
use crate::model::script::{ScriptRequest, Spot};
use crate::model::{Estate, Place};
use crate::report::v1;

/// Where the inputs' lines start.
pub(super) struct Files<'e> {
    places: Map<&'e ResourceId, Place>,
    names: Vec<Arc<str>>,
    lines: Vec<Vec<usize>>,
    scripts: &'e BTreeMap<ResourceId, ScriptRequest>,
}

impl<'e> Files<'e> {
    pub(super) fn of(estate: &'e Estate) -> Self {
        let mut places = Map::default();
        for (id, place) in estate.tables.places() {
            places.entry(id).or_insert(place);
        }
        Self {
            places,
            names: estate.inputs.iter().map(|input| input.name.as_str().into()).collect(),
            scripts: &estate.scripts,
            lines: estate.inputs.iter().map(|input| memchr_iter(b'\n', &input.bytes).collect()).collect(),
        }
    }

    fn find(&self, resource: Option<&ResourceId>) -> (Option<Arc<str>>, Option<usize>) {
        let place = resource.and_then(|id| self.places.get(id));
        let Some((at, place)) = place.map(|p| (usize::from(p.file), p)) else { return (None, None) };
        let line = self.lines.get(at).map(|lines| lines.partition_point(|start| *start < place.offset) + 1);
        (self.names.get(at).cloned(), line)
    }

    /// The file and the place of a request in a script.
    fn in_script(&self, resource: Option<&ResourceId>, pointer: &str) -> Option<(Arc<str>, Spot)> {
        let script = self.scripts.get(resource?)?;
        Some((script.file.clone(), script.spot(pointer)))
    }

    pub(super) fn place(&self, at: &Locator) -> v1::Place {
        let (resource, pointer) = (at.resource.clone(), at.pointer.clone());
        if let Some((file, Spot { line, column })) = self.in_script(at.resource.as_ref(), &at.pointer) {
            return v1::Place { file: Some(file), line: Some(line), column: Some(column), resource, pointer };
        }
        let (file, line) = self.find(at.resource.as_ref());
        v1::Place { file, line, column: None, resource, pointer }
    }

    /// Adds where facts stand in the input.
    pub(super) fn locate(&self, facts: &mut [Evidence]) {
        for fact in facts {
            fact.resource.take_if(|id| id.as_str().is_empty());
            if let Some((file, Spot { line, column })) = self.in_script(fact.resource.as_ref(), &fact.pointer) {
                (fact.file, fact.line, fact.column) = (Some(file), Some(line), Some(column));
                continue;
            }
            (fact.file, fact.line) = self.find(fact.resource.as_ref());
        }
    }
}
