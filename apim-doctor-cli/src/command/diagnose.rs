//! `diagnose`: explains access paths in depth.

use apim_doctor_core::v1::Outcome;
use apim_doctor_core::{CallerKind, Estate, Options, ResourceId, diagnose, fixed_recording};
use jiff::Timestamp;

use crate::args::{Diagnose, Facts, Named};
use crate::command::explain::error_text;
use crate::command::open::open;
use crate::command::options::{Typed, as_of, consumers, read_from, resource_id, wanted};
use crate::command::report::{baseline, finish, suppressions, written};
use crate::command::{fleet, live, unread, watch};
use crate::config::Config;
use crate::exit::Status;
use crate::failure::Failure;
use crate::files;
use crate::input::{self, Given, Reading};
use crate::output;
use crate::render::recording;

/// Runs `diagnose`.
pub(super) fn run(args: &Diagnose, typed: &Typed, config: &Config) -> Result<Status, Failure> {
    if args.fleet.all {
        return fleet::run(args, typed, config);
    }
    let Diagnose { resource_group, name, facts: Facts { snapshot, owners, live }, consumer, .. } = args;
    let (mut resources, mut inputs) = (Vec::new(), snapshot.clone());
    for given in &args.given {
        match Given::of(given)? {
            Given::Resource(id) => resources.push(id),
            Given::File(file) => inputs.push(file),
        }
    }
    if !resources.is_empty() && name.is_some() {
        return Err(Failure::Usage {
            message: "a resource id and `--name` were both given".to_owned(),
            help: "leave one of them out".to_owned(),
        });
    }
    consumers(consumer)?;
    typed.fits(&inputs)?;
    let files = input::files(&inputs)?;
    let owners = owners.iter().map(|text| resource_id(text)).collect::<Result<Vec<_>, _>>()?;
    let scripts = args.script.iter().map(|path| Named { option: "--script", path });
    let outputs: Vec<Named<'_>> = args.written()?;
    let known = args.accepts.baseline.iter().map(|path| Named { option: "--baseline", path });
    let inputs = read_from(&files, live, args.error.as_deref()).into_iter().chain(scripts);
    // A baseline may be written over the one that was read.
    let is_renewed = args.accepts.baseline == args.accepts.write_baseline;
    let inputs: Vec<Named<'_>> = inputs.chain(known.filter(|_| !is_renewed)).collect();
    files::apart(&inputs, &outputs)?;
    let known = baseline(&args.accepts, config)?;
    // A script alone is judged without a recording; with a resource, Azure is asked about that.
    let is_live = files.is_empty() && (args.script.is_empty() || name.is_some() || !resources.is_empty());
    if let (false, Some(_)) = (is_live, args.watch) {
        return Err(Failure::Usage {
            message: "`--watch` asks Azure again, and this run only reads files".to_owned(),
            help: "leave it out, or name a resource instead of files".to_owned(),
        });
    }
    let (Reading { mut estate, flawed }, exchanges) = match is_live {
        true => {
            let named = (name.as_deref(), resource_group.as_deref());
            let wanted = wanted(named, resources.clone(), live, consumer, ", or a file")?;
            let scripts = input::scripts(&args.script);
            let wanted = wanted.with_scripts(&scripts.0);
            let (reading, exchanges) = match args.watch {
                Some(time) => watch::read(args, wanted, &resources, time)?,
                None => live::read(live, wanted, args.common.quiet)?,
            };
            (input::add_scripts(reading, scripts), exchanges)
        }
        false => (input::read_with(&files, &args.script, owners)?, Vec::new()),
    };
    if let Some(name) = name {
        let found = by_name(&estate, name, resource_group.as_deref())?;
        resources = vec![found.ok_or_else(|| match is_live {
            true => unread::no_caller(&exchanges, Some(name)),
            false => Failure::Usage {
                message: format!("the recording contains no {} `{name}`", CallerKind::named()),
                help: format!("recorded: {}", names(&named(&estate))),
            },
        })?];
    }
    if let Some(error) = &args.error {
        let about = <[_; 1]>::try_from(resources.clone()).ok().map(|[only]| only);
        estate.observe(&error_text(error)?, about);
    }
    let mut options = Options::default().with_resources(resources).with_consumers(&args.consumer);
    options.as_of = as_of(args.common.as_of, &estate);
    let mut report = diagnose(&estate, &options);
    if report.headline.outcome == Outcome::NothingExamined {
        nothing(&estate, &options);
    }
    suppressions(config, &known, Some(args.common.as_of.unwrap_or_else(Timestamp::now))).apply(&mut report);
    let status = finish(&report, known.as_ref(), (&args.outputs, &[]), (&args.accepts, &args.common), flawed)?;
    if args.open {
        open(&report, args.common.quiet)?;
    }
    if let Some(file) = &args.write_fixed {
        if flawed {
            return Err(Failure::Usage {
                message: "the recording with fixes was not written, because part of the input could not be read"
                    .to_owned(),
                help: "correct or remove the input named above".to_owned(),
            });
        }
        let fixed = fixed_recording(&estate, &options)?;
        output::write(Some(file), |page| recording::print(&fixed, page))?;
    }
    Ok(status)
}

impl Diagnose {
    /// The files that it writes.
    fn written(&self) -> Result<Vec<Named<'_>>, Failure> {
        let fixed = self.write_fixed.iter().map(|path| Named { option: "--write-fixed", path });
        let baseline = self.accepts.write_baseline.iter().map(|path| Named { option: "--write-baseline", path });
        Ok(written(&self.outputs)?.into_iter().chain(fixed).chain(baseline).collect())
    }
}

/// The instance of this name, where it was read.
fn by_name(estate: &Estate, name: &str, group: Option<&str>) -> Result<Option<ResourceId>, Failure> {
    let fits = |id: &&&ResourceId| {
        id.name().eq_ignore_ascii_case(name)
            && group.is_none_or(|group| id.resource_group().is_some_and(|own| own.eq_ignore_ascii_case(group)))
    };
    let instances = named(estate);
    let found: Vec<&&ResourceId> = instances.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(Some((**one).clone())),
        [] => Ok(None),
        _ => Err(Failure::Usage {
            message: format!("several resources are named `{name}`"),
            help: "select one with -g RG, or give its resource id".to_owned(),
        }),
    }
}

/// What can be named. A part of another resource, such as a slot, is named by its id.
fn named(estate: &Estate) -> Vec<&ResourceId> {
    let named = CallerKind::ALL.into_iter().filter_map(|kind| Some((kind, kind.named_type()?)));
    let of_type = |(kind, name): (CallerKind, &'static str)| {
        let callers = estate.callers(kind).into_iter();
        callers.filter(move |id| id.resource_type().eq_ignore_ascii_case(name))
    };
    named.flat_map(of_type).collect()
}

fn names(instances: &[&ResourceId]) -> String {
    match instances {
        [] => format!("no {}", CallerKind::named()),
        some => some.iter().take(10).map(|id| format!("`{}`", id.name())).collect::<Vec<_>>().join(", "),
    }
}

/// Warns that a report without access paths proves nothing.
fn nothing(estate: &Estate, options: &Options) {
    let wanted = options.resources.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    let of = if wanted.is_empty() { String::new() } else { format!(" of {wanted}") };
    output::say(&format!(
        "nothing was examined: the input contains no access path{of} to a Key Vault or storage account; this does not \
         mean that all is well"
    ));
    output::say(&format!("  recorded: {}", names(&named(estate))));
}
