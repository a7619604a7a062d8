//! The options of `collect` and `script`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{Instances, Live};

/// Record the data that a diagnosis needs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor collect -g rg-gateway -n apim-gateway -f recording.json\n  \
    apim-doctor collect -g rg-gateway -n apim-gateway -f - --mask | apim-doctor diagnose -")]
pub(crate) struct Collect {
    /// The resources to examine.
    #[command(flatten)]
    pub instances: Instances,

    /// File to write (`-`: standard output). Only its owner can read it.
    #[arg(short = 'f', long, value_name = "FILE")]
    pub output_file: PathBuf,

    /// Also collect what the backups depend on that a script requests (PowerShell, shell, or a pipeline). It is parsed
    /// and never run. Can be repeated.
    #[arg(long, value_name = "FILE")]
    pub script: Vec<PathBuf>,

    /// Replace subscription, tenant and object ids with stable placeholders.
    #[arg(long)]
    pub mask: bool,

    /// Collect only for this kind of consumer; `apim-policy` includes the policies of operations, other kinds collect
    /// no policies. Separate several with commas.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub consumer: Vec<String>,

    /// How Azure is queried.
    #[command(flatten)]
    pub live: Live,

    /// Print only errors.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Print a script of read-only `az` calls that records what a diagnosis needs. It needs only `az` and a shell, for
/// example Azure Cloud Shell, and writes one file for `apim-doctor diagnose FILE`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor script -g rg-gateway -n apim-gateway > record.sh\n  \
    apim-doctor script -g rg-gateway -n apim-gateway --shell powershell -f record.ps1")]
pub(crate) struct Script {
    /// The resources to examine.
    #[command(flatten)]
    pub instances: Instances,

    /// The shell that will run it.
    #[arg(long, value_name = "SHELL", value_enum, default_value_t)]
    pub shell: ScriptShell,

    /// Also record policies of API Management, as they are: they may contain secrets.
    #[arg(long)]
    pub policies: bool,

    /// File to write; standard output by default or with `-`.
    #[arg(short = 'f', long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
}

/// The shell that runs a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScriptShell {
    /// `sh`, `bash`, `dash` or BusyBox: Linux, macOS, Git Bash, Cloud Shell.
    #[default]
    Posix,
    /// Windows PowerShell 5.1 or PowerShell 7.
    Powershell,
}
