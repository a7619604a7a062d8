//! `explanation/v1`: what other programs rely on. Fields may be added, none renamed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::base::form;
use crate::finding::{CodeName, Gate, Safety, Source};

/// What an error text can mean.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// `explanation/v1`.
    #[serde(deserialize_with = "explanation_format")]
    pub apim_doctor: Cow<'static, str>,
    /// Whether the text is known.
    pub recognized: bool,
    /// What it means; of several messages the one that says most.
    #[serde(flatten)]
    pub first: Meaning,
    /// The other messages in the text, the one that says most first.
    pub others: Vec<Meaning>,
    /// What to paste instead, where nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<Cow<'static, str>>,
    /// What a text that is not recognized shows all the same, and what is missing to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near_miss: Option<NearMiss>,
}

/// What a text that is not recognized shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NearMiss {
    /// What the text says, in its order.
    pub signals: Vec<Signal>,
    /// What is missing to decide.
    pub missing: Vec<Cow<'static, str>>,
    /// The known messages that are most like it, as Azure writes them.
    pub nearest: Vec<Nearest>,
}

/// A known message that is like a text.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Nearest {
    /// Which message it is.
    pub message: Cow<'static, str>,
    /// A text of its kind.
    pub text: Cow<'static, str>,
}

/// Something that a text says.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Signal {
    /// Which signal it is.
    pub id: Cow<'static, str>,
    /// What the text says with it.
    pub says: Cow<'static, str>,
    /// The words that say it.
    pub quote: Quote,
}

/// A place in the given text.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Quote {
    /// The words, without escapes, and without what stands between them.
    pub text: String,
    /// Where they start: a number of bytes of UTF-8.
    pub start: usize,
    /// Where they end.
    pub end: usize,
}

/// What one message can mean.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Meaning {
    /// Which message it is; `null` where it is not known.
    pub message: Option<Cow<'static, str>>,
    /// Which request failed, in one sentence, as far as the text shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Whether it points elsewhere than at its usual cause.
    pub misleading: bool,
    /// How it misleads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub misleads: Option<Cow<'static, str>>,
    /// What it names.
    pub extracted: BTreeMap<Cow<'static, str>, String>,
    /// What the text says, in its order; the causes rest on it where `message` is a signal.
    #[serde(default)]
    pub signals: Vec<Signal>,
    /// The gates it can stand for, or `caller` or `platform`; the likeliest first.
    pub gates: Vec<Cow<'static, str>>,
    /// What it can mean, the likeliest first.
    pub causes: Vec<Cause>,
    /// Gates that let this request through.
    pub rules_out: Vec<Gate>,
    /// What this rests on.
    pub sources: Vec<Source>,
}

/// How likely a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Likelihood {
    /// It happens.
    Low,
    /// As likely as others.
    Medium,
    /// The first to look at.
    High,
}

/// One thing a message can mean.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Cause {
    /// The code.
    pub code: CodeName,
    /// The bad state in one line.
    pub title: Cow<'static, str>,
    /// How likely it is.
    pub likelihood: Likelihood,
    /// Why, and how to tell it from the others.
    pub why: Cow<'static, str>,
    /// The words that it rests on.
    #[serde(default)]
    pub because: Vec<Quote>,
    /// What else in the text moved it.
    pub signs: Vec<Sign>,
    /// How to find out.
    pub confirm: Vec<Confirmation>,
    /// What repairs it. Nothing was tried: nothing but the text was read.
    pub fixes: Vec<Fix>,
}

/// Something in the text that made a cause more or less likely.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Sign {
    /// The value.
    pub says: Cow<'static, str>,
    /// `likelier` or `unlikelier`.
    pub effect: Cow<'static, str>,
}

/// How to confirm a finding or a cause by hand.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Confirmation {
    /// Where to run it.
    pub run_from: Cow<'static, str>,
    /// The command; it changes nothing.
    pub command: String,
    /// What it shows if the finding or the cause is right.
    pub expect: String,
}

/// What repairs a cause.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Fix {
    /// What to do.
    pub title: String,
    /// Read it before you run it.
    pub safety: Safety,
    /// Always `false` here.
    pub verified: bool,
    /// Azure CLI.
    pub az: Vec<String>,
}

fn explanation_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    form::named(deserializer, "explanation/v1")
}
