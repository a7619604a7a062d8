//! What the files say.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A page or a text that something was learnt from: a URL, or the id of a text of the corpus.
pub(crate) type Origins = Vec<String>;

/// URLs, and the day on which each was read.
pub(crate) type Pages = BTreeMap<String, String>;

/// Phrases by class, each with its origins.
pub(crate) type Words = BTreeMap<String, BTreeMap<String, Origins>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signals {
    pub(crate) signal: Vec<Signal>,
    pub(crate) hint: Vec<Hint>,
    pub(crate) elsewhere: Vec<Elsewhere>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Elsewhere {
    pub(crate) words: Vec<String>,
    pub(crate) about: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hint {
    pub(crate) id: String,
    pub(crate) words: Vec<String>,
    pub(crate) says: String,
    pub(crate) missing: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signal {
    pub(crate) id: String,
    pub(crate) says: String,
    pub(crate) weight: String,
    #[serde(default)]
    pub(crate) phrases: BTreeMap<String, Origins>,
    #[serde(default)]
    pub(crate) near: Vec<Vec<String>>,
    #[serde(default = "reach")]
    pub(crate) reach: usize,
    #[serde(default)]
    pub(crate) with: Vec<String>,
    #[serde(default)]
    pub(crate) unless: Vec<String>,
    pub(crate) gates: Vec<String>,
    #[serde(default)]
    pub(crate) proves: Vec<String>,
    pub(crate) from: Origins,
    #[serde(default)]
    pub(crate) cause: Vec<Cause>,
}

/// Words that belong together are no further apart than this, unless a signal says otherwise.
fn reach() -> usize {
    100
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Messages {
    pub(crate) message: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) forms: Vec<Form>,
    #[serde(default)]
    pub(crate) generic: bool,
    #[serde(default)]
    pub(crate) with: Vec<String>,
    #[serde(default)]
    pub(crate) gates: Vec<String>,
    #[serde(default)]
    pub(crate) proves: Vec<String>,
    pub(crate) misleads: Option<String>,
    pub(crate) elsewhere: Option<String>,
    pub(crate) from: Origins,
    pub(crate) samples: Vec<String>,
    #[serde(default)]
    pub(crate) cause: Vec<Cause>,
}

/// The parts of a form, and where it comes from if that is not where the whole message comes from.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Form {
    Parts(Vec<String>),
    Learnt { parts: Vec<String>, from: Origins },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cause {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) likelihood: Option<String>,
    #[serde(default)]
    pub(crate) why: String,
    #[serde(default)]
    pub(crate) from: Origins,
    #[serde(default)]
    pub(crate) sign: Vec<Sign>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sign {
    pub(crate) seen: String,
    pub(crate) effect: String,
    pub(crate) says: String,
}
