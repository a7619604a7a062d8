//! Writes the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::known::{Cause, Elsewhere, Form, Hint, Message, Pages, Signal, Signals, Words};
use crate::squeeze::squeeze;

type Result<T> = std::result::Result<T, String>;

/// What stands for every way to deny: `{not} found` is `was not found`, `couldn't be found`.
const DENIAL: &str = "{not} ";

/// What stands between the two parts of a phrase.
const GAP: &str = " … ";

/// The tables, as Rust.
pub(crate) fn tables(
    pages: &Pages,
    words: &Words,
    Signals { signal: signals, hint: hints, elsewhere }: &Signals,
    messages: &[Message],
) -> Result<String> {
    let classes = classes(words, signals)?;
    let mut out = String::new();
    phrases(&mut out, &classes, words, signals)?;
    out += "pub(super) static SIGNALS: &[Signal] = &[\n";
    signals.iter().try_for_each(|signal| one_signal(&mut out, pages, &classes, signal))?;
    out += "];\npub(super) static HINTS: &[Hint] = &[\n";
    hints.iter().try_for_each(|hint| one_hint(&mut out, &classes, hint))?;
    out += "];\npub(super) static ELSEWHERE: &[Elsewhere] = &[\n";
    for Elsewhere { words, about } in elsewhere {
        let words: Vec<usize> = words.iter().map(|name| number(&classes, name)).collect::<Result<_>>()?;
        let _ = writeln!(out, "Elsewhere {{ words: &{words:?}, about: {about:?} }},");
    }
    out += "];\npub(super) static MESSAGES: &[Message] = &[\n";
    let mut ids = BTreeSet::new();
    for message in messages {
        if !ids.insert(&message.id) {
            return Err(format!("two messages are called {}", message.id));
        }
        one_message(&mut out, pages, &classes, message)?;
    }
    out += "];\n";
    Ok(out)
}

/// The number of each class of words; what a signal has as phrases of its own is a class with its name.
fn classes<'k>(words: &'k Words, signals: &'k [Signal]) -> Result<BTreeMap<&'k str, usize>> {
    let own = signals.iter().filter(|signal| !signal.phrases.is_empty()).map(|signal| signal.id.as_str());
    let mut classes = BTreeMap::new();
    for name in words.keys().map(String::as_str).chain(own) {
        if classes.insert(name, classes.len()).is_some() {
            return Err(format!("two classes are called {name}"));
        }
    }
    Ok(classes)
}

fn phrases(out: &mut String, classes: &BTreeMap<&str, usize>, words: &Words, signals: &[Signal]) -> Result<()> {
    let own = signals.iter().map(|signal| (&signal.id, &signal.phrases));
    let all = words.iter().chain(own).flat_map(|(class, phrases)| phrases.iter().map(move |phrase| (class, phrase)));
    let mut written = BTreeSet::new();
    *out += "pub(super) static PHRASES: &[Phrase] = &[\n";
    for (class, (phrase, from)) in all {
        let number = number(classes, class)?;
        let (rest, denied) = phrase.strip_prefix(DENIAL).map_or((phrase.as_str(), false), |rest| (rest, true));
        let (first, then) = rest.split_once(GAP).unwrap_or((rest, ""));
        let text = squeeze(first.trim_matches('|'));
        if text.len() < 2 {
            return Err(format!("{class}: `{phrase}` is too short to be searched for"));
        }
        let (starts, ends, then) = (first.starts_with('|'), first.ends_with('|'), squeeze(then));
        let row = format!(
            "class: {number}, text: {text:?}, then: {then:?}, denied: {denied}, starts: {starts}, ends: {ends}"
        );
        if written.insert(row.clone()) {
            let _ = writeln!(out, "Phrase {{ {row}, from: &{from:?} }},");
        }
    }
    let mut names: Vec<(&str, usize)> = classes.iter().map(|(name, number)| (*name, *number)).collect();
    names.sort_by_key(|(_, number)| *number);
    let names: Vec<&str> = names.into_iter().map(|(name, _)| name).collect();
    let _ = writeln!(out, "];\npub(super) static CLASSES: &[&str] = &{names:?};");
    Ok(())
}

fn number(classes: &BTreeMap<&str, usize>, name: &str) -> Result<usize> {
    classes.get(name).copied().ok_or_else(|| format!("no class of words is called {name}"))
}

fn one_signal(out: &mut String, pages: &Pages, classes: &BTreeMap<&str, usize>, signal: &Signal) -> Result<()> {
    let Signal { id, says, reach, gates, .. } = signal;
    let about = |what: &str| format!("signal {id}: {what}");
    let numbers = |names: &[String]| -> Result<Vec<usize>> {
        names.iter().map(|name| number(classes, name)).collect::<Result<_>>().map_err(|error| about(&error))
    };
    let near = match (signal.phrases.is_empty(), signal.near.is_empty()) {
        (false, true) => vec![vec![number(classes, id)?]],
        (true, false) => signal.near.iter().map(|group| numbers(group)).collect::<Result<_>>()?,
        _ => return Err(about("it needs either phrases of its own or classes of words near each other")),
    };
    if !signal.near.is_empty() && !signal.proves.is_empty() {
        return Err(about("words near each other prove nothing; only phrases do"));
    }
    let groups: Vec<String> = near.iter().map(|group| format!("&{group:?}")).collect();
    let _ = writeln!(
        out,
        "Signal {{ id: {id:?}, says: {says:?}, weight: Weight::{}, near: &[{}], reach: {reach}, with: &{:?}, unless: \
         &{:?}, gates: &{gates:?}, proves: &[{}], causes: &[{}], sources: &[{}] }},",
        camel(&signal.weight),
        groups.join(", "),
        numbers(&signal.with)?,
        numbers(&signal.unless)?,
        proved(&signal.proves),
        causes(&signal.cause),
        sources(pages, &signal.from).map_err(|error| about(&error))?,
    );
    Ok(())
}

fn one_hint(out: &mut String, classes: &BTreeMap<&str, usize>, hint: &Hint) -> Result<()> {
    let Hint { id, says, missing, words } = hint;
    let words = words.iter().map(|name| number(classes, name)).collect::<Result<Vec<_>>>();
    let words = words.map_err(|error| format!("hint {id}: {error}"))?;
    let _ = writeln!(out, "Hint {{ id: {id:?}, says: {says:?}, missing: {missing:?}, words: &{words:?} }},");
    Ok(())
}

fn one_message(out: &mut String, pages: &Pages, classes: &BTreeMap<&str, usize>, message: &Message) -> Result<()> {
    let Message { id, generic, gates, misleads, elsewhere, samples, .. } = message;
    let with: Vec<usize> = message.with.iter().map(|name| number(classes, name)).collect::<Result<_>>()?;
    let form = |form: &Form| {
        let (parts, from) = match form {
            Form::Parts(parts) => (parts, &message.from),
            Form::Learnt { parts, from } => (parts, from),
        };
        let parts: Vec<String> = parts.iter().map(|part| squeeze(part)).collect();
        format!("Form {{ parts: &{parts:?}, from: &{from:?} }}")
    };
    let forms: Vec<String> = message.forms.iter().map(form).collect();
    let _ = writeln!(
        out,
        "Message {{ id: {id:?}, forms: &[{}], generic: {generic}, with: &{with:?}, gates: &{gates:?}, proves: &[{}], misleads: \
         {misleads:?}, elsewhere: {elsewhere:?}, causes: &[{}], samples: &{samples:?}, sources: &[{}] }},",
        forms.join(", "),
        proved(&message.proves),
        causes(&message.cause),
        sources(pages, &message.from).map_err(|error| format!("message {id}: {error}"))?,
    );
    Ok(())
}

fn causes(causes: &[Cause]) -> String {
    let one = |cause: &Cause| {
        let Cause { why, from, .. } = cause;
        let sign = |sign: &crate::known::Sign| {
            let effect = if sign.effect == "likelier" { "up" } else { "down" };
            format!("Sign::{effect}(Trait::{}, {:?})", camel(&sign.seen), sign.says)
        };
        let signs: Vec<String> = cause.sign.iter().map(sign).collect();
        let likelihood = camel(cause.likelihood.as_deref().unwrap_or("medium"));
        format!(
            "Cause {{ code: Code::{}, likelihood: Likelihood::{likelihood}, why: {why:?}, signs: &[{}], from: &{from:?} }}",
            camel(&cause.code),
            signs.join(", ")
        )
    };
    causes.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn proved(gates: &[String]) -> String {
    gates.iter().map(|gate| format!("Gate::{}", camel(gate))).collect::<Vec<_>>().join(", ")
}

/// The pages among the origins, each with the day on which it was read.
fn sources(pages: &Pages, origins: &[String]) -> Result<String> {
    let page = |url: &String| {
        let read = pages.get(url).ok_or_else(|| format!("pages.toml does not say when {url} was read"))?;
        Ok(format!("WebPage {{ url: {url:?}, read_on: {read:?} }}"))
    };
    let urls = origins.iter().filter(|origin| origin.starts_with("https://"));
    Ok(urls.map(page).collect::<Result<Vec<_>>>()?.join(", "))
}

/// `identity.wrong-audience` as `IdentityWrongAudience`.
fn camel(name: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
    };
    name.split(['.', '-']).map(word).collect()
}
