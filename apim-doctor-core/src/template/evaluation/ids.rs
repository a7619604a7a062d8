//! Resource ids from scopes, types and names.

use std::sync::Arc;

use crate::template::evaluation::environment::{Env, text_of};
use crate::template::evaluation::state::Evaluator;
use crate::template::expression::Expr;
use crate::template::place::Span;
use crate::template::text::{self, Builder};
use crate::template::value::{Kind, Part, Value, Why};

/// The segments of a name: so many, if its text has them; symbols are taken for pieces without slashes.
pub(super) fn segments(name: &Value, count: usize) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    let mut current = Builder::default();
    for part in text::parts(name)? {
        match &part {
            Part::Symbol(_) => current.part(&part),
            Part::Known(known) => {
                let mut pieces = known.split('/');
                current.text(pieces.next().unwrap_or_default());
                for piece in pieces {
                    found.push(std::mem::take(&mut current).finish(name.span));
                    current.text(piece);
                }
            }
        }
    }
    found.push(current.finish(name.span));
    (found.len() == count).then_some(found)
}

/// The id of a resource at a scope; `Err` says what does not fit.
pub(super) fn id(scope: &Value, kind: &str, name: &Value, span: Span) -> Result<Value, String> {
    let kind = kind.trim_matches('/');
    let types: Vec<&str> = kind.split('/').collect();
    if let Kind::Unknown(unknown) = &name.kind {
        return Ok(Value::new(Kind::Unknown(unknown.clone()), span));
    }
    let wanted = types.len().saturating_sub(1);
    if wanted == 0 {
        return Err(format!("`{kind}` is not a resource type"));
    }
    let Some(names) = segments(name, wanted) else {
        if name.as_symbol().is_some() && text::split(name, &["/"]).is_none() {
            return Ok(Value::unknown(Why::Runtime(text::canonical(name)), span));
        }
        let shown = text::canonical(name);
        return Err(format!("the name `{shown}` does not fit the type `{kind}`, which needs {wanted} names"));
    };
    id_of_names(scope, &types, &names, span)
}

fn id_of_names(scope: &Value, types: &[&str], names: &[Value], span: Span) -> Result<Value, String> {
    let [namespace, kinds @ ..] = types else { return Err("the resource type is missing".to_owned()) };
    let mut builder = Builder::default();
    if let Err(unknown) = builder.value(scope) {
        return Ok(Value::new(Kind::Unknown(unknown), span));
    }
    let is_resources = namespace.eq_ignore_ascii_case("Microsoft.Resources");
    match (kinds, names) {
        ([kind], [name]) if is_resources && kind.eq_ignore_ascii_case("resourceGroups") => {
            let unknown = text_of(&[scope, name], &["", "/resourceGroups/"], span);
            return Ok(unknown);
        }
        ([kind], [name]) if is_resources && kind.eq_ignore_ascii_case("subscriptions") => {
            return Ok(text_of(&[name], &["/subscriptions/"], span));
        }
        _ => {}
    }
    builder.text("/providers/");
    builder.text(namespace);
    for (kind, name) in kinds.iter().zip(names) {
        builder.text("/");
        builder.text(kind);
        builder.text("/");
        if let Err(unknown) = builder.value(name) {
            return Ok(Value::new(Kind::Unknown(unknown), span));
        }
    }
    Ok(builder.finish(span))
}

/// A scope as it is written: an absolute id, or a resource relative to the deployment's own scope.
pub(super) fn scope_id(written: &Value, home: &Value) -> Value {
    let starts = |start: &str| text::starts_with(written, start, false) == Some(true);
    if starts("/") {
        return match written.as_str() {
            Some("/") => Value::string("", written.span),
            _ => written.clone(),
        };
    }
    if starts("subscriptions/") || starts("providers/") {
        return text_of(&[written], &["/"], written.span);
    }
    if written.as_str() == Some("") {
        return written.clone();
    }
    // `Microsoft.Management/managementGroups/x` is a scope that does not lie in another.
    let home = match starts("Microsoft.Management/managementGroups/") {
        true => Value::string("", written.span),
        false => home.clone(),
    };
    match written.kind {
        // Whatever starts with a symbol may be an id.
        Kind::Symbol(_) if text::parts(written).is_some_and(|parts| matches!(parts.first(), Some(Part::Symbol(_)))) => {
            written.clone()
        }
        _ => text_of(&[&home, written], &["", "/providers/"], written.span),
    }
}

/// Whether a text is a GUID.
fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

impl Evaluator<'_> {
    /// `resourceId` and its kin.
    pub(super) fn resource_id(&mut self, function: &str, arguments: &[Expr], env: &Env, span: Span) -> Option<Value> {
        let is = |name: &str| function.eq_ignore_ascii_case(name);
        let family = [
            "resourceId",
            "subscriptionResourceId",
            "tenantResourceId",
            "managementGroupResourceId",
            "extensionResourceId",
        ];
        if !family.iter().any(|name| is(name)) {
            return None;
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.argument(argument, env);
            values.push(self.id_or_self(value));
        }
        if let Some(unknown) = values.iter().find_map(Value::as_unknown) {
            return Some(Value::new(Kind::Unknown(unknown.clone()), span));
        }
        let home = self.instance(env.instance)?.home.clone();
        let at = type_at(&values);
        let Some(at) = at.filter(|at| *at < values.len()) else {
            return Some(match values.iter().any(|value| value.as_symbol().is_some()) {
                true => Value::unknown(Why::Runtime("a resource type".into()), span),
                false => self.invalid(span, format!("`{function}` was given no resource type that fits its names")),
            });
        };
        let (before, rest) = values.split_at(at);
        let (kind, names) = rest.split_first()?;
        let kind: Arc<str> = kind.as_str()?.into();
        let scope = match before {
            [] if is("extensionResourceId") => {
                return Some(self.invalid(span, "`extensionResourceId` needs an id first"));
            }
            [base, ..] if is("extensionResourceId") => base.clone(),
            _ if is("tenantResourceId") => Value::string("", span),
            [group] if is("managementGroupResourceId") => {
                text_of(&[group], &["/providers/Microsoft.Management/managementGroups/"], span)
            }
            _ if is("managementGroupResourceId") => home.management_group_id(),
            [subscription] if is("subscriptionResourceId") => text_of(&[subscription], &["/subscriptions/"], span),
            _ if is("subscriptionResourceId") => home.subscription_id(),
            [subscription, group] => text_of(&[subscription, group], &["/subscriptions/", "/resourceGroups/"], span),
            [subscription] if subscription.as_str().is_some_and(is_guid) => {
                text_of(&[subscription], &["/subscriptions/"], span)
            }
            [group] => text_of(&[&home.subscription, group], &["/subscriptions/", "/resourceGroups/"], span),
            // A resource group is not given by its own id, nor is a role definition in a group: both are named so.
            _ => home.scope.clone(),
        };
        let kind = kind.trim_matches('/').to_owned();
        let scope = match kind.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
            true if before.is_empty() => home.subscription_id(),
            _ => scope,
        };
        let types: Vec<&str> = kind.split('/').collect();
        // A name with slashes is several names.
        let joined = text_of(&names.iter().collect::<Vec<_>>(), &slashes(names.len()), span);
        let names = match names.len() == types.len() - 1 {
            true => names.to_vec(),
            false => segments(&joined, types.len() - 1)?,
        };
        match id_of_names(&scope, &types, &names, span) {
            Ok(id) => Some(id),
            Err(message) => Some(self.invalid(span, message)),
        }
    }
}

fn slashes(count: usize) -> Vec<&'static str> {
    std::iter::once("").chain(std::iter::repeat_n("/", count.saturating_sub(1))).collect()
}

/// Which argument is the type: the one that needs as many names as follow it.
fn type_at(values: &[Value]) -> Option<usize> {
    let wanted = |value: &Value| {
        let text = value.as_str()?.trim_matches('/');
        let first = text.split('/').next().unwrap_or_default();
        (text.contains('/') && first.contains('.')).then(|| text.split('/').count() - 1)
    };
    let fits = |(at, value): (usize, &Value)| (wanted(value)? == values.len() - at - 1).then_some(at);
    let exact = values.iter().enumerate().take(3).find_map(fits);
    exact.or_else(|| {
        let loose = |(at, value): (usize, &Value)| {
            let wanted = wanted(value)?;
            let names = values.iter().skip(at + 1).filter_map(Value::as_str);
            (names.map(|name| name.split('/').count()).sum::<usize>() == wanted).then_some(at)
        };
        values.iter().enumerate().take(3).find_map(loose)
    })
}
