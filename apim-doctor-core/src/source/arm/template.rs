//! Templates: parameters, variables, functions, outputs.

use std::sync::Arc;

use jsonc_parser::ast;

use crate::source::arm::lower::{Lowering, get, text_of};
use crate::template::deployment::{Output, Parameter, Table, TargetScope, Template, UserFunction, Variable};
use crate::template::expression::{Expr, ExprKind, Loop, LoopOver};
use crate::template::value::Value;

/// What a template's schema says it is deployed to.
fn target(schema: &str) -> TargetScope {
    let schema = schema.to_ascii_lowercase();
    match () {
        () if schema.contains("subscriptiondeploymenttemplate") => TargetScope::Subscription,
        () if schema.contains("managementgroupdeploymenttemplate") => TargetScope::ManagementGroup,
        () if schema.contains("tenantdeploymenttemplate") => TargetScope::Tenant,
        () => TargetScope::ResourceGroup,
    }
}

/// How deep nested templates may be.
const DEEPEST_TEMPLATE: u32 = 20;

impl Lowering<'_> {
    /// A template, the outermost or one that is nested in a resource.
    pub(super) fn template(&mut self, object: &ast::Object<'_>) -> Template {
        let span = self.place(object.range.start, object.range.end);
        let mut template = Template { file: self.file, ..Template::default() };
        if self.depth >= DEEPEST_TEMPLATE {
            self.problem(span, "templates are nested too deeply here");
            return template;
        }
        self.depth += 1;
        let was_in_function = std::mem::replace(&mut self.in_function, false);
        if let Some(schema) = get(object, "$schema").and_then(|property| text_of(&property.value)) {
            template.target = target(schema);
        }
        let section = |name: &str| get(object, name).and_then(|property| property.value.as_object());
        if let Some(parameters) = section("parameters") {
            template.parameters = self.parameters(parameters, section("definitions"));
        }
        if let Some(variables) = section("variables") {
            template.variables = self.variables(variables);
        }
        if let Some(functions) = get(object, "functions") {
            template.functions = self.functions(&functions.value);
        }
        if let Some(resources) = get(object, "resources") {
            template.resources = self.resources(&resources.value, 0);
        }
        if let Some(outputs) = section("outputs") {
            template.outputs = self.outputs(outputs);
        }
        self.in_function = was_in_function;
        self.depth -= 1;
        template
    }

    fn parameters(&mut self, object: &ast::Object<'_>, definitions: Option<&ast::Object<'_>>) -> Table<Parameter> {
        let mut table = Table::default();
        for property in &object.properties {
            let span = self.key(&property.name).span;
            let Some(body) = property.value.as_object() else {
                self.problem(span, format!("the parameter `{}` is not an object", property.name.as_str()));
                continue;
            };
            let defined = type_of(body, definitions);
            let kind = defined.kind;
            let secure = kind.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("secure"));
            let default = get(body, "defaultValue").map(|property| self.expr(&property.value));
            let allowed = get(body, "allowedValues").map(|property| self.expr(&property.value));
            let parameter = Parameter { span, kind, default, allowed, secure, nullable: defined.nullable };
            let name: Arc<str> = property.name.as_str().into();
            if table.insert(name.clone(), parameter).is_some() {
                self.problem(span, format!("the parameter `{name}` is declared twice"));
            }
        }
        table
    }

    fn variables(&mut self, object: &ast::Object<'_>) -> Table<Variable> {
        let mut table = Table::default();
        for property in &object.properties {
            let span = self.key(&property.name).span;
            let name = property.name.as_str();
            if name.eq_ignore_ascii_case("copy")
                && let Some(loops) = self.loops(&property.value, 0)
            {
                for (key, each, input) in loops {
                    let place = each.span;
                    let value = Expr::new(ExprKind::For(Box::new(each), Box::new(input)), place);
                    table.insert(key.text, Variable { span: key.span, value });
                }
                continue;
            }
            let value = self.expr(&property.value);
            if table.insert(name.into(), Variable { span, value }).is_some() {
                self.problem(span, format!("the variable `{name}` is declared twice"));
            }
        }
        table
    }

    fn functions(&mut self, node: &ast::Value<'_>) -> Table<UserFunction> {
        let mut table = Table::default();
        let spaces = node.as_array().map(|array| array.elements.as_slice()).unwrap_or_default();
        for space in spaces.iter().filter_map(ast::Value::as_object) {
            let namespace = get(space, "namespace").and_then(|property| text_of(&property.value));
            let members = get(space, "members").and_then(|property| property.value.as_object());
            let (Some(namespace), Some(members)) = (namespace, members) else {
                let span = self.place(space.range.start, space.range.end);
                self.problem(span, "functions need `namespace` and `members`");
                continue;
            };
            for property in &members.properties {
                let span = self.key(&property.name).span;
                let body = property.value.as_object();
                let output = body.and_then(|body| get(body, "output")).and_then(|output| output.value.as_object());
                let Some(value) = output.and_then(|output| get(output, "value")) else {
                    self.problem(span, format!("the function `{}` has no output", property.name.as_str()));
                    continue;
                };
                let listed = body.and_then(|body| get(body, "parameters")).and_then(|list| list.value.as_array());
                let listed = listed.map(|array| array.elements.as_slice()).unwrap_or_default();
                let name = |parameter: &ast::Value<'_>| {
                    get(parameter.as_object()?, "name").and_then(|name| text_of(&name.value)).map(Arc::from)
                };
                let parameters = listed.iter().filter_map(name).collect();
                self.in_function = true;
                let body = self.expr(&value.value);
                self.in_function = false;
                let name: Arc<str> = format!("{namespace}.{}", property.name.as_str()).into();
                table.insert(name, UserFunction { parameters, body });
            }
        }
        table
    }

    fn outputs(&mut self, object: &ast::Object<'_>) -> Table<Output> {
        let mut table = Table::default();
        for property in &object.properties {
            let span = self.key(&property.name).span;
            let Some(body) = property.value.as_object() else {
                self.problem(span, format!("the output `{}` is not an object", property.name.as_str()));
                continue;
            };
            let condition = get(body, "condition").map(|property| self.expr(&property.value));
            let copy = get(body, "copy").and_then(|property| property.value.as_object());
            let value = match (copy, get(body, "value")) {
                (Some(copy), _) => self.output_loop(copy),
                (None, Some(value)) => self.expr(&value.value),
                (None, None) => Expr::literal(Value::null(span)),
            };
            table.insert(property.name.as_str().into(), Output { span, value, condition });
        }
        table
    }

    fn output_loop(&mut self, copy: &ast::Object<'_>) -> Expr {
        let span = self.place(copy.range.start, copy.range.end);
        let (Some(count), Some(input)) = (get(copy, "count"), get(copy, "input")) else {
            self.problem(span, "a loop of an output needs `count` and `input`");
            return super::expression::unknown(span);
        };
        let over = LoopOver::Count(self.expr(&count.value));
        let input = self.expr(&input.value);
        let each = Loop { name: Arc::from(""), item: None, index: None, over, filter: None, span };
        Expr::new(ExprKind::For(Box::new(each), Box::new(input)), span)
    }
}

/// The type of a parameter.
struct Defined {
    kind: Arc<str>,
    nullable: bool,
}

/// The type of a parameter, through the definitions that it refers to.
fn type_of(body: &ast::Object<'_>, definitions: Option<&ast::Object<'_>>) -> Defined {
    let mut body = body;
    let mut nullable = false;
    // Definitions may refer to each other in a circle.
    for _ in 0..16 {
        nullable |=
            get(body, "nullable").is_some_and(|property| property.value.as_boolean_lit().is_some_and(|b| b.value));
        if let Some(kind) = get(body, "type").and_then(|property| text_of(&property.value)) {
            return Defined { kind: kind.into(), nullable };
        }
        let reference = get(body, "$ref").and_then(|property| text_of(&property.value));
        let name = reference.and_then(|reference| reference.strip_prefix("#/definitions/"));
        // `~1` and `~0` stand for `/` and `~` in a pointer.
        let name = name.map(|name| name.replace("~1", "/").replace("~0", "~"));
        let found = name.and_then(|name| get(definitions?, &name)).and_then(|property| property.value.as_object());
        match found {
            Some(found) => body = found,
            None => break,
        }
    }
    Defined { kind: Arc::from(""), nullable }
}
