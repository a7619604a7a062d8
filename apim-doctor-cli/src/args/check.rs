//! The options of `check`.

use std::path::PathBuf;

use super::Common;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor check infra/\n  \
    apim-doctor check main.bicep --parameters main.parameters.json --resource-group rg-gateway\n  \
    apim-doctor check main.json --standalone --fail-on error,unknown")]
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

    /// AzurePublic, AzureUSGovernment, AzureChina, or a file that describes another cloud.
    #[arg(long, value_name = "CLOUD", env = "APIM_DOCTOR_CLOUD", hide_env_values = true)]
    pub cloud: Option<String>,

    /// Check only consumers whose kind starts with one of these.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub consumer: Vec<String>,

    #[command(flatten)]
    pub common: Common,
}
