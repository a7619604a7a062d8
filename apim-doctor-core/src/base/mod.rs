//! Types that are independent of Azure products: ids, URLs, verdicts, patterns.

pub(crate) mod form;
mod memo;
mod object_id;
mod pattern;
mod range;
mod resource_id;
mod shard;
mod url;
mod verdict;

pub(crate) use memo::Memo;
pub(crate) use object_id::ObjectId;
pub use object_id::is_guid;
pub(crate) use pattern::action_matches;
pub(crate) use range::read_range;
pub use resource_id::ResourceId;
pub use shard::{Shard, ShardError};
pub(crate) use url::Url;
pub use verdict::Verdict;

/// Makes a value of a text as it is read, without a copy in between.
pub(crate) struct FromText<T>(pub fn(&str) -> T);

impl<T> serde::de::Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(self.0(text))
    }
}

/// FNV-1a over a text in lower case: the same over runs, platforms and versions.
pub(crate) fn fnv1a(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, fold)
}

/// Whether two names mean the same region: `West Europe` is `westeurope`.
pub(crate) fn is_same_region(one: Option<&str>, other: Option<&str>) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|b| *b != b' ').map(|b| b.to_ascii_lowercase())
    }
    match (one, other) {
        (Some(one), Some(other)) => letters(one).eq(letters(other)),
        _ => one == other,
    }
}

/// Reads a time as Azure writes it; with or without an offset.
pub(crate) fn time(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

/// Collects into exactly the room that is needed. `collect` keeps the room of the list that it takes, whose elements may be
/// a hundred times as large.
pub(crate) fn collect_exact<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<Box<[T]>>().into_vec()
}

/// A map for long keys such as ids, which are hashed for every look-up.
pub(crate) type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
