//! Changes that are only planned, as a person states them.

use serde_json::Value;

use crate::base::ResourceId;
use crate::change::edit::{Step, escaped};
use crate::change::error::ChangeError;
use crate::change::place::{Bodies, nearest, property, resource};
use crate::change::rule::{self, Hardening};
use crate::finding::Edit;

/// A change that is only planned.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Planned {
    /// `RESOURCE/PROPERTY=VALUE`: sets a property; `null` removes it.
    Set(String),
    /// A resource that is deleted, by its id or its name.
    Delete(String),
    /// A JSON merge patch (RFC 7396) for each resource, by their ids or names; `null` deletes the resource.
    Patch(Value),
    /// A rule of a known tool, or the name of a hardening; `RULE=RESOURCE` for one resource.
    Apply(String),
}

/// Changes that one request stands for.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// The changes, in order.
    pub steps: Vec<Step>,
    /// The rule that asks for them.
    pub rule: Option<String>,
    /// How many resources the rule is about, whether it changes them or not.
    pub about: usize,
}

impl Planned {
    /// The changes of recorded resources.
    pub(super) fn steps(&self, bodies: &Bodies<'_>) -> Result<Steps, ChangeError> {
        let plain = |steps: Vec<Step>| Steps { about: steps.len().max(1), steps, rule: None };
        match self {
            Planned::Set(text) => Ok(plain(vec![set(bodies, text)?])),
            Planned::Delete(text) => Ok(plain(vec![Step::Delete(whole(bodies, text, "is deleted as a whole")?)])),
            Planned::Patch(patch) => patched(bodies, patch).map(plain),
            Planned::Apply(text) => apply(bodies, text),
        }
    }
}

/// `RESOURCE/PROPERTY=VALUE`.
fn set(bodies: &Bodies<'_>, text: &str) -> Result<Step, ChangeError> {
    let Some((place, value)) = text.split_once('=') else {
        return Err(ChangeError::new(
            format!("`{text}` sets nothing: `=` and a value are missing"),
            "expected RESOURCE/PROPERTY=VALUE, for example `kv-shop/properties/publicNetworkAccess=Disabled`",
        ));
    };
    let (id, path) = resource(bodies, place)?;
    let property = property(bodies, &id, path)?;
    let value = property.value(value)?;
    Ok(Step::Edit(match (property.is_new, value) {
        (true, value) => Edit::append(&id, property.pointer, value),
        (false, Value::Null) => Edit::remove(&id, property.pointer),
        (false, value) => Edit::set(&id, property.pointer, value),
    }))
}

/// A resource, and nothing after it.
fn whole(bodies: &Bodies<'_>, text: &str, why: &str) -> Result<ResourceId, ChangeError> {
    match resource(bodies, text)? {
        (id, "") => Ok(id),
        (id, rest) => Err(ChangeError::new(
            format!("`{rest}` is not a part of `{}` that was recorded", id.name()),
            format!("a resource {why}: name it without a property, or give its id"),
        )),
    }
}

/// The changes of a merge patch for each resource.
fn patched(bodies: &Bodies<'_>, patch: &Value) -> Result<Vec<Step>, ChangeError> {
    let Value::Object(all) = patch else {
        return Err(ChangeError::new(
            "the patch is not a JSON object",
            "expected the id or the name of each resource with its merge patch, for example `{\"kv-shop\": \
             {\"properties\": {\"publicNetworkAccess\": \"Disabled\"}}}`",
        ));
    };
    let mut steps = Vec::new();
    for (name, own) in all {
        let id = whole(bodies, name, "is named as a whole in a patch")?;
        match own {
            Value::Null => steps.push(Step::Delete(id)),
            Value::Object(_) => {
                let body = bodies.get(&id).and_then(|own| own.first()).copied();
                merge(bodies, &id, own, body, "", &mut steps)?;
            }
            _ => {
                let message = format!("the patch of `{}` is not a JSON object", id.name());
                return Err(ChangeError::new(message, "expected its members that change, or `null` to delete it"));
            }
        }
    }
    Ok(steps)
}

/// The changes of one object of a merge patch. Objects are merged; everything else is replaced.
fn merge(
    bodies: &Bodies<'_>,
    id: &ResourceId,
    patch: &Value,
    body: Option<&Value>,
    path: &str,
    steps: &mut Vec<Step>,
) -> Result<(), ChangeError> {
    for (name, value) in patch.as_object().into_iter().flatten() {
        let path = format!("{path}/{}", escaped(name));
        let property = property(bodies, id, &path)?;
        let own = body.and_then(|body| body.get(name));
        match value {
            Value::Object(_) => merge(bodies, id, value, own, &path, steps)?,
            Value::Null => steps.push(Step::Edit(Edit::remove(id, property.pointer))),
            value => {
                let value = match value {
                    Value::String(text) => property.value(&Value::from(text.as_str()).to_string())?,
                    value => property.value(&value.to_string())?,
                };
                steps.push(Step::Edit(Edit::set(id, property.pointer, value)));
            }
        }
    }
    Ok(())
}

/// What a rule asks for.
fn apply(bodies: &Bodies<'_>, text: &str) -> Result<Steps, ChangeError> {
    let (name, only) = text.split_once('=').map_or((text, None), |(name, only)| (name, Some(only)));
    let Some((hardening, rule)) = rule::find(name) else {
        let known = rule::names();
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? `apim-doctor what-if --rules` lists all"),
            None => "`apim-doctor what-if --rules` lists all rules".to_owned(),
        };
        return Err(ChangeError::new(format!("rule `{name}` is not known"), help));
    };
    let only = only.map(|only| whole(bodies, only, "is hardened as a whole")).transpose()?;
    let fits = |id: &ResourceId| only.as_ref().is_none_or(|only| only == id);
    if let Some(odd) = only.as_ref().filter(|only| !hardening.is_about(only)) {
        let message = format!("rule `{rule}` is not about `{}`, which is a {}", odd.name(), odd.resource_type());
        return Err(ChangeError::new(message, format!("it is about resources of type {}", hardening.resource_type())));
    }
    let about: Vec<_> = bodies.iter().filter(|(id, _)| hardening.is_about(id) && fits(id)).collect();
    let of = |(id, own): &(&ResourceId, &Vec<&Value>)| own.first().map(|body| Hardening::steps(hardening, id, body));
    let steps = about.iter().filter_map(of).flatten().map(Step::Edit).collect();
    Ok(Steps { steps, rule: Some(rule.to_owned()), about: about.len() })
}
