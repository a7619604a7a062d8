//! Syntax to the form in [`crate::template`].

mod compiled;
mod compiler;
mod expression;
mod frame;
mod inline;
mod load;
mod lowering;
mod module;
mod parameters;
mod resource;
mod template;
mod types;
mod waits;
mod yaml;

#[cfg(test)]
pub(crate) use parameters::Using;
pub(crate) use parameters::{lower, lower_parameters};
