//! Objects.

use std::sync::Arc;

use crate::template::functions::call::{Call, Fault, Outcome, one_of, unknown_symbol, wrong};
use crate::template::functions::{list, logic};
use crate::template::json;
use crate::template::place::Span;
use crate::template::text;
use crate::template::value::{Array, Key, Kind, Object, Unknown, Value};

/// A property's name that was computed.
pub(crate) fn computed_key(value: &Value) -> Result<Key, Fault> {
    match &value.kind {
        Kind::String(text) => Ok(Key::new(text.clone(), value.span)),
        Kind::Symbol(symbol) => {
            Ok(Key { text: text::canonical(value), span: value.span, symbol: Some(symbol.clone()) })
        }
        Kind::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
        Kind::Int(number) => Ok(Key::new(number.to_string(), value.span)),
        _ => Err(wrong("a text as a property's name", value)),
    }
}

pub(super) fn create_object(call: &Call<'_>) -> Outcome {
    let mut entries = Vec::with_capacity(call.arguments.len() / 2);
    let mut open = None;
    for pair in call.arguments.chunks(2) {
        let [name, value] = pair else {
            return Err(Fault::Wrong("`createObject` takes names and values in turn".to_owned()));
        };
        match computed_key(name) {
            Ok(key) => entries.push((key, value.clone())),
            Err(Fault::Unknown(unknown)) => open = Some(unknown),
            Err(fault) => return Err(fault),
        }
    }
    Ok(Value::object(Object::new(entries).open(open), call.span))
}

pub(super) fn items(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    let object = match &value.kind {
        Kind::Object(object) => object,
        Kind::Symbol(_) => return Err(unknown_symbol(value)),
        _ => return Err(wrong("an object", value)),
    };
    let mut entries: Vec<_> = object.entries().iter().collect();
    entries.sort_by(|(a, _), (b, _)| logic::order(&a.text, &b.text));
    let item = |(key, value): &(Key, Value)| {
        let name = match &key.symbol {
            Some(symbol) => Value::new(Kind::Symbol(symbol.clone()), key.span),
            None => Value::string(key.text.clone(), key.span),
        };
        let entries = vec![(Key::new("key", key.span), name), (Key::new("value", key.span), value.clone())];
        Value::object(Object::new(entries), key.span)
    };
    list::list(entries.into_iter().map(item).collect(), object.open.clone(), call)
}

pub(super) fn object_keys(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    let Some(object) = value.as_object() else { return Err(wrong("an object", value)) };
    let mut keys: Vec<_> = object.entries().iter().map(|(key, _)| key).collect();
    keys.sort_by(|a, b| logic::order(&a.text, &b.text));
    let name = |key: &Key| Value::string(key.text.clone(), key.span);
    list::list(keys.into_iter().map(name).collect(), object.open.clone(), call)
}

pub(super) fn json(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    let text = match &value.kind {
        Kind::Null => return Ok(value.clone()),
        Kind::Symbol(_) => return Err(unknown_symbol(value)),
        _ => call.text(0)?,
    };
    let span = value.span;
    match json::read(text, span) {
        Some(value) => Ok(value),
        // A text of a template may stand without quotes: the engine takes `json('abc')` for a fault as well.
        None => Err(Fault::Wrong("the text given to `json` is not JSON".to_owned())),
    }
}

pub(super) fn try_get(call: &Call<'_>) -> Outcome {
    let mut value = call.at(0)?.clone();
    for index in call.arguments.iter().skip(1) {
        value = match step(&value, index)? {
            Some(value) => value,
            None => return Ok(Value::null(call.span)),
        };
    }
    Ok(value)
}

/// A property or an element; `None` where it is certainly not there.
pub(crate) fn step(value: &Value, index: &Value) -> Result<Option<Value>, Fault> {
    match (&value.kind, &index.kind) {
        (Kind::Unknown(unknown), _) => {
            let taken: Result<Vec<_>, _> = unknown.possible.iter().map(|value| step(value, index)).collect();
            let taken = taken?.into_iter().map(|found| found.unwrap_or_else(|| Value::null(index.span)));
            one_of(unknown, taken.collect(), value.span).map(Some)
        }
        (_, Kind::Unknown(unknown)) => Err(Fault::Unknown(unknown.clone())),
        (Kind::Null, _) => Ok(None),
        (Kind::Object(object), Kind::String(_) | Kind::Symbol(_)) => {
            let name = text::canonical(index);
            match (object.get(&name), &object.open) {
                (Some(value), _) => Ok(Some(value.clone())),
                (None, Some(unknown)) => Err(Fault::Unknown(unknown.clone())),
                (None, None) if index.as_symbol().is_some() && !object.is_empty() => Err(unknown_symbol(index)),
                (None, None) => Ok(None),
            }
        }
        (Kind::Array(array), Kind::Int(at)) => match &array.open {
            Some(unknown) => Err(Fault::Unknown(unknown.clone())),
            None => Ok(usize::try_from(*at).ok().and_then(|at| array.items.get(at)).cloned()),
        },
        (Kind::Array(_), Kind::Symbol(_)) => Err(unknown_symbol(index)),
        (Kind::Symbol(_), _) => Err(unknown_symbol(value)),
        _ => Ok(None),
    }
}

pub(super) fn union(call: &Call<'_>) -> Outcome {
    merge_all(call.arguments, true, call.span)
}

pub(super) fn shallow_merge(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    match &value.kind {
        Kind::Array(array) if array.open.is_none() => {
            let whole =
                array.items.iter().all(|item| matches!(item.kind, Kind::Object(_) | Kind::Unknown(_) | Kind::Null));
            match whole {
                true => merge_all(&array.items, false, call.span),
                false => Err(wrong("an array of objects", value)),
            }
        }
        Kind::Array(array) => Err(array.open.clone().map_or(Fault::Symbolic, Fault::Unknown)),
        Kind::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
        _ => Err(wrong("an array of objects", value)),
    }
}

fn merge_all(values: &[Value], deep: bool, span: Span) -> Outcome {
    let mut result: Option<Value> = None;
    for value in values {
        result = Some(match result {
            None => value.clone(),
            Some(before) => merge(&before, value, deep, span, 0)?,
        });
    }
    match result {
        Some(value) => match &value.kind {
            Kind::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
            _ => Ok(value),
        },
        None => Ok(Value::object(Object::default(), span)),
    }
}

/// One value laid over another: of objects, property by property.
pub(crate) fn merge(below: &Value, above: &Value, deep: bool, span: Span, depth: usize) -> Outcome {
    if depth > json::DEEPEST {
        return Ok(above.clone());
    }
    if let (Kind::Symbol(_), _) | (_, Kind::Symbol(_)) = (&below.kind, &above.kind) {
        let plain = |value: &Value| match unknown_symbol(value) {
            Fault::Unknown(unknown) if value.as_symbol().is_some() => Value::new(Kind::Unknown(unknown), value.span),
            _ => value.clone(),
        };
        return merge(&plain(below), &plain(above), deep, span, depth);
    }
    match (&below.kind, &above.kind) {
        (Kind::Object(a), Kind::Object(b)) => Ok(objects(a, b, deep, span, depth)),
        (Kind::Array(a), Kind::Array(b)) => Ok(list::union_lists(a, b, span)),
        (_, Kind::Null) => Ok(below.clone()),
        (Kind::Null, _) => Ok(above.clone()),
        (Kind::Object(object), Kind::Unknown(unknown)) => Ok(laid_over(object, unknown, deep, span, depth)),
        (Kind::Unknown(unknown), Kind::Object(object)) => {
            Ok(Value::object((**object).clone().open(Some(unknown.clone())), span))
        }
        (Kind::Array(array), Kind::Unknown(unknown)) | (Kind::Unknown(unknown), Kind::Array(array)) => {
            let array = Array::new(array.items.clone(), Some(unknown.clone()));
            Ok(Value::new(Kind::Array(Arc::new(array)), span))
        }
        (_, Kind::Unknown(unknown)) | (Kind::Unknown(unknown), _) => Err(Fault::Unknown(unknown.clone())),
        _ => Err(wrong("arrays or objects", above)),
    }
}

fn objects(a: &Object, b: &Object, deep: bool, span: Span, depth: usize) -> Value {
    let mut entries = a.entries().to_vec();
    for (key, value) in b.entries() {
        let found = entries.iter_mut().find(|(other, _)| other.text.eq_ignore_ascii_case(&key.text));
        match found {
            Some((place, below)) => {
                let merged = match (deep, &below.kind, &value.kind) {
                    (true, Kind::Object(_), Kind::Object(_) | Kind::Unknown(_)) => {
                        merge(below, value, deep, span, depth + 1).unwrap_or_else(|_| value.clone())
                    }
                    _ => value.clone(),
                };
                place.span = key.span;
                *below = merged;
            }
            None => entries.push((key.clone(), value.clone())),
        }
    }
    // What is open above may overwrite what is written below.
    if let Some(unknown) = &b.open {
        for (key, value) in &mut entries {
            if b.get(&key.text).is_none() {
                *value = maybe(value, unknown);
            }
        }
    }
    let open = a.open.clone().or_else(|| b.open.clone());
    Value::object(Object::new(entries).open(open), span)
}

/// A value that another may have replaced.
fn maybe(value: &Value, unknown: &Arc<Unknown>) -> Value {
    let written = value.as_unknown().and_then(|below| below.written.clone()).or_else(|| Some(value.clone()));
    let unknown = Unknown { written, ..Unknown::new(unknown.why.clone(), unknown.span) };
    Value::new(Kind::Unknown(Arc::new(unknown)), value.span)
}

/// An object over which one of a few others is laid: each property has one of a few values, `null` for none.
fn laid_over(below: &Object, above: &Arc<Unknown>, deep: bool, span: Span, depth: usize) -> Value {
    let all: Option<Vec<&Object>> = match above.possible.is_empty() {
        true => None,
        false => above
            .possible
            .iter()
            .map(|value| match &value.kind {
                Kind::Object(object) if object.open.is_none() => Some(&**object),
                _ => None,
            })
            .collect(),
    };
    let Some(all) = all else {
        let entries = below.entries().iter().map(|(key, value)| (key.clone(), maybe(value, above))).collect();
        return Value::object(Object::new(entries).open(Some(above.clone())), span);
    };
    let results: Vec<Value> = all.iter().map(|above| objects(below, above, deep, span, depth)).collect();
    let mut entries: Vec<(Key, Value)> = Vec::new();
    for result in &results {
        for (key, _) in result.as_object().map(Object::entries).unwrap_or_default() {
            if entries.iter().any(|(other, _)| other.text.eq_ignore_ascii_case(&key.text)) {
                continue;
            }
            let one = |result: &Value| result.get(&key.text).cloned().unwrap_or_else(|| Value::null(key.span));
            let value = match one_of(above, results.iter().map(one).collect(), key.span) {
                Ok(value) => value,
                Err(Fault::Unknown(unknown)) => Value::new(Kind::Unknown(unknown), key.span),
                Err(_) => maybe(&Value::null(key.span), above),
            };
            entries.push((key.clone(), value));
        }
    }
    Value::object(Object::new(entries).open(below.open.clone()), span)
}
