//! Expressions: one small tree for ARM's `[…]` strings and for Bicep.

use std::sync::Arc;

use crate::template::place::Span;
use crate::template::value::{Key, Kind, Value};

/// An expression and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    /// Its kind and content.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is. Names have no case.
#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    /// A value that needs no evaluation. A front end folds lists and objects of literals into one.
    Literal(Value),
    /// A list.
    Array(Vec<Element>),
    /// An object.
    Object(Vec<Member>),
    /// Pieces that are put together to one text: `'a${b}c'`.
    Interpolation(Vec<Expr>),
    /// A built-in function by the name that was written; operators too (`add`, `equals`, `if`, `coalesce`, `not`, …).
    /// One that does not exist is known by evaluation, which says so.
    Call(Arc<str>, Vec<Expr>),
    /// A user-defined function: `ns.name`, or the Bicep name.
    CallUser(Arc<str>, Vec<Expr>),
    /// `x => …`; only as an argument.
    Lambda(Box<Lambda>),
    /// A local name: of a lambda, of a user-defined function's parameter, of a Bicep loop (item and index).
    Local(Arc<str>),
    /// The value of a parameter.
    Parameter(Arc<str>),
    /// The value of a variable.
    Variable(Arc<str>),
    /// A declaration of the same template by its symbolic name: a resource, or a module. A looped one is an array; take
    /// one instance with `Index`.
    Resource(Arc<str>),
    /// A property: `a.b`, `a.?b`. Of a resource, from its top: `id`, `name`, `properties`, `outputs`.
    Property {
        /// Of what.
        of: Box<Expr>,
        /// Which.
        name: Arc<str>,
        /// Where the name stands.
        name_span: Span,
        /// Whether absence is `null` instead of an error. Follow-up accesses (`a.?b.c`) are `null` then too.
        safe: bool,
    },
    /// An element by number, or a property by a computed name: `a[b]`, `a[?b]`, `a[^b]`.
    Index {
        /// Of what.
        of: Box<Expr>,
        /// Which.
        index: Box<Expr>,
        /// Whether absence is `null` instead of an error.
        safe: bool,
        /// Whether it counts from the end, from 1.
        from_end: bool,
    },
    /// `[for x in y: body]`: a list, one element per turn. `filter` is `if (…)` of Bicep.
    For(Box<Loop>, Box<Expr>),
    /// A value that is not known, for a reason that the front end knows (a file that is not there, a syntax error).
    Unknown(Value),
}

/// An element of a list.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// Its value.
    pub value: Expr,
    /// Whether it is a list whose elements stand here: `...x`.
    pub spread: bool,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(crate) enum Member {
    /// A property with a written name.
    Property(Key, Expr),
    /// A property whose name is computed: `'${a}': b`.
    Computed(Expr, Expr),
    /// An object whose properties stand here: `...x`.
    Spread(Expr),
    /// Only ARM: a list under `copy`; the property is named by the loop, its elements are the expression.
    Copy(Key, Loop, Expr),
}

/// `x => …`.
#[derive(Clone, Debug)]
pub(crate) struct Lambda {
    /// The names of its parameters.
    pub parameters: Vec<Arc<str>>,
    /// What it gives.
    pub body: Expr,
}

/// A loop of a resource, a property, a variable or an output.
#[derive(Clone, Debug)]
pub(crate) struct Loop {
    /// The loop's name for `copyIndex('name')`; empty where it has none.
    pub name: Arc<str>,
    /// The local name of the item, in Bicep.
    pub item: Option<Arc<str>>,
    /// The local name of the index, in Bicep.
    pub index: Option<Arc<str>>,
    /// Over what.
    pub over: LoopOver,
    /// Bicep's `if (…)`, evaluated with the locals. Of a resource, front ends give it as the resource's condition.
    pub filter: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// Over what a loop goes.
#[derive(Clone, Debug)]
pub(crate) enum LoopOver {
    /// So many turns.
    Count(Expr),
    /// The elements of a list.
    Each(Expr),
}

impl Expr {
    /// An expression at a place.
    pub(crate) fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// A value that needs no evaluation.
    pub(crate) fn literal(value: Value) -> Self {
        let span = value.span;
        Self::new(ExprKind::Literal(value), span)
    }

    /// A text that needs no evaluation.
    pub(crate) fn text(text: impl Into<Arc<str>>, span: Span) -> Self {
        Self::literal(Value::new(Kind::String(text.into()), span))
    }

    /// A call of a built-in function.
    pub(crate) fn call(name: &str, arguments: Vec<Expr>, span: Span) -> Self {
        Self::new(ExprKind::Call(name.into(), arguments), span)
    }

    /// The value, where it needs no evaluation.
    pub(crate) fn as_literal(&self) -> Option<&Value> {
        match &self.kind {
            ExprKind::Literal(value) => Some(value),
            _ => None,
        }
    }
}

impl Element {
    /// An element that is one value.
    pub(crate) fn one(value: Expr) -> Self {
        Self { value, spread: false }
    }
}
