//! Where something stands: a file and a range of bytes in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::memchr_iter;

/// Texts that take the place of files on disk, by the real paths of the files.
pub(crate) type Drafts = BTreeMap<PathBuf, Arc<str>>;

/// Which file of [`Files`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub u16);

/// A range of bytes in a file. What stands in no file (an option of the command line) has [`Span::NONE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The place of what stands in no file.
    pub(crate) const NONE: Span = Span { file: FileId(u16::MAX), start: 0, end: 0 };

    /// A range of bytes in a file. Files of 4 GiB and more are refused before they are parsed.
    pub(crate) fn new(file: FileId, start: usize, end: usize) -> Self {
        let cut = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { file, start: cut(start), end: cut(end) }
    }

    /// Whether it stands in a file.
    pub(crate) fn is_some(self) -> bool {
        self.file != Self::NONE.file
    }

    /// This place, or another where this one is none.
    pub(crate) fn or(self, other: Span) -> Span {
        if self.is_some() { self } else { other }
    }
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// One file that was read.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path as it was given or found.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    lines: Vec<u32>,
}

/// The files that were read, in the order of their ids.
#[derive(Debug, Default)]
pub(crate) struct Files {
    files: Vec<File>,
}

impl Files {
    /// Adds a file; `None` where there are too many, or it is too large.
    pub(crate) fn add(&mut self, path: PathBuf, text: Arc<str>) -> Option<FileId> {
        let id = u16::try_from(self.files.len()).ok().filter(|id| *id < u16::MAX)?;
        u32::try_from(text.len()).ok()?;
        let lines = memchr_iter(b'\n', text.as_bytes()).filter_map(|at| u32::try_from(at + 1).ok());
        let lines = std::iter::once(0).chain(lines).collect();
        self.files.push(File { path, text, lines });
        Some(FileId(id))
    }

    /// A file by its id.
    pub(crate) fn get(&self, id: FileId) -> Option<&File> {
        self.files.get(usize::from(id.0))
    }

    /// All files.
    pub(crate) fn all(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// The texts of all files.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| &*file.text)
    }

    /// How many files were read.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// The path of the file in which something stands.
    pub(crate) fn path(&self, span: Span) -> Option<&Path> {
        self.get(span.file).map(|file| file.path.as_path())
    }

    /// The text at a place.
    #[cfg(test)]
    pub(crate) fn text(&self, span: Span) -> Option<&str> {
        self.get(span.file)?.text.get(span.start as usize..span.end as usize)
    }

    /// The line and column of the first byte of a place.
    pub(crate) fn position(&self, span: Span) -> Option<Position> {
        let file = self.get(span.file)?;
        let line = file.lines.partition_point(|start| *start <= span.start);
        let start = *file.lines.get(line.checked_sub(1)?)?;
        let before = file.text.get(start as usize..span.start as usize)?;
        Some(Position { line: u32::try_from(line).ok()?, column: u32::try_from(before.chars().count()).ok()? + 1 })
    }
}
