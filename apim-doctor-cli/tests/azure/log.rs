//! What a server has seen: counts of requests, and each request where a test wants it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::time::Instant;

use super::Kind;
use super::http::Request;

/// Duplicates that are kept as text.
const EXAMPLES: usize = 20;

/// What is kept of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Keep {
    /// Every request, in [`super::Azure::requests`], and the counts.
    #[default]
    Each,
    /// Only the counts, for runs with many requests.
    Counts,
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// `GET`, `POST`, …
    pub method: String,
    /// The requested host in lower case; `identity` for the managed identity endpoint.
    pub host: String,
    /// The decoded path, without empty segments.
    pub path: String,
    /// The decoded query.
    pub query: String,
    /// Whether the request had a token.
    pub authorized: bool,
    /// When the request arrived.
    pub start: Instant,
    /// When the answer was sent, or the connection ended without an answer.
    pub end: Option<Instant>,
    /// The answer's status; 0 without an answer.
    pub status: u16,
    /// The fault that was applied.
    pub fault: Option<Kind>,
}

/// Counts of everything that happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// All requests.
    pub requests: usize,
    /// Requests of each kind: the method and the path, with `{}` for each name.
    pub kinds: BTreeMap<String, usize>,
    /// Answers with each status; 0: the connection ended without an answer.
    pub statuses: BTreeMap<u16, usize>,
    /// The most requests of which none overlapped another: the sequential round trips.
    pub round_trips: usize,
    /// The largest number of concurrent requests.
    pub most_at_once: usize,
    /// Requests that were answered with 200 although an equal request had been. Token requests do not count.
    pub duplicates: usize,
    /// The first duplicates.
    pub examples: Vec<String>,
}

impl Counts {
    /// The number of requests whose kind contains a text.
    pub(crate) fn of(&self, text: &str) -> usize {
        self.kinds.iter().filter(|(kind, _)| kind.contains(text)).map(|(_, count)| count).sum()
    }
}

/// A request that is under way.
pub(super) struct Ticket {
    /// Its number, from 0.
    pub number: usize,
    start: Instant,
    /// What tells the request from others; `None` for token requests.
    identity: Option<u64>,
    name: String,
    has_ended: bool,
}

/// A server's log.
#[derive(Default)]
pub(super) struct Log {
    keep: Keep,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    each: Vec<Seen>,
    counts: Counts,
    under_way: usize,
    last_end: Option<Instant>,
    served: HashMap<u64, ()>,
}

impl Log {
    pub(super) fn new(keep: Keep) -> Self {
        Self { keep, inner: Mutex::default() }
    }

    pub(super) fn each(&self) -> Vec<Seen> {
        assert_eq!(self.keep, Keep::Each, "this server keeps only counts");
        self.inner.lock().unwrap().each.clone()
    }

    pub(super) fn counts(&self) -> Counts {
        self.inner.lock().unwrap().counts.clone()
    }

    /// Notes a request that arrived.
    pub(super) fn arrived(&self, request: &Request, is_token: bool, fault: Option<Kind>) -> Ticket {
        let kind = kind_of(request);
        let identity = (!is_token).then(|| identity_of(request));
        let name = format!("{} {}{}", request.method, request.host, request.target.raw);
        let query = || {
            let pairs = request.target.query.iter().map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join("&")
        };
        let start = Instant::now();
        let seen = (self.keep == Keep::Each).then(|| Seen {
            method: request.method.clone(),
            host: request.host.clone(),
            path: request.target.path.clone(),
            query: query(),
            authorized: request.headers.contains_key("authorization"),
            start,
            end: None,
            status: 0,
            fault,
        });
        let mut inner = self.inner.lock().unwrap();
        let number = inner.counts.requests;
        inner.each.extend(seen);
        inner.counts.requests += 1;
        *inner.counts.kinds.entry(kind).or_default() += 1;
        inner.under_way += 1;
        inner.counts.most_at_once = inner.counts.most_at_once.max(inner.under_way);
        Ticket { number, start, identity, name, has_ended: false }
    }

    /// Notes the end of a request; with status 0, it had no answer. Only the first end counts.
    pub(super) fn ended(&self, ticket: &mut Ticket, status: u16) {
        if std::mem::replace(&mut ticket.has_ended, true) {
            return;
        }
        let mut guard = self.inner.lock().unwrap();
        let inner = &mut *guard;
        let end = Instant::now();
        if let Some(seen) = inner.each.get_mut(ticket.number) {
            (seen.status, seen.end) = (status, Some(end));
        }
        inner.under_way -= 1;
        *inner.counts.statuses.entry(status).or_default() += 1;
        // Requests are noted in the order of their ends: taking each that starts after the last one taken is optimal.
        if inner.last_end.is_none_or(|last| ticket.start >= last) {
            inner.counts.round_trips += 1;
            inner.last_end = Some(end);
        }
        if let Some(identity) = ticket.identity.filter(|_| status == 200)
            && inner.served.insert(identity, ()).is_some()
        {
            inner.counts.duplicates += 1;
            if inner.counts.examples.len() < EXAMPLES {
                inner.counts.examples.push(std::mem::take(&mut ticket.name));
            }
        }
    }
}

/// Returns a number that is equal for equal requests only.
pub(super) fn identity_of(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.method.hash(&mut hasher);
    request.host.hash(&mut hasher);
    request.target.path.to_ascii_lowercase().hash(&mut hasher);
    request.target.query.hash(&mut hasher);
    request.body.hash(&mut hasher);
    hasher.finish()
}

/// Returns the method and the path with `{}` for each name; of other hosts than Resource Manager, the host too.
fn kind_of(request: &Request) -> String {
    let mut kind = format!("{} ", request.method);
    let host = request.host.as_str();
    if host != super::service::RESOURCE_MANAGER {
        let is_fixed = host == "identity" || host.starts_with("login.") || host.starts_with("graph.");
        kind +=
            &if is_fixed { host.to_owned() } else { host.split_once('.').map_or("{}", |(_, rest)| rest).to_owned() };
        return kind;
    }
    // After `providers` and its namespace, types and names alternate; before it too.
    let mut is_name = false;
    for segment in request.target.path.split('/').skip(1) {
        let is_namespace = segment.contains('.') && kind.ends_with("/providers");
        kind.push('/');
        kind += if is_name && !is_namespace { "{}" } else { segment };
        is_name = !is_name && segment != "providers" && !is_namespace;
    }
    kind
}
