//! `check`: judges files before they are deployed, and applies safe fixes to them.

use std::path::PathBuf;

use apim_doctor_core::live::Wanted;
use apim_doctor_core::{CheckOptions, Estate, Options, ResourceId, check, deployed};

use crate::args::{Check, FailOn};
use crate::command::diagnose::print;
use crate::command::fix;
use crate::command::options::consumers;
use crate::command::{bicep, live};
use crate::exit::{Status, levels, of_report};
use crate::failure::Failure;
use crate::input::projects;
use crate::render;
use crate::{cloud, input};

/// Runs `check`.
pub(super) fn run(args: &Check) -> Result<Status, Failure> {
    consumers(&args.consumer)?;
    let (paths, parameters) = args.split();
    if paths.is_empty() {
        return Err(Failure::Usage {
            message: "no file or folder was given".to_owned(),
            help: "put the files before `--parameters`, which takes all values that follow it".to_owned(),
        });
    }
    let projects = projects(paths)?;
    if args.fix {
        projects.refuse_changes()?;
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
    let (report, mut problems) = check(paths, &options);
    let report = projects.rename(report, &mut problems);
    for problem in &problems {
        render::failure::show(problem);
    }
    let status = of_report(&report, levels(&args.common.fail_on, &[FailOn::Error]));
    let status = if flawed || problems.iter().any(|problem| problem.fatal) { Status::Usage } else { status };
    print(&report, &args.common, status)?;
    Ok(status)
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
