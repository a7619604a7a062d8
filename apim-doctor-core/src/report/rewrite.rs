//! Recordings with a patch applied: a recording that anyone can diagnose again.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::base::{Map, ResourceId};
use crate::finding::{Edit, Patch};
use crate::model::authorization::ROLE_ASSIGNMENTS;
use crate::model::{Estate, Filter, Input};
use crate::report::simulate::{apply_to, is};
use crate::source::InputError;
use crate::source::keep;
use crate::source::operation::sent_id;
use crate::source::request::{Request, Subject};

/// The recordings with a patch applied, as one recording. Secret values are redacted.
///
/// Bare bodies stay bare bodies. Nothing is sent anywhere: it is a simulation that anyone can diagnose again.
/// Of several recordings, an answer that a later one replaces is left out: in one recording the two would contradict each
/// other.
///
/// # Errors
/// When an input is not JSON, is nested too deeply to be changed, or does not go into one document with the others.
pub(crate) fn rewrite(estate: &Estate, patch: &Patch) -> Result<Value, InputError> {
    if let (true, Some(script)) = (estate.inputs.is_empty(), estate.scripts.values().next()) {
        let message = "the fixed recording cannot be written: a script alone is not a recording";
        return Err(InputError::fatal(&*script.file, message, "give a recording beside the script"));
    }
    let mut documents = estate.inputs.iter().map(document).collect::<Result<Vec<Value>, InputError>>()?;
    drop_replaced(&mut documents, estate);
    for document in &mut documents {
        edit(document, patch, &estate.cloud.resource_manager);
        keep::document(document);
    }
    let names = estate.inputs.iter().map(|input| input.name.as_str());
    joined(documents.into_iter().zip(names))
}

/// Several documents, each with the name of its file, as one.
///
/// # Errors
/// When a recording and a list of resources are among them.
pub(crate) fn joined<'n>(documents: impl Iterator<Item = (Value, &'n str)>) -> Result<Value, InputError> {
    let documents: Vec<(Value, &str)> = documents.collect();
    let mut merged: Option<Value> = None;
    // What one of them lacks, the whole lacks.
    let kept = documents.iter().filter_map(|(document, _)| document.get("kept")?.as_u64()).min();
    for (document, name) in documents {
        match (&mut merged, document) {
            (None, first) => merged = Some(first),
            (Some(Value::Object(all)), Value::Object(mut more))
                if all.contains_key("exchanges") == more.contains_key("exchanges") =>
            {
                for key in ["exchanges", "dns", "observations", "probes", "repaired", "value"] {
                    let Some(Value::Array(mut new)) = more.remove(key) else { continue };
                    if let Value::Array(kept) = all.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
                        kept.append(&mut new);
                    }
                }
            }
            _ => {
                let message = "a recording and a list of resources cannot be written to one file".to_owned();
                return Err(unwritable(name, message, "fix recordings and lists of resources one at a time"));
            }
        }
    }
    if let (Some(Value::Object(all)), Some(kept)) = (&mut merged, kept) {
        all.insert("kept".to_owned(), kept.into());
    }
    Ok(merged.unwrap_or(Value::Null))
}

/// Makes the changes of a patch in one document, wherever it holds what is changed.
pub(crate) fn edit(document: &mut Value, patch: &Patch, resource_manager: &str) {
    let mut created: Vec<Created> = Vec::new();
    let mut changes: Changes = Changes::default();
    for edit in &patch.edits {
        match edit {
            Edit::Create { body, scope, .. } => created.push(Created::of(body, scope)),
            _ => changes.entry(edit.resource()).or_default().push(edit),
        }
    }
    add(document, &created);
    every(document, &changes);
    requests(document, &changes, resource_manager);
}

/// Drops exchanges that a later recording answers too. The inputs stand in the order of their times, latest first.
pub(crate) fn drop_replaced(documents: &mut [Value], estate: &Estate) {
    let key = |exchange: &Value| {
        let text = exchange.get("request")?.as_str()?;
        let request = Request::parse(text, &estate.cloud.resource_manager);
        request.is("GET").then(|| request.key())
    };
    let time = |document: &Value| document.get("takenAt")?.as_str()?.parse::<jiff::Timestamp>().ok();
    let definite = |exchange: &Value| matches!(exchange.get("status").and_then(Value::as_u64), Some(200 | 404));
    let mut answered: Map<String, jiff::Timestamp> = Map::default();
    for document in documents {
        let Some(taken_at) = time(document) else { continue };
        let Some(Value::Array(exchanges)) = document.get_mut("exchanges") else { continue };
        exchanges.retain(|exchange| {
            let later = key(exchange).and_then(|key| answered.get(&key));
            later.is_none_or(|later| *later <= taken_at)
        });
        for key in exchanges.iter().filter(|exchange| definite(exchange)).filter_map(key) {
            answered.entry(key).or_insert(taken_at);
        }
    }
}

/// An input as a document that can be changed.
pub(crate) fn document(input: &Input) -> Result<Value, InputError> {
    serde_json::from_slice(without_bom(&input.bytes)).map_err(|error| {
        let (message, help) = match error.to_string().contains("recursion limit") {
            true => ("it is nested too deeply to change", "remove the value that is nested deeper than 128 levels"),
            false => ("it is not JSON that apim-doctor can change", "correct or remove the input"),
        };
        unwritable(&input.name, message.to_owned(), help).at(error.line(), error.column().max(1))
    })
}

fn unwritable(name: &str, why: String, help: &str) -> InputError {
    InputError::fatal(name, format!("the fixed recording cannot be written: {why}"), help)
}

fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Changes by the resource they change.
type Changes<'p> = Map<&'p ResourceId, Vec<&'p Edit>>;

/// A new resource.
struct Created<'p> {
    body: &'p Value,
    /// Its type, in lower case.
    kind: String,
    /// The resource under which it is listed.
    scope: &'p ResourceId,
}

impl<'p> Created<'p> {
    fn of(body: &'p Value, scope: &'p ResourceId) -> Self {
        let kind = body.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        Self { body, kind, scope }
    }

    /// Whether a recorded list would hold it.
    fn is_in(&self, at: &ResourceId, listed: &str, filter: &Filter) -> bool {
        let inherits = self.kind == ROLE_ASSIGNMENTS;
        self.kind == listed
            && match (inherits, filter) {
                (true, Filter::AtScope) => at.is_within(self.scope),
                (true, Filter::None) => at.is_within(self.scope) || self.scope.is_within(at),
                (false, Filter::None) => at == self.scope,
                _ => false,
            }
    }
}

/// Changes the requests for backups that were sent.
fn requests(document: &mut Value, changes: &Changes<'_>, resource_manager: &str) {
    let Some(Value::Array(exchanges)) = document.get_mut("exchanges") else { return };
    for exchange in exchanges {
        let edits = sent_id(exchange, resource_manager).and_then(|id| changes.get(&id));
        let (Some(edits), Some(send)) = (edits, exchange.get_mut("send")) else { continue };
        for edit in edits {
            let _ = apply_to(send, edit);
        }
    }
}

/// Adds new resources to a document.
fn add(document: &mut Value, created: &[Created<'_>]) {
    let bodies = || created.iter().map(|new| new.body.clone());
    match document {
        Value::Array(own) => own.extend(bodies()),
        Value::Object(map) => {
            if let Some(Value::Array(own)) = map.get_mut("value") {
                own.extend(bodies());
            } else if let Some(Value::Array(exchanges)) = map.get_mut("exchanges") {
                exchanges.iter_mut().for_each(|exchange| add_to_list(exchange, created));
                exchanges.extend(lists_of_new(created));
            }
        }
        _ => {}
    }
}

/// The lists below resources that are new themselves: what is new in them is all there is.
fn lists_of_new(created: &[Created<'_>]) -> Vec<Value> {
    let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let is_new = |scope: &ResourceId| created.iter().any(|new| is(new.body, scope));
    for new in created.iter().filter(|new| is_new(new.scope)) {
        let leaf = new.kind.rsplit('/').next().unwrap_or_default();
        lists.entry(format!("{}/{leaf}", new.scope)).or_default().push(new.body.clone());
    }
    let exchange = |(list, items): (String, Vec<Value>)| {
        let request = format!("GET {list}?api-version=2024-06-01");
        serde_json::json!({ "request": request, "status": 200, "body": { "value": items } })
    };
    lists.into_iter().map(exchange).collect()
}

/// Adds new resources to a recorded list that would hold them.
fn add_to_list(exchange: &mut Value, created: &[Created<'_>]) {
    let Some(text) = exchange.get("request").and_then(Value::as_str).filter(|_| !created.is_empty()) else { return };
    let request = Request::parse(text, "management.azure.com");
    match request.subject() {
        Subject::List(at, listed) if !request.is_page() && request.host.is_none() => {
            let filter = request.filter();
            let held = created.iter().filter(|new| new.is_in(&at, &listed, &filter));
            if let Some(Value::Array(items)) = exchange.pointer_mut("/body/value") {
                items.extend(held.map(|new| new.body.clone()));
            }
        }
        // A network status has no envelope: the new one takes the place of what was recorded.
        Subject::Resource(id, kind) if kind.ends_with("/networkstatus") => {
            let properties = created.iter().find(|new| is(new.body, &id)).and_then(|new| new.body.get("properties"));
            if let (Some(recorded), Some(new)) = (exchange.get_mut("body"), properties) {
                new.clone_into(recorded);
            }
        }
        // What was not found is found now.
        Subject::Resource(id, _) if exchange.get("status").and_then(Value::as_u64) == Some(404) => {
            if let (Some(new), Some(exchange)) = (created.iter().find(|n| is(n.body, &id)), exchange.as_object_mut()) {
                exchange.insert("status".to_owned(), 200.into());
                exchange.insert("body".to_owned(), new.body.clone());
            }
        }
        _ => {}
    }
}

/// Changes every object that is to be changed, wherever it stands.
fn every(value: &mut Value, changes: &Changes<'_>) {
    let id = value.get("id").and_then(Value::as_str).filter(|_| value.get("properties").is_some());
    if let Some(own) = id.and_then(|text| changes.get(&ResourceId::new(text))) {
        for edit in own {
            apply_to(value, edit);
        }
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|inner| every(inner, changes)),
        Value::Array(items) => items.iter_mut().for_each(|inner| every(inner, changes)),
        _ => {}
    }
}
