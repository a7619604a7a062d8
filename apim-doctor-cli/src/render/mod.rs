//! A report as text. A renderer looks nothing up and decides nothing.

pub(crate) mod explanation;
pub(crate) mod failure;
pub(crate) mod probe;
pub(crate) mod recording;
pub(crate) mod terminal;
