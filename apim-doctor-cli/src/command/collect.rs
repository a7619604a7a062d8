//! `collect`: a recording of what a diagnosis needs, read-only.

use std::path::Path;

use apim_doctor_core::masked;

use crate::args::Collect;
use crate::command::{live, recording, unread, wanted};
use crate::exit::Status;
use crate::input::Failure;
use crate::output;

/// Runs `collect`.
pub fn run(args: &Collect) -> Result<Status, Failure> {
    let wanted = wanted(&args.instances, &args.live, &args.consumer, "")?;
    let collected = live::collect(&args.live, wanted, args.quiet)?;
    let exchanges = &collected.snapshot.exchanges;
    let read = exchanges.iter().filter(|exchange| [200, 404].contains(&exchange.status)).count();
    let mut snapshot = serde_json::to_value(&collected.snapshot).unwrap_or_default();
    if args.mask {
        snapshot = masked(&snapshot);
    }
    let file = Some(args.output_file.as_path()).filter(|file| *file != Path::new("-"));
    output::write_private(file, |out| recording(&snapshot, out))?;
    if !args.quiet {
        let all = exchanges.len();
        let rest =
            "; the others were refused, not answered or left out: `diagnose --snapshot` says what each would tell";
        let rest = if read < all { rest } else { "" };
        eprintln!("read {read} of {all}, in `{}`{rest}", args.output_file.display());
    }
    let has_instance = unread::has_instance(exchanges);
    if !has_instance {
        unread::no_instance(exchanges, args.instances.name.as_deref()).print();
    }
    Ok(match (collected.cut, has_instance) {
        (Some(_), _) => Status::Usage,
        (None, true) => Status::Clean,
        (None, false) => Status::Nothing,
    })
}
