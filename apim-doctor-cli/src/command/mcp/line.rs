//! The command line of a call, built so that no value of the client can become an option.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// How many bytes one argument may have. Windows allows 32,767 characters for all of them.
const ARGUMENT: usize = 24 << 10;

/// How many bytes a text may have that the command reads from its standard input.
const TEXT: usize = 16 << 20;

/// How long a command may run, unless its own time limit is longer.
const LIMIT: Duration = Duration::from_secs(600);

/// How long a command may take in addition to reading Azure.
const REST: Duration = Duration::from_secs(60);

/// Why an input cannot be a command line: the field, and what is expected.
#[derive(Debug, thiserror::Error)]
#[error("`{field}`: {expected}")]
pub(super) struct Wrong {
    field: String,
    expected: String,
}

impl Wrong {
    pub(super) fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { field: field.into(), expected: expected.into() }
    }
}

/// The command line of a call.
#[derive(Debug)]
pub(super) struct Line {
    options: Vec<String>,
    values: Vec<String>,
    /// What the command reads from standard input; absent: it is empty.
    pub text: Option<String>,
    /// How long the command may run.
    pub limit: Duration,
}

impl Line {
    /// A command that prints JSON.
    pub(super) fn new(command: &str) -> Self {
        let options = [command, "--output=json", "--color=never"].map(str::to_owned).to_vec();
        Self { options, values: Vec::new(), text: None, limit: LIMIT }
    }

    /// An option without a value.
    pub(super) fn flag(&mut self, option: &str, is_on: bool) {
        self.options.extend(is_on.then(|| format!("--{option}")));
    }

    /// An option that is given for each value of a field. `=` keeps a value from being an option of its own.
    pub(super) fn option<'v>(
        &mut self,
        field: &str,
        option: &str,
        values: impl IntoIterator<Item = &'v String>,
    ) -> Result<(), Wrong> {
        for value in values {
            self.options.push(format!("--{option}={}", passed(field, value)?));
        }
        Ok(())
    }

    /// The same for names of files.
    pub(super) fn files<'v>(
        &mut self,
        field: &str,
        option: &str,
        files: impl IntoIterator<Item = &'v String>,
    ) -> Result<(), Wrong> {
        for file in files {
            self.options.push(format!("--{option}={}", file_name(field, file)?));
        }
        Ok(())
    }

    /// Arguments after `--`, where nothing is an option.
    pub(super) fn values<'v>(
        &mut self,
        field: &str,
        values: impl IntoIterator<Item = &'v String>,
    ) -> Result<(), Wrong> {
        for value in values {
            self.values.push(passed(field, value)?.to_owned());
        }
        Ok(())
    }

    /// The same for names of files.
    pub(super) fn paths<'v>(&mut self, field: &str, files: impl IntoIterator<Item = &'v String>) -> Result<(), Wrong> {
        for file in files {
            self.values.push(file_name(field, file)?.to_owned());
        }
        Ok(())
    }

    /// A text that the command reads from standard input, for an option that takes `-`.
    pub(super) fn text(&mut self, field: &str, option: &str, text: Option<&String>) -> Result<(), Wrong> {
        let Some(text) = text else { return Ok(()) };
        self.read(field, text)?;
        self.options.push(format!("--{option}=-"));
        Ok(())
    }

    /// The same as an argument.
    pub(super) fn text_as_value(&mut self, field: &str, text: Option<&String>) -> Result<(), Wrong> {
        let Some(text) = text else { return Ok(()) };
        self.read(field, text)?;
        self.values.push("-".to_owned());
        Ok(())
    }

    fn read(&mut self, field: &str, text: &str) -> Result<(), Wrong> {
        if text.trim().is_empty() {
            return Err(Wrong::new(field, "expected a text that is not empty"));
        }
        if text.len() > TEXT {
            let expected = format!("expected at most {} MiB: write it to a file and name that", TEXT >> 20);
            return Err(Wrong::new(field, expected));
        }
        self.text = Some(text.to_owned());
        Ok(())
    }

    /// Seconds after which reading Azure ends.
    pub(super) fn timeout(&mut self, seconds: Option<u64>) {
        if let Some(seconds) = seconds {
            self.options.push(format!("--timeout={seconds}"));
            self.limit = LIMIT.max(Duration::from_secs(seconds).saturating_add(REST));
        }
    }

    /// The arguments.
    pub(super) fn arguments(&self) -> impl Iterator<Item = OsString> {
        self.options
            .iter()
            .map(String::as_str)
            .chain(["--"])
            .chain(self.values.iter().map(String::as_str))
            .map(Into::into)
    }
}

/// A value that can be an argument.
fn passed<'v>(field: &str, value: &'v str) -> Result<&'v str, Wrong> {
    if value.is_empty() {
        return Err(Wrong::new(field, "expected a text that is not empty"));
    }
    if value.contains('\0') {
        return Err(Wrong::new(field, "expected a text without the character NUL"));
    }
    if value.len() > ARGUMENT {
        return Err(Wrong::new(field, format!("expected at most {ARGUMENT} bytes, and it has {}", value.len())));
    }
    Ok(value)
}

/// The name of a file or a folder. Reading a device or a pipe might never end.
fn file_name<'v>(field: &str, file: &'v str) -> Result<&'v str, Wrong> {
    let file = passed(field, file)?;
    if file == "-" {
        return Err(Wrong::new(
            field,
            "expected the name of a file: `-` is standard input, which a tool does not have",
        ));
    }
    let path = Path::new(file);
    match path.exists() && !path.is_file() && !path.is_dir() {
        true => Err(Wrong::new(field, format!("expected a file or a folder, and `{file}` is neither"))),
        false => Ok(file),
    }
}
