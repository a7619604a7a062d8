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

/// Print the smallest role that gives a live run access to everything it reads.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor permissions --scope /subscriptions/SUBSCRIPTION -f role.json\n  \
    apim-doctor permissions --ask-vault --read-settings")]
pub(crate) struct Permissions {
    /// Scope at which the role can be assigned, e.g. `/subscriptions/…`. Can be repeated.
    #[arg(long, value_name = "SCOPE")]
    pub scope: Vec<String>,

    /// Include the permissions for `--ask-vault`.
    #[arg(long)]
    pub ask_vault: bool,

    /// Include the permissions for `--read-settings`.
    #[arg(long)]
    pub read_settings: bool,

    /// File to write; standard output by default or with `-`.
    #[arg(short = 'f', long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
}
