//! `check`: judges files before they are deployed, and applies safe fixes to them.

use apim_doctor_core::{CheckOptions, Options, check};

use crate::args::{Check, FailOn};
use crate::command::diagnose::print;
use crate::command::fix;
use crate::command::options::consumers;
use crate::exit::{Status, levels, of_report};
use crate::failure::Failure;
use crate::input;
use crate::render;

/// Runs `check`.
pub(super) fn run(args: &Check) -> Result<Status, Failure> {
    consumers(&args.consumer)?;
    let mut options = CheckOptions::default().with_standalone(args.standalone);
    options.subscription.clone_from(&args.subscription);
    options.resource_group.clone_from(&args.resource_group);
    options.location.clone_from(&args.location);
    options.tenant.clone_from(&args.tenant);
    options.parameters.clone_from(&args.parameters);
    options.base = std::env::current_dir().ok();
    if !args.against.is_empty() {
        let files = input::files(&args.against)?;
        options.against = Some(input::read(&files, Vec::new())?.estate);
    }
    options.diagnosis = Options::default().with_consumers(&args.consumer);
    options.diagnosis.as_of = args.common.as_of;
    if args.fix {
        fix::apply(args, &options)?;
    }
    let (report, problems) = check(&args.paths, &options);
    for problem in &problems {
        render::failure::show(problem);
    }
    let status = of_report(&report, levels(&args.common.fail_on, &[FailOn::Error]));
    let status = if problems.iter().any(|problem| problem.fatal) { Status::Usage } else { status };
    print(&report, &args.common, status)?;
    Ok(status)
}
