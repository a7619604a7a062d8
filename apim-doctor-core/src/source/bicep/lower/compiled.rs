//! What Bicep draws from compiled templates: modules, and variables and functions that are imported.

use std::path::Path;
use std::sync::Arc;

use crate::source::arm::{decode_or_guess, read_template};
use crate::source::bicep::lower::compiler::Compiler;
use crate::source::bicep::lower::lowering::{Lowering, unknown};
use crate::template::deployment::{Template, UserFunction, Variable};
use crate::template::expression::{Expr, ExprKind, LoopOver, Member};
use crate::template::place::Span;
use crate::template::value::Why;

impl Compiler<'_> {
    /// Reads a compiled template.
    pub(crate) fn compiled(&mut self, path: &Path, bytes: &[u8]) -> Result<Arc<Template>, Arc<str>> {
        let text: Arc<str> = decode_or_guess(bytes).into();
        let failed = |why: &str| Arc::from(format!("`{}`: {why}", path.display()));
        let file = self.files.add(path.to_owned(), text.clone()).ok_or_else(|| failed("too many files"))?;
        let read = read_template(file, &text);
        for problem in read.problems {
            self.problem(problem.span, problem.message);
        }
        read.found.ok_or_else(|| failed("not an ARM template"))
    }
}

impl Lowering<'_, '_> {
    /// Returns a variable of a compiled template, which gets a name that no other has.
    pub(crate) fn value_in(&mut self, template: &Arc<Template>, name: &str, span: Span) -> Expr {
        if template.variables.get(name).is_none() {
            return self.wrong(span, format!("`{name}` is not declared there"));
        }
        match self.adopt_variable(template, name) {
            Some(name) => Expr::new(ExprKind::Variable(name), span),
            None => unknown(Why::Limit, span),
        }
    }

    /// Returns the name of a function of a compiled template. There it stands in a namespace.
    pub(crate) fn function_in(&mut self, template: &Arc<Template>, name: &str) -> Option<Arc<str>> {
        let ends_so = |full: &str| full.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(name));
        let full = template.functions.iter().map(|(full, _)| full.clone()).find(|full| ends_so(full))?;
        self.adopt_function(template, &full)
    }

    fn adopt_variable(&mut self, template: &Arc<Template>, name: &str) -> Option<Arc<str>> {
        let given: Arc<str> = format!("{}#{name}", template.file.0).into();
        if self.known.insert(given.clone()) {
            if !self.compiler.spend() {
                return None;
            }
            let Variable { span, value } = template.variables.get(name)?;
            let (span, mut value) = (*span, value.clone());
            self.rename(template, &mut value);
            self.template.variables.insert(given.clone(), Variable { span, value });
        }
        Some(given)
    }

    fn adopt_function(&mut self, template: &Arc<Template>, name: &str) -> Option<Arc<str>> {
        let given: Arc<str> = format!("{}#{name}", template.file.0).into();
        if self.known.insert(given.clone()) {
            let mut function: UserFunction = template.functions.get(name)?.clone();
            self.rename(template, &mut function.body);
            self.template.functions.insert(given.clone(), function);
        }
        Some(given)
    }

    /// Gives the variables and functions of an expression the names that they have here.
    fn rename(&mut self, template: &Arc<Template>, expr: &mut Expr) {
        if !self.compiler.spend() {
            *expr = unknown(Why::Limit, expr.span);
            return;
        }
        match &mut expr.kind {
            ExprKind::Variable(name) => {
                if let Some(given) = self.adopt_variable(template, name) {
                    *name = given;
                }
            }
            ExprKind::CallUser(name, arguments) => {
                if let Some(given) = self.adopt_function(template, name) {
                    *name = given;
                }
                arguments.iter_mut().for_each(|argument| self.rename(template, argument));
            }
            ExprKind::Interpolation(parts) | ExprKind::Call(_, parts) => {
                parts.iter_mut().for_each(|part| self.rename(template, part));
            }
            ExprKind::Array(elements) => {
                elements.iter_mut().for_each(|element| self.rename(template, &mut element.value));
            }
            ExprKind::Object(members) => {
                for member in members {
                    match member {
                        Member::Property(_, value) | Member::Spread(value) => self.rename(template, value),
                        Member::Computed(key, value) => {
                            self.rename(template, key);
                            self.rename(template, value);
                        }
                        Member::Copy(_, head, value) => {
                            self.rename_over(template, &mut head.over);
                            self.rename(template, value);
                        }
                    }
                }
            }
            ExprKind::Lambda(lambda) => self.rename(template, &mut lambda.body),
            ExprKind::Property { of, .. } => self.rename(template, of),
            ExprKind::Index { of, index, .. } => {
                self.rename(template, of);
                self.rename(template, index);
            }
            ExprKind::For(head, body) => {
                self.rename_over(template, &mut head.over);
                head.filter.iter_mut().for_each(|filter| self.rename(template, filter));
                self.rename(template, body);
            }
            ExprKind::Literal(_)
            | ExprKind::Local(_)
            | ExprKind::Parameter(_)
            | ExprKind::Resource(_)
            | ExprKind::Unknown(_) => {}
        }
    }

    fn rename_over(&mut self, template: &Arc<Template>, over: &mut LoopOver) {
        match over {
            LoopOver::Count(expr) | LoopOver::Each(expr) => self.rename(template, expr),
        }
    }
}
