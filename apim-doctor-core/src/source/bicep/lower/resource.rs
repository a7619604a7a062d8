//! Resources.

use std::sync::Arc;

use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::lower::lowering::{Lowering, Waits, unknown};
use crate::source::bicep::span::Span;
use crate::source::bicep::syntax::{self, ExprKind, Member, Object, ResourceDecl, Statement, StatementKind};
use crate::template::expression::{self, Expr, Loop};
use crate::template::resource::Declaration;
use crate::template::value::Why;

/// The properties that are no part of a resource's body.
const APART: &[&str] = &["name", "parent", "scope", "dependsOn"];

/// The type of modules and nested deployments.
pub(crate) const DEPLOYMENT: &str = "Microsoft.Resources/deployments";

/// What an outer resource gives to those inside of it.
#[derive(Clone)]
struct Outer {
    symbol: Arc<str>,
    ty: Arc<str>,
    version: Option<Arc<str>>,
    condition: Option<Expr>,
}

/// What `=` is followed by, taken apart.
pub(crate) struct Body<'b> {
    pub(crate) over: Option<&'b syntax::For>,
    condition: Option<&'b syntax::Expr>,
    pub(crate) object: Option<&'b Object>,
    pub(crate) span: Span,
}

impl Body<'_> {
    /// The place of the opening brace.
    fn head(&self) -> Span {
        Span { start: self.span.start, end: self.span.start.saturating_add(1).min(self.span.end) }
    }
}

/// Takes apart what follows the `=` of a resource or a module.
pub(crate) fn body(expr: &syntax::Expr) -> Body<'_> {
    let (over, inner) = match &expr.kind {
        ExprKind::For(over) => (Some(&**over), &over.body),
        _ => (None, expr),
    };
    let (condition, inner) = match &inner.kind {
        ExprKind::If(condition, inner) => (Some(&**condition), &**inner),
        _ => (None, inner),
    };
    let object = match &inner.kind {
        ExprKind::Object(object) => Some(object),
        _ => None,
    };
    Body { over, condition, object, span: inner.span }
}

/// The parts of a resource that the loop's names are seen in.
pub(crate) struct Parts {
    pub(crate) name: Expr,
    pub(crate) scope: Option<Expr>,
    pub(crate) parent: Option<Expr>,
    pub(crate) condition: Option<Expr>,
    pub(crate) depends_on: Vec<Expr>,
    pub(crate) body: Expr,
}

impl Lowering<'_, '_> {
    /// Notes the types of a resource and of those inside of it.
    pub(crate) fn note_types(&mut self, resource: &ResourceDecl, prefix: &str, outer: Option<(&str, Option<&str>)>) {
        let symbol: Arc<str> = format!("{prefix}{}", resource.name.text).into();
        let (ty, version) = whole_type(resource, outer);
        if matches!(resource.body.kind, ExprKind::For(_)) {
            self.loops.insert(symbol.clone());
        }
        let is_here = body(&resource.body).object.is_some_and(|object| object.get("scope").is_none());
        if ty.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") && is_here {
            self.groups.insert(symbol.clone());
        }
        for child in children(&resource.body) {
            let outer = Some((&*ty, version.as_deref()));
            self.note_types(child.1, &format!("{symbol}::"), outer);
        }
        self.types.insert(symbol, (ty, version));
    }

    /// Lowers a resource and those inside of it.
    pub(crate) fn resource(&mut self, frame: &mut Frame, statement: &Statement, resource: &ResourceDecl) {
        self.nested_resource(frame, statement, resource, None);
    }

    fn nested_resource(
        &mut self,
        frame: &mut Frame,
        statement: &Statement,
        resource: &ResourceDecl,
        outer: Option<&Outer>,
    ) {
        let symbol: Arc<str> = match outer {
            Some(outer) => format!("{}::{}", outer.symbol, resource.name.text).into(),
            None => (&*resource.name.text).into(),
        };
        let place = frame.place(statement.span);
        if resource.ty.as_text().is_none() {
            self.problem(frame.place(resource.ty.span), "the type of a resource must be a constant string");
        }
        let (ty, version) = whole_type(resource, outer.map(|outer| (&*outer.ty, outer.version.as_deref())));
        let body = body(&resource.body);
        let seen_before = frame.children();
        for (_, child) in children(&resource.body) {
            frame.add_child(&child.name.text, format!("{symbol}::{}", child.name.text).into());
        }
        let (copy, (parts, module)) = self.looped(frame, &body, &symbol, |lowering, frame, condition| {
            let parts = lowering.parts(frame, &body, condition, &ty, outer);
            let inline = body.object.filter(|_| ty.eq_ignore_ascii_case(DEPLOYMENT) && !resource.existing);
            (parts, inline.and_then(|object| lowering.inline_module(frame, object)))
        });
        // Extensions have their own rules for names.
        let is_child = (outer.is_some() || parts.parent.is_some()) && !is_foreign(&ty);
        let parent_of_nested = |outer: &Outer| {
            Expr::new(expression::ExprKind::Resource(outer.symbol.clone()), frame.place(resource.name.span))
        };
        let inner = Outer { symbol: symbol.clone(), ty: ty.clone(), version: version.clone(), condition: None };
        let inner = Outer { condition: parts.condition.clone(), ..inner };
        let type_place = frame.place(resource.ty.span);
        let declaration = Declaration {
            symbol: Some(symbol).filter(|symbol| !symbol.is_empty()),
            span: place,
            resource_type: Expr::text(ty, type_place),
            api_version: version.map(|version| Expr::text(version, type_place)),
            name: parts.name,
            relative: is_child,
            scope: parts.scope,
            parent: outer.map(parent_of_nested).or(parts.parent),
            existing: resource.existing,
            condition: parts.condition,
            copy,
            depends_on: parts.depends_on,
            body: parts.body,
            module: module.map(Box::new),
            children: Vec::new(),
        };
        self.template.resources.push(Arc::new(declaration));
        for (statement, child) in children(&resource.body) {
            self.nested_resource(frame, statement, child, Some(&inner));
        }
        frame.forget_children(seen_before);
    }

    /// Lowers what is in the loop of a declaration, if there is one.
    pub(crate) fn looped<T>(
        &mut self,
        frame: &mut Frame,
        body: &Body<'_>,
        symbol: &str,
        made: impl FnOnce(&mut Self, &mut Frame, Option<Expr>) -> T,
    ) -> (Option<Loop>, T) {
        let lowered = match body.over {
            Some(over) => {
                let (head, made) = self.for_loop(frame, over, symbol, |lowering, frame, condition, _| {
                    lowering.waits = Waits { locals: Some(frame.locals()), on: Vec::new() };
                    (None, made(lowering, frame, condition))
                });
                (Some(head), made)
            }
            None => {
                self.waits = Waits { locals: Some(frame.locals()), on: Vec::new() };
                let condition = body.condition.map(|condition| self.expr(frame, condition));
                (None, made(self, frame, condition))
            }
        };
        self.waits = Waits::default();
        lowered
    }

    fn parts(
        &mut self,
        frame: &mut Frame,
        body: &Body<'_>,
        condition: Option<Expr>,
        ty: &str,
        outer: Option<&Outer>,
    ) -> Parts {
        let place = frame.place(body.span);
        let condition = match (outer.and_then(|outer| outer.condition.clone()), condition) {
            (Some(outer), Some(own)) => {
                let span = own.span;
                Some(Expr::call("and", vec![outer, own], span))
            }
            (outer, own) => outer.or(own),
        };
        let Some(object) = body.object else {
            let (name, body) = (unknown(Why::Invalid, place), unknown(Why::Invalid, place));
            return Parts { name, scope: None, parent: None, condition, depends_on: Vec::new(), body };
        };
        let foreign = is_foreign(ty);
        let name = object.get("name").or(object.get("uniqueName").filter(|_| foreign));
        let name = match name {
            Some(name) => self.expr(frame, name),
            None if foreign || frame.unit.is_broken => unknown(Why::Invalid, place),
            None => self.wrong(frame.place(body.head()), "the resource has no `name`"),
        };
        let mut lower = |property: &str| {
            let value = object.get(property).filter(|_| !foreign || property != "scope");
            value.map(|value| self.expr(frame, value))
        };
        let (scope, parent) = (lower("scope"), lower("parent"));
        let mut depends_on = self.depends_on(frame, object);
        let left_out = |property: &str| !foreign && APART.iter().any(|apart| apart.eq_ignore_ascii_case(property));
        let body = self.object(frame, object, place, left_out);
        depends_on.append(&mut self.waits.on);
        Parts { name, scope, parent, condition, depends_on, body }
    }

    /// Lowers the elements of `dependsOn`.
    pub(crate) fn depends_on(&mut self, frame: &mut Frame, object: &Object) -> Vec<Expr> {
        match object.get("dependsOn").map(|value| (&value.kind, value)) {
            None => Vec::new(),
            Some((ExprKind::Array(items), _)) if items.iter().all(|item| !item.spread) => {
                items.iter().map(|item| self.expr(frame, &item.value)).collect()
            }
            Some((_, value)) => vec![self.expr(frame, value)],
        }
    }
}

/// Returns type and version of a resource: those of one inside of another begin with the outer type.
fn whole_type(resource: &ResourceDecl, outer: Option<(&str, Option<&str>)>) -> (Arc<str>, Option<Arc<str>>) {
    let written = resource.ty.as_text().unwrap_or_default();
    let (ty, version) = match written.split_once('@') {
        Some((ty, version)) => (ty, Some(version)),
        None => (written, None),
    };
    let ty = ty.strip_prefix("az:").unwrap_or(ty);
    match outer {
        // A whole type inside of another resource is not allowed, and is meant as it stands.
        Some((outer, of_outer)) if !ty.contains('.') || !ty.contains('/') => {
            (format!("{outer}/{ty}").into(), version.or(of_outer).map(Arc::from))
        }
        _ => (ty.into(), version.map(Arc::from)),
    }
}

/// Tells whether a type belongs to an extension and not to Azure Resource Manager.
fn is_foreign(ty: &str) -> bool {
    let namespace = ty.split('/').next().unwrap_or_default();
    !namespace.contains('.') || namespace.eq_ignore_ascii_case("Microsoft.Graph")
}

/// Returns the resources inside of a resource.
fn children(expr: &syntax::Expr) -> impl Iterator<Item = (&Statement, &ResourceDecl)> {
    let members = body(expr).object.map(|object| object.members.as_slice()).unwrap_or_default();
    members.iter().filter_map(|member| match member {
        Member::Resource(statement) => match &statement.kind {
            StatementKind::Resource(resource) => Some((statement, &**resource)),
            _ => None,
        },
        Member::Property { .. } | Member::Spread(_) => None,
    })
}
