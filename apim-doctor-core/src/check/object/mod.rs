//! Is the object there and usable?

pub(crate) mod disabled;
pub(crate) mod missing;
pub(crate) mod wrong_format;
