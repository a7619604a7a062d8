//! What does its name resolve to?

pub(crate) mod name_unresolved;
pub(crate) mod not_forwarded;
pub(crate) mod privatelink_name_used;
pub(crate) mod record_missing;
pub(crate) mod record_stale;
pub(crate) mod wrong_zone;
pub(crate) mod zone_not_linked;
