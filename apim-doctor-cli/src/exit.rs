//! The exit status, which does not depend on the output format.

use std::process::ExitCode;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::{Outcome, Permitted, Report};

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
    /// No access path was found, or the answer is not known, which is not a clean bill of health.
    Nothing,
}

impl Status {
    /// As a number.
    pub fn number(self) -> u8 {
        match self {
            Status::Clean => 0,
            Status::Found => 1,
            Status::Usage => 2,
            Status::Nothing => 3,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(status.number())
    }
}

/// The status of a diagnosis: `Found` if anything in the set `fail_on` holds.
pub(crate) fn of_report(report: &Report, fail_on: &[FailOn]) -> Status {
    let (paths, findings) = (&report.summary.paths, &report.summary.findings);
    if report.headline.outcome == Outcome::NothingExamined {
        return Status::Nothing;
    }
    let error = paths.fail > 0 || findings.error > 0;
    let holds = |level: &FailOn| match level {
        FailOn::Never => false,
        FailOn::Error => error,
        FailOn::Warning => error || findings.warning > 0,
        FailOn::Unknown => error || report.verdict == Verdict::Unknown,
    };
    if fail_on.iter().any(holds) { Status::Found } else { Status::Clean }
}

/// The levels that were typed, or the default.
pub(crate) fn levels<'l>(typed: &'l [FailOn], otherwise: &'l [FailOn]) -> &'l [FailOn] {
    if typed.is_empty() { otherwise } else { typed }
}

/// The status of an answer, whatever `--fail-on` says.
pub(crate) fn of_answer(answer: Permitted) -> Status {
    match answer {
        Permitted::Allowed => Status::Clean,
        Permitted::Denied => Status::Found,
        Permitted::Unknown => Status::Nothing,
    }
}
