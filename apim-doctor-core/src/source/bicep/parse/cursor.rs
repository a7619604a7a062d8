//! The state of the parser: where it is, how deep, and what was wrong so far.

use std::collections::HashSet;

use crate::source::bicep::lexer::{Kind, Token};
use crate::source::bicep::span::{Lines, Problem, Span};
use crate::source::bicep::syntax::{Expr, ExprKind, Name, Type, TypeKind};

/// How deep expressions may be nested. What people write stays below 40.
const MAX_HEIGHT: u16 = 200;

/// Problems beyond these are not told.
const MAX_PROBLEMS: usize = 100;

/// The parser of one file.
pub(crate) struct Cursor<'s> {
    pub(crate) source: &'s str,
    lines: &'s Lines,
    tokens: &'s [Token],
    at: usize,
    /// What lies behind is not seen: the end of the part that is read.
    limit: usize,
    depth: u16,
    /// New lines do not end an expression: inside of parentheses.
    pub(crate) free: bool,
    /// Brackets are lost: lines that are indented less close what is open.
    pub(crate) by_indent: bool,
    /// The brackets whose other half stands where it should, while others are lost.
    closed: HashSet<usize>,
    pub(crate) problems: Vec<Problem>,
}

impl<'s> Cursor<'s> {
    pub(crate) fn new(source: &'s str, lines: &'s Lines, tokens: &'s [Token]) -> Self {
        let limit = tokens.len().saturating_sub(1);
        Self {
            source,
            lines,
            tokens,
            at: 0,
            limit,
            depth: 0,
            free: false,
            by_indent: false,
            closed: HashSet::new(),
            problems: Vec::new(),
        }
    }

    /// Reads the tokens of a range only.
    pub(crate) fn within(&mut self, from: usize, limit: usize) {
        self.at = from;
        self.limit = limit;
        self.depth = 0;
        self.free = false;
    }

    /// Goes by how far lines are indented, but for brackets that are closed on their line or as far out as it begins.
    pub(crate) fn go_by_indent(&mut self) {
        self.by_indent = true;
        let mut open: Vec<(usize, &str)> = Vec::new();
        for at in self.at..self.limit {
            let Some(token) = self.tokens.get(at) else { break };
            match token.kind {
                Kind::Symbol("{") => open.push((at, "}")),
                Kind::Symbol("[") => open.push((at, "]")),
                Kind::Symbol("(") => open.push((at, ")")),
                Kind::Symbol(symbol @ ("}" | "]" | ")")) => {
                    // Without one of its kind, all would be searched in vain.
                    let count = open.iter().rev().take(MAX_HEIGHT.into()).position(|(_, close)| *close == symbol);
                    if let Some(count) = count {
                        open.truncate(open.len() - count);
                        let opened = open.pop().and_then(|(at, _)| Some((at, *self.tokens.get(at)?)));
                        let fits = |opened: Token| self.indent(opened) == self.indent(*token);
                        self.closed.extend(opened.filter(|(_, opened)| fits(*opened)).map(|(at, _)| at));
                    }
                }
                _ => {}
            }
        }
    }

    /// Tells whether a bracket that is next is closed where it should be.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.contains(&self.at)
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn peek(&self) -> Token {
        self.ahead(0)
    }

    pub(crate) fn ahead(&self, count: usize) -> Token {
        let at = self.at + count;
        if at < self.limit
            && let Some(token) = self.tokens.get(at)
        {
            return *token;
        }
        let end = self.tokens.get(self.limit).map_or(0, |token| token.span.start);
        let last = self.limit.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(end, |token| token.span.end);
        let span = Span { start: last, end: last };
        Token { kind: Kind::End, span, inner: span, newline: true, raw: false }
    }

    pub(crate) fn next(&mut self) -> Token {
        let token = self.peek();
        self.at = (self.at + 1).min(self.limit);
        token
    }

    pub(crate) fn is(&self, symbol: &'static str) -> bool {
        self.peek().kind == Kind::Symbol(symbol)
    }

    pub(crate) fn is_ahead(&self, count: usize, symbol: &'static str) -> bool {
        self.ahead(count).kind == Kind::Symbol(symbol)
    }

    /// Takes a symbol if it is next.
    pub(crate) fn take(&mut self, symbol: &'static str) -> bool {
        let found = self.is(symbol);
        if found {
            self.next();
        }
        found
    }

    pub(crate) fn is_end(&self) -> bool {
        self.peek().kind == Kind::End
    }

    pub(crate) fn text(&self, token: Token) -> &'s str {
        token.span.of(self.source)
    }

    /// Tells whether a word is next.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Name && self.text(token) == word
    }

    /// Takes a word if it is next.
    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    /// Returns the place after the token that was read last.
    pub(crate) fn after_last(&self) -> Span {
        let end = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.end);
        Span { start: end, end }
    }

    pub(crate) fn problem(&mut self, span: Span, message: String) {
        // One mistake gives one problem: what follows at the same place follows from it.
        if self.problems.last().is_none_or(|last| last.span.start != span.start) {
            self.another_problem(span, message);
        }
    }

    /// Adds a problem, even if the one before stands at the same place.
    pub(crate) fn another_problem(&mut self, span: Span, message: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { span, message });
        }
    }

    /// Says that something else was expected where the cursor is.
    pub(crate) fn expected(&mut self, what: &str) {
        let token = self.peek();
        let gone = token.newline || token.kind == Kind::End;
        let span = if gone && self.at > 0 { self.after_last() } else { token.span };
        let message = format!("expected {what}, found {}", self.found(token));
        self.problem(span, message);
    }

    fn found(&self, token: Token) -> String {
        match token.kind {
            Kind::End if self.limit + 1 >= self.tokens.len() => "the end of the file".to_owned(),
            Kind::End => "the end of the line".to_owned(),
            _ if token.newline && self.at > 0 => "the end of the line".to_owned(),
            Kind::Text | Kind::TextStart | Kind::TextMiddle | Kind::TextEnd => "a string".to_owned(),
            _ => format!("`{}`", self.text(token)),
        }
    }

    /// Takes a symbol, or says that it is missing.
    pub(crate) fn expect(&mut self, symbol: &'static str) -> bool {
        let found = self.take(symbol);
        if !found {
            self.expected(&format!("`{symbol}`"));
        }
        found
    }

    /// Takes a name on the same line, or says that it is missing.
    pub(crate) fn name(&mut self, what: &str) -> Name {
        let token = self.peek();
        if token.kind == Kind::Name && !(token.newline && self.at > 0 && !self.free) {
            self.next();
            return Name { text: self.text(token).into(), span: token.span };
        }
        self.expected(what);
        Name { text: Box::default(), span: self.after_last() }
    }

    /// Returns the line of a place, from 1.
    pub(crate) fn line(&self, offset: u32) -> usize {
        self.lines.index(offset) + 1
    }

    /// Returns the number of blanks before the first character of the line of a token; where that goes on with a branch
    /// of `? :`, of the line that begins it.
    pub(crate) fn indent(&self, token: Token) -> usize {
        let last = self.lines.index(token.span.start);
        let mut found = 0;
        for back in 0..8 {
            let Some(index) = last.checked_sub(back) else { break };
            let (start, end) = (self.lines.start(index) as usize, self.lines.start(index + 1) as usize);
            let line = self.source.get(start..end.max(start)).or(self.source.get(start..)).unwrap_or_default();
            found = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            if !matches!(line.as_bytes().get(found), Some(b'?' | b':')) {
                break;
            }
        }
        found
    }

    /// Reads something that may be nested. Beyond the limit the rest of the part is left unread.
    pub(crate) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> T, otherwise: impl FnOnce(Span) -> T) -> T {
        if self.depth >= MAX_HEIGHT {
            return otherwise(self.too_deep());
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn too_deep(&mut self) -> Span {
        let span = self.peek().span;
        self.problem(span, format!("nested more than {MAX_HEIGHT} levels deep: the rest is not read"));
        self.at = self.limit;
        span
    }

    /// Makes an expression. One that is too deep is left out.
    pub(crate) fn expr(&mut self, kind: ExprKind, span: Span, below: u16) -> Expr {
        if below >= MAX_HEIGHT {
            self.too_deep();
            return Expr { kind: ExprKind::Missing, span, height: 1 };
        }
        Expr { kind, span, height: below + 1 }
    }

    /// Makes a type. One that is too deep is left out.
    pub(crate) fn ty(&mut self, kind: TypeKind, span: Span, below: u16) -> Type {
        if below >= MAX_HEIGHT {
            self.too_deep();
            return Type { kind: TypeKind::Missing, span, height: 1 };
        }
        Type { kind, span, height: below + 1 }
    }

    pub(crate) fn missing(&self) -> Expr {
        Expr { kind: ExprKind::Missing, span: self.after_last(), height: 1 }
    }
}
