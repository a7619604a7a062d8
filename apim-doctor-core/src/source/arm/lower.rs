//! From JSON to expressions.

use std::sync::Arc;

use jsonc_parser::ast;

use crate::source::arm::expression::{self, Source, is_expression, unescaped};
use crate::template::deployment::Problem;
use crate::template::expression::{Element, Expr, ExprKind, Loop, LoopOver, Member};
use crate::template::json;
use crate::template::place::{FileId, Span};
use crate::template::value::{Array, Key, Kind, Object, Value, Why};

/// Lowers the JSON of one file.
pub(super) struct Lowering<'t> {
    /// The text that was parsed.
    pub text: &'t str,
    /// The file.
    pub file: FileId,
    /// How many bytes of the file stand before the text: those of a byte order mark.
    pub skipped: usize,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Whether `parameters('x')` is a parameter of a user-defined function.
    pub in_function: bool,
    /// How deep nested templates are.
    pub depth: u32,
}

/// A property of an object by its name, without regard to case; the last one of the same name.
pub(super) fn get<'a, 't>(object: &'a ast::Object<'t>, name: &str) -> Option<&'a ast::ObjectProp<'t>> {
    object.properties.iter().rev().find(|property| property.name.as_str().eq_ignore_ascii_case(name))
}

/// The text of a string.
pub(super) fn text_of<'a>(value: &'a ast::Value<'_>) -> Option<&'a str> {
    value.as_string_lit().map(|text| &*text.value)
}

/// Where a value stands in the text.
fn range(value: &ast::Value<'_>) -> (usize, usize) {
    let range = match value {
        ast::Value::StringLit(node) => node.range,
        ast::Value::NumberLit(node) => node.range,
        ast::Value::BooleanLit(node) => node.range,
        ast::Value::Object(node) => node.range,
        ast::Value::Array(node) => node.range,
        ast::Value::NullKeyword(node) => node.range,
    };
    (range.start, range.end)
}

impl<'t> Lowering<'t> {
    /// A place in the file.
    pub(super) fn place(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start + self.skipped, end + self.skipped)
    }

    /// Where a value stands.
    pub(super) fn span(&self, value: &ast::Value<'_>) -> Span {
        let (start, end) = range(value);
        self.place(start, end)
    }

    /// Says what is wrong.
    pub(super) fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem { span, message: message.into() });
    }

    /// A property's name where it stands.
    pub(super) fn key(&self, name: &ast::ObjectPropName<'_>) -> Key {
        let (text, start, end) = json::name(name);
        Key::new(text, self.place(start, end))
    }

    /// A value without expressions.
    pub(super) fn value(&self, node: &ast::Value<'_>) -> Value {
        json::value(node, &|start, end| self.place(start, end), 0)
    }

    /// An expression for a value.
    pub(super) fn expr(&mut self, node: &ast::Value<'_>) -> Expr {
        self.lower(node, 0)
    }

    fn lower(&mut self, node: &ast::Value<'_>, depth: usize) -> Expr {
        let span = self.span(node);
        if depth > json::DEEPEST {
            self.problem(span, "lists and objects are nested too deeply here");
            return Expr::new(ExprKind::Unknown(Value::unknown(Why::Limit, span)), span);
        }
        match node {
            ast::Value::StringLit(text) => self.string(text),
            ast::Value::Array(array) => {
                let items: Vec<Expr> = array.elements.iter().map(|item| self.lower(item, depth + 1)).collect();
                array_of(items, span)
            }
            ast::Value::Object(object) => self.object(object, &[], depth),
            other => Expr::literal(self.value(other)),
        }
    }

    /// A string: an expression, or a text.
    pub(super) fn string(&mut self, text: &ast::StringLit<'_>) -> Expr {
        let whole = self.place(text.range.start, text.range.end);
        if !is_expression(&text.value) {
            return Expr::text(unescaped(&text.value), whole);
        }
        let inner = text.value.get(1..text.value.len() - 1).unwrap_or_default();
        // Without escapes the text stands in the file as it is, behind the quote and the bracket.
        let written = self.text.get(text.range.start + 2..text.range.end.saturating_sub(2));
        let start = (written == Some(inner)).then_some(text.range.start + 2 + self.skipped);
        let source = Source { text: inner, whole, start, in_function: self.in_function };
        match expression::parse(&source) {
            Ok(mut expr) => {
                // What is written in the string has the string's place: that is what somebody would change.
                expr.span = whole;
                if let ExprKind::Literal(value) = &mut expr.kind {
                    value.span = whole;
                }
                expr
            }
            Err(wrong) => {
                self.problem(wrong.span, wrong.message);
                expression::unknown(whole)
            }
        }
    }

    /// An object without some of its properties; lists under `copy` become properties.
    pub(super) fn object(&mut self, object: &ast::Object<'_>, without: &[&str], depth: usize) -> Expr {
        let span = self.place(object.range.start, object.range.end);
        let mut members = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            let name = property.name.as_str();
            if without.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                continue;
            }
            if name.eq_ignore_ascii_case("copy")
                && let Some(loops) = self.loops(&property.value, depth)
            {
                members.extend(loops.into_iter().map(|(key, each, input)| Member::Copy(key, each, input)));
                continue;
            }
            let value = self.lower(&property.value, depth + 1);
            if is_expression(name)
                && let ast::ObjectPropName::String(text) = &property.name
            {
                let name = self.string(text);
                members.push(Member::Computed(name, value));
                continue;
            }
            let mut key = self.key(&property.name);
            if unescaped(name).len() != name.len() {
                key.text = unescaped(name).into();
            }
            members.push(Member::Property(key, value));
        }
        object_of(members, span)
    }

    /// The loops in a list under `copy`; `None` where it is not such a list.
    pub(super) fn loops(&mut self, node: &ast::Value<'_>, depth: usize) -> Option<Vec<(Key, Loop, Expr)>> {
        let array = node.as_array()?;
        let whole = |item: &ast::Value<'_>| {
            item.as_object().is_some_and(|item| ["name", "count", "input"].iter().all(|name| get(item, name).is_some()))
        };
        if array.elements.is_empty() || !array.elements.iter().all(whole) {
            return None;
        }
        let mut loops = Vec::with_capacity(array.elements.len());
        for item in &array.elements {
            let item = item.as_object()?;
            let (name, count, input) = (get(item, "name")?, get(item, "count")?, get(item, "input")?);
            let name_span = self.span(&name.value);
            let name: Arc<str> = text_of(&name.value)?.into();
            let count = self.lower(&count.value, depth + 1);
            let input = self.lower(&input.value, depth + 2);
            let span = self.place(item.range.start, item.range.end);
            let each =
                Loop { name: name.clone(), item: None, index: None, over: LoopOver::Count(count), filter: None, span };
            loops.push((Key::new(name, name_span), each, input));
        }
        Some(loops)
    }
}

/// A list; of literals, a literal.
fn array_of(items: Vec<Expr>, span: Span) -> Expr {
    if items.iter().all(|item| item.as_literal().is_some()) {
        let literals = items.into_iter().filter_map(|item| match item.kind {
            ExprKind::Literal(value) => Some(value),
            _ => None,
        });
        let array = Array::new(literals.collect(), None);
        return Expr::literal(Value::new(Kind::Array(Arc::new(array)), span));
    }
    Expr::new(ExprKind::Array(items.into_iter().map(Element::one).collect()), span)
}

/// An object; of literals, a literal.
pub(super) fn object_of(members: Vec<Member>, span: Span) -> Expr {
    let is_literal = |member: &Member| matches!(member, Member::Property(_, value) if value.as_literal().is_some());
    if members.iter().all(is_literal) {
        let literals = members.into_iter().filter_map(|member| match member {
            Member::Property(key, Expr { kind: ExprKind::Literal(value), .. }) => Some((key, value)),
            _ => None,
        });
        return Expr::literal(Value::object(Object::new(literals.collect()), span));
    }
    Expr::new(ExprKind::Object(members), span)
}
