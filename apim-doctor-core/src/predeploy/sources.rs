//! The files of a deployment, and what is known from outside them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::knowledge::cloud::Cloud;
use crate::model::{Estate, Input};
use crate::predeploy::cloud::{Written, written};
use crate::predeploy::kind::Kind;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::search::Found;
use crate::predeploy::work::Work;
use crate::source::InputError;
use crate::source::deployed::Deployment;
use crate::template::deployment::Evaluated;
use crate::template::place::Drafts;

/// The files of a deployment, and what is known from outside them.
pub(super) struct Sources<'o> {
    pub found: Vec<Found>,
    pub options: &'o CheckOptions,
    /// What exists.
    pub against: Option<&'o Estate>,
    cloud: Cloud,
    is_cloud_known: bool,
    /// How many resources were evaluated, counted each time: the work that was done.
    evaluated: Arc<AtomicUsize>,
}

impl<'o> Sources<'o> {
    /// Evaluates deployments. Their cloud is the one that was given, that of what exists, or the one that they name.
    pub(super) fn new(found: Vec<Found>, options: &'o CheckOptions, against: Option<&'o Estate>) -> (Self, Work<'o>) {
        let given = options.cloud.as_ref().or(against.map(|estate| &estate.cloud)).cloned();
        let is_given = given.is_some();
        let (cloud, evaluated) = (given.unwrap_or_default(), Arc::default());
        let mut sources = Self { found, options, against, cloud, is_cloud_known: true, evaluated };
        let work = sources.evaluate(&Drafts::default());
        if is_given {
            return (sources, work);
        }
        let planned = work.planned_cloud.clone().map(|cloud| Written::Cloud(Box::new(cloud)));
        match planned.unwrap_or_else(|| written(&work.files)) {
            Written::Cloud(own) if *own != sources.cloud => {
                sources.cloud = *own;
                let work = sources.evaluate(&Drafts::default());
                return (sources, work);
            }
            Written::Several => sources.is_cloud_known = false,
            Written::Cloud(_) | Written::Nothing => {}
        }
        (sources, work)
    }

    /// Evaluates them once more. Drafts are read instead of their files.
    pub(super) fn evaluate(&self, drafts: &Drafts) -> Work<'o> {
        let work = Work::of(&self.found, self.options, &self.cloud, drafts);
        self.evaluated.fetch_add(work.evaluated.resources.len(), Ordering::Relaxed);
        work
    }

    /// How many resources were evaluated up to now, counted each time.
    pub(super) fn evaluated(&self) -> usize {
        self.evaluated.load(Ordering::Relaxed)
    }

    /// Some of the deployments, by their numbers.
    pub(super) fn part(&self, numbers: &[usize]) -> Self {
        let found = numbers.iter().filter_map(|number| self.found.get(*number).cloned()).collect();
        let (cloud, evaluated) = (self.cloud.clone(), self.evaluated.clone());
        Self { found, cloud, evaluated, ..*self }
    }

    /// What was evaluated, and where it goes.
    pub(super) fn deployment<'w>(&self, work: &'w Work<'_>, evaluated: &'w Evaluated) -> Deployment<'w>
    where
        'o: 'w,
    {
        Deployment {
            files: &work.files,
            evaluated,
            deleted: &work.deleted,
            exists: &work.exists,
            left_out: &work.left_out,
            is_ordered: work.is_ordered,
            tenant: work.tenant(),
            is_all: self.options.standalone,
            cloud: self.cloud.clone(),
            is_cloud_known: self.is_cloud_known,
            against: self.against,
        }
    }

    /// Whether Terraform made all of the files: they are results of its source.
    pub(super) fn are_terraform(&self) -> bool {
        self.found.iter().all(|one| one.kind.is_terraform())
    }

    /// Whether all files are output of what-if, which also says what was there before.
    pub(super) fn are_what_if(&self) -> bool {
        !self.found.is_empty() && self.found.iter().all(|one| one.kind == Kind::WhatIf)
    }
}

/// What recordings among the files say.
pub(super) fn recorded(files: &[PathBuf], has_other: bool, problems: &mut Vec<InputError>) -> Option<Estate> {
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
