//! The data that the tests read, and files for the code under test.

use std::path::{Path, PathBuf};

use crate::source::bicep::Project;

/// Files in memory before those on disk.
pub(crate) struct Memory(pub PathBuf, pub Vec<(PathBuf, String)>);

impl Project for Memory {
    fn root(&self) -> &Path {
        &self.0
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let held = self.1.iter().find(|(held, _)| held == path);
        held.map_or_else(|| Disk(self.0.clone()).read(path), |(_, text)| Ok(text.clone().into_bytes()))
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        Ok(self.1.iter().map(|(path, _)| path.clone()).filter(|path| path.parent() == Some(folder)).collect())
    }

    fn cached(&self, path: &str) -> Option<Vec<u8>> {
        let held = self.1.iter().find(|(held, _)| held == &Path::new("cache").join(path));
        held.map(|(_, text)| text.clone().into_bytes())
    }
}

pub(crate) fn shared(path: &str) -> PathBuf {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared"));
    root.canonicalize().unwrap_or_else(|_| root.to_owned()).join(path)
}

pub(crate) fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    fn walk(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, extensions, found),
                false => {
                    let fits = path.extension().is_some_and(|e| extensions.iter().any(|wanted| e == *wanted));
                    found.extend(Some(path).filter(|_| fits));
                }
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, extensions, &mut found);
    found.sort();
    found
}

/// The files of a folder on disk.
pub(crate) struct Disk(pub PathBuf);

impl Project for Disk {
    fn root(&self) -> &Path {
        &self.0
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "no such file".to_owned(),
            _ => error.to_string(),
        })
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
        Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect())
    }

    fn cached(&self, _path: &str) -> Option<Vec<u8>> {
        None
    }
}
