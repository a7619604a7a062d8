//! What is different between two recordings, in pieces that can be tried one by one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::base::ResourceId;
use crate::change::edit::{escaped, is_body};
use crate::change::recording::Recording;
use crate::change::v1::Difference;
use crate::finding::{Edit, Patch};
use crate::report::v1::Cause;
use crate::source::request::{Request, Subject};

/// Something that is different, and how it is carried over.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub place: Cause,
    pub kind: &'static str,
    pub before: Option<Value>,
    pub after: Option<Value>,
    moves: Vec<Move>,
}

/// How a difference is carried over to the recording before.
#[derive(Clone, Debug)]
enum Move {
    /// A property.
    Edit(Edit),
    /// A list holds a resource.
    Add(String, Value),
    /// A list holds it no longer.
    Drop(String, ResourceId),
    /// A file that is a list of bodies holds a resource.
    AddBare(Value),
    /// A file that is a list of bodies holds it no longer.
    DropBare(ResourceId),
    /// The answer to a request; `None`: it was not sent.
    Answer(String, Option<Value>),
    /// What stands beside the answers.
    Member(&'static str, Option<Value>),
}

impl Unit {
    fn new(kind: &'static str, resource: ResourceId, pointer: impl Into<String>) -> Self {
        let place = Cause::new(resource, pointer.into());
        Self { place, kind, before: None, after: None, moves: Vec::new() }
    }

    /// Carries the difference over.
    pub(super) fn apply(&self, recording: &mut Recording) {
        for one in &self.moves {
            match one {
                Move::Edit(edit) => recording.apply(&Patch { edits: vec![edit.clone()] }),
                Move::Add(key, body) => recording.list_mut(key).into_iter().for_each(|list| list.push(body.clone())),
                Move::Drop(key, id) => {
                    recording.list_mut(key).into_iter().for_each(|list| list.retain(|own| !is(own, id)))
                }
                Move::AddBare(body) => recording.bare_mut().take(1).for_each(|list| list.push(body.clone())),
                Move::DropBare(id) => recording.bare_mut().for_each(|list| list.retain(|own| !is(own, id))),
                Move::Answer(key, exchange) => recording.put_exchange(key, exchange.as_ref()),
                Move::Member(name, value) => recording.put_member(name, value.as_ref()),
            }
        }
    }

    /// For the report.
    pub(super) fn report(&self, matters: bool) -> Difference {
        Difference {
            place: self.place.clone(),
            kind: self.kind.to_owned(),
            before: self.before.clone(),
            after: self.after.clone(),
            matters,
        }
    }
}

fn is(value: &Value, id: &ResourceId) -> bool {
    value.get("id").and_then(Value::as_str).is_some_and(|own| ResourceId::new(own) == *id)
}

/// What can stand beside the answers of a recording.
const MEMBERS: [&str; 8] = ["cloud", "dns", "observations", "probes", "repaired", "takenAt", "tenantId", "vantage"];

/// Everything that is different, resource by resource.
pub(super) fn units(before: &Recording, after: &Recording) -> Vec<Unit> {
    let mut found = Found::default();
    let (old, new) = (before.exchanges(), after.exchanges());
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys {
        found.exchange(key, old.get(key).copied(), new.get(key).copied());
    }
    let (old, new) = (before.bare(), after.bare());
    for id in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        match (old.get(id), new.get(id)) {
            (Some(old), Some(new)) => found.body(id, old, new),
            (None, Some(new)) => found.presence(id, "created", Move::AddBare((*new).clone())),
            (Some(_), None) => found.presence(id, "deleted", Move::DropBare(id.clone())),
            (None, None) => {}
        }
    }
    let mut units: Vec<Unit> = found.properties.into_values().chain(found.presences.into_values()).collect();
    units.extend(found.answers);
    for name in MEMBERS {
        let (old, new) = (before.member(name), after.member(name));
        if old != new {
            let mut unit = Unit::new("observed", ResourceId::new(name), "");
            let plain = |value: &Option<Value>| value.clone().filter(|value| value.is_string());
            (unit.before, unit.after) = (plain(&old), plain(&new));
            unit.moves.push(Move::Member(name, new));
            units.push(unit);
        }
    }
    units
}

#[derive(Default)]
struct Found {
    properties: BTreeMap<(ResourceId, String), Unit>,
    presences: BTreeMap<ResourceId, Unit>,
    answers: Vec<Unit>,
}

/// The status of an exchange.
fn status(exchange: &Value) -> u64 {
    exchange.get("status").and_then(Value::as_u64).unwrap_or(200)
}

/// The bodies that an answer consists of.
fn items(exchange: &Value) -> BTreeMap<ResourceId, &Value> {
    let Some(body) = exchange.get("body").filter(|_| status(exchange) == 200) else { return BTreeMap::new() };
    let list = ["value", "data"].into_iter().find_map(|name| body.get(name)?.as_array());
    let own = std::iter::once(body).filter(|_| list.is_none()).chain(list.into_iter().flatten());
    let own = own.filter(|one| is_body(one));
    own.filter_map(|one| Some((ResourceId::new(one.get("id")?.as_str()?), one))).collect()
}

/// An answer without the bodies that it consists of.
fn rest(exchange: &Value) -> Value {
    let mut rest = exchange.clone();
    let items = items(exchange);
    if let Some(own) = rest.as_object_mut() {
        own.remove("request");
        let is_one = own.get("body").is_some_and(is_body);
        if is_one {
            own.remove("body");
        } else if let Some(Value::Object(body)) = own.get_mut("body") {
            for list in ["value", "data"] {
                if let Some(Value::Array(all)) = body.get_mut(list) {
                    all.retain(|one| !is_body(one) || items.is_empty());
                }
            }
        }
    }
    rest
}

/// The resource that a request asks for, if it asks for one.
fn asked(key: &str) -> Option<ResourceId> {
    let request = Request::parse(key, "");
    match request.subject() {
        Subject::Resource(id, _) if request.host.is_none() && request.is("GET") => Some(id),
        _ => None,
    }
}

impl Found {
    fn exchange(&mut self, key: &str, old: Option<&Value>, new: Option<&Value>) {
        let answer = |value: Option<&Value>| Move::Answer(key.to_owned(), value.cloned());
        let is_there = |value: Option<&Value>| value.is_some_and(|value| status(value) == 200);
        if let Some(id) = asked(key)
            && is_there(old) != is_there(new)
        {
            let kind = if is_there(new) { "created" } else { "deleted" };
            return self.presence(&id, kind, answer(new));
        }
        let (Some(old), Some(new)) = (old, new) else { return self.answer(key, answer(new)) };
        if rest(old) != rest(new) {
            return self.answer(key, answer(Some(new)));
        }
        let (before, after) = (items(old), items(new));
        for id in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            match (before.get(id), after.get(id)) {
                (Some(old), Some(new)) => self.body(id, old, new),
                (None, Some(new)) => self.presence(id, "created", Move::Add(key.to_owned(), (*new).clone())),
                (Some(_), None) => self.presence(id, "deleted", Move::Drop(key.to_owned(), id.clone())),
                (None, None) => {}
            }
        }
    }

    fn answer(&mut self, key: &str, answer: Move) {
        let path = key.split_once(' ').map_or(key, |(_, rest)| rest);
        let resource = ResourceId::new(path.split(['&', ' ']).next().unwrap_or_default());
        let mut unit = Unit::new("answer", resource, "");
        unit.moves.push(answer);
        self.answers.push(unit);
    }

    fn presence(&mut self, id: &ResourceId, kind: &'static str, how: Move) {
        let unit = self.presences.entry(id.clone()).or_insert_with(|| Unit::new(kind, id.clone(), ""));
        unit.moves.push(how);
    }

    fn body(&mut self, id: &ResourceId, old: &Value, new: &Value) {
        self.value(id, String::new(), Some(old), Some(new));
    }

    fn value(&mut self, id: &ResourceId, pointer: String, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (old, new) if old == new => {}
            (Some(Value::Object(before)), Some(Value::Object(after))) => {
                for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                    let inner = format!("{pointer}/{}", escaped(name));
                    self.value(id, inner, before.get(name), after.get(name));
                }
            }
            (Some(Value::Array(before)), Some(Value::Array(after))) if is_aligned(before, after) => {
                for (at, (old, new)) in before.iter().zip(after).enumerate() {
                    self.value(id, format!("{pointer}/{at}"), Some(old), Some(new));
                }
            }
            _ => {
                let mut unit = Unit::new("property", id.clone(), pointer.clone());
                unit.moves.push(Move::Edit(match new {
                    Some(new) => Edit::set(id, pointer.clone(), new.clone()),
                    None => Edit::remove(id, pointer.clone()),
                }));
                let plain = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
                (unit.before, unit.after) = (plain(old), plain(new));
                self.properties.entry((id.clone(), pointer)).or_insert(unit);
            }
        }
    }
}

/// Whether two lists have the same elements, as far as their names say, in the same order.
fn is_aligned(before: &[Value], after: &[Value]) -> bool {
    let names = |value: &Value| -> Vec<Option<String>> {
        ["id", "name", "objectId"].map(|name| Some(value.get(name)?.as_str()?.to_ascii_lowercase())).to_vec()
    };
    before.len() == after.len()
        && before.iter().zip(after).all(|(old, new)| old.is_object() && new.is_object() && names(old) == names(new))
}
