//! The ways to write a change of a property.

use std::ops::Range;

use serde_json::Value as Json;

use crate::base::ResourceId;
use crate::finding::Edit;
use crate::predeploy::repair::context::{Candidate, Meant, Repair, part, range};
use crate::predeploy::repair::create::create_policy;
use crate::predeploy::repair::files::Language;
use crate::predeploy::repair::names::Names;
use crate::predeploy::repair::place::{Place, Step, Walk, text_of, walk};
use crate::predeploy::repair::write::{key, write};
use crate::source::arm::edit as arm;
use crate::source::bicep::edit as bicep;
use crate::source::layout::Change;
use crate::template::place::Span;
use crate::template::value::{Kind, Value};

impl Repair<'_> {
    /// A change as smaller ones, if it consists of several; nothing if everything is as wanted already.
    pub(in crate::predeploy) fn split(&mut self, edit: Edit) -> Vec<Edit> {
        let Edit::Set { resource, pointer, value } = &edit else { return vec![edit] };
        let Some(place) = self.declared.place(self.evaluated, resource, pointer) else { return vec![edit] };
        let Some(found) = self.value_at(&place) else { return vec![edit] };
        if self.is_same(&found, value) {
            return Vec::new();
        }
        let inner = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match (&found.kind, value) {
            (Kind::Object(object), Json::Object(members)) => {
                let set = members.iter().map(|(name, value)| Edit::set(resource, inner(name), value.clone()));
                let gone = object.entries().iter().filter(|(key, _)| {
                    key.symbol.is_none() && !members.keys().any(|name| name.eq_ignore_ascii_case(&key.text))
                });
                let gone: Vec<Edit> = gone.map(|(key, _)| Edit::remove(resource, inner(&key.text))).collect();
                set.chain(gone).collect()
            }
            (Kind::Array(array), Json::Array(items)) if !array.items.is_empty() && array.items.len() < items.len() => {
                let is_start = array.items.iter().zip(items).all(|(own, item)| self.is_same(own, item));
                let more = items.iter().skip(array.items.len());
                match is_start {
                    true => more.map(|item| Edit::append(resource, pointer.as_str(), item.clone())).collect(),
                    false => vec![edit],
                }
            }
            _ => vec![edit],
        }
    }

    /// The value at a place, if there is one.
    fn value_at(&mut self, place: &Place) -> Option<Value> {
        let body = &self.evaluated.resources.get(place.resource)?.body;
        let walk = walk(body, &place.steps, &mut self.symbols);
        walk.found.last().filter(|_| walk.missing.is_empty()).map(|value| (*value).clone())
    }

    fn is_same(&mut self, value: &Value, wanted: &Json) -> bool {
        match (&value.kind, wanted) {
            (Kind::Bool(own), Json::Bool(wanted)) => own == wanted,
            (Kind::Int(own), Json::Number(wanted)) => wanted.as_i64() == Some(*own),
            (Kind::Array(own), Json::Array(wanted)) => {
                own.items.len() == wanted.len()
                    && own.items.iter().zip(wanted).all(|(own, wanted)| self.is_same(own, wanted))
            }
            (Kind::Object(own), Json::Object(wanted)) => {
                own.len() == wanted.len()
                    && wanted.iter().all(|(name, wanted)| {
                        let steps = [Step::Name(name.clone())];
                        let walk = walk(value, &steps, &mut self.symbols);
                        let inner = walk.found.last().copied().filter(|_| walk.missing.is_empty());
                        inner.is_some_and(|own| self.is_same(own, wanted))
                    })
            }
            (_, Json::String(wanted)) => {
                text_of(value, &mut self.symbols).is_some_and(|own| own.eq_ignore_ascii_case(wanted))
            }
            _ => false,
        }
    }

    pub(super) fn set(&mut self, place: &Place, value: &Json) -> Result<Vec<Candidate>, String> {
        let evaluated = self.evaluated;
        let resource = evaluated.resources.get(place.resource).ok_or("the resource is not there")?;
        let Walk { found, keys, missing } = walk(&resource.body, &place.steps, &mut self.symbols);
        let Some(last) = found.last().copied() else { return Ok(Vec::new()) };
        let (deployment, path) = (resource.deployment, self.path(place, missing));
        let mut all = Vec::new();
        let Some((first, rest)) = missing.split_first() else {
            let meant = Meant::Property { resource: place.resource, path };
            self.at_literal(last, value, deployment, &meant, &mut all);
            // At the resource itself, which leaves what others use alone.
            if let (Some(key), Some(Step::Name(name))) = (keys.last().filter(|key| key.is_some()), place.steps.last()) {
                self.member(*key, &[name], value, deployment, &meant, &mut all);
            }
            return Ok(all);
        };
        // An element that is missing comes with the value in it.
        if let (Kind::Array(_), Step::Called(name)) = (&last.kind, first) {
            let mut element = serde_json::Map::from_iter([("name".to_owned(), Json::from(name.as_str()))]);
            if let [Step::Name(member)] = rest {
                element.insert(member.clone(), value.clone());
                let list =
                    Place { steps: place.steps.get(..found.len() - 1).unwrap_or_default().to_vec(), ..place.clone() };
                return self.append(&list, &Json::Object(element));
            }
            return Ok(all);
        }
        let names: Option<Vec<&str>> = missing
            .iter()
            .map(|step| match step {
                Step::Name(name) => Some(name.as_str()),
                Step::Called(_) => None,
            })
            .collect();
        let (Some(names), Kind::Object(object)) = (names, &last.kind) else {
            return Err(format!("`{}` is not written out in the files", shown(place)));
        };
        let meant = Meant::Property { resource: place.resource, path };
        let siblings = object.entries().iter().map(|(key, _)| key.span);
        for anchor in std::iter::once(last.span).chain(siblings).filter(|anchor| anchor.is_some()) {
            self.member(anchor, &names, value, deployment, &meant, &mut all);
        }
        Ok(all)
    }

    pub(super) fn append(&mut self, place: &Place, item: &Json) -> Result<Vec<Candidate>, String> {
        let evaluated = self.evaluated;
        let resource = evaluated.resources.get(place.resource).ok_or("the resource is not there")?;
        let Walk { found, missing, .. } = walk(&resource.body, &place.steps, &mut self.symbols);
        let list = found.last().filter(|_| missing.is_empty()).and_then(|last| Some((last.span, last.as_array()?)));
        let Some((span, array)) = list else {
            return self.set(place, &Json::Array(vec![item.clone()]));
        };
        let mut path = self.path(place, missing);
        path.push(array.items.len().to_string());
        let is_policy = resource.resource_type.eq_ignore_ascii_case("Microsoft.KeyVault/vaults")
            && place.steps.last() == Some(&Step::Name("accessPolicies".to_owned()));
        let meant = Meant::Property { resource: place.resource, path };
        let mut all = Vec::new();
        let anchors = std::iter::once(span).chain(array.items.iter().map(|item| item.span));
        for anchor in anchors.filter(|anchor| anchor.is_some()) {
            let Some((text, language)) = self.file(anchor.file) else { continue };
            let names = self.names(anchor, language, resource.deployment);
            let Some((written, changes)) = self.written(item, names) else {
                self.is_unnamed = true;
                continue;
            };
            let change = match language {
                Language::Json => arm::add_item(&text, &range(anchor), &written),
                Language::Bicep | Language::BicepParameters => bicep::add_item(&text, part(anchor), &written),
                Language::Text => None,
            };
            all.extend(change.map(|change| Candidate::with(changes, (anchor.file, change), &meant)));
        }
        // A policy may also stand beside its vault.
        if let Some(id) = text_of(&resource.id, &mut self.symbols).filter(|_| is_policy) {
            let beside = ResourceId::new(&id).child("accessPolicies", "add");
            match self.declared.number(&beside) {
                Some(number) => all.extend(self.append(&Place { resource: number, ..place.clone() }, item)?),
                None => all.extend(create_policy(self, &beside, item)),
            }
        }
        Ok(all)
    }

    pub(super) fn remove(&mut self, place: &Place) -> Vec<Candidate> {
        let evaluated = self.evaluated;
        let Some(resource) = evaluated.resources.get(place.resource) else { return Vec::new() };
        let Walk { keys, missing, .. } = walk(&resource.body, &place.steps, &mut self.symbols);
        let (Some(key), Some(Step::Name(name)), true) = (keys.last(), place.steps.last(), missing.is_empty()) else {
            return Vec::new();
        };
        let Some((text, language)) = self.file(key.file) else { return Vec::new() };
        let change = match language {
            Language::Json => arm::remove_property(&text, &range(*key), name),
            Language::Bicep | Language::BicepParameters => bicep::remove_property(&text, part(*key), name),
            Language::Text => None,
        };
        let meant = Meant::Property { resource: place.resource, path: self.path(place, &[]) };
        change.map(|change| Candidate::new(key.file, change, &meant)).into_iter().collect()
    }

    /// Writes a value where the present one was written: a part of its text if that is enough.
    fn at_literal(&mut self, old: &Value, value: &Json, deployment: u32, meant: &Meant, all: &mut Vec<Candidate>) {
        let Some((text, language)) = self.file(old.span.file) else { return };
        let Some(written) = text.get(range(old.span)) else { return };
        let names = self.names(old.span, language, deployment);
        let start = old.span.start as usize;
        let candidate = |change: Change| Candidate::new(old.span.file, change, meant);
        if let (Some(was), Json::String(new)) = (text_of(old, &mut self.symbols), value)
            && let Some((at, piece)) = within(written, &was, new, &|text| inside(text, written, &names))
        {
            all.push(candidate(Change { range: start + at.start..start + at.end, text: piece }));
        }
        // The two ids of an identity differ in one word.
        for (one, other) in [("principalId", "clientId"), ("clientId", "principalId")] {
            let mut places = written.match_indices(one);
            if let (Some((at, _)), None, true) = (places.next(), places.next(), language != Language::Text) {
                let range = start + at..start + at + one.len();
                all.push(candidate(Change { range, text: other.to_owned() }));
            }
        }
        let plain = value.as_str().filter(|text| !self.words.stands_in(text) && written.starts_with(['"', '\'']));
        let plain = plain.map(|text| if written.starts_with('"') { names.literal(text) } else { names.argument(text) });
        let alone = |text: String| (text, Vec::new());
        let literal = match (language, value) {
            // A part of an expression in JSON is an expression.
            (Language::Json, Json::String(text)) if !written.starts_with('"') => names
                .find(text)
                .map(|named| named.expression.clone())
                .or_else(|| (!self.words.stands_in(text)).then(|| names.argument(text)))
                .map(alone),
            (Language::Text, Json::String(text)) => Some(alone(text.clone())),
            (Language::Text, _) => None,
            _ => self.written(value, names),
        };
        self.is_unnamed |= literal.is_none();
        let whole = |text: String| (old.span.file, Change { range: range(old.span), text });
        let ways = literal.into_iter().chain(plain.map(alone));
        all.extend(ways.map(|(text, changes)| Candidate::with(changes, whole(text), meant)));
    }

    /// Writes a member of the innermost object around a place.
    fn member(
        &mut self,
        anchor: Span,
        path: &[&str],
        value: &Json,
        deployment: u32,
        meant: &Meant,
        all: &mut Vec<Candidate>,
    ) {
        let Some((text, language)) = self.file(anchor.file) else { return };
        let mut names = self.names(anchor, language, deployment);
        let Some((last, way)) = path.split_last() else { return };
        let Some(changes) = self.supply(&mut names, value, Some(last)) else {
            self.is_unnamed = true;
            return;
        };
        let Some(written) = write(value, &names, self.words) else {
            self.is_unnamed = true;
            return;
        };
        let Some(key) = key(last, &names, self.words) else { return };
        // The name of an attached identity is an expression, so it is written together with its value.
        let is_expression = last.contains('/');
        let (path, written) = match (is_expression, way) {
            (false, _) => (path, written),
            (true, []) => (way, format!("{key}: {written}")),
            (true, _) => (way, format!("{{\n  {key}: {}\n}}", written.replace('\n', "\n  "))),
        };
        let change = match (language, path) {
            (Language::Json, []) => arm::add_member(&text, &range(anchor), &written),
            (Language::Json, _) => arm::set_property(&text, &range(anchor), path, &written),
            (Language::Bicep | Language::BicepParameters, []) => bicep::add_member(&text, part(anchor), &written),
            (Language::Bicep | Language::BicepParameters, _) => {
                bicep::set_property(&text, part(anchor), path, &written)
            }
            (Language::Text, _) => None,
        };
        all.extend(change.map(|change| Candidate::with(changes, (anchor.file, change), meant)));
    }

    /// The way to what is there, and the first step to what is not.
    fn path(&self, place: &Place, missing: &[Step]) -> Vec<String> {
        let evaluated = self.evaluated;
        let there = place.steps.len() - missing.len();
        let mut path = Vec::new();
        let mut at = evaluated.resources.get(place.resource).map(|resource| &resource.body);
        for step in place.steps.iter().take(there + 1) {
            let name = match step {
                // The name of an attached identity is an id.
                Step::Name(name) if name.contains('/') => break,
                Step::Name(name) => name.to_ascii_lowercase(),
                Step::Called(name) => {
                    let items = at.and_then(Value::as_array).map(|array| array.items.as_slice()).unwrap_or_default();
                    let is_called = |item: &Value| {
                        item.get("name").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(name))
                    };
                    items.iter().position(is_called).unwrap_or(items.len()).to_string()
                }
            };
            at = at.and_then(|value| match &value.kind {
                Kind::Array(array) => array.items.get(name.parse::<usize>().ok()?),
                _ => value.get(&name),
            });
            path.push(name);
        }
        path
    }
}

/// A piece of a text that is enough to change to make another text of it: where it stands in what is written, and what
/// takes its place. `spell` writes a text as it stands there. `None`: the piece does not stand there, or more than once.
fn within(written: &str, old: &str, new: &str, spell: &dyn Fn(&str) -> String) -> Option<(Range<usize>, String)> {
    const FURTHEST: usize = 24;
    let (before, after): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let start = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let shorter = before.len().min(after.len()) - start;
    let end = before.iter().rev().zip(after.iter().rev()).take(shorter).take_while(|(one, other)| one == other).count();
    for more in 0..=FURTHEST {
        let (from, to) = (start.saturating_sub(more), end.saturating_sub(more));
        let piece = |chars: &[char]| chars.get(from..chars.len() - to).map(|chars| chars.iter().collect::<String>());
        let (gone, come) = (spell(&piece(&before)?), spell(&piece(&after)?));
        let mut places = written.match_indices(&gone).filter(|_| !gone.is_empty());
        if let (Some((at, _)), None) = (places.next(), places.next()) {
            return Some((at..at + gone.len(), come));
        }
        if from == 0 && to == 0 {
            break;
        }
    }
    None
}

/// A piece of text as it stands inside of what is written: in a string of JSON or Bicep, or as it is.
fn inside(text: &str, written: &str, names: &Names) -> String {
    let quoted = match names.language {
        Language::Json if written.starts_with('"') => serde_json::Value::from(text).to_string(),
        Language::Bicep | Language::BicepParameters if !written.starts_with("'''") => bicep::string(text),
        _ => return text.to_owned(),
    };
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// A place for a person.
fn shown(place: &Place) -> String {
    let steps = place.steps.iter().map(|step| match step {
        Step::Name(name) | Step::Called(name) => name.rsplit('/').next().unwrap_or_default(),
    });
    steps.collect::<Vec<_>>().join(".")
}
