//! What counts in a text: neither blanks nor quotes nor case. A terminal may have cut it anywhere.

/// A text without what does not count.
pub(crate) fn squeeze(text: &str) -> String {
    text.chars().filter(|c| counts(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a character counts.
pub(crate) fn counts(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '\'' | '`' | '\\' | '‘' | '’' | '“' | '”')
}
