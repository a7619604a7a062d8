//! An error as a person is told of it.

use crate::source::redact;

/// An error with everything it rests on, said once each and without secrets.
pub fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let says = inner.to_string();
        if !text.contains(&says) {
            text = format!("{text}: {says}");
        }
        source = inner.source();
    }
    redact::text_of(&text)
}
