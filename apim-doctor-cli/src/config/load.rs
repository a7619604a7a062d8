//! Finds the configuration and reads it.

use std::path::{Path, PathBuf};

use apim_doctor_core::InputError;

use super::read::read;
use super::{Config, NAME};
use crate::failure::Failure;

/// Reads a file, or the nearest one from the current folder upwards if none is named.
pub(crate) fn load(named: Option<&Path>) -> Result<Config, Failure> {
    let found = match named {
        Some(path) => Some(path.to_owned()),
        None => nearest(),
    };
    let Some(path) = found else { return Ok(Config::default()) };
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let message = format!("the configuration cannot be read: {error}");
        InputError::fatal(shown.clone(), message, "check the path, or use --isolated to read no configuration")
    })?;
    Ok(read(&text, &path)?)
}

/// The nearest file in the repository: relative to the current folder, so that messages are short.
fn nearest() -> Option<PathBuf> {
    let current = std::env::current_dir().ok()?;
    let mut up = PathBuf::new();
    for folder in current.ancestors() {
        // A link that leads nowhere is found, too, and cannot be read.
        if folder.join(NAME).symlink_metadata().is_ok() {
            return Some(up.join(NAME));
        }
        if folder.join(".git").exists() {
            return None;
        }
        up.push("..");
    }
    None
}
