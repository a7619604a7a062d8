//! Options of the commands that print reference material.

use std::path::PathBuf;

/// Print a manual page, or write the pages of all commands.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor man roles check | man -l -\n  \
    apim-doctor man --all-to ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The command, e.g. `diagnose` or `roles check`; the whole program by default.
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,

    /// Write the page of each command to this folder, which has to exist.
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub all_to: Option<PathBuf>,
}
