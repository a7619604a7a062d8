//! Properties of every recording: missing data never makes a result more certain, order and case do not matter,
//! verified fixes work, and nothing panics.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unreachable,
    reason = "tests"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use apim_doctor_core::v1::{Permitted, Report};
use apim_doctor_core::{Asked, Code, CodeName, Estate, Input, ResourceId, Verdict, can, diagnose, fixed_recording};
use common::{Parts, Random, Recording, assert_none, corpus, options, read, report};
use serde_json::{Value, json};

// ---------------------------------------------------------------------------------------------------------------
// 1. Missing data
// ---------------------------------------------------------------------------------------------------------------

/// The results for a recording: the paths' verdicts, the report's verdict, and the answers of `can`.
#[derive(Clone)]
struct Said {
    paths: BTreeMap<String, (Verdict, Option<&'static str>)>,
    report: Verdict,
    answers: Vec<Permitted>,
}

fn said(file: &str, bytes: Vec<u8>, questions: &[Asked]) -> Said {
    let estate = read(file, bytes);
    let report = diagnose(&estate, &options());
    let answers = questions.iter().map(|asked| can(&estate, asked).answer).collect();
    let paths = report
        .paths
        .into_iter()
        .map(|p| (p.id, (p.verdict, p.root_cause.as_ref().and_then(CodeName::code).map(Code::text))))
        .collect();
    Said { paths, report: report.verdict, answers }
}

/// Returns the results that became more certain with less data.
fn surer(before: &Said, after: &Said) -> Vec<String> {
    let mut complaints = Vec::new();
    for (id, (was, cause)) in &before.paths {
        match after.paths.get(id) {
            Some((now, _)) if now == was || *now == Verdict::Unknown => {}
            Some((now, new)) => complaints.push(format!("{id}: {was:?} {cause:?} → {now:?} {new:?}")),
            None if after.report == Verdict::Pass => complaints.push(format!("{id}: missing, but the report passes")),
            None => {}
        }
    }
    for id in after.paths.keys().filter(|id| !before.paths.contains_key(*id)) {
        complaints.push(format!("{id}: new"));
    }
    if before.report != Verdict::Pass && after.report == Verdict::Pass {
        complaints.push(format!("report: {:?} → Pass", before.report));
    }
    for (at, (was, now)) in before.answers.iter().zip(&after.answers).enumerate() {
        if now != was && *now != Permitted::Unknown {
            complaints.push(format!("can, question {at}: {was:?} → {now:?}"));
        }
    }
    complaints
}

/// Whether an exchange is what an operator sent, and thereby a question and not an answer.
fn is_question(item: &Value) -> bool {
    item.get("send").is_some_and(|sent| sent.get("storageAccount").is_some())
}

/// Replaces an answer with a refusal.
fn refused(item: &Value) -> Option<Value> {
    let mut item = item.clone();
    let exchange = item.as_object_mut().filter(|e| e.contains_key("request"))?;
    exchange.insert("status".to_owned(), json!(403));
    let message = "The client does not have authorization to perform the action.";
    let body = json!({"error": {"code": "AuthorizationFailed", "message": message}});
    exchange.insert("body".to_owned(), body);
    Some(item)
}

/// Moves the last item of a list to a page that was not read.
fn cut(item: &Value) -> Option<Value> {
    let request = item.get("request")?.as_str()?.to_owned();
    let mut item = item.clone();
    let body = item.get_mut("body")?.as_object_mut()?;
    let name = if body.contains_key("value") { "value" } else { "data" };
    body.get_mut(name)?.as_array_mut()?.pop()?;
    let path = request.split_once(' ')?.1;
    let joint = if path.contains('?') { '&' } else { '?' };
    match name {
        "value" => body.insert("nextLink".to_owned(), json!(format!("{path}{joint}$skiptoken=unread"))),
        _ => body.insert("$skipToken".to_owned(), json!("unread")),
    };
    Some(item)
}

fn shown(item: &Value) -> String {
    let text = item.get("request").or_else(|| item.get("id")).and_then(Value::as_str).unwrap_or("?");
    let status = item.get("status").map(|s| format!(" ({s})")).unwrap_or_default();
    format!("{text}{status}")
}

/// Changes or removes one item at a time.
fn forget_each(test: &str, what: &str, change: impl Fn(&Value) -> Option<Option<Value>>) {
    let (mut complaints, mut runs) = (Vec::new(), 0);
    for recording in corpus(test) {
        let Recording { file, bytes, document, questions } = recording;
        let before = said(&file, bytes, &questions);
        let parts = Parts::of(&document);
        let texts = parts.texts();
        for (at, item) in parts.items.iter().enumerate() {
            let Some(changed) = change(item) else { continue };
            if changed.is_none() && is_question(item) {
                continue;
            }
            let changed = changed.map(|item| item.to_string());
            let items = texts.iter().enumerate().filter_map(|(other, text)| match other == at {
                true => changed.as_deref(),
                false => Some(text.as_str()),
            });
            runs += 1;
            let after = said(&file, parts.file(items), &questions);
            let found = surer(&before, &after);
            complaints.extend(found.into_iter().map(|c| format!("{file}: {what} {}\n    {c}", shown(item))));
        }
    }
    println!("{runs} recordings with one answer removed or changed");
    assert_none(test, &complaints);
}

#[test]
fn a_missing_answer_never_adds_certainty() {
    forget_each("a_missing_answer_never_adds_certainty", "without", |_| Some(None));
}

#[test]
fn a_refused_answer_never_adds_certainty() {
    forget_each("a_refused_answer_never_adds_certainty", "refused", |item| refused(item).map(Some));
}

#[test]
fn a_truncated_list_never_adds_certainty() {
    forget_each("a_truncated_list_never_adds_certainty", "truncated", |item| cut(item).map(Some));
}

#[test]
fn several_missing_answers_never_add_certainty() {
    const TEST: &str = "several_missing_answers_never_add_certainty";
    const TRIES: usize = 30;
    let mut complaints = Vec::new();
    for Recording { file, bytes, document, questions } in corpus(TEST) {
        let before = said(&file, bytes, &questions);
        let parts = Parts::of(&document);
        let texts = parts.texts();
        let mut random = Random::new(1, &file);
        for _ in 0..TRIES {
            let often = [2, 4, 10][random.below(3)];
            let mut log = Vec::new();
            let mut changed: Vec<Option<String>> = Vec::new();
            for (item, text) in parts.items.iter().zip(&texts) {
                let lost = random.one_in(often).then(|| random.below(3)).filter(|_| !is_question(item));
                let (what, new) = match lost {
                    None => (None, Some(text.clone())),
                    Some(0) => (Some("without"), None),
                    Some(1) => match refused(item) {
                        Some(item) => (Some("refused"), Some(item.to_string())),
                        None => (None, Some(text.clone())),
                    },
                    Some(_) => match cut(item) {
                        Some(item) => (Some("truncated"), Some(item.to_string())),
                        None => (None, Some(text.clone())),
                    },
                };
                log.extend(what.map(|what| format!("{what} {}", shown(item))));
                changed.push(new);
            }
            let after = said(&file, parts.file(changed.iter().flatten().map(String::as_str)), &questions);
            let found = surer(&before, &after);
            if !found.is_empty() {
                complaints.push(format!("{file}:\n    {}\n  after\n    {}", found.join("\n    "), log.join("\n    ")));
            }
        }
    }
    assert_none(TEST, &complaints);
}

/// Collects pointers to every value in a document.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut inside = |key: String, value: &Value| {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        found.push(pointer.clone());
        pointers(value, &pointer, found);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| inside(key.clone(), value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, value)| inside(at.to_string(), value)),
        _ => {}
    }
}

fn panics(file: &str, what: &str, bytes: Vec<u8>, questions: &[Asked]) -> Option<String> {
    let run = || said(file, bytes, questions);
    let panic = catch_unwind(AssertUnwindSafe(run)).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
    Some(format!("{file}: {what}: {text}"))
}

#[test]
fn a_missing_or_mistyped_property_never_panics() {
    const TEST: &str = "a_missing_or_mistyped_property_never_panics";
    const TRIES: usize = 30;
    let mut complaints = Vec::new();
    for Recording { file, document, questions, .. } in corpus(TEST) {
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        let mut random = Random::new(2, &file);
        for _ in 0..TRIES {
            let pointer = &all[random.below(all.len())];
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let key = key.replace("~1", "/").replace("~0", "~");
            let other = [
                None,
                None,
                Some(Value::Null),
                Some(json!("")),
                Some(json!("/")),
                Some(json!("é€𝄞")),
                Some(json!(-1)),
                Some(json!([])),
                Some(json!([null])),
                Some(json!({})),
            ];
            let new = other[random.below(other.len())].clone();
            let mut changed = document.clone();
            let what = format!("{pointer} → {new:?}");
            match (changed.pointer_mut(parent), new) {
                (Some(Value::Object(map)), None) => drop(map.remove(&key)),
                (Some(Value::Object(map)), Some(new)) => drop(map.insert(key, new)),
                (Some(Value::Array(items)), None) => drop(items.remove(key.parse().unwrap())),
                (Some(Value::Array(items)), Some(new)) => items[key.parse::<usize>().unwrap()] = new,
                _ => unreachable!(),
            }
            complaints.extend(panics(&file, &what, changed.to_string().into_bytes(), &questions));
        }
    }
    assert_none(TEST, &complaints);
}

// ---------------------------------------------------------------------------------------------------------------
// 2. Order
// ---------------------------------------------------------------------------------------------------------------

/// Writes JSON with the members of every object in random order.
fn write_shuffled(value: &Value, random: &mut Random, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            random.shuffle(&mut members);
            out.push('{');
            for (at, (key, value)) in members.into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_shuffled(value, random, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, value) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                write_shuffled(value, random, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Returns the items, each with its lists and members in random order.
fn shuffled_inside(items: &[Value], random: &mut Random) -> Vec<String> {
    let one = |item: &Value| {
        let mut item = item.clone();
        for list in ["/body/value", "/body/data"] {
            if let Some(Value::Array(elements)) = item.pointer_mut(list) {
                random.shuffle(elements);
            }
        }
        let mut text = String::new();
        write_shuffled(&item, random, &mut text);
        text
    };
    items.iter().map(one).collect()
}

/// Removes positions, which may differ.
fn without(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !names.contains(&key.as_str()));
            map.values_mut().for_each(|inner| without(inner, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| without(inner, names)),
        // A gap from two contradictory answers names their lines.
        Value::String(text) if names.contains(&"line") && text.contains("(line") => {
            text.retain(|c| !c.is_ascii_digit());
        }
        _ => {}
    }
}

fn as_json(report: &Report, names: &[&str]) -> Value {
    let mut value = serde_json::to_value(report).unwrap();
    without(&mut value, names);
    value
}

/// Collects the first differences between two documents.
fn differences(a: &Value, b: &Value, at: &str, found: &mut Vec<String>) {
    if a == b || found.len() >= 4 {
        return;
    }
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                let none = Value::Null;
                let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                differences(a, b, &format!("{at}/{key}"), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (n, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{at}/{n}"), found);
            }
        }
        _ => {
            let short = |v: &Value| v.to_string().chars().take(300).collect::<String>();
            found.push(format!("{at}\n      {}\n      {}", short(a), short(b)));
        }
    }
}

fn compare(file: &str, what: &str, a: &Value, b: &Value) -> Option<String> {
    let mut found = Vec::new();
    differences(a, b, "", &mut found);
    (!found.is_empty()).then(|| format!("{file}: {what}\n    {}", found.join("\n    ")))
}

#[test]
fn order_does_not_matter() {
    const TEST: &str = "order_does_not_matter";
    let mut complaints = Vec::new();
    for Recording { file, document, questions, .. } in corpus(TEST) {
        let parts = Parts::of(&document);
        let as_it_is = parts.file(parts.texts().iter().map(String::as_str));
        let before = report(&file, as_it_is.clone());
        let all = as_json(&before, &[]);
        let text = serde_json::to_string(&before).unwrap();
        let answers = |bytes: Vec<u8>| -> Vec<String> {
            let estate = read(&file, bytes);
            questions.iter().map(|asked| serde_json::to_string(&can(&estate, asked)).unwrap()).collect()
        };
        let told = answers(as_it_is);
        let mut random = Random::new(3, &file);
        for _ in 0..3 {
            // The lines of the exchanges do not change, so the report has to be the same to the byte.
            let mut items = shuffled_inside(&parts.items, &mut random);
            let bytes = parts.file(items.iter().map(String::as_str));
            let after = report(&file, bytes.clone());
            if serde_json::to_string(&after).unwrap() != text {
                let what = "with lists and members in another order";
                let found = compare(&file, what, &all, &as_json(&after, &[]));
                complaints.push(found.unwrap_or_else(|| format!("{file}: {what}: not the same bytes")));
            }
            if answers(bytes) != told {
                complaints.push(format!("{file}: can has another answer with lists in another order"));
            }
            // Here the lines change.
            random.shuffle(&mut items);
            let bytes = parts.file(items.iter().map(String::as_str));
            let after = report(&file, bytes.clone());
            let line: &[&str] = &["line"];
            let what = "with exchanges in another order";
            complaints.extend(compare(&file, what, &as_json(&before, line), &as_json(&after, line)));
            if answers(bytes) != told {
                complaints.push(format!("{file}: can has another answer {what}"));
            }
            // Then the exchanges are split into two files.
            let (one, two) = items.split_at(random.below(items.len() + 1));
            let input = |name: &str, items: &[String]| Input::new(name, parts.file(items.iter().map(String::as_str)));
            let mut inputs = vec![input("one", one), input("two", two)];
            if parts.is_recording() {
                // Each observation has to be in one file only.
                let mut rest: Value = serde_json::from_slice(&inputs[1].bytes).unwrap();
                for name in ["observations", "dns", "probes"] {
                    rest.as_object_mut().unwrap().remove(name);
                }
                inputs[1].bytes = rest.to_string().into_bytes();
            }
            let estate = Estate::read(inputs).0;
            let after = diagnose(&estate, &options());
            let place: &[&str] = &["line", "file", "coverage"];
            let what = "split into two files";
            complaints.extend(compare(&file, what, &as_json(&before, place), &as_json(&after, place)));
        }
    }
    assert_none(TEST, &complaints);
}

#[test]
fn order_does_not_matter_among_many_recordings() {
    const TEST: &str = "order_does_not_matter_among_many_recordings";
    let mut complaints = Vec::new();
    let mut all = corpus(TEST);
    all.retain(|recording| recording.document.get("cloud").is_some_and(|cloud| cloud == "AzurePublic"));
    // Several organisations in one file, and some estates twice: broken and fixed. Contradictions have to be the same
    // in every order.
    for some in all.chunks(8) {
        let name = some.first().unwrap().file.as_str();
        let mut parts = Parts::of(&some.first().unwrap().document);
        parts.items = some.iter().flat_map(|recording| Parts::of(&recording.document).items).collect();
        let line: &[&str] = &["line"];
        let before = as_json(&report(name, parts.file(parts.texts().iter().map(String::as_str))), line);
        let mut random = Random::new(8, name);
        for _ in 0..4 {
            let mut items = shuffled_inside(&parts.items, &mut random);
            random.shuffle(&mut items);
            let after = as_json(&report(name, parts.file(items.iter().map(String::as_str))), line);
            complaints.extend(compare(name, "and those after it, in another order", &before, &after));
        }
    }
    assert_none(TEST, &complaints);
}

// ---------------------------------------------------------------------------------------------------------------
// 3. Case
// ---------------------------------------------------------------------------------------------------------------

#[derive(Clone, Copy, Debug)]
enum Case {
    Upper,
    Lower,
    /// Each occurrence has its own case.
    Any,
    /// All occurrences of a text have the same case.
    Same,
}

impl Case {
    fn of(self, text: &str, random: &mut Random) -> String {
        let mut own = Random::new(4, &text.to_ascii_lowercase());
        let flip = |random: &mut Random, c: char| match random.one_in(2) {
            true => c.to_ascii_uppercase(),
            false => c.to_ascii_lowercase(),
        };
        match self {
            Case::Upper => text.to_ascii_uppercase(),
            Case::Lower => text.to_ascii_lowercase(),
            Case::Any => text.chars().map(|c| flip(random, c)).collect(),
            Case::Same => text.chars().map(|c| flip(&mut own, c)).collect(),
        }
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.chars().enumerate().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

fn is_id(text: &str) -> bool {
    text.starts_with("/subscriptions/") || text.starts_with("/providers/") || is_guid(text)
}

/// Changes a text's case if it is an id, a host name or a request.
fn recased(key: &str, text: &str, case: Case, random: &mut Random) -> String {
    let hosts = ["hostName", "host", "name", "ruleSetName"];
    let is_host = hosts.contains(&key) && text.contains('.') && !text.contains([' ', '/', ':', '*']);
    if key == "request" || key == "nextLink" {
        let (start, rest) = text.split_once(' ').map_or(("", text), |(method, rest)| (method, rest));
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let scheme = path.find("://").map_or(0, |at| at + 3);
        let path = format!("{}{}", &path[..scheme], case.of(&path[scheme..], random));
        let blank = if start.is_empty() { "" } else { " " };
        return match query {
            Some(query) => format!("{start}{blank}{path}?{query}"),
            None => format!("{start}{blank}{path}"),
        };
    }
    if is_id(text) || is_host {
        return case.of(text, random);
    }
    if let Some(rest) = text.strip_prefix("https://") {
        // Vault, object and version are case-insensitive.
        let end = rest.find('?').unwrap_or(rest.len());
        return format!("https://{}{}", case.of(&rest[..end], random), &rest[end..]);
    }
    text.to_owned()
}

fn recase(key: &str, value: &Value, case: Case, random: &mut Random) -> Value {
    match value {
        Value::String(text) => Value::from(recased(key, text, case, random)),
        Value::Array(items) => items.iter().map(|inner| recase(key, inner, case, random)).collect(),
        Value::Object(map) => {
            let one = |(key, inner): (&String, &Value)| {
                let name = if is_id(key) { case.of(key, random) } else { key.clone() };
                (name, recase(key, inner, case, random))
            };
            Value::Object(map.iter().map(one).collect())
        }
        other => other.clone(),
    }
}

/// A path's verdict, root cause and codes.
type Judgement = (Verdict, Option<&'static str>, BTreeSet<&'static str>);

fn judged(report: &Report) -> BTreeMap<String, Judgement> {
    let codes = |id: &String| {
        let affecting = report.findings.iter().filter(|f| f.affects.contains(id));
        affecting.filter_map(|f| f.code.code()).map(Code::text).collect()
    };
    report
        .paths
        .iter()
        .map(|p| {
            (p.id.clone(), (p.verdict, p.root_cause.as_ref().and_then(CodeName::code).map(Code::text), codes(&p.id)))
        })
        .collect()
}

#[test]
fn case_does_not_matter() {
    const TEST: &str = "case_does_not_matter";
    let mut complaints = Vec::new();
    for Recording { file, bytes, document, questions } in corpus(TEST) {
        let before = judged(&report(&file, bytes.clone()));
        let told = said(&file, bytes, &questions).answers;
        let mut random = Random::new(5, &file);
        // String operators in conditions are case-sensitive, and an id does not show which spelling Azure has stored.
        // In this case, unknown is also correct.
        let by_name = document.to_string().contains("secrets:name]");
        let unknown = |now: &Option<&Judgement>| by_name && now.is_some_and(|now| now.0 == Verdict::Unknown);
        for case in [Case::Upper, Case::Lower, Case::Any, Case::Any, Case::Same] {
            let changed = recase("", &document, case, &mut random).to_string().into_bytes();
            let after = judged(&report(&file, changed.clone()));
            for id in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                let (was, now) = (before.get(id), after.get(id));
                if was != now && !unknown(&now) {
                    complaints.push(format!("{file}: {case:?} {id}\n    {was:?}\n    {now:?}"));
                }
            }
            let mut asked = questions.clone();
            for question in &mut asked {
                question.principal = case.of(&question.principal, &mut random);
                question.scope = ResourceId::new(&case.of(question.scope.as_str(), &mut random));
            }
            let answers = said(&file, changed, &asked).answers;
            let same = |(now, was): (&Permitted, &Permitted)| now == was || (by_name && *now == Permitted::Unknown);
            if answers.len() != told.len() || !answers.iter().zip(&told).all(same) {
                complaints.push(format!("{file}: {case:?} can: {told:?} → {answers:?}"));
            }
        }
    }
    assert_none(TEST, &complaints);
}

// ---------------------------------------------------------------------------------------------------------------
// 4. Fixes
// ---------------------------------------------------------------------------------------------------------------

#[test]
fn verified_fixes_work() {
    const TEST: &str = "verified_fixes_work";
    let (mut complaints, mut without, mut open) = (Vec::new(), Vec::new(), Vec::new());
    let (mut failing, mut verified) = (0, 0);
    for Recording { file, bytes, .. } in corpus(TEST) {
        let before = report(&file, bytes.clone());
        if !before.paths.iter().any(|p| p.verdict == Verdict::Fail) {
            continue;
        }
        let fixed = fixed_recording(&read(&file, bytes), &options()).unwrap();
        let after = report(&file, serde_json::to_vec(&fixed).unwrap());
        let now: BTreeMap<&str, _> = after.paths.iter().map(|p| (p.id.as_str(), p)).collect();
        let shown = |id: &str| match now.get(id) {
            Some(p) => {
                let gates = p.gates.iter().filter(|g| !matches!(g.verdict, Verdict::Pass | Verdict::NotApplicable));
                let gates: Vec<_> = gates.map(|g| (g.gate.name(), g.verdict)).collect();
                format!("{:?} {:?} {gates:?}", p.verdict, p.root_cause)
            }
            None => "gone".to_owned(),
        };
        for path in &before.paths {
            let passes = now.get(path.id.as_str()).is_some_and(|p| p.verdict == Verdict::Pass);
            match (path.verdict, &path.combined_fix) {
                (Verdict::Fail, Some(fix)) if fix.verified => {
                    failing += 1;
                    verified += 1;
                    if !passes {
                        let (id, titles) = (&path.id, &fix.titles);
                        complaints
                            .push(format!("{file}: {id} has a verified fix, but is now {}\n    {titles:?}", shown(id)));
                    }
                }
                (Verdict::Fail, Some(fix)) => {
                    failing += 1;
                    let (id, cause) = (&path.id, path.root_cause.as_ref().map_or("no cause", CodeName::as_str));
                    let why = fix.unverified.as_deref().unwrap_or_default();
                    without.push(format!("{file}: {id} ({cause}): {why}; tried {:?}", fix.titles));
                    if why.is_empty() {
                        complaints.push(format!("{file}: {id} does not say why its fix is not verified"));
                    }
                }
                (Verdict::Fail, None) => {
                    failing += 1;
                    complaints.push(format!("{file}: {} fails and has no combined fix", path.id));
                }
                (Verdict::Pass, _) if !passes => {
                    complaints.push(format!("{file}: {} passed, now {}", path.id, shown(&path.id)));
                }
                _ => {}
            }
        }
        for finding in before.findings.iter().filter(|f| f.verdict == Verdict::Fail) {
            let Some(fix) = finding.fixes.iter().find(|fix| fix.verified) else { continue };
            for id in &finding.affects {
                if now.get(id.as_str()).is_none_or(|p| p.verdict != Verdict::Pass) {
                    let (code, title) = (&finding.code, &fix.title);
                    open.push(format!("{file}: {id}: {code} has a verified fix (`{title}`), path {}", shown(id)));
                }
            }
        }
    }
    println!("{} failing paths without a verified combined fix:\n{}", without.len(), without.join("\n"));
    println!("{} paths of findings with a verified fix that do not pass:\n{}", open.len(), open.join("\n"));
    let share = f64::from(verified) / f64::from(failing.max(1));
    println!("{verified} of {failing} failing paths have a verified combined fix: {share:.3}");
    assert_none(TEST, &complaints);
    // The other paths need a network, a perimeter rule or an object that was not collected.
    assert!(share >= 0.8, "only {share:.3} of the failing paths have a verified combined fix");
}

// ---------------------------------------------------------------------------------------------------------------
// 5. Totality
// ---------------------------------------------------------------------------------------------------------------

#[test]
fn arbitrary_bytes_never_panic() {
    const TEST: &str = "arbitrary_bytes_never_panic";
    const WORDS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "null",
        "true",
        "-1",
        "1e999",
        "\"id\"",
        "\"value\"",
        "\"exchanges\"",
        "\"apimDoctor\":\"snapshot/v1\"",
        "\"request\"",
        "\"status\":200",
        "\"body\"",
        "\\u",
        "\u{feff}",
        " ",
        "é",
        "\"/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv\"",
        "\n",
        "\0",
    ];
    let mut complaints = Vec::new();
    let mut random = Random::new(6, TEST);
    for _ in 0..2000 {
        let bytes: Vec<u8> = (0..random.below(60)).map(|_| (random.next() >> 13) as u8).collect();
        complaints.extend(panics("bytes", &format!("{bytes:?}"), bytes, &[]));
        let text: String = (0..random.below(40)).map(|_| WORDS[random.below(WORDS.len())]).collect();
        complaints.extend(panics("words", &text, text.clone().into_bytes(), &[]));
    }
    assert_none(TEST, &complaints);
}

#[test]
fn a_damaged_recording_never_panics() {
    const TEST: &str = "a_damaged_recording_never_panics";
    let mut complaints = Vec::new();
    for Recording { file, bytes, questions, .. } in corpus(TEST) {
        let mut random = Random::new(7, &file);
        for _ in 0..20 {
            let end = random.below(bytes.len());
            let what = format!("first {end} bytes");
            complaints.extend(panics(&file, &what, bytes[..end].to_vec(), &questions));
        }
        for _ in 0..12 {
            let mut damaged = bytes.clone();
            let mut log = Vec::new();
            // Only letters and digits change, so most of the file is still valid JSON.
            for _ in 0..=random.below(8) {
                let at = random.below(damaged.len());
                let letter = damaged[at].is_ascii_alphanumeric();
                damaged[at] = if letter { b"aZ09/."[random.below(6)] } else { damaged[at] };
                log.push(at);
            }
            complaints.extend(panics(&file, &format!("letters changed at {log:?}"), damaged.clone(), &questions));
            let at = random.below(damaged.len());
            damaged[at] ^= 1 << random.below(8);
            complaints.extend(panics(&file, &format!("and a bit at {at}"), damaged, &questions));
        }
    }
    assert_none(TEST, &complaints);
}

/// Very deep or long input. A stack overflow ends the process, so each input gets its own process.
fn hostile() -> Vec<(&'static str, String)> {
    let deep = |open: &str, close: &str, n: usize| format!("{}{}", open.repeat(n), close.repeat(n));
    let vault = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv";
    let apim = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ApiManagement/service/a";
    let recording = |exchanges: &str| format!(r#"{{"apimDoctor": "snapshot/v1", "exchanges": [{exchanges}]}}"#);
    let policy = |xml: &str| {
        let body = json!({"id": format!("{apim}/policies/policy"), "properties": {"format": "rawxml", "value": xml}});
        let instance = json!({"id": apim, "properties": {"provisioningState": "Succeeded"}});
        recording(&format!(
            r#"{{"request": "GET {apim}", "status": 200, "body": {instance}}},
               {{"request": "GET {apim}/policies/policy", "status": 200, "body": {body}}}"#
        ))
    };
    vec![
        ("lists", deep("[", "]", 20_000)),
        ("objects", deep(r#"{"value":["#, "]}", 20_000)),
        ("children", format!("[{}]", deep(&format!(r#"{{"id":"{vault}","resources":["#), "]}", 4_000))),
        (
            "properties",
            recording(&format!(
                r#"{{"request": "GET {vault}", "status": 200, "body": {{"id": "{vault}", "properties": {}}}}}"#,
                deep(r#"{"a":"#, "", 0) + &deep("[", "]", 20_000)
            )),
        ),
        ("policy", policy(&"<send-request ".repeat(6_000))),
        ("policy, closed", policy(&deep("<send-request >", "</send-request>", 5_000))),
    ]
}

#[test]
fn deep_and_long_input_never_crashes() {
    const TEST: &str = "deep_and_long_input_never_crashes";
    const NAME: &str = "APIM_DOCTOR_HOSTILE";
    if let Ok(name) = std::env::var(NAME) {
        let (name, text) = hostile().into_iter().find(|(known, _)| *known == name).unwrap();
        report(name, text.into_bytes());
        return;
    }
    let mut complaints = Vec::new();
    for (name, text) in hostile() {
        let start = std::time::Instant::now();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let done = child.args([TEST, "--exact", "--nocapture"]).env(NAME, name).output().unwrap();
        println!("{name}: {} bytes, {:.1} s", text.len(), start.elapsed().as_secs_f64());
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            complaints.push(format!("{name}: {}\n{}", done.status, said.trim()));
        } else if start.elapsed().as_secs() > 15 {
            complaints.push(format!("{name}: {} s for {} bytes", start.elapsed().as_secs(), text.len()));
        }
    }
    assert_none(TEST, &complaints);
}

// ---------------------------------------------------------------------------------------------------------------
// 6. No side effects
// ---------------------------------------------------------------------------------------------------------------

#[test]
fn a_diagnosis_does_not_change_the_estate() {
    const TEST: &str = "a_diagnosis_does_not_change_the_estate";
    let mut complaints = Vec::new();
    for Recording { file, bytes, questions, .. } in corpus(TEST) {
        let estate = read(&file, bytes);
        let answers = |estate: &Estate| -> Vec<String> {
            questions.iter().map(|asked| serde_json::to_string(&can(estate, asked)).unwrap()).collect()
        };
        let told = answers(&estate);
        let first = as_json(&diagnose(&estate, &options()), &[]);
        let second = as_json(&diagnose(&estate, &options()), &[]);
        complaints.extend(compare(&file, "a second time", &first, &second));
        if answers(&estate) != told {
            complaints.push(format!("{file}: can has another answer after a diagnosis"));
        }
    }
    assert_none(TEST, &complaints);
}
