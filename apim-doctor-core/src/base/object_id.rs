//! The id of a principal or of an application in Microsoft Entra ID, known or not yet.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use crate::base::{FromText, ResourceId};

/// An object id, application (client) id or tenant id.
///
/// Ids compare without regard to case. The principal of an identity that does not exist yet is a
/// *symbol*: it has a text form, equals itself, and equals nothing else.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct ObjectId(Arc<str>);

const SYMBOL: &str = "<principalId of ";

impl ObjectId {
    /// Takes the id as it was written.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.trim().into())
    }

    /// The principal that the system-assigned identity of `resource` will get.
    pub(crate) fn of_future_identity(resource: &ResourceId) -> Self {
        Self(format!("{SYMBOL}{resource}>").into())
    }

    /// The resource whose identity a text stands for, if it stands for one that does not exist yet.
    pub(crate) fn future_owner(text: &str) -> Option<&str> {
        text.strip_prefix(SYMBOL)?.strip_suffix('>')
    }

    /// Whether this id stands for something that does not exist yet.
    pub(crate) fn is_symbol(&self) -> bool {
        self.0.starts_with(SYMBOL)
    }

    /// The id as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for ObjectId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ObjectId {}

impl Hash for ObjectId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.bytes().for_each(|byte| state.write_u8(byte.to_ascii_lowercase()));
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromText(|text| Self(text.into())))
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text has the form of an object id.
pub fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_a_symbol_equals_itself() {
        assert_eq!(ObjectId::new("AB-cd"), ObjectId::new("ab-CD"));
        let apim = ResourceId::new("/subscriptions/s/resourceGroups/r/providers/P/t/a");
        assert_eq!(ObjectId::of_future_identity(&apim), ObjectId::of_future_identity(&apim));
        assert!(ObjectId::of_future_identity(&apim).is_symbol());
        assert_ne!(ObjectId::of_future_identity(&apim), ObjectId::new("ab-cd"));
    }
}
