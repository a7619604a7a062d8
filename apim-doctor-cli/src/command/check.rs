//! `check`: judges files before they are deployed, and applies safe fixes to them.

use std::path::{Path, PathBuf};

use apim_doctor_core::live::Wanted;
use apim_doctor_core::{CheckOptions, Estate, Options, ResourceId, check, deployed};
use jiff::Timestamp;

use crate::args::{Check, Named};
use crate::command::options::consumers;
use crate::command::report::{baseline, finish, suppressions, written};
use crate::command::{bicep, diff_base, fix, live};
use crate::config::Config;
use crate::exit::Status;
use crate::failure::Failure;
use crate::input::projects;
use crate::render;
use crate::{cloud, files, input};

/// Runs `check`.
pub(super) fn run(args: &Check, config: &Config) -> Result<Status, Failure> {
    consumers(&args.consumer)?;
    let (paths, parameters) = args.split();
    if paths.is_empty() {
        return Err(Failure::Usage {
            message: "no file or folder was given".to_owned(),
            help: "put the files before `--parameters`, which takes all values that follow it".to_owned(),
        });
    }
    files::apart(&args.read(paths.as_slice(), &parameters), &args.written()?)?;
    let known = baseline(&args.accepts, config)?;
    let projects = projects(paths)?;
    if args.fix {
        projects.refuse("--fix", "change")?;
    }
    let paths = &projects.paths;
    let mut options = CheckOptions::default().with_standalone(args.standalone);
    options.subscription.clone_from(&args.subscription);
    options.resource_group.clone_from(&args.resource_group);
    options.location.clone_from(&args.location);
    options.tenant.clone_from(&args.tenant);
    options.parameters = parameters;
    options.base = std::env::current_dir().ok();
    if args.cloud.is_some() {
        options.cloud = Some(cloud::choose(args.cloud.as_deref())?.cloud);
    }
    if args.bicep_cli {
        options.compiler = Some(bicep::compile);
    }
    options.diagnosis = Options::default().with_consumers(&args.consumer);
    options.diagnosis.as_of = args.common.as_of;
    let mut flawed = false;
    if args.is_live() {
        let (estate, is_cut) = read(args, paths, &options)?;
        (options.against, flawed) = (Some(estate), is_cut);
    } else if !args.against.is_empty() {
        let files = input::files(&args.against)?;
        options.against = Some(input::read(&files, Vec::new())?.estate);
    }
    if args.fix {
        fix::apply(paths, args.allow_dirty, &options)?;
    }
    let before = args.diff_base.as_ref().map(|revision| {
        projects.refuse("--diff-base", "compare")?;
        diff_base::before(revision, paths, &options)
    });
    let before = before.transpose()?;
    let known_before = before.as_ref().and_then(|before| before.known.as_ref());
    let as_of = args.common.as_of.unwrap_or_else(Timestamp::now);
    options.suppressions = suppressions(config, known.iter().chain(known_before), Some(as_of));
    let (mut report, mut problems) = check(paths, &options);
    if let Some(before) = &before {
        report.compare(&before.report);
    }
    let report = projects.rename(report, &mut problems);
    for problem in &problems {
        render::failure::show(problem);
    }
    let flawed = flawed || problems.iter().any(|problem| problem.fatal);
    finish(&report, known.as_ref(), (&args.outputs, paths), (&args.accepts, &args.common), flawed)
}

impl Check {
    /// The files that it reads. A baseline may be written over the one that was read.
    fn read<'a>(&'a self, paths: &'a [PathBuf], parameters: &'a [String]) -> Vec<Named<'a>> {
        let named = |option: &'static str| move |path: &'a Path| Named { option, path };
        let is_renewed = self.accepts.baseline == self.accepts.write_baseline;
        let known = self.accepts.baseline.as_deref().filter(|_| !is_renewed).map(named("--baseline"));
        let file = |text: &'a String| Path::new(text.split_once('@').map_or(text.as_str(), |(_, file)| file));
        let parameters = parameters.iter().map(file).filter(|file| file.is_file()).map(named("--parameters"));
        let against = self.against.iter().map(PathBuf::as_path).map(named("--against"));
        // Reading standard input twice is refused where it is read.
        let paths = paths.iter().map(PathBuf::as_path).filter(|path| *path != Path::new("-")).map(named("PATH"));
        paths.chain(parameters).chain(against).chain(known).collect()
    }

    /// The files that it writes in addition to those that it fixes. Sources are never written over.
    fn written(&self) -> Result<Vec<Named<'_>>, Failure> {
        let baseline = self.accepts.write_baseline.iter().map(|path| Named { option: "--write-baseline", path });
        let all: Vec<Named<'_>> = written(&self.outputs)?.into_iter().chain(baseline).collect();
        let is_source = |path: &Path| {
            let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            ["bicep", "bicepparam", "tf", "tfvars"].contains(&extension.as_str())
        };
        match all.iter().find(|one| is_source(one.path)) {
            None => Ok(all),
            Some(one) => Err(Failure::Usage {
                message: format!("`{}` would write over source: `{}`", one.option, one.path.display()),
                help: "write to a different file".to_owned(),
            }),
        }
    }
}

/// Reads from Azure what exists around a deployment, and whether that ended early.
fn read(args: &Check, paths: &[PathBuf], options: &CheckOptions) -> Result<(Estate, bool), Failure> {
    if args.against.len() > 1 {
        return Err(Failure::Usage {
            message: "`--against live` cannot be combined with a recording".to_owned(),
            help: "use one of them".to_owned(),
        });
    }
    let resources = deployed(paths, options);
    let ids = resources.iter().filter_map(|body| body.get("id")?.as_str()).map(ResourceId::new);
    let subscription =
        args.subscription.clone().or_else(|| ids.filter_map(|id| id.subscription().map(str::to_owned)).next());
    let Some(subscription) = subscription else {
        return Err(Failure::Usage {
            message: "the files do not say which subscription they are deployed to".to_owned(),
            help: "give --subscription ID, and -g NAME for a deployment to a resource group".to_owned(),
        });
    };
    let live = args.live(subscription.clone());
    let mut wanted = Wanted::default().with_deployed(resources);
    wanted.subscription = Some(subscription);
    wanted.consumers.clone_from(&args.consumer);
    wanted.read_settings = args.read_settings;
    let (reading, _) = live::read(&live, wanted, args.common.quiet)?;
    Ok((reading.estate, reading.flawed))
}
