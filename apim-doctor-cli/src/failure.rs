//! Errors of the program.

use std::path::{Path, PathBuf};

use apim_doctor_core::{ChangeError, InputError};

/// Why the program could not do its job.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
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
    #[error("sign-in failed\n{}", ways.join("\n"))]
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

impl From<ChangeError> for Failure {
    fn from(ChangeError { message, help, .. }: ChangeError) -> Self {
        Self::Usage { message, help }
    }
}

/// A path to write to, as a person knows it.
pub(crate) fn name(path: &Path) -> String {
    match path == Path::new("-") {
        true => "standard output".to_owned(),
        false => format!("`{}`", path.display()),
    }
}
