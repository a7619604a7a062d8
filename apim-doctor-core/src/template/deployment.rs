//! Deployments: what came of evaluation.

use std::sync::Arc;

use crate::template::place::Span;
use crate::template::resource::Resource;
use crate::template::value::{Unknown, Value};

pub(crate) use crate::template::declaration::{
    Module, ModuleScope, ModuleSource, Output, Parameter, TargetScope, Template, UserFunction, Variable,
};
pub(crate) use crate::template::table::Table;

/// What came of evaluation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evaluated {
    /// The deployments, the first one the outermost.
    pub deployments: Vec<Deployment>,
    /// All resources of all deployments, modules among them.
    pub resources: Vec<Resource>,
    /// Why modules that are deployed are not known.
    pub lost: Vec<Arc<Unknown>>,
    /// What is wrong in the files.
    pub problems: Vec<Problem>,
}

/// One deployment: the outermost, or one per instance of a module.
#[expect(dead_code, reason = "only tests compare parameters and outputs")]
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// The number of the resource that deploys it; none of the outermost.
    pub resource: Option<u32>,
    /// The scope that it is deployed to.
    pub target: TargetScope,
    /// The id of the scope.
    pub scope: Value,
    /// The values of its parameters.
    pub parameters: Vec<(Arc<str>, Value)>,
    /// The values of its outputs.
    pub outputs: Vec<(Arc<str>, Value)>,
}

/// Something wrong in a file: the file could not be deployed like this, or a part could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where.
    pub span: Span,
    /// What: lower case, no full stop, one line, the user's values in back-ticks.
    pub message: String,
}
