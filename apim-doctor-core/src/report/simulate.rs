//! Tries fixes in memory: applies a patch to the collected data and reverts it.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::base::ResourceId;
use crate::finding::{Edit, Patch};
use crate::model::authorization::RoleAssignment;
use crate::model::dns::{PrivateDnsZone, VirtualNetworkLink};
use crate::model::{Estate, Modelled, Place, Resource, Row, Seen, TypeVisitor, is_bare, with_type};

/// How to take a patch back.
#[derive(Default)]
pub(crate) struct Undo(Vec<Step>);

/// One change, taken back.
type Step = Box<dyn FnOnce(&mut Estate)>;

impl Undo {
    /// Restores the collected data.
    pub(super) fn restore(self, estate: &mut Estate) {
        self.0.into_iter().rev().for_each(|undo| undo(estate));
    }
}

/// Applies a patch. Nothing is changed where one of its edits does not fit.
pub(crate) fn apply(estate: &mut Estate, patch: &Patch) -> Option<Undo> {
    let mut undo = Undo::default();
    // A body is read again once for all of its changes.
    let changes = |edit: &Edit| !matches!(edit, Edit::Create { .. });
    let of_one = |a: &Edit, b: &Edit| changes(a) && changes(b) && a.resource() == b.resource();
    for edits in patch.edits.chunk_by(of_one) {
        let one = match edits {
            [Edit::Create { body, .. }] => create(estate, body),
            _ => change(estate, edits),
        };
        match one {
            Some(one) => undo.0.push(one),
            None => {
                undo.restore(estate);
                return None;
            }
        }
    }
    Some(undo)
}

/// Makes changes of one resource.
fn change(estate: &mut Estate, edits: &[Edit]) -> Option<Step> {
    let id = edits.first()?.resource().clone();
    let mut body = match estate.patched.get(&id) {
        Some(body) => body.clone(),
        None => original(estate, &id)?,
    };
    edits.iter().try_for_each(|edit| apply_to(&mut body, edit))?;
    let kind = id.resource_type().to_ascii_lowercase();
    let replaced = with_type(&kind, Replace { estate, id: &id, body: &body }).flatten()?;
    let before = estate.patched.insert(id.clone(), body);
    Some(Box::new(move |estate| {
        match before {
            Some(body) => estate.patched.insert(id, body),
            None => estate.patched.remove(&id),
        };
        replaced(estate);
    }))
}

/// The body of a resource as it stands in the input.
fn original(estate: &Estate, id: &ResourceId) -> Option<Value> {
    let Place { file, offset, len } = estate.tables.place(id)?;
    let bytes = estate.inputs.get(usize::from(file))?.bytes.get(offset..offset + len)?;
    let mut body: Value = serde_json::from_slice(bytes).ok()?;
    if is(&body, id) || body.get("id").is_none() {
        return Some(body);
    }
    find(&mut body, id).map(|inner| inner.take())
}

pub(super) fn is(value: &Value, id: &ResourceId) -> bool {
    value.get("id").and_then(Value::as_str).is_some_and(|text| ResourceId::new(text) == *id)
}

/// The object with this id inside a document.
fn find<'v>(value: &'v mut Value, id: &ResourceId) -> Option<&'v mut Value> {
    if is(value, id) {
        return Some(value);
    }
    match value {
        Value::Object(map) => map.values_mut().find_map(|inner| find(inner, id)),
        Value::Array(items) => items.iter_mut().find_map(|inner| find(inner, id)),
        _ => None,
    }
}

/// Changes one body.
pub(super) fn apply_to(body: &mut Value, edit: &Edit) -> Option<()> {
    match edit {
        Edit::Set { pointer, value, .. } => *reach(body, pointer)? = value.clone(),
        Edit::Append { pointer, value, .. } => match reach(body, pointer)? {
            Value::Array(items) => items.push(value.clone()),
            empty @ Value::Null => *empty = Value::Array(vec![value.clone()]),
            _ => return None,
        },
        Edit::Remove { pointer, .. } => {
            let (parent, leaf) = pointer.rsplit_once('/')?;
            match body.pointer_mut(parent)? {
                Value::Object(map) => {
                    map.remove(&*unescaped(leaf));
                }
                Value::Array(items) => {
                    let at = leaf.parse::<usize>().ok().filter(|at| *at < items.len())?;
                    items.remove(at);
                }
                _ => return None,
            }
        }
        Edit::Create { .. } => return None,
    }
    Some(())
}

/// The place a pointer names; objects on the way are made.
fn reach<'v>(body: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    pointer.split('/').skip(1).try_fold(body, |value, key| {
        if value.is_null() {
            *value = Value::Object(serde_json::Map::new());
        }
        match value {
            Value::Object(map) => Some(map.entry(unescaped(key)).or_insert(Value::Null)),
            Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
            _ => None,
        }
    })
}

/// A member's name of a pointer: the keys of a map may hold slashes.
fn unescaped(name: &str) -> Cow<'_, str> {
    if name.contains('~') { name.replace("~1", "/").replace("~0", "~").into() } else { name.into() }
}

/// A body as its type.
fn read<P: Modelled>(body: &Value) -> Option<Resource<P>> {
    if !is_bare::<P>() || body.get("properties").is_some() {
        return Resource::deserialize(body).ok();
    }
    Resource::deserialize(&serde_json::json!({ "properties": body })).ok()
}

struct Replace<'e> {
    estate: &'e mut Estate,
    id: &'e ResourceId,
    body: &'e Value,
}

impl TypeVisitor for Replace<'_> {
    type Output = Option<Step>;

    fn visit<P: Modelled>(self) -> Option<Step> {
        let Replace { estate, id, body } = self;
        let resource = read::<P>(body)?;
        let row = P::table_mut(&mut estate.tables).get_mut(id)?;
        let resource = Resource { id: row.resource.id.clone(), ..resource };
        let new = Row { resource, rank: row.rank.clone(), at: row.at, last: row.last, also: Vec::new() };
        let old = std::mem::replace(row, Arc::new(new));
        let id = id.clone();
        Some(Box::new(move |estate| {
            P::table_mut(&mut estate.tables).insert(id, old);
        }))
    }
}

fn create(estate: &mut Estate, body: &Value) -> Option<Step> {
    let id = ResourceId::new(body.get("id")?.as_str()?);
    let kind = body.get("type")?.as_str()?.to_ascii_lowercase();
    with_type(&kind, Insert { estate, id, body }).flatten()
}

struct Insert<'e> {
    estate: &'e mut Estate,
    id: ResourceId,
    body: &'e Value,
}

impl TypeVisitor for Insert<'_> {
    type Output = Option<Step>;

    fn visit<P: Modelled>(self) -> Option<Step> {
        let Insert { estate, id, body } = self;
        let resource = read::<P>(body)?;
        let refusal = estate.refusals.remove(&id);
        let at = Place { file: u16::MAX, offset: 0, len: 0 };
        let row = Row { resource, rank: (Seen::Listed, "".into()), at, last: at.file, also: Vec::new() };
        let old = P::table_mut(&mut estate.tables).insert(id.clone(), Arc::new(row));
        index(estate, &id);
        Some(Box::new(move |estate| {
            unindex(estate, &id);
            if let Some(refusal) = refusal {
                estate.refusals.insert(id.clone(), refusal);
            }
            match old {
                Some(row) => P::table_mut(&mut estate.tables).insert(id, row),
                None => P::table_mut(&mut estate.tables).remove(&id),
            };
        }))
    }
}

/// Makes a new resource findable.
fn index(estate: &mut Estate, id: &ResourceId) {
    let (assignment, network) = (assignment(estate, id), linked_network(estate, id));
    let zone = PrivateDnsZone::table(&estate.tables).contains_key(id);
    let index = &mut estate.made;
    if let Some(row) = assignment {
        index.add_assignment(&row.resource);
    }
    if let Some(network) = network {
        index.links_of.entry(network).or_default().push(id.clone());
    }
    if zone {
        index.zones.entry(id.name().to_ascii_lowercase()).or_default().push(id.clone());
    }
}

/// Takes it out again.
fn unindex(estate: &mut Estate, id: &ResourceId) {
    let (assignment, network) = (assignment(estate, id), linked_network(estate, id));
    let index = &mut estate.made;
    if let Some(row) = assignment {
        index.remove_assignment(&row.resource);
    }
    if let Some(links) = network.and_then(|network| index.links_of.get_mut(&network)) {
        links.retain(|link| link != id);
    }
    if let Some(zones) = index.zones.get_mut(&id.name().to_ascii_lowercase()) {
        zones.retain(|zone| zone != id);
    }
}

fn assignment(estate: &Estate, id: &ResourceId) -> Option<Arc<Row<RoleAssignment>>> {
    RoleAssignment::table(&estate.tables).get(id).cloned()
}

fn linked_network(estate: &Estate, id: &ResourceId) -> Option<ResourceId> {
    let row = VirtualNetworkLink::table(&estate.tables).get(id)?;
    row.resource.properties.virtual_network.as_ref().map(|network| network.id.clone())
}
