//! Sentences that Azure or a person wrote: an error, the details of a status.
//!
//! Anything can be quoted in a sentence, also the value of a secret without a name before it. Names and codes are
//! words; a key, a token or a generated password is not, and is replaced.

use crate::source::redact::{self, REDACTED};

/// The shortest run of letters and digits that is taken for a generated value.
const SHORTEST: usize = 12;

/// A sentence without secrets.
pub(crate) fn prose(text: &str) -> String {
    let text = redact::text_of(text);
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_sign) {
        let (before, from) = rest.split_at(start);
        let (run, behind) = from.split_at(from.find(|c| !is_sign(c)).unwrap_or(from.len()));
        kept.push_str(before);
        kept.push_str(if is_generated(run) { REDACTED } else { run });
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

/// What keys and tokens are made of.
fn is_sign(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '=')
}

/// Whether letters of both cases and digits change places as in a generated value, and not as in a name such as
/// `DbPassword2`.
fn is_generated(run: &str) -> bool {
    let class = |b: u8| if b.is_ascii_digit() { 2 } else { u8::from(b.is_ascii_uppercase()) };
    let has = |wanted: u8| run.bytes().any(|b| b.is_ascii_alphanumeric() && class(b) == wanted);
    let digits: Vec<bool> = run.bytes().map(|b| b.is_ascii_digit()).collect();
    let changes = digits.windows(2).filter(|pair| pair.first() != pair.last()).count();
    run.len() >= SHORTEST && has(0) && has(1) && has(2) && changes >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_values_go_and_names_stay() {
        for (text, kept) in [
            ("the value 'K7q2ZxP09aLw' was refused", "the value '<redacted>' was refused"),
            ("key Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==.", "key <redacted>."),
            ("password=hunter2 of x", "password=<redacted> of x"),
        ] {
            assert_eq!(prose(text), kept);
        }
        for text in [
            "Reference was not able to be resolved because site Managed Identity not enabled.",
            "AADSTS700016: Application 'b04da5be-e78d-463c-81d8-1ec4bc814d8a' was not found (2026-11-21T09:00:00Z)",
            "https://kv-Contoso1.vault.azure.net/secrets/DbPassword2/6208ef0f7750c111548cf90b6ea1d0d0",
            "caller oid=1ec4bc81;iss=https://sts.windows.net/ was X509Certificate2 of Net472 at 10.0.0.4",
        ] {
            assert_eq!(prose(text), text);
        }
    }
}
