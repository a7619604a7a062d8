//! Finds all parts of all known messages, and all words, in one pass.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::base::Map;
use crate::explain::clean::Clean;
use crate::explain::known::{self, CLASSES, MESSAGES, Message, Origin, PHRASES, Phrase};

/// Whether something may be used, by where it was learnt. Everything may, except where accuracy is measured.
pub(super) type Usable<'u> = &'u dyn Fn(&[Origin]) -> bool;

/// What a text shows, before anything is inferred from it.
pub(super) struct Shown {
    /// The messages, the most specific one first.
    pub messages: Vec<Found>,
    /// Where words stand in the squeezed text, by class, in order.
    pub words: Vec<Vec<Range<usize>>>,
}

/// A message that was found.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub message: &'static Message,
    /// Where its first part starts in the squeezed text.
    pub start: usize,
    /// Where its last part ends.
    pub end: usize,
    /// How long its first part is.
    pub lead: usize,
    /// How much of it was recognized, in bytes: the more, the more specific.
    pub weight: usize,
}

/// One way to recognize a message.
struct Form {
    message: &'static Message,
    known: &'static known::Form,
    /// Its parts, as numbers of patterns.
    parts: Vec<usize>,
}

impl Form {
    fn found(&self, start: usize, end: usize) -> Found {
        let lengths = || self.known.parts.iter().map(|part| part.len());
        let (lead, weight) = (lengths().next().unwrap_or_default(), lengths().sum());
        Found { message: self.message, start, end, lead, weight }
    }
}

/// A part of a message.
struct Part {
    text: &'static str,
    /// The forms that it belongs to.
    forms: Vec<usize>,
}

/// What can begin at a place.
#[derive(Clone, Copy)]
enum Begun {
    Part(usize),
    Phrase(&'static Phrase),
}

struct Searcher {
    /// Finds how parts and phrases begin: the whole of them would take longer to build than most texts take to search.
    beginnings: Option<AhoCorasick>,
    /// What begins so, by the number of the beginning.
    begun: Vec<Vec<Begun>>,
    parts: Vec<Part>,
    forms: Vec<Form>,
}

/// How many bytes are searched for at first.
const BEGINNING: usize = 10;

/// Parts of one message are no further apart than this.
const REACH: usize = 6_000;

/// What stands no further away than this is about the same failure.
pub(super) const AROUND: usize = 3_000;

/// The second part of a phrase starts no further behind the first than this.
const GAP: usize = 40;

static SEARCHER: LazyLock<Searcher> = LazyLock::new(|| {
    let (mut parts, mut forms): (Vec<Part>, Vec<Form>) = (Vec::new(), Vec::new());
    let mut numbers: Map<&str, usize> = Map::default();
    for (message, form) in MESSAGES.iter().flat_map(|message| message.forms.iter().map(move |form| (message, form))) {
        let mut own = Vec::new();
        for text in form.parts {
            let number = *numbers.entry(text).or_insert_with(|| {
                parts.push(Part { text, forms: Vec::new() });
                parts.len() - 1
            });
            if let Some(part) = parts.get_mut(number).filter(|part| part.forms.last() != Some(&forms.len())) {
                part.forms.push(forms.len());
            }
            own.push(number);
        }
        forms.push(Form { message, known: form, parts: own });
    }
    let mut by_beginning: BTreeMap<&str, Vec<Begun>> = BTreeMap::new();
    let all_parts = parts.iter().enumerate().map(|(number, part)| (part.text, Begun::Part(number)));
    let phrases = PHRASES.iter().map(|phrase| (phrase.text, Begun::Phrase(phrase)));
    for (text, begun) in all_parts.chain(phrases) {
        let end = (0..=BEGINNING.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        let beginning = end.and_then(|end| text.get(..end)).unwrap_or_default();
        by_beginning.entry(beginning).or_default().push(begun);
    }
    let beginnings = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(by_beginning.keys()).ok();
    let begun = by_beginning.into_values().collect();
    Searcher { beginnings, begun, parts, forms }
});

/// How far a form was recognized: parts, and where it began.
#[derive(Clone, Copy, Default)]
struct Progress {
    parts: usize,
    start: usize,
    end: usize,
}

impl Progress {
    /// Goes on with a part; says whether the form is whole.
    fn meet(&mut self, form: &Form, part: usize, start: usize, end: usize) -> bool {
        let again = self.parts == 1 && form.parts.first() == Some(&part);
        if again || (self.parts > 0 && start > self.end + REACH) {
            *self = Progress::default();
        }
        if form.parts.get(self.parts) != Some(&part) || start < self.end {
            return false;
        }
        if self.parts == 0 {
            self.start = start;
        }
        (self.parts, self.end) = (self.parts + 1, end);
        self.parts == form.parts.len()
    }
}

/// Finds the messages and the words in a text.
pub(super) fn search(clean: &Clean, usable: Usable<'_>) -> Shown {
    let squeezed = clean.squeezed.as_str();
    let mut words = vec![Vec::new(); CLASSES.len()];
    let Searcher { beginnings: Some(beginnings), begun, parts, forms } = &*SEARCHER else {
        return Shown { messages: Vec::new(), words };
    };
    let mut progress = vec![Progress::default(); forms.len()];
    let mut found: Map<&str, Found> = Map::default();
    for hit in beginnings.find_overlapping_iter(squeezed) {
        let (start, rest) = (hit.start(), squeezed.get(hit.start()..).unwrap_or_default());
        for begun in begun.get(hit.pattern().as_usize()).into_iter().flatten() {
            let number = match begun {
                Begun::Part(number) => *number,
                Begun::Phrase(phrase) => {
                    let span = span(clean, phrase, start).filter(|_| usable(phrase.from));
                    if let (Some(span), Some(words)) = (span, words.get_mut(phrase.class)) {
                        words.push(span);
                    }
                    continue;
                }
            };
            let Some(part) = parts.get(number).filter(|part| rest.starts_with(part.text)) else { continue };
            let end = start + part.text.len();
            for at in &part.forms {
                let (Some(form), Some(state)) = (forms.get(*at), progress.get_mut(*at)) else { continue };
                if usable(form.known.from) && state.meet(form, number, start, end) {
                    let new = form.found(state.start, end);
                    let best = found.entry(form.message.id).or_insert(new);
                    if new.weight > best.weight {
                        *best = new;
                    }
                    *state = Progress::default();
                }
            }
        }
    }
    let stands = |found: &Found| {
        let around = found.start..found.end;
        found.message.with.is_empty() || found.message.with.iter().any(|class| has(&words, *class, &around))
    };
    let messages = found.into_values().filter(stands).collect();
    Shown { messages: sifted(messages), words }
}

/// Where a phrase stands that begins at a place.
fn span(clean: &Clean, phrase: &Phrase, start: usize) -> Option<Range<usize>> {
    let (before, rest) = clean.squeezed.split_at_checked(start)?;
    let behind = rest.strip_prefix(phrase.text)?;
    let first = start + phrase.text.len();
    let fits = (!phrase.starts || clean.is_edge(start)) && (!phrase.ends || clean.is_edge(first));
    let end = match phrase.then {
        "" => first,
        then => {
            let window = (0..=(GAP + then.len()).min(behind.len())).rev().find_map(|end| behind.get(..end))?;
            first + window.find(then)? + then.len()
        }
    };
    let start = if phrase.denied { denial(before)? } else { start };
    fits.then_some(start..end)
}

/// Where a denial starts that stands at the end of a text.
fn denial(before: &str) -> Option<usize> {
    const DENIALS: [&str; 14] = [
        "not", "isnt", "arent", "wasnt", "werent", "hasnt", "havent", "doesnt", "dont", "didnt", "cant", "couldnt",
        "wont", "nolonger",
    ];
    const BETWEEN: [&str; 7] = ["been", "be", "yet", "currently", "properly", "correctly", "fully"];
    let between = |text: &str| BETWEEN.into_iter().find_map(|word| Some(text.strip_suffix(word)?.len()));
    let before = before.get(..between(before).unwrap_or(before.len()))?;
    DENIALS.into_iter().find_map(|word| Some(before.strip_suffix(word)?.len()))
}

/// The message that a short text is a part of.
pub(super) fn part_of_a_message(clean: &Clean) -> Option<Found> {
    const SHORTEST: usize = 24;
    let text = clean.squeezed.trim_start_matches('.');
    let start = clean.squeezed.len() - text.len();
    let text = text.trim_end_matches('.');
    if text.len() < SHORTEST {
        return None;
    }
    let has = |message: &&Message| message.forms.iter().flat_map(|form| form.parts).any(|part| part.contains(text));
    let message = MESSAGES.iter().filter(|message| message.elsewhere.is_none()).find(has)?;
    Some(Found { message, start, end: start + text.len(), lead: text.len(), weight: text.len() })
}

/// Whether a word of a class stands around a place.
pub(super) fn has(words: &[Vec<Range<usize>>], class: usize, around: &Range<usize>) -> bool {
    let words = words.get(class).map(Vec::as_slice).unwrap_or_default();
    let from = around.start.saturating_sub(AROUND);
    let after = words.partition_point(|word| word.start < from);
    words.get(after).is_some_and(|word| word.start < around.end + AROUND)
}

/// The most specific message first. A less specific one is omitted if another message says more, and so is one that is
/// only the beginning of another.
fn sifted(mut all: Vec<Found>) -> Vec<Found> {
    all.sort_by_key(|found| (found.message.generic, Reverse(found.weight), found.start, found.message.id));
    let specific = all.iter().any(|found| !found.message.generic);
    all.retain(|found| !(specific && found.message.generic));
    let mut kept: Vec<Found> = Vec::new();
    for found in all {
        let inside = |other: &Found| other.start == found.start && found.end <= other.end;
        if !kept.iter().any(inside) {
            kept.push(found);
        }
    }
    kept
}
