//! Reads input files and reports problems with actionable help.

use std::io::Read;
use std::path::{Path, PathBuf};

use apim_doctor_core::{Estate, Input, InputError};

use crate::failure::Failure;
use crate::render::failure;

/// The inputs, and whether all of them could be read.
pub(crate) struct Reading {
    /// The estate.
    pub estate: Estate,
    /// Whether some input was wrong; each problem was already printed.
    pub flawed: bool,
}

/// Reads files into one estate. A bad one is reported and the rest is still read; it is a failure where nothing is
/// left.
pub(crate) fn read(files: &[PathBuf]) -> Result<Reading, Failure> {
    let (mut inputs, mut flawed) = (Vec::new(), false);
    for file in files {
        match load(file) {
            Ok(input) => inputs.push(input),
            Err(error) => {
                failure::show(&error);
                flawed = true;
            }
        }
    }
    let mut usable = inputs.len();
    let (estate, problems) = Estate::read(inputs);
    for problem in &problems {
        failure::show(problem);
        flawed = true;
        usable -= usize::from(problem.fatal);
    }
    if usable == 0 {
        let help = "give a recording (`snapshot/v1`) or a file of Azure resources".to_owned();
        return Err(Failure::Usage { message: "none of the inputs could be used".to_owned(), help });
    }
    Ok(Reading { estate, flawed })
}

/// Reads a file, or standard input (`-`).
pub(crate) fn load(file: &Path) -> Result<Input, InputError> {
    let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
    let failed = |message: String, help: &str| InputError::fatal(&name, message, help);
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| failed(format!("standard input cannot be read: {error}"), "pipe a recording into it"))?;
        return Ok(Input::new(name, bytes));
    }
    if file.is_dir() {
        return Err(failed(format!("`{name}` is a folder"), "give a file: a recording or a file of Azure resources"));
    }
    match std::fs::read(file) {
        Ok(bytes) => Ok(Input::new(name, bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(failed(format!("file `{name}` does not exist"), "check the path"))
        }
        Err(error) => Err(failed(format!("`{name}` cannot be read: {error}"), "check its permissions")),
    }
}
