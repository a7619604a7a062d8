//! `collect`: a recording of what a diagnosis needs, read-only.

use apim_doctor_core::masked;

use crate::args::{Collect, Instances, Named};
use crate::command::options::{read_from, resource_id, wanted};
use crate::command::{live, unread};
use crate::exit::Status;
use crate::failure::{Failure, name};
use crate::files;
use crate::input;
use crate::output;
use crate::render::{failure, recording};

/// Runs `collect`.
pub(super) fn run(args: &Collect) -> Result<Status, Failure> {
    let scripts = args.script.iter().map(|path| Named { option: "--script", path });
    let inputs: Vec<Named<'_>> = read_from(&[], &args.live, None).into_iter().chain(scripts).collect();
    files::apart(&inputs, &[Named { option: "--output-file", path: &args.output_file }])?;
    let Instances { resources, resource_group, name: named } = &args.instances;
    let resources = resources.iter().map(|text| resource_id(text)).collect::<Result<Vec<_>, _>>()?;
    let wanted = wanted((named.as_deref(), resource_group.as_deref()), resources, &args.live, &args.consumer, "")?;
    let (scripts, is_flawed) = input::scripts(&args.script);
    let wanted = wanted.with_scripts(&scripts);
    let collected = live::collect(&args.live, wanted, args.quiet)?;
    let exchanges = &collected.snapshot.exchanges;
    let read = exchanges.iter().filter(|exchange| [200, 404].contains(&exchange.status)).count();
    let mut snapshot = serde_json::to_value(&collected.snapshot).unwrap_or_default();
    if args.mask {
        snapshot = masked(&snapshot);
    }
    output::write(Some(&args.output_file), |page| recording::print(&snapshot, page))?;
    if !args.quiet {
        let all = exchanges.len();
        let rest = "; the others were refused, skipped or got no answer: `diagnose --snapshot` shows what is missing";
        let rest = if read < all { rest } else { "" };
        output::say(&format!(
            "{read} of {all} requests were answered; the recording is in {}{rest}",
            name(&args.output_file)
        ));
    }
    let has_caller = unread::has_caller(exchanges);
    if !has_caller {
        failure::print(&unread::no_caller(exchanges, args.instances.name.as_deref()));
    }
    Ok(match (collected.cut, has_caller) {
        (Some(_), _) => Status::Usage,
        (None, _) if is_flawed => Status::Usage,
        (None, true) => Status::Clean,
        (None, false) => Status::Nothing,
    })
}
