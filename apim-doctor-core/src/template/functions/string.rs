//! Texts.

use crate::template::functions::call::{Call, Fault, Outcome, unknown_symbol, wrong};
use crate::template::functions::list;
use crate::template::json;
use crate::template::text::{self, Builder};
use crate::template::value::{Kind, Value};

pub(super) fn to_lower(call: &Call<'_>) -> Outcome {
    text::change_case(call.at(0)?, false, call.span).ok_or_else(|| not_text(call))
}

pub(super) fn to_upper(call: &Call<'_>) -> Outcome {
    text::change_case(call.at(0)?, true, call.span).ok_or_else(|| not_text(call))
}

fn not_text(call: &Call<'_>) -> Fault {
    call.at(0).map_or_else(|fault| fault, |value| wrong("a text", value))
}

pub(super) fn trim(call: &Call<'_>) -> Outcome {
    Ok(Value::string(call.text(0)?.trim(), call.span))
}

pub(super) fn string(call: &Call<'_>) -> Outcome {
    let value = call.at(0)?;
    match &value.kind {
        Kind::String(_) | Kind::Symbol(_) => Ok(value.clone()),
        Kind::Array(_) | Kind::Object(_) => Ok(Value::string(json::write(value)?, call.span)),
        _ => {
            let mut builder = Builder::default();
            builder.value(value)?;
            Ok(builder.finish(call.span))
        }
    }
}

pub(super) fn starts_with(call: &Call<'_>) -> Outcome {
    edge(call, false)
}

pub(super) fn ends_with(call: &Call<'_>) -> Outcome {
    edge(call, true)
}

fn edge(call: &Call<'_>, at_end: bool) -> Outcome {
    let (value, other) = (call.at(0)?, call.at(1)?);
    let Kind::String(other) = &other.kind else { return Err(unknown_symbol(other)) };
    match text::starts_with(value, other, at_end) {
        Some(answer) => Ok(Value::new(Kind::Bool(answer), call.span)),
        None if value.as_symbol().is_some() => Err(unknown_symbol(value)),
        None => Err(wrong("a text", value)),
    }
}

fn pad(call: &Call<'_>, left: bool) -> Outcome {
    let (value, total) = (call.at(0)?, call.int(1)?);
    let mut own = Builder::default();
    own.value(value)?;
    let own = own.finish(call.span);
    let letter = if call.arguments.len() > 2 { call.text(2)? } else { " " };
    let length = text::length(&own).ok_or(Fault::Symbolic)?;
    let missing = usize::try_from(total).unwrap_or(0).saturating_sub(length);
    if missing > 100_000 {
        return Err(Fault::Wrong("the text would become too long".to_owned()));
    }
    let mut builder = Builder::default();
    if !left {
        builder.value(&own)?;
    }
    builder.text(&letter.repeat(missing));
    if left {
        builder.value(&own)?;
    }
    Ok(builder.finish(call.span))
}

pub(super) fn pad_left(call: &Call<'_>) -> Outcome {
    pad(call, true)
}

pub(super) fn pad_right(call: &Call<'_>) -> Outcome {
    pad(call, false)
}

pub(super) fn replace(call: &Call<'_>) -> Outcome {
    let (value, old, new) = (call.at(0)?, call.text(1)?, call.at(2)?);
    if old.is_empty() {
        return Err(Fault::Wrong("`replace` cannot look for an empty text".to_owned()));
    }
    // Splitting keeps symbols, in the text and in what is put in.
    let pieces = text::split(value, &[old]).ok_or(Fault::Symbolic)?;
    let mut builder = Builder::default();
    for (number, piece) in pieces.iter().enumerate() {
        if number > 0 {
            builder.value(new)?;
        }
        builder.value(piece)?;
    }
    Ok(builder.finish(call.span))
}

pub(super) fn split(call: &Call<'_>) -> Outcome {
    let (value, by) = (call.at(0)?, call.at(1)?);
    let delimiters: Vec<&str> = match &by.kind {
        Kind::String(text) => vec![text],
        Kind::Array(array) => array.items.iter().filter_map(Value::as_str).collect(),
        _ => return Err(Fault::Symbolic),
    };
    match &value.kind {
        Kind::String(_) | Kind::Symbol(_) => {
            let pieces = text::split(value, &delimiters).ok_or(Fault::Symbolic)?;
            list::list(pieces, None, call)
        }
        _ => Err(wrong("a text", value)),
    }
}

pub(super) fn join(call: &Call<'_>) -> Outcome {
    let (value, by) = (call.at(0)?, call.at(1)?);
    let Some(array) = value.as_array() else { return Err(wrong("an array", value)) };
    if let Some(unknown) = &array.open {
        return Err(Fault::Unknown(unknown.clone()));
    }
    let mut builder = Builder::default();
    for (number, item) in array.items.iter().enumerate() {
        if number > 0 {
            builder.value(by)?;
        }
        builder.value(item)?;
    }
    Ok(builder.finish(call.span))
}

pub(super) fn substring(call: &Call<'_>) -> Outcome {
    let (value, start) = (call.at(0)?, call.int(1)?);
    let start = usize::try_from(start).map_err(|_| Fault::Wrong("`substring` starts before the text".to_owned()))?;
    let count = match call.arguments.len() > 2 {
        true => Some(usize::try_from(call.int(2)?).unwrap_or(0)),
        false => None,
    };
    if value.as_symbol().is_some() {
        return match (start, count) {
            (0, Some(count)) => text::prefix(value, count, call.span).ok_or(Fault::Symbolic),
            (0, None) => Ok(value.clone()),
            (start, count) => {
                let rest = text::suffix(value, start, call.span).ok_or(Fault::Symbolic)?;
                match count {
                    Some(count) => text::prefix(&rest, count, call.span).ok_or(Fault::Symbolic),
                    None => Ok(rest),
                }
            }
        };
    }
    let text = call.text(0)?;
    let length = text.encode_utf16().count();
    let end = count.map_or(length, |count| start.saturating_add(count));
    if start > length || end > length {
        let message = format!("`substring` ends at {end}, but the text has {length} characters");
        return Err(Fault::Wrong(message));
    }
    Ok(Value::string(text::take_units(&text::skip_units(text, start), end - start), call.span))
}
