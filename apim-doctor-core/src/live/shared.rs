//! Answers that several runs share: the lists of a subscription, vaults, networks, zones.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::live::response::Response;

/// Bytes of answers that are kept; the oldest make room.
const LARGEST: usize = 64 * 1024 * 1024;

/// How long an answer counts, and a refusal, which may end when a role was assigned.
const FRESH: Duration = Duration::from_secs(30 * 60);
const REFUSED: Duration = Duration::from_secs(5 * 60);

/// Answers by their requests, for as long as there is room.
#[derive(Debug, Default)]
pub(super) struct SharedReads {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    answers: HashMap<String, Arc<OnceCell<Answer>>>,
    oldest: VecDeque<(String, usize)>,
    bytes: usize,
}

/// A status and the text of a body, which needs less room than the parsed body.
#[derive(Debug)]
struct Answer {
    status: u16,
    text: Vec<u8>,
    came: Instant,
}

impl Answer {
    fn is_old(&self) -> bool {
        self.came.elapsed() > if self.status == 200 { FRESH } else { REFUSED }
    }
}

impl SharedReads {
    /// The answer to a request, which is sent once: who needs it meanwhile waits for the same answer. What another try may
    /// change is not kept.
    pub(super) async fn read(&self, key: &str, ask: impl Future<Output = Response>) -> Response {
        let cell = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let cell = kept.answers.entry(key.to_owned()).or_default();
            if cell.get().is_some_and(Answer::is_old) {
                *cell = Arc::default();
            }
            Arc::clone(cell)
        };
        let mut own = None;
        let sent = &mut own;
        let answer = cell.get_or_try_init(move || async move {
            let response = ask.await;
            let text = serde_json::to_vec(&response.body).unwrap_or_default();
            let answer = Answer { status: response.status, text, came: Instant::now() };
            let is_lasting = matches!(response.status, 200 | 402..=407 | 409..=428);
            *sent = Some(response);
            if is_lasting { Ok(answer) } else { Err(()) }
        });
        let answer = answer.await;
        match (own, answer) {
            (Some(response), Ok(Answer { text, .. })) => {
                self.make_room(key, text.len());
                response
            }
            (Some(response), Err(())) => {
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).answers.remove(key);
                response
            }
            (None, Ok(Answer { status, text, .. })) => {
                Response { status: *status, body: serde_json::from_slice(text).unwrap_or(Value::Null) }
            }
            (None, Err(())) => Response::none("Azure did not answer"),
        }
    }

    fn make_room(&self, key: &str, bytes: usize) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.oldest.push_back((key.to_owned(), bytes));
        kept.bytes += bytes;
        while kept.bytes > LARGEST {
            let Some((key, bytes)) = kept.oldest.pop_front() else { return };
            kept.answers.remove(&key);
            kept.bytes -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    async fn answer(status: u16, body: Value, sent: &Mutex<usize>) -> Response {
        *sent.lock().unwrap() += 1;
        tokio::task::yield_now().await;
        Response { status, body }
    }

    #[test]
    fn what_lasts_is_asked_once_and_the_rest_again() {
        for (status, requests) in
            [(200, 1), (403, 1), (404, 1), (400, 3), (401, 3), (0, 3), (408, 3), (429, 3), (503, 3)]
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
    fn the_oldest_make_room() {
        let (shared, sent) = (SharedReads::default(), Mutex::new(0));
        let large = Value::from("x".repeat(LARGEST / 2));
        run(async {
            for key in ["a", "b", "b", "a"] {
                shared.read(key, answer(200, large.clone(), &sent)).await;
            }
        });
        assert_eq!(*sent.lock().unwrap(), 3);
    }
}
