//! Options that several commands share.

use std::path::{Path, PathBuf};

use apim_doctor_core::live::Wanted;
use apim_doctor_core::{CallerKind, Estate, ResourceId};
use clap::parser::ValueSource;
use clap::{ArgMatches, Id};
use jiff::Timestamp;

use crate::args::{Live, Named};
use crate::failure::Failure;

/// The options on the command line itself. Others come from the environment or are defaults, and were not meant
/// for this run.
pub(crate) struct Typed(Vec<String>);

impl Typed {
    /// Those of the command that was chosen.
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let Some((_, chosen)) = matches.subcommand() else { return Self(Vec::new()) };
        let is_typed = |id: &&Id| chosen.value_source(id.as_str()) == Some(ValueSource::CommandLine);
        Self(chosen.ids().filter(is_typed).map(ToString::to_string).collect())
    }

    /// Whether an option was typed.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.0.iter().any(|typed| typed == option)
    }

    /// With files, nothing is asked of Azure: rejects options that only affect live runs.
    pub(crate) fn fits(&self, files: &[PathBuf]) -> Result<(), Failure> {
        let live_only =
            ["cloud", "auth", "subscription", "ask_vault", "ask_storage", "read_settings", "timeout", "watch"];
        match live_only.iter().find(|option| self.has(option)) {
            Some(option) if !files.is_empty() => Err(Failure::Usage {
                message: format!(
                    "`--{}` only applies to live runs and cannot be used with files",
                    option.replace('_', "-")
                ),
                help: "remove one of them".to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

/// The time to judge from: what was typed, when the recording was taken, or now.
pub(super) fn as_of(typed: Option<Timestamp>, estate: &Estate) -> Option<Timestamp> {
    typed.or(estate.taken_at()).or_else(|| Some(Timestamp::now()))
}

/// A resource id as it was typed, checked for its form.
pub(super) fn resource_id(text: &str) -> Result<ResourceId, Failure> {
    if text.starts_with('/') && !Path::new(text).exists() {
        return Ok(ResourceId::new(text));
    }
    if Path::new(text).exists() {
        return Err(Failure::Usage {
            message: format!("`{text}` is a file, and a resource id is expected here"),
            help: "files are read by `apim-doctor diagnose FILE…`, and by `--snapshot FILE`".to_owned(),
        });
    }
    Err(Failure::Usage {
        message: format!("`{text}` is not a resource id"),
        help: "expected something like `/subscriptions/…/resourceGroups/…/providers/Microsoft.…/…/NAME`".to_owned(),
    })
}

/// Kinds of consumers as they were typed, checked.
pub(super) fn consumers(kinds: &[String]) -> Result<&[String], Failure> {
    let known = apim_doctor_core::consumers();
    match kinds.iter().find(|kind| !known.iter().any(|known| known.starts_with(kind.as_str()))) {
        None => Ok(kinds),
        Some(odd) => Err(Failure::Usage {
            message: format!("`{odd}` is not a kind of consumer"),
            help: format!("expected one of {}", known.join(", ")),
        }),
    }
}

/// Rejects resources that call no vault.
pub(super) fn supported(resources: &[ResourceId]) -> Result<(), Failure> {
    let Some(odd) = resources.iter().find(|id| CallerKind::caller_of(id).is_none()) else { return Ok(()) };
    let kinds: Vec<&str> = CallerKind::ALL.iter().map(|kind| kind.one()).collect();
    Err(Failure::Usage {
        message: format!("`{odd}` is not a supported resource: expected {}", kinds.join(", ")),
        help: "expected `/subscriptions/…/resourceGroups/…/providers/Microsoft.…/…/NAME`".to_owned(),
    })
}

/// What a live run looks at. `else_give` is what the command also accepts.
pub(super) fn wanted(
    named: (Option<&str>, Option<&str>),
    resources: Vec<ResourceId>,
    live: &Live,
    kinds: &[String],
    else_give: &str,
) -> Result<Wanted, Failure> {
    let (name, resource_group) = named;
    supported(&resources)?;
    if live.subscription.len() > 1 {
        return Err(Failure::Usage {
            message: "several subscriptions were given".to_owned(),
            help: "only `diagnose --all` examines several: add `--all`, or leave one".to_owned(),
        });
    }
    if resources.is_empty() && name.is_none() && live.subscription.is_empty() {
        return Err(Failure::Usage {
            message: "no resource was given".to_owned(),
            help: format!("give an instance's resource id, or -g RG -n NAME, or --subscription ID{else_give}"),
        });
    }
    let mut wanted = Wanted::default().with_resources(resources);
    wanted.named = name.map(|name| (name.to_owned(), resource_group.map(str::to_owned)));
    wanted.subscription = live.subscription.first().cloned();
    wanted.consumers = consumers(kinds)?.to_vec();
    wanted.read_settings = live.read_settings;
    Ok(wanted)
}

/// What a command reads in addition to the network: recordings, a cloud file, an error text from standard input.
pub(super) fn read_from<'a>(files: &'a [PathBuf], live: &'a Live, error: Option<&'a str>) -> Vec<Named<'a>> {
    let files = files.iter().map(|path| Named { option: "--snapshot", path });
    let error = error.filter(|text| *text == "-").map(|text| Named { option: "--error", path: Path::new(text) });
    files.chain(error).chain(cloud_file(live.cloud.as_deref())).collect()
}

/// The file that describes a cloud, where one does.
pub(super) fn cloud_file(cloud: Option<&str>) -> Vec<Named<'_>> {
    let file = cloud.map(Path::new).filter(|path| path.extension().is_some());
    file.map(|path| Named { option: "--cloud", path }).into_iter().collect()
}
