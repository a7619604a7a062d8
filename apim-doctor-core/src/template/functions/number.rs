//! Arithmetic.

use std::cmp::Ordering;

use crate::template::functions::call::{Call, Fault, Outcome, int_of, wrong};
use crate::template::value::{Kind, Value};

fn calculate(call: &Call<'_>, with: fn(i64, i64) -> Option<i64>, name: &str) -> Outcome {
    match with(call.int(0)?, call.int(1)?) {
        Some(number) => Ok(Value::new(Kind::Int(number), call.span)),
        None => {
            Err(Fault::Wrong(format!("`{name}` cannot be calculated: the result is not a whole number of 64 bits")))
        }
    }
}

pub(super) fn add(call: &Call<'_>) -> Outcome {
    calculate(call, i64::checked_add, "add")
}

pub(super) fn sub(call: &Call<'_>) -> Outcome {
    calculate(call, i64::checked_sub, "sub")
}

pub(super) fn mul(call: &Call<'_>) -> Outcome {
    calculate(call, i64::checked_mul, "mul")
}

pub(super) fn div(call: &Call<'_>) -> Outcome {
    calculate(call, i64::checked_div, "div")
}

pub(super) fn modulo(call: &Call<'_>) -> Outcome {
    calculate(call, i64::checked_rem, "mod")
}

pub(super) fn negate(call: &Call<'_>) -> Outcome {
    let number = call.int(0)?.checked_neg().ok_or_else(|| Fault::Wrong("the number is too large".to_owned()))?;
    Ok(Value::new(Kind::Int(number), call.span))
}

pub(super) fn int(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    let number = match &value.kind {
        Kind::String(text) => match text.trim().parse::<i64>() {
            Ok(number) => number,
            Err(_) => int_of(&Value::new(Kind::Number(text.clone()), value.span))?,
        },
        _ => int_of(value)?,
    };
    Ok(Value::new(Kind::Int(number), value.span))
}

pub(super) fn float(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    match &value.kind {
        Kind::Int(_) | Kind::Number(_) => Ok(value.clone()),
        Kind::String(text) if text.trim().parse::<f64>().is_ok() => {
            Ok(Value::new(crate::template::json::number(text.trim()), value.span))
        }
        Kind::Symbol(_) => Err(Fault::Symbolic),
        _ => Err(wrong("a number", value)),
    }
}

fn extreme(call: &Call<'_>, wanted: Ordering) -> Outcome {
    let items = match call.arguments {
        [one] if one.as_array().is_some() => {
            let array = one.as_array().ok_or_else(|| wrong("an array", one))?;
            if let Some(unknown) = &array.open {
                return Err(Fault::Unknown(unknown.clone()));
            }
            array.items.as_slice()
        }
        many => many,
    };
    let mut best: Option<(i64, &Value)> = None;
    for item in items {
        let number = int_of(item)?;
        if best.is_none_or(|(most, _)| number.cmp(&most) == wanted) {
            best = Some((number, item));
        }
    }
    best.map(|(_, value)| value.clone()).ok_or_else(|| Fault::Wrong("the list has no numbers".to_owned()))
}

pub(super) fn max(call: &Call<'_>) -> Outcome {
    extreme(call, Ordering::Greater)
}

pub(super) fn min(call: &Call<'_>) -> Outcome {
    extreme(call, Ordering::Less)
}
