//! Explains error texts.
//!
//! A text is cleaned ([`clean`]) and searched in one pass for known messages and for words ([`search`]). Words near each
//! other are signals: they tell what the text says ([`signals`]). Messages and signals leave gates possible or prove them
//! passed ([`infer`]), and their causes are ranked ([`rank`]). What is known is data: `known/*.toml`.

mod advice;
mod clean;
mod detail;
mod fill;
mod infer;
mod known;
mod near_miss;
mod quote;
mod rank;
mod search;
mod signals;
mod situation;
mod squeeze;
#[cfg(test)]
mod tests;
pub mod v1;

pub use known::is_page;

use std::ops::Range;

use clean::Clean;
use fill::name_of;
use infer::Failure;
use known::{Effect, MESSAGES};
use quote::quote;
use rank::Ranked;
use search::Usable;
use situation::Situation;

use crate::finding::{Code, Gate};

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
    explain_with(text, &|_| true)
}

/// As [`explain`], with nothing but what may be used by where it was learnt: the URL of a page or thread, or the id of a
/// text of the corpus. Accuracy is measured with it.
pub fn explain_with(text: &str, usable: Usable<'_>) -> v1::Explanation {
    let clean = Clean::of(text);
    let shown = search::search(&clean, usable);
    let failures = infer::failures(&clean, &shown);
    let (about_access, elsewhere): (Vec<&Failure>, Vec<&Failure>) =
        failures.iter().partition(|failure| failure.elsewhere().is_none());
    let mut meanings = about_access.into_iter().map(|failure| meaning(&clean, failure, usable));
    let first = meanings.next();
    let others = meanings.collect();
    let recognized = first.is_some();
    let elsewhere = elsewhere.first().and_then(|failure| failure.elsewhere()).or_else(|| infer::elsewhere(&shown));
    let elsewhere = elsewhere.filter(|_| !recognized);
    let near_miss = (!recognized && elsewhere.is_none()).then(|| near_miss::near_miss(&clean, &shown));
    v1::Explanation {
        apim_doctor: "explanation/v1".into(),
        recognized,
        advice: match elsewhere {
            Some(about) => Some(format!("this is not about access: {about}").into()),
            None => (!recognized).then_some(near_miss::PASTE.into()),
        },
        first: first.unwrap_or_default(),
        others,
        near_miss,
    }
}

/// What a message in a text says of one request.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Which message it is, or which signal.
    pub message: &'static str,
    /// Gates that let the request through.
    pub proves: Vec<Gate>,
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

/// Finds the failures that a text is about, the one that says most first.
pub(crate) fn readings(text: &str) -> Vec<Reading> {
    let clean = Clean::of(text);
    let failures = infer::failures(&clean, &search::search(&clean, &|_| true));
    let mut readings: Vec<Reading> = failures.iter().map(|failure| reading(&clean, failure)).collect();
    // Two failures in one text may be about two requests: what one leaves possible, the other does not prove.
    let means: Vec<Vec<Gate>> = readings.iter().map(|reading| reading.means.clone()).collect();
    for (at, reading) in readings.iter_mut().enumerate() {
        let others = || means.iter().enumerate().filter(|(other, _)| *other != at);
        reading.proves.retain(|gate| !others().any(|(_, means)| means.contains(gate)));
    }
    readings
}

fn reading(clean: &Clean, failure: &Failure) -> Reading {
    let Range { start, end } = failure.span;
    let mut named = detail::extract(clean.around(start, end));
    let gate = |name: &&str| Gate::ALL.into_iter().find(|gate| gate.name() == *name);
    let message = failure.id();
    Reading {
        message,
        proves: failure.proves.clone(),
        means: failure.gates.iter().filter_map(gate).collect(),
        signs_with: match message {
            "storage.key-access-off" | "storage-key-off" => Some(SignsWith::AccountKey),
            "storage.anonymous-access-off" | "storage-anonymous" => Some(SignsWith::Nothing),
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
    MESSAGES.iter().map(|message| (message.id, message.samples))
}

/// Each phrase of a signal, squeezed, and a place where it was learnt.
pub fn learnt() -> impl Iterator<Item = (&'static str, &'static str)> {
    known::PHRASES.iter().flat_map(|phrase| phrase.from.iter().map(|origin| (phrase.text, *origin)))
}

fn meaning(clean: &Clean, failure: &Failure, usable: Usable<'_>) -> v1::Meaning {
    let Range { start, end } = failure.span;
    let extracted = detail::extract(clean.around(start, end));
    let squeezed = clean.squeezed_around(start, end);
    let seen = detail::traits(squeezed);
    let known = failure.message.map(|found| found.message);
    let situation = Situation::of(known.map(|message| message.id), &extracted, &seen, squeezed);
    let cause = |ranked: &Ranked| {
        let Ranked { cause, signal, likelihood, signs } = ranked;
        let advised = advice::advise(cause.code, &situation, &extracted);
        let words = match (signal, failure.message) {
            (Some(signal), _) => signal.words.clone(),
            (None, Some(found)) => std::iter::once(found.start..found.start + found.lead).collect(),
            (None, None) => Vec::new(),
        };
        v1::Cause {
            code: cause.code.into(),
            title: cause.code.title().into(),
            likelihood: *likelihood,
            why: match (cause.why, signal) {
                ("", Some(signal)) => format!("The text says that {}.", signal.signal.says).into(),
                ("", None) => "The page about this message names this cause, too.".into(),
                (why, _) => why.into(),
            },
            because: quote(clean, &words).into_iter().collect(),
            signs: signs
                .iter()
                .map(|sign| v1::Sign {
                    says: sign.says.into(),
                    effect: if sign.effect == Effect::Likely { "likelier" } else { "unlikelier" }.into(),
                })
                .collect(),
            confirm: advised.confirm,
            fixes: advised.fixes,
        }
    };
    let sources = match known {
        Some(message) => message.sources.to_vec(),
        None => failure.signals.iter().flat_map(|signal| signal.signal.sources).copied().collect(),
    };
    v1::Meaning {
        message: Some(failure.id().into()),
        summary: situation.sentence(&extracted).map(|sentence| sentence + "."),
        misleading: known.is_some_and(|message| message.misleads.is_some()),
        misleads: known.and_then(|message| message.misleads).map(Into::into),
        gates: failure.gates.iter().copied().map(Into::into).collect(),
        signals: failure.signals.iter().filter_map(|signal| self::signal(clean, signal)).collect(),
        causes: rank::rank(failure, &seen, usable).iter().map(cause).collect(),
        rules_out: failure.proves.clone(),
        sources: sources.into_iter().map(Into::into).collect(),
        extracted: extracted.into_iter().map(|(name, value)| (name.into(), value)).collect(),
    }
}

fn signal(clean: &Clean, found: &signals::Match) -> Option<v1::Signal> {
    let quote = quote(clean, &found.words)?;
    Some(v1::Signal { id: found.signal.id.into(), says: found.signal.says.into(), quote })
}
