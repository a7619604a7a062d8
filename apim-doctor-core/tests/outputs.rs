//! Files as people have them: output of azure-cli in every form gives what Resource Manager's own bodies give.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod common;

#[path = "outputs/files.rs"]
mod files;
#[path = "outputs/hostile.rs"]
mod hostile;
#[path = "outputs/rules.rs"]
mod rules;
#[path = "outputs/subsets.rs"]
mod subsets;
