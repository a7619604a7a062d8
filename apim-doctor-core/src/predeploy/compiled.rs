//! Places for what Bicep's own compiler made of a file: those that the program's own reading of the file has.

use std::collections::HashMap;
use std::sync::Arc;

use crate::template::deployment::Evaluated;
use crate::template::place::Span;
use crate::template::resource::Resource;
use crate::template::text::key;
use crate::template::value::{Array, Key, Kind, Object, Value};

/// Gives resources and their values the places that they have in Bicep. What has none there stands at `start`, which means
/// the file as a whole.
pub(super) fn place(compiled: &mut Evaluated, own: Option<&Evaluated>, start: Span) {
    let mut by_id: HashMap<Arc<str>, Vec<&Resource>> = HashMap::new();
    for resource in own.into_iter().flat_map(|own| own.resources.iter().rev()) {
        by_id.entry(key(&resource.id)).or_default().push(resource);
    }
    for resource in &mut compiled.resources {
        let twin = by_id.get_mut(&key(&resource.id)).and_then(Vec::pop);
        resource.span = twin.map_or(start, |twin| twin.span);
        for (value, twin) in [
            (&mut resource.id, twin.map(|twin| &twin.id)),
            (&mut resource.name, twin.map(|twin| &twin.name)),
            (&mut resource.body, twin.map(|twin| &twin.body)),
        ] {
            *value = placed(value, twin, twin.map_or(start, |twin| twin.span.or(start)));
        }
    }
    for problem in &mut compiled.problems {
        problem.span = start;
    }
}

/// A value with the places of its twin.
fn placed(value: &Value, twin: Option<&Value>, around: Span) -> Value {
    let span = twin.map_or(around, |twin| twin.span.or(around));
    let kind = match &value.kind {
        Kind::Array(array) => {
            let twins = twin.and_then(Value::as_array);
            let item = |(at, item): (usize, &Value)| placed(item, twins.and_then(|all| all.items.get(at)), span);
            let items = array.items.iter().enumerate().map(item).collect();
            Kind::Array(Arc::new(Array::new(items, array.open.clone())))
        }
        Kind::Object(object) => {
            let entry = |(key, inner): &(Key, Value)| {
                let twin = twin.and_then(Value::as_object).and_then(|own| own.entry(&key.text));
                let place = twin.map_or(span, |(own, _)| own.span.or(span));
                (Key { span: place, ..key.clone() }, placed(inner, twin.map(|(_, value)| value), place))
            };
            let entries = object.entries().iter().map(entry).collect();
            Kind::Object(Arc::new(Object::new(entries).open(object.open.clone())))
        }
        other => other.clone(),
    };
    Value::new(kind, span)
}
