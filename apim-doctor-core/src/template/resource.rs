//! Resources, as evaluation finds them.

use std::sync::Arc;

use crate::template::place::Span;
use crate::template::value::{Unknown, Value};

pub(crate) use crate::template::declaration::Declaration;

/// One resource that the deployment makes or names.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// The symbolic name, where the language has one.
    pub symbol: Option<Arc<str>>,
    /// The id: a text or a symbol; unknown where its name or scope is.
    pub id: Value,
    /// The type with all segments, as written; empty where it could not be evaluated.
    pub resource_type: Arc<str>,
    /// The api-version.
    pub api_version: Value,
    /// The name, with the parents' names before it.
    pub name: Value,
    /// The id of the scope: a resource group, subscription, …, or the resource it extends.
    pub scope: Value,
    /// The id of the parent, of a child.
    pub parent: Option<Value>,
    /// Whether it is only named, not made.
    pub existing: bool,
    /// Whether it is there.
    pub condition: Truth,
    /// The condition's value, where one is written.
    pub condition_value: Option<Value>,
    /// Which turn of the loop it is.
    pub turn: Option<Turn>,
    /// What it waits for.
    pub dependencies: Vec<Dependency>,
    /// The body.
    pub body: Value,
    /// Where it is declared.
    pub span: Span,
    /// In which deployment it stands: a number of [`crate::template::deployment::Deployment`].
    pub deployment: u32,
}

/// Yes, no, or not known and why.
#[derive(Clone, Debug)]
pub(crate) enum Truth {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Not known.
    Unknown(Arc<Unknown>),
}

/// A turn of a loop.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// The number of the turn.
    At(i64),
    /// The loop's list is not known: this one stands for all of them.
    Any(Arc<Unknown>),
}

/// What a resource waits for.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    /// The number of the resource, where these files declare it.
    pub resource: Option<u32>,
    /// Its id, or the name as written.
    pub on: Value,
    /// Whether it is written (`dependsOn`) or follows from a reference.
    pub written: bool,
}
