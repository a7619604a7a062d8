//! Places in a Bicep file: byte ranges, and the lines and columns that people read.

use crate::template::place;

/// A byte range of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// Returns the range from `start` to `end`.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { start: narrow(start), end: narrow(end) }
    }

    /// Returns the range from the start of this one to the end of `other`.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end.max(self.end) }
    }

    /// Returns the text of the range, empty where it does not fit.
    pub(crate) fn of(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl From<place::Span> for Span {
    fn from(place: place::Span) -> Self {
        Self { start: place.start, end: place.end }
    }
}

fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Where the lines of a text begin.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    /// Finds the lines of a text.
    #[must_use]
    pub(crate) fn of(source: &str) -> Self {
        let breaks = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { starts: std::iter::once(0).chain(breaks.map(|(at, _)| narrow(at + 1))).collect() }
    }

    /// Returns the index of the line that holds an offset, from 0.
    pub(crate) fn index(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Returns the offset where a line begins; after the last one, the largest.
    pub(crate) fn start(&self, index: usize) -> u32 {
        self.starts.get(index).copied().unwrap_or(u32::MAX)
    }

    /// Returns line and column of an offset, both from 1. The column counts characters.
    #[cfg(test)]
    pub(crate) fn position(&self, source: &str, offset: u32) -> (usize, usize) {
        let index = self.index(offset);
        let before = source.get(self.start(index) as usize..offset as usize).unwrap_or_default();
        (index + 1, before.trim_start_matches('\u{feff}').chars().count() + 1)
    }
}

/// Something in a file that is not Bicep, and what would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where it is. An empty range means that something is missing there.
    pub span: Span,
    /// What was expected, and what stands there instead.
    pub message: String,
}
