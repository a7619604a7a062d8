//! The recorded deployments of `../shared`.

use std::path::Path;

/// Copies a deployment, without the recording, which does not belong to it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false if entry.file_name() == "against.snapshot.json" => {}
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}
