//! What comes of an instance, and how bodies are written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::source::terraform::plan::{Map, Plan};
use crate::source::terraform::values::unknown;
use crate::source::terraform::view::Block;
use crate::template::place::Span;
use crate::template::text::canonical;
use crate::template::value::{Array, Key, Kind, Object, Unknown, Value};

/// A resource of Resource Manager that comes of an instance.
pub(super) struct Made {
    pub(super) id: Value,
    pub(super) kind: &'static str,
    pub(super) version: &'static str,
    pub(super) body: Value,
    /// The type and version, where they come from the plan.
    pub(super) written: Option<(Arc<str>, Arc<str>)>,
    /// Whether it stands for what was there before.
    pub(super) is_before: bool,
}

impl Made {
    pub(super) fn new(id: Value, kind: &'static str, version: &'static str, body: Value) -> Self {
        Self { id, kind, version, body, written: None, is_before: false }
    }
}

/// What of an instance comes of it.
pub(super) enum Lowered {
    /// Resources.
    Made(Vec<Made>),
    /// Nothing of its own: it is a part of another.
    Merged,
    /// The type is not read.
    NotRead,
}

impl From<Option<Made>> for Lowered {
    fn from(made: Option<Made>) -> Self {
        made.map_or(Self::NotRead, |made| Self::Made(vec![made]))
    }
}

impl From<Made> for Lowered {
    fn from(made: Made) -> Self {
        Self::Made(vec![made])
    }
}

/// What is found of other instances first.
pub(super) struct Lowering<'p, 'o> {
    pub(super) plan: &'p Plan<'o>,
    /// What is attached to subnets, by the subnet's id.
    pub(super) subnets: Map<Arc<str>, Vec<(&'static str, Value)>>,
    /// Rules of accounts that stand beside them, by the account's id.
    pub(super) account_rules: Map<Arc<str>, usize>,
    /// Custom domains, by the instance's id.
    pub(super) domains: Map<Arc<str>, Vec<usize>>,
    /// Parts that stand beside a resource, or are deleted: the resource's id, and what tells the part.
    pub(super) apart: HashSet<(Arc<str>, Arc<str>)>,
    /// Subnets of apps that are connected apart, by the app's id.
    pub(super) app_subnets: Map<Arc<str>, Value>,
    /// Name servers of networks that are given apart, by the network's id.
    pub(super) name_servers: Map<Arc<str>, Value>,
    /// How many access policies stand beside a vault, by its id.
    pub(super) policies: HashMap<Arc<str>, u32>,
}

/// An object of members, without those that are not set.
pub(super) fn object<const N: usize>(span: Span, members: [(&str, Option<Value>); N]) -> Value {
    let entry = |(name, value): (&str, Option<Value>)| {
        value.map(|value| (Key::new(name, value.span.or(span)), value.placed(span)))
    };
    Value::object(Object::new(members.into_iter().filter_map(entry).collect()), span)
}

/// A list of values, and why there may be more.
pub(super) fn list(items: Vec<Value>, open: Option<Arc<Unknown>>, span: Span) -> Value {
    Value::new(Kind::Array(Arc::new(Array::new(items, open))), span)
}

pub(super) fn flag(value: bool) -> Value {
    Value::new(Kind::Bool(value), Span::NONE)
}

/// `Enabled` or `Disabled`.
pub(super) fn enabled(value: &Value) -> Value {
    match value.as_bool() {
        Some(true) => Value::string("Enabled", value.span),
        Some(false) => Value::string("Disabled", value.span),
        None => value.clone(),
    }
}

pub(super) fn not(value: &Value) -> Value {
    match value.as_bool() {
        Some(own) => Value::new(Kind::Bool(!own), value.span),
        None => value.clone(),
    }
}

/// Each element of a list as an object with one member.
pub(super) fn each(value: Option<Value>, name: &str) -> Option<Value> {
    let value = value?;
    let Kind::Array(array) = &value.kind else { return Some(value) };
    let items = array.items.iter().map(|item| object(item.span, [(name, Some(item.clone()))])).collect();
    Some(list(items, array.open.clone(), value.span))
}

/// A reference to a resource: an object with its id.
pub(super) fn sub_resource(id: Option<Value>) -> Option<Value> {
    id.map(|id| object(id.span, [("id", Some(id))]))
}

/// The identities of a resource.
pub(super) fn identity(own: &Block<'_, '_>) -> Option<Value> {
    let blocks = own.blocks("identity");
    if let Some(reason) = blocks.open {
        return Some(Value::new(Kind::Unknown(reason), own.span()));
    }
    let block = blocks.items.into_iter().next()?;
    let kind = block.get("type")?;
    let mut members = vec![(Key::new("type", kind.span), kind)];
    if let Some(ids) = block.list("identity_ids")
        && let Kind::Array(array) = &ids.kind
        && (!array.items.is_empty() || array.open.is_some())
    {
        let entry = |id: &Value| {
            let symbol = match &id.kind {
                Kind::Symbol(symbol) => Some(symbol.clone()),
                _ => None,
            };
            (Key { text: canonical(id), span: id.span, symbol }, Value::object(Object::new(Vec::new()), id.span))
        };
        let all = Object::new(array.items.iter().map(entry).collect()).open(array.open.clone());
        members.push((Key::new("userAssignedIdentities", ids.span), Value::object(all, ids.span)));
    }
    Some(Value::object(Object::new(members), block.span()))
}

pub(super) fn empty(span: Span) -> Value {
    Value::object(Object::new(Vec::new()), span)
}

/// A value of which nothing is known.
pub(super) fn not_told(own: &Block<'_, '_>, name: &str) -> Value {
    unknown(format!("{}.{name}", own.address()).into(), own.span(), Vec::new())
}
