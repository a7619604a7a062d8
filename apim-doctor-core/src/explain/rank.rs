//! In which order causes are named.
//!
//! For a known message: how likely each cause is for it. For signals: documented causes in their documented order, and
//! how often a cause was confirmed where the signal stood. Then both alike: what else the text shows.

use std::cmp::Reverse;

use crate::explain::detail::Trait;
use crate::explain::infer::Failure;
use crate::explain::known::{Cause, Effect, Sign, is_page};
use crate::explain::search::Usable;
use crate::explain::signals::Match;
use crate::explain::v1::Likelihood;

/// A cause with what speaks for it.
pub(super) struct Ranked {
    pub cause: &'static Cause,
    /// The signal that it follows from; none: it follows from the message.
    pub signal: Option<Match>,
    pub likelihood: Likelihood,
    /// What else in the text moved it.
    pub signs: Vec<&'static Sign>,
}

/// What the first, the second, … documented cause weighs.
const DOCUMENTED: [i32; 4] = [6, 4, 3, 2];

/// Confirmations count up to this number, each as one.
const CONFIRMED: usize = 4;

/// What a sign moves.
const STEP: i32 = 3;

/// The causes of a failure, the likeliest first.
pub(super) fn rank(failure: &Failure, seen: &[Trait], usable: Usable<'_>) -> Vec<Ranked> {
    let mut ranked: Vec<(i32, Ranked)> = match failure.message {
        Some(found) => found.message.causes.iter().map(|cause| of_message(cause, seen)).collect(),
        None => failure.signals.iter().flat_map(|signal| of_signal(signal, seen, usable)).collect(),
    };
    ranked.sort_by_key(|(score, _)| Reverse(*score));
    let mut kept: Vec<Ranked> = Vec::new();
    for (_, new) in ranked {
        if !kept.iter().any(|old| old.cause.code == new.cause.code) {
            kept.push(new);
        }
    }
    kept
}

fn of_message(cause: &'static Cause, seen: &[Trait]) -> (i32, Ranked) {
    let base = match cause.likelihood {
        Likelihood::Low => 1,
        Likelihood::Medium => 2,
        Likelihood::High => 3,
    };
    let (signs, moved) = signs(cause, seen);
    let score = base + moved;
    let likelihood = match score {
        ..=1 => Likelihood::Low,
        2 => Likelihood::Medium,
        _ => Likelihood::High,
    };
    (score, Ranked { cause, signal: None, likelihood, signs })
}

fn of_signal(signal: &Match, seen: &[Trait], usable: Usable<'_>) -> Vec<(i32, Ranked)> {
    let score = |(place, cause): (usize, &'static Cause)| {
        let is_documented = cause.from.iter().any(|origin| is_page(origin));
        let confirmed = cause.from.iter().filter(|origin| !is_page(origin) && usable(&[**origin])).count();
        if !is_documented && confirmed == 0 {
            return None;
        }
        let documented = if is_documented { DOCUMENTED.get(place).copied().unwrap_or(1) } else { 0 };
        let (signs, moved) = signs(cause, seen);
        let score = documented + i32::try_from(confirmed.min(CONFIRMED)).unwrap_or_default() + moved;
        let likelihood = match score {
            ..=3 => Likelihood::Low,
            4..=6 => Likelihood::Medium,
            _ => Likelihood::High,
        };
        Some((score, Ranked { cause, signal: Some(signal.clone()), likelihood, signs }))
    };
    signal.signal.causes.iter().enumerate().filter_map(score).collect()
}

/// The signs that are seen, and what they move.
fn signs(cause: &'static Cause, seen: &[Trait]) -> (Vec<&'static Sign>, i32) {
    let signs: Vec<&Sign> = cause.signs.iter().filter(|sign| seen.contains(&sign.seen)).collect();
    let moved = signs.iter().map(|sign| if sign.effect == Effect::Likely { STEP } else { -STEP }).sum();
    (signs, moved)
}
