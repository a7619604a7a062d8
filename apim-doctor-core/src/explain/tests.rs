//! Every message is recognized in texts of its kind, whatever was done to them on the way.

use std::collections::BTreeSet;

use super::clean::Clean;
use super::known::{self, CLASSES, MESSAGES, Message, PHRASES, SIGNALS};
use super::{advice, explain, infer, readings, search};
use crate::finding::{Code, Gate};

fn first_cause(text: &str) -> Option<&'static str> {
    explain(text).first.causes.first().and_then(|cause| cause.code.code()).map(Code::text)
}

/// The messages that are found in a text.
fn messages(text: &str) -> Vec<&'static str> {
    let shown = search::search(&Clean::of(text), &|_| true);
    shown.messages.iter().map(|found| found.message.id).collect()
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
    messages: impl Iterator<Item = &'static Message>,
    complain: impl Fn(&'static Message) -> Vec<String>,
) {
    let complaints: Vec<String> = messages.flat_map(complain).collect();
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn the_catalogue_is_whole() {
    let mut ids = BTreeSet::new();
    complaints_about(MESSAGES.iter(), |message| {
        let mut wrong = Vec::new();
        let gate = |name: &&str| Gate::ALL.iter().any(|g| g.name() == *name) || ["caller", "platform"].contains(name);
        wrong.extend(message.gates.iter().filter(|name| !gate(name)).map(|name| format!("no gate {name}")));
        wrong.extend(
            message
                .causes
                .iter()
                .filter(|c| advice::repair(c.code).is_none())
                .map(|c| format!("no advice for {}", c.code)),
        );
        let samples: BTreeSet<&str> = message.samples.iter().copied().collect();
        wrong.extend(samples.is_empty().then(|| "no sample".to_owned()));
        wrong.extend(message.forms.iter().any(|form| form.from.is_empty()).then(|| "a form of nowhere".to_owned()));
        wrong.extend(message.sources.is_empty().then(|| "no source".to_owned()));
        wrong.extend((message.causes.is_empty() && !message.generic).then(|| "no cause".to_owned()));
        wrong.into_iter().map(|what| format!("{}: {what}", message.id)).collect()
    });
    MESSAGES.iter().for_each(|message| assert!(ids.insert(message.id), "{} twice", message.id));
}

#[test]
fn a_message_is_found_in_every_text_of_its_kind_and_in_one_with_other_names() {
    complaints_about(MESSAGES.iter(), |message| {
        let others = message.samples.iter().map(|sample| renamed(sample));
        let texts = message.samples.iter().map(|sample| (*sample).to_owned()).chain(others);
        let unread = texts.filter(|text| !messages(text).contains(&message.id));
        unread.map(|text| format!("{}: {:?} is read as {:?}", message.id, text, messages(&text))).collect()
    });
}

#[test]
fn a_message_is_found_in_an_unknown_text() {
    complaints_about(MESSAGES.iter(), |message| {
        let host = if message.with.is_empty() { "" } else { "https://kv-other-7.vault.azure.net" };
        let unseen =
            |form: &[&str]| format!("ERROR 7f3: {} (request 51c) {host}", form.join(" 'kv-other-7', westus3;\r\n "));
        let texts = message.forms.iter().map(|form| unseen(form.parts));
        let unread = texts.filter(|text| !messages(text).contains(&message.id));
        // A wrapper gives way to what says more.
        let unread = unread.filter(|text| !message.generic || messages(text).is_empty());
        unread.map(|text| format!("{}: {text:?} is read as {:?}", message.id, messages(&text))).collect()
    });
}

#[test]
fn a_text_in_another_language_is_read_by_its_code() {
    for (text, message) in [
        ("Der Vorgang wurde verweigert. (Code: ForbiddenByRbac) Tresor: kv-shop", "key-vault.forbidden-by-rbac"),
        ("L’accès est refusé : « ForbiddenByFirewall », adresse 203.0.113.7", "key-vault.forbidden-by-firewall"),
        ("操作に失敗しました。コード: RoleAssignmentUpdateNotPermitted", "roles.assignment-update-not-permitted"),
    ] {
        assert_eq!(messages(text).first(), Some(&message), "{text}");
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
    complaints_about(MESSAGES.iter().filter(|message| !message.generic), |message| {
        let Some(sample) = message.samples.first() else { return Vec::new() };
        let wanted = first_cause(sample);
        let mut forms = vec![json(sample), json(&json(sample)), coloured(sample), sample.replace('"', "&quot;")];
        forms.extend((1..=120).map(|width| lines(sample, width)));
        let other = forms.iter().filter(|text| first_cause(text) != wanted);
        other
            .map(|text| format!("{}: {:?} instead of {wanted:?} in {text:?}", message.id, first_cause(text)))
            .take(2)
            .collect()
    });
}

#[test]
fn a_text_that_is_cut_after_its_code_keeps_its_first_cause() {
    let by_code_alone = MESSAGES.iter().filter(|message| !message.generic && message.with.is_empty());
    complaints_about(by_code_alone, |message| {
        let Some(sample) = message.samples.first() else { return Vec::new() };
        let codes = message.forms.iter().filter_map(|form| match form.parts {
            [code] if code.chars().all(char::is_alphanumeric) => Some(*code),
            _ => None,
        });
        let lower = sample.to_ascii_lowercase();
        let cuts = codes.filter_map(|code| sample.get(..lower.find(code)? + code.len()));
        let other = cuts.filter(|cut| first_cause(cut) != first_cause(sample));
        other
            .map(|cut| {
                format!("{}: {:?} instead of {:?} in {cut:?}", message.id, first_cause(cut), first_cause(sample))
            })
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
}

#[test]
fn every_phrase_and_cause_says_where_it_was_learnt() {
    let mut wrong: Vec<String> = Vec::new();
    for phrase in PHRASES.iter().filter(|phrase| phrase.from.is_empty()) {
        wrong.push(format!("{}: {} comes from nowhere", CLASSES[phrase.class], phrase.text));
    }
    for signal in SIGNALS {
        wrong.extend(signal.sources.is_empty().then(|| format!("{}: no page", signal.id)));
        for cause in signal.causes {
            wrong.extend(cause.from.is_empty().then(|| format!("{}: {} comes from nowhere", signal.id, cause.code)));
            wrong.extend(advice::repair(cause.code).is_none().then(|| format!("no advice for {}", cause.code)));
        }
        let is_gate =
            |name: &&str| Gate::ALL.iter().any(|g| g.name() == *name) || ["caller", "platform"].contains(name);
        wrong.extend(signal.gates.iter().filter(|name| !is_gate(name)).map(|name| format!("no gate {name}")));
    }
    let used: BTreeSet<usize> = SIGNALS.iter().flat_map(|s| s.near.iter().copied().flatten()).copied().collect();
    let beside = SIGNALS.iter().flat_map(|signal| signal.with.iter().chain(signal.unless)).copied();
    let others =
        known::HINTS.iter().flat_map(|h| h.words).chain(known::ELSEWHERE.iter().flat_map(|e| e.words)).copied();
    let of_messages = MESSAGES.iter().flat_map(|message| message.with).copied();
    let used: BTreeSet<usize> = used.into_iter().chain(beside).chain(others).chain(of_messages).collect();
    wrong.extend((0..CLASSES.len()).filter(|n| !used.contains(n)).map(|n| format!("{} is never used", CLASSES[n])));
    assert!(wrong.is_empty(), "{} complaints\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_code_that_is_not_known_is_read_by_its_words() {
    for (code, gate) in [
        ("ContosoUserErrorKeyVaultAccessForbidden", "authorization"),
        ("ContosoManagedIdentityNotFound", "identity"),
        ("ContosoEncryptionKeyDisabled", "object"),
        ("ContosoKeyVaultSoftDeleted", "target"),
    ] {
        let first = explain(code).first;
        assert!(first.gates.iter().any(|named| named == gate), "{code}: {:?} {:?}", first.message, first.gates);
    }
}

#[test]
fn words_of_a_signal_are_quoted_where_they_stand_in_the_text() {
    let text = "2026-11-21 WARN \u{1b}[31mThe managed identity\u{1b}[0m of the app (secret=TOPSECRET) was not\n│ found";
    let first = explain(text).first;
    assert_eq!(first.message.as_deref(), Some("identity-missing"));
    let quote = &first.causes[0].because[0];
    assert_eq!(quote.text, "managed identity … not found");
    let quoted = text.get(quote.start..quote.end).unwrap();
    assert!(quoted.starts_with("managed identity") && quoted.ends_with("found"), "{quoted}");
    assert_eq!(first.signals[0].quote.start, quote.start);
}

#[test]
fn a_part_of_a_known_message_is_recognized_as_that_message() {
    let part = "has GET permissions on secrets in the KeyVault Access Policies";
    assert_eq!(explain(part).first.message.as_deref(), Some("apim.key-vault-secret-access"));
}

#[test]
fn a_word_about_a_socket_or_a_name_decides_only_beside_a_target() {
    for (text, recognized) in [
        ("connect ETIMEDOUT 10.0.0.4:443", false),
        ("getaddrinfo ENOTFOUND shop.scm.azurewebsites.net", false),
        ("getaddrinfo ENOTFOUND kv-shop.vault.azure.net", true),
        ("dial tcp 10.0.0.4:443: i/o timeout (https://stshop.blob.core.windows.net/c)", true),
        ("At least one resource deployment operation failed. DeploymentFailed", false),
    ] {
        let explained = explain(text);
        assert_eq!(explained.recognized, recognized, "{text}: {:?}", explained.first.message);
    }
}

#[test]
fn an_unrecognized_text_says_what_it_shows_and_what_is_missing() {
    let near = explain("connect ETIMEDOUT 10.0.0.4:443").near_miss.expect("it is not recognized");
    assert_eq!(near.signals[0].quote.text, "ETIMEDOUT");
    assert!(near.missing[0].contains("host"), "{:?}", near.missing);
    let about = explain("Error: QuotaExceeded: Operation results in exceeding quota limits of Core");
    assert!(!about.recognized && about.near_miss.is_none());
    assert!(about.advice.is_some_and(|advice| advice.starts_with("this is not about access: ")));
}

#[test]
fn several_errors_in_one_log_are_each_explained() {
    let filler = "2026-11-21T09:00:00Z INFO nothing to see here\n".repeat(200);
    let text = format!(
        "The managed identity was not found\n{filler}lookup kv-shop.vault.azure.net: no such host\n{filler}\
         unable to connect to https://stshop.blob.core.windows.net/\n"
    );
    let failures = infer::failures(&Clean::of(&text), &search::search(&Clean::of(&text), &|_| true));
    let ids: Vec<&str> = failures.iter().map(infer::Failure::id).collect();
    assert!(ids.contains(&"identity-missing") && ids.contains(&"unreachable"), "{ids:?}");
    assert!(ids.iter().any(|id| id.contains("unresolved") || id.contains("name-unresolved")), "{ids:?}");
}

#[test]
fn an_answer_does_not_prove_what_another_one_leaves_possible() {
    let permission = "Caller is not authorized to perform action on resource.";
    let proves = |text: &str| readings(text).into_iter().flat_map(|reading| reading.proves).collect::<Vec<Gate>>();
    assert!(proves(permission).contains(&Gate::Firewall));
    let both = "challenge resource, this storage account may be blocking access, perform this operation using this \
                permission";
    assert!(!proves(both).contains(&Gate::Firewall), "{:?}", proves(both));
    // Words near each other prove nothing.
    assert_eq!(proves("The key vault reference of secret db was not found"), []);
}
