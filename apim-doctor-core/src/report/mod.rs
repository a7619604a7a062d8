//! Builds reports: groups findings, tries fixes, counts gaps.

mod build;
mod files;
mod finding;
mod fixed;
mod gaps;
mod gate;
mod headline;
mod judged;
mod merge;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod older;
mod options;
mod path;
mod possible;
mod rewrite;
mod simulate;
mod trial;
mod unexplained;
pub mod v1;
mod worlds;

pub use build::diagnose;
pub use fixed::fixed_recording;
pub use options::Options;
