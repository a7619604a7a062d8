//! The possible values of a text in a policy. Only a value that is certain is a text; everything else is unknown, and
//! remembers whether it names a vault.

use super::csharp::HOLE;
use crate::model::Gap;
use crate::model::form::REDACTED;

/// A piece of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// A text.
    Text(String),
    /// The token that the identity of this element gave.
    Token(usize),
    /// Not known.
    Unknown,
}

/// One possible value of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Value {
    /// Its pieces, in order.
    pub parts: Vec<Part>,
    /// Whether what is not known of it comes from a text that names a vault.
    pub names_vault: bool,
    /// What keeps it from being known.
    pub missing: Vec<Missing>,
    /// The elements whose values it comes from.
    pub from: Vec<usize>,
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// A variable that nothing read sets.
    Variable(String),
    /// Anything else.
    Gap(Gap),
}

impl Value {
    pub(super) fn unknown() -> Self {
        Self { parts: vec![Part::Unknown], ..Self::default() }
    }

    /// Its texts, in order; `None` stands for what is not known.
    fn texts(&self) -> impl Iterator<Item = Option<&str>> {
        self.parts.iter().map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Token(_) | Part::Unknown => None,
        })
    }

    /// The whole text, if all of it is known.
    pub(super) fn known(&self) -> Option<String> {
        self.texts().collect()
    }

    /// What is known from the beginning on.
    pub(super) fn prefix(&self) -> String {
        self.texts().map_while(|text| text).collect()
    }

    /// Everything that is known, whatever stands between.
    pub(super) fn text(&self) -> String {
        self.texts().flatten().collect()
    }

    /// The elements whose tokens are in it.
    pub(super) fn tokens(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Token(at) => Some(*at),
            Part::Text(_) | Part::Unknown => None,
        })
    }

    pub(super) fn append(&mut self, other: &Value) {
        self.parts.extend(other.parts.iter().cloned());
        self.names_vault |= other.names_vault;
        self.missing.extend(other.missing.iter().cloned());
        self.from.extend(&other.from);
    }
}

/// What the values of a policy are looked up in.
pub(super) trait Scope {
    /// The text of a named value; why it is not known, where it is not.
    fn named_value(&self, name: &str) -> Result<String, Missing>;
    /// The possible values of a context variable.
    fn variable(&self, name: &str) -> Vec<Value>;
    /// Whether a text names a vault.
    fn names_vault(&self, text: &str) -> bool;
    /// Whether a text begins with the URL of a vault.
    fn is_vault_url(&self, text: &str) -> bool;
}

/// A text without expressions; what is computed or was redacted in it is not known.
pub(super) fn literal(text: &str) -> Value {
    let end = ["@(", "@{"].iter().filter_map(|mark| text.find(mark)).min();
    let known = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let mut parts = Vec::new();
    let known = known.replace(REDACTED, &HOLE.to_string());
    for (at, piece) in known.split(HOLE).enumerate() {
        if at > 0 {
            parts.push(Part::Unknown);
        }
        if !piece.is_empty() {
            parts.push(Part::Text(piece.to_owned()));
        }
    }
    parts.extend(end.map(|_| Part::Unknown));
    Value { parts, ..Value::default() }
}
