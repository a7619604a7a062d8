//! The exit status, which does not depend on the output format.

use std::process::ExitCode;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::{Answer, Outcome, Permitted, Report};

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
pub(crate) fn of_report(report: &Report, fail_on: FailOn) -> Status {
    let (paths, findings) = (&report.summary.paths, &report.summary.findings);
    if report.headline.outcome == Outcome::NothingExamined {
        return Status::Nothing;
    }
    let error = paths.fail > 0 || findings.error > 0;
    let found = match fail_on {
        FailOn::Never => false,
        FailOn::Error => error,
        FailOn::Warning => error || findings.warning > 0,
        FailOn::Unknown => error || report.verdict == Verdict::Unknown,
    };
    if found { Status::Found } else { Status::Clean }
}

/// The status of an answer: "no" counts as an error.
pub(crate) fn of_answer(answer: &Answer, fail_on: FailOn) -> Status {
    let found = match (answer.answer, fail_on) {
        (_, FailOn::Never) | (Permitted::Allowed, _) => false,
        (Permitted::Denied, _) => true,
        (Permitted::Unknown, fail_on) => fail_on == FailOn::Unknown,
    };
    if found { Status::Found } else { Status::Clean }
}
