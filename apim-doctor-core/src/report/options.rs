//! Options of a diagnosis.

use jiff::Timestamp;

use crate::base::ResourceId;

/// What to diagnose, and from when. The default is everything that was recorded, judged from when it was recorded.
///
/// ```
/// use apim_doctor_core::{Options, ResourceId};
/// let app = ResourceId::new("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/orders");
/// let options = Options::default().with_resources([app]).with_as_of("2026-11-21T09:00:00Z".parse()?);
/// assert!(options.consumers.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Only these: instances, or what declares a reference in one. Empty: everything that was recorded.
    pub resources: Vec<ResourceId>,
    /// Only consumers whose kind (one of [`consumers`](crate::consumers)) starts with one of these. Empty: all.
    pub consumers: Vec<String>,
    /// The time to judge from. Absent: when the recording was taken (the latest one's time, if there are several); if no
    /// recording says it, now, by the clock of this machine.
    pub as_of: Option<Timestamp>,
}

impl Options {
    /// Diagnoses only these resources, in addition to those named before.
    #[must_use]
    pub fn with_resources(mut self, resources: impl IntoIterator<Item = ResourceId>) -> Self {
        self.resources.extend(resources);
        self
    }

    /// Diagnoses only consumers whose kind starts with one of these, in addition to those named before.
    #[must_use]
    pub fn with_consumers(mut self, kinds: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.consumers.extend(kinds.into_iter().map(Into::into));
        self
    }

    /// Judges from this time.
    #[must_use]
    pub fn with_as_of(mut self, time: Timestamp) -> Self {
        self.as_of = Some(time);
        self
    }
}
