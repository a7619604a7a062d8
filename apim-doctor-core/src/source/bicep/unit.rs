//! One Bicep file with the names that it declares.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::source::bicep::span::Span;
use crate::source::bicep::syntax::{ExprKind, Program, Statement, StatementKind};
use crate::template::place::{self, FileId};

/// A file that was read.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) path: PathBuf,
    pub(crate) file: FileId,
    pub(crate) program: Program,
    /// Parts of it could not be read: what seems to be missing may stand there.
    pub(crate) is_broken: bool,
    names: HashMap<Box<str>, Symbol>,
    folded: HashMap<String, Box<str>>,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Symbol {
    /// Declared by the statement of this number.
    Statement(usize),
    /// Taken by the import of this number, under the name that it has there.
    Imported(usize, Box<str>),
    /// All that the import of this number has.
    Namespace(usize),
    /// An extension.
    Extension,
}

impl Unit {
    pub(crate) fn new(path: PathBuf, file: FileId, program: Program) -> Self {
        let mut names = HashMap::new();
        for (number, statement) in program.statements.iter().enumerate() {
            match &statement.kind {
                StatementKind::Import { names: taken, all, .. } => {
                    for (original, given) in taken {
                        names.insert(given.text.clone(), Symbol::Imported(number, original.text.clone()));
                    }
                    names.extend(all.iter().map(|all| (all.text.clone(), Symbol::Namespace(number))));
                }
                StatementKind::Extension { spec, alias, .. } => {
                    let name = alias.as_ref().map(|alias| &*alias.text).or(match &spec.kind {
                        ExprKind::Name(name) => Some(&**name),
                        // `kubernetes@1.0.0`
                        ExprKind::Text(text) => text.split('@').next(),
                        _ => None,
                    });
                    names.extend(name.map(|name| (name.into(), Symbol::Extension)));
                }
                StatementKind::Output { .. } | StatementKind::Metadata(..) | StatementKind::Assert(..) => {}
                _ => {
                    let name = statement.name().filter(|name| !name.text.is_empty());
                    names.extend(name.map(|name| (name.text.clone(), Symbol::Statement(number))));
                }
            }
        }
        let folded = names.keys().map(|name| (name.to_ascii_lowercase(), name.clone())).collect();
        let is_broken = !program.problems.is_empty();
        Self { path, file, program, is_broken, names, folded }
    }

    /// Returns what a name stands for.
    pub(crate) fn symbol(&self, name: &str) -> Option<&Symbol> {
        self.names.get(name)
    }

    /// Returns the name that differs in case only.
    pub(crate) fn other_case(&self, name: &str) -> Option<&str> {
        self.folded.get(&name.to_ascii_lowercase()).map(|other| &**other).filter(|other| *other != name)
    }

    /// Returns a declaration by its number.
    pub(crate) fn statement(&self, number: usize) -> Option<&Statement> {
        self.program.statements.get(number)
    }

    /// Returns the place of a range of the file.
    pub(crate) fn place(&self, span: Span) -> place::Span {
        place::Span { file: self.file, start: span.start, end: span.end }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}
