//! Expressions.

use crate::source::bicep::lexer::{Kind, Token, unescape};
use crate::source::bicep::parse::cursor::Cursor;
use crate::source::bicep::span::Span;
use crate::source::bicep::syntax::{Expr, ExprKind, For, Name, Piece};

/// Binary operators with their precedence; the highest binds most.
const OPERATORS: &[(&str, u8)] = &[
    ("??", 1),
    ("||", 2),
    ("&&", 3),
    ("==", 4),
    ("!=", 4),
    ("=~", 4),
    ("!~", 4),
    ("<", 5),
    ("<=", 5),
    (">", 5),
    (">=", 5),
    ("+", 6),
    ("-", 6),
    ("*", 7),
    ("/", 7),
    ("%", 7),
];

impl Cursor<'_> {
    /// Reads an expression.
    pub(crate) fn expression(&mut self) -> Expr {
        self.nested(Self::ternary, missing_at)
    }

    /// Reads what may stand after the `=` of a resource or a module, or after the `:` of a loop.
    pub(crate) fn body(&mut self) -> Expr {
        if !self.is_word("if") || !self.is_ahead(1, "(") {
            return self.expression();
        }
        let start = self.next().span;
        self.next();
        let condition = self.unbroken(Self::expression);
        self.expect(")");
        let body = self.expression();
        let (span, below) = (start.to(body.span), condition.height.max(body.height));
        self.expr(ExprKind::If(Box::new(condition), Box::new(body)), span, below)
    }

    /// Tells whether a value follows on the same line, though what should stand before it does not.
    pub(crate) fn follows(&self) -> bool {
        let token = self.peek();
        let begins = match token.kind {
            Kind::Name | Kind::Int | Kind::Text | Kind::TextStart => true,
            Kind::Symbol(symbol) => matches!(symbol, "{" | "[" | "("),
            _ => false,
        };
        begins && !token.newline
    }

    fn ternary(&mut self) -> Expr {
        let condition = self.binary(1);
        // The two branches may stand on their own lines.
        if !self.is("?") {
            return condition;
        }
        self.next();
        let yes = self.expression();
        let no = if self.expect(":") { self.expression() } else { self.missing() };
        let (span, below) = (condition.span.to(no.span), condition.height.max(yes.height).max(no.height));
        self.expr(ExprKind::Ternary(Box::new(condition), Box::new(yes), Box::new(no)), span, below)
    }

    fn operator(&self, least: u8) -> Option<(&'static str, u8)> {
        let token = self.peek();
        let Kind::Symbol(symbol) = token.kind else { return None };
        // At the start of a line the others may begin something else: a number with its sign, `*: type`.
        let goes_on = matches!(symbol, "&&" | "||" | "??" | "==" | "!=" | "=~" | "!~");
        if token.newline && !self.free && !goes_on {
            return None;
        }
        OPERATORS.iter().find(|(operator, binds)| *operator == symbol && *binds >= least).copied()
    }

    fn binary(&mut self, least: u8) -> Expr {
        let mut left = self.unary();
        while let Some((operator, binds)) = self.operator(least) {
            self.next();
            let right = self.nested(|cursor| cursor.binary(binds + 1), missing_at);
            let (span, below) = (left.span.to(right.span), left.height.max(right.height));
            left = self.expr(ExprKind::Binary(operator, Box::new(left), Box::new(right)), span, below);
        }
        left
    }

    fn unary(&mut self) -> Expr {
        let token = self.peek();
        let operator = match token.kind {
            Kind::Symbol(symbol @ ("!" | "-" | "+")) => symbol,
            _ => return self.postfix(),
        };
        self.next();
        let digits = self.peek();
        if operator == "-" && digits.kind == Kind::Int && self.text(digits) == "9223372036854775808" {
            self.next();
            return self.expr(ExprKind::Int(i64::MIN), token.span.to(digits.span), 0);
        }
        let operand = self.nested(Self::unary, missing_at);
        let (span, below) = (token.span.to(operand.span), operand.height);
        self.expr(ExprKind::Unary(operator, Box::new(operand)), span, below)
    }

    fn postfix(&mut self) -> Expr {
        let mut base = self.primary();
        loop {
            let token = self.peek();
            if token.newline {
                return base;
            }
            base = match token.kind {
                Kind::Symbol(".") => self.dot(base),
                Kind::Symbol("[") => self.index(base),
                Kind::Symbol("::") => {
                    self.next();
                    let name = self.name("the name of a child resource");
                    let (span, below) = (base.span.to(name.span), base.height);
                    self.expr(ExprKind::Child(Box::new(base), name), span, below)
                }
                Kind::Symbol("!") => {
                    self.next();
                    let (span, below) = (base.span.to(token.span), base.height);
                    self.expr(ExprKind::NonNull(Box::new(base)), span, below)
                }
                _ => return base,
            };
        }
    }

    fn dot(&mut self, base: Expr) -> Expr {
        self.next();
        let safe = self.take("?");
        let name = self.name("the name of a property");
        if !safe && self.is("(") && !self.peek().newline {
            return self.call(Some(base), name);
        }
        let (span, below) = (base.span.to(name.span), base.height);
        self.expr(ExprKind::Property { base: Box::new(base), name, safe }, span, below)
    }

    fn index(&mut self, base: Expr) -> Expr {
        self.next();
        let safe = self.take("?");
        let from_end = self.take("^");
        let index = self.unbroken(Self::expression);
        self.expect("]");
        let (span, below) = (base.span.to(self.after_last()), base.height.max(index.height));
        let (base, index) = (Box::new(base), Box::new(index));
        self.expr(ExprKind::Index { base, index, safe, from_end }, span, below)
    }

    /// Reads something in which a new line does not end an expression.
    pub(crate) fn unbroken<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.free, true);
        let read = read(self);
        self.free = before;
        read
    }

    fn call(&mut self, base: Option<Expr>, name: Name) -> Expr {
        self.next();
        let args = self.unbroken(Self::arguments);
        let start = base.as_ref().map_or(name.span, |base| base.span);
        let span = start.to(self.after_last());
        let below = args.iter().chain(&base).map(|part| part.height).max().unwrap_or(0);
        self.expr(ExprKind::Call { base: base.map(Box::new), name, args }, span, below)
    }

    fn arguments(&mut self) -> Vec<Expr> {
        let mut args = Vec::new();
        loop {
            if self.take(")") {
                return args;
            }
            let before = self.at();
            args.push(self.expression());
            if self.take(")") {
                return args;
            }
            if !self.take(",") {
                self.expected("`,` or `)`");
                // A bracket on the same line still belongs to the call.
                while self.by_indent && !self.peek().newline && !self.is_end() {
                    let token = self.next();
                    if token.kind == Kind::Symbol(")") {
                        break;
                    }
                }
                return args;
            }
            if self.at() == before {
                return args;
            }
        }
    }

    fn primary(&mut self) -> Expr {
        let token = self.peek();
        match token.kind {
            Kind::Name => self.named(token),
            Kind::Int => {
                self.next();
                let digits = self.text(token);
                let number = digits.parse().unwrap_or_else(|_| {
                    self.problem(token.span, format!("`{digits}` does not fit in 64 bits"));
                    i64::MAX
                });
                self.expr(ExprKind::Int(number), token.span, 0)
            }
            Kind::Text | Kind::TextStart => self.string(),
            Kind::Symbol("(") => self.parenthesis(),
            Kind::Symbol("[") => self.brackets(),
            Kind::Symbol("{") => self.braces(),
            _ => {
                self.expected("a value");
                self.missing()
            }
        }
    }

    /// Reads a literal with its signs: in a type, `?` and `[` after it belong to the type.
    pub(crate) fn literal(&mut self) -> Expr {
        let token = self.peek();
        let Kind::Symbol(operator @ ("!" | "-" | "+")) = token.kind else { return self.primary() };
        self.next();
        let operand = self.nested(Self::literal, missing_at);
        let (span, below) = (token.span.to(operand.span), operand.height);
        self.expr(ExprKind::Unary(operator, Box::new(operand)), span, below)
    }

    fn named(&mut self, token: Token) -> Expr {
        self.next();
        let text = self.text(token);
        let after = self.peek();
        match (text, after.kind) {
            (_, Kind::Symbol("(")) if !after.newline => self.call(None, Name { text: text.into(), span: token.span }),
            (_, Kind::Symbol("=>")) if !after.newline => {
                self.lambda(vec![Name { text: text.into(), span: token.span }], token.span)
            }
            ("true" | "false", _) => self.expr(ExprKind::Bool(text == "true"), token.span, 0),
            ("null", _) => self.expr(ExprKind::Null, token.span, 0),
            _ => self.expr(ExprKind::Name(text.into()), token.span, 0),
        }
    }

    fn lambda(&mut self, params: Vec<Name>, start: Span) -> Expr {
        self.next();
        let body = self.expression();
        let (span, below) = (start.to(body.span), body.height);
        self.expr(ExprKind::Lambda(params, Box::new(body)), span, below)
    }

    /// Tells whether `(a, b) =>` is next.
    fn starts_lambda(&self) -> bool {
        let mut count = 1;
        while self.ahead(count).kind == Kind::Name {
            count += 1;
            if !self.is_ahead(count, ",") {
                break;
            }
            count += 1;
        }
        self.is_ahead(count, ")") && self.is_ahead(count + 1, "=>")
    }

    fn parenthesis(&mut self) -> Expr {
        let open = self.peek();
        if self.starts_lambda() {
            self.next();
            let mut params = Vec::new();
            while !self.take(")") {
                let token = self.next();
                if token.kind == Kind::Name {
                    params.push(Name { text: self.text(token).into(), span: token.span });
                }
            }
            return self.lambda(params, open.span);
        }
        self.next();
        let mut inner = self.unbroken(Self::expression);
        self.expect(")");
        inner.span = open.span.to(self.after_last());
        inner
    }

    /// Reads a string.
    pub(crate) fn string(&mut self) -> Expr {
        let first = self.next();
        let text = self.unescaped(first);
        if first.kind == Kind::Text {
            return self.expr(ExprKind::Text(text.into()), first.span, 0);
        }
        let mut pieces = vec![Piece::Text(text.into())];
        let mut below = 0;
        loop {
            let part = self.unbroken(Self::expression);
            below = below.max(part.height);
            pieces.push(Piece::Expr(part));
            let token = self.peek();
            if !matches!(token.kind, Kind::TextMiddle | Kind::TextEnd) {
                self.expected("`}` and the rest of the string");
                break;
            }
            self.next();
            pieces.push(Piece::Text(self.unescaped(token).into()));
            if token.kind == Kind::TextEnd {
                break;
            }
        }
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        let span = first.span.to(self.after_last());
        self.expr(ExprKind::Interpolated(pieces), span, below)
    }

    fn unescaped(&mut self, token: Token) -> String {
        let (text, bad) = unescape(self.source, &token);
        if let Some(span) = bad {
            let message = format!(
                "`{}` is not a known escape: expected `\\\\`, `\\'`, `\\n`, `\\r`, `\\t`, `\\$` or `\\u{{…}}`",
                span.of(self.source)
            );
            self.problem(span, message);
        }
        text
    }

    /// Reads `for x in xs: body`. The bracket before it was read.
    pub(crate) fn loop_body(&mut self) -> (For, u16) {
        self.next();
        let (item, index) = if self.take("(") {
            let item = self.name("the name of the element");
            self.expect(",");
            let index = self.name("the name of the index");
            self.expect(")");
            (item, Some(index))
        } else {
            (self.name("the name of the element"), None)
        };
        if !self.take_word("in") {
            self.expected("`in`");
        }
        let over = self.unbroken(Self::expression);
        let body = if self.expect(":") || self.follows() { self.body() } else { self.missing() };
        let below = over.height.max(body.height);
        (For { item, index, over, body }, below)
    }

    /// Tells whether a loop follows an opening bracket.
    pub(crate) fn starts_loop(&self) -> bool {
        let after = self.ahead(1);
        self.is_word("for") && (after.kind == Kind::Symbol("(") || (after.kind == Kind::Name && !after.newline))
    }
}

fn missing_at(span: Span) -> Expr {
    Expr { kind: ExprKind::Missing, span, height: 1 }
}
