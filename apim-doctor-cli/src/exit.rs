//! The exit status, which does not depend on the output format.

use std::process::ExitCode;

use apim_doctor_core::Verdict;
use apim_doctor_core::changes::Effects;
use apim_doctor_core::fleet::Tally;
use apim_doctor_core::v1::{Fleet, Outcome, Permitted, Report};

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
    let findings = &report.summary.findings;
    if report.headline.outcome == Outcome::NothingExamined {
        return Status::Nothing;
    }
    let counts = |verdict: Verdict| report.paths.iter().any(|path| path.verdict == verdict && !path.suppressed);
    let error = counts(Verdict::Fail) || findings.error > 0;
    let wrong = report.suppressions.iter().any(|suppression| suppression.warning().is_some());
    // A gap that no path names may hide whole paths.
    let hidden = report.gaps.iter().any(|gap| gap.affects.is_empty() && !gap.suppressed);
    // What is about resources and not about paths can be unknown, too.
    let of_resources = report.verdict == Verdict::Unknown && report.summary.paths.unknown == 0;
    let is_known = !report.gaps.is_empty() && report.gaps.iter().all(|gap| gap.suppressed);
    let unknown = counts(Verdict::Unknown) || hidden || of_resources && !is_known;
    let holds = |level: &FailOn| match level {
        FailOn::Never => false,
        FailOn::Error => error,
        FailOn::Warning => error || findings.warning > 0 || wrong,
        FailOn::Unknown => error || unknown,
    };
    if fail_on.iter().any(holds) { Status::Found } else { Status::Clean }
}

/// The status of a run over many callers, and of runs that were joined.
pub(crate) fn of_fleet(fleet: &Fleet, tally: &Tally, fail_on: &[FailOn]) -> Status {
    if !fleet.complete {
        return Status::Usage;
    }
    if !tally.examined() {
        return Status::Nothing;
    }
    let holds = |level: &FailOn| match level {
        FailOn::Never => false,
        FailOn::Error => tally.has_errors(),
        FailOn::Warning => tally.has_errors() || tally.has_warnings(),
        FailOn::Unknown => tally.has_errors() || tally.has_unknowns(),
    };
    if levels(fail_on, &[FailOn::Error]).iter().any(holds) { Status::Found } else { Status::Clean }
}

/// The status of a change: whether it breaks something.
pub(crate) fn of_change(effects: &Effects, fail_on: &[FailOn]) -> Status {
    let holds = |level: &FailOn| match level {
        FailOn::Never => false,
        FailOn::Error => effects.breaks > 0,
        FailOn::Warning | FailOn::Unknown => effects.breaks > 0 || effects.becomes_unknown > 0,
    };
    if levels(fail_on, &[FailOn::Error]).iter().any(holds) { Status::Found } else { Status::Clean }
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
