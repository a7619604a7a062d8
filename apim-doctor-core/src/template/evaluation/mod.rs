//! Evaluation: from templates with parameters to resources with values.
//!
//! Everything is evaluated when it is first asked for and kept: parameters, variables, outputs, and the header and
//! body of each resource. A template is untrusted: steps, depth, and the size of values are limited.

mod context;
mod environment;
mod expand;
mod expression;
mod finish;
mod follow;
mod header;
mod ids;
mod instance;
mod lambda;
mod options;
mod reference;
mod run;
mod state;

pub(crate) use crate::template::evaluation::options::{Cloud, Given, Loader, NoLoader, Options};
pub(crate) use crate::template::evaluation::run::{evaluate, evaluate_expression};
