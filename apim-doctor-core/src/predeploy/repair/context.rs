//! What is known where a change is written: the files, what they make, and what their expressions can name.

use std::ops::Range;
use std::sync::Arc;

use crate::base::ResourceId;
use crate::model::Deployed;
use crate::predeploy::repair::files::Language;
use crate::predeploy::repair::names::Names;
use crate::predeploy::repair::place::Declared;
use crate::source::bicep::Span as Part;
use crate::source::deployed::Symbols;
use crate::source::layout::Change;
use crate::template::deployment::Evaluated;
use crate::template::place::{FileId, Files, Span};

/// One way to write a change.
pub(in crate::predeploy) struct Candidate {
    /// The file.
    pub file: FileId,
    /// The change of its text.
    pub change: Change,
    /// What it is meant to do.
    pub meant: Meant,
}

/// What a change is meant to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::predeploy) enum Meant {
    /// A property of a declared resource is another one.
    Property {
        /// The number of the resource.
        resource: usize,
        /// The names and numbers into its body, in lower case.
        path: Vec<String>,
    },
    /// There is a new resource of a type.
    New {
        /// The type.
        kind: String,
        /// What the new resource is at or below.
        scope: ResourceId,
        /// Texts among its properties.
        says: Vec<(&'static str, String)>,
    },
}

/// The files and what they make, with the names and texts that changes are written with.
pub(in crate::predeploy) struct Repair<'r> {
    pub(super) evaluated: &'r Evaluated,
    pub(super) files: &'r Files,
    plans: &'r [FileId],
    pub(super) words: &'r Deployed,
    pub(super) symbols: Symbols,
    pub(super) declared: Declared,
}

impl<'r> Repair<'r> {
    pub(in crate::predeploy) fn new(
        (evaluated, files, plans): (&'r Evaluated, &'r Files, &'r [FileId]),
        words: &'r Deployed,
        mut symbols: Symbols,
    ) -> Self {
        let declared = Declared::of(evaluated, &mut symbols);
        Self { evaluated, files, plans, words, symbols, declared }
    }

    /// The text of a file that can be changed, and its language. A plan is a result, not a source.
    pub(super) fn file(&self, id: FileId) -> Option<(Arc<str>, Language)> {
        let file = self.files.get(id).filter(|_| !self.plans.contains(&id))?;
        Some((file.text.clone(), Language::of(&file.path)?))
    }

    /// What the expressions of a file can name. `deployment`: the one in which the changed resource stands.
    pub(super) fn names(&mut self, file: FileId, language: Language, deployment: u32) -> Names {
        let stands_in = |number: &u32| {
            self.evaluated.resources.iter().any(|one| one.deployment == *number && one.span.file == file)
        };
        let all = 0..u32::try_from(self.evaluated.deployments.len()).unwrap_or(u32::MAX);
        match Some(deployment).into_iter().chain(all).find(stands_in) {
            Some(number) => Names::of((self.evaluated, self.files), (file, language), number, &mut self.symbols),
            None => Names::none(language),
        }
    }
}

pub(super) fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

pub(super) fn part(span: Span) -> Part {
    span.into()
}
