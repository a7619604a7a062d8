//! Heeds what Azure says about how many more requests it will answer.
//!
//! Sources: <https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling> and
//! <https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests> (both read
//! 2026-12-01).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use azure_core::http::headers::Headers;

use crate::base::ResourceId;
use crate::live::ask::Read;
use crate::live::outlet::RESOURCE_GRAPH;

/// Below this number of remaining reads, requests go out at the rate at which Resource Manager refills: 25 in a second.
const FEW: u64 = 50;
const REFILL: Duration = Duration::from_millis(40);

/// No pause is longer, whatever an answer says.
const LONGEST: Duration = Duration::from_secs(86_400);

/// When the next request of each scope may go out. A scope is what Azure counts by: a subscription, the tenant, Resource
/// Graph, Microsoft Graph.
#[derive(Debug, Default)]
pub(super) struct Pace {
    scopes: Mutex<HashMap<String, Slot>>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Nothing goes out before: Azure has refused a request, or will refuse the next one.
    closed_until: Instant,
    /// When the next request may go out, and how long after it the one after that.
    next: Instant,
    apart: Duration,
}

impl Pace {
    /// Waits until a request may go out. A pause that is longer than `longest` is not waited for: Azure then refuses the
    /// request, which the recording says.
    pub(super) async fn wait(&self, read: &Read, longest: Duration) {
        while let Some(closed) = self.closed(read) {
            if closed > longest {
                return;
            }
            tokio::time::sleep(closed).await;
        }
        let turn = self.turn(read);
        if !turn.is_zero() {
            tokio::time::sleep(turn).await;
        }
    }

    /// The time until the next request may go out, which is this one's turn.
    fn turn(&self, read: &Read) -> Duration {
        let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = scopes.get_mut(&scope(read)) else { return Duration::ZERO };
        let now = Instant::now();
        let turn = slot.next.max(now);
        slot.next = turn + slot.apart;
        turn - now
    }

    /// How long nothing may go out, if that is so.
    fn closed(&self, read: &Read) -> Option<Duration> {
        let scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = scopes.get(&scope(read))?.closed_until.saturating_duration_since(Instant::now());
        Some(closed).filter(|closed| !closed.is_zero())
    }

    /// Whether Azure has asked for a pause that is waited for and not over.
    pub(super) fn is_closed(&self, read: &Read, longest: Duration) -> bool {
        self.closed(read).is_some_and(|closed| closed <= longest)
    }

    /// Learns from an answer. Returns the pause that it names, if it was refused because of too many requests.
    pub(super) fn heed(&self, read: &Read, status: u16, headers: &Headers) -> Option<Duration> {
        let header = |name: &'static str| headers.get_optional_string(&name.into());
        let number = |name: &'static str| header(name).and_then(|text| text.trim().parse::<u64>().ok());
        let resets = header("x-ms-user-quota-resets-after").and_then(|text| clock(&text));
        let named = number("retry-after").map(|seconds| Duration::from_secs(seconds).min(LONGEST)).or(resets);
        let named = named.filter(|_| status == 429);
        let is_used_up = number("x-ms-user-quota-remaining") == Some(0);
        let pause = named.or(resets.filter(|_| is_used_up)).unwrap_or_default();
        let remaining = ["x-ms-ratelimit-remaining-subscription-reads", "x-ms-ratelimit-remaining-tenant-reads"];
        let is_low = remaining.into_iter().filter_map(number).any(|left| left < FEW);
        let apart = if is_low { REFILL } else { Duration::ZERO };
        let now = Instant::now();
        let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = scopes.entry(scope(read)).or_insert(Slot { closed_until: now, next: now, apart });
        slot.closed_until = slot.closed_until.max(now + pause);
        slot.apart = apart;
        named
    }
}

/// What Azure counts a request by.
fn scope(read: &Read) -> String {
    let path = read.path();
    if path.eq_ignore_ascii_case(RESOURCE_GRAPH) || path.starts_with("https://") {
        return path.split('/').take(3).collect::<Vec<_>>().join("/");
    }
    ResourceId::new(path).subscription().unwrap_or_default().to_ascii_lowercase()
}

/// `hh:mm:ss`, at most a day.
fn clock(text: &str) -> Option<Duration> {
    let parts: Vec<u64> = text.trim().split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = parts.try_into().ok()?;
    let is_time = hours <= 24 && minutes < 60 && seconds < 60;
    is_time.then(|| Duration::from_secs(hours * 3600 + minutes * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use azure_core::http::headers::{HeaderName, HeaderValue};

    use super::*;
    use crate::live::ask::Ask;

    fn headers(all: &[(&'static str, &'static str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in all {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_pause_is_read_from_what_azure_sends() {
        let read = Read::of(Ask::Vault, "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v");
        let pause = |status, all: &[(&'static str, &'static str)]| Pace::default().heed(&read, status, &headers(all));
        assert_eq!(pause(200, &[("retry-after", "9")]), None);
        assert_eq!(pause(429, &[("retry-after", " 9 ")]), Some(Duration::from_secs(9)));
        assert_eq!(pause(429, &[("retry-after", "18446744073709551615")]), Some(LONGEST));
        assert_eq!(pause(429, &[]), None);
        assert_eq!(pause(429, &[("x-ms-user-quota-resets-after", "00:01:02")]), Some(Duration::from_secs(62)));
        for odd in ["", "1", "00:01", "00:61:00", "99:00:00", "a:b:c", "-1:00:00", "18446744073709551615:00:00"] {
            assert_eq!(clock(odd), None, "{odd}");
            assert_eq!(pause(429, &[("x-ms-user-quota-resets-after", odd)]), None, "{odd}");
        }
    }

    #[test]
    fn scopes_are_what_azure_counts_by() {
        let path = |path: &str| scope(&Read::of(Ask::Vault, path));
        assert_eq!(path("/subscriptions/S1/resourceGroups/g"), path("/subscriptions/s1/providers/Microsoft.X/y"));
        assert_ne!(path("/subscriptions/s1"), path("/subscriptions/s2"));
        let graph = scope(&Read::query(Ask::FindVaults, "resources".to_owned()));
        let directory = scope(&Read::at(Ask::Groups, "https://graph.microsoft.com/v1.0/users/u".to_owned()));
        assert_eq!(directory, "https://graph.microsoft.com");
        assert_eq!(graph, "/providers/Microsoft.ResourceGraph");
    }
}
