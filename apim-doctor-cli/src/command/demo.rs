//! `demo`: built-in cases that need no Azure account.

use apim_doctor_core::{Estate, Input, Options, diagnose};

use crate::args::{Demo, FailOn};
use crate::command::report::print;
use crate::exit::{Status, levels, of_report};
use crate::failure::Failure;
use crate::output;

/// A case, by name, with what it shows.
struct Case {
    name: &'static str,
    shows: &'static str,
    recording: &'static str,
}

macro_rules! case {
    ($name:literal, $shows:literal) => {
        Case { name: $name, shows: $shows, recording: include_str!(concat!("demo/", $name, ".json")) }
    };
}

const CASES: &[Case] = &[
    case!("user-assigned-behind-firewall", "the identity has GET permission, but the firewall blocks it"),
    case!("roles-ignore-policies", "an access policy on a vault that uses role assignments"),
    case!("stopped-function-app", "references of a stopped app show errors, although nothing is wrong"),
    case!("private-zone-without-record", "a private endpoint whose name does not resolve"),
];

/// Runs `demo`.
pub(super) fn run(args: &Demo) -> Result<Status, Failure> {
    if args.name == "list" {
        output::write(args.outputs.output_file.as_deref(), |page| {
            CASES.iter().try_for_each(|case| page.line(&format!("{:32}{}", case.name, case.shows)))
        })?;
        return Ok(Status::Clean);
    }
    let Some(case) = CASES.iter().find(|case| case.name == args.name) else {
        let names = CASES.iter().map(|case| case.name).collect::<Vec<_>>().join(", ");
        return Err(Failure::Usage {
            message: format!("built-in case `{}` does not exist", args.name),
            help: format!("expected one of {names}"),
        });
    };
    let input = Input::new(format!("demo/{}", case.name), case.recording.as_bytes().to_vec());
    let (estate, _) = Estate::read(vec![input]);
    let mut options = Options::default();
    options.as_of = args.common.as_of;
    let report = diagnose(&estate, &options);
    let status = of_report(&report, levels(&args.common.fail_on, &[FailOn::Never]));
    print(&report, (&args.outputs, &[]), &args.common, status, None)?;
    Ok(status)
}
