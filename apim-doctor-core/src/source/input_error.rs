//! Input that could not be read, said so that a person can act on it.

/// One thing wrong with one input.
///
/// The rest of the input was still read, unless `fatal`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counted from 1; `None` where there is none to point at.
    pub line: Option<usize>,
    /// The column, counted in bytes from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What was expected, and what to do.
    pub help: String,
    /// Nothing of this file was used.
    pub fatal: bool,
}

/// Line and column, counted from 1, of a byte.
pub(super) fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset.min(bytes.len())).unwrap_or_default();
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    (line, column)
}
