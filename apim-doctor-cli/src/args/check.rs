//! The options of `check`.

use std::path::PathBuf;

use super::{Accepts, Auth, Common, Live, Outputs};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor check infra/\n  \
    apim-doctor check main.bicep --parameters main.parameters.json sku=Premium -g rg\n  \
    apim-doctor check main.json --standalone --fail-on error,unknown\n  \
    apim-doctor check infra/ --fix\n  \
    apim-doctor check infra.zip\n  \
    terraform show -json plan.bin | apim-doctor check -\n  \
    apim-doctor check main.bicep -o json | jq -r '.findings[].fixes[].diff // empty' | git apply\n  \
    az deployment group what-if -g rg-gateway -f main.bicep --no-pretty-print > what-if.json\n  \
    apim-doctor check what-if.json\n  \
    apim-doctor check infra/ --against live --subscription ID -g rg-gateway\n\n\
    Exit status: as for diagnose; with --fix, of the files after the fixes.")]
pub(crate) struct Check {
    /// Files, folders and zips: ARM templates (also exported ones), Bicep, Terraform plans and states, what-if output. A
    /// recording says what exists. The content decides, not the name. `-` is one file from standard input.
    #[arg(value_name = "PATH", required_unless_present = "parameters")]
    pub paths: Vec<PathBuf>,

    /// Parameters as azure-cli takes them: a file (`FILE`, `@FILE`), JSON, or values (`NAME=VALUE`, `NAME=@FILE`).
    #[arg(short, long, value_name = "FILE|JSON|NAME=VALUE", num_args = 1..)]
    pub parameters: Vec<String>,

    /// What exists: a recording, or `live` to read it from Azure. The deployment is laid over it.
    #[arg(long, value_name = "SNAPSHOT|live")]
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

    /// Compile Bicep files with Bicep's own compiler (`bicep` or `az bicep`), which has to be on PATH.
    #[arg(long)]
    pub bicep_cli: bool,

    /// The cloud that it is deployed to: AzurePublic, AzureUSGovernment, AzureChina, or a file that describes another
    /// one. By default, the cloud of the host names in the files.
    #[arg(long, value_name = "CLOUD", env = "APIM_DOCTOR_CLOUD", hide_env_values = true)]
    pub cloud: Option<String>,

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

    /// With `--against live`: how to sign in.
    #[arg(long, value_name = "WAY", value_enum, default_value_t)]
    pub auth: Auth,

    /// With `--against live`: also list app settings; only names, references, account names and switches are kept.
    #[arg(long)]
    pub read_settings: bool,

    /// With `--against live`: seconds after which reading ends, even if data is missing.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,

    /// With the files at this git revision as the base: only what they make worse counts.
    #[arg(long, value_name = "GITREF", conflicts_with = "fix")]
    pub diff_base: Option<String>,

    #[command(flatten)]
    pub outputs: Outputs,

    #[command(flatten)]
    pub accepts: Accepts,

    #[command(flatten)]
    pub common: Common,
}

impl Check {
    /// Whether what exists is read from Azure.
    pub(crate) fn is_live(&self) -> bool {
        self.against.iter().any(|path| path.as_os_str() == "live")
    }

    /// How Azure is read.
    pub(crate) fn live(&self, subscription: String) -> Live {
        Live {
            cloud: self.cloud.clone(),
            auth: self.auth,
            subscription: vec![subscription],
            ask_vault: false,
            ask_storage: false,
            read_settings: self.read_settings,
            timeout: self.timeout,
        }
    }

    /// Separates parameters from paths that follow them: `--parameters` takes several values, as in azure-cli.
    pub(crate) fn split(&self) -> (Vec<PathBuf>, Vec<String>) {
        let (mut paths, mut parameters) = (self.paths.clone(), Vec::new());
        for text in &self.parameters {
            let path = PathBuf::from(text);
            let is_template =
                path.is_dir() || path.extension().is_some_and(|extension| extension == "bicep" || extension == "tf");
            match is_template || self.paths.is_empty() && paths.is_empty() && !parameters.is_empty() && path.is_file() {
                true => paths.push(path),
                false => parameters.push(text.clone()),
            }
        }
        (paths, parameters)
    }
}
