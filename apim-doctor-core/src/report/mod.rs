//! Diagnoses put together: findings grouped, fixes tried, gaps counted.

mod build;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod older;
mod simulate;
mod trial;
pub mod v1;

pub use build::{Options, diagnose, fixed_recording};
