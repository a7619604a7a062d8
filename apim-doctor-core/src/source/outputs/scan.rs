//! Where the JSON documents of a file start and end, and whether one is nested too deeply.

use std::ops::Range;

use memchr::memchr2;

/// How deep an input may be nested. Azure's deepest answers are nested some twenty levels deep; many JSON readers stop
/// at 128.
pub(crate) const DEEPEST: usize = 100;

/// How many documents a file may hold; what follows them is read as one, which is not JSON.
const MOST: usize = 10_000;

/// Where each document stands, or where the nesting becomes too deep.
///
/// Most files hold one document; `az … >> file` appends others. Text that is not JSON belongs to the document before it,
/// and the parser complains about it.
pub(super) fn documents(json: &[u8]) -> Result<Vec<Range<usize>>, usize> {
    let (mut found, mut start, mut depth, mut at) = (Vec::new(), 0, 0_usize, 0);
    while let Some(byte) = json.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && found.len() < MOST && begins(json, at + 1) {
                    found.push(start..at + 1);
                    start = at + 1;
                }
            }
            b'"' => match end_of_text(json, at) {
                Some(end) => at = end,
                None => break,
            },
            _ => {}
        }
        if depth > DEEPEST {
            return Err(at);
        }
        at += 1;
    }
    if json.get(start..).is_some_and(|rest| !rest.trim_ascii().is_empty()) || found.is_empty() {
        found.push(start..json.len());
    }
    Ok(found)
}

/// The quote that ends the string which starts at `at`.
fn end_of_text(json: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += 1 + memchr2(b'"', b'\\', json.get(at + 1..)?)?;
        match json.get(at) {
            Some(b'\\') => at += 1,
            _ => return Some(at),
        }
    }
}

/// Whether another document starts after `at`, with only blanks before it.
fn begins(json: &[u8], at: usize) -> bool {
    let next = json.get(at..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(next, Some(b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        documents(text.as_bytes()).unwrap().into_iter().map(|range| text.get(range).unwrap().trim()).collect()
    }

    #[test]
    fn documents_end_where_another_one_starts() {
        assert_eq!(split(r#"{"a": "}{"}"#), [r#"{"a": "}{"}"#]);
        assert_eq!(split("{}\n[1]\n"), ["{}", "[1]"]);
        assert_eq!(split("{}{}[]"), ["{}", "{}", "[]"]);
        // Nothing that could be a document: the parser says what is wrong with the whole.
        assert_eq!(split("{},{}"), ["{},{}"]);
        assert_eq!(split("{\"a\": \"never ends"), ["{\"a\": \"never ends"]);
        assert_eq!(split(""), [""]);
        assert_eq!(documents("[".repeat(200).as_bytes()), Err(100));
        assert!(documents("[]".repeat(200).as_bytes()).is_ok());
    }
}
