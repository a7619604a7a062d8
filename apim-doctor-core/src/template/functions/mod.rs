//! The pure functions: what each gives for values and symbols.

mod call;
mod date;
mod encode;
pub(crate) mod format;
mod list;
mod logic;
mod network;
mod number;
pub(crate) mod object;
mod string;
mod table;
mod unique;

pub(crate) use crate::template::functions::call::{Fault, MOST_POSSIBLE, Outcome, kind_name, one_of};
pub(crate) use crate::template::functions::logic::truth;
pub(crate) use crate::template::functions::table::{Function, find};
