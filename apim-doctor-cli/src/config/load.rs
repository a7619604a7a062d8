//! Finds the configuration and reads it.

use std::fs::File;
use std::io::{Error, Read, Result as Done};
use std::path::{Path, PathBuf};

use apim_doctor_core::InputError;

use super::read::read;
use super::{Config, NAME};
use crate::failure::Failure;

/// How large a configuration may be, in bytes.
const LARGEST: u64 = 1 << 20;

/// Reads a file, or the nearest one from the current folder upwards if none is named.
pub(crate) fn load(named: Option<&Path>) -> Result<Config, Failure> {
    let found = match named {
        Some(path) => Some(path.to_owned()),
        None => nearest(),
    };
    let Some(path) = found else { return Ok(Config::default()) };
    let shown = path.display().to_string();
    let text = text(&path, named.is_some()).map_err(|error| {
        let message = format!("the configuration cannot be read: {error}");
        InputError::fatal(shown.clone(), message, "check the path, or use --isolated to read no configuration")
    })?;
    Ok(read(&text, &path)?)
}

/// The text of a file. One that is named may be a pipe. One that is found comes from the repository, which may be hostile.
fn text(path: &Path, is_named: bool) -> Done<String> {
    if !is_named && !path.metadata()?.is_file() {
        return Err(Error::other("it is not a file"));
    }
    let mut text = String::new();
    match File::open(path)?.take(LARGEST + 1).read_to_string(&mut text)? as u64 {
        0..=LARGEST => Ok(text),
        _ => Err(Error::other("it is larger than 1 MiB")),
    }
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
