//! A report as text. A renderer looks nothing up and decides nothing.

pub mod explanation;
pub mod failure;
pub mod probe;
pub mod recording;
pub mod terminal;
