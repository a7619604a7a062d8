//! The bodies that several files hold of one resource, as one.

use std::collections::HashSet;

use serde_json::Value;

use crate::base::{Map, ResourceId};
use crate::model::network::{Subnet, VirtualNetwork};
use crate::model::{Gap, Modelled, TypeVisitor, with_type};
use crate::source::combine::combined;
use crate::source::outputs::body::{Body, Content};

/// Combines the bodies of each resource where they do not contradict each other; the fuller answer counts.
///
/// A part of a resource completes a body and never stands for one: returns the resources of which the files hold only
/// parts.
pub(super) fn merge(files: &mut [Vec<Body<'_>>]) -> Vec<(ResourceId, Gap)> {
    let mut places: Map<ResourceId, Vec<(usize, usize)>> = Map::default();
    for (file, bodies) in files.iter().enumerate() {
        for (at, body) in bodies.iter().enumerate() {
            if with_type(&body.id.resource_type().to_ascii_lowercase(), IsModelled).is_some() {
                places.entry(body.id.clone()).or_default().push((file, at));
            }
        }
    }
    let inline = inline_subnets(files, &places);
    let mut parts = Vec::new();
    let mut dropped: HashSet<(usize, usize)> = HashSet::new();
    for (id, places) in places {
        let own = |(file, at): &(usize, usize)| files.get(*file).and_then(|bodies| bodies.get(*at));
        let is_part = places.iter().any(|place| own(place).is_some_and(|body| body.lacks.is_some()));
        let also = inline.get(&id).map(Vec::as_slice).unwrap_or_default();
        if places.len() < 2 && !is_part && also.is_empty() {
            continue;
        }
        // A row that only shows that the resource exists is compared with nothing.
        let values: Vec<_> = places
            .iter()
            .filter_map(|place| Some((*place, own(place)?.lacks, own(place)?.content.value()?)))
            .filter(|(.., value)| value.get("properties").is_some_and(Value::is_object))
            .collect();
        let lacks = values.iter().find_map(|(.., lacks, _)| *lacks);
        let mut groups: Vec<Group> = Vec::new();
        let (whole, part): (Vec<_>, Vec<_>) = values.into_iter().partition(|(_, lacks, _)| lacks.is_none());
        for (place, _, value) in whole {
            Group::add(&mut groups, &id, place, value);
        }
        if groups.is_empty() {
            dropped.extend(part.iter().map(|(place, ..)| *place));
            parts.extend(lacks.map(|lacks| (id.clone(), gap(&id, lacks))));
            continue;
        }
        for (place, _, value) in part {
            Group::add(&mut groups, &id, place, value);
        }
        for value in also {
            groups.iter_mut().for_each(|group| group.complete(&id, value));
        }
        for Group { at: (file, at), value, more, is_changed } in groups {
            dropped.extend(more);
            if let Some(body) = files.get_mut(file).and_then(|bodies| bodies.get_mut(at)).filter(|_| is_changed) {
                body.content = Content::Restored(value);
            }
        }
    }
    for (file, bodies) in files.iter_mut().enumerate() {
        let mut at = 0;
        bodies.retain(|_| {
            at += 1;
            !dropped.contains(&(file, at - 1))
        });
    }
    parts.sort_by(|(a, _), (b, _)| a.cmp(b));
    parts
}

fn gap(id: &ResourceId, lacks: &str) -> Gap {
    let noun = with_type(&id.resource_type().to_ascii_lowercase(), Noun).unwrap_or("resource");
    let what = match lacks {
        "properties" => format!("{noun} `{}` was collected only in part", id.name()),
        lacks => format!("`{lacks}` of {noun} `{}` is not in the file, which shows only a part of it", id.name()),
    };
    Gap::incomplete(what, id)
}

/// Bodies that do not contradict each other.
struct Group {
    at: (usize, usize),
    value: Value,
    more: Vec<(usize, usize)>,
    is_changed: bool,
}

impl Group {
    fn add(groups: &mut Vec<Group>, id: &ResourceId, at: (usize, usize), value: Value) {
        for group in groups.iter_mut() {
            if group.value == value {
                group.more.push(at);
                return;
            }
            if let Some(both) = combined(id, &group.value, &value) {
                group.is_changed |= both != group.value;
                group.value = both;
                group.more.push(at);
                return;
            }
        }
        // One that cannot be read stays where it is, and its reader says why.
        if combined(id, &value, &value).is_none() {
            return;
        }
        match groups.as_mut_slice() {
            // Two that contradict each other do so whatever a third one says.
            [_, last] => last.more.push(at),
            _ => groups.push(Group { at, value, more: Vec::new(), is_changed: false }),
        }
    }

    fn complete(&mut self, id: &ResourceId, value: &Value) {
        if let Some(both) = combined(id, &self.value, value) {
            self.is_changed |= both != self.value;
            self.value = both;
        }
    }
}

/// The subnets in the bodies of networks, where they also have bodies of their own.
fn inline_subnets(
    files: &[Vec<Body<'_>>],
    places: &Map<ResourceId, Vec<(usize, usize)>>,
) -> Map<ResourceId, Vec<Value>> {
    let is = |id: &ResourceId, types: &[&str]| types.iter().any(|kind| id.resource_type().eq_ignore_ascii_case(kind));
    let mut found: Map<ResourceId, Vec<Value>> = Map::default();
    if !places.keys().any(|id| is(id, Subnet::TYPES)) {
        return found;
    }
    for body in files.iter().flatten().filter(|body| is(&body.id, VirtualNetwork::TYPES)) {
        let value = body.content.value().unwrap_or_default();
        let subnets = value.pointer("/properties/subnets").and_then(Value::as_array);
        for subnet in subnets.into_iter().flatten().filter(|subnet| subnet.get("properties").is_some()) {
            let id = subnet.get("id").and_then(Value::as_str).map(ResourceId::new);
            if let Some(id) = id.filter(|id| places.contains_key(id)) {
                found.entry(id).or_default().push(subnet.clone());
            }
        }
    }
    found
}

struct IsModelled;

impl TypeVisitor for IsModelled {
    type Output = ();

    fn visit<P: Modelled>(self) {}
}

/// What people call one resource of a type.
struct Noun;

impl TypeVisitor for Noun {
    type Output = &'static str;

    fn visit<P: Modelled>(self) -> &'static str {
        P::NOUN
    }
}
