//! What is wrong in files, at its place.

use std::path::Path;

use crate::source::InputError;
use crate::template::place::{Files, Span};

/// A problem at its place in the files.
pub(super) fn said(files: &Files, span: Span, message: String) -> InputError {
    let position = files.position(span);
    InputError {
        file: files.path(span).unwrap_or(Path::new("")).display().to_string(),
        line: position.map(|at| at.line as usize),
        column: position.map(|at| at.column as usize),
        message,
        help: "what depends on it is unknown".to_owned(),
        fatal: false,
    }
}
