//! Comments in which somebody says something about a declaration, and which declaration that is.

use std::ops::Range;

/// What a comment starts with.
pub(super) const MARK: &str = "apim-doctor:";

/// A declaration in a text.
#[derive(Clone, Default)]
pub(super) struct Scope {
    /// Its bytes.
    pub bytes: Range<usize>,
    /// The bytes of the declarations in it, to which nothing applies that is said of it.
    pub inner: Vec<Range<usize>>,
}

impl Scope {
    /// One of the declarations of a text.
    pub(super) fn of(bytes: Range<usize>, all: &[Range<usize>]) -> Self {
        let is_inner = |other: &&Range<usize>| **other != bytes && bytes.start <= other.start && other.end <= bytes.end;
        let inner = all.iter().filter(is_inner).cloned().collect();
        Self { bytes, inner }
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.bytes.contains(&at) && !self.inner.iter().any(|inner| inner.contains(&at))
    }
}

/// The comments of a text.
pub(super) struct Comments<'t> {
    text: &'t str,
    /// The bytes of each, in their order.
    all: Vec<Range<usize>>,
}

/// A line of a comment that starts like a suppression.
pub(super) struct Comment<'t> {
    /// The byte at which the mark starts.
    pub at: usize,
    /// What follows the mark.
    pub says: &'t str,
    /// The bytes of the whole comment.
    whole: Range<usize>,
}

impl<'t> Comments<'t> {
    /// The comments outside of strings: `/*` and `*/` surround one, and each of `starts` begins one that ends with its line.
    pub(super) fn of(text: &'t str, starts: &[&str], strings: &[Range<usize>]) -> Self {
        let (mut all, mut at) = (Vec::new(), 0);
        while let Some(found) = text.as_bytes().get(at..).and_then(|rest| memchr::memchr2(b'/', b'#', rest)) {
            let start = at + found;
            let before = strings.partition_point(|string| string.start <= start);
            let string = before.checked_sub(1).and_then(|last| strings.get(last)).filter(|string| start < string.end);
            let rest = text.get(start..).unwrap_or_default();
            let line = || rest.find(['\n', '\r']).unwrap_or(rest.len());
            let block = || rest.get(2..).and_then(|inner| inner.find("*/")).map_or(rest.len(), |length| length + 4);
            let length = match string {
                Some(_) => None,
                None if rest.starts_with("/*") => Some(block()),
                None if starts.iter().any(|mark| rest.starts_with(mark)) => Some(line()),
                None => None,
            };
            at = length.map_or_else(|| string.map_or(start + 1, |string| string.end), |length| start + length);
            all.extend(length.map(|_| start..at));
        }
        Self { text, all }
    }

    /// The lines that start like a suppression.
    pub(super) fn marked(&self) -> impl Iterator<Item = Comment<'t>> {
        self.all.iter().flat_map(|whole| self.marked_in(whole))
    }

    fn marked_in(&self, whole: &Range<usize>) -> impl Iterator<Item = Comment<'t>> {
        let own = self.text.get(whole.clone()).unwrap_or_default();
        // The start of a comment may be repeated, and a line of a block may start with a star.
        let (own, sign, begin) = match own.strip_prefix("/*") {
            Some(inner) => (inner.strip_suffix("*/").unwrap_or(inner), '*', whole.start + 2),
            None => (own, own.chars().next().unwrap_or('/'), whole.start),
        };
        let lines = own.split_inclusive(['\n', '\r']).scan(begin, |at, line| {
            *at += line.len();
            Some((*at, line))
        });
        let whole = whole.clone();
        lines.filter_map(move |(end, line)| {
            let says = line.trim_start().trim_start_matches(sign).trim_start().strip_prefix(MARK)?;
            Some(Comment { at: end - says.len() - MARK.len(), says: says.trim(), whole: whole.clone() })
        })
    }

    /// What stands in a range beside comments.
    fn code(&self, range: Range<usize>) -> String {
        let first = self.all.partition_point(|comment| comment.end <= range.start);
        let (mut code, mut at) = (String::new(), range.start);
        for comment in self.all.iter().skip(first).take_while(|comment| comment.start < range.end) {
            code.push_str(self.text.get(at..comment.start).unwrap_or_default());
            at = comment.end;
        }
        code.push_str(self.text.get(at..range.end).unwrap_or_default());
        code
    }

    /// The declaration that a comment belongs to: the one that ends or goes on in its line, if code stands before it there;
    /// the next one, if nothing stands between them; otherwise the innermost one around it.
    pub(super) fn declaration(&self, comment: &Comment<'_>, declared: &[Range<usize>]) -> Option<Scope> {
        let Range { start, end } = comment.whole;
        let innermost =
            |own: &mut dyn Iterator<Item = &Range<usize>>| own.max_by_key(|declared| declared.start).cloned();
        let line = self.text.get(..start)?.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        // A mark of the encoding may stand first in a file.
        let own = if self.code(line..start).trim_start_matches('\u{feff}').trim().is_empty() {
            let next = declared.iter().filter(|declared| declared.start >= end).min_by_key(|declared| declared.start);
            let is_beside = |next: &&Range<usize>| {
                let between = self.code(end..next.start);
                between.split(['\n', '\r']).map(str::trim).all(|line| line.is_empty() || line.starts_with(['@', '#']))
            };
            let around = || innermost(&mut declared.iter().filter(|declared| declared.contains(&start)));
            next.filter(is_beside).cloned().or_else(around)
        } else {
            innermost(&mut declared.iter().filter(|declared| declared.start < start && declared.end > line))
        };
        own.map(|own| Scope::of(own, declared))
    }
}
