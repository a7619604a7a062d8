//! Quotes words of a text.

use std::ops::Range;

use crate::explain::clean::Clean;
use crate::explain::v1;

/// The words at some places of a text, and where they stand. What stands between them may be secret.
pub(super) fn quote(clean: &Clean, words: &[Range<usize>]) -> Option<v1::Quote> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    for word in words {
        match parts.last_mut().filter(|last| word.start <= last.end) {
            Some(last) => last.end = last.end.max(word.end),
            None => parts.push(word.clone()),
        }
    }
    let (first, last) = (parts.first()?, parts.last()?);
    let place = clean.origin(&(first.start..last.end));
    let readable = |part: &Range<usize>| {
        let words: Vec<&str> = clean.readable(part).split_whitespace().collect();
        words.join(" ")
    };
    let text = parts.iter().map(readable).collect::<Vec<_>>().join(" … ");
    Some(v1::Quote { text, start: place.start, end: place.end })
}
