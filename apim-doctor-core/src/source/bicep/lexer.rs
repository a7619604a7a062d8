//! Bicep text to tokens, in one pass.

use crate::source::bicep::span::{Problem, Span};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a keyword: keywords are names that stand in certain places.
    Name,
    /// Digits.
    Int,
    /// A whole string.
    Text,
    /// The start of a string, up to its first interpolated expression.
    TextStart,
    /// The part of a string between two interpolated expressions.
    TextMiddle,
    /// The end of a string, after its last interpolated expression.
    TextEnd,
    /// An operator, a bracket or a separator.
    Symbol(&'static str),
    /// A character that means nothing in Bicep.
    Bad,
    /// The end of the text.
    End,
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    /// The text of a part of a string, without quotes and `${`.
    pub(crate) inner: Span,
    /// A new line begins between the token before and this one.
    pub(crate) newline: bool,
    /// A part of a string in three quotes, which knows no escapes.
    pub(crate) raw: bool,
}

/// The tokens of a file, the last of them [`Kind::End`], and what was wrong with them.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) tokens: Vec<Token>,
    pub(crate) problems: Vec<Problem>,
}

/// Longest first.
const SYMBOLS: &[&str] = &[
    "...", "=>", "==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "??", "::", "{", "}", "(", ")", "[", "]", ",", ".",
    ":", "=", "!", "<", ">", "+", "-", "*", "/", "%", "?", "|", "@", "^",
];

/// An open interpolated expression.
struct Hole {
    /// The braces that are open inside.
    braces: usize,
    quote: Quote,
}

/// How the string is written that is being read.
#[derive(Clone, Copy)]
enum Quote {
    Single,
    /// Three quotes, and the number of dollars before them.
    Triple(usize),
}

struct Lexer<'s> {
    source: &'s str,
    bytes: &'s [u8],
    at: usize,
    newline: bool,
    holes: Vec<Hole>,
    /// A new line ends the strings in single quotes that are open.
    closes_at_newline: bool,
    out: Tokens,
}

/// Reads a text. If a string does not end, it is read again so that each line stands for itself.
pub(crate) fn lex(source: &str) -> Tokens {
    let strict = Lexer::new(source, false).run();
    if strict.problems.is_empty() { strict } else { Lexer::new(source, true).run() }
}

impl<'s> Lexer<'s> {
    fn new(source: &'s str, closes_at_newline: bool) -> Self {
        let at = if source.starts_with('\u{feff}') { 3 } else { 0 };
        let tokens = Vec::with_capacity(source.len() / 6 + 1);
        let out = Tokens { tokens, problems: Vec::new() };
        Self { source, bytes: source.as_bytes(), at, newline: true, holes: Vec::new(), closes_at_newline, out }
    }

    fn run(mut self) -> Tokens {
        while let Some(byte) = self.byte(0) {
            self.next(byte);
        }
        let end = Span::new(self.bytes.len(), self.bytes.len());
        if !self.holes.is_empty() {
            self.problem(end, "expected `}` and the end of the string, found the end of the file");
        }
        self.out.tokens.push(Token { kind: Kind::End, span: end, inner: end, newline: true, raw: false });
        self.out
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'s [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn problem(&mut self, span: Span, message: &str) {
        self.out.problems.push(Problem { span, message: message.to_owned() });
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let span = Span::new(start, self.at);
        let newline = std::mem::take(&mut self.newline);
        self.out.tokens.push(Token { kind, span, inner: span, newline, raw: false });
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&keep) {
            self.at += 1;
        }
    }

    fn next(&mut self, byte: u8) {
        let start = self.at;
        match byte {
            b' ' | b'\t' => self.at += 1,
            b'\n' | b'\r' => self.line_break(),
            // A carriage return alone also ends a line.
            // Source: `IsNewLine` of <https://github.com/Azure/bicep/blob/main/src/Bicep.Core/Parsing/Lexer.cs>
            // (read 2026-12-01).
            b'#' if self.newline => self.skip_while(|b| !matches!(b, b'\n' | b'\r')),
            b'/' if self.byte(1) == Some(b'/') => self.skip_while(|b| !matches!(b, b'\n' | b'\r')),
            b'/' if self.byte(1) == Some(b'*') => self.block_comment(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
                self.push(Kind::Name, start);
            }
            b'0'..=b'9' => {
                self.skip_while(|b| b.is_ascii_digit());
                self.push(Kind::Int, start);
            }
            b'\'' | b'$' => self.text(),
            b'"' => self.double_quoted(),
            b'}' if self.holes.last().is_some_and(|hole| hole.braces == 0) => self.after_hole(),
            _ => self.symbol(),
        }
    }

    fn line_break(&mut self) {
        self.at += 1;
        self.newline = true;
        while self.closes_at_newline && self.holes.last().is_some_and(|hole| matches!(hole.quote, Quote::Single)) {
            self.holes.pop();
            let here = Span::new(self.at - 1, self.at - 1);
            self.problem(here, "expected `}` and `'` to end the string, found the end of the line");
        }
    }

    fn block_comment(&mut self) {
        let start = self.at;
        self.at += 2;
        match self.rest().windows(2).position(|pair| pair == b"*/") {
            Some(length) => self.at += length + 2,
            None => {
                self.at = self.bytes.len();
                let span = Span::new(start, start + 2);
                self.problem(span, "expected `*/` to end the comment, found the end of the file");
            }
        }
    }

    fn symbol(&mut self) {
        let start = self.at;
        let rest = self.rest();
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(symbol.as_bytes())) {
            if let Some(hole) = self.holes.last_mut() {
                match *symbol {
                    "{" => hole.braces += 1,
                    "}" => hole.braces = hole.braces.saturating_sub(1),
                    _ => {}
                }
            }
            self.at += symbol.len();
            self.push(Kind::Symbol(symbol), start);
            return;
        }
        let length = self.source.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        self.at += length;
        let shown = self.source.get(start..self.at).unwrap_or("?").to_owned();
        let shown = if shown.chars().any(char::is_control) { shown.escape_debug().to_string() } else { shown };
        self.push(Kind::Bad, start);
        self.problem(Span::new(start, self.at), &format!("unexpected `{shown}`"));
    }

    fn text(&mut self) {
        let start = self.at;
        let dollars = self.rest().iter().take_while(|byte| **byte == b'$').count();
        self.at += dollars;
        let quote = match (self.rest().starts_with(b"'''"), dollars) {
            (true, _) => Quote::Triple(dollars),
            (false, 0) => Quote::Single,
            (false, _) => {
                self.push(Kind::Bad, start);
                let span = Span::new(start, self.at);
                return self.problem(span, "unexpected `$`: expected `'''` after it");
            }
        };
        self.at += if matches!(quote, Quote::Triple(_)) { 3 } else { 1 };
        let more = self.piece(start, quote, [Kind::Text, Kind::TextStart]);
        if more {
            self.holes.push(Hole { braces: 0, quote });
        }
    }

    /// Other languages' strings: one mistake, not one for each word in them.
    fn double_quoted(&mut self) {
        let start = self.at;
        self.at += 1;
        self.skip_while(|byte| !matches!(byte, b'"' | b'\n' | b'\r'));
        let inner = Span::new(start + 1, self.at);
        self.at += usize::from(self.byte(0) == Some(b'"'));
        let newline = std::mem::take(&mut self.newline);
        let span = Span::new(start, self.at);
        self.out.tokens.push(Token { kind: Kind::Text, span, inner, newline, raw: true });
        self.problem(Span::new(start, start + 1), "unexpected `\"`: strings stand in single quotes");
    }

    fn after_hole(&mut self) {
        let start = self.at;
        self.at += 1;
        let Some(hole) = self.holes.pop() else { return };
        if self.piece(start, hole.quote, [Kind::TextEnd, Kind::TextMiddle]) {
            self.holes.push(Hole { braces: 0, quote: hole.quote });
        }
    }

    /// Reads text up to the end of the string or the next `${`. Returns whether there is a `${`.
    fn piece(&mut self, start: usize, quote: Quote, [last, more]: [Kind; 2]) -> bool {
        let from = self.at;
        let (to, goes_on) = match quote {
            Quote::Single => self.single(start),
            Quote::Triple(dollars) => self.triple(start, dollars),
        };
        let newline = std::mem::take(&mut self.newline);
        let (span, inner) = (Span::new(start, self.at), Span::new(from, to));
        let kind = if goes_on { more } else { last };
        self.out.tokens.push(Token { kind, span, inner, newline, raw: matches!(quote, Quote::Triple(_)) });
        goes_on
    }

    fn single(&mut self, start: usize) -> (usize, bool) {
        loop {
            let here = self.at;
            match (self.byte(0), self.byte(1)) {
                (None | Some(b'\n' | b'\r'), _) => {
                    let span = Span::new(start, here);
                    self.problem(span, "expected `'` to end the string, found the end of the line");
                    return (here, false);
                }
                (Some(b'\''), _) => {
                    self.at += 1;
                    return (here, false);
                }
                (Some(b'$'), Some(b'{')) => {
                    self.at += 2;
                    return (here, true);
                }
                (Some(b'\\'), Some(next)) if next != b'\n' && next != b'\r' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    fn triple(&mut self, start: usize, dollars: usize) -> (usize, bool) {
        loop {
            match self.byte(0) {
                None => {
                    let span = Span::new(start, start + 3);
                    self.problem(span, "expected `'''` to end the string, found the end of the file");
                    return (self.at, false);
                }
                Some(b'\'') if self.rest().starts_with(b"'''") => {
                    // More quotes than three: the last three close, the others are text.
                    self.skip_while(|byte| byte == b'\'');
                    return (self.at - 3, false);
                }
                Some(b'$') if dollars > 0 => {
                    let run = self.rest().iter().take_while(|byte| **byte == b'$').count();
                    self.at += run;
                    if run >= dollars && self.byte(0) == Some(b'{') {
                        self.at += 1;
                        return (self.at - 1 - dollars, true);
                    }
                }
                Some(_) => self.at += 1,
            }
        }
    }
}

/// Returns the character of a code. Half of a pair waits as a mark until the other half has come.
fn joined(out: &mut String, code: u32) -> char {
    const FIRST: std::ops::Range<u32> = 0xd800..0xdc00;
    // Private characters that stand for the first halves.
    const MARK: u32 = 0x10_f800;
    let first = out.chars().next_back().map(u32::from).filter(|last| (MARK..MARK + 0x400).contains(last));
    if FIRST.contains(&code) {
        return char::from_u32(MARK + code - FIRST.start).unwrap_or('\u{fffd}');
    }
    match (char::from_u32(code), first) {
        (Some(char), _) => char,
        (None, Some(mark)) => {
            out.pop();
            char::from_u32(0x1_0000 + ((mark - MARK) << 10) + (code - 0xdc00)).unwrap_or('\u{fffd}')
        }
        (None, None) => '\u{fffd}',
    }
}

/// Returns the text that a part of a string stands for, and the escape that means nothing, if there is one.
pub(crate) fn unescape(source: &str, token: &Token) -> (String, Option<Span>) {
    let inner = token.inner.of(source);
    if token.raw {
        let first = matches!(token.kind, Kind::Text | Kind::TextStart);
        let text = if first { inner.strip_prefix("\r\n").or(inner.strip_prefix('\n')).unwrap_or(inner) } else { inner };
        return (text.to_owned(), None);
    }
    if !inner.contains('\\') {
        return (inner.to_owned(), None);
    }
    let (mut out, mut bad) = (String::with_capacity(inner.len()), None);
    let mut chars = inner.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        let escaped = chars.next().map(|(_, escaped)| escaped);
        let meant = match escaped {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => {
                let mut digits = String::new();
                let opened = chars.next_if(|(_, c)| *c == '{').is_some();
                while let Some((_, digit)) = chars.next_if(|(_, c)| opened && c.is_ascii_hexdigit()) {
                    digits.push(digit);
                }
                let closed = chars.next_if(|(_, c)| opened && *c == '}').is_some();
                let code = u32::from_str_radix(&digits, 16).ok().filter(|code| closed && *code <= 0x10_ffff);
                code.map(|code| joined(&mut out, code))
            }
            Some(char @ ('\\' | '\'' | '$')) => Some(char),
            Some(_) | None => None,
        };
        match meant {
            Some(meant) => out.push(meant),
            None => {
                let start = token.inner.start as usize + at;
                bad = bad.or(Some(Span::new(start, start + 1 + escaped.map_or(0, char::len_utf8))));
                out.extend(escaped);
            }
        }
    }
    (out, bad)
}
