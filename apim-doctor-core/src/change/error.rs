//! Why a change cannot be tried.

/// Why a planned change cannot be tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct ChangeError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl ChangeError {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}
