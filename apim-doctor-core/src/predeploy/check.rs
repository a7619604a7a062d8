//! Checks files, and writes their fixes as diffs.

use std::path::PathBuf;

use crate::predeploy::allow;
use crate::predeploy::coverage::cover;
use crate::predeploy::judge::Judged;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::search::{Search, search};
use crate::predeploy::source;
use crate::predeploy::sources::{Sources, recorded};
use crate::predeploy::trial::Aim;
use crate::predeploy::tries::{Outcomes, Written, try_all};
use crate::report::{best, diagnose, sum_up_again, v1};
use crate::source::InputError;

/// Judges the access paths that files would make: ARM templates, Bicep, Terraform plans and states and what-if output, in
/// folders or by name. A recording that is named says what exists. Fixes are diffs of the files, each verified by checking
/// the changed files.
///
/// Nothing outside the folder of a file is read, nothing is run unless a compiler is given, and Azure is not asked.
///
/// # Errors
/// What is wrong in the files comes beside the report: what hangs on it is unknown there.
pub fn check(paths: &[PathBuf], options: &CheckOptions) -> (v1::Report, Vec<InputError>) {
    let (report, problems, _) = check_counting(paths, options);
    (report, problems)
}

/// The same; also how many resources were evaluated, counted each time.
pub fn check_counting(paths: &[PathBuf], options: &CheckOptions) -> (v1::Report, Vec<InputError>, usize) {
    let mut count = 0;
    let mut suppressions = options.suppressions.clone();
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
            let (rules, wrong) = allow::rules(&judged, &sources.found);
            suppressions.rules.extend(rules);
            let real = judged.work.real_paths();
            suppressions.files = real.map(|(name, real)| (name.display().to_string(), real.to_owned())).collect();
            problems.extend(wrong);
            let tried = outcomes(&sources, &judged);
            let (mut report, more) = judged.finish(&sources);
            tried.into_iter().for_each(|(aim, outcome)| tell(&mut report, aim, outcome));
            choose_again(&mut report);
            sum_up_again(&mut report);
            problems.extend(more);
            count = sources.evaluated();
            report
        }
    };
    cover(&mut report, not_used, &problems);
    suppressions.apply(&mut report);
    (report, problems, count)
}

/// What came of each fix. A plan is a result: its fixes are changes of its source, which only Terraform can evaluate.
fn outcomes(sources: &Sources<'_>, judged: &Judged<'_>) -> Outcomes {
    if !sources.are_terraform() {
        return try_all(sources, judged);
    }
    let findings = &judged.report.findings;
    let snippet = |finding: usize, fix: usize| findings.get(finding)?.fixes.get(fix)?.terraform.as_deref();
    let later = |diff: String| (diff, Some("make the plan again and check it".to_owned()));
    let of_findings = judged.patches.fixes.iter().enumerate().flat_map(|(finding, patches)| {
        let own = patches.iter().enumerate();
        own.filter_map(move |(fix, patch)| Some((finding, fix, patch.as_ref()?)))
    });
    let mut all: Outcomes = of_findings
        .map(|(finding, fix, patch)| {
            let diff = source::change(sources, judged, &[(patch, snippet(finding, fix))]);
            (Aim::Fix(finding, fix), diff.map(later))
        })
        .collect();
    for (number, path) in judged.report.paths.iter().enumerate() {
        let Some(combined) = &path.combined_fix else { continue };
        let known = |title: &String| {
            let own = findings.iter().enumerate().filter(|(_, finding)| finding.affects.contains(&path.id));
            let mut fixes = own.flat_map(|(at, finding)| finding.fixes.iter().enumerate().map(move |one| (at, one)));
            let (finding, (fix, _)) = fixes.find(|(_, (_, fix))| fix.title == *title)?;
            Some((judged.patches.fixes.get(finding)?.get(fix)?.as_ref()?, snippet(finding, fix)))
        };
        let steps: Option<Vec<_>> = combined.titles.iter().map(known).collect();
        let diff = match steps.filter(|steps| !steps.is_empty()) {
            Some(steps) => source::change(sources, judged, &steps),
            None => Err("it changes what only an earlier fix makes: apply that first".to_owned()),
        };
        all.insert(Aim::Path(number), diff.map(later));
    }
    all
}

/// Says of a fix what it changes in the files.
fn tell(report: &mut v1::Report, aim: Aim, outcome: Result<Written, String>) {
    let (diff, unverified) = match outcome {
        Ok((diff, unverified)) => (Some(diff), unverified),
        Err(why) => (None, Some(format!("no automatic edit: {why}"))),
    };
    match aim {
        Aim::Fix(finding, fix) => {
            let fix = report.findings.get_mut(finding).and_then(|finding| finding.fixes.get_mut(fix));
            if let Some(fix) = fix {
                (fix.diff, fix.verified, fix.unverified) = (diff, unverified.is_none(), unverified);
            }
        }
        Aim::Path(path) => {
            let combined = report.paths.get_mut(path).and_then(|path| path.combined_fix.as_mut());
            if let Some(combined) = combined {
                // Why no set of fixes opens the path says more than why this one does not.
                let why = combined.unverified.take().filter(|_| unverified.is_some()).or(unverified);
                (combined.diff, combined.verified, combined.unverified) = (diff, why.is_none(), why);
            }
        }
    }
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
