//! Resources after a deployment.

use serde_json::Value as Json;

use crate::base::{Map, ResourceId};
use crate::source::deployed::open::Open;
use crate::template::place::Span;

/// A resource that the deployment makes, or that was there before.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub id: ResourceId,
    pub kind: String,
    pub version: String,
    pub json: Json,
    pub places: Map<String, Span>,
    pub open: Option<Open>,
    pub span: Span,
    /// It was there before, and the files leave it alone.
    pub is_recorded: bool,
    /// It is written in the body of another resource, as the settings of an app are.
    pub is_part: bool,
}

/// Resources by their ids, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct MadeList {
    all: Vec<Made>,
    numbers: Map<ResourceId, usize>,
}

impl MadeList {
    /// Adds a resource. It takes the place of one that has its id; a part takes only the place of a part, because
    /// a resource of its own is deployed after the resource that the part is written in.
    pub(super) fn put(&mut self, made: Made) {
        match self.numbers.get(&made.id).and_then(|at| self.all.get_mut(*at)) {
            Some(own) if made.is_part && !own.is_part && !own.is_recorded => {}
            Some(own) => *own = made,
            None => {
                self.numbers.insert(made.id.clone(), self.all.len());
                self.all.push(made);
            }
        }
    }

    /// The resource that has an id.
    pub(super) fn get(&self, id: &ResourceId) -> Option<&Made> {
        self.at(*self.numbers.get(id)?)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, id: &ResourceId) -> Option<&mut Made> {
        self.at_mut(*self.numbers.get(id)?)
    }

    /// The resource that has a number.
    pub(super) fn at(&self, number: usize) -> Option<&Made> {
        self.all.get(number)
    }

    /// The same, to be changed.
    pub(super) fn at_mut(&mut self, number: usize) -> Option<&mut Made> {
        self.all.get_mut(number)
    }

    /// All resources.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Made> {
        self.all.iter()
    }

    /// All resources, to be changed.
    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Made> {
        self.all.iter_mut()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Keeps some of the resources.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Made) -> bool) {
        self.all.retain(keep);
        self.numbers.clear();
        self.numbers.extend(self.all.iter().enumerate().map(|(at, made)| (made.id.clone(), at)));
    }
}
