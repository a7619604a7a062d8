//! The exit status, which does not depend on the output format.

use std::process::ExitCode;

use apim_doctor_core::v1::{Answer, Permitted, Report};
use apim_doctor_core::{Severity, Verdict};

use crate::args::FailOn;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Findings at or above `--fail-on`.
    Found,
    /// Wrong usage, unreadable input, or the tool could not do its job.
    Usage,
    /// No access path was found, which is not a clean bill of health.
    Nothing,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::Clean => 0,
            Status::Found => 1,
            Status::Usage => 2,
            Status::Nothing => 3,
        })
    }
}

/// The status of a diagnosis.
pub fn of_report(report: &Report, fail_on: FailOn) -> Status {
    if report.paths.is_empty() {
        return Status::Nothing;
    }
    let at_least = |severity| report.findings.iter().any(|f| f.severity >= severity);
    let failed = report.paths.iter().any(|path| path.verdict == Verdict::Fail);
    let found = match fail_on {
        FailOn::Never => false,
        FailOn::Error => failed || at_least(Severity::Error),
        FailOn::Warning => failed || at_least(Severity::Warning),
        FailOn::Unknown => failed || at_least(Severity::Error) || report.verdict == Verdict::Unknown,
    };
    if found { Status::Found } else { Status::Clean }
}

/// The status of an answer: "no" counts as an error.
pub fn of_answer(answer: &Answer, fail_on: FailOn) -> Status {
    let found = match (answer.answer, fail_on) {
        (_, FailOn::Never) | (Permitted::Allowed, _) => false,
        (Permitted::Denied, _) => true,
        (Permitted::Unknown, fail_on) => fail_on == FailOn::Unknown,
    };
    if found { Status::Found } else { Status::Clean }
}
