//! All parts of all known messages, found in one pass.

use std::cmp::Reverse;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

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

struct Searcher {
    automaton: Option<AhoCorasick>,
    forms: Vec<Form>,
    /// The forms that have a part, by the part's pattern.
    forms_of: Vec<Vec<usize>>,
}

/// Parts of one message are no further apart than this.
const REACH: usize = 6_000;

static SEARCHER: LazyLock<Searcher> = LazyLock::new(|| {
    let (mut patterns, mut numbers): (Vec<String>, Map<String, usize>) = (Vec::new(), Map::default());
    let mut forms = Vec::new();
    let mut forms_of: Vec<Vec<usize>> = Vec::new();
    for (family, form) in families().flat_map(|family| family.forms.iter().map(move |form| (family, form))) {
        let mut parts = Vec::new();
        for part in form.iter().map(|part| squeeze(part)) {
            let number = *numbers.entry(part.clone()).or_insert_with(|| {
                patterns.push(part);
                forms_of.push(Vec::new());
                patterns.len() - 1
            });
            parts.push(number);
            if let Some(own) = forms_of.get_mut(number).filter(|own| own.last() != Some(&forms.len())) {
                own.push(forms.len());
            }
        }
        let weight = parts.iter().filter_map(|number| patterns.get(*number)).map(String::len).sum();
        forms.push(Form { family, parts, weight });
    }
    let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns).ok();
    Searcher { automaton, forms, forms_of }
});

/// How far a form was recognised: parts, and where it began.
#[derive(Clone, Copy, Default)]
struct Progress {
    parts: usize,
    start: usize,
    end: usize,
}

/// The messages in a squeezed text, the one that says most first. One that says little is left out where another says
/// more, and so is one that is only the beginning of another.
pub(super) fn search(squeezed: &str) -> Vec<Found> {
    let Searcher { automaton: Some(automaton), forms, forms_of } = &*SEARCHER else { return Vec::new() };
    let mut progress = vec![Progress::default(); forms.len()];
    let mut found: Map<&str, Found> = Map::default();
    for hit in automaton.find_overlapping_iter(squeezed) {
        for at in forms_of.get(hit.pattern().as_usize()).into_iter().flatten() {
            let (Some(form), Some(state)) = (forms.get(*at), progress.get_mut(*at)) else { continue };
            let part = Some(&hit.pattern().as_usize());
            let again = state.parts == 1 && form.parts.first() == part;
            if again || (state.parts > 0 && hit.start() > state.end + REACH) {
                *state = Progress::default();
            }
            if form.parts.get(state.parts) != part || hit.start() < state.end {
                continue;
            }
            if state.parts == 0 {
                state.start = hit.start();
            }
            (state.parts, state.end) = (state.parts + 1, hit.end());
            if state.parts == form.parts.len() {
                let new = Found { family: form.family, start: state.start, end: state.end, weight: form.weight };
                let best = found.entry(form.family.id).or_insert(new);
                if new.weight > best.weight {
                    *best = new;
                }
                *state = Progress::default();
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
