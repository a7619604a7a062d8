//! Bicep, read from its source.

mod artifact;
pub(crate) mod edit;
pub(crate) mod lexer;
mod lower;
mod parse;
mod project;
mod span;
#[expect(dead_code, reason = "the tree holds everything that is written")]
pub(crate) mod syntax;
mod unit;

#[cfg(test)]
pub(crate) use lower::Using;
pub(crate) use lower::{lower, lower_parameters};
pub(crate) use parse::parse;
pub(crate) use project::Project;
pub(crate) use span::Span;
#[cfg(test)]
pub(crate) use span::{Lines, Problem};
