//! Words that know nothing about Azure products: ids, verdicts, patterns.

mod object_id;
mod pattern;
mod resource_id;
mod verdict;

pub use object_id::ObjectId;
pub use pattern::action_matches;
pub use resource_id::ResourceId;
pub use verdict::Verdict;

/// A map for long keys such as ids, which are hashed for every look-up.
pub type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
