//! Every family reads texts of its kind, whatever was done to them on the way.

use std::collections::BTreeSet;

use super::catalogue::families;
use super::family::Family;
use super::{advice, explain, search};
use crate::finding::{Code, Gate};

fn first_cause(text: &str) -> Option<&'static str> {
    explain(text).first.causes.first().and_then(|cause| cause.code.code()).map(Code::text)
}

/// The messages that are found in a text.
fn messages(text: &str) -> Vec<String> {
    let explained = explain(text);
    std::iter::once(&explained.first)
        .chain(&explained.others)
        .filter_map(|meaning| meaning.message.clone())
        .map(Into::into)
        .collect()
}

/// The same text with other names: each digit and each letter of an id becomes another.
fn renamed(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_name = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        digits >= 8 && word.len() >= 30
    };
    let turn = |c: char| match c {
        '0'..='8' => char::from(c as u8 + 1),
        'a'..='e' => char::from(c as u8 + 1),
        '9' => '0',
        other => other,
    };
    words.map(|word| if is_name(word) { word.chars().map(turn).collect() } else { word.to_owned() }).collect()
}

fn complaints_about(
    families: impl Iterator<Item = &'static Family>,
    complain: impl Fn(&'static Family) -> Vec<String>,
) {
    let complaints: Vec<String> = families.flat_map(complain).collect();
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn the_catalogue_is_whole() {
    let mut ids = BTreeSet::new();
    complaints_about(families(), |family| {
        let mut wrong = Vec::new();
        let gate = |name: &&str| Gate::ALL.iter().any(|g| g.name() == *name) || ["caller", "platform"].contains(name);
        wrong.extend(family.gates.iter().filter(|name| !gate(name)).map(|name| format!("no gate {name}")));
        wrong.extend(
            family
                .causes
                .iter()
                .filter(|c| advice::repair(c.code).is_none())
                .map(|c| format!("no advice for {}", c.code)),
        );
        let samples: BTreeSet<&str> = family.samples.iter().copied().collect();
        wrong.extend((samples.len() < 2).then(|| "fewer than two samples".to_owned()));
        wrong.extend(family.sources.is_empty().then(|| "no source".to_owned()));
        wrong.extend((family.causes.is_empty() && !family.generic).then(|| "no cause".to_owned()));
        wrong.into_iter().map(|what| format!("{}: {what}", family.id)).collect()
    });
    families().for_each(|family| assert!(ids.insert(family.id), "{} twice", family.id));
}

#[test]
fn a_family_reads_every_text_of_its_kind_and_one_with_other_names() {
    complaints_about(families(), |family| {
        let others = family.samples.iter().map(|sample| renamed(sample));
        let texts = family.samples.iter().map(|sample| (*sample).to_owned()).chain(others);
        let unread = texts.filter(|text| !messages(text).iter().any(|id| id == family.id));
        unread.map(|text| format!("{}: {:?} is read as {:?}", family.id, text, messages(&text))).collect()
    });
}

#[test]
fn a_family_reads_an_unknown_text() {
    complaints_about(families(), |family| {
        let unseen = |form: &[&str]| format!("ERROR 7f3: {} (request 51c)", form.join(" 'kv-other-7', westus3;\r\n "));
        let texts = family.forms.iter().map(|form| unseen(form));
        let unread = texts.filter(|text| !messages(text).iter().any(|id| id == family.id));
        // A wrapper gives way to what says more.
        let unread = unread.filter(|text| !family.generic || messages(text).is_empty());
        unread.map(|text| format!("{}: {text:?} is read as {:?}", family.id, messages(&text))).collect()
    });
}

#[test]
fn a_text_in_another_language_is_read_by_its_code() {
    for (text, message) in [
        ("Der Vorgang wurde verweigert. (Code: ForbiddenByRbac) Tresor: kv-shop", "key-vault.forbidden-by-rbac"),
        ("L’accès est refusé : « ForbiddenByFirewall », adresse 203.0.113.7", "key-vault.forbidden-by-firewall"),
        ("操作に失敗しました。コード: RoleAssignmentUpdateNotPermitted", "roles.assignment-update-not-permitted"),
    ] {
        assert_eq!(messages(text).first().map(String::as_str), Some(message), "{text}");
    }
}

#[test]
fn a_wrapped_escaped_or_coloured_text_keeps_its_first_cause() {
    let json = |text: &str| {
        let once = serde_json::json!({ "error": { "code": "Failed", "message": text } }).to_string();
        serde_json::json!({ "status": "Failed", "error": { "details": [{ "message": once }] } }).to_string()
    };
    let coloured = |text: &str| text.replace(' ', "\u{1b}[0m \u{1b}[31m");
    let lines = |text: &str, width: usize| {
        let all: Vec<char> = text.chars().collect();
        all.chunks(width).map(|line| format!("│ {}", line.iter().collect::<String>())).collect::<Vec<_>>().join("\r\n")
    };
    complaints_about(families().filter(|family| !family.generic), |family| {
        let Some(sample) = family.samples.first() else { return Vec::new() };
        let wanted = first_cause(sample);
        let mut forms = vec![json(sample), json(&json(sample)), coloured(sample), sample.replace('"', "&quot;")];
        forms.extend((1..=120).map(|width| lines(sample, width)));
        let other = forms.iter().filter(|text| first_cause(text) != wanted);
        other
            .map(|text| format!("{}: {:?} instead of {wanted:?} in {text:?}", family.id, first_cause(text)))
            .take(2)
            .collect()
    });
}

#[test]
fn a_text_that_is_cut_after_its_code_keeps_its_first_cause() {
    complaints_about(families().filter(|family| !family.generic), |family| {
        let Some(sample) = family.samples.first() else { return Vec::new() };
        let codes = family.forms.iter().filter_map(|form| match form {
            [code] if code.chars().all(char::is_alphanumeric) => Some(*code),
            _ => None,
        });
        let cuts = codes.filter_map(|code| sample.get(..sample.find(code)? + code.len()));
        let other = cuts.filter(|cut| first_cause(cut) != first_cause(sample));
        other
            .map(|cut| format!("{}: {:?} instead of {:?} in {cut:?}", family.id, first_cause(cut), first_cause(sample)))
            .collect()
    });
}

#[test]
fn secrets_are_never_repeated() {
    let text = "Client address is not authorized and caller is not a trusted service. sig=abcDEF123456789&se=2026 \
                AccountKey=Zm9vYmFyZm9vYmFy; Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
    let complaints_about = serde_json::to_string(&explain(text)).unwrap();
    for secret in ["abcDEF123456789", "Zm9vYmFy", "eyJhbGci"] {
        assert!(!complaints_about.contains(secret), "{secret} is repeated");
    }
}

#[test]
fn an_unknown_text_is_said_to_be_unknown() {
    for text in ["", "   ", "hello world", "\u{0}\u{1}", "}{\\\\\\u12"] {
        let explained = explain(text);
        assert!(!explained.recognized && explained.first.causes.is_empty() && explained.advice.is_some(), "{text:?}");
    }
    assert!(search::search("").is_empty());
}
