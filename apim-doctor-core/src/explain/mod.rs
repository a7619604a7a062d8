//! Explains error texts.
//!
//! A text is cleaned ([`clean`]), searched for the parts of all known messages in one pass ([`search`]), and what is
//! found is ranked by what else the text shows ([`detail`]). What is known of each message is data: [`catalogue`].

mod advice;
mod catalogue;
mod clean;
mod detail;
mod family;
mod fill;
mod search;
mod situation;
#[cfg(test)]
mod tests;
pub mod v1;

use std::cmp::Reverse;

use clean::Clean;
use detail::Extracted;
use family::{Effect, Likelihood};
use fill::name_of;
use search::Found;
use situation::Situation;

use crate::finding::{Code, Gate};

/// What to paste instead of a text without a known message.
const PASTE: &str = "paste the whole message from Azure with its code and inner code; from a log, paste the lines \
                     around `error`, `code` or `Forbidden`; from a deployment, paste the innermost message";

/// Explains an error text: which message it is, what it can mean, how to check, and what to do.
///
/// Secrets in the text are never repeated. The time grows with the length of the text and no faster.
///
/// ```
/// let text = "Client address is not authorized and caller is not a trusted service. Client address: 203.0.113.7";
/// let explanation = apim_doctor_core::explain(text);
/// assert_eq!(explanation.first.message.as_deref(), Some("key-vault.forbidden-by-firewall"));
/// assert_eq!(explanation.first.gates[0], "firewall");
/// ```
pub fn explain(text: &str) -> v1::Explanation {
    let clean = Clean::of(text);
    let mut meanings = search::search(&clean.squeezed).into_iter().map(|found| meaning(&clean, &found));
    let first = meanings.next();
    v1::Explanation {
        apim_doctor: "explanation/v1".into(),
        recognized: first.is_some(),
        advice: first.is_none().then_some(PASTE.into()),
        first: first.unwrap_or_default(),
        others: meanings.collect(),
    }
}

/// What a message in a text says of one request.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Which message it is.
    pub message: &'static str,
    /// Gates that let the request through.
    pub proves: &'static [Gate],
    /// Gates that the message can stand for, the likeliest first.
    pub means: Vec<Gate>,
    /// How the caller signed in, where the message decides it.
    pub signs_with: Option<SignsWith>,
    /// The vault that answered, where it is named.
    pub vault: Option<String>,
    /// The storage account, where it is named.
    pub account: Option<String>,
    /// The service of that account: `blob`, …
    pub service: Option<String>,
    /// The object that was asked for, where it is named.
    pub object: Option<String>,
    /// The object id of the caller, where it is named.
    pub caller: Option<String>,
    /// The client id of the caller, where it is named.
    pub client: Option<String>,
    /// The name of the user-assigned identity, where its resource is named.
    pub identity: Option<String>,
}

/// A credential that is not a token of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignsWith {
    /// A key of the storage account, or a signature made with one.
    AccountKey,
    /// Nothing: the request is anonymous.
    Nothing,
}

impl SignsWith {
    /// In words, after "signs with".
    pub(crate) fn words(self) -> &'static str {
        match self {
            SignsWith::AccountKey => "an account key",
            SignsWith::Nothing => "no credential",
        }
    }
}

/// Finds the messages in a text, the most specific one first.
pub(crate) fn readings(text: &str) -> Vec<Reading> {
    let clean = Clean::of(text);
    let found = search::search(&clean.squeezed).into_iter();
    found.map(|found| reading(&clean, &found)).collect()
}

fn reading(clean: &Clean, found: &Found) -> Reading {
    let mut named = detail::extract(clean.around(found.start, found.end));
    let gate = |name: &&str| Gate::ALL.into_iter().find(|gate| gate.name() == *name);
    Reading {
        message: found.family.id,
        proves: found.family.proves,
        means: found.family.gates.iter().filter_map(gate).collect(),
        signs_with: match found.family.id {
            "storage.key-access-off" => Some(SignsWith::AccountKey),
            "storage.anonymous-access-off" => Some(SignsWith::Nothing),
            _ => None,
        },
        vault: named.remove("vault"),
        account: named.remove("account"),
        service: named.remove("service"),
        object: named.get("object").map(|object| name_of(object).to_owned()),
        caller: named.remove("objectId"),
        client: named.remove("clientId"),
        identity: named.remove("identity"),
    }
}

/// What repairs a code, in one line, if an error text can lead to it.
pub fn repair(code: Code) -> Option<&'static str> {
    advice::repair(code)
}

/// The known messages, each with texts of its kind: the first as Azure writes it.
pub fn known_messages() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    catalogue::families().map(|family| (family.id, family.samples))
}

fn meaning(clean: &Clean, found: &Found) -> v1::Meaning {
    let Found { family, start, end, .. } = *found;
    let extracted = detail::extract(clean.around(start, end));
    let squeezed = clean.squeezed_around(start, end);
    let seen = detail::traits(squeezed);
    let situation = Situation::of(Some(family.id), &extracted, &seen, squeezed);
    let causes = family.causes.iter().map(|cause| rank(cause, &seen, &extracted, &situation));
    let mut ranked: Vec<(i8, v1::Cause)> = causes.collect();
    ranked.sort_by_key(|(score, _)| Reverse(*score));
    v1::Meaning {
        message: Some(family.id.into()),
        misleading: family.misleads.is_some(),
        misleads: family.misleads.map(Into::into),
        gates: family.gates.iter().copied().map(Into::into).collect(),
        causes: ranked.into_iter().map(|(_, cause)| cause).collect(),
        rules_out: family.proves.to_vec(),
        sources: family.sources.iter().copied().map(Into::into).collect(),
        extracted: extracted.into_iter().map(|(name, value)| (name.into(), value)).collect(),
    }
}

/// A cause with its place in the ranking: signs weigh more than how often a cause is met.
fn rank(
    cause: &family::Cause,
    seen: &[family::Trait],
    extracted: &Extracted,
    situation: &Situation,
) -> (i8, v1::Cause) {
    const STEP: i8 = 3;
    let base = match cause.likelihood {
        Likelihood::Low => 1,
        Likelihood::Medium => 2,
        Likelihood::High => 3,
    };
    let signs: Vec<&family::Sign> = cause.signs.iter().filter(|sign| seen.contains(&sign.seen)).collect();
    let moved = signs.iter().map(|sign| if sign.effect == Effect::Likely { STEP } else { -STEP });
    let score = base + moved.sum::<i8>();
    let advised = advice::advise(cause.code, situation, extracted);
    let explained = v1::Cause {
        code: cause.code.into(),
        title: cause.code.title().into(),
        likelihood: match score {
            ..=1 => Likelihood::Low,
            2 => Likelihood::Medium,
            _ => Likelihood::High,
        },
        why: cause.why.into(),
        signs: signs
            .iter()
            .map(|sign| v1::Sign {
                says: sign.says.into(),
                effect: if sign.effect == Effect::Likely { "likelier" } else { "unlikelier" }.into(),
            })
            .collect(),
        confirm: advised.confirm,
        fixes: advised.fixes,
    };
    (score, explained)
}
