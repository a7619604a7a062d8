//! The access paths of files, judged.

use crate::knowledge::caller_kind::CallerKind;
use crate::model::Estate;
use crate::predeploy::rename::{rename, words_in};
use crate::predeploy::search::Found;
use crate::predeploy::sources::Sources;
use crate::predeploy::work::Work;
use crate::predeploy::worlds::Worlds;
use crate::report::{Patches, diagnose, diagnose_with_patches, v1};
use crate::source::InputError;
use crate::source::deployed::{Deployment, Laid, Symbols};
use crate::template::deployment::Evaluated;
use crate::template::place::Files;

/// Files that were evaluated and judged.
pub(super) struct Judged<'o> {
    pub work: Work<'o>,
    pub estate: Estate,
    /// The report, in which texts stand for what does not exist yet.
    pub report: v1::Report,
    /// What its fixes change.
    pub patches: Patches,
    /// What of the resources could not be read.
    unread: Vec<InputError>,
}

impl<'o> Judged<'o> {
    /// Judges what files make.
    pub(super) fn of(mut work: Work<'o>, sources: &Sources<'_>) -> Self {
        let laid = sources.deployment(&work, &work.evaluated).laid();
        let Laid { mut estate, problems: unread, unset, switches } = laid;
        let has_callers = sources.against.is_some() || has_callers(&work.evaluated);
        if has_callers && (!unset.is_empty() || !switches.is_empty()) {
            let (mut files, mut prepared) = (std::mem::take(&mut work.files), std::mem::take(&mut work.prepared));
            let lay = |files: &Files, evaluated: &Evaluated| {
                Deployment { files, ..sources.deployment(&work, evaluated) }.laid()
            };
            let (evaluated, planned) = (&work.evaluated, &work.planned);
            let mut worlds = Worlds { files: &mut files, evaluated, planned, prepared: &mut prepared };
            estate.possible = worlds.estates(&unset, lay);
            (work.files, work.prepared) = (files, prepared);
        }
        let (report, patches) = diagnose_with_patches(&estate, &sources.options.diagnosis);
        Self { work, estate, report, patches, unread }
    }

    /// The texts that stand for what does not exist yet.
    pub(super) fn symbols(&self, sources: &Sources<'_>) -> Symbols {
        sources.deployment(&self.work, &self.work.evaluated).symbols()
    }

    /// A text of the report for people.
    pub(super) fn say(&self, text: &str) -> String {
        words_in(text, self.estate.world.deployed())
    }

    /// The report for people, and what is wrong in the files.
    pub(super) fn finish(self, sources: &Sources<'_>) -> (v1::Report, Vec<InputError>) {
        let Self { work, estate, mut report, unread, .. } = self;
        let options = &sources.options.diagnosis;
        if let Some(against) = sources.against {
            report.compare(&diagnose(against, options));
        } else if sources.are_what_if() {
            report.compare(&diagnose(&sources.deployment(&work, &work.before).laid().estate, options));
        }
        let mut report = rename(report, &estate);
        of_files(&mut report, sources);
        report.coverage.files = work.files.len();
        report.coverage.of_other_types += work.not_read;
        (report, work.problems.into_iter().chain(unread).collect())
    }
}

/// Whether paths may start at one of the resources.
fn has_callers(evaluated: &Evaluated) -> bool {
    let callers: Vec<&str> = CallerKind::ALL.iter().flat_map(|kind| kind.resource_types()).copied().collect();
    let is_caller = |kind: &str| callers.iter().any(|caller| kind.starts_with(caller));
    evaluated.resources.iter().any(|resource| is_caller(&resource.resource_type.to_ascii_lowercase()))
}

/// What does not exist yet is repaired in its file: commands would come too early.
fn of_files(report: &mut v1::Report, sources: &Sources<'_>) {
    let (plans, others): (Vec<&Found>, Vec<&Found>) = sources.found.iter().partition(|one| one.kind.is_terraform());
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
