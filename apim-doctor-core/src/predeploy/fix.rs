//! Applies the safe fixes to the files, in memory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::{CodeName, Safety};
use crate::predeploy::judge::Judged;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::search::search;
use crate::predeploy::trial::Trial;
use crate::predeploy::work::Work;
use crate::template::place::Drafts;

/// How many fixes are applied one after the other.
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
/// checked again. `may_change` says why a file must not be changed.
pub fn fix(paths: &[PathBuf], options: &CheckOptions, may_change: &dyn Fn(&Path) -> Result<(), String>) -> Fixed {
    let found = search(paths, &mut Vec::new());
    let original = Work::of(&found, options, &Drafts::default());
    let (mut drafts, mut fixed, mut left) = (Drafts::default(), Fixed::default(), BTreeSet::new());
    while fixed.applied.len() < MOST_FIXES {
        let judged = Judged::of(Work::of(&found, options, &drafts), options);
        let trial = Trial { found: &found, options, drafts: &drafts, before: &judged };
        left.clear();
        let mut next = None;
        for (finding, patches) in judged.report.findings.iter().zip(&judged.patches) {
            let safe = finding.fixes.iter().zip(patches).filter(|(fix, _)| fix.safety == Safety::Safe);
            for (fix, patch) in safe.filter_map(|(fix, patch)| Some((fix, patch.as_ref()?))) {
                let tried = trial.fix(finding, patch).and_then(|tried| match &tried.unverified {
                    Some(why) => Err(why.clone()),
                    None => tried.files.iter().try_for_each(|path| may_change(path)).map(|()| tried),
                });
                match tried {
                    Ok(tried) => {
                        next = Some((finding, fix, tried));
                        break;
                    }
                    Err(why) => drop(left.insert(LeftOut { title: judged.say(&fix.title), why: judged.say(&why) })),
                }
            }
            if next.is_some() {
                break;
            }
        }
        let Some((finding, fix, tried)) = next else { break };
        let title = judged.say(&fix.title);
        fixed.applied.push(Applied { title, code: finding.code.clone(), files: tried.files, diff: tried.diff });
        drafts = tried.drafts;
    }
    fixed.left = left.into_iter().collect();
    let file = |(path, text): (PathBuf, Arc<str>)| {
        let before = original.text_of(&path)?;
        Some(FixedFile { path, before, text })
    };
    fixed.files = drafts.into_iter().filter_map(file).collect();
    fixed
}
