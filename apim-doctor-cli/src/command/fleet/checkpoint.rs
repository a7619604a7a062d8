//! What is done, noted in a file from which an interrupted run goes on.
//!
//! The first line says which run it is. Each further line names the callers of a batch that is done, and how long the file
//! of the records was then: what follows there belongs to no batch that was noted, and is written again.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use apim_doctor_core::{InputError, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::{files, input, output};

/// Its format.
const FORMAT: &str = "checkpoint/v1";

/// What is done.
pub(super) struct Checkpoint {
    path: PathBuf,
    done: HashSet<ResourceId>,
    length: u64,
    is_finished: bool,
    /// The tenant of what is done.
    tenant: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct First {
    apim_doctor: String,
    run: Value,
}

#[derive(Deserialize, Serialize)]
struct Step {
    /// The callers of a batch.
    done: Vec<ResourceId>,
    /// Of the file of the records.
    length: u64,
    /// Whether nothing is left to do.
    #[serde(default)]
    finished: bool,
    /// The tenant, if it is known.
    #[serde(default)]
    tenant: Option<String>,
}

impl Checkpoint {
    /// Reads what an earlier run noted, or starts a new file. `run`: what this run is about; `records`: its file.
    ///
    /// # Errors
    /// Where the file is not a checkpoint, or that of another run.
    pub(super) fn open(path: &Path, run: &Value, records: Option<&Path>) -> Result<Self, Failure> {
        if records.is_none() {
            return Err(Failure::Usage {
                message: "`--checkpoint` needs a file for the results".to_owned(),
                help: "add `-o ndjson=FILE`: an interrupted run goes on with that file".to_owned(),
            });
        }
        let mut checkpoint =
            Self { path: path.to_owned(), done: HashSet::new(), length: 0, is_finished: false, tenant: None };
        let text = match path.metadata() {
            Ok(known) if known.len() > 0 => checkpoint.read()?,
            _ => String::new(),
        };
        // A line that was cut off was not noted.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text.get(..whole).unwrap_or_default().lines().zip(1..);
        let Some((first, _)) = lines.next() else {
            let first = json!({ "apimDoctor": FORMAT, "run": run });
            output::write(Some(path), |page| page.json(&first))?;
            return Ok(checkpoint);
        };
        let wrong = |line: usize, why: String| {
            let help = "remove the file to start again, or name another one";
            InputError::fatal(path.display().to_string(), why, help).at(line, 1)
        };
        let first: First = serde_json::from_str(first)
            .ok()
            .filter(|first: &First| first.apim_doctor == FORMAT)
            .ok_or_else(|| wrong(1, format!("this is not a checkpoint: expected `{FORMAT}`")))?;
        let members = run.as_object().into_iter().flatten();
        if let Some((name, value)) =
            members.into_iter().find(|(name, value)| first.run.get(name.as_str()) != Some(value))
        {
            let known = first.run.get(name).unwrap_or(&Value::Null);
            return Err(wrong(
                1,
                format!("this is the checkpoint of another run: `{name}` was {known} and is {value}"),
            )
            .into());
        }
        for (line, number) in lines {
            let step: Step =
                serde_json::from_str(line).map_err(|error| wrong(number, format!("this is not a step: {error}")))?;
            checkpoint.done.extend(step.done);
            (checkpoint.length, checkpoint.is_finished) = (step.length, step.finished);
            checkpoint.tenant = step.tenant.or(checkpoint.tenant);
        }
        if whole < text.len() {
            files::cut(path, whole as u64).map_err(|source| Failure::Output { path: path.to_owned(), source })?;
        }
        Ok(checkpoint)
    }

    fn read(&self) -> Result<String, Failure> {
        let loaded = input::load(&self.path)?;
        Ok(String::from_utf8_lossy(&loaded.bytes).into_owned())
    }

    /// The callers that are done.
    pub(super) fn done(&self) -> &HashSet<ResourceId> {
        &self.done
    }

    /// How long the file of the records was when the last batch was noted.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Whether nothing is left to do.
    pub(super) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Checks that what is done is of the tenant that the program is signed in to.
    ///
    /// # Errors
    /// Where it is of another one.
    pub(super) fn belongs_to(&mut self, tenant: Option<String>) -> Result<(), Failure> {
        match (&self.tenant, &tenant) {
            (Some(known), Some(own)) if known != own => Err(Failure::Usage {
                message: format!("the checkpoint is of tenant {known}, and you are signed in to tenant {own}"),
                help: "sign in to that tenant, or name another checkpoint".to_owned(),
            }),
            _ => {
                self.tenant = tenant.or_else(|| self.tenant.take());
                Ok(())
            }
        }
    }

    /// Notes that a batch is done.
    pub(super) fn add(&mut self, callers: &[ResourceId], length: u64) -> Result<(), Failure> {
        self.note(&Step { done: callers.to_vec(), length, finished: false, tenant: self.tenant.clone() })
    }

    /// Notes that nothing is left to do.
    pub(super) fn finish(&mut self, length: u64) -> Result<(), Failure> {
        self.note(&Step { done: Vec::new(), length, finished: true, tenant: self.tenant.clone() })
    }

    fn note(&self, step: &Step) -> Result<(), Failure> {
        output::append(&self.path, |page| page.json(step))?;
        let synced = File::open(&self.path).and_then(|file| file.sync_data());
        synced.map_err(|source| Failure::Output { path: self.path.clone(), source })
    }
}
