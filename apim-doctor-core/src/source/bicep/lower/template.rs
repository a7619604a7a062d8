//! Whole files.

use std::path::Path;
use std::sync::Arc;

use crate::source::bicep::lower::compiler::Compiler;
use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::lower::lowering::Lowering;
use crate::source::bicep::span::Span;
use crate::source::bicep::syntax::{ExprKind, Statement, StatementKind};
use crate::source::bicep::unit::Unit;
use crate::template::deployment::{Output, TargetScope, Template, Variable};

impl Compiler<'_> {
    /// Lowers a Bicep file.
    ///
    /// # Errors
    /// Says why it could not be read.
    pub(crate) fn bicep(&mut self, path: &Path) -> Result<Arc<Template>, Arc<str>> {
        if let Some(known) = self.templates.get(path) {
            return known.clone();
        }
        self.enter(path)?;
        let lowered = self.unit(path).map(|unit| self.lower(&unit));
        self.leave();
        self.templates.insert(path.to_owned(), lowered.clone());
        lowered
    }

    fn lower(&mut self, unit: &Arc<Unit>) -> Arc<Template> {
        let template = Template { file: unit.file, ..Template::default() };
        let mut lowering = Lowering::new(self, template);
        let mut frame = Frame::new(unit.clone(), false);
        for statement in &unit.program.statements {
            match &statement.kind {
                StatementKind::Resource(resource) => lowering.note_types(resource, "", None),
                StatementKind::Module(module) if matches!(module.body.kind, ExprKind::For(_)) => {
                    lowering.loops.insert((&*module.name.text).into());
                }
                StatementKind::TargetScope(scope) => lowering.target(&frame, scope.as_text(), scope.span),
                _ => {}
            }
        }
        lowering.duplicates(unit);
        for statement in &unit.program.statements {
            lowering.statement(&mut frame, statement);
        }
        lowering.imports();
        Arc::new(lowering.template)
    }
}

impl Lowering<'_, '_> {
    fn target(&mut self, frame: &Frame, scope: Option<&str>, span: Span) {
        self.template.target = match scope {
            Some("subscription") => TargetScope::Subscription,
            Some("managementGroup") => TargetScope::ManagementGroup,
            Some("tenant") => TargetScope::Tenant,
            Some("resourceGroup" | "desiredStateConfiguration" | "local") => TargetScope::ResourceGroup,
            _ => {
                let expected = "`resourceGroup`, `subscription`, `managementGroup` or `tenant`";
                self.problem(frame.place(span), format!("the target scope must be {expected}"));
                TargetScope::ResourceGroup
            }
        };
    }

    /// Says which names are declared twice.
    fn duplicates(&mut self, unit: &Unit) {
        let (mut names, mut outputs) = (std::collections::HashSet::new(), std::collections::HashSet::new());
        for statement in &unit.program.statements {
            let seen = match statement.kind {
                StatementKind::Output { .. } => &mut outputs,
                StatementKind::Metadata(..) | StatementKind::Assert(..) => continue,
                _ => &mut names,
            };
            if let Some(name) = statement.name().filter(|name| !name.text.is_empty())
                && !seen.insert(&*name.text)
            {
                self.problem(unit.place(name.span), format!("`{}` is declared twice", name.text));
            }
        }
    }

    fn statement(&mut self, frame: &mut Frame, statement: &Statement) {
        let span = frame.place(statement.span);
        match &statement.kind {
            StatementKind::Param { name, ty, value } => {
                let parameter = self.parameter(frame, statement, ty.as_ref(), value.as_ref());
                self.template.parameters.insert((&*name.text).into(), parameter);
            }
            StatementKind::Var { name, .. } | StatementKind::Func { name, .. } => {
                self.variable_or_function(frame, statement, (&*name.text).into());
            }
            // Nothing refers to an assertion; it is kept as a variable whose name no other has.
            StatementKind::Assert(name, value) => {
                let value = self.expr(frame, value);
                self.template.variables.insert(format!("assert#{}", name.text).into(), Variable { span, value });
            }
            StatementKind::Resource(resource) => self.resource(frame, statement, resource),
            StatementKind::Module(module) => self.module(frame, statement, module),
            StatementKind::Output { name, value, .. } => {
                let output = Output { span, value: self.expr(frame, value), condition: None };
                self.template.outputs.insert((&*name.text).into(), output);
            }
            _ => {}
        }
    }
}
