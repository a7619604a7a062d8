//! What two evaluations of the same files differ in.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::base::Map;
use crate::template::deployment::Evaluated;
use crate::template::resource::{Resource, Truth};
use crate::template::text::{canonical, key};
use crate::template::value::{Kind, Value};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::predeploy) enum Difference {
    /// A property of a resource, by the resource's number before the change.
    Property {
        /// The resource.
        resource: usize,
        /// The names and numbers into its body, in lower case.
        path: Vec<String>,
    },
    /// A resource that was not there before, by its number after the change.
    Added(usize),
    /// Anything else: a resource that is gone, or that is called, made or repeated in another way.
    Other,
}

/// What differs between the resources before and after a change of the files.
pub(in crate::predeploy) fn differences(before: &Evaluated, after: &Evaluated) -> Vec<Difference> {
    let mut numbers: Map<Arc<str>, VecDeque<usize>> = Map::default();
    for (number, resource) in before.resources.iter().enumerate().filter(|(_, resource)| !is_module(resource)) {
        numbers.entry(name(resource)).or_default().push_back(number);
    }
    let made: HashSet<Arc<str>> =
        before.resources.iter().filter(|resource| !resource.existing).map(|resource| key(&resource.id)).collect();
    let mut found = Vec::new();
    for (number, resource) in after.resources.iter().enumerate().filter(|(_, resource)| !is_module(resource)) {
        let old = numbers.get_mut(&name(resource)).and_then(VecDeque::pop_front);
        match old.and_then(|old| Some((old, before.resources.get(old)?))) {
            // What these files make can be named once more.
            None if resource.existing && made.contains(&key(&resource.id)) => {}
            None => found.push(Difference::Added(number)),
            Some((old, was)) => {
                let is_same = key(&was.api_version) == key(&resource.api_version)
                    && key(&was.name) == key(&resource.name)
                    && truth(&was.condition) == truth(&resource.condition);
                found.extend((!is_same).then_some(Difference::Other));
                values(&was.body, &resource.body, &mut Vec::new(), &mut |path| {
                    found.push(Difference::Property { resource: old, path: path.to_vec() });
                });
            }
        }
    }
    found.extend(numbers.into_values().flatten().map(|_| Difference::Other));
    found
}

/// A module is what it makes.
fn is_module(resource: &Resource) -> bool {
    resource.resource_type.eq_ignore_ascii_case("Microsoft.Resources/deployments")
}

/// By what a resource is found again.
fn name(resource: &Resource) -> Arc<str> {
    let existing = if resource.existing { "existing " } else { "" };
    format!("{existing}{} {}", resource.resource_type.to_ascii_lowercase(), key(&resource.id)).into()
}

fn truth(truth: &Truth) -> u8 {
    match truth {
        Truth::Yes => 0,
        Truth::No => 1,
        Truth::Unknown(_) => 2,
    }
}

/// Reports the places at which two values differ.
fn values(before: &Value, after: &Value, path: &mut Vec<String>, report: &mut dyn FnMut(&[String])) {
    let mut step = |path: &mut Vec<String>, name: String, one: Option<&Value>, other: Option<&Value>| {
        path.push(name);
        match (one, other) {
            (Some(one), Some(other)) => values(one, other, path, report),
            (None, None) => {}
            _ => report(path),
        }
        path.pop();
    };
    match (&before.kind, &after.kind) {
        (Kind::Object(one), Kind::Object(other)) if one.open.is_some() == other.open.is_some() => {
            for (key, value) in one.entries() {
                step(path, key.text.to_ascii_lowercase(), Some(value), other.get(&key.text));
            }
            for (key, value) in other.entries().iter().filter(|(key, _)| one.get(&key.text).is_none()) {
                step(path, key.text.to_ascii_lowercase(), None, Some(value));
            }
        }
        (Kind::Array(one), Kind::Array(other)) if one.open.is_some() == other.open.is_some() => {
            for at in 0..one.items.len().max(other.items.len()) {
                step(path, at.to_string(), one.items.get(at), other.items.get(at));
            }
        }
        _ if canonical(before) != canonical(after) => report(path),
        _ => {}
    }
}

/// Whether resources wait for each other in a circle: such a template cannot be deployed.
pub(in crate::predeploy) fn has_circle(evaluated: &Evaluated) -> bool {
    let mut waits: Vec<Vec<usize>> = Vec::with_capacity(evaluated.resources.len());
    for resource in &evaluated.resources {
        let on = resource.dependencies.iter().filter_map(|one| Some(one.resource? as usize));
        let is_made = |at: &usize| evaluated.resources.get(*at).is_some_and(|other| !other.existing);
        waits.push(on.filter(is_made).collect());
    }
    // What is in a module waits for what the module waits for, and the module is done when all of it is.
    for (number, resource) in evaluated.resources.iter().enumerate() {
        let around = evaluated.deployments.get(resource.deployment as usize).and_then(|own| own.resource);
        let Some(around) = around.map(|module| module as usize) else { continue };
        let of_module = evaluated.resources.get(around).map(|module| &module.dependencies);
        let more: Vec<usize> = of_module.into_iter().flatten().filter_map(|one| Some(one.resource? as usize)).collect();
        if let Some(own) = waits.get_mut(number) {
            own.extend(more);
        }
        if let Some(module) = waits.get_mut(around) {
            module.push(number);
        }
    }
    // Takes away what waits for nothing that is left, until nothing is left or everything left waits.
    let mut left: Vec<usize> = (0..waits.len()).collect();
    let mut is_done = vec![false; waits.len()];
    loop {
        let waiting = |at: &usize, is_done: &[bool]| {
            waits.get(*at).into_iter().flatten().any(|on| on != at && is_done.get(*on) == Some(&false))
        };
        let (open, done): (Vec<usize>, Vec<usize>) = left.iter().partition(|at| waiting(at, &is_done));
        if done.is_empty() {
            return !open.is_empty();
        }
        for at in done {
            if let Some(own) = is_done.get_mut(at) {
                *own = true;
            }
        }
        left = open;
    }
}
