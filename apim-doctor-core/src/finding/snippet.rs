//! Texts in snippets of HCL, Bicep, KQL and JSON: one function each that writes a text as that language's literal.
//!
//! Sources: <https://developer.hashicorp.com/terraform/language/expressions/strings>,
//! <https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types#strings> and
//! <https://learn.microsoft.com/kusto/query/scalar-data-types/string> (read 2026-11-29).

use std::fmt::Write;

/// A string of HCL, with its quotes.
pub(crate) fn hcl(text: &str) -> String {
    let mut out = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let code = u32::from(c);
        // `${` and `%{` start a template.
        let is_template = matches!(c, '$' | '%') && rest.peek() == Some(&'{');
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            _ if code > 0xffff && is_hidden(c) => write!(out, "\\U{code:08x}"),
            _ if is_template || is_hidden(c) => write!(out, "\\u{code:04x}"),
            _ => write!(out, "{c}"),
        };
    }
    out.push('"');
    out
}

/// A string of Bicep, with its quotes.
pub(crate) fn bicep(text: &str) -> String {
    let mut out = String::from("'");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // `${` starts a template.
        let is_template = c == '$' && rest.peek() == Some(&'{');
        let _ = match c {
            '\'' | '\\' => write!(out, "\\{c}"),
            _ if is_template => write!(out, "\\$"),
            _ if is_hidden(c) => write!(out, "\\u{{{:x}}}", u32::from(c)),
            _ => write!(out, "{c}"),
        };
    }
    out.push('\'');
    out
}

/// A string of KQL, with its quotes.
pub(crate) fn kql(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if is_hidden(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// JSON without characters that a terminal hides or obeys. They can stand in strings only, so escapes are right.
pub(crate) fn ascii_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match is_hidden(c) {
            true => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            false => out.push(c),
        }
    }
    out
}

/// Words for a comment: one line, and nothing that a terminal hides or obeys.
pub(crate) fn comment(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// Whether a terminal obeys or hides a character: controls, line separators, marks of direction, zero-width characters
/// and tags. No name of a resource holds one.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        assert_eq!(hcl("a\"b\\${c}%{d}$\n"), r#""a\"b\\\u0024{c}\u0025{d}$\u000a""#);
        assert_eq!(bicep("a'b\\${c} $d\n"), r"'a\'b\\\${c} $d\u{a}'");
        assert_eq!(kql("a'b\\\u{202e}"), r"'a\'b\\\u202e'");
        assert_eq!(ascii_json("\"\u{7f}\""), r#""\u007f""#);
    }
}
