//! Tokens to syntax, by recursive descent.

mod collection;
mod cursor;
mod expression;
mod program;
mod statement;
mod types;

pub(crate) use program::parse;
