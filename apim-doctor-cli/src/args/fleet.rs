//! Options for many callers at once.

use std::path::PathBuf;

use apim_doctor_core::Shard;
use clap::Subcommand;

use super::{FailOn, Outputs};

/// Many callers at once.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Many callers")]
pub(crate) struct Fleet {
    /// Examine every caller that you can read: in the tenant, in a management group, or in the subscriptions of
    /// `--subscription`. Prints a summary by cause; `-o ndjson` prints each result as soon as it is known.
    #[arg(long, conflicts_with_all = ALONE)]
    pub all: bool,

    /// The management group to examine, by its name. Can be repeated.
    #[arg(long, value_name = "NAME", requires = "all", conflicts_with = "subscription")]
    pub management_group: Vec<String>,

    /// Examine one of N parts of the callers, for N machines: K from 1 to N, or from 0 to N - 1. `report merge` joins the
    /// results.
    #[arg(long, value_name = "K/N", requires = "all")]
    pub shard: Option<Shard>,

    /// Note in this file what is done. If the run is interrupted, the same command goes on from there. Needs
    /// `-o ndjson=FILE`.
    #[arg(long, value_name = "FILE", requires = "all")]
    pub checkpoint: Option<PathBuf>,
}

/// Options of `diagnose` that are about single resources or about files.
const ALONE: [&str; 11] = [
    "given",
    "name",
    "resource_group",
    "snapshot",
    "owners",
    "error",
    "script",
    "watch",
    "write_fixed",
    "open",
    "write_baseline",
];

/// Work with reports that were written before.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Join the results of several runs, such as those of all parts of `diagnose --all --shard K/N`.
    Merge(Merge),
}

/// Join the results of several runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor report merge part-*.ndjson\n  \
    apim-doctor report merge part-*.ndjson -o ndjson=fleet.ndjson -o terminal\n\n\
    Exit status: that of one run over everything; 2 if a part is missing or was interrupted.")]
pub(crate) struct Merge {
    /// What `-o ndjson` wrote, or reports (`-o json`). `-`: standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// How to print: terminal, json or ndjson.
    #[command(flatten)]
    pub outputs: Outputs,

    /// What makes the exit status 1; several with commas [default: error].
    #[arg(long, value_name = "LEVEL", value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,

    /// Show only the result.
    #[arg(short, long)]
    pub quiet: bool,
}
