//! Applies the safe fixes to the files, in memory.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::{CodeName, Safety};
use crate::predeploy::groups::groups;
use crate::predeploy::judge::Judged;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::search::{Search, search};
use crate::predeploy::sources::{Sources, recorded};
use crate::predeploy::trial::{Aim, Trial, jobs};
use crate::predeploy::tries::{Outcome, PathKey, outcomes};
use crate::report::v1;
use crate::template::place::Drafts;

/// How many fixes of deployments that depend on each other are applied one after the other.
const MOST_FIXES: usize = 50;

/// Files with the safe fixes applied. Nothing is written to disk.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Fixed {
    /// The fixes, in the order in which they were applied.
    pub applied: Vec<Applied>,
    /// Safe fixes that were left out, and why.
    pub left: Vec<LeftOut>,
    /// The files that change.
    pub files: Vec<FixedFile>,
}

/// A fix that was applied.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Applied {
    /// What it does.
    pub title: String,
    /// The code of its finding.
    pub code: CodeName,
    /// The files that it changes.
    pub files: Vec<PathBuf>,
    /// The change, as a unified diff.
    pub diff: String,
}

/// A safe fix that was not applied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct LeftOut {
    /// What it does.
    pub title: String,
    /// Why it was left out.
    pub why: String,
}

/// A file with fixes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FixedFile {
    /// Its real path.
    pub path: PathBuf,
    /// Its text as it was read.
    pub before: Arc<str>,
    /// Its new text.
    pub text: Arc<str>,
}

/// Applies the safe verified fixes to files in memory: one after the other, each to what the ones before it left, and
/// checked again. `may_change` says why a file must not be changed. A fix that changes several files changes all of them or
/// none.
pub fn fix(paths: &[PathBuf], options: &CheckOptions, may_change: &dyn Fn(&Path) -> Result<(), String>) -> Fixed {
    let Search { found, recordings, mut problems, .. } = search(paths);
    let recorded = recorded(&recordings, options.against.is_some(), &mut problems);
    let (sources, original) = Sources::new(found, options, options.against.as_ref().or(recorded.as_ref()));
    let parts = if sources.against.is_none() { groups(&original) } else { Vec::new() };
    let apart = || {
        let all: Vec<Done> = parts.iter().map(|part| apply(&sources.part(part), may_change)).collect();
        let drafts: Drafts = all.iter().flat_map(|done| done.drafts.clone()).collect();
        let whole = outcomes(&Judged::of(sources.evaluate(&drafts), &sources).report);
        // What was found of each group holds beside the others.
        let mut paths = all.iter().flat_map(|done| &done.after);
        paths.all(|(key, own)| whole.get(key) == Some(own)).then_some((drafts, all))
    };
    let (drafts, done) = match (parts.len() > 1).then(apart).flatten() {
        Some(apart) => apart,
        None => {
            let done = apply(&sources, may_change);
            (done.drafts.clone(), vec![done])
        }
    };
    let mut fixed = Fixed::default();
    let mut left = BTreeSet::new();
    for done in done {
        fixed.applied.extend(done.applied);
        left.extend(done.left);
    }
    fixed.left = left.into_iter().collect();
    let file = |(path, text): (PathBuf, Arc<str>)| {
        let before = original.text_of(&path)?;
        Some(FixedFile { path, before, text })
    };
    fixed.files = drafts.into_iter().filter_map(file).collect();
    fixed
}

/// What was done to some deployments.
struct Done {
    drafts: Drafts,
    applied: Vec<Applied>,
    left: BTreeSet<LeftOut>,
    /// What their paths are found to be afterwards.
    after: HashMap<PathKey, Outcome>,
}

/// Applies the safe fixes of some deployments.
fn apply(sources: &Sources<'_>, may_change: &dyn Fn(&Path) -> Result<(), String>) -> Done {
    let (mut drafts, mut applied, mut left) = (Drafts::default(), Vec::new(), BTreeSet::new());
    loop {
        let judged = Judged::of(sources.evaluate(&drafts), sources);
        let trial = Trial { sources, drafts: &drafts, before: &judged };
        left.clear();
        let is_safe = |aim: &Aim| safe(&judged.report, *aim).is_some();
        let mut all = jobs(&judged);
        all.iter_mut().for_each(|job| job.aims.retain(is_safe));
        all.retain(|job| !job.aims.is_empty());
        let next = all.iter().filter(|_| applied.len() < MOST_FIXES).find_map(|job| {
            let tried = trial.run(job).and_then(|tried| {
                let verified = tried.unverified.iter().zip(&job.aims).find(|(why, _)| why.is_none());
                let why = || tried.unverified.iter().flatten().next().cloned().unwrap_or_default();
                let aim = verified.map(|(_, aim)| *aim).ok_or_else(why)?;
                tried.files.iter().try_for_each(|path| may_change(path))?;
                Ok((aim, tried))
            });
            match tried {
                Ok((aim, tried)) => safe(&judged.report, aim).map(|(finding, fix)| (finding, fix, tried)),
                Err(why) => {
                    let (_, fix) = safe(&judged.report, *job.aims.first()?)?;
                    left.insert(LeftOut { title: judged.say(&fix.title), why: judged.say(&why) });
                    None
                }
            }
        });
        let Some((finding, fix, tried)) = next else {
            let after = outcomes(&judged.report);
            return Done { drafts, applied, left, after };
        };
        let title = judged.say(&fix.title);
        applied.push(Applied { title, code: finding.code.clone(), files: tried.files, diff: tried.diff });
        drafts = tried.drafts;
    }
}

/// The finding and the fix, if it is a safe fix of a finding.
fn safe(report: &v1::Report, aim: Aim) -> Option<(&v1::Finding, &v1::Fix)> {
    let Aim::Fix(finding, fix) = aim else { return None };
    let finding = report.findings.get(finding)?;
    let fix = finding.fixes.get(fix)?;
    (fix.safety == Safety::Safe).then_some((finding, fix))
}
