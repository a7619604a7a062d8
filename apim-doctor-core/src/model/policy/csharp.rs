//! The C# of policy expressions, taken apart into words, strings and signs.

use super::scan::expression_len;

/// Expressions nested deeper than this are not followed.
pub(super) const DEEPEST: u8 = 24;

/// A text longer than this is not followed.
pub(super) const LONGEST: usize = 256 * 1024;

/// Stands in a text for what is not known.
pub(super) const HOLE: char = '\u{1}';

/// A piece of C#.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A string; holes of an interpolated one are expressions.
    Text(Vec<Hole>),
    /// A name, a keyword or a number.
    Word(String),
    /// Anything else.
    Sign(char),
}

/// A piece of a string.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Hole {
    /// A text.
    Text(String),
    /// An expression.
    Code(Vec<Token>),
}

/// What stands in the brackets of an expression that is nothing else.
pub(super) fn code_of(text: &str) -> Option<&str> {
    let end = expression_len(text).filter(|end| *end == text.len() && text.len() <= LONGEST)?;
    text.get(2..end - 1)
}

/// Takes C# apart.
pub(super) fn tokens(code: &str, depth: u8) -> Vec<Token> {
    let mut found = Vec::new();
    let mut chars = code.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = code.get(at..).unwrap_or_default();
        let quote = ["\"", "$\"", "@\"", "$@\"", "@$\""].into_iter().find(|start| rest.starts_with(start));
        let skip = if let Some(start) = quote {
            let (token, len) = string(rest, start, depth);
            found.push(token);
            len
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if c.is_alphanumeric() || c == '_' || c == HOLE {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == HOLE)).unwrap_or(rest.len());
            found.push(Token::Word(rest.get(..end).unwrap_or_default().to_owned()));
            end
        } else {
            if c == '\'' {
                found.push(Token::Sign(c));
                let len = if rest.starts_with("'\\") {
                    rest.get(3..).and_then(|r| r.find('\'')).map(|e| e + 4)
                } else {
                    rest.get(1..).and_then(|r| r.find('\'')).map(|e| e + 2)
                };
                len.filter(|len| *len <= 12).unwrap_or(1)
            } else {
                if !c.is_whitespace() {
                    found.push(Token::Sign(c));
                }
                c.len_utf8()
            }
        };
        while chars.peek().is_some_and(|(next, _)| *next < at + skip) {
            chars.next();
        }
    }
    found
}

/// A string and its length.
fn string(text: &str, start: &str, depth: u8) -> (Token, usize) {
    let (is_verbatim, has_holes) = (start.contains('@'), start.contains('$'));
    let mut holes = Vec::new();
    let mut plain = String::new();
    let mut at = start.len();
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        match (c, next) {
            ('"', Some('"')) if is_verbatim => {
                plain.push('"');
                at += 2;
            }
            ('"', _) => {
                at += 1;
                break;
            }
            ('\\', Some(escaped)) if !is_verbatim => {
                // What a code stands for is not needed: no host holds one.
                plain.push(if ['"', '\\', '\'', '/'].contains(&escaped) { escaped } else { HOLE });
                at += 1 + escaped.len_utf8();
            }
            ('{', Some('{')) | ('}', Some('}')) if has_holes => {
                plain.push(c);
                at += 2;
            }
            ('{', _) if has_holes => {
                // Any bracket does: the scanner has seen that they match.
                let code = ["@", text.get(at..).unwrap_or_default()].concat();
                let len = expression_len(&code).map_or(text.len() - at, |len| len - 1);
                let inner = text.get(at + 1..(at + len).saturating_sub(1)).unwrap_or_default();
                if !plain.is_empty() {
                    holes.push(Hole::Text(std::mem::take(&mut plain)));
                }
                holes.push(Hole::Code(if depth == 0 { Vec::new() } else { tokens(inner, depth - 1) }));
                at += len;
            }
            _ => {
                plain.push(c);
                at += c.len_utf8();
            }
        }
    }
    if !plain.is_empty() || holes.is_empty() {
        holes.push(Hole::Text(plain));
    }
    (Token::Text(holes), at)
}
