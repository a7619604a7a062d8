//! Finds the line and the column of a byte.

use crate::model::script::Spot;

/// The lines of a text, and where each stands in the file.
pub(super) struct Lines {
    starts: Vec<usize>,
    /// For each line: its number in the file, and how many columns the file has before it.
    at: Option<Vec<(usize, usize)>>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        Self { starts: starts.collect(), at: None }
    }

    /// The same of a text that stands in another: `first` is the line of its first line, `indent` what is before each.
    pub(super) fn inside(text: &str, first: usize, indent: usize) -> Self {
        let lines = Self::of(text);
        let at = (0..lines.starts.len()).map(|n| (first + n, indent)).collect();
        Self { at: Some(at), ..lines }
    }

    pub(super) fn spot(&self, byte: usize) -> Spot {
        let n = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let column = byte.saturating_sub(self.starts.get(n).copied().unwrap_or_default()) + 1;
        match self.at.as_ref().and_then(|at| at.get(n)) {
            Some((line, indent)) => Spot { line: *line, column: column + indent },
            None => Spot { line: n + 1, column },
        }
    }
}
