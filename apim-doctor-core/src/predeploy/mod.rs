//! Files of a deployment, judged before anything is deployed.

mod cloud;
mod compiled;
mod deployed;
mod disk;
mod given;
mod kind;
mod options;
mod problem;
mod rename;
mod search;
mod text;
mod work;

use std::collections::HashMap;
use std::path::PathBuf;

use crate::base::Verdict;
use crate::model::{Coverage, Estate, Input, SetAside};
use crate::predeploy::cloud::{Written, written};
use crate::predeploy::kind::Kind;
use crate::predeploy::search::{Found, Search};
use crate::predeploy::work::Work;
use crate::report::{diagnose, v1};
use crate::source::InputError;
use crate::source::deployed::Deployment;
use crate::template::deployment::Evaluated;

pub use deployed::deployed;
pub use options::{CheckOptions, Compiler};
pub use text::{Language, check_text};

/// Judges the access paths that files would make: ARM templates, Bicep, Terraform plans and states and what-if output, in
/// folders or by name. A recording that is named says what exists.
///
/// Nothing outside the folder of a file is read, nothing is run unless a compiler is given, and Azure is not asked.
///
/// # Errors
/// What is wrong in the files comes beside the report: what hangs on it is unknown there.
pub fn check(paths: &[PathBuf], options: &CheckOptions) -> (v1::Report, Vec<InputError>) {
    let Search { found, recordings, not_used, mut problems } = search::search(paths);
    let recorded = recorded(&recordings, options.against.is_some(), &mut problems);
    let against = options.against.as_ref().or(recorded.as_ref());
    if let (true, Some(recorded)) = (found.is_empty(), &recorded) {
        let mut report = diagnose(recorded, &options.diagnosis);
        cover(&mut report, recordings.len(), not_used, &problems);
        return (report, problems);
    }
    let given = options.cloud.clone().or_else(|| against.map(|estate| estate.cloud.clone()));
    let (mut cloud, mut is_cloud_known) = (given.clone().unwrap_or_default(), true);
    let mut work = Work::of(&found, options, &cloud);
    match written(&work.files) {
        _ if given.is_some() => {}
        Written::Cloud(own) if *own != cloud => {
            cloud = *own;
            work = Work::of(&found, options, &cloud);
        }
        Written::Several => is_cloud_known = false,
        Written::Cloud(_) | Written::Nothing => {}
    }
    let laid = |evaluated| Deployment { is_cloud_known, ..work.deployment(evaluated, &cloud, against) };
    let (estate, unread) = laid(&work.evaluated).estate();
    let mut report = diagnose(&estate, &options.diagnosis);
    if let Some(against) = against {
        compare(&mut report, &diagnose(against, &options.diagnosis));
    } else if let Some(before) = before(&found, &work) {
        compare(&mut report, &diagnose(&laid(before).estate().0, &options.diagnosis));
    }
    let mut report = rename::rename(report, estate.world.deployed());
    of_files(&mut report, &found);
    problems.append(&mut work.problems);
    problems.extend(unread);
    report.coverage.of_other_types += work.not_read;
    cover(&mut report, work.files.len(), not_used, &problems);
    (report, problems)
}

/// What what-if output says of the time before the deployment, if all files are what-if output.
fn before<'w>(found: &[Found], work: &'w Work<'_>) -> Option<&'w Evaluated> {
    let is_whole = !found.is_empty() && found.iter().all(|one| one.kind == Kind::WhatIf);
    is_whole.then_some(&work.before)
}

/// What recordings among the files say.
fn recorded(files: &[PathBuf], has_other: bool, problems: &mut Vec<InputError>) -> Option<Estate> {
    if files.is_empty() {
        return None;
    }
    if has_other {
        let name = files.iter().map(|file| file.display().to_string()).next().unwrap_or_default();
        let message = "a recording among the files cannot be combined with `--against`";
        problems.push(InputError::fatal(name, message, "give all recordings with `--against`"));
        return None;
    }
    let mut inputs = Vec::new();
    for file in files {
        match std::fs::read(file) {
            Ok(bytes) => inputs.push(Input::new(file.display().to_string(), bytes)),
            Err(error) => problems.push(InputError::fatal(file.display().to_string(), error.to_string(), "")),
        }
    }
    let (estate, wrong) = Estate::read(inputs);
    problems.extend(wrong);
    Some(estate)
}

/// Says how much of the files was used, and what was not evaluated.
fn cover(report: &mut v1::Report, files: usize, not_used: Vec<v1::NotUsed>, problems: &[InputError]) {
    let coverage = &mut report.coverage;
    coverage.files = files;
    coverage.not_used.extend(not_used);
    coverage.not_evaluated = problems
        .iter()
        .map(|problem| v1::NotEvaluated {
            file: problem.file.clone(),
            line: problem.line,
            column: problem.column,
            why: problem.message.clone(),
            help: problem.help.clone(),
        })
        .collect();
    let aside = |one: &v1::NotUsed| SetAside {
        file: one.file.clone(),
        line: one.line,
        what: one.what.clone(),
        help: one.help.clone(),
    };
    let all = Coverage {
        files,
        modelled: coverage.resources,
        read: coverage.understood,
        other: coverage.of_other_types,
        aside: coverage.not_used.iter().map(aside).collect(),
    };
    coverage.says = match problems.len() {
        0 => all.to_string(),
        1 => format!("{all}; not evaluated: 1 part"),
        more => format!("{all}; not evaluated: {more} parts"),
    };
}

/// What does not exist yet is repaired in its file: commands would come too early.
fn of_files(report: &mut v1::Report, found: &[Found]) {
    let (plans, others): (Vec<&Found>, Vec<&Found>) = found.iter().partition(|one| one.kind.is_terraform());
    for finding in &mut report.findings {
        finding.confirm.clear();
        for fix in &mut finding.fixes {
            fix.az.clear();
            fix.bicep.take_if(|_| others.is_empty());
            fix.terraform.take_if(|_| plans.is_empty());
        }
    }
    for combined in report.paths.iter_mut().filter_map(|path| path.combined_fix.as_mut()) {
        combined.az.clear();
    }
}

/// Says of each path what the deployment does to it.
fn compare(report: &mut v1::Report, before: &v1::Report) {
    let key = |path: &v1::Path| (path.consumer.clone(), path.resource.clone(), path.label.to_ascii_lowercase());
    // Of paths that share a key, the first counts.
    let failed: HashMap<_, _> =
        before.paths.iter().rev().map(|path| (key(path), path.verdict == Verdict::Fail)).collect();
    for path in &mut report.paths {
        let change = match (failed.get(&key(path)), path.verdict == Verdict::Fail) {
            (None, _) => "new",
            (Some(false), true) => "breaks",
            (Some(true), false) => "repairs",
            (Some(true), true) => "still-broken",
            (Some(false), false) => "unchanged",
        };
        path.change = Some(change.into());
    }
}
