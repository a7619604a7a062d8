//! The expressions in ARM's `[…]` strings.

use std::sync::Arc;

use crate::template::expression::{Expr, ExprKind, Lambda};
use crate::template::place::Span;
use crate::template::value::{Kind, Value, Why};

/// How deep calls may be nested.
const DEEPEST: u32 = 100;

/// The text of an expression and where it stands.
pub(super) struct Source<'t> {
    /// The text between the brackets.
    pub text: &'t str,
    /// The place of the whole string.
    pub whole: Span,
    /// The byte of the file at which the text starts; none where the string has escapes, so that bytes do not match.
    pub start: Option<usize>,
    /// Whether `parameters('x')` is a parameter of a user-defined function.
    pub in_function: bool,
}

/// What is wrong in an expression, and where.
pub(super) struct Wrong {
    pub span: Span,
    pub message: String,
}

/// Parses an expression.
pub(super) fn parse(source: &Source<'_>) -> Result<Expr, Wrong> {
    let mut parser = Parser { source, at: 0, depth: 0 };
    parser.blank();
    let expr = parser.expression()?;
    parser.blank();
    match parser.peek() {
        None => Ok(expr),
        Some(letter) => Err(parser.wrong(parser.at, format!("`{letter}` was not expected after the expression"))),
    }
}

/// Whether a string is an expression.
pub(super) fn is_expression(text: &str) -> bool {
    text.starts_with('[') && text.ends_with(']') && !text.starts_with("[[")
}

/// A string that is not an expression: `[[` at the start stands for `[`.
pub(super) fn unescaped(text: &str) -> &str {
    match text.strip_prefix('[') {
        Some(rest) if rest.starts_with('[') && rest.ends_with(']') => rest,
        _ => text,
    }
}

struct Parser<'s, 't> {
    source: &'s Source<'t>,
    at: usize,
    depth: u32,
}

impl<'t> Parser<'_, 't> {
    fn rest(&self) -> &'t str {
        self.source.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, letter: char) -> bool {
        let found = self.peek() == Some(letter);
        if found {
            self.at += letter.len_utf8();
        }
        found
    }

    fn span(&self, start: usize, end: usize) -> Span {
        match self.source.start {
            Some(base) => Span::new(self.source.whole.file, base + start, base + end),
            None => self.source.whole,
        }
    }

    fn wrong(&self, at: usize, message: impl Into<String>) -> Wrong {
        Wrong { span: self.span(at, at), message: message.into() }
    }

    fn expression(&mut self) -> Result<Expr, Wrong> {
        if self.depth >= DEEPEST {
            return Err(self.wrong(self.at, "the expression is nested too deeply"));
        }
        self.depth += 1;
        let start = self.at;
        let mut expr = self.primary()?;
        loop {
            self.blank();
            if self.take('.') {
                let safe = self.take('?');
                self.blank();
                let name_start = self.at;
                let name = self.name();
                if name.is_empty() {
                    return Err(self.wrong(self.at, "a property's name was expected"));
                }
                let name_span = self.span(name_start, self.at);
                let kind = ExprKind::Property { of: Box::new(expr), name: name.into(), name_span, safe };
                expr = Expr::new(kind, self.span(start, self.at));
            } else if self.take('[') {
                let safe = self.take('?');
                self.blank();
                let index = self.expression()?;
                self.blank();
                if !self.take(']') {
                    return Err(self.wrong(self.at, "`]` was expected"));
                }
                let kind = ExprKind::Index { of: Box::new(expr), index: Box::new(index), safe, from_end: false };
                expr = Expr::new(kind, self.span(start, self.at));
            } else {
                self.depth -= 1;
                return Ok(expr);
            }
        }
    }

    /// A name of letters, digits, `_` and, inside, `-` where it cannot be anything else.
    fn name(&mut self) -> &'t str {
        let rest = self.rest();
        let end =
            rest.find(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '$')).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn primary(&mut self) -> Result<Expr, Wrong> {
        self.blank();
        let start = self.at;
        match self.peek() {
            Some('\'') => self.text(),
            Some(letter) if letter.is_ascii_digit() || matches!(letter, '-' | '+') => {
                let rest = self.rest();
                let body = rest.get(1..).unwrap_or_default();
                let number = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | 'e' | 'E');
                let end = 1 + body.find(|letter: char| !number(letter)).unwrap_or(body.len());
                self.at += end;
                let text = rest.get(..end).unwrap_or_default();
                let kind = crate::template::json::number(text.trim_start_matches('+'));
                match &kind {
                    Kind::Number(written) if written.parse::<f64>().is_err() => {
                        Err(self.wrong(start, format!("`{text}` is not a number")))
                    }
                    _ => Ok(Expr::literal(Value::new(kind, self.span(start, self.at)))),
                }
            }
            Some(letter) if letter.is_alphabetic() || letter == '_' => self.called(start),
            Some(letter) => Err(self.wrong(start, format!("`{letter}` was not expected here"))),
            None => Err(self.wrong(start, "the expression ends too early")),
        }
    }

    fn text(&mut self) -> Result<Expr, Wrong> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find('\'') else {
                return Err(self.wrong(start, "the text has no quote at its end"));
            };
            text.push_str(rest.get(..end).unwrap_or_default());
            self.at += end + 1;
            if !self.take('\'') {
                return Ok(Expr::text(text, self.span(start, self.at)));
            }
            text.push('\'');
        }
    }

    fn called(&mut self, start: usize) -> Result<Expr, Wrong> {
        let mut name = self.name();
        // `namespace.function(…)`
        while self.peek() == Some('.') {
            let before = self.at;
            self.at += 1;
            if self.name().is_empty() {
                self.at = before;
                break;
            }
            name = self.source.text.get(start..self.at).unwrap_or_default();
        }
        self.blank();
        if !self.take('(') {
            return Err(self.wrong(start, format!("`{name}` is not a function call")));
        }
        let mut arguments = Vec::new();
        loop {
            self.blank();
            if self.take(')') {
                break;
            }
            arguments.push(self.expression()?);
            self.blank();
            if !self.take(',') {
                self.blank();
                if self.take(')') {
                    break;
                }
                return Err(self.wrong(self.at, "`,` or `)` was expected"));
            }
        }
        Ok(self.lowered(name, arguments, self.span(start, self.at)))
    }

    /// A call as the form has it.
    fn lowered(&self, name: &str, mut arguments: Vec<Expr>, span: Span) -> Expr {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let text = |expr: &Expr| match expr.as_literal().map(|value| &value.kind) {
            Some(Kind::String(text)) => Some(text.clone()),
            _ => None,
        };
        let only = match arguments.as_slice() {
            [one] => text(one),
            _ => None,
        };
        let kind = match only {
            Some(name) if is("parameters") && self.source.in_function => ExprKind::Local(name),
            Some(name) if is("parameters") => ExprKind::Parameter(name),
            Some(name) if is("variables") => ExprKind::Variable(name),
            Some(name) if is("lambdaVariables") => ExprKind::Local(name),
            _ if arguments.is_empty() && is("true") => ExprKind::Literal(Value::new(Kind::Bool(true), span)),
            _ if arguments.is_empty() && is("false") => ExprKind::Literal(Value::new(Kind::Bool(false), span)),
            _ if arguments.is_empty() && is("null") => ExprKind::Literal(Value::null(span)),
            _ if is("lambda") && !arguments.is_empty() => {
                let body = arguments.pop().unwrap_or_else(|| Expr::literal(Value::null(span)));
                let parameters: Vec<Arc<str>> = arguments.iter().filter_map(text).collect();
                ExprKind::Lambda(Box::new(Lambda { parameters, body }))
            }
            _ if name.contains('.') => match name.strip_prefix("sys.") {
                Some(built_in) => ExprKind::Call(built_in.into(), arguments),
                None => ExprKind::CallUser(name.into(), arguments),
            },
            _ => ExprKind::Call(name.into(), arguments),
        };
        Expr::new(kind, span)
    }
}

/// What stands for an expression that could not be parsed.
pub(super) fn unknown(span: Span) -> Expr {
    Expr::new(ExprKind::Unknown(Value::unknown(Why::Invalid, span)), span)
}
