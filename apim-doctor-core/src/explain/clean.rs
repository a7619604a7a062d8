//! Cleans a pasted text: removes colours, boxes, HTML and JSON escapes.

use std::borrow::Cow;

/// A text that can be searched.
pub(super) struct Clean {
    /// Readable: one blank or line end where there were some.
    pub text: String,
    /// Only what counts: no blanks, quotes or backslashes, in lower case. A terminal may have cut it anywhere.
    pub squeezed: String,
    /// For every [`STRIDE`] bytes of `squeezed`, where they stand in `text`.
    strides: Vec<usize>,
}

const STRIDE: usize = 64;

impl Clean {
    /// Takes away what is not the message.
    pub(super) fn of(text: &str) -> Self {
        // Most texts need little of this.
        let mut text = Cow::Borrowed(text);
        if !text.is_ascii() || text.contains('\u{1b}') {
            text = plain(&text).into();
        }
        if text.contains('&') {
            text = entities(&text).into();
        }
        if text.contains('\\') {
            text = unescaped(&text).into();
        }
        let text = text.into_owned();
        let (mut squeezed, mut strides) = (String::with_capacity(text.len()), Vec::new());
        for (at, c) in text.char_indices().filter(|(_, c)| counts(*c)) {
            while strides.len() * STRIDE <= squeezed.len() {
                strides.push(at);
            }
            squeezed.push(c.to_ascii_lowercase());
        }
        Self { text, squeezed, strides }
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
}

/// A part of a message as it stands in a squeezed text.
pub(super) fn squeeze(part: &str) -> String {
    part.chars().filter(|c| counts(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

fn counts(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '\'' | '`' | '\\' | '‘' | '’' | '“' | '”')
}

/// Without the colours of terminals, the boxes that Terraform draws, and zero-width signs.
fn plain(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_sequence(&mut rest),
            '\u{2500}'..='\u{257f}' | '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' => {}
            _ => result.push(c),
        }
    }
    result
}

/// A control sequence ends with a letter, an operating-system command with a bell or another escape.
fn skip_sequence(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.next() {
        Some('[') => {
            rest.by_ref().find(|c| ('\u{40}'..='\u{7e}').contains(c));
        }
        Some(']') => {
            let mut before = ' ';
            rest.by_ref().find(|c| {
                let ends = *c == '\u{7}' || (before == '\u{1b}' && *c == '\\');
                before = *c;
                ends
            });
        }
        _ => {}
    }
}

/// HTML's names for signs, also where they were escaped twice.
fn entities(text: &str) -> String {
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
    let mut result = String::with_capacity(text.len());
    let mut parts = text.split('&');
    result.push_str(parts.next().unwrap_or_default());
    for mut part in parts {
        while let Some(inner) =
            part.strip_prefix("amp;").filter(|inner| NAMES.iter().any(|(n, _)| inner.starts_with(n)))
        {
            part = inner;
        }
        match NAMES.iter().find_map(|(name, sign)| Some((part.strip_prefix(name)?, sign))) {
            Some((rest, sign)) => {
                result.push(*sign);
                result.push_str(rest);
            }
            None => {
                result.push('&');
                result.push_str(part);
            }
        }
    }
    result
}

/// Without the escapes of JSON, however deep: `\\\"`, `\r\n`, `\u0027`.
fn unescaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        result.push_str(before);
        let behind = after.trim_start_matches('\\');
        let mut chars = behind.chars();
        rest = match chars.next() {
            Some('n' | 'r' | 't') => {
                result.push('\n');
                chars.as_str()
            }
            Some(sign @ ('"' | '\'' | '/')) => {
                result.push(sign);
                chars.as_str()
            }
            Some('u') => match chars.as_str().split_at_checked(4).and_then(|(hex, rest)| Some((code(hex)?, rest))) {
                Some((sign, rest)) => {
                    result.push(sign);
                    rest
                }
                None => {
                    result.push('\\');
                    behind
                }
            },
            _ => {
                result.push('\\');
                behind
            }
        };
    }
    result.push_str(rest);
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
}
