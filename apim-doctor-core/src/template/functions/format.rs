//! `format`: composite texts as .NET writes them.

use std::sync::Arc;

use crate::template::functions::call::{Call, Fault, MOST_POSSIBLE, Outcome, one_of, start_of, whole};
use crate::template::place::Span;
use crate::template::text::{self, Builder};
use crate::template::value::{Kind, Value};

pub(super) fn format(call: &Call<'_>) -> Outcome {
    let pattern = call.text(0)?;
    let mut builder = Builder::default();
    let mut rest = pattern;
    loop {
        let Some(at) = rest.find(['{', '}']) else {
            builder.text(rest);
            return Ok(builder.finish(call.span));
        };
        let (before, after) = rest.split_at(at);
        builder.text(before);
        if let Some(tail) = after.strip_prefix("{{") {
            builder.text("{");
            rest = tail;
        } else if let Some(tail) = after.strip_prefix("}}") {
            builder.text("}");
            rest = tail;
        } else if let Some((item, tail)) = after.strip_prefix('{').and_then(|tail| tail.split_once('}')) {
            hole(&mut builder, item, call)?;
            rest = tail;
        } else {
            return Err(Fault::Wrong("the format has a brace that stands alone".to_owned()));
        }
    }
}

/// The known text before the first hole of which the value is not a known text.
pub(super) fn start_of_format(arguments: &[Value]) -> Option<Arc<str>> {
    let (pattern, values) = arguments.split_first()?;
    let (mut rest, mut start) = (pattern.as_str()?, String::new());
    while let Some((before, after)) = rest.split_once('{') {
        start.push_str(before);
        let Some((hole, tail)) = after.split_once('}') else { break };
        let value = hole.parse::<usize>().ok().and_then(|at| values.get(at)?.as_str());
        let Some(value) = value else { break };
        start.push_str(value);
        rest = tail;
    }
    (!start.is_empty() && !start.contains('}')).then(|| start.into())
}

/// One hole: its number, how wide it is at least, and its format.
fn hole(builder: &mut Builder, item: &str, call: &Call<'_>) -> Result<(), Fault> {
    let (head, shape) = item.split_once(':').map_or((item, None), |(head, shape)| (head, Some(shape)));
    let (number, width) = head.split_once(',').map_or((head, None), |(number, width)| (number, Some(width)));
    let wrong = || Fault::Wrong(format!("`{{{item}}}` is not a placeholder"));
    let number: usize = number.trim().parse().map_err(|_| wrong())?;
    let value = number.checked_add(1).and_then(|at| call.arguments.get(at));
    let value = value.ok_or_else(|| Fault::Wrong(format!("the format has no value for `{{{item}}}`")))?;
    if let Kind::Unknown(unknown) = &value.kind {
        return Err(Fault::Unknown(unknown.clone()));
    }
    let mut inner = Builder::default();
    match (shape, &value.kind) {
        (Some(shape), Kind::Int(number)) => inner.text(&shaped(*number, shape).ok_or_else(wrong)?),
        _ => inner.value(value)?,
    }
    let shown = inner.finish(call.span);
    let Some(width) = width else { return Ok(builder.value(&shown)?) };
    let width: i64 = width.trim().parse().map_err(|_| wrong())?;
    let length = text::length(&shown).ok_or(Fault::Symbolic)?;
    let missing = usize::try_from(width.unsigned_abs()).unwrap_or(0).saturating_sub(length);
    if missing > 100_000 {
        return Err(wrong());
    }
    if width > 0 {
        builder.text(&" ".repeat(missing));
    }
    builder.value(&shown)?;
    if width < 0 {
        builder.text(&" ".repeat(missing));
    }
    Ok(())
}

/// A whole number in a .NET number format.
fn shaped(number: i64, shape: &str) -> Option<String> {
    let mut letters = shape.chars();
    let kind = letters.next()?;
    let digits = letters.as_str();
    let precision: Option<usize> = if digits.is_empty() { None } else { digits.parse().ok() };
    if !digits.is_empty() && precision.is_none() || precision.is_some_and(|digits| digits > 99) {
        return custom(number, shape);
    }
    let sign = if number < 0 { "-" } else { "" };
    let size = number.unsigned_abs();
    let fraction = |digits: usize| if digits == 0 { String::new() } else { format!(".{}", "0".repeat(digits)) };
    Some(match kind {
        'D' | 'd' => format!("{sign}{size:0width$}", width = precision.unwrap_or(0)),
        'X' => format!("{number:0width$X}", width = precision.unwrap_or(0)),
        'x' => format!("{number:0width$x}", width = precision.unwrap_or(0)),
        'N' | 'n' => format!("{sign}{}{}", grouped(size), fraction(precision.unwrap_or(2))),
        'F' | 'f' => format!("{number}{}", fraction(precision.unwrap_or(2))),
        'C' | 'c' => format!("{sign}¤{}{}", grouped(size), fraction(precision.unwrap_or(2))),
        'P' | 'p' => format!("{sign}{}{} %", grouped(size.checked_mul(100)?), fraction(precision.unwrap_or(2))),
        'G' | 'g' | 'R' | 'r' => number.to_string(),
        _ => return custom(number, shape),
    })
}

/// A format of zeros: so many digits at least.
fn custom(number: i64, shape: &str) -> Option<String> {
    let sign = if number < 0 { "-" } else { "" };
    let size = number.unsigned_abs();
    match shape.bytes().all(|letter| letter == b'0') {
        true => Some(format!("{sign}{size:0width$}", width = shape.len())),
        false if shape == "#,##0" || shape == "#,#" => Some(format!("{sign}{}", grouped(size))),
        false => None,
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Puts values together to one text, as an interpolation does.
pub(crate) fn interpolate(values: &[Value], span: Span) -> Outcome {
    let mut unknown = values.iter().enumerate().filter_map(|(at, value)| Some((at, value.as_unknown()?)));
    if let Some((at, piece)) = unknown.next() {
        if piece.possible.is_empty() || piece.possible.len() > MOST_POSSIBLE || unknown.next().is_some() {
            return Err(whole(piece, start_of(values)));
        }
        let with = |value: &Value| {
            let mut values = values.to_vec();
            if let Some(place) = values.get_mut(at) {
                *place = value.clone();
            }
            interpolate(&values, span)
        };
        let possible: Result<Vec<Value>, Fault> = piece.possible.iter().map(with).collect();
        return match possible {
            Ok(possible) => one_of(piece, possible, span),
            Err(_) => Err(whole(piece, start_of(values))),
        };
    }
    let mut builder = Builder::default();
    for value in values {
        builder.value(value)?;
    }
    Ok(builder.finish(span))
}
