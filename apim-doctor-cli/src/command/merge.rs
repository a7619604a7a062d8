//! `report merge`: joins the results of several runs.

use apim_doctor_core::Input;
use apim_doctor_core::fleet::{Joined, join};

use crate::args::{FailOn, Merge, Named};
use crate::command::fleet::Sink;
use crate::command::report::written;
use crate::exit::{Status, levels, of_fleet};
use crate::failure::Failure;
use crate::{files, input};

/// Runs `report merge`.
pub(super) fn run(args: &Merge) -> Result<Status, Failure> {
    let inputs: Vec<Named<'_>> = args.files.iter().map(|path| Named { option: "FILE", path }).collect();
    files::apart(&inputs, &written(&args.outputs)?)?;
    let sink = Sink::new(&args.outputs)?;
    let inputs: Vec<Input> = args.files.iter().map(|path| input::load(path)).collect::<Result<_, _>>()?;
    let Joined { lines, tally, .. } = join(&inputs)?;
    let fleet = tally.fleet();
    let fail_on = levels(&args.fail_on, &[FailOn::Error]);
    let status = of_fleet(&fleet, &tally, fail_on);
    sink.whole(&lines)?;
    sink.summary(&fleet, status, args.quiet)?;
    Ok(status)
}
