//! Finds the resource and the property that a person names.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::base::ResourceId;
use crate::change::edit::escaped;
use crate::change::error::ChangeError;
use crate::model::{Modelled, Shape, TypeVisitor, with_type};
use crate::source::keep;

/// How many resources an error names.
const NAMED: usize = 6;

/// The bodies of the recorded resources.
pub(super) type Bodies<'r> = BTreeMap<ResourceId, Vec<&'r Value>>;

/// A property of a resource, where what leads to it is known.
#[derive(Debug)]
pub(super) struct Property {
    /// The resource.
    pub resource: ResourceId,
    /// A JSON pointer into its body. It may not be there yet.
    pub pointer: String,
    /// What a diagnosis reads there.
    pub shape: Option<Shape>,
    /// Whether it is a new element at the end of a list.
    pub is_new: bool,
}

/// The resource that a text starts with, and the rest of the text: properties, separated by slashes.
///
/// It is named by its id, by its name, or by the name of the resource that it is a part of and its path from there
/// (`kv-shop/secrets/tls`). The longest name counts.
///
/// # Errors
/// When no resource or several have the name.
pub(super) fn resource<'t>(bodies: &Bodies<'_>, text: &'t str) -> Result<(ResourceId, &'t str), ChangeError> {
    let text = text.trim().trim_end_matches('/');
    let mut best: (usize, Vec<&ResourceId>) = (0, Vec::new());
    for id in bodies.keys() {
        let length = names(id).iter().filter(|name| starts_with(text, name)).map(String::len).max();
        match length {
            Some(length) if length > best.0 => best = (length, vec![id]),
            Some(length) if length == best.0 => best.1.push(id),
            _ => {}
        }
    }
    match best.1.as_slice() {
        [one] => Ok(((*one).clone(), text.get(best.0..).unwrap_or_default().trim_start_matches('/'))),
        [] => Err(unknown(bodies, text)),
        several => {
            let named = text.get(..best.0).unwrap_or_default();
            let ids: Vec<String> = several.iter().take(NAMED).map(|id| format!("`{id}`")).collect();
            let message = format!("the recording contains {} resources named `{named}`", several.len());
            Err(ChangeError::new(message, format!("give the id of one: {}", ids.join(", "))))
        }
    }
}

/// The names under which a resource is known.
fn names(id: &ResourceId) -> [String; 3] {
    let text = id.as_str();
    let after = text.to_ascii_lowercase().rfind("/providers/").and_then(|at| text.get(at + "/providers/".len()..));
    let from_parent = after.map(|rest| rest.split('/').skip(2).collect::<Vec<_>>().join("/")).unwrap_or_default();
    [text.to_owned(), from_parent, id.name().to_owned()]
}

/// Whether a text is a name, or a name and then a slash.
fn starts_with(text: &str, name: &str) -> bool {
    let head = text.get(..name.len()).filter(|_| !name.is_empty());
    let rest = text.get(name.len()..).unwrap_or_default();
    head.is_some_and(|head| head.eq_ignore_ascii_case(name)) && (rest.is_empty() || rest.starts_with('/'))
}

fn unknown(bodies: &Bodies<'_>, text: &str) -> ChangeError {
    let is_id = text.starts_with('/');
    let wanted = if is_id { text } else { text.split('/').next().unwrap_or_default() };
    let all: Vec<String> = bodies.keys().map(|id| if is_id { id.to_string() } else { id.name().to_owned() }).collect();
    let message = format!("the recording contains no resource `{wanted}`");
    let help = match nearest(wanted, all.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if all.is_empty() => "the recording contains no resource: check the file".to_owned(),
        None => {
            let mut top: Vec<&str> = bodies.keys().filter(|id| is_top(id)).map(ResourceId::name).collect();
            top.dedup();
            let some: Vec<String> = top.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
            format!("recorded are {}, for example; name one, or give its id", some.join(", "))
        }
    };
    ChangeError::new(message, help)
}

/// Whether a resource is not a part of another one.
fn is_top(id: &ResourceId) -> bool {
    id.resource_type().matches('/').count() == 1
}

/// The text that is most like another one, if any is like it.
pub(super) fn nearest<'t>(wanted: &str, all: impl Iterator<Item = &'t str>) -> Option<&'t str> {
    let wanted = wanted.to_ascii_lowercase();
    let like = all.map(|one| (strsim::jaro_winkler(&one.to_ascii_lowercase(), &wanted), one));
    let best = like.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(likeness, _)| *likeness > 0.85).map(|(_, one)| one)
}

/// What a diagnosis reads of a resource of a type.
struct ShapeOf;

impl TypeVisitor for ShapeOf {
    type Output = Shape;

    fn visit<P: Modelled>(self) -> Shape {
        keep::shape_of::<P>()
    }
}

/// The property of a resource that a text names: names of members, numbers or names of elements, separated by slashes.
///
/// # Errors
/// When neither the recorded body nor what a diagnosis reads has such a property.
pub(super) fn property(bodies: &Bodies<'_>, resource: &ResourceId, path: &str) -> Result<Property, ChangeError> {
    let kind = resource.resource_type();
    let shape = with_type(&kind.to_ascii_lowercase(), ShapeOf);
    let body = bodies.get(resource).and_then(|own| own.first()).copied();
    let mut at = Property { resource: resource.clone(), pointer: String::new(), shape, is_new: false };
    let mut value = body;
    for step in path.split('/').filter(|step| !step.is_empty()) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if at.is_new {
            return Err(ChangeError::new(
                format!("`{path}`: `-` is a new element, and nothing can follow it"),
                "give the whole new element as JSON",
            ));
        }
        value = at.enter(value, &step, path)?;
    }
    match at.pointer.is_empty() {
        true => Err(ChangeError::new(
            format!("which property of `{}` changes is missing", resource.name()),
            format!("for example `{}/properties/publicNetworkAccess=Disabled`", resource.name()),
        )),
        false => Ok(at),
    }
}

impl Property {
    /// Goes one step further.
    fn enter<'v>(
        &mut self,
        value: Option<&'v Value>,
        step: &str,
        path: &str,
    ) -> Result<Option<&'v Value>, ChangeError> {
        let shape = self.shape.take();
        match (value, shape) {
            (Some(Value::Array(items)), shape) => {
                self.shape = element(shape);
                let named = |one: &Value| {
                    one.get("name").and_then(Value::as_str).is_some_and(|name| name.eq_ignore_ascii_case(step))
                };
                if step == "-" {
                    self.is_new = true;
                    return Ok(None);
                }
                let number = step.parse::<usize>().ok().or_else(|| items.iter().position(named));
                let Some(number) = number.filter(|number| *number < items.len()) else {
                    let message = format!("`{}` has no element `{step}` in `{}`", self.resource.name(), self.pointer);
                    let help = format!("it has {}: give a number from 0, a name, or `-` for a new one", items.len());
                    return Err(ChangeError::new(message, help));
                };
                self.pointer = format!("{}/{number}", self.pointer);
                Ok(items.get(number))
            }
            (None | Some(Value::Null), Some(Shape::List(inner))) if step == "-" => {
                self.shape = Some(*inner);
                self.is_new = true;
                Ok(None)
            }
            (Some(Value::Object(_)) | None | Some(Value::Null), shape) => {
                let (name, inner) = self.member(value, shape, step, path)?;
                self.pointer = format!("{}/{}", self.pointer, escaped(&name));
                self.shape = inner;
                Ok(value.and_then(|value| value.get(&*name)))
            }
            _ => Err(ChangeError::new(
                format!("`{path}` of `{}` does not exist: `{}` is a single value", self.resource.name(), self.pointer),
                format!("set `{}` itself", self.pointer.trim_start_matches('/')),
            )),
        }
    }

    /// The name of a member as it is written, and what is read of it.
    fn member(
        &self,
        value: Option<&Value>,
        shape: Option<Shape>,
        step: &str,
        path: &str,
    ) -> Result<(String, Option<Shape>), ChangeError> {
        let recorded = value.and_then(Value::as_object);
        let recorded = || recorded.into_iter().flat_map(|map| map.keys().map(String::as_str));
        let own =
            recorded().find(|name| *name == step).or_else(|| recorded().find(|name| name.eq_ignore_ascii_case(step)));
        match shape {
            Some(Shape::Members(members)) => {
                // A second spelling of a member begins with a capital.
                let read =
                    members.keys().copied().filter(|name| name.starts_with(|sign: char| sign.is_ascii_lowercase()));
                let known = read.clone().find(|name| name.eq_ignore_ascii_case(step));
                match own.or(known) {
                    Some(name) => {
                        let inner = members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
                        Ok((name.to_owned(), inner.map(|(_, shape)| shape.clone())))
                    }
                    None => Err(self.no_member(step, path, recorded().chain(read).collect())),
                }
            }
            Some(Shape::Map(inner)) => Ok((own.unwrap_or(step).to_owned(), Some(*inner))),
            // The type looks into the value itself.
            Some(Shape::Anything) => Ok((own.unwrap_or(step).to_owned(), Some(Shape::Anything))),
            shape => match own {
                Some(name) => Ok((name.to_owned(), None)),
                None if shape.is_none() => Err(self.no_member(step, path, recorded().collect())),
                None => Err(self.no_member(step, path, Vec::new())),
            },
        }
    }

    fn no_member(&self, step: &str, path: &str, known: Vec<&str>) -> ChangeError {
        let (name, kind) = (self.resource.name(), self.resource.resource_type());
        let message = format!("`{name}` has no property `{path}` that apim-doctor reads");
        let place = self.pointer.trim_start_matches('/');
        let within = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}/{name}") };
        // Often only the step to `properties` is missing.
        let help = match nearest(step, known.iter().copied()) {
            Some(near) => format!("did you mean `{}`?", within(near)),
            None if place.is_empty() && known.contains(&"properties") => {
                format!("paths start at the resource as Resource Manager shows it: `properties/{path}`?")
            }
            None if known.is_empty() => format!("nothing is read there of a resource of type {kind}"),
            None => {
                let some: Vec<String> = known.iter().take(2 * NAMED).map(|name| format!("`{name}`")).collect();
                format!("known there are {}", some.join(", "))
            }
        };
        ChangeError::new(message, help)
    }

    /// A value as it was typed: JSON, or a bare text. Checked against what is read there.
    pub(super) fn value(&self, text: &str) -> Result<Value, ChangeError> {
        let json = serde_json::from_str::<Value>(text).ok();
        let of = |expected: &str| {
            let place = format!("{}{}", self.resource.name(), self.pointer);
            Err(ChangeError::new(format!("`{text}` does not fit `{place}`"), format!("expected {expected}")))
        };
        match (&self.shape, json) {
            (_, Some(Value::Null)) => Ok(Value::Null),
            (Some(Shape::Flag), Some(value @ Value::Bool(_))) => Ok(value),
            (Some(Shape::Flag), _) => match text.to_ascii_lowercase().as_str() {
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                _ => of("`true` or `false`"),
            },
            (Some(Shape::Number), Some(value @ Value::Number(_))) => Ok(value),
            (Some(Shape::Number), _) => of("a number"),
            (Some(Shape::Text), Some(value @ Value::String(_))) => Ok(value),
            (Some(Shape::Text), Some(Value::Array(_) | Value::Object(_))) => of("a text"),
            (Some(Shape::Text), _) => Ok(text.into()),
            (Some(Shape::List(_)), Some(value @ Value::Array(_))) => Ok(value),
            (Some(Shape::List(_)), _) => of("a JSON array"),
            (Some(Shape::Members(_) | Shape::Map(_)), Some(value @ Value::Object(_))) => Ok(value),
            (Some(Shape::Members(_) | Shape::Map(_)), _) => of("a JSON object"),
            (Some(Shape::Anything) | None, Some(value)) => Ok(value),
            (Some(Shape::Anything) | None, None) => Ok(text.into()),
        }
    }
}

/// What is read of an element of a list.
fn element(shape: Option<Shape>) -> Option<Shape> {
    match shape {
        Some(Shape::List(inner)) => Some(*inner),
        Some(Shape::Anything) => Some(Shape::Anything),
        _ => None,
    }
}
