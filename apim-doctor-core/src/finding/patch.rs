//! A fix as a change to the collected data, so it can be tried in memory before it is run.

use serde_json::Value;

use crate::base::{ObjectId, ResourceId};

/// Changes to the collected data.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Patch {
    /// The changes, in order.
    pub edits: Vec<Edit>,
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Edit {
    /// Sets a property; what leads to it is made.
    Set {
        /// The resource.
        resource: ResourceId,
        /// A JSON pointer into its body.
        pointer: String,
        /// The new value.
        value: Value,
    },
    /// Removes a property.
    Remove {
        /// The resource.
        resource: ResourceId,
        /// A JSON pointer into its body.
        pointer: String,
    },
    /// Adds an element to a list property.
    Append {
        /// The resource.
        resource: ResourceId,
        /// A JSON pointer to the list.
        pointer: String,
        /// The new element.
        value: Value,
    },
    /// A new resource.
    Create {
        /// Its body, with `id`, `type` and `properties`.
        body: Value,
        /// The resource it is listed below.
        scope: ResourceId,
        /// What it can make a difference to.
        concerns: Concerns,
    },
}

/// What a new resource can make a difference to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Concerns {
    /// One principal: a grant changes nothing for another.
    Principal(ObjectId),
    /// Paths that a change of this resource could change: a link of a zone concerns the network it links.
    Resource(ResourceId),
}

impl Patch {
    /// A patch of these changes.
    pub(crate) fn of(edits: impl IntoIterator<Item = Edit>) -> Option<Self> {
        Some(Self { edits: edits.into_iter().collect() })
    }
}

impl Edit {
    /// Sets a property.
    pub(crate) fn set(resource: &ResourceId, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        Edit::Set { resource: resource.clone(), pointer: pointer.into(), value: value.into() }
    }

    /// Removes a property.
    pub(crate) fn remove(resource: &ResourceId, pointer: impl Into<String>) -> Self {
        Edit::Remove { resource: resource.clone(), pointer: pointer.into() }
    }

    /// Adds an element to a list property.
    pub(crate) fn append(resource: &ResourceId, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        Edit::Append { resource: resource.clone(), pointer: pointer.into(), value: value.into() }
    }

    /// The resource it changes, or which a new one concerns; of a grant, where it is held.
    pub(crate) fn resource(&self) -> &ResourceId {
        match self {
            Edit::Set { resource, .. } | Edit::Remove { resource, .. } | Edit::Append { resource, .. } => resource,
            Edit::Create { concerns: Concerns::Resource(resource), .. } => resource,
            Edit::Create { scope, .. } => scope,
        }
    }
}
