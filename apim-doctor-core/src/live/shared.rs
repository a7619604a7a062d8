//! Answers that several runs share: the lists of a subscription, vaults, networks, zones.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use moka::policy::EvictionPolicy;
use serde_json::Value;

use crate::live::response::Response;

/// Bytes of answers that are kept. Those that were not used for the longest time make room.
const LARGEST: u64 = 32 * 1024 * 1024;

/// How long an answer counts, and a refusal, which may end when a role was assigned.
const FRESH: Duration = Duration::from_secs(30 * 60);
const REFUSED: Duration = Duration::from_secs(5 * 60);

/// Answers by their requests, for as long as there is room.
#[derive(Debug)]
pub(super) struct SharedReads {
    answers: Cache<String, Arc<Answer>>,
}

/// A status and the text of a body, which needs less room than the parsed body.
#[derive(Debug)]
struct Answer {
    status: u16,
    text: Vec<u8>,
}

/// How long each answer counts.
struct Lifetime;

impl Expiry<String, Arc<Answer>> for Lifetime {
    fn expire_after_create(&self, _: &String, answer: &Arc<Answer>, _: Instant) -> Option<Duration> {
        Some(if answer.status == 200 { FRESH } else { REFUSED })
    }
}

impl Default for SharedReads {
    fn default() -> Self {
        Self::holding(LARGEST)
    }
}

impl SharedReads {
    fn holding(bytes: u64) -> Self {
        let size =
            |key: &String, answer: &Arc<Answer>| u32::try_from(key.len() + answer.text.len()).unwrap_or(u32::MAX);
        let kept = Cache::builder().max_capacity(bytes).weigher(size).eviction_policy(EvictionPolicy::lru());
        Self { answers: kept.expire_after(Lifetime).build() }
    }

    /// The answer to a request, which is sent once: who needs it meanwhile waits for the same answer. What another try may
    /// change is not kept.
    pub(super) async fn read(&self, key: &str, ask: impl Future<Output = Response>) -> Response {
        let mut own = None;
        let sent = &mut own;
        let send = async move {
            let Response { status, body } = sent.insert(ask.await);
            let answer = Answer { status: *status, text: serde_json::to_vec(body).unwrap_or_default() };
            let is_lasting = matches!(status, 200 | 402..=407 | 409..=428);
            if is_lasting { Ok(Arc::new(answer)) } else { Err(answer) }
        };
        let kept = self.answers.try_get_with_by_ref(key, send).await;
        own.unwrap_or_else(|| {
            let Answer { status, text } = kept.as_deref().unwrap_or_else(|error| error);
            Response { status: *status, body: serde_json::from_slice(text).unwrap_or(Value::Null) }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
    }

    async fn answer(status: u16, body: Value, sent: &Mutex<usize>) -> Response {
        *sent.lock().unwrap() += 1;
        tokio::task::yield_now().await;
        Response { status, body }
    }

    #[test]
    fn what_lasts_is_asked_once_and_the_rest_again() {
        for (status, requests) in
            [(200, 1), (403, 1), (404, 1), (400, 2), (401, 2), (0, 2), (408, 2), (429, 2), (503, 2)]
        {
            let (shared, sent) = (SharedReads::default(), Mutex::new(0));
            run(async {
                let read = || shared.read("key", answer(status, "body".into(), &sent));
                let (first, second) = futures::join!(read(), read());
                for response in [first, second, read().await] {
                    assert_eq!((response.status, response.body), (status, "body".into()));
                }
            });
            assert_eq!(*sent.lock().unwrap(), requests, "{status}");
        }
    }

    #[test]
    fn what_was_not_used_for_the_longest_time_makes_room() {
        let (shared, sent) = (SharedReads::holding(2_500), Mutex::new(String::new()));
        let ask = async |key| {
            *sent.lock().unwrap() += key;
            Response { status: 200, body: "x".repeat(1_000).into() }
        };
        run(async {
            for key in ["a", "b", "a", "c", "a", "b"] {
                shared.read(key, ask(key)).await;
                shared.answers.run_pending_tasks().await;
            }
        });
        assert_eq!(*sent.lock().unwrap(), "abcb");
    }

    #[test]
    fn a_run_that_is_stopped_leaves_its_request_to_the_next() {
        let (shared, sent) = (SharedReads::default(), Mutex::new(0));
        run(async {
            let stopped = tokio::time::timeout(Duration::from_millis(10), shared.read("key", std::future::pending()));
            let waiting = shared.read("key", answer(200, "body".into(), &sent));
            let (stopped, response) = futures::join!(stopped, waiting);
            assert!(stopped.is_err());
            assert_eq!(response.body, "body");
        });
    }
}
