//! Finds the resources in a document, in whatever form they stand there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::base::ResourceId;
use crate::source::az;
use crate::source::outputs::body::{Body, Content, Pieces, Spot, Unnamed, is_id};
use crate::source::outputs::kinds::{self, Known};
use crate::source::outputs::{graph, powershell};

/// A text where it stands in the file, unless something in it is escaped.
#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct InPlace<'t>(#[serde(borrow)] Cow<'t, str>);

/// The members of an object by their names, each as it stands in the file.
type Members<'t> = BTreeMap<InPlace<'t>, &'t RawValue>;

const UNKNOWN: &str = "the JSON contains no known Azure resource or recording";
const HELP: &str = "expected a `snapshot/v1` recording, or resources with an `id`: one, an array, `{\"value\": […]}` or \
                    `{\"data\": […]}`, as azure-cli, Azure PowerShell or the portal prints them";

/// How many lists may stand in each other: `jq -s` puts the lists of several files into one.
const DEEPEST: u8 = 8;

/// Walks through the documents of one file.
pub(super) struct Walk<'t, 'p> {
    text: &'t str,
    /// Where the lines of the text end.
    lines: Vec<usize>,
    pieces: &'p mut Pieces<'t>,
}

impl<'t, 'p> Walk<'t, 'p> {
    pub(super) fn new(text: &'t str, pieces: &'p mut Pieces<'t>) -> Self {
        Self { text, lines: memchr::memchr_iter(b'\n', text.as_bytes()).collect(), pieces }
    }

    /// Where a part of the text starts.
    fn spot(&self, part: &str) -> Spot {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let before = self.lines.partition_point(|end| *end < offset);
        let start = before.checked_sub(1).and_then(|at| self.lines.get(at)).map_or(0, |end| end + 1);
        Spot { line: before + 1, column: offset.saturating_sub(start) + 1 }
    }

    /// Takes a document. One that is not JSON is taken as a whole: its reader says what is wrong with it.
    pub(super) fn document(&mut self, document: &'t str) {
        let document = document.trim();
        match serde_json::from_str::<&RawValue>(document) {
            Ok(raw) => self.raw(raw, 0),
            Err(_) => self.whole(document),
        }
    }

    fn whole(&mut self, text: &'t str) {
        self.pieces.whole.push((self.spot(text), text));
    }

    fn problem(&mut self, at: Spot, what: impl Into<String>, help: impl Into<String>) {
        /// How many problems of one file are listed.
        const MOST: usize = 100;
        match self.pieces.problems.len() {
            0..MOST => self.pieces.problems.push((at, what.into(), help.into())),
            MOST => {
                let what = format!("the file has more than {MOST} problems; the others are not listed");
                self.pieces.problems.push((at, what, "correct those that are listed first".to_owned()));
            }
            _ => {}
        }
    }

    fn raw(&mut self, raw: &'t RawValue, depth: u8) {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(text) {
                Ok(items) if depth < DEEPEST => self.list(raw, items, depth),
                _ => self.whole(text),
            },
            Some(b'{') => match serde_json::from_str::<Members>(text) {
                Ok(members) => self.object(raw, &members, depth),
                Err(_) => self.whole(text),
            },
            _ if text == "null" => {}
            _ => self.problem(self.spot(text), UNKNOWN, HELP),
        }
    }

    fn list(&mut self, raw: &'t RawValue, items: Vec<&'t RawValue>, depth: u8) {
        let first = items.first().and_then(|item| serde_json::from_str::<Map<String, Value>>(item.get()).ok());
        match first.as_ref().and_then(kinds::element) {
            Some(kind) => {
                let at = self.spot(raw.get());
                if let Ok(value) = serde_json::from_str(raw.get()) {
                    self.pieces.unnamed.push(Unnamed { at, kind, value });
                }
            }
            None => {
                self.pieces.is_nested |= items.iter().any(|item| item.get().starts_with('['));
                items.into_iter().for_each(|item| self.raw(item, depth + 1));
            }
        }
    }

    fn object(&mut self, raw: &'t RawValue, members: &Members<'t>, depth: u8) {
        let member = |name: &'static str| members.get(&InPlace(Cow::Borrowed(name))).map(|raw| raw.get());
        let is_list = |name: &'static str| member(name).is_some_and(|text| text.starts_with('['));
        if ["apimDoctor", "exchanges", "kept"].into_iter().any(|name| member(name).is_some()) {
            return self.whole(raw.get());
        }
        let text = |name: &'static str| serde_json::from_str::<InPlace<'_>>(member(name)?).ok().map(|text| text.0);
        if let Some(id) = text("id").filter(|id| is_id(id)) {
            let id = ResourceId::new(&id);
            let kind = id.resource_type().to_ascii_lowercase();
            let properties = member("properties").filter(|text| text.starts_with('{'));
            if properties.is_some() && !az::is_changed(&kind) && !kinds::is_references(properties) {
                let (at, content) = (self.spot(raw.get()), Content::Own(raw.get()));
                return self.pieces.bodies.push(Body { at, id, content, lacks: None });
            }
        } else if let Some(list) = ["value", "data", "Data"].into_iter().find(|name| is_list(name)) {
            // A list, an answer of Resource Graph, or what PowerShell makes of it.
            self.pieces.is_nested |= depth > 0 || list == "Data";
            if let Some(list) = members.get(&InPlace(Cow::Borrowed(list))).copied().filter(|_| depth < DEEPEST) {
                return self.raw(list, depth + 1);
            }
        }
        let at = self.spot(raw.get());
        match serde_json::from_str::<Map<String, Value>>(raw.get()) {
            Ok(object) => self.value(at, object, Some(raw.get()), depth),
            Err(_) => self.whole(raw.get()),
        }
    }

    /// Takes an object that may not stand in the form of Resource Manager; `own` is its text, where it has one.
    fn value(&mut self, at: Spot, object: Map<String, Value>, own: Option<&'t str>, depth: u8) {
        let id = object.get("id").and_then(Value::as_str).filter(|id| is_id(id)).map(ResourceId::new);
        if let Some(id) = id {
            return self.resource(at, &id, object, own);
        }
        if let Some(rows) = graph::rows(&object) {
            return rows.into_iter().for_each(|row| self.any(at, Value::Object(row), depth + 1));
        }
        if let Some(answer) = powershell::content(&object) {
            return match answer {
                Ok(answer) => self.any(at, answer, depth + 1),
                Err((what, help)) => self.problem(at, what, help),
            };
        }
        match powershell::resource(&object) {
            Some(Ok((id, body, lacks))) => return self.part(at, &id, body, None, lacks),
            Some(Err((what, help))) => return self.problem(at, what, help),
            None => {}
        }
        match kinds::object(&object) {
            Known::Unnamed(kind) => self.pieces.unnamed.push(Unnamed { at, kind, value: Value::Object(object) }),
            Known::Aside(what, help) => {
                // Many empty objects say no more than a few.
                if self.pieces.aside.len() < 1_000 {
                    self.pieces.aside.push((at, what.to_owned(), help.to_owned()));
                }
            }
            Known::Unusable(what, help) => self.problem(at, what, help),
            Known::No => self.problem(at, UNKNOWN, HELP),
        }
    }

    /// Takes what stood inside of another form.
    fn any(&mut self, at: Spot, value: Value, depth: u8) {
        if depth > DEEPEST {
            return self.problem(at, UNKNOWN, HELP);
        }
        match value {
            Value::Array(items) => items.into_iter().for_each(|item| self.any(at, item, depth + 1)),
            Value::Object(mut object) => {
                let has_id = object.get("id").and_then(Value::as_str).is_some_and(is_id);
                let list = ["value", "data"].into_iter().find(|name| object.get(*name).is_some_and(Value::is_array));
                match list.filter(|_| !has_id).and_then(|name| object.remove(name)) {
                    Some(list) => self.any(at, list, depth + 1),
                    None => self.value(at, object, None, depth + 1),
                }
            }
            Value::Null => {}
            _ => self.problem(at, UNKNOWN, HELP),
        }
    }

    /// Takes a resource. One that is as Resource Manager answers it stays as it stands in the file.
    fn resource(&mut self, at: Spot, id: &ResourceId, object: Map<String, Value>, own: Option<&'t str>) {
        self.part(at, id, object, own, None);
    }

    /// Takes a resource, or only a part of one, which lacks this property.
    fn part(
        &mut self,
        at: Spot,
        id: &ResourceId,
        object: Map<String, Value>,
        own: Option<&'t str>,
        missing: Option<&'static str>,
    ) {
        if let Some(references) = kinds::references(id, &object) {
            let bodies = references.into_iter().map(|(id, value)| Body {
                at,
                id,
                content: Content::Restored(value),
                lacks: None,
            });
            return self.pieces.bodies.extend(bodies);
        }
        let (object, is_cut) = graph::unfold(object);
        for az::Restored { body, lacks } in az::restore(id, object.clone()) {
            let lacks = lacks.or(missing).or(is_cut.then_some("properties"));
            let id = body.get("id").and_then(Value::as_str).map_or_else(|| id.clone(), ResourceId::new);
            let content = match own {
                Some(text) if !is_cut && body.as_object() == Some(&object) => Content::Own(text),
                _ => Content::Restored(body),
            };
            self.pieces.bodies.push(Body { at, id, content, lacks });
        }
    }
}
