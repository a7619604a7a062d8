//! A cache of shared answers, each computed once.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::Map;

/// Answers by the question, which names its kind. Threads share them.
#[derive(Default)]
pub(crate) struct Memo(RwLock<Map<String, Arc<dyn Any + Send + Sync>>>);

impl Memo {
    /// The answer to a question; `work_out` is called the first time it is asked.
    pub(crate) fn answer<T: Send + Sync + 'static>(&self, question: String, work_out: impl FnOnce() -> T) -> Arc<T> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        if let Some(Ok(known)) = known.map(Arc::downcast::<T>) {
            return known;
        }
        let answer = Arc::new(work_out());
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(question, answer.clone());
        answer
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}
