//! Options of a diagnosis.

use jiff::Timestamp;

use crate::base::ResourceId;

/// What to diagnose, and from when.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these: instances, or what declares a reference in one. Empty: everything that was recorded.
    pub resources: Vec<ResourceId>,
    /// Only consumers whose kind starts with one of these.
    pub consumers: Vec<String>,
    /// The time to judge from. Absent: when the recording was taken (the latest one's time, if there are several); if no
    /// recording says it, now, by the clock of this machine.
    pub as_of: Option<Timestamp>,
}
