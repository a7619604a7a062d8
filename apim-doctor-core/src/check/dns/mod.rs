//! Findings of the DNS gate: what does the target's name resolve to?

mod facts;
pub(crate) mod name_unresolved;
pub(crate) mod not_forwarded;
pub(crate) mod privatelink_name_used;
pub(crate) mod record_missing;
pub(crate) mod record_stale;
mod repair;
pub(crate) mod wrong_zone;
pub(crate) mod zone_not_linked;

use facts::{addresses, asker, linked_network, list, look_up, suffix, without};
use repair::{answer_privately, fall_back, record, use_azure_dns};
