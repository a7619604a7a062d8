//! How a text is laid out: line ends, indentation, and where something new goes beside what is there.

use std::ops::Range;

/// A range of a text, and what takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The range in bytes; empty if text is added.
    pub range: Range<usize>,
    /// The new text.
    pub text: String,
}

impl Change {
    /// Returns the text with the change; `None` if the range is not in the text.
    #[must_use]
    pub(crate) fn apply(&self, source: &str) -> Option<String> {
        Some(format!("{}{}{}", source.get(..self.range.start)?, self.text, source.get(self.range.end..)?))
    }
}

/// What stands between the members of a list or an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separator {
    /// A comma, always: JSON.
    Comma,
    /// A comma in a line, or a new line: Bicep.
    CommaOrLine,
    /// A new line, always: HCL.
    Line,
}

/// How a text is laid out.
pub(crate) struct Layout<'s> {
    source: &'s str,
    /// How its lines end.
    pub newline: &'static str,
    /// One step of indentation.
    unit: &'s str,
    separator: Separator,
}

impl<'s> Layout<'s> {
    /// The layout of a text.
    pub(crate) fn new(source: &'s str, separator: Separator) -> Self {
        let newline = if source.contains("\r\n") { "\r\n" } else { "\n" };
        let blanks = |line: &'s str| line.get(..line.len() - line.trim_start_matches([' ', '\t']).len());
        let mut indents = source.lines().filter(|line| !line.trim().is_empty()).filter_map(blanks);
        let first = indents.find(|indent| !indent.is_empty()).unwrap_or("  ");
        let unit = if first.starts_with('\t') { "\t" } else { first.get(..first.len().min(4)).unwrap_or("  ") };
        Self { source, newline, unit, separator }
    }

    /// Where the line of a byte starts.
    fn line_start(&self, at: usize) -> usize {
        let before = self.source.get(..at).unwrap_or_default();
        match before.rfind('\n') {
            Some(end) => end + 1,
            // A byte order mark does not belong to the first line.
            None => before.len() - before.trim_start_matches('\u{feff}').len(),
        }
    }

    /// Where the line of a byte ends, before its line end.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.source.get(at..).unwrap_or_default();
        at + rest.find(['\r', '\n']).unwrap_or(rest.len())
    }

    /// The blanks at the start of the line of a byte.
    pub(crate) fn indent(&self, at: usize) -> &'s str {
        let line = self.source.get(self.line_start(at)..).unwrap_or_default();
        line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
    }

    /// A text that was written with line feeds and two spaces a step, as this file would have it, with its further lines
    /// indented.
    pub(crate) fn indented(&self, text: &str, indent: &str) -> String {
        let mut out = String::new();
        for (number, line) in text.replace("\r\n", "\n").split('\n').enumerate() {
            let inner = line.trim_start_matches(' ');
            let steps = (line.len() - inner.len()) / 2;
            match number {
                0 => out.push_str(line),
                _ if inner.is_empty() => out.push_str(self.newline),
                _ => out.extend([self.newline, indent, &self.unit.repeat(steps), inner]),
            }
        }
        out
    }

    /// A text in one line, if that is short enough and the language allows it.
    fn in_one_line(&self, text: &str) -> Option<String> {
        const LONGEST: usize = 120;
        let mut lines = text.lines().map(str::trim);
        let mut out = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            let is_bracket = out.ends_with(['{', '[']) || line.starts_with(['}', ']']);
            let comma = if is_bracket || out.ends_with(',') { "" } else { "," };
            out.extend([comma, " ", line]);
        }
        (out.len() <= LONGEST && self.separator != Separator::Line).then_some(out)
    }

    fn is_one_line(&self, range: &Range<usize>) -> bool {
        !self.source.get(range.clone()).unwrap_or_default().contains('\n')
    }

    /// Whether nothing but blanks, a comma and a comment stands on the lines of a range next to it.
    fn is_alone(&self, range: &Range<usize>) -> bool {
        let before = self.source.get(self.line_start(range.start)..range.start).unwrap_or_default();
        let after = self.source.get(range.end..self.line_end(range.end)).unwrap_or_default();
        let after = after.trim().trim_start_matches(',').trim_start();
        before.trim().is_empty() && (after.is_empty() || after.starts_with("//"))
    }

    /// Adds a member at the end of what stands between two brackets. `last`: the last member that is there.
    pub(crate) fn append(&self, brackets: &Range<usize>, last: Option<Range<usize>>, text: &str) -> Change {
        let close = brackets.end.saturating_sub(1);
        let comma = if self.separator == Separator::Comma { "," } else { "" };
        match last {
            Some(last) if self.is_one_line(brackets) && self.in_one_line(text).is_some() => {
                let text = self.in_one_line(text).unwrap_or_default();
                Change { range: last.end..last.end, text: format!(", {text}") }
            }
            Some(last) if !self.is_one_line(brackets) => {
                let indent = self.indent(last.start);
                let end = self.line_end(last.end).min(close);
                // A comment at the end of the line stays where it is.
                let rest = self.source.get(last.end..end).unwrap_or_default();
                let has_comma = self.source.get(last.end..close).is_some_and(|rest| rest.trim_start().starts_with(','));
                let comma = if has_comma { "" } else { comma };
                let text = self.indented(text, indent);
                let tail = if has_comma && self.separator == Separator::Comma { "," } else { "" };
                let (rest, after) = match end == close {
                    true => (rest.trim_end(), format!("{}{}", self.newline, self.indent(brackets.start))),
                    false => (rest, String::new()),
                };
                let text = format!("{comma}{rest}{}{indent}{text}{tail}{after}", self.newline);
                Change { range: last.end..end, text }
            }
            // `{}` and `{ a: b }` become several lines.
            _ => {
                let outer = self.indent(brackets.start);
                let indent = format!("{outer}{}", self.unit);
                let inside = brackets.start + 1..close;
                let kept = match self.source.get(inside.clone()).unwrap_or_default().trim().trim_end_matches(',') {
                    "" => String::new(),
                    kept if last.is_some() => format!("{}{indent}{kept}{comma}", self.newline),
                    comment => format!("{}{indent}{comment}", self.newline),
                };
                let text = self.indented(text, &indent);
                Change { range: inside, text: format!("{kept}{0}{indent}{text}{0}{outer}", self.newline) }
            }
        }
    }

    /// Removes a member with its line or its comma. `before` and `next`: the members next to it.
    pub(crate) fn remove(
        &self,
        member: Range<usize>,
        before: Option<Range<usize>>,
        next: Option<Range<usize>>,
    ) -> Change {
        let gone = |range: Range<usize>| Change { range, text: String::new() };
        match (before, next) {
            // The comma before the last member goes as well.
            (Some(before), None) if self.is_alone(&member) && self.separator == Separator::Comma => {
                let kept = self.source.get(before.end..self.line_start(member.start)).unwrap_or_default();
                let text = kept.replacen(',', "", 1).trim_end_matches(['\r', '\n']).to_owned();
                Change { range: before.end..self.line_end(member.end), text }
            }
            _ if self.is_alone(&member) => {
                let end = self.line_end(member.end);
                let line_end = self.source.get(end..).unwrap_or_default();
                let ending = if line_end.starts_with("\r\n") { 2 } else { line_end.len().min(1) };
                gone(self.line_start(member.start)..end + ending)
            }
            (_, Some(next)) if self.is_one_line(&(member.start..next.start)) => gone(member.start..next.start),
            (Some(before), _) => gone(before.end..member.end),
            (None, _) => gone(member),
        }
    }

    /// Adds a text at the end of the file.
    pub(crate) fn add_at_end(&self, text: &str) -> Change {
        let end = self.source.len();
        let gap = match self.source.trim_end().len() {
            0 => String::new(),
            _ if self.source.ends_with('\n') => self.newline.to_owned(),
            _ => self.newline.repeat(2),
        };
        // A file without a line end at its end stays one.
        let last = if self.source.ends_with('\n') || self.source.is_empty() { self.newline } else { "" };
        Change { range: end..end, text: format!("{gap}{}{last}", self.indented(text.trim_end(), "")) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// The text with what is added behind `last` in `brackets`.
    fn appended(source: &str, separator: Separator, brackets: &str, last: Option<&str>, text: &str) -> String {
        let place = |part: &str| source.find(part).map(|at| at..at + part.len()).unwrap();
        let layout = Layout::new(source, separator);
        layout.append(&place(brackets), last.map(place), text).apply(source).unwrap()
    }

    #[test]
    fn a_comma_comes_before_the_comment_of_the_last_member() {
        let source = "{\n\t\"a\": 1 // one\n}";
        let added = appended(source, Separator::Comma, source, Some("\"a\": 1"), "\"b\": {\n  \"c\": 2\n}");
        assert_eq!(added, "{\n\t\"a\": 1, // one\n\t\"b\": {\n\t\t\"c\": 2\n\t}\n}");
        // A comma that stands there already stays the only one.
        let source = "[\r\n    1,\r\n]";
        assert_eq!(appended(source, Separator::Comma, source, Some("1"), "2"), "[\r\n    1,\r\n    2,\r\n]");
    }

    #[test]
    fn a_short_list_stays_in_its_line() {
        let source = "a: [ 1 ]";
        assert_eq!(appended(source, Separator::CommaOrLine, "[ 1 ]", Some("1"), "{\n  b: 2\n}"), "a: [ 1, { b: 2 } ]");
        let source = "a { b = 1 }";
        assert_eq!(appended(source, Separator::Line, "{ b = 1 }", Some("b = 1"), "c = 2"), "a {\n  b = 1\n  c = 2\n}");
        assert_eq!(appended("a: {}", Separator::Comma, "{}", None, "\"b\": 1"), "a: {\n  \"b\": 1\n}");
    }

    #[test]
    fn the_last_member_goes_with_the_comma_before_it() {
        let source = "{\n  \"a\": 1, // one\n  \"b\": 2 // two\n}\n";
        let layout = Layout::new(source, Separator::Comma);
        let place = |part: &str| source.find(part).map(|at| at..at + part.len()).unwrap();
        let removed = layout.remove(place("\"b\": 2"), Some(place("\"a\": 1")), None).apply(source).unwrap();
        assert_eq!(removed, "{\n  \"a\": 1 // one\n}\n");
        let removed = layout.remove(place("\"a\": 1"), None, Some(place("\"b\": 2"))).apply(source).unwrap();
        assert_eq!(removed, "{\n  \"b\": 2 // two\n}\n");
    }

    #[test]
    fn a_file_without_a_line_end_at_its_end_stays_one() {
        let added = |source: &str| Layout::new(source, Separator::CommaOrLine).add_at_end("b\n").apply(source).unwrap();
        assert_eq!(
            (added("a"), added("a\n"), added("a\r\n")),
            ("a\n\nb".into(), "a\n\nb\n".into(), "a\r\n\r\nb\r\n".into())
        );
    }
}
