//! The files that a Bicep file draws in, on disk.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::source::arm::reason;
use crate::source::bicep::Project;
use crate::template::place::Drafts;

/// A folder on disk, and Bicep's cache of modules.
pub(super) struct Disk<'d> {
    /// Nothing outside it is read but modules of the cache.
    pub root: PathBuf,
    /// Texts that are read instead of files.
    pub drafts: &'d Drafts,
    /// The real paths of the files that were read.
    pub reads: &'d RefCell<BTreeSet<PathBuf>>,
}

impl Project for Disk<'_> {
    fn root(&self) -> &Path {
        &self.root
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let real = path.canonicalize().map_err(|error| reason(&error))?;
        self.reads.borrow_mut().insert(real.clone());
        match self.drafts.get(&real) {
            _ if !real.starts_with(&self.root) => Err("outside the project".to_owned()),
            Some(draft) => Ok(draft.as_bytes().to_vec()),
            None => std::fs::read(real).map_err(|error| reason(&error)),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        let entries = std::fs::read_dir(folder).map_err(|error| reason(&error))?;
        Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect())
    }

    fn cached(&self, path: &str) -> Option<Vec<u8>> {
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?;
        std::fs::read(Path::new(&home).join(".bicep").join(path)).ok()
    }
}
