//! One template under way.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::source::bicep::lower::compiler::Compiler;
use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::syntax::{Statement, StatementKind};
use crate::source::bicep::unit::{Symbol, Unit};
use crate::template::deployment::{Template, UserFunction, Variable};
use crate::template::expression::{Expr, ExprKind};
use crate::template::place::Span;
use crate::template::value::{Value, Why};

/// A type and its version.
pub(crate) type TypeAndVersion = (Arc<str>, Option<Arc<str>>);

/// A template under way.
pub(crate) struct Lowering<'c, 'p> {
    pub(crate) compiler: &'c mut Compiler<'p>,
    pub(crate) template: Template,
    /// Type and version of the resources, by symbolic name.
    pub(crate) types: HashMap<Arc<str>, TypeAndVersion>,
    /// The resources and modules that are made by a loop, by symbolic name.
    pub(crate) loops: HashSet<Arc<str>>,
    /// The resource groups in the deployment's own subscription, by symbolic name.
    pub(crate) groups: HashSet<Arc<str>>,
    /// What the declaration that is being lowered waits for, though evaluation does not show it.
    pub(crate) waits: Waits,
    /// Imported variables and functions that are used and not lowered yet.
    wanted: Vec<(Arc<Unit>, usize, Arc<str>)>,
    /// Those that were wanted so far.
    pub(crate) known: HashSet<Arc<str>>,
    /// It is a parameter file.
    pub(crate) reads_parameters: bool,
}

/// What a declaration waits for, though evaluation does not show it. The compiler goes by what is written.
#[derive(Default)]
pub(crate) struct Waits {
    /// How many local names the declaration itself sees; none outside of declarations.
    pub(crate) locals: Option<usize>,
    /// The resources and modules.
    pub(crate) on: Vec<Expr>,
}

/// What an import draws from.
pub(crate) enum Origin {
    /// A Bicep file.
    Unit(Arc<Unit>),
    /// A compiled template.
    Template(Arc<Template>),
    /// It could not be read.
    Missing(Arc<str>),
}

/// What a name was found to be.
pub(crate) enum Found {
    /// A declaration, in the file in which it stands. The flag tells that the file is imported from.
    Statement(Arc<Unit>, usize, bool),
    /// Something in a compiled template.
    InTemplate(Arc<Template>, Box<str>),
    /// All of an import.
    Namespace(Arc<Unit>, usize),
    /// An extension.
    Extension,
    /// It comes from a file that could not be read.
    Missing(Arc<str>),
    /// No such name.
    Nothing,
}

impl<'c, 'p> Lowering<'c, 'p> {
    pub(crate) fn new(compiler: &'c mut Compiler<'p>, template: Template) -> Self {
        let (types, wanted, known) = (HashMap::new(), Vec::new(), HashSet::new());
        let (loops, groups, waits) = (HashSet::new(), HashSet::new(), Waits::default());
        Self { compiler, template, types, loops, groups, waits, wanted, known, reads_parameters: false }
    }

    pub(crate) fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.compiler.problem(span, message);
    }

    /// Returns a value that is not known because the file is wrong, and says so.
    pub(crate) fn wrong(&mut self, span: Span, message: impl Into<String>) -> Expr {
        self.problem(span, message);
        unknown(Why::Invalid, span)
    }

    /// Finds what a name of a file stands for.
    pub(crate) fn find(&mut self, unit: &Arc<Unit>, imported: bool, name: &str) -> Found {
        let Some(symbol) = unit.symbol(name).cloned() else { return Found::Nothing };
        match symbol {
            Symbol::Statement(number) => Found::Statement(unit.clone(), number, imported),
            Symbol::Imported(import, original) => self.member(unit, import, &original),
            Symbol::Namespace(import) => Found::Namespace(unit.clone(), import),
            Symbol::Extension => Found::Extension,
        }
    }

    /// Finds a name in what an import draws from.
    pub(crate) fn member(&mut self, unit: &Arc<Unit>, import: usize, name: &str) -> Found {
        match self.origin(unit, import) {
            // What is imported there is not exported again.
            Origin::Unit(other) => match other.symbol(name) {
                Some(Symbol::Statement(number)) => Found::Statement(other.clone(), *number, true),
                _ => Found::Nothing,
            },
            Origin::Template(template) => Found::InTemplate(template, name.into()),
            Origin::Missing(why) => Found::Missing(why),
        }
    }

    fn origin(&mut self, unit: &Arc<Unit>, import: usize) -> Origin {
        let from = unit.statement(import).and_then(|statement| match &statement.kind {
            StatementKind::Import { from, .. } => from.as_text().map(|path| (path.to_owned(), from.span)),
            _ => None,
        });
        let Some((wanted, span)) = from else { return Origin::Missing("the import names no file".into()) };
        self.compiler.origin(unit, &wanted, span)
    }

    /// Returns the name under which a variable or function stands in the template, and sees that it gets there.
    pub(crate) fn want(&mut self, unit: &Arc<Unit>, number: usize, imported: bool) -> Arc<str> {
        let name = unit.statement(number).and_then(Statement::name).map_or("", |name| &name.text);
        if !imported {
            return name.into();
        }
        let name: Arc<str> = format!("{}#{name}", unit.path.display()).into();
        if self.known.insert(name.clone()) {
            self.wanted.push((unit.clone(), number, name.clone()));
        }
        name
    }

    /// Lowers what was imported and used, and what that uses.
    pub(crate) fn imports(&mut self) {
        while let Some((unit, number, name)) = self.wanted.pop() {
            let Some(statement) = unit.statement(number) else { continue };
            let mut frame = Frame::new(unit.clone(), true);
            self.variable_or_function(&mut frame, statement, name);
        }
    }

    /// Lowers a variable or a function under a name.
    pub(crate) fn variable_or_function(&mut self, frame: &mut Frame, statement: &Statement, name: Arc<str>) {
        let span = frame.place(statement.span);
        match &statement.kind {
            StatementKind::Var { value, .. } => {
                let value = self.expr(frame, value);
                self.template.variables.insert(name, Variable { span, value });
            }
            StatementKind::Func { params, body, .. } => {
                let parameters: Vec<_> = params.iter().map(|(name, _)| frame.bind(&name.text)).collect();
                let body = self.expr(frame, body);
                frame.release(parameters.len());
                self.template.functions.insert(name, UserFunction { parameters, body });
            }
            _ => {}
        }
    }
}

/// An expression whose value is not known.
pub(crate) fn unknown(why: Why, span: Span) -> Expr {
    Expr::new(ExprKind::Unknown(Value::unknown(why, span)), span)
}
