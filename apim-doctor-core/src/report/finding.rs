//! One finding of a report.

use crate::finding::{Confirmation, Fix, command};
use crate::knowledge::caller_kind::CallerKind;
use crate::path::AccessPath;
use crate::report::files::Files;
use crate::report::headline;
use crate::report::merge::Merged;
use crate::report::trial::{Tried, Walked};
use crate::report::v1;

/// How many further paths a fix names; it says how many there are.
const ALSO: usize = 20;

pub(super) fn finding_report(
    found: Merged,
    fingerprint: String,
    tried: Vec<Tried>,
    (paths, walked): (&[AccessPath], &[Walked]),
    files: &Files<'_>,
) -> v1::Finding {
    let Merged { mut finding, affects } = found;
    let stands_alone = finding.stands_alone;
    files.locate(&mut finding.evidence);
    let severity = finding.severity();
    let id_of = |at: &usize| walked.get(*at).map(|path| path.id.clone());
    let report = |(fix, Tried { unverified, also, .. }): (Fix, Tried)| v1::Fix {
        title: fix.title,
        safety: fix.safety,
        verified: unverified.is_none(),
        unverified,
        az: command::texts(&fix.az),
        powershell: command::texts(&fix.powershell),
        also_touches: also.iter().take(ALSO).filter_map(id_of).collect(),
        also_touches_count: also.len(),
        bicep: fix.bicep,
        terraform: fix.terraform,
        diff: None,
    };
    let fixes: Vec<v1::Fix> = finding.fixes.into_iter().zip(tried).map(report).collect();
    let code = finding.code;
    let callers = affects.iter().filter_map(|at| paths.get(*at)).map(|path| path.caller_kind());
    let callers: Vec<CallerKind> = callers.collect();
    v1::Finding {
        code: code.into(),
        gate: code.gate().into(),
        severity,
        verdict: finding.verdict,
        fingerprint,
        suppressed: None,
        title: code.title().into(),
        affects: affects
            .iter()
            .filter(|_| !stands_alone)
            .filter_map(|at| walked.get(*at))
            .map(|w| w.id.clone())
            .collect(),
        evidence: finding.evidence,
        best_fix: headline::best(&fixes),
        fixes,
        confirm: finding.confirm.into_iter().map(confirmation).collect(),
        sources: code.sources_of(&callers),
        meaning: code.section("What it means"),
        subject: finding.subject,
        message: finding.message,
    }
}

fn confirmation(Confirmation { run_from, command, expect }: Confirmation) -> v1::Confirmation {
    v1::Confirmation { run_from: run_from.into(), command: command.to_string(), expect }
}
