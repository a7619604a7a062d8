//! What is written in a Bicep file, with the place of each part.

use crate::source::bicep::span::{Problem, Span};

/// A `.bicep` or `.bicepparam` file.
#[derive(Debug, Default)]
pub(crate) struct Program {
    /// What it declares, in order.
    pub statements: Vec<Statement>,
    /// What could not be read. The rest was read all the same.
    pub problems: Vec<Problem>,
}

/// A name and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The name; empty where it is missing.
    pub text: Box<str>,
    /// Where it stands.
    pub span: Span,
}

/// A declaration with its decorators.
#[derive(Debug)]
pub(crate) struct Statement {
    /// `@secure()` and its like.
    pub decorators: Vec<Expr>,
    /// What is declared.
    pub kind: StatementKind,
    /// All of it, without decorators.
    pub span: Span,
}

/// What a statement declares.
#[derive(Debug)]
pub(crate) enum StatementKind {
    /// `targetScope = 'subscription'`
    TargetScope(Expr),
    /// `metadata name = value`
    Metadata(Name, Expr),
    /// `param name type = default`; in a parameter file `param name = value`
    Param {
        /// Its name.
        name: Name,
        /// Its type.
        ty: Option<Type>,
        /// Its default or its value.
        value: Option<Expr>,
    },
    /// `var name = value`
    Var {
        /// Its name.
        name: Name,
        /// Its type, where one is written.
        ty: Option<Type>,
        /// Its value.
        value: Expr,
    },
    /// `func name(a string) string => body`
    Func {
        /// Its name.
        name: Name,
        /// Its parameters.
        params: Vec<(Name, Type)>,
        /// What it returns.
        returns: Type,
        /// Its body.
        body: Expr,
    },
    /// `type name = type`
    Type(Name, Type),
    /// `resource name 'type@version' existing = body`
    Resource(Box<ResourceDecl>),
    /// `module name 'path' = body`
    Module(Box<ModuleDecl>),
    /// `output name type = value`
    Output {
        /// Its name.
        name: Name,
        /// Its type.
        ty: Option<Type>,
        /// Its value.
        value: Expr,
    },
    /// `import {a, b as c} from 'path'`, `import * as ns from 'path'`
    Import {
        /// The names that it takes, each with the name that it gives.
        names: Vec<(Name, Name)>,
        /// The name for everything.
        all: Option<Name>,
        /// The file or the artifact.
        from: Expr,
    },
    /// `extension spec with {…} as name`
    Extension {
        /// Which extension.
        spec: Expr,
        /// Its configuration.
        with: Option<Expr>,
        /// The name that it gets.
        alias: Option<Name>,
    },
    /// `assert name = condition`
    Assert(Name, Expr),
    /// `test name 'path' = {…}`
    Test(Name, Expr, Expr),
    /// `using 'path'` or `using none`, with what follows `with`
    Using {
        /// The template; `None` for `none`.
        path: Option<Expr>,
        /// How it is deployed.
        with: Option<Expr>,
    },
    /// `extends 'path'`
    Extends(Expr),
    /// `extensionConfig name with {…}`
    ExtensionConfig(Name, Option<Expr>),
}

/// A resource.
#[derive(Debug)]
pub(crate) struct ResourceDecl {
    /// Its symbolic name.
    pub name: Name,
    /// Type and api-version.
    pub ty: Expr,
    /// It exists already.
    pub existing: bool,
    /// What is between `=` and the end.
    pub body: Expr,
}

/// A module.
#[derive(Debug)]
pub(crate) struct ModuleDecl {
    /// Its symbolic name.
    pub name: Name,
    /// The file or the artifact.
    pub path: Expr,
    /// What is between `=` and the end.
    pub body: Expr,
}

/// An expression.
#[derive(Debug)]
pub(crate) struct Expr {
    /// Its kind and content.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
    /// How deep it is: 1 without parts. Kept below a limit, so that trees can be walked by recursion.
    pub(crate) height: u16,
}

/// What an expression is.
#[derive(Debug)]
pub(crate) enum ExprKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `7`
    Int(i64),
    /// A string without expressions in it.
    Text(Box<str>),
    /// A string with expressions in it.
    Interpolated(Vec<Piece>),
    /// A name.
    Name(Box<str>),
    /// `[a, b]`
    Array(Vec<Item>),
    /// `{ a: b }`
    Object(Object),
    /// `[for x in xs: body]`
    For(Box<For>),
    /// `if (condition) body`, only where a resource or module is declared
    If(Box<Expr>, Box<Expr>),
    /// `f(a)`, `ns.f(a)`, `x.f(a)`
    Call {
        /// What stands before the dot.
        base: Option<Box<Expr>>,
        /// The function.
        name: Name,
        /// The arguments.
        args: Vec<Expr>,
    },
    /// `a.b`, `a.?b`
    Property {
        /// What stands before the dot.
        base: Box<Expr>,
        /// The property.
        name: Name,
        /// `.?`
        safe: bool,
    },
    /// `a[0]`, `a[?0]`, `a[^1]`
    Index {
        /// What stands before the bracket.
        base: Box<Expr>,
        /// What stands inside.
        index: Box<Expr>,
        /// `[?`
        safe: bool,
        /// `[^`
        from_end: bool,
    },
    /// `a::b`
    Child(Box<Expr>, Name),
    /// `a!`
    NonNull(Box<Expr>),
    /// `!a`, `-a`
    Unary(&'static str, Box<Expr>),
    /// `a + b`
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `a ? b : c`
    Ternary(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `(a, b) => c`
    Lambda(Vec<Name>, Box<Expr>),
    /// Nothing, where something was expected.
    Missing,
}

/// A part of a string.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Text.
    Text(Box<str>),
    /// An expression.
    Expr(Expr),
}

/// An element of an array.
#[derive(Debug)]
pub(crate) struct Item {
    /// `...value`
    pub spread: bool,
    /// The element.
    pub value: Expr,
}

/// What is between two braces.
#[derive(Debug, Default)]
pub(crate) struct Object {
    /// Its members, in order.
    pub members: Vec<Member>,
}

/// A member of an object.
#[derive(Debug)]
pub(crate) enum Member {
    /// `key: value`
    Property {
        /// A name or a string.
        key: Expr,
        /// Its value.
        value: Expr,
    },
    /// `...value`
    Spread(Expr),
    /// A child resource.
    Resource(Statement),
}

/// A loop.
#[derive(Debug)]
pub(crate) struct For {
    /// The name of the element.
    pub item: Name,
    /// The name of its index.
    pub index: Option<Name>,
    /// What is walked.
    pub over: Expr,
    /// What is made of each.
    pub body: Expr,
}

/// A type.
#[derive(Debug)]
pub(crate) struct Type {
    /// Its kind and content.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
    pub(crate) height: u16,
}

/// What a type is.
#[derive(Debug)]
pub(crate) enum TypeKind {
    /// `string`, `myType`
    Name(Box<str>),
    /// `'a'`, `7`, `-7`, `true`, `null`
    Literal(Expr),
    /// `a | b`
    Union(Vec<Type>),
    /// `a[]`
    Array(Box<Type>),
    /// `[a, b]`
    Tuple(Vec<Type>),
    /// `{ a: b, *: c }`
    Object(Vec<TypeMember>),
    /// `a?`
    Nullable(Box<Type>),
    /// `a!`
    NonNull(Box<Type>),
    /// `a.b`
    Property(Box<Type>, Name),
    /// `a.*`
    AnyProperty(Box<Type>),
    /// `a[0]`
    Index(Box<Type>, Box<Expr>),
    /// `a[*]`
    AnyItem(Box<Type>),
    /// `a<'b'>`
    Arguments(Box<Type>, Vec<Type>),
    /// `resource 'type@version'`
    Resource(Expr),
    /// Nothing, where a type was expected.
    Missing,
}

/// A member of an object type.
#[derive(Debug)]
pub(crate) struct TypeMember {
    /// `@description('…')` and its like.
    pub decorators: Vec<Expr>,
    /// Its name; all other names for `*`.
    pub key: Option<Expr>,
    /// Its type.
    pub ty: Type,
}

impl Expr {
    /// Returns the text of a string without expressions in it.
    #[must_use]
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the name that a key is, written as a name or as a string.
    #[must_use]
    pub(crate) fn as_key(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Text(text) | ExprKind::Name(text) => Some(text),
            _ => None,
        }
    }
}

impl Object {
    /// Returns the value of a property. Names have no case.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> Option<&Expr> {
        self.members.iter().find_map(|member| match member {
            Member::Property { key, value } if key.as_key()?.eq_ignore_ascii_case(name) => Some(value),
            _ => None,
        })
    }
}

impl Statement {
    /// Returns the name that the statement declares.
    #[must_use]
    pub(crate) fn name(&self) -> Option<&Name> {
        match &self.kind {
            StatementKind::Param { name, .. }
            | StatementKind::Var { name, .. }
            | StatementKind::Func { name, .. }
            | StatementKind::Output { name, .. }
            | StatementKind::Metadata(name, _)
            | StatementKind::Type(name, _)
            | StatementKind::Assert(name, _)
            | StatementKind::Test(name, ..)
            | StatementKind::ExtensionConfig(name, _) => Some(name),
            StatementKind::Resource(resource) => Some(&resource.name),
            StatementKind::Module(module) => Some(&module.name),
            StatementKind::TargetScope(_)
            | StatementKind::Import { .. }
            | StatementKind::Extension { .. }
            | StatementKind::Using { .. }
            | StatementKind::Extends(_) => None,
        }
    }

    /// Returns the arguments of a decorator, such as `secure` or `sys.allowed`.
    #[must_use]
    pub(crate) fn decorator(&self, wanted: &str) -> Option<&[Expr]> {
        decorator(&self.decorators, wanted)
    }
}

/// Returns the arguments of a decorator in a list.
pub(crate) fn decorator<'d>(decorators: &'d [Expr], wanted: &str) -> Option<&'d [Expr]> {
    decorators.iter().find_map(|decorator| match &decorator.kind {
        ExprKind::Call { name, args, .. } if &*name.text == wanted => Some(args.as_slice()),
        _ => None,
    })
}
