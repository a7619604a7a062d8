//! Cleans a pasted text: removes colours, boxes, HTML and JSON escapes, and remembers where each place came from.

use std::borrow::Cow;
use std::ops::Range;

use crate::explain::squeeze::counts;

/// A text that can be searched.
pub(super) struct Clean {
    /// Readable: one blank or line end where there were some.
    pub text: String,
    /// Only what counts: no blanks, quotes or backslashes, in lower case. A terminal may have cut it anywhere.
    pub squeezed: String,
    /// For every [`STRIDE`] bytes of `squeezed`, where they stand in `text`.
    strides: Vec<usize>,
    /// For every byte of `squeezed` and its end, a bit: a word starts or ends there.
    edges: Vec<u64>,
    /// How each pass moved the text.
    passes: Vec<Moves>,
}

const STRIDE: usize = 64;

impl Clean {
    /// Takes away what is not the message.
    pub(super) fn of(text: &str) -> Self {
        // Most texts need little of this.
        let mut text = Cow::Borrowed(text);
        let mut passes = Vec::new();
        let mut pass = |text: &mut Cow<'_, str>, rewrite: fn(&str) -> Rewritten| {
            let Rewritten { out, moves } = rewrite(text);
            *text = out.into();
            passes.push(moves);
        };
        if !text.is_ascii() || text.contains('\u{1b}') {
            pass(&mut text, plain);
        }
        if text.contains('&') {
            pass(&mut text, entities);
        }
        if text.contains('\\') {
            pass(&mut text, unescaped);
        }
        let text = text.into_owned();
        let (mut squeezed, mut strides) = (String::with_capacity(text.len()), Vec::new());
        let mut edges = Edges::default();
        for (at, c) in text.char_indices() {
            edges.see(c, squeezed.len());
            if counts(c) {
                while strides.len() * STRIDE <= squeezed.len() {
                    strides.push(at);
                }
                squeezed.push(c.to_ascii_lowercase());
            }
        }
        edges.mark(squeezed.len());
        Self { text, squeezed, strides, edges: edges.bits, passes }
    }

    /// Whether a word starts or ends at a place in `squeezed`.
    pub(super) fn is_edge(&self, at: usize) -> bool {
        self.edges.get(at / 64).is_some_and(|bits| bits & (1 << (at % 64)) != 0)
    }

    /// The readable text from a little before to a little behind a place in `squeezed`.
    pub(super) fn around(&self, start: usize, end: usize) -> &str {
        const BEFORE: usize = 1_500;
        const BEHIND: usize = 3_000;
        let place = |at: usize| self.strides.get(at / STRIDE).copied();
        let from = place(start.saturating_sub(BEFORE)).unwrap_or_default();
        let to = place(end + BEHIND).unwrap_or(self.text.len());
        self.text.get(from..to).unwrap_or(&self.text)
    }

    /// The same of `squeezed`.
    pub(super) fn squeezed_around(&self, start: usize, end: usize) -> &str {
        let boundary = |mut at: usize| {
            while !self.squeezed.is_char_boundary(at) {
                at += 1;
            }
            at
        };
        let from = boundary(start.saturating_sub(1_500));
        let to = boundary((end + 3_000).min(self.squeezed.len()));
        self.squeezed.get(from..to).unwrap_or_default()
    }

    /// The readable text of a span of `squeezed`.
    pub(super) fn readable(&self, span: &Range<usize>) -> &str {
        self.text.get(self.in_text(span)).unwrap_or_default()
    }

    /// Where a span of `squeezed` stands in the text that was given.
    pub(super) fn origin(&self, span: &Range<usize>) -> Range<usize> {
        let back = |at: usize| self.passes.iter().rev().fold(at, |at, moves| moves.back(at));
        let Range { start, end } = self.in_text(span);
        // The last character may have been longer, such as an escape.
        back(start)..back(end).max(back(start))
    }

    fn in_text(&self, span: &Range<usize>) -> Range<usize> {
        let last = self.place(span.end.saturating_sub(1).max(span.start));
        let end = self.text.get(last..).and_then(|rest| rest.chars().next()).map_or(last, |c| last + c.len_utf8());
        self.place(span.start)..end
    }

    /// Where a byte of `squeezed` stands in `text`.
    fn place(&self, at: usize) -> usize {
        let stride = at / STRIDE;
        let Some(from) = self.strides.get(stride).copied() else { return self.text.len() };
        // A character may stand across the beginning of a stride: the stride then starts with the next one.
        let mut squeezed = (stride * STRIDE..self.squeezed.len()).find(|at| self.squeezed.is_char_boundary(*at));
        let rest = self.text.get(from..).unwrap_or_default();
        for (offset, c) in rest.char_indices().filter(|(_, c)| counts(*c)) {
            match &mut squeezed {
                Some(here) if *here >= at => return from + offset,
                Some(here) => *here += c.len_utf8(),
                None => break,
            }
        }
        self.text.len()
    }
}

/// Where words start and end: at blanks and signs, and within CamelCase. Not between letters and digits: ids have both.
#[derive(Default)]
struct Edges {
    bits: Vec<u64>,
    before: Option<char>,
}

impl Edges {
    /// Sees the next character of the text, which stands at a place in `squeezed`.
    fn see(&mut self, c: char, at: usize) {
        if !counts(c) {
            self.before = None;
            return;
        }
        let is_edge = match self.before {
            None => true,
            Some(before) if !before.is_alphanumeric() || !c.is_alphanumeric() => true,
            Some(before) => before.is_lowercase() && c.is_uppercase(),
        };
        if is_edge {
            self.mark(at);
        }
        self.before = Some(c);
    }

    fn mark(&mut self, at: usize) {
        if self.bits.len() <= at / 64 {
            self.bits.resize(at / 64 + 1, 0);
        }
        if let Some(bits) = self.bits.get_mut(at / 64) {
            *bits |= 1 << (at % 64);
        }
    }
}

/// Where the text of one pass came from: places where the distance between new and old changes.
#[derive(Default)]
struct Moves {
    /// A place in the new text, and the same place in the old one.
    changes: Vec<(usize, usize)>,
}

impl Moves {
    /// Where a place in the new text stands in the old one.
    fn back(&self, at: usize) -> usize {
        let after = self.changes.partition_point(|(new, _)| *new <= at);
        match after.checked_sub(1).and_then(|at| self.changes.get(at)) {
            Some((new, old)) => old + (at - new),
            None => at,
        }
    }
}

/// A text that is being rewritten.
struct Rewritten {
    out: String,
    moves: Moves,
}

impl Rewritten {
    fn of(text: &str) -> Self {
        Self { out: String::with_capacity(text.len()), moves: Moves::default() }
    }

    /// Adds what came from a place in the old text.
    fn push(&mut self, new: &str, old: usize) {
        if self.moves.back(self.out.len()) != old {
            self.moves.changes.push((self.out.len(), old));
        }
        self.out.push_str(new);
    }

    fn push_char(&mut self, new: char, old: usize) {
        self.push(new.encode_utf8(&mut [0; 4]), old);
    }
}

/// Without the colours of terminals, the boxes that Terraform draws, and zero-width signs.
fn plain(text: &str) -> Rewritten {
    let mut result = Rewritten::of(text);
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            '\u{1b}' => skip_sequence(&mut rest),
            '\u{2500}'..='\u{257f}' | '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' => {}
            _ => result.push_char(c, at),
        }
    }
    result
}

/// A control sequence ends with a letter, an operating-system command with a bell or another escape.
fn skip_sequence(rest: &mut std::str::CharIndices<'_>) {
    match rest.next() {
        Some((_, '[')) => {
            rest.by_ref().find(|(_, c)| ('\u{40}'..='\u{7e}').contains(c));
        }
        Some((_, ']')) => {
            let mut before = ' ';
            rest.by_ref().find(|(_, c)| {
                let ends = *c == '\u{7}' || (before == '\u{1b}' && *c == '\\');
                before = *c;
                ends
            });
        }
        _ => {}
    }
}

/// HTML's names for signs, also where they were escaped twice.
fn entities(text: &str) -> Rewritten {
    const NAMES: [(&str, char); 9] = [
        ("quot;", '"'),
        ("apos;", '\''),
        ("#39;", '\''),
        ("#x27;", '\''),
        ("#34;", '"'),
        ("lt;", '<'),
        ("gt;", '>'),
        ("nbsp;", ' '),
        ("amp;", '&'),
    ];
    let mut result = Rewritten::of(text);
    let mut parts = text.split('&');
    let first = parts.next().unwrap_or_default();
    result.push(first, 0);
    let mut at = first.len();
    for part in parts {
        let mut rest = part;
        while let Some(inner) =
            rest.strip_prefix("amp;").filter(|inner| NAMES.iter().any(|(n, _)| inner.starts_with(n)))
        {
            rest = inner;
        }
        match NAMES.iter().find_map(|(name, sign)| Some((rest.strip_prefix(name)?, sign))) {
            Some((rest, sign)) => {
                result.push_char(*sign, at);
                result.push(rest, at + 1 + part.len() - rest.len());
            }
            None => {
                result.push_char('&', at);
                result.push(rest, at + 1 + part.len() - rest.len());
            }
        }
        at += 1 + part.len();
    }
    result
}

/// Without the escapes of JSON, however deep: `\\\"`, `\r\n`, `\u0027`.
fn unescaped(text: &str) -> Rewritten {
    let mut result = Rewritten::of(text);
    let mut rest = text;
    let place = |rest: &str| text.len() - rest.len();
    while let Some((before, after)) = rest.split_once('\\') {
        result.push(before, place(rest));
        let escape = place(rest) + before.len();
        let behind = after.trim_start_matches('\\');
        let mut chars = behind.chars();
        rest = match chars.next() {
            Some('n' | 'r' | 't') => {
                result.push_char('\n', escape);
                chars.as_str()
            }
            Some(sign @ ('"' | '\'' | '/')) => {
                result.push_char(sign, escape);
                chars.as_str()
            }
            Some('u') => match chars.as_str().split_at_checked(4).and_then(|(hex, rest)| Some((code(hex)?, rest))) {
                Some((sign, rest)) => {
                    result.push_char(sign, escape);
                    rest
                }
                None => {
                    result.push_char('\\', escape);
                    behind
                }
            },
            _ => {
                result.push_char('\\', escape);
                behind
            }
        };
    }
    result.push(rest, place(rest));
    result
}

fn code(hex: &str) -> Option<char> {
    hex.chars()
        .all(|c| c.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(hex, 16).ok())
        .flatten()
        .and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_colours_boxes_and_html_are_taken_away() {
        let squeezed = |text: &str| Clean::of(text).squeezed;
        assert_eq!(squeezed("\u{1b}[31m│\u{1b}[0m Client\n│ address"), "clientaddress");
        assert_eq!(squeezed(r#"{\"message\":\"a\\r\\n\\\"b\\u0027\"}"#), "{message:ab}");
        assert_eq!(squeezed("&amp;quot;x&quot; &lt;id&gt; a&b"), "x<id>a&b");
    }

    #[test]
    fn a_place_in_what_counts_leads_back_to_the_text() {
        let text = format!("{} needle  in  here {}", "x ".repeat(5_000), "y ".repeat(5_000));
        let clean = Clean::of(&text);
        let at = clean.squeezed.find("needle").unwrap();
        let around = clean.around(at, at + 6);
        assert!(around.contains("needle  in  here") && around.len() < 10_000);
    }

    #[test]
    fn a_span_leads_back_to_the_text_that_was_given() {
        let noise = "│ \u{1b}[31m\\\"é\\\\u00e9\\\" &amp;quot;ü&quot; 密钥\u{1b}[0m\\r\\n".repeat(40);
        let text = format!("{noise}Nee\r\n│ dle in \\\"here\\\"{noise}");
        let clean = Clean::of(&text);
        let at = clean.squeezed.find("needlein").unwrap();
        assert_eq!(text.get(clean.origin(&(at..at + 8))), Some("Nee\r\n│ dle in"));
        assert_eq!(clean.readable(&(at..at + 6)), "Nee\r\n dle");
        let end = clean.squeezed.len();
        assert!(text.get(clean.origin(&(end - 1..end))).is_some());
    }

    #[test]
    fn words_start_and_end_at_blanks_signs_and_capitals() {
        let clean = Clean::of("KeyVault is \"off\" 403x");
        let edges: Vec<usize> = (0..=clean.squeezed.len()).filter(|at| clean.is_edge(*at)).collect();
        assert_eq!(clean.squeezed, "keyvaultisoff403x");
        assert_eq!(edges, [0, 3, 8, 10, 13, 17]);
    }
}
