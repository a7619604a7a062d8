//! Resources of a template.

use std::sync::Arc;

use jsonc_parser::ast;

use crate::source::arm::lower::{Lowering, get, object_of, text_of};
use crate::template::deployment::{Module, ModuleScope, ModuleSource};
use crate::template::expression::{Expr, ExprKind, Loop, LoopOver, Member};
use crate::template::place::Span;
use crate::template::resource::Declaration;
use crate::template::value::{Key, Value, Why};

/// Properties of a resource that are not of its body.
const NOT_BODY: [&str; 11] = [
    "type",
    "apiVersion",
    "name",
    "scope",
    "condition",
    "copy",
    "dependsOn",
    "existing",
    "resources",
    "comments",
    "metadata",
];

/// How deep children may stand in each other.
const DEEPEST: u32 = 12;

impl Lowering<'_> {
    /// Resources in a list, or in an object by symbolic name.
    pub(super) fn resources(&mut self, node: &ast::Value<'_>, depth: u32) -> Vec<Arc<Declaration>> {
        let span = self.span(node);
        if depth > DEEPEST {
            self.problem(span, "resources are nested too deeply here");
            return Vec::new();
        }
        let mut all = Vec::new();
        match node {
            ast::Value::Array(array) => {
                for item in &array.elements {
                    match item {
                        ast::Value::Object(object) => all.push(Arc::new(self.resource(object, None, depth))),
                        other => {
                            let span = self.span(other);
                            self.problem(span, "expected a resource");
                        }
                    }
                }
            }
            ast::Value::Object(object) => {
                for property in &object.properties {
                    let name = Some(property.name.as_str().into());
                    match &property.value {
                        ast::Value::Object(object) => all.push(Arc::new(self.resource(object, name, depth))),
                        other => {
                            let span = self.span(other);
                            self.problem(span, "expected a resource");
                        }
                    }
                }
            }
            _ => self.problem(span, "expected a list of resources"),
        }
        all
    }

    fn resource(&mut self, object: &ast::Object<'_>, symbol: Option<Arc<str>>, depth: u32) -> Declaration {
        let span = self.place(object.range.start, object.range.end);
        let is_extension = ["import", "extension"].iter().any(|name| get(object, name).is_some());
        let optional = |this: &mut Self, name: &str| get(object, name).map(|property| this.expr(&property.value));
        let resource_type = match optional(self, "type") {
            Some(kind) => kind,
            None => self.missing("a resource needs `type`", span),
        };
        let name = match optional(self, "name") {
            _ if is_extension => unknown(Why::Function("extension".into()), span),
            Some(name) => name,
            None => self.missing("a resource needs `name`", span),
        };
        let is_true = |name: &str| {
            get(object, name).is_some_and(|property| property.value.as_boolean_lit().is_some_and(|found| found.value))
        };
        let kind = resource_type.as_literal().and_then(Value::as_str).unwrap_or_default();
        let is_deployment = kind.trim_matches('/').eq_ignore_ascii_case("Microsoft.Resources/deployments");
        let existing = is_true("existing");
        let module = if is_deployment && !existing { self.module(object) } else { None };
        let depends_on = match get(object, "dependsOn").map(|property| &property.value) {
            Some(ast::Value::Array(array)) => array.elements.iter().map(|item| self.expr(item)).collect(),
            Some(other) => vec![self.expr(other)],
            None => Vec::new(),
        };
        let scope = match optional(self, "scope") {
            Some(scope) => Some(scope),
            None if existing => self.elsewhere(object, span),
            None => None,
        };
        let body = match &module {
            Some(_) => self.module_body(object, span),
            None => self.object(object, &NOT_BODY, 0),
        };
        let children = match get(object, "resources") {
            Some(children) if !is_deployment => self.resources(&children.value, depth + 1),
            _ => Vec::new(),
        };
        Declaration {
            symbol,
            span,
            resource_type,
            api_version: optional(self, "apiVersion"),
            name,
            relative: depth > 0,
            scope,
            parent: None,
            existing,
            condition: optional(self, "condition"),
            copy: self.resource_loop(object),
            depends_on,
            body,
            module: module.map(Box::new),
            children,
        }
    }

    fn missing(&mut self, message: &str, span: Span) -> Expr {
        self.problem(span, message);
        unknown(Why::Invalid, span)
    }

    fn resource_loop(&mut self, object: &ast::Object<'_>) -> Option<Loop> {
        let copy = get(object, "copy")?.value.as_object()?;
        let span = self.place(copy.range.start, copy.range.end);
        let name = get(copy, "name").and_then(|property| text_of(&property.value)).unwrap_or_default();
        let over = match get(copy, "count") {
            Some(count) => LoopOver::Count(self.expr(&count.value)),
            None => LoopOver::Count(self.missing("a loop needs `count`", span)),
        };
        Some(Loop { name: name.into(), item: None, index: None, over, filter: None, span })
    }

    /// The scope of an `existing` resource in another group or subscription.
    fn elsewhere(&mut self, object: &ast::Object<'_>, span: Span) -> Option<Expr> {
        let subscription = get(object, "subscriptionId").map(|property| self.expr(&property.value));
        let group = get(object, "resourceGroup").map(|property| self.expr(&property.value));
        match (subscription, group) {
            (None, None) => None,
            (Some(subscription), None) => Some(Expr::call("subscription", vec![subscription], span)),
            (subscription, Some(group)) => {
                Some(Expr::call("resourceGroup", subscription.into_iter().chain([group]).collect(), span))
            }
        }
    }

    /// What a nested deployment deploys.
    fn module(&mut self, object: &ast::Object<'_>) -> Option<Module> {
        let properties = get(object, "properties")?.value.as_object()?;
        let evaluation = get(properties, "expressionEvaluationOptions").and_then(|options| options.value.as_object());
        let evaluation = evaluation.and_then(|options| get(options, "scope")).and_then(|scope| text_of(&scope.value));
        let is_inner = evaluation.is_some_and(|scope| scope.eq_ignore_ascii_case("inner"));
        let (source, evaluation) = if let Some(template) = get(properties, "template") {
            let source = match &template.value {
                ast::Value::Object(template) => ModuleSource::Template(Arc::new(self.template(template))),
                other => {
                    let span = self.span(other);
                    ModuleSource::Missing(Value::unknown(Why::File("a template from an expression".into()), span))
                }
            };
            (source, if is_inner { ModuleScope::Inner } else { ModuleScope::Outer })
        } else {
            let link = get(properties, "templateLink")?;
            (ModuleSource::Link(self.expr(&link.value)), ModuleScope::Inner)
        };
        let (parameters, wrapped) = match get(properties, "parameters").map(|property| &property.value) {
            Some(ast::Value::Object(parameters)) => (Some(self.module_parameters(parameters)), false),
            Some(other) => (Some(self.expr(other)), true),
            None => match get(properties, "parametersLink") {
                Some(link) => {
                    let span = self.span(&link.value);
                    (Some(unknown(Why::File("a linked parameter file".into()), span)), false)
                }
                None => (None, false),
            },
        };
        let resource_group = get(object, "resourceGroup").map(|property| self.expr(&property.value));
        let subscription = get(object, "subscriptionId").map(|property| self.expr(&property.value));
        Some(Module { source, evaluation, parameters, wrapped, resource_group, subscription })
    }

    /// The values of a nested deployment's parameters, each without the object in which it stands.
    fn module_parameters(&mut self, object: &ast::Object<'_>) -> Expr {
        let mut members = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            let key = self.key(&property.name);
            let value = match &property.value {
                ast::Value::Object(wrapper) => match self.wrapped(wrapper, &key) {
                    Some(value) => value,
                    None => continue,
                },
                other => {
                    let of = self.expr(other);
                    let span = of.span;
                    let value = ExprKind::Property {
                        of: Box::new(of.clone()),
                        name: "value".into(),
                        name_span: span,
                        safe: true,
                    };
                    let is_reference = Expr::call("contains", vec![of, Expr::text("reference", span)], span);
                    let secret = unknown(Why::Secret(key.text.clone()), span);
                    Expr::call("if", vec![is_reference, secret, Expr::new(value, span)], span)
                }
            };
            members.push(Member::Property(key, value));
        }
        object_of(members, self.place(object.range.start, object.range.end))
    }

    /// The value in `{ "value": … }`, in a loop named `value`, or a secret of a vault.
    fn wrapped(&mut self, wrapper: &ast::Object<'_>, key: &Key) -> Option<Expr> {
        if let Some(value) = get(wrapper, "value") {
            return Some(self.expr(&value.value));
        }
        if get(wrapper, "reference").is_some() {
            return Some(unknown(Why::Secret(key.text.clone()), key.span));
        }
        let loops = self.loops(&get(wrapper, "copy")?.value, 0)?;
        let (_, each, input) = loops.into_iter().find(|(name, ..)| name.text.eq_ignore_ascii_case("value"))?;
        let span = each.span;
        Some(Expr::new(ExprKind::For(Box::new(each), Box::new(input)), span))
    }

    /// The body of a nested deployment, without its template.
    fn module_body(&mut self, object: &ast::Object<'_>, span: Span) -> Expr {
        let outer = self.object(object, &[NOT_BODY.as_slice(), &["properties"]].concat(), 0);
        let Some(properties) = get(object, "properties") else { return outer };
        let Some(inner) = properties.value.as_object() else { return outer };
        let key = self.key(&properties.name);
        let inner = self.object(inner, &["template", "templateLink", "parameters", "parametersLink"], 1);
        let mut members = match outer.kind {
            ExprKind::Object(members) => members,
            ExprKind::Literal(value) => {
                let entries = value.as_object().map(|object| object.entries().to_vec()).unwrap_or_default();
                entries.into_iter().map(|(key, value)| Member::Property(key, Expr::literal(value))).collect()
            }
            _ => Vec::new(),
        };
        members.push(Member::Property(key, inner));
        object_of(members, span)
    }
}

fn unknown(why: Why, span: Span) -> Expr {
    Expr::new(ExprKind::Unknown(Value::unknown(why, span)), span)
}
