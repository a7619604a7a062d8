//! What is known of error texts: whole messages, and the words and signals that tell what any text says.
//!
//! It is written in `known/*.toml`, and the build script turns it into these tables.

use crate::explain::detail::Trait;
use crate::explain::v1::Likelihood;
use crate::finding::{Code, Gate, WebPage};

include!(concat!(env!("OUT_DIR"), "/known.rs"));

/// Where something was learnt: the URL of a page or thread, or the id of a text of the corpus.
pub(super) type Origin = &'static str;

/// A word or phrase of a class, such as `could not be found` of the class `absent`.
#[derive(Debug)]
pub(super) struct Phrase {
    /// The number of its class in [`CLASSES`].
    pub class: usize,
    /// Squeezed.
    pub text: &'static str,
    /// What follows shortly after, squeezed; empty for most.
    pub then: &'static str,
    /// A denial stands before it: `not`, `couldn't be`.
    pub denied: bool,
    /// It starts only where a word starts.
    pub starts: bool,
    /// It ends only where a word ends.
    pub ends: bool,
    /// Where it was learnt.
    pub from: &'static [Origin],
}

/// How sure a signal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Something failed, and the text does not say why.
    Hinted,
    /// The text says it in words of its own.
    Said,
    /// A documented code or sentence, or words that leave no doubt.
    Exact,
}

/// What a text says: phrases of its own, or words of several classes near each other.
#[derive(Debug)]
pub(super) struct Signal {
    /// Its name.
    pub id: &'static str,
    /// What the text says with it, as a sentence without a full stop.
    pub says: &'static str,
    /// How sure it is.
    pub weight: Weight,
    /// Groups of classes: a word of each group stands near the others.
    pub near: &'static [&'static [usize]],
    /// How far they reach at most, in squeezed bytes.
    pub reach: usize,
    /// A word of one of these classes has to stand around it; empty: nothing has to.
    pub with: &'static [usize],
    /// No word of these classes may stand around it.
    pub unless: &'static [usize],
    /// The gates it can stand for: names of [`Gate`], `caller` or `platform`. The first is the likeliest.
    pub gates: &'static [&'static str],
    /// Gates that it proves to have let the request through.
    pub proves: &'static [Gate],
    /// What it can mean: first as documented, then what was only confirmed.
    pub causes: &'static [Cause],
    /// The pages that the rule rests on.
    pub sources: &'static [WebPage],
}

/// Something that a text shows although it is not recognized.
#[derive(Debug)]
pub(super) struct Hint {
    /// Its name.
    pub id: &'static str,
    /// What the text says with it.
    pub says: &'static str,
    /// What is missing to decide.
    pub missing: &'static str,
    /// The classes of words that show it.
    pub words: &'static [usize],
}

/// Words of texts that are not about an access to a vault or an account.
#[derive(Debug)]
pub(super) struct Elsewhere {
    /// Their classes.
    pub words: &'static [usize],
    /// What such a text is about, as a sentence without a full stop.
    pub about: &'static str,
}

/// A message: what stays the same in it, and what it can stand for.
///
/// Names, ids and timestamps are wildcards between its parts.
#[derive(Debug)]
pub(super) struct Message {
    /// `service.what-it-says`.
    pub id: &'static str,
    /// Ways to recognize it.
    pub forms: &'static [Form],
    /// Says little on its own: left out if something says more.
    pub generic: bool,
    /// A word of one of these classes has to stand around it; empty: nothing has to.
    pub with: &'static [usize],
    /// The gates it can stand for: names of [`Gate`], `caller` or `platform`. The first is the likeliest.
    pub gates: &'static [&'static str],
    /// Gates that such an answer proves to have let the request through.
    pub proves: &'static [Gate],
    /// How it misleads, where it does.
    pub misleads: Option<&'static str>,
    /// The subject, if the message is not about access.
    pub elsewhere: Option<&'static str>,
    /// What it can mean, the likeliest first.
    pub causes: &'static [Cause],
    /// Texts of this kind: one as Azure writes it, and others with other names, cut or wrapped.
    pub samples: &'static [&'static str],
    /// What this rests on.
    pub sources: &'static [WebPage],
}

/// One way to recognize a message: all parts occur, in this order. They are squeezed, so a terminal may have cut them
/// anywhere.
#[derive(Debug)]
pub(super) struct Form {
    /// The parts.
    pub parts: &'static [&'static str],
    /// Where it was learnt.
    pub from: &'static [Origin],
}

/// What a message or a signal can mean.
#[derive(Debug)]
pub(super) struct Cause {
    /// The code.
    pub code: Code,
    /// How likely it is where the text says nothing more.
    pub likelihood: Likelihood,
    /// Why, and how to tell it from the others; empty: the signal says it.
    pub why: &'static str,
    /// What else in the text makes it more or less likely.
    pub signs: &'static [Sign],
    /// Where it was documented, or confirmed.
    pub from: &'static [Origin],
}

/// Something in the text that moves a cause up or down.
#[derive(Debug)]
pub(super) struct Sign {
    /// What is seen.
    pub seen: Trait,
    /// What it does.
    pub effect: Effect,
    /// Why it does that.
    pub says: &'static str,
}

impl Sign {
    const fn up(seen: Trait, says: &'static str) -> Self {
        Self { seen, effect: Effect::Likely, says }
    }

    const fn down(seen: Trait, says: &'static str) -> Self {
        Self { seen, effect: Effect::Unlikely, says }
    }
}

/// What a sign does to a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It becomes likely.
    Likely,
    /// It becomes unlikely.
    Unlikely,
}

/// Whether an origin is a page that documents something, and not a thread or a text.
pub fn is_page(origin: &str) -> bool {
    const THREADS: [&str; 5] = ["/issues/", "/pull/", "/discussions/", "/answers/", "stackoverflow.com/"];
    origin.starts_with("https://") && !THREADS.iter().any(|thread| origin.contains(thread))
}
