//! Resources as Resource Manager would return them: JSON, with the place in the files of each part of it.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::template::json;
use crate::template::place::Span;
use crate::template::resource::Resource;
use crate::template::text;
use crate::template::value::{Kind, Unknown, Value};

/// The JSON of one resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendering {
    /// The text. Symbols are texts in braces, which are equal if and only if the symbols are; what is not known is left
    /// out, or `null` in a list.
    pub text: String,
    /// What was left out, and where parts may be missing.
    pub gaps: Vec<Left>,
    places: Vec<Placed>,
}

/// Something that is not known.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// Whether it is the value itself; else the list or object there may hold more.
    pub is_whole: bool,
    /// Why.
    pub why: Arc<Unknown>,
}

/// A part of the text and the place in the files where it was written.
#[derive(Clone, Copy, Debug)]
struct Placed {
    start: u32,
    end: u32,
    span: Span,
}

/// How long a text may become.
const LONGEST: usize = 16 << 20;

/// Renders a resource: its body with id, name and type.
pub(crate) fn render(resource: &Resource) -> Rendering {
    let mut rendering = Rendering::default();
    rendering.text.push('{');
    let last = text::split(&resource.name, &["/"]).and_then(|mut pieces| pieces.pop());
    let name = last.unwrap_or_else(|| resource.name.clone());
    let kind = Value::string(resource.resource_type.clone(), resource.span);
    let mut is_first = true;
    for (key, value) in [("id", &resource.id), ("name", &name), ("type", &kind), ("apiVersion", &resource.api_version)]
    {
        rendering.property(key, resource.span, value, "", &mut is_first, 0);
    }
    if let Some(body) = resource.body.as_object() {
        for (key, value) in body.entries() {
            // The name in a body is not the name of the resource.
            if !["id", "name", "type", "apiVersion"].iter().any(|own| key.text.eq_ignore_ascii_case(own)) {
                rendering.property(&key.text, key.span, value, "", &mut is_first, 0);
            }
        }
        rendering.open(body.open.as_ref(), "");
    }
    rendering.text.push('}');
    rendering
}

impl Rendering {
    /// The place in the files of the innermost part of the text at a byte.
    pub(crate) fn place(&self, at: usize) -> Option<Span> {
        let at = u32::try_from(at).ok()?;
        let before = self.places.partition_point(|placed| placed.start <= at);
        let holds = |placed: &&Placed| placed.end > at && placed.span.is_some();
        self.places.iter().take(before).filter(holds).min_by_key(|placed| placed.end - placed.start).map(|p| p.span)
    }

    fn here(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    fn property(&mut self, key: &str, span: Span, value: &Value, above: &str, is_first: &mut bool, depth: usize) {
        let pointer = format!("{above}/{}", key.replace('~', "~0").replace('/', "~1"));
        if let Kind::Unknown(why) = &value.kind {
            return self.gaps.push(Left { pointer, is_whole: true, why: why.clone() });
        }
        if !std::mem::take(is_first) {
            self.text.push(',');
        }
        let number = self.places.len();
        self.places.push(Placed { start: self.here(), end: 0, span });
        json::quote(&text::safe(key), &mut self.text);
        self.text.push(':');
        self.value(value, &pointer, depth + 1);
        let end = self.here();
        if let Some(placed) = self.places.get_mut(number) {
            placed.end = end;
        }
    }

    fn open(&mut self, why: Option<&Arc<Unknown>>, pointer: &str) {
        if let Some(why) = why {
            self.gaps.push(Left { pointer: pointer.to_owned(), is_whole: false, why: why.clone() });
        }
    }

    fn value(&mut self, value: &Value, pointer: &str, depth: usize) {
        let number = self.places.len();
        self.places.push(Placed { start: self.here(), end: 0, span: value.span });
        match &value.kind {
            _ if self.text.len() > LONGEST || depth > json::DEEPEST => self.text.push_str("null"),
            Kind::Null => self.text.push_str("null"),
            Kind::Bool(known) => write!(self.text, "{known}").unwrap_or_default(),
            Kind::Int(known) => write!(self.text, "{known}").unwrap_or_default(),
            Kind::Number(known) => self.text.push_str(known),
            Kind::String(known) => json::quote(known, &mut self.text),
            Kind::Symbol(_) => json::quote(&text::safe(&text::canonical(value)), &mut self.text),
            Kind::Unknown(why) => {
                self.gaps.push(Left { pointer: pointer.to_owned(), is_whole: true, why: why.clone() });
                self.text.push_str("null");
            }
            Kind::Array(array) => {
                self.text.push('[');
                for (at, item) in array.items.iter().enumerate() {
                    if at > 0 {
                        self.text.push(',');
                    }
                    self.value(item, &format!("{pointer}/{at}"), depth + 1);
                }
                self.text.push(']');
                self.open(array.open.as_ref(), pointer);
            }
            Kind::Object(object) => {
                self.text.push('{');
                let mut is_first = true;
                for (key, value) in object.entries() {
                    self.property(&key.text, key.span, value, pointer, &mut is_first, depth);
                }
                self.text.push('}');
                self.open(object.open.as_ref(), pointer);
            }
        }
        let end = self.here();
        if let Some(placed) = self.places.get_mut(number) {
            placed.end = end;
        }
    }
}
