//! Equality of values: yes, no, or not known.

use std::sync::Arc;

use crate::template::text;
use crate::template::value::{Array, Kind, Object, Part, Symbol, Unknown, Value, Why};

/// Whether two values are equal, with regard to the case of texts; why that is not known otherwise.
pub(crate) fn equal(a: &Value, b: &Value) -> Result<bool, Arc<Unknown>> {
    match (&a.kind, &b.kind) {
        (Kind::Unknown(unknown), _) => among(unknown, b),
        (_, Kind::Unknown(unknown)) => among(unknown, a),
        (Kind::Symbol(x), Kind::Symbol(y)) if x == y => Ok(true),
        (Kind::Symbol(x), Kind::Symbol(y)) => different(a, x, Some(y)),
        (Kind::Symbol(x), Kind::String(text)) => cannot_be(a, x, text),
        (Kind::String(text), Kind::Symbol(y)) => cannot_be(b, y, text),
        (Kind::Symbol(x), _) => different(a, x, None),
        (_, Kind::Symbol(y)) => different(b, y, None),
        (Kind::Null, Kind::Null) => Ok(true),
        (Kind::Bool(x), Kind::Bool(y)) => Ok(x == y),
        (Kind::Int(x), Kind::Int(y)) => Ok(x == y),
        (Kind::String(x), Kind::String(y)) => Ok(x == y),
        (Kind::Int(_) | Kind::Number(_), Kind::Int(_) | Kind::Number(_)) => Ok(float(a) == float(b)),
        (Kind::Array(x), Kind::Array(y)) => lists(x, y),
        (Kind::Object(x), Kind::Object(y)) => objects(x, y),
        _ => Ok(false),
    }
}

/// A number as a floating point number.
pub(crate) fn float(value: &Value) -> Option<f64> {
    match &value.kind {
        #[expect(clippy::cast_precision_loss, reason = "compared with a number that has a fraction")]
        Kind::Int(number) => Some(*number as f64),
        Kind::Number(text) => text.parse().ok(),
        _ => None,
    }
}

/// Whether a value that has one of a few values equals another.
fn among(unknown: &Arc<Unknown>, other: &Value) -> Result<bool, Arc<Unknown>> {
    let mut answers = unknown.possible.iter().map(|possible| equal(possible, other));
    let Some(Ok(first)) = answers.next() else { return Err(unknown.clone()) };
    match answers.all(|answer| answer == Ok(first)) {
        true => Ok(first),
        false => Err(unknown.clone()),
    }
}

fn runtime(value: &Value) -> Arc<Unknown> {
    let why = Why::Runtime(text::canonical(value));
    Arc::new(Unknown::new(why, value.span))
}

/// Two symbols that are not the same, or a symbol and something that is not a text. Principals of two resources
/// differ, and so do
/// texts that are the same but for known pieces.
fn different(value: &Value, a: &Symbol, b: Option<&Symbol>) -> Result<bool, Arc<Unknown>> {
    match (a, b) {
        (Symbol::Principal(_), Some(Symbol::Principal(_) | Symbol::Client(_)))
        | (Symbol::Client(_), Some(Symbol::Client(_) | Symbol::Principal(_))) => Ok(false),
        (Symbol::Text(x), Some(Symbol::Text(y))) if ends_differ(x, y) => Ok(false),
        (Symbol::Text(_) | Symbol::Principal(_) | Symbol::Client(_) | Symbol::Context(_), None) => Ok(false),
        _ => Err(runtime(value)),
    }
}

/// Whether the known starts or ends of two texts contradict each other.
fn ends_differ(x: &[Part], y: &[Part]) -> bool {
    let differ = |a: Option<&Part>, b: Option<&Part>, at_end: bool| match (a, b) {
        (Some(Part::Known(a)), Some(Part::Known(b))) => {
            let mut pairs: Box<dyn Iterator<Item = (char, char)>> = if at_end {
                Box::new(a.chars().rev().zip(b.chars().rev()))
            } else {
                Box::new(a.chars().zip(b.chars()))
            };
            pairs.any(|(a, b)| a != b)
        }
        _ => false,
    };
    if differ(x.first(), y.first(), false) || differ(x.last(), y.last(), true) {
        return true;
    }
    match (x, y) {
        ([Part::Known(a), rest], [Part::Known(b), other]) | ([rest, Part::Known(a)], [other, Part::Known(b)]) => {
            a != b && rest == other
        }
        _ => false,
    }
}

fn cannot_be(value: &Value, symbol: &Symbol, text: &str) -> Result<bool, Arc<Unknown>> {
    if text.is_empty() && text::least_length(value) > 0 {
        return Ok(false);
    }
    if let Symbol::Text(parts) = symbol {
        let other = [Part::Known(text.into())];
        if ends_differ_text(parts, &other) || text::least_length(value) > text.encode_utf16().count() {
            return Ok(false);
        }
    }
    Err(runtime(value))
}

fn ends_differ_text(parts: &[Part], other: &[Part; 1]) -> bool {
    let [Part::Known(text)] = other else { return false };
    let start = match parts.first() {
        Some(Part::Known(known)) => !text.starts_with(&**known),
        _ => false,
    };
    let end = match parts.last() {
        Some(Part::Known(known)) => !text.ends_with(&**known),
        _ => false,
    };
    start || end
}

fn lists(x: &Array, y: &Array) -> Result<bool, Arc<Unknown>> {
    if let Some(unknown) = x.open.as_ref().or(y.open.as_ref()) {
        return Err(unknown.clone());
    }
    if x.items.len() != y.items.len() {
        return Ok(false);
    }
    all(x.items.iter().zip(&y.items).map(|(a, b)| equal(a, b)))
}

fn objects(x: &Object, y: &Object) -> Result<bool, Arc<Unknown>> {
    if let Some(unknown) = x.open.as_ref().or(y.open.as_ref()) {
        return Err(unknown.clone());
    }
    if x.len() != y.len() {
        return Ok(false);
    }
    all(x.entries().iter().map(|(key, a)| y.get(&key.text).map_or(Ok(false), |b| equal(a, b))))
}

/// Whether all are so: one no decides, whatever is not known.
fn all(answers: impl Iterator<Item = Result<bool, Arc<Unknown>>>) -> Result<bool, Arc<Unknown>> {
    let mut unknown = None;
    for answer in answers {
        match answer {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    unknown.map_or(Ok(true), Err)
}

impl PartialEq for Unknown {
    fn eq(&self, other: &Self) -> bool {
        self.why == other.why && self.span == other.span
    }
}
