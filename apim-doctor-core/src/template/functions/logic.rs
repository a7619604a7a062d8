//! Comparison and logic.

use std::cmp::Ordering;

use crate::template::equality::{equal, float};
use crate::template::functions::call::{Call, Fault, Outcome, unknown_symbol, wrong};
use crate::template::text;
use crate::template::value::{Kind, Value};

fn answer(value: bool, call: &Call<'_>) -> Outcome {
    Ok(Value::new(Kind::Bool(value), call.span))
}

pub(super) fn yes(call: &Call<'_>) -> Outcome {
    answer(true, call)
}

pub(super) fn no(call: &Call<'_>) -> Outcome {
    answer(false, call)
}

pub(super) fn null(call: &Call<'_>) -> Outcome {
    Ok(Value::null(call.span))
}

pub(super) fn any(call: &Call<'_>) -> Outcome {
    Ok(call.at(0)?.clone())
}

pub(super) fn fail(call: &Call<'_>) -> Outcome {
    Err(Fault::Wrong(format!("`fail` was called: `{}`", text::canonical(call.at(0)?))))
}

pub(super) fn bool(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    match &value.kind {
        Kind::Bool(value) => answer(*value, call),
        Kind::Int(number) => answer(*number != 0, call),
        Kind::String(text) if text.eq_ignore_ascii_case("true") || &**text == "1" => answer(true, call),
        Kind::String(text) if text.eq_ignore_ascii_case("false") || &**text == "0" => answer(false, call),
        Kind::Symbol(_) => Err(unknown_symbol(value)),
        _ => Err(wrong("a boolean", value)),
    }
}

/// A boolean, which a text may stand for.
pub(crate) fn truth(value: &Value) -> Result<bool, Fault> {
    match &value.kind {
        Kind::Bool(value) => Ok(*value),
        Kind::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Kind::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Kind::Symbol(_) => Err(unknown_symbol(value)),
        Kind::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
        _ => Err(wrong("a boolean", value)),
    }
}

pub(super) fn not(call: &Call<'_>) -> Outcome {
    answer(!truth(call.at(0)?)?, call)
}

pub(super) fn xor(call: &Call<'_>) -> Outcome {
    answer(truth(call.at(0)?)? != truth(call.at(1)?)?, call)
}

pub(super) fn equals(call: &Call<'_>) -> Outcome {
    answer(equal(call.at(0)?, call.at(1)?)?, call)
}

pub(super) fn equals_ignore_case(call: &Call<'_>) -> Outcome {
    let lower = |value: &Value| match &value.kind {
        Kind::String(_) | Kind::Symbol(_) => text::change_case(value, false, value.span),
        _ => None,
    };
    let (a, b) = (call.at(0)?, call.at(1)?);
    let (x, y) = (lower(a), lower(b));
    answer(equal(x.as_ref().unwrap_or(a), y.as_ref().unwrap_or(b))?, call)
}

fn compare(call: &Call<'_>) -> Result<Ordering, Fault> {
    let (a, b) = (call.at(0)?, call.at(1)?);
    match (&a.kind, &b.kind) {
        (Kind::Int(x), Kind::Int(y)) => Ok(x.cmp(y)),
        (Kind::Int(_) | Kind::Number(_), Kind::Int(_) | Kind::Number(_)) => {
            float(a).partial_cmp(&float(b)).ok_or_else(|| wrong("a number", a))
        }
        (Kind::String(x), Kind::String(y)) => Ok(order(x, y)),
        (Kind::Symbol(_), _) => Err(unknown_symbol(a)),
        (_, Kind::Symbol(_)) => Err(unknown_symbol(b)),
        _ => Err(Fault::Wrong("only two numbers or two texts can be compared".to_owned())),
    }
}

/// The order of texts: as the engine sorts names, without regard to case first, then small letters before capitals.
pub(super) fn order(x: &str, y: &str) -> Ordering {
    let folded = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    folded(x).cmp(&folded(y)).then_with(|| {
        // The first letter that differs in case decides.
        y.cmp(x)
    })
}

pub(super) fn less(call: &Call<'_>) -> Outcome {
    // `A` is not less than `a` for the engine, as its documentation shows.
    answer(compare(call)?.is_lt(), call)
}

pub(super) fn less_or_equals(call: &Call<'_>) -> Outcome {
    answer(compare(call)?.is_le(), call)
}

pub(super) fn greater(call: &Call<'_>) -> Outcome {
    answer(compare(call)?.is_gt(), call)
}

pub(super) fn greater_or_equals(call: &Call<'_>) -> Outcome {
    answer(compare(call)?.is_ge(), call)
}
