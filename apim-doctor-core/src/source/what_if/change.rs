//! Changes of resources, as declarations of what is before and after.

use std::collections::HashSet;
use std::sync::Arc;

use crate::source::arm;
use crate::source::what_if::placeholder::{expression, type_in};
use crate::template::deployment::Problem;
use crate::template::expression::{Expr, ExprKind};
use crate::template::place::Span;
use crate::template::resource::Declaration;
use crate::template::value::{Object, Value, Why};

/// Members of a predicted resource that are not of its body.
const NOT_BODY: [&str; 6] = ["id", "name", "type", "apiVersion", "resourceGroup", "scope"];

/// What a deployment that what-if left out may create, of what decides about access from elsewhere.
const ANYTHING: [&str; 6] = [
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.KeyVault/vaults/accessPolicies",
    "Microsoft.Network/privateDnsZones",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "Microsoft.Network/privateDnsZones/A",
    "Microsoft.Storage/storageAccounts/fileServices/shares",
];

/// How much of a foreign text is repeated.
const LONGEST: usize = 200;

/// The changes that were read.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Symbolic names (lower case) that stand for one resource each.
    pub symbols: HashSet<String>,
    pub before: Vec<Arc<Declaration>>,
    pub after: Vec<Arc<Declaration>>,
    /// The ids of what exists before.
    pub existing: Vec<Value>,
    /// The ids of what is deleted.
    pub deleted: Vec<Value>,
    pub problems: Vec<Problem>,
}

/// What is known of a resource.
enum Known<'v> {
    /// Its body as Azure has it.
    Body(&'v Value),
    /// Its body as the template would send it.
    Sent(&'v Value),
    /// Its id alone: it is not read.
    Named,
    /// It is deployed, and its body is left out, as this says.
    Hidden(String),
}

impl Changes {
    /// Adds a change; of a potential one it is not known whether it is made.
    pub(super) fn add(&mut self, change: &Value, is_potential: bool) {
        let kind = text(change, "changeType").unwrap_or_default().to_ascii_lowercase();
        let body = |name: &str| change.get(name).filter(|body| body.as_object().is_some_and(|own| !own.is_empty()));
        let (before, after) = (body("before"), body("after"));
        let Some(id) = change.get("resourceId").filter(|id| id.as_str().is_some_and(|id| !id.is_empty())) else {
            // Resources of Bicep extensions have no id, and are not of Azure.
            if change.get("identifiers").is_none() {
                self.incomplete(change.span, "a change names no resource");
            }
            return;
        };
        let not_shown = || Known::Hidden("the what-if output does not show its properties".to_owned());
        let known_before = || match before {
            Some(body) if body.get("properties").is_some() => Known::Body(body),
            Some(_) => Known::Named,
            None => not_shown(),
        };
        let is_new = kind == "create";
        let (known_before, known_after) = match kind.as_str() {
            "create" => (None, Some(after.map_or_else(not_shown, Known::Sent))),
            "delete" => (Some(known_before()), None),
            // Of what the deployment leaves alone, most lists show no properties.
            "ignore" => {
                let shown = after.or(before).filter(|body| body.get("properties").is_some());
                let known = || shown.map_or(Known::Named, Known::Body);
                (Some(known()), Some(known()))
            }
            "nochange" | "modify" => (Some(known_before()), Some(after.map_or_else(not_shown, Known::Sent))),
            "deploy" => (Some(known_before()), Some(not_shown())),
            _ => {
                let why = text(change, "unsupportedReason").unwrap_or("the change type is not supported");
                let hidden = || Known::Hidden(format!("what-if cannot predict it: {}", short(why)));
                (before.is_some().then(known_before), Some(hidden()))
            }
        };
        let symbol = text(change, "symbolicName").filter(|name| self.symbols.contains(&name.to_ascii_lowercase()));
        let symbol: Option<Arc<str>> = symbol.map(Arc::from);
        if known_before.is_some() && !is_new {
            self.existing.push(id.clone());
        }
        match (known_before, &known_after) {
            (Some(known), _) if !is_potential => {
                let declared = self.declare(id, known, symbol.clone());
                self.before.extend(declared);
            }
            _ => {}
        }
        match known_after {
            Some(known) => {
                let declared = self.declare(id, known, symbol);
                self.after.extend(declared.into_iter().map(|declared| match is_potential {
                    true => Arc::new(Declaration { condition: Some(perhaps(change.span)), ..(*declared).clone() }),
                    false => declared,
                }));
            }
            None => self.deleted.push(id.clone()),
        }
    }

    /// A warning or an error of what-if: it may have left out nested deployments.
    pub(super) fn diagnostic(&mut self, diagnostic: &Value) {
        let level = text(diagnostic, "level").unwrap_or_default();
        if level.eq_ignore_ascii_case("info") || level.eq_ignore_ascii_case("off") {
            return;
        }
        let says = text(diagnostic, "message").or_else(|| text(diagnostic, "code")).unwrap_or("not said why");
        self.incomplete(diagnostic.span, says);
    }

    /// The output lacks something: what else there may be is not known.
    pub(super) fn incomplete(&mut self, span: Span, why: &str) {
        let why: Arc<str> = format!("the what-if output is incomplete: {}", short(why)).into();
        self.problems.push(Problem { span, message: why.to_string() });
        for kind in ANYTHING {
            self.after.push(nameless(kind, span, Why::LeftOut(why.clone())));
        }
    }

    fn declare(&mut self, id: &Value, known: Known<'_>, symbol: Option<Arc<str>>) -> Option<Arc<Declaration>> {
        let (span, written) = (id.span, id.as_str().unwrap_or_default());
        let not_known = || Why::LeftOut("what-if cannot tell its id before the deployment".into());
        if arm::is_expression(written) {
            let kind = arm::expression(written, span).and_then(|parsed| type_in(&parsed));
            return match kind {
                Some(kind) => {
                    let message =
                        format!("what-if cannot tell the id of a resource of type `{kind}` before the deployment");
                    self.problems.push(Problem { span, message });
                    Some(nameless(&kind, span, not_known()))
                }
                None => {
                    self.incomplete(span, "it cannot tell the id of a resource before the deployment");
                    None
                }
            };
        }
        if let Some((start, _)) = written.split_once('[') {
            let kind = parts_of(start).map(|(_, kind, _)| kind);
            return kind.map(|kind| nameless(&kind, span, not_known()));
        }
        // Groups and subscriptions decide nothing.
        let (scope, kind, name) = parts_of(written)?;
        let (existing, version, body) = match known {
            Known::Named => (true, None, Expr::literal(Value::object(Object::default(), span))),
            Known::Hidden(why) => {
                let value = Value::unknown(Why::LeftOut(why.into()), span);
                (false, None, Expr::new(ExprKind::Unknown(value), span))
            }
            Known::Body(body) => (false, body.get("apiVersion"), Expr::literal(without_header(body))),
            Known::Sent(body) => (false, body.get("apiVersion"), expression(&without_header(body), &self.symbols)),
        };
        Some(Arc::new(Declaration {
            symbol,
            span,
            resource_type: Expr::text(kind, span),
            api_version: version.cloned().map(Expr::literal),
            name: Expr::text(name, span),
            relative: false,
            scope: Some(Expr::text(scope, span)),
            parent: None,
            existing,
            condition: None,
            copy: None,
            depends_on: Vec::new(),
            body,
            module: None,
            children: Vec::new(),
        }))
    }
}

/// A resource of a type, of which it is not known which one it is.
fn nameless(kind: &str, span: Span, why: Why) -> Arc<Declaration> {
    let unknown = Expr::new(ExprKind::Unknown(Value::unknown(why, span)), span);
    Arc::new(Declaration {
        symbol: None,
        span,
        resource_type: Expr::text(kind, span),
        api_version: None,
        name: unknown,
        relative: false,
        scope: None,
        parent: None,
        existing: false,
        condition: None,
        copy: None,
        depends_on: Vec::new(),
        body: Expr::literal(Value::object(Object::default(), span)),
        module: None,
        children: Vec::new(),
    })
}

/// The condition of a change that what-if calls possible.
fn perhaps(span: Span) -> Expr {
    let why = Why::LeftOut("what-if says only that it may be changed".into());
    Expr::new(ExprKind::Unknown(Value::unknown(why, span)), span)
}

fn without_header(body: &Value) -> Value {
    let Some(object) = body.as_object() else { return body.clone() };
    let is_header = |name: &str| NOT_BODY.iter().any(|own| own.eq_ignore_ascii_case(name));
    let entries = object.entries().iter().filter(|(key, _)| !is_header(&key.text)).cloned();
    Value::object(Object::new(entries.collect()), body.span)
}

/// Scope, type and name in an id; a name that is missing at the end is left out.
fn parts_of(id: &str) -> Option<(String, String, String)> {
    const PROVIDERS: &str = "/providers/";
    let at = id.to_ascii_lowercase().rfind(PROVIDERS)?;
    let (scope, rest) = (id.get(..at)?, id.get(at + PROVIDERS.len()..)?);
    let mut segments = rest.split('/').filter(|segment| !segment.is_empty());
    let mut kind = segments.next()?.to_owned();
    let mut names: Vec<&str> = Vec::new();
    for (number, segment) in segments.enumerate() {
        match number % 2 {
            0 => {
                kind.push('/');
                kind.push_str(segment);
            }
            _ => names.push(segment),
        }
    }
    kind.contains('/').then(|| (scope.to_owned(), kind, names.join("/")))
}

/// The start of a text of somebody else, on one line.
fn short(text: &str) -> String {
    let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let line = line.trim().trim_end_matches('.');
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}

/// A text of an object.
pub(super) fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name)?.as_str()
}
