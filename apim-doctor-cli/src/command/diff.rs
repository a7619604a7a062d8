//! `diff`: compares two recordings or reports.

use std::path::{Path, PathBuf};

use apim_doctor_core::v1::Report;
use apim_doctor_core::{Estate, Options, ResourceId, diagnose, diff, diff_reports};

use crate::args::{Diff, Named};
use crate::command::options::{consumers, resource_id};
use crate::command::report::{Own, print, written};
use crate::exit::{Status, of_change};
use crate::failure::Failure;
use crate::input::Reading;
use crate::render::terminal;
use crate::{files, input, output};

/// One side of the comparison.
enum Side {
    Recording(Box<Estate>),
    Report(Box<Report>),
}

/// Runs `diff`.
pub(super) fn run(args: &Diff) -> Result<Status, Failure> {
    consumers(&args.consumer)?;
    let inputs =
        [&args.before, &args.after].map(|path| Named { option: "the recording or report", path: path.as_path() });
    if args.before == Path::new("-") && args.after == Path::new("-") {
        return Err(Failure::Usage {
            message: "standard input can be read only once".to_owned(),
            help: "name a file for one of the two".to_owned(),
        });
    }
    files::apart(&inputs, &written(&args.outputs)?)?;
    let owners = args.owners.iter().map(|text| resource_id(text)).collect::<Result<Vec<_>, _>>()?;
    let mut options = Options::default().with_consumers(&args.consumer);
    options.as_of = args.common.as_of;
    let ((before, was_flawed), (after, is_flawed)) = (side(&args.before, &owners)?, side(&args.after, &owners)?);
    let found = match (before, after) {
        (Side::Recording(before), Side::Recording(after)) => diff(&before, &after, &options)?,
        (before, after) => diff_reports(&before.report(&options), &after.report(&options)),
    };
    let nothing = found.report.paths.is_empty() && found.gone.is_empty();
    let status = match (was_flawed || is_flawed, nothing) {
        (true, _) => Status::Usage,
        (false, true) => Status::Nothing,
        (false, false) => of_change(&found.effects, &args.common.fail_on),
    };
    let own =
        Own { json: &|page| page.json(&found), terminal: &|page| terminal::diff(&found, &args.common, status, page) };
    print(&found.report, (&args.outputs, &[]), &args.common, status, Some(&own))?;
    if nothing {
        output::say("nothing was examined: neither side contains an access path; this does not mean that all is well");
    }
    Ok(status)
}

impl Side {
    fn report(self, options: &Options) -> Report {
        match self {
            Side::Recording(estate) => diagnose(&estate, options),
            Side::Report(report) => *report,
        }
    }
}

/// Reads one side, and whether a part of it could not be read.
fn side(path: &PathBuf, owners: &[ResourceId]) -> Result<(Side, bool), Failure> {
    if !path.is_dir() && path.as_path() != Path::new("-") {
        let input = input::load(path)?;
        if is_report(&input.bytes) {
            let help = "expected a report that `apim-doctor diagnose -o json` wrote";
            let wrong = |error| input::malformed(&input, &error, help);
            let report = serde_json::from_slice::<Report>(&input.bytes).map_err(wrong)?;
            return Ok((Side::Report(Box::new(report)), false));
        }
    }
    let files = input::files(std::slice::from_ref(path))?;
    let Reading { estate, flawed } = input::read(&files, owners.to_vec())?;
    Ok((Side::Recording(Box::new(estate)), flawed))
}

/// Whether a file says that it is a report.
fn is_report(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Stamp {
        apim_doctor: String,
    }
    serde_json::from_slice::<Stamp>(bytes).is_ok_and(|stamp| stamp.apim_doctor.starts_with("report/"))
}
