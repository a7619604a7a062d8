//! What is kept of a value: the members that are named, and each in its form.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::knowledge::cloud::Cloud;
use crate::model::Shape;
use crate::model::form::REDACTED;
use crate::source::keep::url::{text, url};
use crate::source::redact;

/// What stays of a value, and in which form.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    /// A text without secrets.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// Every element.
    List(Box<Kept>),
    /// Every member.
    Map(Box<Kept>),
    /// These members.
    Members(BTreeMap<&'static str, Kept>),
    /// What a form of its own leaves.
    Form(Form),
}

/// Changes a value to what of it is kept.
pub(super) type Form = fn(&mut Value, &Cloud);

/// Members of any type that are the identifier of a secret.
const LINKS: &[&str] = &["keyVaultId", "keyVaultSecretId", "secretIdentifier", "secretUriWithVersion"];

impl Kept {
    /// What is kept of what a type reads.
    pub(super) fn of(shape: Shape) -> Kept {
        Kept::with_forms(shape, &[])
    }

    /// What is kept of what a type reads. Members at the given pointers are kept in a form of their own.
    pub(super) fn with_forms(shape: Shape, forms: &[(&str, Form)]) -> Kept {
        Kept::at("", shape, forms)
    }

    fn at(at: &str, shape: Shape, forms: &[(&str, Form)]) -> Kept {
        if let Some((_, form)) = forms.iter().find(|(pointer, _)| pointer.eq_ignore_ascii_case(at)) {
            return Kept::Form(*form);
        }
        let inner = |shape: Box<Shape>| Box::new(Kept::at(&format!("{at}/*"), *shape, forms));
        let name = at.rsplit('/').next().unwrap_or_default();
        match shape {
            Shape::Text if LINKS.contains(&name) => Kept::Form(link),
            Shape::Text => Kept::Text,
            Shape::Flag => Kept::Flag,
            Shape::Number => Kept::Number,
            Shape::List(shape) => Kept::List(inner(shape)),
            Shape::Map(shape) => Kept::Map(inner(shape)),
            Shape::Members(members) => {
                let member = |(name, shape)| (name, Kept::at(&format!("{at}/{name}"), shape, forms));
                Kept::Members(members.into_iter().map(member).collect())
            }
            // A type that looks into a value itself needs a form that says what is kept of it.
            Shape::Anything => Kept::Form(nothing),
        }
    }

    /// Texts at pointers such as `/error/code`.
    pub(super) fn texts(pointers: &[&'static str]) -> Kept {
        let mut kept = Kept::Members(BTreeMap::new());
        for pointer in pointers {
            kept.add(&pointer.split('/').skip(1).collect::<Vec<_>>(), Kept::Text);
        }
        kept
    }

    /// Adds a member at a place.
    pub(super) fn with(mut self, pointer: &'static str, own: Kept) -> Kept {
        self.add(&pointer.split('/').skip(1).collect::<Vec<_>>(), own);
        self
    }

    /// Adds a member at a place that is given in steps.
    pub(super) fn add(&mut self, steps: &[&'static str], own: Kept) {
        match steps {
            [] => *self = own,
            ["*", rest @ ..] => match self {
                Kept::List(inner) | Kept::Map(inner) => inner.add(rest, own),
                _ => {
                    let mut inner = Kept::Members(BTreeMap::new());
                    inner.add(rest, own);
                    *self = Kept::List(Box::new(inner));
                }
            },
            [first, rest @ ..] => {
                if !matches!(self, Kept::Members(_)) {
                    *self = Kept::Members(BTreeMap::new());
                }
                if let Kept::Members(members) = self {
                    members.entry(first).or_insert_with(|| Kept::Members(BTreeMap::new())).add(rest, own);
                }
            }
        }
    }

    /// Drops everything else.
    ///
    /// A value of another kind than the one that is read stays one of another kind: it makes the body unreadable, and
    /// it has to stay that. No element is dropped, so pointers go on to mean the same.
    pub(super) fn apply(&self, value: &mut Value, cloud: &Cloud) {
        match (self, value) {
            (Kept::Form(form), value) => form(value, cloud),
            (Kept::Text, Value::String(own)) => *own = text(own),
            (_, Value::Null) | (Kept::Flag, Value::Bool(_)) | (Kept::Number, Value::Number(_)) => {}
            (Kept::List(inner), Value::Array(items)) => items.iter_mut().for_each(|item| inner.apply(item, cloud)),
            (Kept::Map(inner), Value::Object(map)) => map.values_mut().for_each(|value| inner.apply(value, cloud)),
            (Kept::Members(members), Value::Object(map)) => {
                map.retain(|name, _| members.contains_key(name.as_str()));
                for (name, value) in map {
                    if let Some(kept) = members.get(name.as_str()) {
                        kept.apply(value, cloud);
                    }
                }
            }
            (Kept::Members(_), Value::Array(items)) if items.is_empty() => {}
            (Kept::Members(_), other @ Value::Array(_)) => *other = REDACTED.into(),
            (_, other) => empty(other),
        }
    }
}

/// Leaves a value of the same kind that says nothing.
pub(super) fn empty(value: &mut Value) {
    match value {
        Value::String(text) => REDACTED.clone_into(text),
        Value::Number(number) => *number = 0.into(),
        Value::Array(items) => items.clear(),
        Value::Object(map) => map.clear(),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Keeps nothing of a value.
pub(super) fn nothing(value: &mut Value, _: &Cloud) {
    *value = Value::Null;
}

/// Changes a text; of any other value nothing stays.
pub(super) fn of_text(value: &mut Value, change: impl Fn(&str) -> String) {
    match value {
        Value::String(own) => *own = change(own),
        other => empty(other),
    }
}

fn link(value: &mut Value, _: &Cloud) {
    of_text(value, url);
}

/// Keeps what Azure or a person wrote, without secrets.
pub(super) fn sentence(value: &mut Value, _: &Cloud) {
    of_text(value, redact::sentence);
}
