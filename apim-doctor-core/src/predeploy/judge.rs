//! The access paths of files, judged.

use std::collections::HashMap;

use crate::base::Verdict;
use crate::finding::Patch;
use crate::model::Estate;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::rename::{rename, words_in};
use crate::predeploy::search::{Found, Kind};
use crate::predeploy::work::Work;
use crate::report::{diagnose, diagnose_with_patches, v1};
use crate::source::InputError;
use crate::source::deployed::{Deployment, Symbols};

/// Files that were evaluated and judged.
pub(super) struct Judged<'o> {
    pub work: Work<'o>,
    pub estate: Estate,
    /// The report, in which texts stand for what does not exist yet.
    pub report: v1::Report,
    /// What each fix of each finding changes.
    pub patches: Vec<Vec<Option<Patch>>>,
    /// What of the resources could not be read.
    unread: Vec<InputError>,
}

impl<'o> Judged<'o> {
    /// Judges what files make.
    pub(super) fn of(work: Work<'o>, options: &CheckOptions) -> Self {
        let (estate, unread) = deployment(&work, options).estate();
        let (report, patches) = diagnose_with_patches(&estate, &options.diagnosis);
        Self { work, estate, report, patches, unread }
    }

    /// The texts that stand for what does not exist yet.
    pub(super) fn symbols(&self, options: &CheckOptions) -> Symbols {
        deployment(&self.work, options).symbols()
    }

    /// A text of the report for people.
    pub(super) fn say(&self, text: &str) -> String {
        words_in(text, self.estate.world.deployed())
    }

    /// The report for people, and what is wrong in the files.
    pub(super) fn finish(self, found: &[Found], options: &CheckOptions) -> (v1::Report, Vec<InputError>) {
        let Self { work, estate, mut report, unread, .. } = self;
        if let Some(against) = &options.against {
            compare(&mut report, &diagnose(against, &options.diagnosis));
        }
        let mut report = rename(report, estate.world.deployed());
        of_files(&mut report, found);
        report.coverage.files = work.files.len();
        report.coverage.of_other_types += work.not_read;
        (report, work.problems.into_iter().chain(unread).collect())
    }
}

fn deployment<'w>(work: &'w Work<'_>, options: &'w CheckOptions) -> Deployment<'w> {
    Deployment {
        files: &work.files,
        evaluated: &work.evaluated,
        deleted: &work.deleted,
        is_all: options.standalone,
        cloud: options.cloud.clone().unwrap_or_default(),
        against: options.against.as_ref(),
    }
}

/// What does not exist yet is repaired in its file: commands would come too early.
fn of_files(report: &mut v1::Report, found: &[Found]) {
    let (plans, others): (Vec<&Found>, Vec<&Found>) = found.iter().partition(|one| one.kind == Kind::Terraform);
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
