//! Types.

use crate::source::bicep::lexer::Kind;
use crate::source::bicep::parse::collection::Between;
use crate::source::bicep::parse::cursor::Cursor;
use crate::source::bicep::span::Span;
use crate::source::bicep::syntax::{Expr, Type, TypeKind, TypeMember};

impl Cursor<'_> {
    /// Reads a type.
    pub(crate) fn type_expression(&mut self) -> Type {
        self.nested(Self::union, missing_at)
    }

    fn union(&mut self) -> Type {
        let start = self.peek().span;
        let leading = self.take("|");
        let first = self.type_postfix();
        // Each member may stand on its own line.
        if !self.is("|") {
            return if leading { self.united(vec![first], start) } else { first };
        }
        let mut members = vec![first];
        while self.take("|") {
            members.push(self.type_postfix());
        }
        self.united(members, start)
    }

    fn united(&mut self, members: Vec<Type>, start: Span) -> Type {
        let below = members.iter().map(|member| member.height).max().unwrap_or(0);
        let span = start.to(self.after_last());
        self.ty(TypeKind::Union(members), span, below)
    }

    fn type_postfix(&mut self) -> Type {
        let mut base = self.type_primary();
        loop {
            let token = self.peek();
            if token.newline {
                return base;
            }
            let (start, below) = (base.span, base.height);
            let kind = match token.kind {
                Kind::Symbol("?") => {
                    self.next();
                    TypeKind::Nullable(Box::new(base))
                }
                Kind::Symbol("!") => {
                    self.next();
                    TypeKind::NonNull(Box::new(base))
                }
                Kind::Symbol("[") => self.type_brackets(base),
                Kind::Symbol("<") => self.type_arguments(base),
                Kind::Symbol(".") => {
                    self.next();
                    if self.take("*") {
                        TypeKind::AnyProperty(Box::new(base))
                    } else {
                        let name = self.name("the name of a type or a property");
                        TypeKind::Property(Box::new(base), name)
                    }
                }
                _ => return base,
            };
            let span = start.to(self.after_last());
            base = self.ty(kind, span, below);
        }
    }

    fn type_brackets(&mut self, base: Type) -> TypeKind {
        self.next();
        if self.take("]") {
            return TypeKind::Array(Box::new(base));
        }
        if self.take("*") {
            self.expect("]");
            return TypeKind::AnyItem(Box::new(base));
        }
        let index = self.expression();
        self.expect("]");
        TypeKind::Index(Box::new(base), Box::new(index))
    }

    fn type_arguments(&mut self, base: Type) -> TypeKind {
        self.next();
        let mut args = Vec::new();
        while !self.is(">") && !self.is_end() {
            args.push(self.type_expression());
            if !self.take(",") {
                break;
            }
        }
        self.expect(">");
        TypeKind::Arguments(Box::new(base), args)
    }

    fn type_primary(&mut self) -> Type {
        let token = self.peek();
        match token.kind {
            Kind::Symbol("{") => self.type_object(),
            Kind::Symbol("[") => self.type_tuple(),
            Kind::Symbol("(") => {
                self.next();
                let mut inner = self.type_expression();
                self.expect(")");
                inner.span = token.span.to(self.after_last());
                inner
            }
            Kind::Name if self.is_word("resource") && self.ahead(1).kind == Kind::Text => {
                self.next();
                let name = self.string();
                let span = token.span.to(name.span);
                self.ty(TypeKind::Resource(name), span, 0)
            }
            Kind::Name if !matches!(self.text(token), "true" | "false" | "null") => {
                self.next();
                self.ty(TypeKind::Name(self.text(token).into()), token.span, 0)
            }
            Kind::Symbol("-" | "!" | "+") | Kind::Int | Kind::Text | Kind::TextStart | Kind::Name => {
                let literal = self.literal();
                let (span, below) = (literal.span, literal.height);
                self.ty(TypeKind::Literal(literal), span, below)
            }
            _ => {
                self.expected("a type");
                missing_at(self.after_last())
            }
        }
    }

    fn type_tuple(&mut self) -> Type {
        let open = self.open("]", "tuple");
        let mut items = Vec::new();
        while matches!(self.between(open), Between::Member) {
            let before = self.at();
            self.decorators();
            items.push(self.type_expression());
            self.separator(open);
            self.step(before);
        }
        let below = items.iter().map(|item| item.height).max().unwrap_or(0);
        let span = open.token.span.to(self.after_last());
        self.ty(TypeKind::Tuple(items), span, below)
    }

    fn type_object(&mut self) -> Type {
        let open = self.open("}", "object type");
        let mut members = Vec::new();
        while matches!(self.between(open), Between::Member) {
            let before = self.at();
            let decorators = self.decorators();
            members.extend(self.type_member(decorators));
            self.separator(open);
            self.step(before);
        }
        let below = members.iter().map(|member: &TypeMember| member.ty.height).max().unwrap_or(0);
        let span = open.token.span.to(self.after_last());
        self.ty(TypeKind::Object(members), span, below)
    }

    fn type_member(&mut self, decorators: Vec<Expr>) -> Option<TypeMember> {
        let key = match self.peek().kind {
            Kind::Symbol("*") => {
                self.next();
                None
            }
            Kind::Name | Kind::Text => Some(self.key()),
            _ => {
                self.expected("the name of a property or `}`");
                self.skip_line();
                return None;
            }
        };
        if !self.expect(":") {
            self.skip_line();
            return None;
        }
        Some(TypeMember { decorators, key, ty: self.type_expression() })
    }
}

fn missing_at(span: Span) -> Type {
    Type { kind: TypeKind::Missing, span, height: 1 }
}
