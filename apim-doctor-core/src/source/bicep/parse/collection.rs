//! Arrays, loops and objects, and what is done when their brackets are lost.

use crate::source::bicep::lexer::{Kind, Token};
use crate::source::bicep::parse::cursor::Cursor;
use crate::source::bicep::span::Span;
use crate::source::bicep::syntax::{Expr, ExprKind, Item, Member, Object};

/// What to do at the place between two members.
pub(crate) enum Between {
    /// A member begins here.
    Member,
    /// The bracket is closed here, or lost.
    Closed,
}

/// A bracket that is open.
#[derive(Clone, Copy)]
pub(crate) struct Open {
    /// The bracket.
    pub(crate) token: Token,
    /// The one that closes it.
    pub(crate) close: &'static str,
    /// How far its line is indented.
    pub(crate) indent: usize,
    /// The other one stands where it should.
    pub(crate) is_closed: bool,
    /// What it encloses, for people.
    pub(crate) what: &'static str,
}

impl Cursor<'_> {
    /// Takes an opening bracket.
    pub(crate) fn open(&mut self, close: &'static str, what: &'static str) -> Open {
        let is_closed = self.is_closed();
        let token = self.next();
        Open { token, close, indent: self.indent(token), is_closed, what }
    }

    /// Says that a closing bracket is missing here.
    pub(crate) fn lost(&mut self, open: Open) {
        let line = self.line(open.token.span.start);
        let found = self.peek();
        let at = if found.newline || found.kind == Kind::End { self.after_last() } else { found.span };
        let message = format!("expected `{}` here, to end the {} that begins in line {line}", open.close, open.what);
        self.another_problem(at, message);
    }

    /// Looks at the place between two members of what `open` encloses.
    pub(crate) fn between(&mut self, open: Open) -> Between {
        loop {
            let token = self.peek();
            let outside = |indent: usize| match token.kind {
                Kind::Symbol("}" | "]" | ")") => indent < open.indent,
                // The other branch of `? :`, in which the bracket was opened.
                Kind::Symbol("?" | ":") => true,
                _ => indent <= open.indent,
            };
            let by_indent = self.by_indent && !open.is_closed && token.newline;
            if token.kind == Kind::End || (by_indent && outside(self.indent(token))) {
                self.lost(open);
                return Between::Closed;
            }
            match token.kind {
                Kind::Symbol(symbol) if symbol == open.close => {
                    self.next();
                    return Between::Closed;
                }
                // It closes something outside: what is open here was not closed.
                Kind::Symbol("}" | "]" | ")") => {
                    self.lost(open);
                    if self.by_indent {
                        return Between::Closed;
                    }
                    self.next();
                }
                Kind::Symbol(",") => {
                    self.next();
                }
                _ => return Between::Member,
            }
        }
    }

    /// After a member: the next one needs a comma or a new line before it.
    pub(crate) fn separator(&mut self, open: Open) {
        let token = self.peek();
        let closes = matches!(token.kind, Kind::Symbol("}" | "]" | ")" | ",") | Kind::End);
        if closes || token.newline {
            return;
        }
        self.expected(&format!("a new line, `,` or `{}`", open.close));
        self.skip_line();
    }

    /// Skips to the next line, or to the bracket that closes what is open.
    pub(crate) fn skip_line(&mut self) {
        let mut depth = 0_usize;
        while !self.is_end() {
            let token = self.peek();
            if token.newline && (depth == 0 || self.by_indent) {
                return;
            }
            match token.kind {
                Kind::Symbol("{" | "[" | "(") => depth += 1,
                Kind::Symbol("}" | "]" | ")") if depth == 0 => return,
                Kind::Symbol("}" | "]" | ")") => depth -= 1,
                _ => {}
            }
            self.next();
        }
    }

    /// Reads what is between `[` and `]`.
    pub(crate) fn brackets(&mut self) -> Expr {
        let before = std::mem::replace(&mut self.free, false);
        let open = self.open("]", "array");
        let read = if self.starts_loop() { self.for_expression(open) } else { self.array(open) };
        self.free = before;
        read
    }

    fn for_expression(&mut self, open: Open) -> Expr {
        let (read, below) = self.loop_body();
        if !matches!(self.between(open), Between::Closed) {
            self.expected("`]`");
            self.skip_line();
            self.take("]");
        }
        let span = open.token.span.to(self.after_last());
        self.expr(ExprKind::For(Box::new(read)), span, below)
    }

    fn array(&mut self, open: Open) -> Expr {
        let (mut items, mut below) = (Vec::new(), 0);
        while matches!(self.between(open), Between::Member) {
            let before = self.at();
            let spread = self.take("...");
            let value = if self.lost_its_brace() { self.unopened(open) } else { self.expression() };
            below = below.max(value.height);
            items.push(Item { spread, value });
            self.separator(open);
            self.step(before);
        }
        let span = open.token.span.to(self.after_last());
        self.expr(ExprKind::Array(items), span, below)
    }

    /// Goes on even if nothing could be read.
    pub(crate) fn step(&mut self, before: usize) {
        if self.at() == before {
            self.next();
        }
    }

    /// Tells whether a property stands where an element of an array should.
    fn lost_its_brace(&self) -> bool {
        self.by_indent && matches!(self.peek().kind, Kind::Name | Kind::Text) && self.is_ahead(1, ":")
    }

    /// Reads an object in an array whose braces are lost. A property that comes twice begins the next object.
    fn unopened(&mut self, array: Open) -> Expr {
        let first = self.peek();
        let indent = self.indent(first);
        self.expected("`{` before the properties of an element");
        let (mut object, mut below) = (Object::default(), 0);
        loop {
            let token = self.peek();
            let outside = token.newline && self.indent(token) < indent;
            if token.kind == Kind::Symbol("}") && !(outside && self.indent(token) <= array.indent) {
                self.next();
                break;
            }
            let key = matches!(token.kind, Kind::Name | Kind::Text | Kind::TextStart);
            let again = key && object.get(self.text(token).trim_matches('\'')).is_some();
            if !key || again || outside {
                break;
            }
            let before = self.at();
            below = below.max(self.member(&mut object));
            self.take(",");
            self.step(before);
        }
        let span = first.span.to(self.after_last());
        self.expr(ExprKind::Object(object), span, below)
    }

    /// Reads what is between `{` and `}`.
    pub(crate) fn braces(&mut self) -> Expr {
        let before = std::mem::replace(&mut self.free, false);
        let open = self.open("}", "object");
        let (mut object, mut below) = (Object::default(), 0);
        while matches!(self.between(open), Between::Member) {
            let at = self.at();
            below = below.max(self.member(&mut object));
            self.separator(open);
            self.step(at);
        }
        self.free = before;
        let span = open.token.span.to(self.after_last());
        self.expr(ExprKind::Object(object), span, below)
    }

    /// Reads a member of an object, and returns its height.
    fn member(&mut self, object: &mut Object) -> u16 {
        let token = self.peek();
        match token.kind {
            Kind::Symbol("...") => {
                self.next();
                let value = self.expression();
                let height = value.height;
                object.members.push(Member::Spread(value));
                height
            }
            Kind::Symbol("@") => self.child(object),
            Kind::Name if self.is_word("resource") && self.ahead(1).kind == Kind::Name => self.child(object),
            Kind::Name | Kind::Text | Kind::TextStart => self.property(object),
            _ => {
                self.expected("the name of a property or `}`");
                self.skip_line();
                0
            }
        }
    }

    fn child(&mut self, object: &mut Object) -> u16 {
        let (statement, height) = self.nested(Self::child_resource, |_| (None, 1));
        object.members.extend(statement.map(Member::Resource));
        height
    }

    fn property(&mut self, object: &mut Object) -> u16 {
        let key = self.key();
        let has_colon = self.is(":");
        if !has_colon {
            self.expected("`:` after the name of a property");
            if !self.follows() {
                self.skip_line();
                return 0;
            }
        }
        let colon = if has_colon { self.next().span } else { key.span };
        let value = if self.value_follows() {
            self.expression()
        } else {
            let at = Span { start: colon.end, end: colon.end };
            self.problem(at, "expected a value, found the end of the line".to_owned());
            self.missing()
        };
        let height = key.height.max(value.height);
        object.members.push(Member::Property { key, value });
        height
    }

    /// Tells whether a value follows a colon: on the same line, or on the next if that is not a property.
    fn value_follows(&self) -> bool {
        let token = self.peek();
        let is_key = matches!(token.kind, Kind::Name | Kind::Text) && self.is_ahead(1, ":");
        let closes = matches!(token.kind, Kind::Symbol("}" | "]" | ")") | Kind::End);
        !token.newline || !(is_key || closes)
    }

    /// Reads the key of a property: a name or a string.
    pub(crate) fn key(&mut self) -> Expr {
        let token = self.peek();
        if token.kind == Kind::Name {
            self.next();
            return self.expr(ExprKind::Name(self.text(token).into()), token.span, 0);
        }
        self.string()
    }
}
