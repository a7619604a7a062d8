//! The response to a read.

use serde_json::{Value, json};

/// The status of a read that was not answered.
pub(crate) const NO_ANSWER: u16 = 0;

/// Pages of one list. A list that is longer stays incomplete.
pub(crate) const PAGES: u16 = 500;

/// The response to a read.
pub(crate) struct Response {
    pub status: u16,
    pub body: Value,
}

impl Response {
    /// No response came, and why.
    pub(super) fn none(why: &str) -> Self {
        Self { status: NO_ANSWER, body: error("NoAnswer", why) }
    }
}

pub(crate) fn error(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}
