//! Diagnoses put together: findings grouped, fixes tried, gaps counted.

mod build;
mod simulate;
mod trial;
pub mod v1;

pub use build::{Options, diagnose, fixed_recording};
