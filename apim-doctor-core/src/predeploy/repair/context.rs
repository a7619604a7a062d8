//! What is known where a change is written: the files, what they make, and what their expressions can name.

use std::ops::Range;
use std::sync::Arc;

use crate::base::ResourceId;
use crate::model::Deployed;
use crate::predeploy::repair::files::Language;
use crate::predeploy::repair::names::Names;
use crate::predeploy::repair::place::Declared;
use crate::source::arm::edit::{self as arm, Section};
use crate::source::bicep::{Span as Part, edit as bicep};
use crate::source::deployed::Symbols;
use crate::source::layout::Change;
use crate::template::deployment::Evaluated;
use crate::template::place::{FileId, Files, Span};

/// One way to write a change.
pub(in crate::predeploy) struct Candidate {
    /// The changes of the files' texts.
    pub changes: Vec<(FileId, Change)>,
    /// Its purpose.
    pub meant: Meant,
}

impl Candidate {
    /// A change of one file.
    pub(super) fn new(file: FileId, change: Change, meant: &Meant) -> Self {
        Self::with(Vec::new(), (file, change), meant)
    }

    /// A change of one file that needs others.
    pub(super) fn with(mut changes: Vec<(FileId, Change)>, own: (FileId, Change), meant: &Meant) -> Self {
        changes.push(own);
        Self { changes, meant: meant.clone() }
    }
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
    outputs: &'r [FileId],
    pub(super) words: &'r Deployed,
    pub(super) symbols: Symbols,
    /// The end of the host names of vaults.
    pub(super) vaults: &'r str,
    /// Something that a change refers to has no name in the template.
    pub(super) is_unnamed: bool,
    pub(super) declared: Declared,
}

impl<'r> Repair<'r> {
    pub(in crate::predeploy) fn new(
        (evaluated, files, outputs): (&'r Evaluated, &'r Files, &'r [FileId]),
        (words, vaults): (&'r Deployed, &'r str),
        mut symbols: Symbols,
    ) -> Self {
        let declared = Declared::of(evaluated, &mut symbols);
        Self { evaluated, files, outputs, words, symbols, vaults, is_unnamed: false, declared }
    }

    /// The text of a file that can be changed, and its language. What a tool wrote is a result, not a source.
    pub(super) fn file(&self, id: FileId) -> Option<(Arc<str>, Language)> {
        let file = self.files.get(id).filter(|_| !self.outputs.contains(&id))?;
        Some((file.text.clone(), Language::of(&file.path)?))
    }

    /// What an expression at a place can name. `deployment`: the one in which the changed resource stands.
    pub(super) fn names(&mut self, place: Span, language: Language, deployment: u32) -> Names {
        let text = self.files.get(place.file).map(|file| file.text.clone()).unwrap_or_else(|| "".into());
        if language == Language::Bicep && bicep::is_in_parameter(&text, part(place)) {
            return Names::none(language);
        }
        let names = self.names_in(place.file, language, deployment);
        match language == Language::Json && arm::section(&text, &range(place)) == Section::Values {
            true => names.without_references(),
            false => names,
        }
    }

    /// What the expressions of a file can name.
    pub(super) fn names_in(&mut self, file: FileId, language: Language, deployment: u32) -> Names {
        let stands_in = |number: &u32| {
            self.evaluated.resources.iter().any(|one| one.deployment == *number && one.span.file == file)
        };
        let all = 0..u32::try_from(self.evaluated.deployments.len()).unwrap_or(u32::MAX);
        match Some(deployment).into_iter().chain(all).find(stands_in) {
            Some(number) => {
                Names::of((self.evaluated, self.files), (file, language), (number, self.vaults), &mut self.symbols)
            }
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
