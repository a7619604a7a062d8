//! `collect`: a recording of what a diagnosis needs, read-only.

use std::path::Path;

use apim_doctor_core::masked;

use crate::args::Collect;
use crate::command::{live, recording, wanted};
use crate::exit::Status;
use crate::input::Failure;
use crate::output;

/// Runs `collect`.
pub fn run(args: &Collect) -> Result<Status, Failure> {
    let wanted = wanted(&args.instances, &args.live, &[])?;
    let collected = live::collect(&args.live, wanted, args.quiet)?;
    let exchanges = &collected.snapshot.exchanges;
    let unanswered = exchanges.iter().filter(|exchange| ![200, 404].contains(&exchange.status)).count();
    let mut snapshot = serde_json::to_value(&collected.snapshot).unwrap_or_default();
    if args.mask {
        snapshot = masked(&snapshot);
    }
    let file = Some(args.output_file.as_path()).filter(|file| *file != Path::new("-"));
    output::write_private(file, |out| recording(&snapshot, out))?;
    if !args.quiet {
        eprintln!(
            "{} answers in `{}`{}",
            exchanges.len(),
            args.output_file.display(),
            match unanswered {
                0 => String::new(),
                some => format!("; {some} reads were refused or not answered: `diagnose` says what each would tell"),
            }
        );
    }
    let read_any = exchanges.iter().any(|e| e.status == 200 && e.request.contains("Microsoft.ApiManagement/service/"));
    Ok(match (collected.cut, read_any) {
        (Some(_), _) => Status::Usage,
        (None, true) => Status::Clean,
        (None, false) => Status::Nothing,
    })
}
