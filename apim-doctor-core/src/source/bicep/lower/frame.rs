//! Where an expression stands: its file, and the local names that it sees.

use std::sync::Arc;

use crate::source::bicep::span::Span;
use crate::source::bicep::unit::Unit;
use crate::template::place;

/// The names that an expression sees beside those of its file.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) unit: Arc<Unit>,
    /// The file is only imported from: its variables and functions get names that no other has.
    pub(crate) imported: bool,
    /// Names of loops, lambdas and functions, the innermost last.
    locals: Vec<Arc<str>>,
    /// Child resources by name, with their whole symbolic name, the innermost last.
    children: Vec<(Box<str>, Arc<str>)>,
}

impl Frame {
    pub(crate) fn new(unit: Arc<Unit>, imported: bool) -> Self {
        Self { unit, imported, locals: Vec::new(), children: Vec::new() }
    }

    /// Adds a local name.
    pub(crate) fn bind(&mut self, name: &str) -> Arc<str> {
        let name: Arc<str> = name.into();
        self.locals.push(name.clone());
        name
    }

    /// Returns how many local names are seen.
    pub(crate) fn locals(&self) -> usize {
        self.locals.len()
    }

    /// Tells whether a name is local and was added after the first `count` ones.
    pub(crate) fn is_local_beyond(&self, name: &str, count: usize) -> bool {
        self.locals.iter().rposition(|local| &**local == name).is_some_and(|at| at >= count)
    }

    /// Removes the last `count` local names.
    pub(crate) fn release(&mut self, count: usize) {
        self.locals.truncate(self.locals.len().saturating_sub(count));
    }

    pub(crate) fn local(&self, name: &str) -> Option<Arc<str>> {
        self.locals.iter().rev().find(|local| &***local == name).cloned()
    }

    pub(crate) fn add_child(&mut self, name: &str, symbol: Arc<str>) {
        self.children.push((name.into(), symbol));
    }

    /// Returns how many child resources are seen, for [`Frame::forget_children`].
    pub(crate) fn children(&self) -> usize {
        self.children.len()
    }

    pub(crate) fn forget_children(&mut self, seen_before: usize) {
        self.children.truncate(seen_before);
    }

    pub(crate) fn child(&self, name: &str) -> Option<Arc<str>> {
        self.children.iter().rev().find(|(child, _)| &**child == name).map(|(_, symbol)| symbol.clone())
    }

    pub(crate) fn place(&self, span: Span) -> place::Span {
        self.unit.place(span)
    }
}
