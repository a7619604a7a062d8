//! What came for a read.

use serde_json::{Value, json};

/// No answer is recorded with this status.
pub(crate) const NO_ANSWER: u16 = 0;

/// Pages of one list. A list that is longer stays incomplete.
pub(crate) const PAGES: u16 = 500;

/// What came for a read.
pub(crate) struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// None came, and why.
    pub fn none(why: &str) -> Self {
        Self { status: NO_ANSWER, body: error("NoAnswer", why) }
    }
}

pub(crate) fn error(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}
