//! Values that what-if did not evaluate: expressions as texts, and secrets as asterisks.

use std::collections::HashSet;

use crate::base::is_guid;
use crate::source::arm;
use crate::template::expression::{Element, Expr, ExprKind, Member};
use crate::template::value::{Kind, Value, Why};

/// What stands for the value of a secure parameter.
const SECRET: &str = "*******";

/// The expression for a predicted value: texts in brackets are expressions that what-if could not evaluate.
pub(super) fn expression(value: &Value, symbols: &HashSet<String>) -> Expr {
    let span = value.span;
    match &value.kind {
        Kind::String(text) if &**text == SECRET => {
            Expr::new(ExprKind::Unknown(Value::unknown(Why::Secret("*******".into()), span)), span)
        }
        Kind::String(text) if arm::is_expression(text) => {
            let parsed = arm::expression(text, span).filter(|parsed| is_evaluable(parsed, symbols));
            parsed.unwrap_or_else(|| {
                let why = Why::LeftOut("what-if did not evaluate the expression".into());
                Expr::new(ExprKind::Unknown(Value::unknown(why, span)), span)
            })
        }
        Kind::Array(array) => {
            let items = array.items.iter().map(|item| Element::one(expression(item, symbols))).collect();
            Expr::new(ExprKind::Array(items), span)
        }
        Kind::Object(object) => {
            let member = |(key, inner): &(_, Value)| Member::Property(Clone::clone(key), expression(inner, symbols));
            Expr::new(ExprKind::Object(object.entries().iter().map(member).collect()), span)
        }
        _ => Expr::literal(value.clone()),
    }
}

/// Whether an expression means the same outside its template: it names resources by whole ids, or by symbolic names that
/// stand for one resource.
fn is_evaluable(expr: &Expr, symbols: &HashSet<String>) -> bool {
    let literal = |expr: &Expr| expr.as_literal().and_then(Value::as_str).map(str::to_owned);
    match &expr.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Property { of, .. } => is_evaluable(of, symbols),
        ExprKind::Index { of, index, .. } => is_evaluable(of, symbols) && is_evaluable(index, symbols),
        ExprKind::Call(function, arguments) => {
            let first = arguments.first().and_then(literal);
            let is = |name: &str| function.eq_ignore_ascii_case(name);
            let names_resource = is("reference") || function.to_ascii_lowercase().starts_with("list");
            let is_scoped = is("resourceId") || is("subscriptionResourceId");
            // Where the template is deployed is not known here.
            let needs_scope = ["resourceGroup", "subscription", "deployment", "parameters", "variables", "copyIndex"];
            let fits = match first {
                Some(name) if names_resource => name.starts_with('/') || symbols.contains(&name.to_ascii_lowercase()),
                Some(subscription) if is_scoped => is_guid(&subscription),
                None if is_scoped => false,
                _ => !needs_scope.iter().any(|name| is(name)),
            };
            fits && arguments.iter().all(|argument| is_evaluable(argument, symbols))
        }
        _ => false,
    }
}

/// The resource type that an expression for an id names.
pub(super) fn type_in(expr: &Expr) -> Option<String> {
    let ExprKind::Call(_, arguments) = &expr.kind else { return None };
    arguments.iter().find_map(|argument| match argument.as_literal().and_then(Value::as_str) {
        Some(text) => {
            let (namespace, rest) = text.split_once('/')?;
            (namespace.contains('.') && !rest.is_empty()).then(|| text.to_owned())
        }
        None => type_in(argument),
    })
}
