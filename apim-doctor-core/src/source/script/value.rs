//! What is known of a value in a script. A script is followed, never run: what is not literal is not known.

use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) use crate::model::script::Key;

/// Stands in a text for a piece that is not known. It is in a private range of Unicode.
pub(super) const HOLE: char = '\u{e000}';

/// The longest text that is followed.
const LONGEST: usize = 64 << 10;

/// The longest list that is followed.
pub(super) const MOST: usize = 256;

/// A value, and what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub kind: Kind,
    /// The byte at which the literal stands, or the expression that is not known.
    pub at: usize,
    /// The variable that it was read from.
    pub variable: Option<Rc<str>>,
    /// Why it, or a piece of it, is not known.
    pub why: Option<Rc<str>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A text; pieces that are not known are holes.
    Text(Rc<str>),
    List(Rc<Vec<Value>>),
    /// A table or an object, by keys in lower case. `true`: it may have others.
    Table(Rc<BTreeMap<String, Value>>, bool),
    /// What `New-AzStorageContext` returns.
    Context(Rc<Context>),
    /// An account key, or what holds it. Its value is not kept.
    Key(Key),
    Unknown,
}

/// Two values are the same if what is known of them is.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// A storage context.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Context {
    pub account: Value,
    pub key: Key,
}

impl Value {
    pub(super) fn new(kind: Kind, at: usize) -> Self {
        Self { kind, at, variable: None, why: None }
    }

    pub(super) fn text(text: impl Into<Rc<str>>, at: usize) -> Self {
        Self::new(Kind::Text(text.into()), at)
    }

    pub(super) fn unknown(why: impl Into<Rc<str>>, at: usize) -> Self {
        Self { why: Some(why.into()), ..Self::new(Kind::Unknown, at) }
    }

    /// A text as it is put together: a piece that is not known is a hole.
    pub(super) fn piece(&self) -> Rc<str> {
        match &self.kind {
            Kind::Text(text) => text.clone(),
            Kind::List(items) => match items.as_slice() {
                [one] => one.piece(),
                all => all.iter().map(|one| one.piece().to_string()).collect::<Vec<_>>().join(" ").into(),
            },
            _ => HOLE.to_string().into(),
        }
    }

    /// The text, if all of it is known.
    pub(super) fn known(&self) -> Option<Rc<str>> {
        match &self.kind {
            Kind::Text(text) if !text.contains(HOLE) => Some(text.clone()),
            Kind::List(items) => match items.as_slice() {
                [one] => one.known(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items of a list; what is not a list is its only item. `None`: how many there are is not known.
    pub(super) fn items(&self) -> Option<Vec<Value>> {
        match &self.kind {
            Kind::List(items) => Some(items.to_vec()),
            Kind::Unknown | Kind::Key(_) => None,
            Kind::Text(text) if text.contains(HOLE) => None,
            _ => Some(vec![self.clone()]),
        }
    }

    /// A member of an object.
    pub(super) fn member(&self, name: &str, at: usize) -> Value {
        match &self.kind {
            Kind::Table(table, is_open) => match table.get(name) {
                Some(value) => value.clone(),
                None if *is_open => {
                    Value::unknown(format!("property `{name}` of an object that is read at run time"), at)
                }
                None => Value::text("", at),
            },
            Kind::Key(key) => Value::new(Kind::Key(*key), at),
            Kind::Context(context) if name == "storageaccountname" => context.account.clone(),
            Kind::Context(_) if name == "context" => self.clone(),
            Kind::List(items) => match items.as_slice() {
                [one] => one.member(name, at),
                _ => Value::unknown("a value of a list", at),
            },
            _ => Value { at, ..Value::unknown(self.why.clone().unwrap_or_else(|| "a computed value".into()), at) },
        }
    }

    /// An item of a list, or an entry of a table.
    pub(super) fn index(&self, key: &Value, at: usize) -> Value {
        match (&self.kind, key.known()) {
            (Kind::List(items), Some(key)) => {
                let found = key.parse::<i64>().ok().and_then(|n| match n < 0 {
                    true => items.len().checked_sub(usize::try_from(n.checked_neg()?).ok()?),
                    false => usize::try_from(n).ok(),
                });
                let found = found.and_then(|n| items.get(n)).cloned();
                found.unwrap_or_else(|| Value::unknown("an item of a list", at))
            }
            (Kind::Table(..), Some(key)) => self.member(&key.to_ascii_lowercase(), at),
            (Kind::Key(_), _) => self.clone(),
            _ => Value::unknown("an item of a list", at),
        }
    }

    /// Two values behind each other: texts are joined, lists are continued.
    pub(super) fn plus(&self, other: &Value, at: usize) -> Value {
        match (&self.kind, &other.kind) {
            (Kind::List(one), _) => {
                let Some(more) = other.items() else { return Value::unknown("a list that grows at run time", at) };
                let all: Vec<Value> = one.iter().cloned().chain(more).take(MOST + 1).collect();
                match all.len() > MOST {
                    true => Value::unknown("a list with many items", at),
                    false => Value::new(Kind::List(all.into()), at),
                }
            }
            (Kind::Table(one, a), Kind::Table(other, b)) => {
                let mut all = (**one).clone();
                all.extend(other.iter().map(|(key, value)| (key.clone(), value.clone())));
                Value::new(Kind::Table(all.into(), *a || *b), at)
            }
            (Kind::Table(..) | Kind::Context(_) | Kind::Key(_), _) => Value::unknown("a computed value", at),
            _ => joined(&[self.clone(), other.clone()], at),
        }
    }
}

/// Texts behind each other.
pub(super) fn joined(parts: &[Value], at: usize) -> Value {
    let pieces: Vec<Rc<str>> = parts.iter().map(Value::piece).collect();
    if pieces.iter().map(|piece| piece.len()).sum::<usize>() > LONGEST {
        return Value::unknown("a text that is too long to follow", at);
    }
    // A value that is read from a variable stands where the variable was set.
    let at = match parts {
        [one] => one.at,
        _ => at,
    };
    let why = parts.iter().find_map(|part| part.why.clone()).or_else(|| Some("a computed value".into()));
    let text: String = pieces.iter().map(|piece| &**piece).collect();
    let is_open = text.contains(HOLE);
    Value { why: why.filter(|_| is_open), ..Value::text(text, at) }
}
