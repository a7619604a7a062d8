//! Where the results of many callers go: each record as it comes, and a summary at the end.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use apim_doctor_core::fleet::Tally;
use apim_doctor_core::v1::Fleet;

use super::checkpoint::Checkpoint;
use crate::args::{Output, Outputs, ReportFormat};
use crate::exit::Status;
use crate::failure::Failure;
use crate::render::terminal;
use crate::{files, output};

/// The outputs of a run over many callers.
pub(in crate::command) struct Sink {
    outputs: Vec<Output>,
    /// Where the records go, and whether that is a file.
    stream: Option<Option<PathBuf>>,
    /// How long that file is.
    length: Cell<u64>,
}

impl Sink {
    /// The outputs that were asked for.
    ///
    /// # Errors
    /// Where a format needs the whole report at once.
    pub(in crate::command) fn new(outputs: &Outputs) -> Result<Self, Failure> {
        use ReportFormat::{Json, Ndjson, Terminal};
        let outputs = outputs.all();
        if let Some(other) = outputs.iter().find(|one| !matches!(one.format, Json | Ndjson | Terminal)) {
            let name = clap::ValueEnum::to_possible_value(&other.format).map(|value| value.get_name().to_owned());
            return Err(Failure::Usage {
                message: format!("`-o {}` is for single reports, not for many callers", name.unwrap_or_default()),
                help:
                    "use terminal, json (the summary) or ndjson (every result); `diagnose RESOURCE_ID` has every format"
                        .to_owned(),
            });
        }
        let mut streams = outputs.iter().filter(|one| one.format == Ndjson).map(|one| one.file.clone());
        let stream = streams.next();
        if streams.next().is_some() {
            return Err(Failure::Usage {
                message: "`-o ndjson` was given twice".to_owned(),
                help: "leave one of them".to_owned(),
            });
        }
        Ok(Self { outputs, stream, length: Cell::new(0) })
    }

    /// The file of the records, if they go to one.
    pub(super) fn stream(&self) -> Option<&Path> {
        self.stream.as_ref()?.as_deref()
    }

    /// Makes the file of the records ready: empty, or as long as the checkpoint says. What is in it is counted.
    pub(super) fn start(&self, checkpoint: Option<&Checkpoint>, tally: &mut Tally) -> Result<(), Failure> {
        let Some(path) = self.stream() else { return Ok(()) };
        let Some(length) = checkpoint.map(Checkpoint::length).filter(|length| *length > 0) else {
            return output::write(Some(path), |_| Ok(()));
        };
        let wrong = |message: String| Failure::Usage {
            message,
            help: "remove the checkpoint to start again, or give the file that the interrupted run wrote".to_owned(),
        };
        let failed = |source| Failure::Output { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let there = file.metadata().map_err(failed)?.len();
        if there < length {
            return Err(wrong(format!("`{}` is shorter than the checkpoint says", path.display())));
        }
        for (line, number) in BufReader::new(file.take(length)).lines().zip(1..) {
            let line = line.map_err(failed)?;
            let odd = |error| wrong(format!("`{}` is not what the interrupted run wrote: {error}", path.display()));
            tally.add(&line, number).map_err(odd)?;
        }
        // Results of a batch that was not noted as done.
        files::cut(path, length).map_err(failed)?;
        self.length.set(length);
        Ok(())
    }

    /// Prints records and counts them. Returns the length of their file; it is on the disk then.
    pub(in crate::command) fn add(&self, lines: &[String], tally: &mut Tally) -> Result<u64, Failure> {
        for (line, number) in lines.iter().zip(1..) {
            // They were made by this program.
            let _ = tally.add(line, number);
        }
        let Some(stream) = &self.stream else { return Ok(0) };
        let print = |page: &mut output::Page<'_>| -> std::io::Result<()> {
            lines.iter().try_for_each(|line| writeln!(page.json_text(), "{line}"))
        };
        let Some(path) = stream else { return output::write(None, print).map(|()| 0) };
        let known = path.metadata().ok().filter(std::fs::Metadata::is_file);
        if known.is_some_and(|known| known.len() != self.length.get()) {
            return Err(Failure::Usage {
                message: format!("`{}` was changed while this run wrote to it", path.display()),
                help: "let only one run at a time write to a file; then start this one again".to_owned(),
            });
        }
        output::append(path, print)?;
        let synced = || {
            let file = File::open(path)?;
            // A pipe cannot be synchronized.
            if file.metadata()?.is_file() {
                file.sync_data()?;
            }
            Ok(file.metadata()?.len())
        };
        let length = synced().map_err(|source| Failure::Output { path: path.clone(), source })?;
        self.length.set(length);
        Ok(length)
    }

    /// Prints records that are all there.
    pub(in crate::command) fn whole(&self, lines: &[String]) -> Result<(), Failure> {
        let Some(stream) = &self.stream else { return Ok(()) };
        output::write(stream.as_deref(), |page| lines.iter().try_for_each(|line| writeln!(page.json_text(), "{line}")))
    }

    /// Prints the summary: where it was asked for, and for the person who waits for it.
    pub(in crate::command) fn summary(&self, fleet: &Fleet, status: Status, quiet: bool) -> Result<(), Failure> {
        for Output { format, file } in &self.outputs {
            match format {
                ReportFormat::Json => output::write(file.as_deref(), |page| page.json(fleet))?,
                ReportFormat::Terminal => {
                    output::write(file.as_deref(), |page| terminal::fleet(fleet, status, quiet, page))?;
                }
                _ => {}
            }
        }
        let is_shown = self.outputs.iter().any(|one| one.file.is_none() && one.format != ReportFormat::Ndjson);
        if !is_shown && !quiet {
            output::say_page(|page| terminal::fleet(fleet, status, quiet, page));
        }
        Ok(())
    }
}
