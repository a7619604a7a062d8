//! The entrance: a Bicep file, or a parameter file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::bicep::artifact::Artifact;
use crate::source::bicep::lower::compiler::Compiler;
use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::lower::lowering::Lowering;
use crate::source::bicep::project::{Project, plain};
use crate::source::bicep::syntax::StatementKind;
use crate::source::bicep::unit::Unit;
use crate::template::deployment::{Parameter, Problem, Template, Variable};
use crate::template::expression::{Expr, ExprKind};
use crate::template::place::{Files, Span};

/// How many parameter files may extend each other.
const MAX_BASES: usize = 16;

/// What came of a Bicep file.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// The template; none where the file could not be read at all.
    pub template: Option<Arc<Template>>,
    /// The files of the project that are deployed as its modules, at any depth.
    #[expect(dead_code, reason = "`check` searches folders for modules")]
    pub modules: Vec<PathBuf>,
    /// What is wrong in the file and in what it draws in.
    pub problems: Vec<Problem>,
    /// The first error of syntax of each file that has one: what seems to be missing may stand there.
    pub broken: Vec<Span>,
}

/// What came of a parameter file.
#[derive(Debug)]
pub(crate) struct ParameterFile {
    /// A template whose parameters have the values of the file as defaults: its variables and functions are seen by them.
    pub template: Arc<Template>,
    /// The template that it is for.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests compare it"))]
    pub using: Using,
    /// What is wrong in it.
    pub problems: Vec<Problem>,
}

/// What a parameter file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Using {
    /// A file of the project: Bicep, or a compiled template.
    File(PathBuf, Span),
    /// A module that is kept elsewhere.
    Artifact(String, Span),
    /// `using none`, or nothing.
    Nothing,
}

/// Lowers a Bicep file with its modules. `path` lies in the project.
pub(crate) fn lower(path: &Path, project: &dyn Project, files: &mut Files) -> Lowered {
    let mut compiler = Compiler::new(project, files);
    let path = &plain(path).unwrap_or_else(|| path.to_owned());
    let template = match compiler.bicep(path) {
        Ok(template) => Some(template),
        Err(why) => {
            compiler.problem(Span::NONE, why.to_string());
            None
        }
    };
    let mut modules: Vec<PathBuf> = compiler.modules.into_iter().collect();
    modules.sort();
    Lowered { template, modules, problems: compiler.problems, broken: compiler.broken }
}

/// Lowers a parameter file with those that it extends.
pub(crate) fn lower_parameters(path: &Path, project: &dyn Project, files: &mut Files) -> ParameterFile {
    let mut compiler = Compiler::new(project, files);
    let chain = compiler.chain(&plain(path).unwrap_or_else(|| path.to_owned()));
    let Some(own) = chain.first().cloned() else {
        return ParameterFile { template: Arc::default(), using: Using::Nothing, problems: compiler.problems };
    };
    let using = compiler.using(&own);
    let template = Template { file: own.file, ..Template::default() };
    let mut lowering = Lowering::new(&mut compiler, template);
    lowering.reads_parameters = true;
    // The last one is extended by all others.
    for (number, unit) in chain.iter().enumerate().rev() {
        lowering.parameter_values(unit, number > 0);
    }
    lowering.imports();
    let template = Arc::new(lowering.template);
    ParameterFile { template, using, problems: compiler.problems }
}

impl Compiler<'_> {
    /// Returns a parameter file and those that it extends.
    fn chain(&mut self, path: &Path) -> Vec<Arc<Unit>> {
        let mut chain: Vec<Arc<Unit>> = Vec::new();
        let (mut next, mut named_at) = (Some(path.to_owned()), Span::NONE);
        while let Some(path) = next.take() {
            if chain.len() >= MAX_BASES || chain.iter().any(|unit| unit.path == path) {
                self.problem(named_at, format!("`{}` extends itself", path.display()));
                break;
            }
            let unit = match self.unit(&path) {
                Ok(unit) => unit,
                Err(why) => {
                    self.problem(named_at, why.to_string());
                    break;
                }
            };
            let base = unit.program.statements.iter().find_map(|statement| match &statement.kind {
                StatementKind::Extends(path) => Some((path.as_text()?, path.span)),
                _ => None,
            });
            if let Some((wanted, span)) = base {
                named_at = unit.place(span);
                match self.locate(unit.folder(), wanted) {
                    Ok(path) => next = Some(path),
                    Err(why) => self.problem(named_at, why.to_string()),
                }
            }
            chain.push(unit);
        }
        chain
    }

    fn using(&mut self, unit: &Unit) -> Using {
        let path = unit.program.statements.iter().find_map(|statement| match &statement.kind {
            StatementKind::Using { path, .. } => path.as_ref(),
            _ => None,
        });
        let Some((wanted, span)) = path.and_then(|path| Some((path.as_text()?, path.span))) else {
            return Using::Nothing;
        };
        let place = unit.place(span);
        if Artifact::is_meant(wanted) {
            return Using::Artifact(wanted.to_owned(), place);
        }
        match self.locate(unit.folder(), wanted) {
            Ok(path) => Using::File(path, place),
            Err(why) => {
                self.problem(place, why.to_string());
                Using::Nothing
            }
        }
    }
}

impl Lowering<'_, '_> {
    /// Lowers the values that a parameter file gives. Those of a file that is extended give way.
    fn parameter_values(&mut self, unit: &Arc<Unit>, is_base: bool) {
        let mut frame = Frame::new(unit.clone(), is_base);
        for statement in &unit.program.statements {
            match &statement.kind {
                StatementKind::Param { name, value: Some(value), .. } => {
                    let span = frame.place(statement.span);
                    let value = self.expr(&mut frame, value);
                    if is_base {
                        let name = base_name(&name.text);
                        self.template.variables.insert(name, Variable { span, value: value.clone() });
                    }
                    let parameter = Parameter {
                        span,
                        kind: "".into(),
                        default: Some(value),
                        allowed: None,
                        secure: false,
                        nullable: false,
                    };
                    self.template.parameters.insert((&*name.text).into(), parameter);
                }
                StatementKind::Var { name, .. } | StatementKind::Func { name, .. } if !is_base => {
                    self.variable_or_function(&mut frame, statement, (&*name.text).into());
                }
                _ => {}
            }
        }
    }

    /// Returns the value that the extended file gives to a parameter: `base.name`.
    pub(crate) fn of_base(&self, name: &str, span: Span) -> Option<Expr> {
        let name = base_name(name);
        self.template.variables.get(&name).map(|_| Expr::new(ExprKind::Variable(name), span))
    }
}

fn base_name(name: &str) -> Arc<str> {
    format!("base#{name}").into()
}
