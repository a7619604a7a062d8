//! Errors for unreadable input, with actionable help.

use std::fmt;

/// One thing wrong with one input.
///
/// The rest of the input was still read, unless `fatal`. [`Display`](fmt::Display) shows the file, the line and column if
/// there are any, and what is wrong, on one line; `help` is not part of it.
///
/// ```
/// use apim_doctor_core::{Estate, Input};
/// let (_, problems) = Estate::read(vec![Input::new("plan.json", *b"[{]")]);
/// assert!(problems[0].to_string().starts_with("plan.json:1:3: "));
/// assert!(problems[0].fatal);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counted from 1; `None` where there is none to point at.
    pub line: Option<usize>,
    /// The column, counted in bytes from 1.
    pub column: Option<usize>,
    /// What is wrong, without the place.
    pub message: String,
    /// What was expected, and what to do.
    pub help: String,
    /// Nothing of this file was used.
    pub fatal: bool,
}

impl InputError {
    /// Nothing of the file can be used.
    ///
    /// ```
    /// use apim_doctor_core::InputError;
    /// let error = InputError::fatal("cloud.toml", "`authority` is missing", "add the sign-in URL").at(3, 1);
    /// assert_eq!(error.to_string(), "cloud.toml:3:1: `authority` is missing");
    /// ```
    pub fn fatal(file: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None, message: message.into(), help: help.into(), fatal: true }
    }

    /// The same error at a line and a column, both counted from 1.
    #[must_use]
    pub fn at(self, line: usize, column: usize) -> Self {
        Self { line: Some(line), column: Some(column), ..self }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for InputError {}

/// Line and column, counted from 1, of a byte.
pub(super) fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset.min(bytes.len())).unwrap_or_default();
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    (line, column)
}
