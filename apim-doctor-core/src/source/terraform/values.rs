//! Small things that are done with values.

use std::sync::Arc;

use crate::source::terraform::address::{Index, Step};
use crate::template::evaluation::Cloud;
use crate::template::place::Span;
use crate::template::text::{Builder, parts, starts_with};
use crate::template::value::{Kind, Part, Symbol, Unknown, Value, Why};

/// Null that stands nowhere.
pub(super) const NOTHING: Value = Value { kind: Kind::Null, span: Span::NONE };

/// A member of an object; null where there is none.
pub(super) fn member(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or(NOTHING)
}

/// The elements of a list.
pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map(|array| array.items.as_slice()).unwrap_or_default()
}

pub(super) fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true)
}

pub(super) fn why(name: Arc<str>, span: Span) -> Arc<Unknown> {
    Arc::new(Unknown::new(Why::NotRead(name), span))
}

/// A value that the plan does not tell.
pub(super) fn unknown(name: Arc<str>, span: Span, possible: Vec<Value>) -> Value {
    Value::new(Kind::Unknown(Arc::new(Unknown { possible, ..Unknown::new(Why::NotRead(name), span) })), span)
}

/// What a step into a value leads to.
pub(super) fn step_into(value: &Value, step: &Step) -> Option<Value> {
    match (&value.kind, step) {
        (Kind::Object(object), Step::Name(name) | Step::Index(Index::Text(name))) => {
            object.entries().iter().find(|(own, _)| own.text == *name).map(|(_, value)| value.clone())
        }
        (Kind::Array(array), Step::Index(Index::Number(number))) => {
            array.items.get(usize::try_from(*number).ok()?).cloned()
        }
        (Kind::Unknown(_) | Kind::Symbol(_), _) => Some(value.clone()),
        _ => None,
    }
}

/// A property of something that the plan does not tell: it equals itself.
pub(super) fn property(of: &str, path: &[Step], span: Span) -> Value {
    let path = path.iter().map(|step| match step {
        Step::Name(name) | Step::Index(Index::Text(name)) => name.clone(),
        Step::Index(Index::Number(number)) => number.to_string().into(),
    });
    Value::symbol(Symbol::Property { resource: of.into(), path: path.collect() }, span)
}

/// A text of values.
pub(super) fn text(parts: &[&Value], span: Span) -> Value {
    let mut builder = Builder::default();
    for part in parts {
        if let Err(unknown) = builder.value(part) {
            return Value::new(Kind::Unknown(unknown), span);
        }
    }
    builder.finish(span)
}

/// A known text.
pub(super) fn known(text: &str) -> Value {
    Value::string(text, Span::NONE)
}

/// A connection string with a key.
pub(super) fn connection_string(account: &Value, account_key: &Value, cloud: Cloud, span: Span) -> Value {
    let (start, middle) = (known("DefaultEndpointsProtocol=https;AccountName="), known(";AccountKey="));
    text(&[&start, account, &middle, account_key, &known(&format!(";EndpointSuffix={}", cloud.storage_suffix()))], span)
}

/// The last segment of an id.
pub(super) fn last_segment(id: &Value) -> Option<Value> {
    let parts = crate::template::text::parts(id)?;
    let mut tail: Vec<Part> = Vec::new();
    for part in parts.into_iter().rev() {
        match &part {
            Part::Known(text) => match text.rsplit_once('/') {
                Some((_, last)) => {
                    tail.push(Part::Known(last.into()));
                    break;
                }
                None => tail.push(part),
            },
            Part::Symbol(_) => tail.push(part),
        }
    }
    let mut builder = Builder::default();
    tail.iter().rev().for_each(|part| builder.part(part));
    Some(builder.finish(id.span))
}

/// Whether a value is an id of Resource Manager.
pub(super) fn is_id(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        let lower = text.get(..16).unwrap_or(text).to_ascii_lowercase();
        (lower.starts_with("/subscriptions/") || lower.starts_with("/providers/")) && !text.contains('|')
    })
}

/// The id without its last pairs of segments.
pub(super) fn parent_of(id: &Value, segments: usize) -> Value {
    let mut id = id.clone();
    for _ in 0..segments {
        let Some(all) = parts(&id) else { return id };
        let mut all: Vec<Part> = all;
        while let Some(part) = all.pop() {
            if let Part::Known(text) = &part
                && let Some((before, _)) = text.rsplit_once('/')
            {
                all.push(Part::Known(before.into()));
                break;
            }
        }
        let mut builder = crate::template::text::Builder::default();
        all.iter().for_each(|part| builder.part(part));
        id = builder.finish(id.span);
    }
    id
}

/// The name in an id, and whether the id may be one.
pub(super) fn name_in(id: &Value) -> Option<Value> {
    match id.kind {
        Kind::String(_) => last_segment(id),
        Kind::Symbol(_) if starts_with(id, "/", false) == Some(true) => last_segment(id),
        _ => None,
    }
}
