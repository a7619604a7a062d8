//! Findings of the object gate: does the object exist, and is it usable?

pub(crate) mod backup_expired;
pub(crate) mod blob_immutable;
pub(crate) mod container_missing;
pub(crate) mod disabled;
pub(crate) mod missing;
pub(crate) mod wrong_format;
