//! Checks files, and writes their fixes as diffs.

use std::path::PathBuf;

use rayon::prelude::*;

use crate::finding::Patch;
use crate::predeploy::coverage::cover;
use crate::predeploy::judge::Judged;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::search::{Search, search};
use crate::predeploy::source;
use crate::predeploy::sources::{Sources, recorded};
use crate::predeploy::trial::Trial;
use crate::report::{best, diagnose, v1};
use crate::source::InputError;
use crate::template::place::Drafts;

/// How many fixes are written as diffs. A deployment rarely needs more.
const MOST_DIFFS: usize = 100;

/// How many resources are evaluated for all diffs together: each diff is a check of its own.
const MOST_RESOURCES: usize = 50_000;

/// Judges the access paths that files would make: ARM templates, Bicep, Terraform plans and states and what-if output, in
/// folders or by name. A recording that is named says what exists. Fixes are diffs of the files, each verified by checking
/// the changed files.
///
/// Nothing outside the folder of a file is read, nothing is run unless a compiler is given, and Azure is not asked.
///
/// # Errors
/// What is wrong in the files comes beside the report: what hangs on it is unknown there.
pub fn check(paths: &[PathBuf], options: &CheckOptions) -> (v1::Report, Vec<InputError>) {
    let Search { found, recordings, not_used, mut problems } = search(paths);
    let recorded = recorded(&recordings, options.against.is_some(), &mut problems);
    let mut report = match &recorded {
        Some(recorded) if found.is_empty() => {
            let mut report = diagnose(recorded, &options.diagnosis);
            report.coverage.files = recordings.len();
            report
        }
        recorded => {
            let against = options.against.as_ref().or(recorded.as_ref());
            let (sources, work) = Sources::new(found, options, against);
            let judged = Judged::of(work, &sources);
            let tried = try_all(&sources, &judged);
            let (mut report, more) = judged.finish(&sources);
            for ((finding, fix), outcome) in tried {
                let fix = report.findings.get_mut(finding).and_then(|finding| finding.fixes.get_mut(fix));
                if let Some(fix) = fix {
                    tell(fix, outcome);
                }
            }
            choose_again(&mut report);
            problems.extend(more);
            report
        }
    };
    cover(&mut report, not_used, &problems);
    (report, problems)
}

/// A fix as it would be written, and why it is not verified, if it is not.
type Written = (String, Option<String>);

/// Tries every fix that changes something, side by side; with the numbers of its finding and of itself.
fn try_all(sources: &Sources<'_>, judged: &Judged<'_>) -> Vec<((usize, usize), Result<Written, String>)> {
    let trial = Trial { sources, drafts: &Drafts::default(), before: judged };
    let fixes = judged.patches.iter().enumerate().flat_map(|(finding, patches)| {
        patches.iter().enumerate().filter_map(move |(fix, patch)| Some(((finding, fix), patch.as_ref()?)))
    });
    let all: Vec<_> = fixes.collect();
    let most = (MOST_RESOURCES / judged.work.evaluated.resources.len().max(1)).clamp(5, MOST_DIFFS);
    let is_plan = sources.are_terraform();
    let outcome = |(number, (place, patch)): (usize, &((usize, usize), &Patch))| {
        let finding = judged.report.findings.get(place.0);
        let outcome = match (finding, finding.and_then(|finding| finding.fixes.get(place.1))) {
            (Some(_), Some(fix)) if is_plan => {
                let diff = source::change(sources, judged, patch, fix.terraform.as_deref());
                diff.map(|diff| (diff, Some("make the plan again and check it".to_owned())))
            }
            (Some(finding), _) if number < most => {
                trial.fix(finding, patch).map(|tried| (tried.diff, tried.unverified))
            }
            _ => Err(format!("of so many files, only the first {most} fixes are written; check fewer files at once")),
        };
        (*place, outcome)
    };
    all.par_iter().enumerate().map(outcome).collect()
}

/// Says of a fix what it changes in the files.
fn tell(fix: &mut v1::Fix, outcome: Result<Written, String>) {
    let (diff, unverified) = match outcome {
        Ok((diff, unverified)) => (Some(diff), unverified),
        Err(why) => (None, Some(format!("no automatic edit: {why}"))),
    };
    fix.diff = diff;
    fix.verified = unverified.is_none();
    fix.unverified = unverified;
}

/// Which fix comes first depends on which are verified.
fn choose_again(report: &mut v1::Report) {
    for finding in &mut report.findings {
        finding.best_fix = best(&finding.fixes);
    }
    let leading = report.findings.iter().find(|finding| Some(&finding.fingerprint) == report.headline.finding.as_ref());
    if let Some(finding) = leading {
        let fix = finding.best_fix.and_then(|best| finding.fixes.get(best));
        report.headline.fix = fix.map(|fix| fix.title.clone());
    }
}
