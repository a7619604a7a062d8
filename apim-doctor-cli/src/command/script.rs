//! `script`: a script of read-only `az` calls, for a person who does not have this program.

use apim_doctor_core::live::Ask;
use apim_doctor_core::{CallerKind, Cloud, ResourceId};

use crate::args::{Script, ScriptShell};
use crate::command::options::{resource_id, supported};
use crate::exit::Status;
use crate::failure::Failure;
use crate::output;

const POSIX: &str = include_str!("script/posix.sh");
const POWERSHELL: &str = include_str!("script/powershell.ps1");

/// Reads of a live run that no script sends: lists of a whole subscription's callers, and what needs the settings of an
/// app, which hold secrets.
const LEFT_OUT: &[Ask] = &[
    Ask::Instances,
    Ask::Sites,
    Ask::AppCertificates,
    Ask::ApplicationGateways,
    Ask::Settings,
    Ask::SlotSettings,
    Ask::Share,
    Ask::RecoveryVaults,
    // Every machine of a subscription, with what is in it.
    Ask::Machines,
    // They follow from the backups that a script asks for, and this script is given none.
    Ask::BlobService,
    Ask::Container,
    Ask::Lifecycle,
    Ask::ActivityLog,
    Ask::AutomationAccount,
    Ask::Schedules,
    Ask::JobSchedules,
    Ask::AutomationJobs,
    Ask::AutomationJob,
    Ask::JobStreams,
    Ask::MetricAlerts,
];

/// Built-in roles that allow to read a secret's value. A role that is missing here costs a few reads more.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide> (read 2026-11-30).
const GRANTING: &[&str] = &[
    // Key Vault Administrator, Secrets Officer, Secrets User, Certificate User.
    "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "4633458b-17de-408a-b874-0445c86b69e6",
    "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
];

/// The clouds as azure-cli calls them, each with the application ids of App Service and of Backup Management Service
/// there. The second one is documented for the public cloud only.
/// Sources: <https://learn.microsoft.com/cli/azure/manage-clouds-azure-cli>,
/// <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> and
/// <https://learn.microsoft.com/azure/backup/backup-azure-vms-automation> (read 2026-11-30).
const CLOUDS: &[(&str, &str, [&str; 2])] = &[
    ("AzureUSGovernment", "AzureUSGovernment", ["6a02c803-dafd-4136-b4c3-5a6f318b4714", ""]),
    ("AzureChinaCloud", "AzureChina", ["abfa0a7c-a6b6-4736-8310-5855508787cd", ""]),
    (PUBLIC, "AzurePublic", ["abfa0a7c-a6b6-4736-8310-5855508787cd", "262044b1-e2ce-469f-a196-69ab7ada62d3"]),
];

/// What azure-cli calls the public cloud.
const PUBLIC: &str = "AzureCloud";

const SERVICES: [&str; 4] = ["blob", "file", "queue", "table"];

/// Prints the script.
pub(super) fn run(args: &Script) -> Result<Status, Failure> {
    let resources = args.instances.resources.iter().map(|text| resource_id(text)).collect::<Result<Vec<_>, _>>()?;
    supported(&resources)?;
    let subject = Subject::of(args, &resources)?;
    let text = match args.shell {
        ScriptShell::Posix => posix(&subject, args.policies),
        ScriptShell::Powershell => powershell(&subject, args.policies),
    };
    output::write(args.output_file.as_deref(), |page| page.lines(&text))?;
    Ok(Status::Clean)
}

/// What the script starts with.
enum Subject {
    /// Callers by their ids.
    Ids(Vec<String>),
    /// A caller by its name, and its resource group where it is given.
    Named(String, Option<String>),
}

impl Subject {
    fn of(args: &Script, resources: &[ResourceId]) -> Result<Self, Failure> {
        let callers: Vec<String> =
            resources.iter().filter_map(CallerKind::caller_of).map(|id| id.to_string()).collect();
        let group = args.instances.resource_group.clone();
        let texts = callers.iter().chain(&args.instances.name).chain(&group);
        if let Some(odd) = texts.into_iter().find(|text| !text.chars().all(is_plain)) {
            return Err(Failure::Usage {
                message: format!("`{odd}` is not a name in Azure"),
                help: "names consist of letters, digits and - _ . ( )".to_owned(),
            });
        }
        match &args.instances.name {
            Some(name) => Ok(Self::Named(name.clone(), group)),
            None if callers.is_empty() => Err(Failure::Usage {
                message: "no resource was given".to_owned(),
                help: "give an instance's resource id, or -g RG -n NAME".to_owned(),
            }),
            None => Ok(Self::Ids(callers)),
        }
    }

    /// In words, for the head of the script.
    fn words(&self) -> String {
        match self {
            Self::Named(name, Some(group)) => format!("{name} in the resource group {group},"),
            Self::Named(name, None) => format!("{name}, wherever it is,"),
            Self::Ids(ids) => ids.join(", "),
        }
    }
}

/// The condition that finds a caller by its name.
fn condition(name: &str, group: Option<&str>) -> String {
    let types = CallerKind::ALL.into_iter().filter_map(CallerKind::named_type).map(|name| format!("'{name}'"));
    let types = types.collect::<Vec<_>>().join(", ");
    let group = group.map(|group| format!(" and resourceGroup =~ '{group}'")).unwrap_or_default();
    format!("type in~ ({types}) and name =~ '{name}'{group}")
}

/// Characters of names and ids that mean nothing to a shell between quotes, nor to a query.
fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || "-_.()/".contains(character)
}

/// What the head says about policies.
fn secrets(policies: bool) -> &'static str {
    match policies {
        true => {
            "# With --policies, it contains whole policy documents: look for secrets in them before you send it. It \
             contains no\n# values of named values but addresses of vaults, no credentials of backends, and no tags."
        }
        false => {
            "# It contains no values of named values but addresses of vaults, and no tags. Policies are not read: print \
             the script\n# with --policies for that."
        }
    }
}

/// The reads of a script, with what their queries say.
fn queries() -> impl Iterator<Item = (String, String)> {
    let reads = Ask::ALL.iter().filter(|ask| !LEFT_OUT.contains(ask));
    let reads = reads.filter(|ask| ask.details().request.starts_with("GET {"));
    reads.map(|ask| {
        let kind = ask.details();
        let and = if kind.query.is_empty() { "" } else { "&" };
        (format!("{ask:?}"), format!("api-version={}{and}{}", kind.version, kind.query))
    })
}

/// A text between quotes for a POSIX shell.
fn posix_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The names of zones in which a name of these zones and suffixes can be, as a regular expression.
fn zones(all: &[String]) -> String {
    let mut names: Vec<String> = Vec::new();
    for own in all {
        let own = own.replace('.', r"\.");
        let labels: Vec<&str> = own.split(r"\.").collect();
        names.push(format!(r"(.*\.)?{own}"));
        names.extend((1..labels.len()).map(|from| labels.get(from..).unwrap_or_default().join(r"\.")));
    }
    names.sort();
    names.dedup();
    names.join("|")
}

/// What a script needs of a cloud: each name with its value.
fn names(cloud: &Cloud, [app_service, backup_service]: [&str; 2]) -> Vec<(&'static str, String)> {
    let storage: Vec<String> =
        SERVICES.iter().map(|service| format!("privatelink.{service}.{}", cloud.storage_suffix)).collect();
    let all: Vec<String> = std::iter::once(&cloud.vault_zone).chain(&storage).map(|zone| format!("'{zone}'")).collect();
    let pattern = |text: &str| text.replace('.', r"\.");
    vec![
        ("cloud_name", cloud.name.clone()),
        ("graph_host", cloud.graph.clone()),
        ("app_service", app_service.to_owned()),
        ("backup_service", backup_service.to_owned()),
        ("vault_host", cloud.key_vault_suffix.clone()),
        ("vault_suffix", pattern(&cloud.key_vault_suffix)),
        ("vault_zone", cloud.vault_zone.clone()),
        ("vault_zone_suffix", pattern(&cloud.vault_zone)),
        ("vault_zones", zones(&[cloud.vault_zone.clone(), cloud.key_vault_suffix.clone()])),
        ("storage_suffix", pattern(&cloud.storage_suffix)),
        ("storage_zones", zones(&[storage, vec![cloud.storage_suffix.clone()]].concat())),
        ("all_zones", all.join(", ")),
    ]
}

/// The clouds with what azure-cli calls them. The last one also stands for clouds of other names.
fn clouds() -> impl Iterator<Item = (&'static str, Vec<(&'static str, String)>)> {
    CLOUDS.iter().filter_map(|(az, name, services)| Some((*az, names(&Cloud::named(name)?, *services))))
}

fn posix(subject: &Subject, policies: bool) -> String {
    let clouds = clouds().map(|(az, names)| {
        let (pattern, other) = match az {
            PUBLIC => ("*", format!("    [ \"$cloud\" = {PUBLIC} ] || known=no\n")),
            _ => (az, String::new()),
        };
        let names: String = names.iter().map(|(name, value)| format!("    {name}={}\n", posix_quoted(value))).collect();
        format!("  {pattern})\n{other}{names}    ;;\n")
    });
    let queries = queries().map(|(name, query)| format!("    {name}) query={} ;;\n", posix_quoted(&query)));
    let start = match subject {
        Subject::Ids(ids) => ids.iter().map(|id| format!("start {}\n", posix_quoted(id))).collect(),
        Subject::Named(name, group) => {
            format!("find_by FindInstance {}\n", posix_quoted(&condition(name, group.as_deref())))
        }
    };
    let granting = GRANTING.join("|");
    let policies_wanted = if policies { "yes" } else { "no" };
    fill(
        POSIX,
        subject,
        policies,
        [policies_wanted, &clouds.collect::<String>(), &queries.collect::<String>(), &granting, &start],
    )
}

fn powershell(subject: &Subject, policies: bool) -> String {
    let clouds = clouds().map(|(az, names)| {
        let (pattern, other) = match az {
            PUBLIC => ("default", format!("    $known = $azCloud -eq '{PUBLIC}'\n")),
            _ => (az, String::new()),
        };
        let names: String = names
            .iter()
            .map(|(name, value)| format!("    ${} = {}\n", camel(name), powershell_quoted(value)))
            .collect();
        format!(
            "  {} {{\n{other}{names}  }}\n",
            if pattern == "default" { pattern.to_owned() } else { powershell_quoted(pattern) }
        )
    });
    let queries = queries().map(|(name, query)| format!("  '{name}' = {}\n", powershell_quoted(&query)));
    let start = match subject {
        Subject::Ids(ids) => ids.iter().map(|id| format!("  Start-Caller {}\n", powershell_quoted(id))).collect(),
        Subject::Named(name, group) => {
            format!("  Add-Search FindInstance {}\n", powershell_quoted(&condition(name, group.as_deref())))
        }
    };
    let granting = GRANTING.join("|");
    let policies_wanted = if policies { "$true" } else { "$false" };
    fill(
        POWERSHELL,
        subject,
        policies,
        [policies_wanted, &clouds.collect::<String>(), &queries.collect::<String>(), &granting, &start],
    )
}

/// `vault_zone` as `vaultZone`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        all + &capital.into_iter().chain(letters).collect::<String>()
    })
}

/// A text between quotes for PowerShell.
fn powershell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A template with its marks replaced.
fn fill(
    template: &str,
    subject: &Subject,
    policies: bool,
    [wanted, clouds, queries, granting, start]: [&str; 5],
) -> String {
    let marks = [
        ("@VERSION@", env!("CARGO_PKG_VERSION")),
        ("@SUBJECT@", &subject.words()),
        ("# @SECRETS@", secrets(policies)),
        ("@POLICIES@", wanted),
        ("@CLOUDS@\n", clouds),
        ("@VERSIONS@\n", queries),
        ("@GRANTING@", granting),
        ("@START@\n", start),
    ];
    marks.iter().fold(template.to_owned(), |text, (mark, value)| text.replace(mark, value))
}
