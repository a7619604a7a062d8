//! Nested deployments whose template stands in the Bicep file. Their expressions are those of the file around them.

use std::sync::Arc;

use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::lower::lowering::{Lowering, unknown};
use crate::source::bicep::syntax::{Expr, ExprKind, Member, Object};
use crate::template::deployment::{Module, ModuleScope, ModuleSource, Output, Template};
use crate::template::resource::Declaration;
use crate::template::value::Why;

/// The properties of a resource in a template that are no part of its body.
const APART: &[&str] = &["type", "apiVersion", "name", "scope", "condition", "dependsOn", "copy", "comments"];

impl Lowering<'_, '_> {
    /// Lowers a nested deployment, if its template is written as an object.
    pub(crate) fn inline_module(&mut self, frame: &mut Frame, deployment: &Object) -> Option<Module> {
        let properties = deployment.get("properties").and_then(as_object)?;
        let written = properties.get("template")?;
        let object = as_object(written)?;
        let place = frame.place(written.span);
        let mut template = Template { file: place.file, target: self.template.target, ..Template::default() };
        for (name, resource) in list(object.get("resources")) {
            template.resources.extend(self.inline_resource(frame, name, resource).map(Arc::new));
        }
        let outputs = object.get("outputs").and_then(as_object).map(|outputs| outputs.members.as_slice());
        for output in outputs.unwrap_or_default() {
            let Member::Property { key, value } = output else { continue };
            let (Some(name), Some(inner)) = (key.as_key(), as_object(value).and_then(|output| output.get("value")))
            else {
                continue;
            };
            let (span, value) = (frame.place(value.span), self.expr(frame, inner));
            template.outputs.insert(name.into(), Output { span, value, condition: None });
        }
        let mut lower = |name: &str| deployment.get(name).map(|value| self.expr(frame, value));
        let (resource_group, subscription) = (lower("resourceGroup"), lower("subscriptionId"));
        let parameters = properties.get("parameters").map(|parameters| self.expr(frame, parameters));
        Some(Module {
            source: ModuleSource::Template(Arc::new(template)),
            evaluation: ModuleScope::Outer,
            parameters,
            wrapped: true,
            resource_group,
            subscription,
        })
    }

    fn inline_resource(&mut self, frame: &mut Frame, symbol: Option<&str>, resource: &Object) -> Option<Declaration> {
        let ty = resource.get("type")?;
        let span = frame.place(ty.span);
        let mut lower = |name: &str| resource.get(name).map(|value| self.expr(frame, value));
        let resource_type = lower("type")?;
        let (api_version, name) = (lower("apiVersion"), lower("name"));
        let (scope, condition) = (lower("scope"), lower("condition"));
        let depends_on = self.depends_on(frame, resource);
        let body = self
            .object(frame, resource, span, |property| APART.iter().any(|apart| apart.eq_ignore_ascii_case(property)));
        Some(Declaration {
            symbol: symbol.map(Arc::from),
            span,
            resource_type,
            api_version,
            name: name.unwrap_or_else(|| unknown(Why::Invalid, span)),
            relative: false,
            scope,
            parent: None,
            existing: false,
            condition,
            copy: None,
            depends_on,
            body,
            module: None,
            children: Vec::new(),
        })
    }
}

fn as_object(expr: &Expr) -> Option<&Object> {
    match &expr.kind {
        ExprKind::Object(object) => Some(object),
        _ => None,
    }
}

/// Returns the resources of a template: a list, or an object with symbolic names.
fn list(resources: Option<&Expr>) -> Vec<(Option<&str>, &Object)> {
    match resources.map(|resources| &resources.kind) {
        Some(ExprKind::Array(items)) => items.iter().filter_map(|item| Some((None, as_object(&item.value)?))).collect(),
        Some(ExprKind::Object(object)) => object.members.iter().filter_map(named).collect(),
        _ => Vec::new(),
    }
}

fn named(member: &Member) -> Option<(Option<&str>, &Object)> {
    match member {
        Member::Property { key, value } => Some((Some(key.as_key()?), as_object(value)?)),
        Member::Spread(_) | Member::Resource(_) => None,
    }
}
