//! Lists, and what lists, objects and texts have in common.

use std::sync::Arc;

use crate::template::equality::equal;
use crate::template::functions::call::{Call, Fault, Outcome, unknown_symbol, wrong};
use crate::template::text::{self, Builder};
use crate::template::value::{Array, Kind, Object, Unknown, Value};

/// How long a list may become.
pub(crate) const LONGEST: usize = 100_000;

pub(super) fn array(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    match &value.kind {
        Kind::Array(_) => Ok(value.clone()),
        _ => Ok(Value::array(vec![value.clone()], call.span)),
    }
}

pub(super) fn create_array(call: &Call<'_>) -> Outcome {
    Ok(Value::array(call.arguments.to_vec(), call.span))
}

/// A list that may be open.
pub(super) fn list(items: Vec<Value>, open: Option<Arc<Unknown>>, call: &Call<'_>) -> Outcome {
    if items.len() > LONGEST {
        return Err(Fault::Wrong(format!("the list has more than {LONGEST} elements")));
    }
    Ok(Value::new(Kind::Array(Arc::new(Array::new(items, open))), call.span))
}

pub(super) fn concat(call: &Call<'_>) -> Outcome {
    if call.arguments.iter().any(|value| value.as_array().is_some()) {
        let mut items = Vec::new();
        let mut open = None;
        for value in call.arguments {
            match (&value.kind, wrong("an array", value)) {
                (Kind::Array(array), _) => {
                    items.extend(array.items.iter().cloned());
                    open = open.or_else(|| array.open.clone());
                }
                (_, Fault::Unknown(unknown)) => open = open.or(Some(unknown)),
                (_, fault) => return Err(fault),
            }
        }
        return list(items, open, call);
    }
    if let [one] = call.arguments {
        return Ok(one.clone());
    }
    let mut builder = Builder::default();
    for value in call.arguments {
        builder.value(value)?;
    }
    Ok(builder.finish(call.span))
}

/// An array that has to be known to its end.
fn whole(value: &Value) -> Result<&[Value], Fault> {
    match &value.kind {
        Kind::Array(array) => match &array.open {
            None => Ok(&array.items),
            Some(unknown) => Err(Fault::Unknown(unknown.clone())),
        },
        Kind::Symbol(_) => Err(unknown_symbol(value)),
        Kind::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
        _ => Err(wrong("an array", value)),
    }
}

pub(super) fn contains(call: &Call<'_>) -> Outcome {
    let (container, item) = (call.at(0)?, call.at(1)?);
    let answer = |value| Ok(Value::new(Kind::Bool(value), call.span));
    match &container.kind {
        Kind::Array(array) => {
            let mut unknown = array.open.clone();
            for element in &array.items {
                match equal(element, item) {
                    Ok(true) => return answer(true),
                    Ok(false) => {}
                    Err(why) => unknown = Some(why),
                }
            }
            unknown.map_or_else(|| answer(false), |unknown| Err(Fault::Unknown(unknown)))
        }
        Kind::Object(object) => {
            let name = text::canonical(item);
            match (object.get(&name), &object.open, &item.kind) {
                (Some(_), ..) => answer(true),
                (None, Some(unknown), _) => Err(Fault::Unknown(unknown.clone())),
                (None, None, Kind::Symbol(_)) if !object.is_empty() => Err(unknown_symbol(item)),
                (None, None, _) => answer(false),
            }
        }
        Kind::String(text) => match &item.kind {
            Kind::Symbol(_) => Err(unknown_symbol(item)),
            _ => answer(text.contains(&*text::canonical(item))),
        },
        Kind::Symbol(_) => match text::holds(container, &text::canonical(item)) {
            Some(holds) if item.as_symbol().is_none() => answer(holds),
            _ => Err(unknown_symbol(container)),
        },
        Kind::Null => answer(false),
        _ => Err(wrong("an array, an object or a text", container)),
    }
}

pub(super) fn empty(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    let answer = |value| Ok(Value::new(Kind::Bool(value), call.span));
    match &value.kind {
        Kind::Null => answer(true),
        Kind::String(text) => answer(text.is_empty()),
        Kind::Array(array) => match &array.open {
            Some(unknown) if array.items.is_empty() => Err(Fault::Unknown(unknown.clone())),
            _ => answer(array.items.is_empty()),
        },
        Kind::Object(object) => match &object.open {
            Some(unknown) if object.is_empty() => Err(Fault::Unknown(unknown.clone())),
            _ => answer(object.is_empty()),
        },
        Kind::Symbol(_) if text::least_length(value) > 0 || is_never_empty(value) => answer(false),
        Kind::Symbol(_) => Err(unknown_symbol(value)),
        _ => Err(wrong("an array, an object or a text", value)),
    }
}

fn is_never_empty(value: &Value) -> bool {
    use crate::template::value::{Context, Symbol};
    match value.as_symbol() {
        Some(Symbol::Context(context)) => *context != Context::SubscriptionName,
        Some(Symbol::Resource(handle)) => handle.path.is_empty(),
        _ => false,
    }
}

pub(super) fn length(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    let length = match &value.kind {
        Kind::Array(_) => whole(value)?.len(),
        Kind::Object(object) => match &object.open {
            Some(unknown) => return Err(Fault::Unknown(unknown.clone())),
            None => object.len(),
        },
        Kind::String(_) | Kind::Symbol(_) => text::length(value).ok_or_else(|| unknown_symbol(value))?,
        _ => return Err(wrong("an array, an object or a text", value)),
    };
    Ok(Value::new(Kind::Int(i64::try_from(length).unwrap_or(i64::MAX)), call.span))
}

pub(super) fn first(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    match &value.kind {
        // An open list may have elements anywhere.
        Kind::Array(_) => Ok(whole(value)?.first().cloned().unwrap_or_else(|| Value::null(call.span))),
        Kind::String(text) => Ok(Value::string(text::take_units(text, 1), value.span)),
        Kind::Symbol(_) => text::prefix(value, 1, value.span).ok_or(Fault::Symbolic),
        Kind::Null => Ok(value.clone()),
        _ => Err(wrong("an array or a text", value)),
    }
}

pub(super) fn last(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    match &value.kind {
        Kind::Array(_) => Ok(whole(value)?.last().cloned().unwrap_or_else(|| Value::null(call.span))),
        Kind::String(text) => {
            let count = text.encode_utf16().count();
            Ok(Value::string(text::skip_units(text, count.saturating_sub(1)), value.span))
        }
        Kind::Symbol(_) => Err(Fault::Symbolic),
        Kind::Null => Ok(value.clone()),
        _ => Err(wrong("an array or a text", value)),
    }
}

fn count(call: &Call<'_>, number: usize) -> Result<usize, Fault> {
    let wanted = call.int(number)?;
    Ok(usize::try_from(wanted.max(0)).unwrap_or(usize::MAX))
}

pub(super) fn take(call: &Call<'_>) -> Outcome {
    let (value, count) = (call.at(0)?, count(call, 1)?);
    match &value.kind {
        Kind::Array(_) => list(whole(value)?.iter().take(count).cloned().collect(), None, call),
        Kind::String(text) => Ok(Value::string(text::take_units(text, count), call.span)),
        Kind::Symbol(_) => text::prefix(value, count, call.span).ok_or(Fault::Symbolic),
        _ => Err(wrong("an array or a text", value)),
    }
}

pub(super) fn skip(call: &Call<'_>) -> Outcome {
    let (value, count) = (call.at(0)?, count(call, 1)?);
    match &value.kind {
        Kind::Array(_) => list(whole(value)?.iter().skip(count).cloned().collect(), None, call),
        Kind::String(text) => Ok(Value::string(text::skip_units(text, count), call.span)),
        Kind::Symbol(_) if count == 0 => Ok(value.clone()),
        Kind::Symbol(_) => Err(Fault::Symbolic),
        _ => Err(wrong("an array or a text", value)),
    }
}

pub(super) fn flatten(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    let Some(array) = value.as_array() else { return Err(wrong("an array", value)) };
    let mut items = Vec::new();
    let mut open = array.open.clone();
    for item in &array.items {
        match &item.kind {
            Kind::Array(inner) => {
                items.extend(inner.items.iter().cloned());
                open = open.or_else(|| inner.open.clone());
            }
            Kind::Unknown(unknown) => open = open.or_else(|| Some(unknown.clone())),
            Kind::Symbol(_) => return Err(unknown_symbol(item)),
            _ => return Err(wrong("an array", item)),
        }
    }
    list(items, open, call)
}

fn from_end(call: &Call<'_>) -> Result<Option<Value>, Fault> {
    let items = whole(call.at(0)?)?;
    let back = usize::try_from(call.int(1)?).unwrap_or(0);
    let at = items.len().checked_sub(back).filter(|_| back > 0);
    Ok(at.and_then(|at| items.get(at)).cloned())
}

pub(super) fn index_from_end(call: &Call<'_>) -> Outcome {
    from_end(call)?.ok_or_else(|| Fault::Wrong("the index is out of range".to_owned()))
}

pub(super) fn try_index_from_end(call: &Call<'_>) -> Outcome {
    Ok(from_end(call)?.unwrap_or_else(|| Value::null(call.span)))
}

fn position(call: &Call<'_>, last: bool) -> Outcome {
    let (container, item) = (call.at(0)?, call.at(1)?);
    let answer = |at: Option<usize>| {
        let at = at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1);
        Ok(Value::new(Kind::Int(at), call.span))
    };
    if let Kind::String(text) = &container.kind {
        let (text, wanted) = (text.to_lowercase(), call.text(1)?.to_lowercase());
        let at = if last { text.rfind(&wanted) } else { text.find(&wanted) };
        return answer(at.map(|at| text.get(..at).map_or(0, |before| before.encode_utf16().count())));
    }
    let items = whole(container)?;
    let mut found = None;
    for (at, element) in items.iter().enumerate() {
        if equal(element, item)? {
            found = Some(at);
            if !last {
                break;
            }
        }
    }
    answer(found)
}

pub(super) fn index_of(call: &Call<'_>) -> Outcome {
    position(call, false)
}

pub(super) fn last_index_of(call: &Call<'_>) -> Outcome {
    position(call, true)
}

pub(super) fn range(call: &Call<'_>) -> Outcome {
    let (start, count) = (call.int(0)?, count(call, 1)?);
    if count > 10_000 {
        return Err(Fault::Wrong("`range` gives at most 10000 numbers".to_owned()));
    }
    let numbers = (0..i64::try_from(count).unwrap_or(0)).map(|at| start.saturating_add(at));
    list(numbers.map(|number| Value::new(Kind::Int(number), call.span)).collect(), None, call)
}

pub(super) fn intersection(call: &Call<'_>) -> Outcome {
    let Some((first, rest)) = call.arguments.split_first() else { return Err(Fault::Symbolic) };
    let mut result = first.clone();
    for other in rest {
        result = match (&result.kind, &other.kind) {
            (Kind::Array(_), Kind::Array(_)) => {
                let (items, others) = (whole(&result)?, whole(other)?);
                let mut kept: Vec<Value> = Vec::new();
                for item in items {
                    if any_equal(others, item)? && !any_equal(&kept, item)? {
                        kept.push(item.clone());
                    }
                }
                Value::array(kept, call.span)
            }
            (Kind::Object(a), Kind::Object(b)) => {
                if let Some(unknown) = a.open.as_ref().or(b.open.as_ref()) {
                    return Err(Fault::Unknown(unknown.clone()));
                }
                let mut kept = Vec::new();
                for (key, value) in a.entries() {
                    if let Some(other) = b.get(&key.text)
                        && equal(value, other)?
                    {
                        kept.push((key.clone(), value.clone()));
                    }
                }
                Value::object(Object::new(kept), call.span)
            }
            _ => return Err(wrong("arrays or objects", other)),
        };
    }
    Ok(result)
}

fn any_equal(items: &[Value], item: &Value) -> Result<bool, Fault> {
    let mut unknown = None;
    for other in items {
        match equal(other, item) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => unknown = Some(why),
        }
    }
    unknown.map_or(Ok(false), |why| Err(Fault::Unknown(why)))
}

/// The elements of both lists, each once.
pub(super) fn union_lists(a: &Array, b: &Array, span: crate::template::place::Span) -> Value {
    let mut items: Vec<Value> = Vec::new();
    for item in a.items.iter().chain(&b.items) {
        // One that may be there already is kept: nothing is lost by it.
        if !items.iter().any(|other| equal(other, item) == Ok(true)) {
            items.push(item.clone());
        }
    }
    let open = a.open.clone().or_else(|| b.open.clone());
    Value::new(Kind::Array(Arc::new(Array::new(items, open))), span)
}
