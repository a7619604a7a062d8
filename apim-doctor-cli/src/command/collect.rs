//! `collect`: a recording of what a diagnosis needs, read-only.

use std::io::Write;
use std::path::Path;

use apim_doctor_core::masked;
use serde_json::Value;

use crate::args::Collect;
use crate::command::{live, recording, wanted};
use crate::exit::Status;
use crate::input::Failure;
use crate::output;

/// Runs `collect`.
pub fn run(args: &Collect) -> Result<Status, Failure> {
    let wanted = wanted(&args.resources, args.name.as_deref(), args.resource_group.as_deref(), &args.live, &[])?;
    let collected = live::collect(&args.live, wanted, args.quiet)?;
    let exchanges = &collected.snapshot.exchanges;
    let unanswered = exchanges.iter().filter(|exchange| ![200, 404].contains(&exchange.status)).count();
    let mut snapshot = serde_json::to_value(&collected.snapshot).unwrap_or_default();
    if args.mask {
        snapshot = masked(&snapshot);
    }
    if args.output_file == Path::new("-") {
        output::write(None, |out| recording(&snapshot, out))?;
    } else {
        save(&args.output_file, &snapshot)?;
    }
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
    Ok(if collected.cut.is_some() { Status::Usage } else { Status::Clean })
}

/// Writes a recording whole or not at all, for its owner only: it names everything that was read.
fn save(path: &Path, snapshot: &Value) -> Result<(), Failure> {
    let failed = |source| Failure::Output { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut out = std::io::BufWriter::new(file.as_file_mut());
    recording(snapshot, &mut out).and_then(|()| out.flush()).map_err(failed)?;
    drop(out);
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
