//! The options of `probe`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use apim_doctor_core::ResourceId;

use super::{Auth, FailOn, Format};

/// Test the connection from this machine to a vault or storage account.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor probe kv-gateway.vault.azure.net\n  \
    apim-doctor probe kv-gateway.vault.azure.net --as-identity -o json -f probe.json\n\n\
    Exit status: 0 reachable; 1 blocked or a finding at or above --fail-on; 2 wrong usage.")]
pub(crate) struct Probe {
    /// The host name, e.g. `kv1.vault.azure.net` or `st1.blob.core.windows.net`; a URL also works.
    pub host: String,

    /// An additional name server to query, as IP or IP:PORT. Can be repeated.
    #[arg(long, value_name = "IP[:PORT]", value_parser = name_server)]
    pub server: Vec<SocketAddr>,

    /// Also send a request as this machine's identity: list a vault's secret names, or list a storage account's
    /// contents and discard the list unread. No secret value and no account data is read.
    #[arg(long)]
    pub as_identity: bool,

    /// How that identity signs in.
    #[arg(long, value_name = "WAY", value_enum, default_value_t = Auth::ManagedIdentity, requires = "as_identity")]
    pub auth: Auth,

    /// The subnet of this machine: the recording (`-o json`) then applies to callers in that subnet.
    #[arg(long, value_name = "SUBNET_ID", value_parser = subnet)]
    pub vantage: Option<ResourceId>,

    /// AzurePublic, AzureUSGovernment, AzureChina, or a file that describes another cloud.
    #[arg(long, value_name = "CLOUD", env = "APIM_DOCTOR_CLOUD", hide_env_values = true)]
    pub cloud: Option<String>,

    /// Maximum seconds for each step.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub timeout: Duration,

    /// How to print.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,

    /// File to write; standard output by default or with `-`.
    #[arg(short = 'f', long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,

    /// What makes the exit status 1; several with commas [default: error].
    #[arg(long, value_name = "LEVEL", value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,

    /// Show every question and every certificate.
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,

    /// Show only the result.
    #[arg(short, long)]
    pub quiet: bool,
}

fn subnet(text: &str) -> Result<ResourceId, String> {
    let id = ResourceId::new(text);
    let is_subnet = id.resource_type().eq_ignore_ascii_case("Microsoft.Network/virtualNetworks/subnets");
    let is_whole = id.subscription().is_some() && id.segments().count() == 10;
    let expected =
        "expected `/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…`";
    (is_subnet && is_whole).then_some(id).ok_or_else(|| expected.to_owned())
}

fn name_server(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    address.or_else(|_| text.parse()).map_err(|_| "expected an address like 10.0.0.4 or 10.0.0.4:53".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.05..=60.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "expected seconds, from 0.05 to 60".to_owned())
}
