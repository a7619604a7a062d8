//! Bicep, read from its source.

mod artifact;
pub(crate) mod edit;
mod lexer;
mod lower;
mod parse;
mod project;
mod span;
pub(crate) mod syntax;
mod unit;

pub(crate) use lower::{Lowered, ParameterFile, Using, lower, lower_parameters};
pub(crate) use parse::parse;
pub(crate) use project::Project;
pub(crate) use span::{Lines, Problem, Span};
