//! What a change of the configuration does to access paths: a change that is only planned, and changes that happened
//! between two recordings.
//!
//! Every answer is found by trying: the documents of a recording are changed in memory, read again, and diagnosed again.

mod candidate;
mod compare;
mod diff;
mod difference;
mod edit;
mod error;
mod harden;
mod place;
mod prepare;
mod private_way;
mod recording;
mod rule;
mod step;
pub mod v1;
mod watch;
mod what_if;

pub use diff::{diff, diff_reports};
pub use error::ChangeError;
pub use rule::{HARDENINGS, Hardening, HardeningRule};
pub use step::Planned;
pub use watch::answers_that_stand;
pub use what_if::what_if;
