//! Calls: their arguments, what comes of them, and what can be wrong.

use std::sync::Arc;

use crate::template::equality::equal;
use crate::template::place::Span;
use crate::template::text;
use crate::template::value::{Kind, Unknown, Value, Why};

/// What comes of a call.
pub(crate) type Outcome = Result<Value, Fault>;

/// Why a call gives no value.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Something that it needs is not known.
    Unknown(Arc<Unknown>),
    /// It needs the text of a symbol: the result is a symbol too.
    Symbolic,
    /// The call is wrong; the engine refuses it.
    Wrong(String),
}

impl From<Arc<Unknown>> for Fault {
    fn from(unknown: Arc<Unknown>) -> Self {
        Fault::Unknown(unknown)
    }
}

/// A call with its evaluated arguments.
pub(crate) struct Call<'a> {
    /// The arguments; none of them is unknown as a whole, but where the function says that it looks at them itself.
    pub arguments: &'a [Value],
    /// Where the call stands.
    pub span: Span,
}

/// From how many possible values on they are not followed.
pub(crate) const MOST_POSSIBLE: usize = 8;

/// One of a few values: the value itself where all are equal.
pub(crate) fn one_of(why: &Arc<Unknown>, possible: Vec<Value>, span: Span) -> Outcome {
    let Some((first, rest)) = possible.split_first() else { return Err(Fault::Unknown(why.clone())) };
    if !first.is_unknown() && rest.iter().all(|other| equal(first, other) == Ok(true)) {
        return Ok(first.clone().placed(span));
    }
    let mut flat: Vec<Value> = Vec::new();
    for value in possible {
        match value.as_unknown() {
            None => flat.push(value),
            Some(unknown) if unknown.possible.is_empty() => {
                return Err(Fault::Unknown(Arc::new(Unknown { possible: Vec::new(), ..(**why).clone() })));
            }
            Some(unknown) => flat.extend(unknown.possible.iter().cloned()),
        }
    }
    if flat.len() > MOST_POSSIBLE {
        flat.clear();
    }
    Err(Fault::Unknown(Arc::new(Unknown { possible: flat, ..Unknown::new(why.why.clone(), why.span) })))
}

/// Not known because a piece of it is not: what the piece can be, the whole is not.
pub(crate) fn whole(piece: &Arc<Unknown>, start: Option<Arc<str>>) -> Fault {
    Fault::Unknown(Arc::new(Unknown { start, ..Unknown::new(piece.why.clone(), piece.span) }))
}

/// The known text before the first piece that is not known.
pub(super) fn start_of(pieces: &[Value]) -> Option<Arc<str>> {
    let text: String = pieces.iter().map_while(Value::as_str).collect();
    (!text.is_empty()).then(|| text.into())
}

impl<'a> Call<'a> {
    /// An argument.
    pub(super) fn at(&self, number: usize) -> Result<&'a Value, Fault> {
        self.arguments.get(number).ok_or_else(|| Fault::Wrong("an argument is missing".to_owned()))
    }

    /// An argument that has to be a known text.
    pub(super) fn text(&self, number: usize) -> Result<&'a str, Fault> {
        let value = self.at(number)?;
        match &value.kind {
            Kind::String(text) | Kind::Number(text) => Ok(text),
            Kind::Symbol(_) => Err(Fault::Symbolic),
            Kind::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
            _ => Err(wrong("a text", value)),
        }
    }

    /// An argument that has to be a whole number.
    pub(super) fn int(&self, number: usize) -> Result<i64, Fault> {
        int_of(self.at(number)?)
    }
}

/// A whole number.
pub(super) fn int_of(value: &Value) -> Result<i64, Fault> {
    match &value.kind {
        Kind::Int(number) => Ok(*number),
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        Kind::Number(text) => match text.parse::<f64>() {
            Ok(number) if number.abs() < 9e15 => Ok(number.trunc() as i64),
            _ => Err(wrong("a whole number", value)),
        },
        Kind::Symbol(_) => Err(Fault::Symbolic),
        Kind::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
        _ => Err(wrong("a whole number", value)),
    }
}

/// What a value is called in a problem.
pub(crate) fn kind_name(value: &Value) -> &'static str {
    match value.kind {
        Kind::Null => "null",
        Kind::Bool(_) => "a boolean",
        Kind::Int(_) => "a whole number",
        Kind::Number(_) => "a number",
        Kind::String(_) | Kind::Symbol(_) => "a text",
        Kind::Array(_) => "an array",
        Kind::Object(_) => "an object",
        Kind::Unknown(_) => "not known",
    }
}

/// An argument of the wrong kind. A symbol may turn out to be of any kind.
pub(super) fn wrong(expected: &str, value: &Value) -> Fault {
    match &value.kind {
        Kind::Symbol(_) => return unknown_symbol(value),
        Kind::Unknown(unknown) => return Fault::Unknown(unknown.clone()),
        _ => {}
    }
    Fault::Wrong(format!("expected {expected}, found {}", kind_name(value)))
}

/// Not known, for a reason that stands at the value.
pub(super) fn unknown_symbol(value: &Value) -> Fault {
    let why = Why::Runtime(text::canonical(value));
    Fault::Unknown(Arc::new(Unknown::new(why, value.span)))
}
