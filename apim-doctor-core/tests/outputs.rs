//! Files as people have them: output of azure-cli in every form gives what Resource Manager's own bodies give.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

#[path = "outputs/files.rs"]
mod files;
