//! Finds all parts of all known messages in one pass.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::base::Map;
use crate::explain::catalogue::families;
use crate::explain::clean::squeeze;
use crate::explain::family::Family;

/// A message that was found.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub family: &'static Family,
    /// Where its first part starts in the squeezed text.
    pub start: usize,
    /// Where its last part ends.
    pub end: usize,
    /// How much of it was recognised, in bytes: the more, the more specific.
    pub weight: usize,
}

/// One way to recognise a family.
struct Form {
    family: &'static Family,
    /// Its parts, as numbers of patterns.
    parts: Vec<usize>,
    weight: usize,
}

/// A part of a message.
struct Part {
    text: String,
    /// The forms that it belongs to.
    forms: Vec<usize>,
}

struct Searcher {
    /// Finds how parts begin: the whole of them would take longer to build than most texts take to search.
    beginnings: Option<AhoCorasick>,
    /// The parts that begin so, by the number of the beginning.
    parts_of: Vec<Vec<usize>>,
    parts: Vec<Part>,
    forms: Vec<Form>,
}

/// How many bytes of a part are searched for at first.
const BEGINNING: usize = 10;

/// Parts of one message are no further apart than this.
const REACH: usize = 6_000;

static SEARCHER: LazyLock<Searcher> = LazyLock::new(|| {
    let (mut parts, mut forms): (Vec<Part>, Vec<Form>) = (Vec::new(), Vec::new());
    let mut numbers: Map<String, usize> = Map::default();
    for (family, form) in families().flat_map(|family| family.forms.iter().map(move |form| (family, form))) {
        let texts: Vec<String> = form.iter().map(|part| squeeze(part)).collect();
        let weight = texts.iter().map(String::len).sum();
        let mut own = Vec::new();
        for text in texts {
            let number = *numbers.entry(text.clone()).or_insert_with(|| {
                parts.push(Part { text, forms: Vec::new() });
                parts.len() - 1
            });
            if let Some(part) = parts.get_mut(number).filter(|part| part.forms.last() != Some(&forms.len())) {
                part.forms.push(forms.len());
            }
            own.push(number);
        }
        forms.push(Form { family, parts: own, weight });
    }
    let mut by_beginning: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, part) in parts.iter().enumerate() {
        let end = (0..=BEGINNING.min(part.text.len())).rev().find(|at| part.text.is_char_boundary(*at));
        let beginning = end.and_then(|end| part.text.get(..end)).unwrap_or_default();
        by_beginning.entry(beginning).or_default().push(number);
    }
    let beginnings = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(by_beginning.keys()).ok();
    let parts_of = by_beginning.into_values().collect();
    Searcher { beginnings, parts_of, parts, forms }
});

/// How far a form was recognised: parts, and where it began.
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

/// The messages in a squeezed text, the most specific one first. A less specific one is omitted if another message says
/// more, and so is one that is only the beginning of another.
pub(super) fn search(squeezed: &str) -> Vec<Found> {
    let Searcher { beginnings: Some(beginnings), parts_of, parts, forms } = &*SEARCHER else { return Vec::new() };
    let mut progress = vec![Progress::default(); forms.len()];
    let mut found: Map<&str, Found> = Map::default();
    for hit in beginnings.find_overlapping_iter(squeezed) {
        let (start, rest) = (hit.start(), squeezed.get(hit.start()..).unwrap_or_default());
        let begun = parts_of.get(hit.pattern().as_usize()).into_iter().flatten();
        let whole = begun.filter_map(|number| Some((number, parts.get(*number)?)));
        for (number, part) in whole.filter(|(_, part)| rest.starts_with(&part.text)) {
            let end = start + part.text.len();
            for at in &part.forms {
                let (Some(form), Some(state)) = (forms.get(*at), progress.get_mut(*at)) else { continue };
                if state.meet(form, *number, start, end) {
                    let new = Found { family: form.family, start: state.start, end, weight: form.weight };
                    let best = found.entry(form.family.id).or_insert(new);
                    if new.weight > best.weight {
                        *best = new;
                    }
                    *state = Progress::default();
                }
            }
        }
    }
    let mut all: Vec<Found> = found.into_values().collect();
    all.sort_by_key(|found| (found.family.generic, Reverse(found.weight), found.start, found.family.id));
    let specific = all.iter().any(|found| !found.family.generic);
    all.retain(|found| !(specific && found.family.generic));
    let mut kept: Vec<Found> = Vec::new();
    for found in all {
        let inside = |other: &Found| other.start == found.start && found.end <= other.end;
        if !kept.iter().any(inside) {
            kept.push(found);
        }
    }
    kept
}
