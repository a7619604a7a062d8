//! What follows from messages and signals: the gates that a failure can stand for, and those that it passed.

use std::ops::Range;

use crate::explain::clean::Clean;
use crate::explain::known::{ELSEWHERE, Weight};
use crate::explain::search::{AROUND, Found, Shown, has, part_of_a_message};
use crate::explain::signals::{self, Match};
use crate::finding::Gate;

/// One failure that a text is about.
pub(super) struct Failure {
    /// The known message that says it.
    pub message: Option<Found>,
    /// The signals that stand around it; without a message, those that decide.
    pub signals: Vec<Match>,
    /// Where it stands in the squeezed text.
    pub span: Range<usize>,
    /// The gates that it can stand for, the likeliest first.
    pub gates: Vec<&'static str>,
    /// Gates that let the request through.
    pub proves: Vec<Gate>,
}

impl Failure {
    /// The message, or the first signal that decides.
    pub(super) fn id(&self) -> &'static str {
        let signal = || self.signals.first().map(|signal| signal.signal.id);
        self.message.map(|found| found.message.id).or_else(signal).unwrap_or_default()
    }

    /// The subject, if the failure is not about access.
    pub(super) fn elsewhere(&self) -> Option<&'static str> {
        self.message.and_then(|found| found.message.elsewhere)
    }
}

/// The failures that a text shows, the one that says most first; none: the text is not known.
pub(super) fn failures(clean: &Clean, shown: &Shown) -> Vec<Failure> {
    let signals = signals::signals(shown);
    let (generic, specific): (Vec<Found>, Vec<Found>) = shown.messages.iter().partition(|found| found.message.generic);
    let near = |found: &Found, signal: &Match| {
        signal.span.start < found.end + AROUND && found.start < signal.span.end + AROUND / 2
    };
    let mut failures: Vec<Failure> = specific.iter().map(|found| by_message(*found, &signals, near)).collect();
    let alone = signals.iter().filter(|signal| !specific.iter().any(|found| near(found, signal)));
    let mut by_signals: Vec<Failure> = groups(alone).into_iter().filter_map(|group| by_signals(shown, group)).collect();
    by_signals.sort_by_key(|failure| std::cmp::Reverse(weight(&failure.signals)));
    let certain = by_signals.partition_point(|failure| weight(&failure.signals) > Some(Weight::Hinted));
    let hinted = by_signals.split_off(certain);
    failures.extend(by_signals);
    if failures.is_empty() {
        failures.extend(part_of_a_message(clean).map(|found| by_message(found, &[], near)));
    }
    if failures.is_empty() {
        let telling = generic.into_iter().filter(|found| !found.message.causes.is_empty());
        failures.extend(telling.map(|found| by_message(found, &signals, near)));
        if failures.is_empty() {
            failures.extend(hinted);
        }
    }
    failures
}

fn by_message(found: Found, signals: &[Match], near: impl Fn(&Found, &Match) -> bool) -> Failure {
    let around: Vec<Match> = signals.iter().filter(|signal| near(&found, signal)).cloned().collect();
    Failure {
        message: Some(found),
        signals: around,
        span: found.start..found.end,
        gates: found.message.gates.to_vec(),
        proves: found.message.proves.to_vec(),
    }
}

/// What a text is about that shows no failure of an access.
pub(super) fn elsewhere(shown: &Shown) -> Option<&'static str> {
    let is_shown = |class: &usize| shown.words.get(*class).is_some_and(|words| !words.is_empty());
    ELSEWHERE.iter().find(|elsewhere| elsewhere.words.iter().any(is_shown)).map(|elsewhere| elsewhere.about)
}

/// Parts signals where the text goes on for long without one.
fn groups<'m>(signals: impl Iterator<Item = &'m Match>) -> Vec<Vec<Match>> {
    let mut groups: Vec<Vec<Match>> = Vec::new();
    let mut end = 0;
    for signal in signals {
        match groups.last_mut().filter(|_| signal.span.start < end + AROUND) {
            Some(group) => group.push(signal.clone()),
            None => groups.push(vec![signal.clone()]),
        }
        end = end.max(signal.span.end);
    }
    groups
}

/// What the surest signals of a group leave possible. Words about something else explain what is only said or hinted.
fn by_signals(shown: &Shown, group: Vec<Match>) -> Option<Failure> {
    let surest = weight(&group)?;
    let first = group.iter().map(|signal| signal.span.start).min()?;
    let last = group.iter().map(|signal| signal.span.end).max()?;
    let is_near = |class: &usize| has(&shown.words, *class, &(first..last));
    if surest < Weight::Exact && ELSEWHERE.iter().flat_map(|elsewhere| elsewhere.words).any(is_near) {
        return None;
    }
    let exact = group.iter().filter(|signal| signal.signal.weight == Weight::Exact);
    let mut proves: Vec<Gate> = exact.flat_map(|signal| signal.signal.proves).copied().collect();
    // Two answers in one text may be about two requests: what one leaves possible, the other does not prove.
    proves.retain(|gate| !group.iter().any(|signal| signal.signal.gates.contains(&gate.name())));
    proves.sort_unstable();
    proves.dedup();
    let decide: Vec<Match> = group.into_iter().filter(|signal| signal.signal.weight == surest).collect();
    let mut gates: Vec<&'static str> = Vec::new();
    for gate in decide.iter().flat_map(|signal| signal.signal.gates.iter().copied()) {
        if !gates.contains(&gate) {
            gates.push(gate);
        }
    }
    Some(Failure { message: None, span: first..last, signals: decide, gates, proves })
}

/// The weight of the surest signal.
fn weight(signals: &[Match]) -> Option<Weight> {
    signals.iter().map(|signal| signal.signal.weight).max()
}
