//! How public documents are written, and what is checked when they are read back.

use std::borrow::Cow;

use serde::de::{Error, IgnoredAny};
use serde::{Deserialize, Deserializer};

/// Reads the name of a document's format, which has to be this one.
pub(crate) fn named<'de, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<Cow<'static, str>, D::Error> {
    let found = String::deserialize(deserializer)?;
    match found == expected {
        true => Ok(Cow::Borrowed(expected)),
        false => Err(D::Error::custom(format!("this is `{found}`: expected `{expected}`"))),
    }
}

/// Reads a list that this version leaves empty. What another version puts into it is passed over.
pub(crate) fn empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[(); 0], D::Error> {
    Vec::<IgnoredAny>::deserialize(deserializer).map(|_| [])
}

/// Whether a count is left out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Whether a flag is left out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

/// Times, as RFC 3339 writes them.
pub(crate) mod time {
    use std::borrow::Cow;

    use jiff::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        parse(&Cow::<str>::deserialize(deserializer)?)
    }

    fn parse<E: Error>(text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(|_| E::custom(format!("`{text}` is not a time like 2026-11-21T09:00:00Z")))
    }

    /// The same where the time may be absent.
    pub(crate) mod option {
        use std::borrow::Cow;

        use jiff::Timestamp;
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        pub(crate) fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
            time.map(|time| time.to_string()).serialize(serializer)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
            let text = Option::<Cow<'de, str>>::deserialize(deserializer)?;
            text.map(|text| super::parse(&text)).transpose()
        }
    }
}
