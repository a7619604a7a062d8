//! A report as text. A renderer looks nothing up and decides nothing.

pub(crate) mod azure_devops;
pub(crate) mod explanation;
pub(crate) mod failure;
pub(crate) mod github;
pub(crate) mod html;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod ndjson;
pub(crate) mod probe;
pub(crate) mod recording;
pub(crate) mod sarif;
pub(crate) mod terminal;
mod words;

use apim_doctor_core::v1::{Path, Report};
use apim_doctor_core::{Severity, Verdict};

use crate::exit::Status;

/// The undecided paths that fail a run in which nothing is known to be broken, each with what was not collected.
fn undecided(report: &Report, status: Status) -> Vec<(&Path, String)> {
    let is_broken = report.findings.iter().any(|f| f.severity == Severity::Error && f.suppressed.is_none());
    if status != Status::Found || is_broken {
        return Vec::new();
    }
    let paths = report.paths.iter().filter(|path| path.verdict == Verdict::Unknown && !path.suppressed);
    let gap = |path: &Path| {
        let own = path.gates.iter().flat_map(|gate| &gate.gaps).next();
        own.map_or_else(|| "it could not be decided".to_owned(), Clone::clone)
    };
    paths.map(|path| (path, format!("{} {} is undecided: {}", path.consumer_noun, path.label, gap(path)))).collect()
}
