//! The command line: commands and options.

mod change;
mod check;
mod fleet;
mod output;
mod probe;
mod record;
mod reference;

use std::path::{Path, PathBuf};
use std::time::Duration;

use apim_doctor_core::is_guid;
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) use change::{Diff, WhatIf};
pub(crate) use check::Check;
pub(crate) use fleet::{Fleet, Merge, ReportCommand};
pub(crate) use output::{Accepts, Output, Outputs, ReportFormat};
pub(crate) use probe::Probe;
pub(crate) use record::{Collect, Script, ScriptShell};
pub(crate) use reference::{Man, Permissions};

/// Explains why an Azure service cannot reach its Key Vault: the whole access path, gate by gate.
#[derive(Debug, Parser)]
#[command(
    name = "apim-doctor",
    // A fixed name: the name of the running file is arbitrary.
    bin_name = "apim-doctor",
    version,
    after_help = "Try `apim-doctor demo`: it needs no Azure account.",
    after_long_help = "Exit status: 0 no finding at or above --fail-on; 1 findings; 2 wrong usage or unreadable \
                       input; 3 no access path was examined, which does not mean that all is well.\n\nTry \
                       `apim-doctor demo`: it needs no Azure account."
)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// When to use colour: `auto` uses it on a terminal, unless NO_COLOR is set.
    #[arg(long = "color", value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub colour: Colour,

    /// The configuration [default: the nearest apim-doctor.toml, from this folder upwards].
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "isolated", help_heading = "Configuration")]
    pub config: Option<PathBuf>,

    /// Read no configuration.
    #[arg(long, global = true, help_heading = "Configuration")]
    pub isolated: bool,
}

/// Show the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every option that a configuration can set, with its value and where that comes from.
    #[command(after_help = "Examples:\n  apim-doctor config show\n  apim-doctor config show -o json")]
    Show {
        /// How to print.
        #[arg(short, long, value_enum, default_value_t)]
        output: Format,
    },
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Explain access paths in depth, from Azure or from files.
    Diagnose(Diagnose),
    /// Work with reports that were written before.
    #[command(
        subcommand,
        after_help = "Examples:\n  apim-doctor report merge part-*.ndjson\n  \
            apim-doctor report merge part-*.ndjson -o ndjson=fleet.ndjson -o terminal"
    )]
    Report(ReportCommand),
    /// Check files before they are deployed: ARM templates, Bicep, Terraform plans and states, what-if output.
    Check(Check),
    /// Show what a change would break, and what to do first so that it does not.
    WhatIf(WhatIf),
    /// Compare two recordings or reports: what broke, what was repaired, and which change did it.
    Diff(Diff),
    /// Record the data that a diagnosis needs in a file that can be diagnosed, mailed and kept. Read-only.
    Collect(Collect),
    /// Print a script of read-only `az` calls that records the same, for a person without this program.
    Script(Script),
    /// Print the smallest role that gives a live run access to everything it reads.
    Permissions(Permissions),
    /// Check whether a principal has permission for an action at a scope, and through which role assignment; list who
    /// has it, or what a principal may do.
    Can(Can),
    /// Check a role definition, or find the smallest built-in role for a set of actions.
    #[command(
        subcommand,
        after_help = "Examples:\n  \
            apim-doctor roles check role.json\n  \
            apim-doctor roles smallest Microsoft.ApiManagement/service/backup/action"
    )]
    Roles(Roles),
    /// Test the connection from this machine to a vault or storage account: DNS, TCP, TLS, and the service's answer.
    Probe(Probe),
    /// Show a built-in case; needs no Azure account.
    Demo(Demo),
    /// Serve the read-only commands as tools to a client of the Model Context Protocol (MCP), on standard input and output.
    #[command(after_help = "Examples:\n  \
        apim-doctor mcp\n  \
        apim-doctor mcp --isolated\n\n\
        A client starts it: docs/mcp.md shows how. It ends when the client closes its standard input.")]
    Mcp,
    /// Explain a code or an error text.
    Explain(Explain),
    /// List every code.
    #[command(after_help = "Examples:\n  apim-doctor rules\n  apim-doctor rules -o json")]
    Rules {
        /// How to print.
        #[arg(short, long, value_enum, default_value_t)]
        output: Format,
    },
    /// Print the JSON Schema of a format.
    #[command(after_help = "Examples:\n  apim-doctor schema report\n  apim-doctor schema snapshot")]
    Schema {
        /// Which format.
        #[arg(value_parser = ["snapshot", "report", "ndjson", "baseline", "config", "answer", "who", "what", "roles", "explanation", "what-if", "diff", "fleet"])]
        name: String,
    },
    /// Print shell completions.
    #[command(after_help = "Examples:\n  \
        apim-doctor completions bash > ~/.local/share/bash-completion/completions/apim-doctor\n  \
        apim-doctor completions powershell >> $PROFILE")]
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Show the options, levels and suppressions that apply here, and where each value comes from.
    #[command(
        subcommand,
        after_help = "Examples:\n  apim-doctor config show\n  apim-doctor config show --config infra/apim-doctor.toml"
    )]
    Config(ConfigCommand),
    /// Print a manual page, or write the pages of all commands.
    Man(Man),
}

/// The resources to examine.
#[derive(Debug, clap::Args)]
pub(crate) struct Instances {
    /// The instance, app, named value or certificate to record.
    #[arg(value_name = "RESOURCE_ID")]
    pub resources: Vec<String>,

    /// The instance's resource group.
    #[arg(short = 'g', long, value_name = "RG", requires = "name")]
    pub resource_group: Option<String>,

    /// The instance's name.
    #[arg(short, long, value_name = "NAME", conflicts_with = "resources")]
    pub name: Option<String>,
}

/// Source of the data: files or Azure.
#[derive(Debug, clap::Args)]
pub(crate) struct Facts {
    /// Read a recording, output of `az`, a folder or a zip of them, or standard input (`-`) instead of Azure. Can be
    /// repeated.
    #[arg(long, value_name = "FILE")]
    pub snapshot: Vec<PathBuf>,

    /// The resource that outputs without an id belong to, such as `az functionapp config appsettings list`. Can be
    /// repeated.
    #[arg(long = "for", value_name = "RESOURCE_ID")]
    pub owners: Vec<String>,

    /// How Azure is queried in a live run.
    #[command(flatten)]
    pub live: Live,
}

/// Explain access paths in depth, from Azure or from files.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor diagnose -g rg-gateway -n apim-gateway\n  \
    apim-doctor diagnose apim.json kv.json vnet.json\n  \
    apim-doctor diagnose recording.json --script backup.ps1\n  \
    apim-doctor diagnose --all -o ndjson=fleet.ndjson -o terminal")]
pub(crate) struct Diagnose {
    /// Resources to examine: instances, apps, named values, certificates. Or files to read instead of asking Azure: a
    /// recording, output of `az`, a folder or a zip of them, a pattern such as `*.json`, or `-` for standard input.
    #[arg(value_name = "RESOURCE_ID|FILE")]
    pub given: Vec<String>,

    /// The instance's resource group.
    #[arg(short = 'g', long, value_name = "RG", requires = "name")]
    pub resource_group: Option<String>,

    /// The instance's name.
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<String>,

    /// Where the facts come from.
    #[command(flatten)]
    pub facts: Facts,

    /// An observed error text (`-` reads standard input): the diagnosis uses what it proves.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub error: Option<String>,

    /// Read the requests for backups out of a script (PowerShell, shell, or a pipeline with such steps). It is parsed and
    /// never run. Can be repeated.
    #[arg(long, value_name = "FILE")]
    pub script: Vec<PathBuf>,

    /// Examine only this kind of consumer, e.g. `apim-custom-domain`. Separate several with commas.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub consumer: Vec<String>,

    /// Ask again until every access path passes or this time is over, e.g. `90s` or `5m`: for the minutes after a repair.
    /// Only what can have changed is asked again. A live run only.
    #[arg(long, value_name = "TIME", value_parser = duration, conflicts_with = "error", help_heading = "Asking Azure")]
    pub watch: Option<Duration>,

    /// Many callers at once.
    #[command(flatten)]
    pub fleet: Fleet,

    /// Write the recording with the verified fixes applied, so that it can be diagnosed again.
    #[arg(long, value_name = "FILE")]
    pub write_fixed: Option<PathBuf>,

    /// Also write the page (`-o html`) to a private temporary file, and open it in the browser.
    #[arg(long)]
    pub open: bool,

    /// How to print.
    #[command(flatten)]
    pub outputs: Outputs,

    /// What counts.
    #[command(flatten)]
    pub accepts: Accepts,

    /// When to fail, and how much to print.
    #[command(flatten)]
    pub common: Common,
}

/// How Azure is queried.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Asking Azure")]
pub(crate) struct Live {
    /// AzurePublic, AzureUSGovernment, AzureChina, or a file that describes another cloud.
    #[arg(long, value_name = "CLOUD", env = "APIM_DOCTOR_CLOUD", hide_env_values = true)]
    pub cloud: Option<String>,

    /// How to sign in.
    #[arg(long, value_name = "WAY", value_enum, default_value_t)]
    pub auth: Auth,

    /// The subscription to examine: all its callers, unless a resource is given. Can be repeated with `--all`.
    #[arg(long, value_name = "ID", value_parser = subscription)]
    pub subscription: Vec<String>,

    /// Also query each vault directly: lists and metadata, never a value.
    #[arg(long)]
    pub ask_vault: bool,

    /// Also list the blobs of the containers that backups are written to: names and times, never content.
    #[arg(long)]
    pub ask_storage: bool,

    /// Also list app settings: names, references, account names and switches are recorded, every other value is
    /// dropped.
    #[arg(long)]
    pub read_settings: bool,

    /// Seconds after which the run ends, even if data is missing.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

/// How to sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Auth {
    /// Try in turn: environment, workload identity, managed identity of an app, Azure CLI, Azure Developer CLI, managed
    /// identity of a virtual machine.
    #[default]
    Auto,
    /// AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE.
    Env,
    /// AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.
    Workload,
    /// The managed identity of this machine or app; AZURE_CLIENT_ID names a user-assigned one.
    ManagedIdentity,
    /// Azure CLI: `az login`.
    Cli,
    /// Azure Developer CLI: `azd auth login`.
    Azd,
}

/// Check whether a principal has permission for an action at a scope; list who has, or what a principal may do.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "apim-doctor can [OPTIONS] PRINCIPAL ACTION SCOPE\n       \
        apim-doctor can [OPTIONS] --who ACTION SCOPE\n       \
        apim-doctor can [OPTIONS] --what PRINCIPAL [SCOPE]",
    after_help = "Examples:\n  \
        apim-doctor can OBJECT_ID Microsoft.KeyVault/vaults/secrets/getSecret/action VAULT_ID\n  \
        apim-doctor can IDENTITY_ID Microsoft.KeyVault/vaults/read VAULT_ID --snapshot recording.json\n  \
        apim-doctor can --who Microsoft.ApiManagement/service/backup/action INSTANCE_ID\n  \
        apim-doctor can --who Microsoft.KeyVault/vaults/read VAULT_ID --snapshot recording.json\n  \
        apim-doctor can --what OBJECT_ID VAULT_ID --snapshot recording.json\n\n\
        Exit status: 0 allowed; 1 denied; 2 wrong usage; 3 unknown. With --who: 0 if somebody has permission, 1 if no \
        principal has. With --what: 0 if something is allowed, 1 if nothing is. 3 if missing data decides."
)]
pub(crate) struct Can {
    /// List every principal that has permission, and those for which it is unknown.
    #[arg(long, conflicts_with = "what")]
    pub who: bool,

    /// List what the principal may do on API Management, Key Vault, storage and backup, by scope and role.
    #[arg(long)]
    pub what: bool,

    /// PRINCIPAL: the object id of a user, group or service principal, or the id of a resource with a managed identity.
    /// ACTION: e.g. `Microsoft.KeyVault/vaults/secrets/getSecret/action`. SCOPE: the resource, group or subscription.
    #[arg(value_name = "PRINCIPAL|ACTION|SCOPE", required = true, num_args = 1..=3)]
    pub given: Vec<String>,

    /// Where the facts come from.
    #[command(flatten)]
    pub facts: Facts,

    /// How to print.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,

    /// File to write; standard output by default or with `-`.
    #[arg(short = 'f', long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,

    /// When to fail, and how much to print.
    #[command(flatten)]
    pub common: Common,
}

/// Check role definitions.
#[derive(Debug, Subcommand)]
pub(crate) enum Roles {
    /// Check a role definition: names of actions, lists, assignable scopes, and what the portal needs.
    #[command(after_help = "Examples:\n  \
        apim-doctor roles check role.json\n  \
        az role definition list --custom-role-only | apim-doctor roles check -\n\n\
        Exit status: 0 no error; 1 an error, or a warning with --fail-on warning; 2 wrong usage or unreadable input.")]
    Check {
        /// Output of `az role definition list`, JSON for `New-AzRoleDefinition` or of Resource Manager, a script that copies
        /// a role (`-`: standard input); or the name or the id of a built-in role.
        #[arg(value_name = "FILE|NAME")]
        role: String,

        /// What makes the exit status 1; several with commas [default: error].
        #[arg(long, value_name = "LEVEL", value_enum, value_delimiter = ',')]
        fail_on: Vec<FailOn>,

        /// How to print.
        #[arg(short, long, value_enum, default_value_t)]
        output: Format,
    },
    /// Print the smallest built-in role that allows all of the actions.
    #[command(after_help = "Examples:\n  \
        apim-doctor roles smallest Microsoft.ApiManagement/service/backup/action\n  \
        apim-doctor roles smallest Microsoft.KeyVault/vaults/secrets/getSecret/action Microsoft.KeyVault/vaults/read\n\n\
        Exit status: 0 a role is enough; 1 no single role is; 2 wrong usage; 3 the kind of an action is not known.")]
    Smallest {
        /// Management actions and data actions.
        #[arg(value_name = "ACTION", required = true)]
        actions: Vec<String>,
    },
}

fn subscription(text: &str) -> Result<String, String> {
    let unfit = || format!("`{text}` is not a subscription id; `az account show --query id` prints it");
    is_guid(text).then(|| text.to_owned()).ok_or_else(unfit)
}

/// A time such as `90s`, `5m` or `1h`; at most a day.
fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a time like 90s, 5m or 1h, at most a day".to_owned();
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(expected)?;
    let (number, unit) = text.split_at_checked(split).ok_or_else(expected)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(expected()),
    };
    let time = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds));
    time.filter(|time| (1..=86_400).contains(time)).map(Duration::from_secs).ok_or_else(expected)
}

/// Show a built-in case.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  apim-doctor demo\n  apim-doctor demo list")]
pub(crate) struct Demo {
    /// The case; `list` shows all cases.
    #[arg(default_value = "user-assigned-behind-firewall")]
    pub name: String,

    /// How to print.
    #[command(flatten)]
    pub outputs: Outputs,

    /// When to fail, and how much to print.
    #[command(flatten)]
    pub common: Common,
}

/// Explain a code or an error text.
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("what").required(true),
    after_help = "Examples:\n  \
        apim-doctor explain firewall.user-assigned-not-trusted\n  \
        apim-doctor explain --error - < error.txt"
)]
pub(crate) struct Explain {
    /// A code, e.g. `firewall.user-assigned-not-trusted`, or the words of an error text.
    #[arg(value_name = "CODE|WORDS", group = "what")]
    pub words: Vec<String>,

    /// An error text as printed by Azure or a tool (`-` reads standard input).
    #[arg(long, value_name = "TEXT", group = "what", allow_hyphen_values = true)]
    pub error: Option<String>,

    /// A file with an error text or a log.
    #[arg(long, value_name = "FILE", group = "what")]
    pub error_file: Option<PathBuf>,

    /// Show every cause, every message, and the sources.
    #[arg(short, long)]
    pub verbose: bool,

    /// How to print.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}

/// When to fail, and how much to print.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// What makes the exit status 1; several with commas [default: error; a demo: never].
    #[arg(long, value_name = "LEVEL", value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,

    /// The reference time, e.g. 2026-11-21T09:00:00Z; by default the time of the recording.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub as_of: Option<Timestamp>,

    /// Show every question, including those that passed.
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,

    /// Show only the result.
    #[arg(short, long)]
    pub quiet: bool,
}

/// A file that a command reads or writes, and the option that names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'p> {
    /// As it is typed: `--write-fixed`.
    pub option: &'static str,
    /// The path, or `-`.
    pub path: &'p Path,
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time like 2026-11-21T09:00:00Z".to_owned())
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Terminal,
    /// For programs.
    Json,
}

/// What makes the exit status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Something is broken.
    Error,
    /// Something is broken or may break.
    Warning,
    /// Something is broken or could not be evaluated.
    Unknown,
    /// Nothing.
    Never,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
#[path = "../../fixtures/read.rs"]
mod fixture;

#[cfg(test)]
mod tests;
