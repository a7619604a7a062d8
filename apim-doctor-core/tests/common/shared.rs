//! Tests that need the data in `../shared`.

use std::path::{Path, PathBuf};

/// Runs a test that needs `../shared`, or prints that it was skipped.
pub(crate) fn with_shared(test: &str, folder: &str, run: impl FnOnce(&Path)) {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")).join(folder);
    if !folder.is_dir() {
        println!("skipped: ../shared does not exist ({test})");
        return;
    }
    run(&folder);
    println!("ran: {test}");
}
