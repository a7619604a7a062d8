//! The code that a report names.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::FromText;
use crate::finding::code::Code;

/// A code as a report names it. A report of another version can name a code that this version does not have.
///
/// Names are equal if their texts are.
///
/// ```
/// use apim_doctor_core::{Code, CodeName};
/// let name = CodeName::from(Code::DnsZoneNotLinked);
/// assert_eq!(name, "dns.zone-not-linked");
/// assert_eq!(name.code(), Some(Code::DnsZoneNotLinked));
/// let newer: CodeName = serde_json::from_str(r#""dns.only-a-newer-version-has-it""#)?;
/// assert_eq!(newer.code(), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct CodeName(Name);

#[derive(Clone)]
enum Name {
    Known(Code),
    // INVARIANT: no code of this version has this text.
    Other(Box<str>),
}

impl CodeName {
    /// The text: `gate.bad-state`.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Known(code) => code.text(),
            Name::Other(text) => text,
        }
    }

    /// The code; `None` if this version does not have it: a newer version added it, or it is in
    /// [`RETIRED`](crate::RETIRED).
    pub fn code(&self) -> Option<Code> {
        match self.0 {
            Name::Known(code) => Some(code),
            Name::Other(_) => None,
        }
    }

    fn of(text: &str) -> Self {
        let known = Code::ALL.iter().find(|code| code.text() == text);
        Self(known.map_or_else(|| Name::Other(text.into()), |code| Name::Known(*code)))
    }
}

impl From<Code> for CodeName {
    fn from(code: Code) -> Self {
        Self(Name::Known(code))
    }
}

impl fmt::Debug for CodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for CodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl PartialEq for CodeName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for CodeName {}

impl PartialEq<Code> for CodeName {
    fn eq(&self, other: &Code) -> bool {
        self.code() == Some(*other)
    }
}

impl PartialEq<str> for CodeName {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for CodeName {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for CodeName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for CodeName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for CodeName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Serialize for CodeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CodeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromText(CodeName::of))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for CodeName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CodeName".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}
