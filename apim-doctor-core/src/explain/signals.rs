//! What a text says: phrases of signals, and words of several classes near each other.

use std::ops::Range;
use std::sync::LazyLock;

use crate::explain::known::{CLASSES, SIGNALS, Signal};
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

/// The signals of which a class of words is a part, each with the number of the group.
static USES: LazyLock<Vec<Vec<(usize, usize)>>> = LazyLock::new(|| {
    let mut uses = vec![Vec::new(); CLASSES.len()];
    for (number, signal) in SIGNALS.iter().enumerate() {
        for (group, class) in signal.near.iter().enumerate().flat_map(|(group, c)| c.iter().map(move |c| (group, c))) {
            if let Some(uses) = uses.get_mut(*class) {
                uses.push((number, group));
            }
        }
    }
    uses
});

/// The signals that a text shows, in the order of the text.
pub(super) fn signals(shown: &Shown) -> Vec<Match> {
    let by_class = shown.words.iter().enumerate();
    let mut words: Vec<(usize, usize, usize)> =
        by_class.flat_map(|(class, words)| words.iter().map(move |word| (word.end, word.start, class))).collect();
    words.sort();
    let mut readers: Vec<Reader> = SIGNALS.iter().map(Reader::of).collect();
    for (end, start, class) in words {
        for (signal, group) in USES.get(class).into_iter().flatten() {
            if let Some(reader) = readers.get_mut(*signal) {
                reader.see(*group, start..end);
            }
        }
    }
    let mut found: Vec<Match> = readers.into_iter().flat_map(|reader| reader.found).collect();
    found.retain(|found| {
        let stands = |class: &usize| has(&shown.words, *class, &found.span);
        let signal = found.signal;
        (signal.with.is_empty() || signal.with.iter().any(stands)) && !signal.unless.iter().any(stands)
    });
    found.sort_by_key(|found| (found.span.start, found.span.end));
    found
}

/// Reads one signal: the closest words of its groups, once for each part of the text that shows them.
struct Reader {
    signal: &'static Signal,
    /// The latest word of each group.
    latest: Vec<Option<Range<usize>>>,
    found: Vec<Match>,
}

impl Reader {
    fn of(signal: &'static Signal) -> Self {
        Self { signal, latest: vec![None; signal.near.len()], found: Vec::new() }
    }

    /// Sees the next word; words come in the order of their ends.
    fn see(&mut self, group: usize, word: Range<usize>) {
        let Some(slot) = self.latest.get_mut(group) else { return };
        let end = word.end;
        // Of two words that end here, the longer one says more.
        if slot.as_ref().is_none_or(|word| word.end != end) {
            *slot = Some(word);
        }
        let starts = self.latest.iter().map(|word| word.as_ref().map(|word| word.start));
        let Some(first) = starts.min().flatten() else { return };
        let span = first..end;
        if span.len() > self.signal.reach || self.found.len() == TIMES {
            return;
        }
        let last = self.found.last_mut().filter(|last| last.span.end + AROUND > span.start);
        if last.as_ref().is_some_and(|last| last.span.len() <= span.len()) {
            return;
        }
        let mut words: Vec<Range<usize>> = self.latest.iter().flatten().cloned().collect();
        words.sort_by_key(|word| (word.start, word.end));
        let new = Match { signal: self.signal, span, words };
        match last {
            Some(last) => *last = new,
            None => self.found.push(new),
        }
    }
}
