//! What may be read while a Bicep file is lowered: files of the project, and modules that were restored from registries.

use std::path::{Component, Path, PathBuf};

/// Gives the files that a Bicep file draws in.
pub(crate) trait Project {
    /// The folder that nothing may leave.
    fn root(&self) -> &Path;

    /// Returns the content of a file. The path begins with the root and has no `..` in it; an implementation has to see
    /// that no link leads outside.
    ///
    /// # Errors
    /// Says why the file cannot be read, such as `no such file`.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String>;

    /// Returns the files in a folder, not those in its folders.
    ///
    /// # Errors
    /// Says why the folder cannot be read.
    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, String>;

    /// Returns a file of Bicep's cache of restored modules, by its path in the cache, such as
    /// `br/mcr.microsoft.com/bicep$avm$res$key-vault$vault/0.9.0$/main.json`.
    fn cached(&self, path: &str) -> Option<Vec<u8>>;

    /// Returns a variable of the environment, for `readEnvironmentVariable`. By default there is none.
    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}

/// Returns the path that is meant by `wanted` in a file of `folder`; none if it leaves the root.
pub(crate) fn inside(root: &Path, folder: &Path, wanted: &str) -> Option<PathBuf> {
    let wanted = wanted.replace('\\', "/");
    if wanted.starts_with('/') || wanted.contains('\0') {
        return None;
    }
    let path = plain(&folder.join(wanted))?;
    path.starts_with(plain(root)?).then_some(path)
}

/// Returns a path without `.` and `..`; none if it leads above its start.
pub(crate) fn plain(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    let mut depth = 0_usize;
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if depth == 0 => return None,
            Component::ParentDir => {
                out.pop();
                depth -= 1;
            }
            Component::Normal(part) => {
                out.push(part);
                depth += 1;
            }
            Component::RootDir | Component::Prefix(_) => out.push(part),
        }
    }
    Some(out)
}
