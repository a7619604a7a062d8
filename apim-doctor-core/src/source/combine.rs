//! Two bodies of one resource as one, where neither says what the other denies.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::base::ResourceId;
use crate::model::app_service::Config;
use crate::model::{Modelled, Resource, TypeVisitor, with_type};

/// Which body counts where both have a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prefer {
    One,
    Other,
}

/// The body with everything that either of two bodies says; `None` if they say different things of what is read, or if
/// one of them cannot be read.
///
/// A body that lacks a property does not deny it: commands and lists leave properties out. Whether a body of another
/// time or with another api-version may be combined is for the caller to decide.
pub(crate) fn combined(id: &ResourceId, one: &Value, other: &Value) -> Option<Value> {
    let kind = id.resource_type().to_ascii_lowercase();
    let both = |prefer| combine(one, other, prefer, keys(&kind, id));
    let (first, second) = (both(Prefer::One), both(Prefer::Other));
    with_type(&kind, Same(&first, &second)).unwrap_or(false).then_some(first)
}

/// Whether `other` says nothing that `one` does not say as well.
pub(crate) fn holds<P: Modelled>(id: &ResourceId, one: &Value, other: &Value) -> bool {
    let kind = id.resource_type().to_ascii_lowercase();
    let both = combine(one, other, Prefer::Other, keys(&kind, id));
    Same(one, &both).visit::<P>()
}

/// Where the keys of an object are values: an object that lacks one denies it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// Only where they are ids.
    Ids,
    /// In `properties`, which are settings.
    Settings,
    /// In this object.
    Own,
}

/// The keys of a resource: one list of settings that lacks a setting says that there is none.
fn keys(kind: &str, id: &ResourceId) -> Keys {
    let is_settings = Config::TYPES.contains(&kind) && !id.name().eq_ignore_ascii_case("web");
    if is_settings { Keys::Settings } else { Keys::Ids }
}

/// Whether two bodies say the same of everything that is read.
struct Same<'v>(&'v Value, &'v Value);

impl TypeVisitor for Same<'_> {
    type Output = bool;

    fn visit<P: Modelled>(self) -> bool {
        let read = |body: &Value| Resource::<P>::deserialize(body).ok().map(|resource| said(&resource));
        matches!((read(self.0), read(self.1)), (Some(one), Some(other)) if one == other)
    }
}

/// All that is read of a resource but its id. Case and blanks mean nothing: one API writes `West Europe`, another
/// `westeurope`.
pub(crate) fn said<P: Modelled>(resource: &Resource<P>) -> String {
    let Resource { id: _, location, kind, identity, sku, system_data: _, properties } = resource;
    let mut text = format!("{:?}", (location, kind, identity, sku, properties));
    text.make_ascii_lowercase();
    text.retain(|c| c != ' ');
    text
}

fn combine(one: &Value, other: &Value, prefer: Prefer, keys: Keys) -> Value {
    let preferred = || if prefer == Prefer::One { one.clone() } else { other.clone() };
    match (one, other) {
        (value, Value::Null) | (Value::Null, value) => value.clone(),
        (Value::Object(one), Value::Object(other)) => Value::Object(objects(one, other, prefer, keys)),
        (Value::Array(own), Value::Array(others)) => match pairs(own, others) {
            Some(pairs) => pairs.into_iter().map(|(one, other)| combine(one, other, prefer, Keys::Ids)).collect(),
            None => preferred(),
        },
        // azure-cli cuts a time to six digits.
        (Value::String(own), Value::String(others)) if is_same_time(own, others) => {
            Value::from(own.max(others).as_str())
        }
        _ => preferred(),
    }
}

fn objects(one: &Map<String, Value>, other: &Map<String, Value>, prefer: Prefer, keys: Keys) -> Map<String, Value> {
    let find = |map: &Map<String, Value>, key: &str| {
        let exact = map.get_key_value(key);
        exact.or_else(|| map.iter().find(|(own, _)| own.eq_ignore_ascii_case(key))).map(|(_, value)| value.clone())
    };
    // An identity that is not in the map of identities is not attached.
    let has_ids = |map: &Map<String, Value>| map.keys().any(|key| key.starts_with('/'));
    let are_values = keys == Keys::Own || has_ids(one) || has_ids(other);
    let mut all = Map::new();
    for (key, value) in one {
        match find(other, key) {
            Some(theirs) => {
                let is_settings = keys == Keys::Settings && key.eq_ignore_ascii_case("properties");
                let keys = if is_settings { Keys::Own } else { Keys::Ids };
                all.insert(key.clone(), combine(value, &theirs, prefer, keys));
            }
            None if are_values && prefer == Prefer::Other => {}
            None => {
                all.insert(key.clone(), value.clone());
            }
        }
    }
    for (key, value) in other.iter().filter(|(key, _)| find(one, key).is_none()) {
        if !are_values || prefer == Prefer::Other {
            all.insert(key.clone(), value.clone());
        }
    }
    all
}

/// The elements of two lists that belong together: by their ids or names, or by their places.
fn pairs<'v>(one: &'v [Value], other: &'v [Value]) -> Option<Vec<(&'v Value, &'v Value)>> {
    if one.len() != other.len() {
        return None;
    }
    for key in ["id", "name"] {
        let name = |value: &'v Value| value.get(key).and_then(Value::as_str).map(str::to_ascii_lowercase);
        let pair = |own: &'v Value| {
            let wanted = name(own)?;
            let mut fitting = other.iter().filter(|value| name(value).as_ref() == Some(&wanted));
            Some((own, fitting.next()?)).filter(|_| fitting.next().is_none())
        };
        // A list of many elements stands in one order wherever it is printed.
        if one.len() <= 256
            && let Some(found) = one.iter().map(pair).collect::<Option<Vec<_>>>()
        {
            return Some(found);
        }
    }
    Some(one.iter().zip(other).collect())
}

/// Whether two texts are the same time, to the microsecond: azure-cli prints a time with six digits and an offset.
fn is_same_time(one: &str, other: &str) -> bool {
    let is_time = |text: &str| text.len() > 18 && text.as_bytes().get(10) == Some(&b'T');
    let time = |text: &str| text.parse::<Timestamp>().ok().map(|time| time.as_microsecond());
    one != other && is_time(one) && is_time(other) && time(one).is_some() && time(one) == time(other)
}
