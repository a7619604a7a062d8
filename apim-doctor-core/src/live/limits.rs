//! The limits of a live run.

use std::time::Duration;

/// Tries before the last one.
pub(super) const RETRIES: u32 = 3;

/// A server that asks for a longer pause is not waited for.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The same for a patient run, which has hours. Azure's limits refill within seconds or, at the latest, within an hour.
const PATIENT_PAUSE: Duration = Duration::from_secs(3600);
const PATIENT_TRIES: u32 = 50;

/// How a live run behaves.
///
/// ```
/// use std::time::Duration;
/// use apim_doctor_core::live::Limits;
/// let limits = Limits::default().with_parallel(4).with_deadline(Duration::from_secs(600));
/// assert_eq!(limits.parallel, 4);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Requests under way at once.
    pub parallel: usize,
    /// When the run ends, whatever is missing then.
    pub deadline: Duration,
    /// Azure is not waited for if it asks for a longer pause than this.
    pub longest_pause: Duration,
    /// How often a request is sent again that was refused because of too many requests.
    pub throttled: u32,
}

impl Limits {
    /// Waits for as long as Azure asks for when there are too many requests: for runs over many resources.
    #[must_use]
    pub fn patient(mut self) -> Self {
        (self.longest_pause, self.throttled) = (PATIENT_PAUSE, PATIENT_TRIES);
        self
    }

    /// Sends at most this many requests at once.
    #[must_use]
    pub fn with_parallel(mut self, requests: usize) -> Self {
        self.parallel = requests;
        self
    }

    /// Ends the run after this time, whatever is missing then.
    #[must_use]
    pub fn with_deadline(mut self, time: Duration) -> Self {
        self.deadline = time;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { parallel: 16, deadline: Duration::from_secs(120), longest_pause: LONGEST_PAUSE, throttled: RETRIES }
    }
}
