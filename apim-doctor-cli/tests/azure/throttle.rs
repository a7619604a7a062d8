//! Throttling as Resource Manager and Resource Graph document it.
//!
//! Sources: <https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling>,
//! <https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests>,
//! <https://github.com/Azure/azure-cli-extensions/issues/3325> for the error of Resource Graph (read 2026-12-01). The text
//! of Resource Manager's error is not documented; its code is.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;

use super::OBJECT_ID;
use super::http::Answer;

/// The limits. The default is Azure's; tests use smaller ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Throttle {
    /// For reads of each subscription.
    pub subscription: Bucket,
    /// For reads that name no subscription, except queries of Resource Graph.
    pub tenant: Bucket,
    /// For queries of Resource Graph.
    pub graph: Quota,
}

/// A token bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    /// Its size: requests at once.
    pub size: u32,
    /// How many requests a second it gets back.
    pub per_second: u32,
}

/// So many requests in each window of time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    /// Requests in a window.
    pub requests: usize,
    /// The length of a window.
    pub window: Duration,
}

impl Default for Throttle {
    fn default() -> Self {
        let bucket = Bucket { size: 250, per_second: 25 };
        let graph = Quota { requests: 15, window: Duration::from_secs(5) };
        Self { subscription: bucket, tenant: bucket, graph }
    }
}

/// What the limits have left.
#[derive(Default)]
pub(super) struct Left {
    /// Tokens at a time, by subscription; the empty text for the tenant.
    buckets: Mutex<HashMap<String, (f64, Instant)>>,
    /// Queries in the window that started then.
    queries: Mutex<Option<(usize, Instant)>>,
}

impl Left {
    /// Answers a read with what `answer` returns, or with status 429. The path decides which bucket pays.
    pub(super) fn read(&self, limits: Option<&Throttle>, path: &str, answer: impl FnOnce() -> Answer) -> Answer {
        let Some(limits) = limits else { return answer() };
        let path = path.to_ascii_lowercase();
        let id = path.strip_prefix("/subscriptions/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let (limit, header) = match id {
            "" => (limits.tenant, "x-ms-ratelimit-remaining-tenant-reads"),
            _ => (limits.subscription, "x-ms-ratelimit-remaining-subscription-reads"),
        };
        let (size, rate) = (f64::from(limit.size), f64::from(limit.per_second));
        let (left, is_served) = {
            let mut buckets = self.buckets.lock().unwrap();
            let now = Instant::now();
            let (tokens, at) = buckets.entry(id.to_owned()).or_insert((size, now));
            *tokens = (*tokens + now.duration_since(*at).as_secs_f64() * rate).min(size);
            *at = now;
            let is_served = *tokens >= 1.0;
            *tokens -= if is_served { 1.0 } else { 0.0 };
            (*tokens, is_served)
        };
        if is_served {
            return answer().with(header, format!("{left:.0}", left = left.floor()));
        }
        let seconds = ((1.0 - left) / rate).ceil().max(1.0);
        let (code, of) = match id {
            "" => ("TenantRequestsThrottled", "tenant".to_owned()),
            _ => ("SubscriptionRequestsThrottled", format!("subscription '{id}'")),
        };
        let message = format!(
            "Number of 'read' requests for {of} actor '{OBJECT_ID}' exceeded. Please try again after '{seconds}' seconds \
             after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information."
        );
        Answer::error(429, code, message).with("Retry-After", seconds.to_string()).with(header, "0")
    }

    /// Answers a query of Resource Graph, or refuses it with status 429.
    pub(super) fn query(&self, limits: Option<&Throttle>, answer: impl FnOnce() -> Answer) -> Answer {
        let Some(Throttle { graph, .. }) = limits else { return answer() };
        let (used, start) = {
            let mut queries = self.queries.lock().unwrap();
            let now = Instant::now();
            let (used, start) = queries.filter(|(_, start)| now < *start + graph.window).unwrap_or((0, now));
            *queries = Some((used + 1, start));
            (used, start)
        };
        let rest = (start + graph.window).saturating_duration_since(Instant::now());
        let seconds = rest.as_millis().div_ceil(1000);
        let resets = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        let answer = match used < graph.requests {
            true => answer(),
            false => too_many(),
        };
        let left = graph.requests.saturating_sub(used + 1);
        answer.with("x-ms-user-quota-remaining", left.to_string()).with("x-ms-user-quota-resets-after", resets)
    }
}

fn too_many() -> Answer {
    let message = "Client application has been throttled and should not attempt to repeat the request until an amount of \
                   time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.";
    let details = json!([{ "code": "RateLimiting", "message": message }]);
    super::graph::error(429, "RateLimiting", details)
}
