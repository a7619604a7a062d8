//! Files in, and what is wrong with them said so that a person can act on it.

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};

use apim_doctor_core::{Estate, Input, InputError};
use miette::{GraphicalReportHandler, GraphicalTheme, MietteDiagnostic, Report};

use crate::output::{self, plain};

/// Why the program could not do its job.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An input file is unreadable.
    #[error("{0}")]
    Input(#[from] InputError),
    /// Something that was typed does not fit.
    #[error("{message}")]
    Usage {
        /// What.
        message: String,
        /// What to do.
        help: String,
    },
    /// No way to sign in gave a token.
    #[error("nobody could sign in\n{}", ways.join("\n"))]
    SignIn {
        /// What each way said.
        ways: Vec<String>,
        /// What to do.
        help: String,
    },
    /// The output could not be written.
    #[error("{} cannot be written: {source}", name(path))]
    Output {
        /// Where to.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// A path to write to, as a person knows it.
pub fn name(path: &Path) -> String {
    match path == Path::new("-") {
        true => "standard output".to_owned(),
        false => format!("`{}`", path.display()),
    }
}

impl Failure {
    /// Prints it to standard error.
    pub fn print(&self) {
        match self {
            Failure::Input(error) => show(error),
            Failure::Usage { message, help } => print(plain(message), help),
            Failure::SignIn { help, .. } => {
                let lines = self.to_string();
                print(lines.lines().map(plain).collect::<Vec<_>>().join("\n").into(), help);
            }
            Failure::Output { .. } => print(
                plain(&self.to_string()),
                "check that the folder exists, is writable and has room; a file that was there is as it was",
            ),
        }
    }
}

/// What was read, and whether all of it could be.
pub struct Reading {
    /// The estate.
    pub estate: Estate,
    /// Whether some input was wrong; each problem was already printed.
    pub flawed: bool,
}

/// Reads files into one estate. A bad one is reported and the rest is still read; it is a failure where nothing is
/// left.
pub fn read(files: &[PathBuf]) -> Result<Reading, Failure> {
    let (mut inputs, mut flawed) = (Vec::new(), false);
    for file in files {
        match load(file) {
            Ok(input) => inputs.push(input),
            Err(error) => {
                show(&error);
                flawed = true;
            }
        }
    }
    let mut usable = inputs.len();
    let (estate, problems) = Estate::read(inputs);
    for problem in &problems {
        show(problem);
        flawed = true;
        usable -= usize::from(problem.fatal);
    }
    if usable == 0 {
        let help = "give a recording (`snapshot/v1`) or a file of Azure resources".to_owned();
        return Err(Failure::Usage { message: "no input could be used".to_owned(), help });
    }
    Ok(Reading { estate, flawed })
}

/// Reads a file, or standard input (`-`).
pub fn load(file: &Path) -> Result<Input, InputError> {
    let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
    let failed = |message: String, help: &str| InputError {
        file: name.clone(),
        line: None,
        column: None,
        message,
        help: help.to_owned(),
        fatal: true,
    };
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| failed(format!("standard input cannot be read: {error}"), "pipe a recording into it"))?;
        return Ok(Input { name, bytes });
    }
    if file.is_dir() {
        return Err(failed(format!("`{name}` is a folder"), "give a file: a recording or a file of Azure resources"));
    }
    match std::fs::read(file) {
        Ok(bytes) => Ok(Input { name, bytes }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(failed(format!("there is no file `{name}`"), "check the path"))
        }
        Err(error) => Err(failed(format!("`{name}` cannot be read: {error}"), "check its permissions")),
    }
}

/// Prints one problem. The line it stands in is not shown: it may hold a secret.
pub fn show(error: &InputError) {
    let place = match (error.line, error.column) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}: ", error.file),
        _ => format!("{}: ", error.file),
    };
    print(plain(&format!("{place}{}", error.message)), &error.help);
}

/// Prints what is wrong, and what to do, to standard error.
fn print(message: Cow<'_, str>, help: &str) {
    let report = Report::new(MietteDiagnostic::new(message).with_help(plain(help)));
    let theme = match (output::unicode(), output::coloured()) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, _) => GraphicalTheme::none(),
    };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(output::width()).with_links(false);
    if handler.render_report(&mut text, report.as_ref()).is_err() {
        text = report.to_string();
    }
    output::say_lines(&output::own_colours(&text));
}
