//! One file a command.

mod can;
mod collect;
mod demo;
mod diagnose;
mod explain;
mod live;
mod permissions;
mod probe;
mod reference;
mod unread;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use apim_doctor_core::live::Wanted;
use apim_doctor_core::{CallerKind, Code, Estate, ResourceId};
use clap::parser::ValueSource;
use clap::{ArgMatches, Id};
use jiff::Timestamp;
use serde_json::Value;

use crate::args::{Args, Command, Instances, Live};
use crate::exit::Status;
use crate::files::Named;
use crate::input::Failure;
use crate::output::Page;

/// The options that stand on the command line itself. Others come from the environment or are defaults, and nobody
/// meant them for this run.
pub struct Typed(Vec<String>);

impl Typed {
    /// Those of the command that was chosen.
    pub fn of(matches: &ArgMatches) -> Self {
        let Some((_, chosen)) = matches.subcommand() else { return Self(Vec::new()) };
        let is_typed = |id: &&Id| chosen.value_source(id.as_str()) == Some(ValueSource::CommandLine);
        Self(chosen.ids().filter(is_typed).map(ToString::to_string).collect())
    }

    /// Files ask nobody: options for asking do not go with them.
    fn fits(&self, snapshot: &[PathBuf]) -> Result<(), Failure> {
        let for_asking = ["cloud", "auth", "subscription", "ask_vault", "read_settings", "timeout"];
        match for_asking.iter().find(|option| self.0.iter().any(|typed| typed == *option)) {
            Some(option) if !snapshot.is_empty() => Err(Failure::Usage {
                message: format!("`--snapshot` asks nobody, and `--{}` is for asking", option.replace('_', "-")),
                help: "leave one of them out".to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

/// Does what was asked.
pub fn run(args: Args, typed: &Typed) -> Result<Status, Failure> {
    match args.command {
        Command::Diagnose(args) => diagnose::run(&args, typed),
        Command::Collect(args) => collect::run(&args),
        Command::Permissions(args) => permissions::run(&args),
        Command::Can(args) => can::run(&args, typed),
        Command::Probe(args) => probe::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Rules { output } => reference::rules(output),
        Command::Schema { name } => reference::schema(&name),
        Command::Completions { shell } => reference::completions(shell),
        Command::Man => reference::man(),
    }
}

/// The time to judge from: what was typed, when the recording was taken, or now.
fn as_of(typed: Option<Timestamp>, estate: &Estate) -> Option<Timestamp> {
    typed.or(estate.taken_at()).or_else(|| Some(Timestamp::now()))
}

/// A resource id as it was typed, checked for its form.
fn resource_id(text: &str) -> Result<ResourceId, Failure> {
    if text.starts_with('/') {
        return Ok(ResourceId::new(text));
    }
    Err(Failure::Usage {
        message: format!("`{text}` is not a resource id"),
        help: "expected something like `/subscriptions/…/resourceGroups/…/providers/Microsoft.…/…/NAME`".to_owned(),
    })
}

/// Kinds of consumers as they were typed, checked.
fn consumers(kinds: &[String]) -> Result<&[String], Failure> {
    let known = apim_doctor_core::consumers();
    match kinds.iter().find(|kind| !known.iter().any(|known| known.starts_with(kind.as_str()))) {
        None => Ok(kinds),
        Some(odd) => Err(Failure::Usage {
            message: format!("`{odd}` is not a kind of consumer"),
            help: format!("expected one of {}", known.join(", ")),
        }),
    }
}

/// What a live run looks at. `else_give` is what the command takes besides.
fn wanted(instances: &Instances, live: &Live, kinds: &[String], else_give: &str) -> Result<Wanted, Failure> {
    let Instances { resources, resource_group, name } = instances;
    let resources = resources.iter().map(|text| resource_id(text)).collect::<Result<Vec<_>, _>>()?;
    if let Some(odd) = resources.iter().find(|id| CallerKind::caller_of(id).is_none()) {
        let kinds: Vec<&str> = CallerKind::ALL.iter().map(|kind| kind.facts().one).collect();
        return Err(Failure::Usage {
            message: format!("`{odd}` is not a supported resource: expected {}", kinds.join(", ")),
            help: "expected `/subscriptions/…/resourceGroups/…/providers/Microsoft.…/…/NAME`".to_owned(),
        });
    }
    if resources.is_empty() && name.is_none() && live.subscription.is_none() {
        return Err(Failure::Usage {
            message: "nothing to look at was named".to_owned(),
            help: format!("give an instance's resource id, or -g RG -n NAME, or --subscription ID{else_give}"),
        });
    }
    Ok(Wanted {
        resources,
        named: name.clone().map(|name| (name, resource_group.clone())),
        subscription: live.subscription.clone(),
        consumers: consumers(kinds)?.to_vec(),
        held: None,
        read_settings: live.read_settings,
    })
}

/// What a command reads in addition to the network: recordings, a cloud file, an error text from standard input.
fn read_from<'a>(snapshot: &'a [PathBuf], live: &'a Live, error: Option<&'a str>) -> Vec<Named<'a>> {
    let snapshots = snapshot.iter().map(|path| Named { option: "--snapshot", path });
    let error = error.filter(|text| *text == "-").map(|text| Named { option: "--error", path: Path::new(text) });
    snapshots.chain(error).chain(cloud_file(live.cloud.as_deref())).collect()
}

/// The file that describes a cloud, where one does.
fn cloud_file(cloud: Option<&str>) -> Vec<Named<'_>> {
    let file = cloud.map(Path::new).filter(|path| path.extension().is_some());
    file.map(|path| Named { option: "--cloud", path }).into_iter().collect()
}

/// One exchange a line, as recordings are kept.
fn recording(snapshot: &Value, page: &mut Page<'_>) -> std::io::Result<()> {
    let Value::Object(map) = snapshot else { return page.json(snapshot) };
    let mut out = page.json_text();
    writeln!(out, "{{")?;
    let last = map.len().saturating_sub(1);
    for (at, (key, value)) in map.iter().enumerate() {
        write!(out, "{}: ", Value::from(key.as_str()))?;
        match value {
            Value::Array(items) => {
                writeln!(out, "[")?;
                for (at, item) in items.iter().enumerate() {
                    writeln!(out, "  {item}{}", if at + 1 < items.len() { "," } else { "" })?;
                }
                write!(out, "]")?;
            }
            other => write!(out, "{other}")?,
        }
        writeln!(out, "{}", if at < last { "," } else { "" })?;
    }
    writeln!(out, "}}")
}

/// One section of a code's page, as one line of text.
pub fn docs(code: Code, heading: &str) -> Option<String> {
    let section = code.page().split("## ").find(|part| part.starts_with(heading))?;
    let text = section.lines().skip(1).collect::<Vec<_>>().join(" ");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
