//! The options of `check`.

use std::path::PathBuf;

use super::Common;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor check infra/\n  \
    apim-doctor check main.bicep --parameters main.parameters.json --resource-group rg-gateway\n  \
    apim-doctor check main.json --standalone --fail-on error,unknown\n  \
    apim-doctor check infra/ --fix\n  \
    apim-doctor check main.bicep -o json | jq -r '.findings[].fixes[].diff // empty' | git apply\n\n\
    Exit status: as for diagnose; with --fix, of the files after the fixes.")]
pub(crate) struct Check {
    /// Files and folders.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// A parameter file, or a value.
    #[arg(short, long, value_name = "FILE|NAME=VALUE")]
    pub parameters: Vec<String>,

    /// A recording of what exists: the deployment is laid over it.
    #[arg(long, value_name = "SNAPSHOT")]
    pub against: Vec<PathBuf>,

    /// The files are all there is: what they do not contain does not exist.
    #[arg(long)]
    pub standalone: bool,

    /// Apply the safe fixes to the files: each is written only if the changed files, checked again, no longer show its
    /// finding. Only files among PATH are changed, and none with uncommitted changes.
    #[arg(long)]
    pub fix: bool,

    /// Let --fix change files that git does not know or that have uncommitted changes.
    #[arg(long, requires = "fix")]
    pub allow_dirty: bool,

    /// The subscription that it is deployed to.
    #[arg(long, value_name = "ID")]
    pub subscription: Option<String>,

    /// The resource group that it is deployed to.
    #[arg(short = 'g', long, value_name = "NAME")]
    pub resource_group: Option<String>,

    /// The region that it is deployed to.
    #[arg(long, value_name = "NAME")]
    pub location: Option<String>,

    /// The tenant that it is deployed to.
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,

    /// Check only consumers whose kind starts with one of these.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub consumer: Vec<String>,

    #[command(flatten)]
    pub common: Common,
}
