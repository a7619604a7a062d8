//! Builds reports: groups findings, tries fixes, counts gaps.

mod backup_vault;
mod build;
mod change;
mod coverage;
mod files;
mod finding;
mod fingerprint;
mod fix;
mod fixed;
pub mod fleet;
mod gaps;
mod gate;
mod headline;
mod judged;
mod merge;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod older;
mod options;
mod outcome;
mod path;
mod permitted;
mod possible;
mod restored;
mod rewrite;
mod simulate;
mod suppress;
mod trial;
mod unexplained;
pub mod v1;
mod worlds;

pub use build::diagnose;
pub(crate) use build::{Patches, diagnose_with_patches};
pub use fixed::fixed_recording;
pub(crate) use headline::{best, sum_up_again};
pub use options::Options;
pub(crate) use outcome::{Outcome, PathKey, outcomes};
pub(crate) use rewrite::{document, drop_replaced, edit, joined};
pub use suppress::{Baseline, Known, Level, PatternError, Rule, Suppressions};
