//! The text of an error, with its causes.

use crate::source::redact;

/// The message of an error and of each of its causes, each once, without secrets.
pub fn error_text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let message = inner.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        source = inner.source();
    }
    redact::sentence(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::redact::tests::{SECRETS, shows_secret};

    #[test]
    fn no_secret_is_in_the_text_of_an_error_or_of_its_cause() {
        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        struct Failed(&'static str, #[source] std::io::Error);
        for secret in SECRETS {
            let text = error_text(&Failed(secret, std::io::Error::other(*secret)));
            assert!(!shows_secret(&text), "{secret} → {text}");
            let text = error_text(&Failed("sign-in failed", std::io::Error::other(*secret)));
            assert!(text.starts_with("sign-in failed: ") && !shows_secret(&text), "{secret} → {text}");
        }
    }
}
