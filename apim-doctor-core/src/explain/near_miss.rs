//! What is said of a text that is not recognized: what it shows, what is missing, and which known messages are like it.

use std::collections::BTreeSet;

use crate::explain::clean::Clean;
use crate::explain::known::{HINTS, MESSAGES};
use crate::explain::quote::quote;
use crate::explain::search::Shown;
use crate::explain::squeeze::squeeze;
use crate::explain::v1;

/// What to paste instead of a text that shows nothing.
pub(super) const PASTE: &str = "paste the whole message from Azure with its code and inner code; from a log, paste the \
                                lines around `error`, `code` or `Forbidden`; from a deployment, paste the innermost \
                                message";

/// Longer texts are not compared with known messages.
const LONGEST: usize = 600;

/// So many known messages are named.
const NEAREST: usize = 2;

/// The smallest share of pieces of three characters that a text has in common with a message that is called like it.
const ALIKE: f64 = 0.35;

/// What a text shows although it is not recognized.
pub(super) fn near_miss(clean: &Clean, shown: &Shown) -> v1::NearMiss {
    let mut near = v1::NearMiss::default();
    for hint in HINTS {
        let words = hint.words.iter().filter_map(|class| shown.words.get(*class)?.first());
        let Some(quote) = words.min_by_key(|word| word.start).and_then(|word| quote(clean, std::slice::from_ref(word)))
        else {
            continue;
        };
        near.signals.push(v1::Signal { id: hint.id.into(), says: hint.says.into(), quote });
        near.missing.push(hint.missing.into());
    }
    near.signals.sort_by_key(|signal| signal.quote.start);
    near.nearest = nearest(&clean.squeezed);
    near
}

/// The known messages that have most in common with a text.
fn nearest(squeezed: &str) -> Vec<v1::Nearest> {
    if squeezed.len() > LONGEST || squeezed.len() < 12 {
        return Vec::new();
    }
    let own = pieces(squeezed);
    let alike = MESSAGES.iter().flat_map(|message| message.samples.iter().map(move |text| (message.id, *text)));
    let mut alike: Vec<(f64, &'static str, &'static str)> = alike
        .map(|(id, text)| {
            let other = pieces(&squeeze(text));
            let common = own.intersection(&other).count();
            (common as f64 / own.len().max(1) as f64, id, text)
        })
        .filter(|(share, ..)| *share >= ALIKE)
        .collect();
    alike.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    let mut seen = BTreeSet::new();
    alike.retain(|(_, id, _)| seen.insert(*id));
    let nearest = alike.into_iter().take(NEAREST);
    let in_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    nearest.map(|(_, message, text)| v1::Nearest { message: message.into(), text: in_one_line(text).into() }).collect()
}

/// The pieces of three characters in a text.
fn pieces(text: &str) -> BTreeSet<[char; 3]> {
    let chars: Vec<char> = text.chars().collect();
    chars.windows(3).filter_map(|window| window.try_into().ok()).collect()
}
