//! Simulated faults: which requests have them, and what they do.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::http::Request;
use super::log::identity_of;

/// A simulated fault.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The requests with this fault.
    pub at: At,
    /// The effect of the fault.
    pub kind: Kind,
    /// The number of requests with this fault; `None` means all.
    pub times: Option<usize>,
}

/// The requests with a fault. A read is every request except token requests.
#[derive(Clone, Debug)]
pub(crate) enum At {
    /// Every read.
    EveryRead,
    /// Reads of this path on any host. The query and the case are ignored.
    Path(String),
    /// Every read of this subscription (its id) and of what is in it, through Resource Manager.
    Subscription(String),
    /// The nth read, counted from 1.
    Nth(usize),
    /// So many of a thousand different reads, each only the first time that it is sent. The same seed selects the same
    /// reads, in whatever order they come.
    Share { per_mille: u64, seed: u64 },
    /// Token requests of any kind.
    Token,
}

/// The effect of a fault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// This status, with this `Retry-After` if there is one.
    Status(u16, Option<String>),
    /// Resource Manager's answer to a caller without permission.
    Refused,
    /// For each request another one: status 500, a reset, or status 429 with `Retry-After: 1`.
    Mixed,
    /// This status, content type and body.
    Answer(u16, &'static str, &'static str),
    /// The connection is reset after the request was read.
    Reset,
    /// No answer, and the connection stays open.
    Silence,
    /// The connection ends in the middle of the body.
    Truncated,
    /// A web page with status 200, as from a proxy.
    Html,
    /// The correct body, as `text/plain`.
    WrongContentType,
    /// The correct status without a body.
    Empty,
    /// A list whose next page is the same page.
    NextLinkLoop,
    /// A list whose next page is at this URL.
    NextLinkForeign(String),
    /// A list with an endless sequence of different pages.
    NextLinkEndless,
    /// The correct body, padded with spaces to this many bytes.
    HugeBody(usize),
    /// Nested arrays of this depth.
    Deep(usize),
    /// A redirect to this URL.
    Redirect(String),
}

/// A server's faults, with what they have done so far.
pub(super) struct Faults {
    all: Vec<(Fault, AtomicUsize)>,
    reads: AtomicUsize,
    /// The reads that [`At::Share`] selected and that had their fault.
    struck: Mutex<HashSet<u64>>,
}

impl Faults {
    pub(super) fn new(all: impl Iterator<Item = Fault>) -> Self {
        let all = all.map(|fault| (fault, AtomicUsize::new(0))).collect();
        Self { all, reads: AtomicUsize::new(0), struck: Mutex::default() }
    }

    /// Returns the effect of the first fault that a request has.
    pub(super) fn of(&self, request: &Request, is_token: bool) -> Option<Kind> {
        let nth = if is_token { 0 } else { self.reads.fetch_add(1, Ordering::Relaxed) + 1 };
        let (fault, _) = self.all.iter().find(|(fault, met)| {
            let is_at = match &fault.at {
                At::EveryRead => !is_token,
                At::Path(path) => !is_token && request.target.path.eq_ignore_ascii_case(path.trim_end_matches('/')),
                At::Subscription(id) => {
                    let mut segments = request.target.path.split('/').skip(1);
                    let is_one = segments.next().is_some_and(|first| first.eq_ignore_ascii_case("subscriptions"));
                    is_one && segments.next().is_some_and(|own| own.eq_ignore_ascii_case(id))
                }
                At::Nth(n) => nth == *n,
                At::Share { per_mille, seed } => !is_token && self.strikes(request, *per_mille, *seed),
                At::Token => is_token,
            };
            is_at && fault.times.is_none_or(|times| met.fetch_add(1, Ordering::Relaxed) < times)
        })?;
        Some(match (&fault.kind, identity_of(request) % 3) {
            (Kind::Mixed, 0) => Kind::Status(500, None),
            (Kind::Mixed, 1) => Kind::Reset,
            (Kind::Mixed, _) => Kind::Status(429, Some("1".to_owned())),
            (kind, _) => kind.clone(),
        })
    }

    fn strikes(&self, request: &Request, per_mille: u64, seed: u64) -> bool {
        let mut hasher = DefaultHasher::new();
        (seed, identity_of(request)).hash(&mut hasher);
        let number = hasher.finish();
        number % 1000 < per_mille && self.struck.lock().unwrap().insert(number)
    }
}
