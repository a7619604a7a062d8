//! Values: known, symbols for what does not exist yet, or unknown with a reason.

use std::sync::{Arc, OnceLock};

use crate::template::place::Span;

/// A value and the place where it was written. It keeps that place through parameters, variables, loops and functions
/// that pass it on; a value that was computed has the place of the expression. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    /// Its kind and content.
    pub kind: Kind,
    /// Where it was written.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// Any other number, as it was written.
    Number(Arc<str>),
    /// A text.
    String(Arc<str>),
    /// A list.
    Array(Arc<Array>),
    /// An object.
    Object(Arc<Object>),
    /// Something that has no value yet, but equals itself.
    Symbol(Arc<Symbol>),
    /// Not known.
    Unknown(Arc<Unknown>),
}

/// A list, and whether it is all of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Array {
    /// The known elements, in order.
    pub items: Vec<Value>,
    /// Why there may be more elements (at any place), where that is so.
    pub open: Option<Arc<Unknown>>,
    weight: Weight,
}

/// How much a value holds, counted as if nothing were shared, and how deeply it is nested.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weight {
    pub size: u32,
    pub depth: u16,
}

impl Weight {
    /// That of a list or object of values.
    fn of<'v>(values: impl Iterator<Item = &'v Value>) -> Self {
        let around = |sum: Weight, value: &Value| {
            let weight = value.weight();
            Weight { size: sum.size.saturating_add(weight.size), depth: sum.depth.max(weight.depth) }
        };
        let inside = values.fold(Weight { size: 1, depth: 0 }, around);
        Weight { depth: inside.depth.saturating_add(1), ..inside }
    }
}

impl Array {
    /// A list, and why there may be more elements.
    pub(crate) fn new(items: Vec<Value>, open: Option<Arc<Unknown>>) -> Self {
        let weight = Weight::of(items.iter());
        Self { items, open, weight }
    }
}

/// A property's name and the place where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// The name as it was written; of a symbol, its canonical text.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
    /// The symbol that the name is, where it is one (`userAssignedIdentities` by id).
    pub symbol: Option<Arc<Symbol>>,
}

/// Properties in the order in which they were written, found without regard to case.
#[derive(Debug, Default)]
pub(crate) struct Object {
    entries: Vec<(Key, Value)>,
    /// Why there may be more properties, where that is so.
    pub open: Option<Arc<Unknown>>,
    weight: Weight,
    /// Hash and number of each entry, in order of the hash; only of large objects.
    index: OnceLock<Vec<(u64, u32)>>,
}

/// Something that has no value yet. Equal symbols are the same thing; unequal ones may be, unless they say otherwise.
/// Ids in canonical text are in lower case, so that they can be compared and looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Symbol {
    /// A text of known pieces and symbols: an id in a subscription that is not known, a name with `uniqueString`.
    Text(Vec<Part>),
    /// A fact of where the deployment goes that was not given.
    Context(Context),
    /// A text parameter of the outermost template that has no value. Another one may have the same value.
    Parameter {
        /// Its name.
        name: Arc<str>,
        /// Where it is declared.
        span: Span,
    },
    /// The object id of the principal of an identity: of the system-assigned identity of a resource, or of a
    /// user-assigned identity. The id is that of the resource, in canonical text.
    Principal(Arc<str>),
    /// The client id of an identity. Never equal to a principal.
    Client(Arc<str>),
    /// A property of a resource that these files make or name.
    Property {
        /// The resource's id in canonical text.
        resource: Arc<str>,
        /// The names and indexes from the resource's top: `properties`, `defaultHostName`.
        path: Vec<Arc<str>>,
    },
    /// A pure function of symbols: `uniqueString(resourceGroup().id)`.
    Computed {
        /// The function's name as documented.
        function: Arc<str>,
        /// Its arguments in canonical text.
        arguments: Vec<Arc<str>>,
    },
    /// What an operation of a resource returns: `listKeys(x).keys[0].value` is a key of x.
    Listed {
        /// The function: `listKeys`.
        function: Arc<str>,
        /// The resource's id in canonical text.
        resource: Arc<str>,
        /// The names and indexes taken of the answer.
        path: Vec<Arc<str>>,
    },
    /// A whole resource (`reference(x, v, 'full')`, `x` in Bicep), whose properties can be asked for.
    Resource(ResourceHandle),
}

/// A resource seen from an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ResourceHandle {
    /// Its id in canonical text.
    pub id: Arc<str>,
    /// The number of its declaration among the evaluated ones, where these files declare it.
    pub declared: Option<u32>,
    /// The names and indexes taken so far.
    pub path: Vec<Arc<str>>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Known.
    Known(Arc<str>),
    /// Not yet.
    Symbol(Arc<Symbol>),
}

/// A fact of where the deployment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Context {
    /// The tenant's id; every identity made here belongs to it.
    Tenant,
    /// The subscription's id.
    Subscription,
    /// The subscription's display name.
    SubscriptionName,
    /// The resource group's name.
    ResourceGroup,
    /// The resource group's region.
    Location,
    /// The deployment's region.
    DeploymentLocation,
    /// The management group's name.
    ManagementGroup,
    /// The deployment's name.
    DeploymentName,
    /// The object id of who deploys.
    Deployer,
    /// The client id of who deploys.
    DeployerClient,
}

/// A value that is not known.
#[derive(Clone, Debug)]
pub(crate) struct Unknown {
    /// Why.
    pub why: Why,
    /// Where the reason stands: the parameter without a value, the call that only Azure can answer.
    pub span: Span,
    /// The values it can have, where there are few: allowed values, both branches of a condition.
    pub possible: Vec<Value>,
    /// How it starts, where it is a text that is put together and the start is known.
    pub start: Option<Arc<str>>,
    /// What was written, where something that is not known may have replaced it.
    pub written: Option<Value>,
}

impl Unknown {
    /// Not known, and nothing is known of it.
    pub(crate) fn new(why: Why, span: Span) -> Self {
        Self { why, span, possible: Vec::new(), start: None, written: None }
    }
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Why {
    /// A parameter has no value.
    Parameter(Arc<str>),
    /// A parameter's value is a secret that is fetched while deploying.
    Secret(Arc<str>),
    /// Only Azure can answer the function.
    Runtime(Arc<str>),
    /// A property of a resource that these files name and do not make; its id in canonical text.
    NotRead(Arc<str>),
    /// The function is not known here.
    Function(Arc<str>),
    /// A file or module that was not found or could not be read.
    File(Arc<str>),
    /// The expression is wrong; a problem says how.
    Invalid,
    /// The evaluation was given up: too deep, too long, too large.
    Limit,
    /// The input leaves it out, as this says: lower case, no full stop.
    LeftOut(Arc<str>),
}

impl Value {
    /// A value that was written at a place.
    pub(crate) fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span }
    }

    /// `null`.
    pub(crate) fn null(span: Span) -> Self {
        Self::new(Kind::Null, span)
    }

    /// A text.
    pub(crate) fn string(text: impl Into<Arc<str>>, span: Span) -> Self {
        Self::new(Kind::String(text.into()), span)
    }

    /// A list that is known to its end.
    pub(crate) fn array(items: Vec<Value>, span: Span) -> Self {
        Self::new(Kind::Array(Arc::new(Array::new(items, None))), span)
    }

    /// An object.
    pub(crate) fn object(object: Object, span: Span) -> Self {
        Self::new(Kind::Object(Arc::new(object)), span)
    }

    /// A symbol.
    pub(crate) fn symbol(symbol: Symbol, span: Span) -> Self {
        Self::new(Kind::Symbol(Arc::new(symbol)), span)
    }

    /// Not known, for a reason that stands at the same place.
    pub(crate) fn unknown(why: Why, span: Span) -> Self {
        Self::new(Kind::Unknown(Arc::new(Unknown::new(why, span))), span)
    }

    /// The same value at another place, where its own is none.
    pub(crate) fn placed(mut self, span: Span) -> Self {
        self.span = self.span.or(span);
        self
    }

    /// The text, where it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, where it is one.
    pub(crate) fn as_int(&self) -> Option<i64> {
        match self.kind {
            Kind::Int(number) => Some(number),
            _ => None,
        }
    }

    /// `true` or `false`, where it is one.
    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The list, where it is one.
    pub(crate) fn as_array(&self) -> Option<&Array> {
        match &self.kind {
            Kind::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The object, where it is one.
    pub(crate) fn as_object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The symbol, where it is one.
    pub(crate) fn as_symbol(&self) -> Option<&Symbol> {
        match &self.kind {
            Kind::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// Why it is not known, where it is not.
    pub(crate) fn as_unknown(&self) -> Option<&Arc<Unknown>> {
        match &self.kind {
            Kind::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Whether it is not known.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unknown(_))
    }

    /// How much it holds.
    pub(crate) fn weight(&self) -> Weight {
        match &self.kind {
            Kind::Array(array) => array.weight,
            Kind::Object(object) => object.weight,
            Kind::String(text) => Weight { size: 1 + u32::try_from(text.len() / 64).unwrap_or(u32::MAX / 2), depth: 0 },
            _ => Weight { size: 1, depth: 0 },
        }
    }

    /// A property of an object by its name, without regard to case.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }
}

impl Key {
    /// A name that was written at a place.
    pub(crate) fn new(text: impl Into<Arc<str>>, span: Span) -> Self {
        Self { text: text.into(), span, symbol: None }
    }
}

/// From how many entries on an object is searched by hash.
const LARGE: usize = 12;

impl Object {
    /// An object of properties. Of the same name twice, the last one wins at the place of the first; names that differ
    /// in case stay apart, as the engine keeps them.
    pub(crate) fn new(entries: Vec<(Key, Value)>) -> Self {
        let whole = |entries: Vec<(Key, Value)>| {
            let weight = Weight::of(entries.iter().map(|(_, value)| value));
            Self { entries, open: None, weight, index: OnceLock::new() }
        };
        if !has_twins(&entries) {
            return whole(entries);
        }
        let mut kept: Vec<(Key, Value)> = Vec::with_capacity(entries.len());
        let mut seen = std::collections::HashMap::<Arc<str>, usize, foldhash::fast::FixedState>::default();
        for (key, value) in entries {
            let next = kept.len();
            let at = *seen.entry(key.text.clone()).or_insert(next);
            match kept.get_mut(at) {
                Some(entry) => *entry = (key, value),
                None => kept.push((key, value)),
            }
        }
        whole(kept)
    }

    /// The same with a reason why there may be more properties.
    pub(crate) fn open(mut self, why: Option<Arc<Unknown>>) -> Self {
        self.open = why;
        self
    }

    /// The properties in the order in which they were written.
    pub(crate) fn entries(&self) -> &[(Key, Value)] {
        &self.entries
    }

    /// The value of a property, without regard to case.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.entry(name).map(|(_, value)| value)
    }

    /// A property with its name as written, without regard to case; one in the same case goes before others.
    pub(crate) fn entry(&self, name: &str) -> Option<&(Key, Value)> {
        if self.entries.len() < LARGE {
            let mut found = None;
            for entry in self.entries.iter().filter(|(key, _)| key.text.eq_ignore_ascii_case(name)) {
                if *entry.0.text == *name {
                    return Some(entry);
                }
                found = found.or(Some(entry));
            }
            return found;
        }
        let index = self.index.get_or_init(|| {
            let mut index: Vec<_> = (0u32..).zip(&self.entries).map(|(at, (key, _))| (hash(&key.text), at)).collect();
            index.sort_unstable();
            index
        });
        let wanted = hash(name);
        let first = index.partition_point(|(hash, _)| *hash < wanted);
        let same = index.iter().skip(first).take_while(|(hash, _)| *hash == wanted);
        let mut same = same.filter_map(|(_, at)| self.entries.get(*at as usize));
        let first = same.find(|(key, _)| key.text.eq_ignore_ascii_case(name))?;
        if *first.0.text == *name {
            return Some(first);
        }
        same.find(|(key, _)| *key.text == *name).or(Some(first))
    }

    /// How many properties are known.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no property is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Clone for Object {
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone(), open: self.open.clone(), weight: self.weight, index: OnceLock::new() }
    }
}

/// Whether a name stands there twice in the same case.
fn has_twins(entries: &[(Key, Value)]) -> bool {
    if entries.len() < LARGE {
        let mut rest = entries;
        while let Some(((key, _), others)) = rest.split_first() {
            if others.iter().any(|(other, _)| other.text == key.text) {
                return true;
            }
            rest = others;
        }
        return false;
    }
    let mut hashes: Vec<u64> = entries.iter().map(|(key, _)| hash(&key.text)).collect();
    hashes.sort_unstable();
    hashes.windows(2).any(|pair| pair.first() == pair.last())
}

/// A hash that does not regard case.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
