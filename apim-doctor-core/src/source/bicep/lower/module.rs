//! Modules, and what stands behind their paths.

use std::path::Path;
use std::sync::Arc;

use crate::source::bicep::artifact::Artifact;
use crate::source::bicep::lower::compiler::Compiler;
use crate::source::bicep::lower::expression::declared;
use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::lower::lowering::{Lowering, Origin, unknown};
use crate::source::bicep::lower::resource::{Parts, body};
use crate::source::bicep::syntax::{self, ExprKind, ModuleDecl, Object, Statement};
use crate::source::bicep::unit::Unit;
use crate::template::deployment::{Module, ModuleScope, ModuleSource, Template};
use crate::template::expression::{self, Expr};
use crate::template::place::Span;
use crate::template::resource::Declaration;
use crate::template::value::{Value, Why};

/// The properties of a module that are no part of the deployment's body.
const APART: &[&str] = &["name", "scope", "dependsOn", "params"];

impl Lowering<'_, '_> {
    /// Lowers a module.
    pub(crate) fn module(&mut self, frame: &mut Frame, statement: &Statement, module: &ModuleDecl) {
        let symbol: Arc<str> = (&*module.name.text).into();
        let path_place = frame.place(module.path.span);
        let source = match module.path.as_text() {
            Some(path) => self.compiler.module_source(&frame.unit, path, path_place),
            None => {
                self.problem(path_place, "the path of a module must be a constant string");
                ModuleSource::Missing(Value::unknown(Why::Invalid, path_place))
            }
        };
        let body = body(&module.body);
        let place = frame.place(body.span);
        let (copy, (parts, module)) = self.looped(frame, &body, &symbol, |lowering, frame, condition| {
            let mut module = Module {
                source,
                evaluation: ModuleScope::Inner,
                parameters: None,
                wrapped: false,
                resource_group: None,
                subscription: None,
            };
            let Some(object) = body.object else {
                let (name, body) = (unknown(Why::Invalid, place), unknown(Why::Invalid, place));
                let parts = Parts { name, scope: None, parent: None, condition, depends_on: Vec::new(), body };
                return (parts, module);
            };
            (lowering.module_parts(frame, object, condition, (&symbol, place), &mut module), module)
        });
        self.template.resources.push(Arc::new(Declaration {
            symbol: Some(symbol).filter(|symbol| !symbol.is_empty()),
            span: frame.place(statement.span),
            resource_type: Expr::text("Microsoft.Resources/deployments", path_place),
            api_version: None,
            name: parts.name,
            relative: false,
            scope: parts.scope,
            parent: None,
            existing: false,
            condition: parts.condition,
            copy,
            depends_on: parts.depends_on,
            body: parts.body,
            module: Some(Box::new(module)),
            children: Vec::new(),
        }));
    }

    fn module_parts(
        &mut self,
        frame: &mut Frame,
        object: &Object,
        condition: Option<Expr>,
        (symbol, place): (&str, Span),
        module: &mut Module,
    ) -> Parts {
        let name = match object.get("name") {
            Some(name) => self.expr(frame, name),
            None => given_name(symbol, place),
        };
        let scope = object.get("scope").and_then(|scope| self.module_scope(frame, scope, module));
        module.parameters = object.get("params").map(|value| match &value.kind {
            ExprKind::Object(object) => {
                let place = frame.place(value.span);
                self.object(frame, object, place, |_| false)
            }
            _ => self.expr(frame, value),
        });
        let mut depends_on = self.depends_on(frame, object);
        let left_out = |property: &str| APART.iter().any(|apart| apart.eq_ignore_ascii_case(property));
        let body = self.object(frame, object, place, left_out);
        depends_on.append(&mut self.waits.on);
        Parts { name, scope, parent: None, condition, depends_on, body }
    }

    /// Lowers the scope of a module. Of a resource group or subscription the name is all that counts: so it is known
    /// which group that is, even if the id of the subscription is not.
    fn module_scope(&mut self, frame: &mut Frame, scope: &syntax::Expr, module: &mut Module) -> Option<Expr> {
        let place = frame.place(scope.span);
        let property = |of: Expr, name: &str| {
            let kind =
                expression::ExprKind::Property { of: Box::new(of), name: name.into(), name_span: place, safe: false };
            Expr::new(kind, place)
        };
        if let ExprKind::Call { name, args, .. } = &scope.kind {
            match (&*name.text, args.as_slice()) {
                ("resourceGroup", [group]) => {
                    module.resource_group = Some(self.expr(frame, group));
                    return None;
                }
                ("resourceGroup", [subscription, group]) => {
                    module.subscription = Some(self.expr(frame, subscription));
                    module.resource_group = Some(self.expr(frame, group));
                    return None;
                }
                ("subscription", [subscription]) => {
                    module.subscription = Some(self.expr(frame, subscription));
                    return None;
                }
                ("subscription", []) => {
                    let here = Expr::call("subscription", Vec::new(), place);
                    module.subscription = Some(property(here, "subscriptionId"));
                    return None;
                }
                _ => {}
            }
        }
        let lowered = self.expr(frame, scope);
        let symbol = declared(&lowered).filter(|symbol| self.groups.contains(*symbol));
        if symbol.is_some() {
            module.resource_group = Some(property(lowered, "name"));
            return None;
        }
        Some(lowered)
    }
}

/// The name that a module without one gets: unlike that of any other deployment.
fn given_name(symbol: &str, place: Span) -> Expr {
    let deployment = Expr::call("deployment", Vec::new(), place);
    let property =
        expression::ExprKind::Property { of: Box::new(deployment), name: "name".into(), name_span: place, safe: false };
    let unique = Expr::call("uniqueString", vec![Expr::text(symbol, place), Expr::new(property, place)], place);
    let pieces = vec![Expr::text(symbol, place), Expr::text("-", place), unique];
    Expr::new(expression::ExprKind::Interpolation(pieces), place)
}

impl Compiler<'_> {
    /// Returns what a module's path stands for.
    pub(crate) fn module_source(&mut self, unit: &Unit, wanted: &str, place: Span) -> ModuleSource {
        match self.template_at(unit, wanted) {
            Ok(template) => ModuleSource::Template(template),
            Err(why) => {
                if Artifact::is_meant(wanted) {
                    return ModuleSource::Missing(Value::unknown(Why::File(why), place));
                }
                self.problem(place, why.to_string());
                ModuleSource::Missing(Value::unknown(Why::File(why), place))
            }
        }
    }

    fn template_at(&mut self, unit: &Unit, wanted: &str) -> Result<Arc<Template>, Arc<str>> {
        if Artifact::is_meant(wanted) {
            return self.artifact(unit, wanted);
        }
        let path = self.locate(unit.folder(), wanted)?;
        self.modules.insert(path.clone());
        if is_json(&path) { self.compiled_file(&path) } else { self.bicep(&path) }
    }

    /// Returns what an import draws from.
    pub(crate) fn origin(&mut self, unit: &Arc<Unit>, wanted: &str, span: crate::source::bicep::span::Span) -> Origin {
        let place = unit.place(span);
        if Artifact::is_meant(wanted) {
            return self.artifact(unit, wanted).map_or_else(Origin::Missing, Origin::Template);
        }
        let found = self.locate(unit.folder(), wanted).and_then(|path| {
            if is_json(&path) {
                return self.compiled_file(&path).map(Origin::Template);
            }
            self.unit(&path).map(Origin::Unit)
        });
        found.unwrap_or_else(|why| {
            self.problem(place, why.to_string());
            Origin::Missing(why)
        })
    }

    fn artifact(&mut self, unit: &Unit, wanted: &str) -> Result<Arc<Template>, Arc<str>> {
        let config = self.config(unit.folder());
        let artifact =
            Artifact::parse(wanted, &config).ok_or_else(|| format!("`{wanted}` is not a module reference"))?;
        let cached = artifact.cached();
        let path = Path::new(&cached).to_owned();
        if let Some(known) = self.templates.get(&path) {
            return known.clone();
        }
        let missing = || Arc::from(format!("`{wanted}` is not in the local module cache"));
        let read = match self.project.cached(&cached) {
            Some(bytes) => self.compiled(&path, &bytes),
            None => Err(missing()),
        };
        self.templates.insert(path, read.clone());
        read
    }

    fn compiled_file(&mut self, path: &Path) -> Result<Arc<Template>, Arc<str>> {
        if let Some(known) = self.templates.get(path) {
            return known.clone();
        }
        let read = self.bytes(path).and_then(|bytes| self.compiled(path, &bytes));
        self.templates.insert(path.to_owned(), read.clone());
        read
    }
}

fn is_json(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| extension == "json" || extension == "jsonc" || extension == "arm")
}
