//! What a text says: phrases of signals, and words of several classes near each other.

use std::ops::Range;

use crate::explain::known::{SIGNALS, Signal};
use crate::explain::search::{AROUND, Shown, has};

/// A signal that a text shows.
#[derive(Clone)]
pub(super) struct Match {
    pub signal: &'static Signal,
    /// From its first word to its last, in the squeezed text.
    pub span: Range<usize>,
    /// Its words, in their order.
    pub words: Vec<Range<usize>>,
}

/// So many times one signal is read in a text.
const TIMES: usize = 32;

/// The signals that a text shows, in the order of the text.
pub(super) fn signals(shown: &Shown) -> Vec<Match> {
    let mut found: Vec<Match> = SIGNALS.iter().flat_map(|signal| matches(signal, shown)).collect();
    found.sort_by_key(|found| (found.span.start, found.span.end));
    found
}

/// The closest words of a signal, once for each part of the text that shows it.
fn matches(signal: &'static Signal, shown: &Shown) -> Vec<Match> {
    let words = |class: &usize| shown.words.get(*class).into_iter().flatten();
    let groups = signal.near.iter().enumerate();
    let mut words: Vec<(usize, usize, usize)> = groups
        .flat_map(|(group, classes)| classes.iter().flat_map(words).map(move |word| (word.end, word.start, group)))
        .collect();
    words.sort_unstable();
    let mut latest: Vec<Option<Range<usize>>> = vec![None; signal.near.len()];
    let mut found: Vec<Match> = Vec::new();
    for (end, start, group) in words {
        let Some(slot) = latest.get_mut(group) else { continue };
        // Of two words that end here, the longer one says more.
        if slot.as_ref().is_none_or(|word| word.end != end) {
            *slot = Some(start..end);
        }
        let Some(words) = latest.iter().cloned().collect::<Option<Vec<_>>>() else { continue };
        let first = words.iter().map(|word| word.start).min().unwrap_or(start);
        let span = first..end;
        if span.len() > signal.reach || found.len() == TIMES {
            continue;
        }
        let new = Match { signal, span, words };
        match found.last_mut().filter(|last| last.span.end + AROUND > new.span.start) {
            Some(last) if last.span.len() <= new.span.len() => {}
            Some(last) => *last = new,
            None => found.push(new),
        }
    }
    found.retain(|found| {
        let stands = |class: &usize| has(&shown.words, *class, &found.span);
        (signal.with.is_empty() || signal.with.iter().any(stands)) && !signal.unless.iter().any(stands)
    });
    for found in &mut found {
        found.words.sort_by_key(|word| (word.start, word.end));
    }
    found
}
