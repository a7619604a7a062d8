//! YAML files to values, each with its place.

use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::template::place::Span;
use crate::template::value::{Key, Kind, Object, Value};

/// How deep lists and mappings may be nested.
const DEEPEST: usize = 100;

/// How often aliases may repeat content.
const MOST_ALIASES: usize = 1000;

/// A list or a mapping that is being read.
struct Open {
    is_map: bool,
    values: Vec<Value>,
    anchor: usize,
    start: u32,
}

/// Reads a YAML file; `place` is the place of all of it.
pub(crate) fn read(place: Span, text: &str) -> Result<Value, (Span, String)> {
    // The parser counts characters.
    let offsets: Option<Vec<usize>> = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
    let offset = |index: usize| match &offsets {
        Some(offsets) => offsets.get(index).copied().unwrap_or(text.len()),
        None => index,
    };
    let at = |start: usize, end: usize| Span::new(place.file, offset(start), offset(end));
    let (mut open, mut anchors, mut aliases) = (Vec::<Open>::new(), HashMap::<usize, Value>::new(), 0_usize);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let index = error.marker().index();
            (at(index, index), error.info().to_owned())
        })?;
        let here = at(span.start.index(), span.end.index());
        let done = match event {
            Event::Scalar(value, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                let kind = if is_text { Kind::String(Arc::from(&*value)) } else { plain(&value) };
                Some((Value::new(kind, here), anchor))
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                if open.len() >= DEEPEST {
                    return Err((here, format!("nested more than {DEEPEST} levels deep")));
                }
                let is_map = matches!(event, Event::MappingStart(..));
                open.push(Open { is_map, values: Vec::new(), anchor, start: here.start });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|read| {
                let anchor = read.anchor;
                (closed(read, here), anchor)
            }),
            Event::Alias(anchor) => {
                aliases += 1;
                if aliases > MOST_ALIASES {
                    return Err((here, format!("more than {MOST_ALIASES} aliases")));
                }
                let value = anchors.get(&anchor).cloned();
                Some((value.ok_or((here, "an alias names nothing".to_owned()))?, 0))
            }
            _ => None,
        };
        let Some((value, anchor)) = done else { continue };
        if anchor > 0 {
            anchors.insert(anchor, value.clone());
        }
        match open.last_mut() {
            Some(outer) => outer.values.push(value),
            // The first document is the file.
            None => return Ok(value),
        }
    }
    Ok(Value::null(place))
}

fn closed(read: Open, end: Span) -> Value {
    let span = Span { start: read.start, ..end };
    if !read.is_map {
        return Value::array(read.values, span);
    }
    let mut values = read.values.into_iter();
    let mut entries = Vec::new();
    while let (Some(key), Some(value)) = (values.next(), values.next()) {
        let name = match &key.kind {
            Kind::String(text) => text.clone(),
            _ => crate::template::json::write(&key).unwrap_or_default().into(),
        };
        entries.push((Key::new(name, key.span), value));
    }
    Value::object(Object::new(entries), span)
}

fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(number), _) => Kind::Int(number),
            (_, Ok(number)) if number.is_finite() && text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                Kind::Number(text.into())
            }
            _ => Kind::String(text.into()),
        },
    }
}
