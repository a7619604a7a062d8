//! What is asked of a plan, and what it answers.

use crate::template::deployment::Evaluated;
use crate::template::evaluation::Cloud;
use crate::template::value::Value;

/// What is known beside the file.
pub(crate) struct Options<'o> {
    /// The subscription that is deployed to, where it is given.
    pub subscription: Option<&'o str>,
    /// The cloud, where it is given.
    pub cloud: Option<Cloud>,
    /// The GUID of a built-in role by its name.
    pub role: &'o dyn Fn(&str) -> Option<String>,
}

/// What a JSON document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    /// A plan.
    Plan,
    /// A state.
    State,
    /// Something else.
    Other,
}

/// What a plan deploys.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// The resources after it.
    pub evaluated: Evaluated,
    /// The ids of what it deletes.
    pub deleted: Vec<Value>,
    /// The cloud that its provider is set to, where it is not the public one.
    pub cloud: Option<Cloud>,
    /// How many of its managed resources are of types that are read, and how many are of Azure and not read.
    pub coverage: Coverage,
}

/// How much of a plan is understood.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    /// Resources that were lowered.
    pub read: u32,
    /// Resources that became a part of another.
    pub merged: u32,
    /// Addresses of resources of Azure whose type is not read, with the type.
    pub not_read: Vec<(String, String)>,
}
