//! The inputs of an estate as documents that can be changed and read again.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::base::ResourceId;
use crate::change::edit::{Step, is_body};
use crate::finding::{Concerns, Edit, Patch};
use crate::model::{Estate, Input};
use crate::report::{document, drop_replaced, edit, joined};
use crate::source::InputError;
use crate::source::keep;
use crate::source::request::{Request, Subject};

/// What the collecting machine and others saw before the change: it says nothing about the time after it.
const OBSERVED: &[&str] = &["dns", "observations", "probes"];

/// Recordings that can be changed.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    /// The documents, by the names of their files.
    files: Vec<(String, Value)>,
    resource_manager: String,
}

impl Recording {
    /// The documents of an estate, without what no diagnosis reads.
    ///
    /// # Errors
    /// When an input is not JSON that can be changed.
    pub(super) fn of(estate: &Estate) -> Result<Self, InputError> {
        let mut documents = estate.inputs.iter().map(document).collect::<Result<Vec<Value>, InputError>>()?;
        drop_replaced(&mut documents, estate);
        documents.iter_mut().for_each(keep::document);
        let files = estate.inputs.iter().map(|input| input.name.clone()).zip(documents).collect();
        Ok(Self { files, resource_manager: estate.cloud.resource_manager.clone() })
    }

    /// Reads the documents. What is wrong with them was said when they were read first.
    pub(super) fn read(&self) -> Estate {
        let input = |(name, own): &(String, Value)| Input::new(name.clone(), own.to_string());
        Estate::read(self.files.iter().map(input).collect()).0
    }

    /// The documents as one that anyone can diagnose.
    ///
    /// # Errors
    /// When a recording and a list of resources are among them.
    pub(super) fn whole(&self) -> Result<Value, InputError> {
        joined(self.files.iter().map(|(name, own)| (own.clone(), name.as_str())))
    }

    /// Drops what was observed before a change.
    pub(super) fn forget_observed(&mut self) {
        for own in self.files.iter_mut().filter_map(|(_, own)| own.as_object_mut()) {
            own.retain(|name, _| !OBSERVED.contains(&name.as_str()));
        }
    }

    /// Notes paths that failed before a change: what Azure said of them before it does not count after it.
    pub(super) fn note_failed<'i>(&mut self, ids: impl Iterator<Item = &'i str>) {
        let ids: Vec<Value> = ids.map(Value::from).collect();
        let is_recording = |own: &&mut Map<String, Value>| own.contains_key("exchanges");
        let first = self.files.iter_mut().filter_map(|(_, own)| own.as_object_mut()).find(is_recording);
        if let (Some(first), false) = (first, ids.is_empty()) {
            let list = first.entry("repaired").or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().into_iter().for_each(|list| list.extend(ids.iter().cloned()));
        }
    }

    /// The bodies of every resource, those of own requests first.
    pub(super) fn bodies(&self) -> BTreeMap<ResourceId, Vec<&Value>> {
        let mut found: BTreeMap<ResourceId, Vec<(bool, &Value)>> = BTreeMap::new();
        for (_, own) in &self.files {
            let fetched = exchanges(own).filter_map(|exchange| exchange.get("body")).filter(|body| is_body(body));
            fetched.for_each(|body| visit(body, true, &mut found));
            let lists = exchanges(own).filter_map(|exchange| exchange.get("body")).filter(|body| !is_body(body));
            lists.for_each(|body| visit(body, false, &mut found));
            let bare = own.get("exchanges").is_none();
            Some(own).filter(|_| bare).into_iter().for_each(|own| visit(own, false, &mut found));
        }
        found.values_mut().for_each(|all| all.sort_by_key(|(fetched, _)| !fetched));
        found.into_iter().map(|(id, all)| (id, all.into_iter().map(|(_, body)| body).collect())).collect()
    }

    /// Makes changes in their order.
    pub(super) fn make(&mut self, steps: &[Step]) {
        let is_edit = |step: &Step| matches!(step, Step::Edit(_));
        // All documents are gone through once for neighbouring changes.
        for run in steps.chunk_by(|one, next| is_edit(one) && is_edit(next)) {
            let edits = run.iter().filter_map(|step| match step {
                Step::Edit(edit) => Some(edit.clone()),
                Step::Delete(_) => None,
            });
            self.apply(&Patch { edits: edits.collect() });
            run.iter().for_each(|step| match step {
                Step::Delete(id) => self.delete(id),
                Step::Edit(_) => {}
            });
        }
    }

    /// Makes the changes of a patch.
    pub(super) fn apply(&mut self, patch: &Patch) {
        if patch.edits.is_empty() {
            return;
        }
        let is_new = |one: &Edit| matches!(one, Edit::Create { .. });
        // What is made may be changed by the same patch.
        let (made, changed): (Vec<Edit>, Vec<Edit>) = patch.edits.iter().cloned().partition(is_new);
        self.create(&Patch { edits: made });
        let changed = Patch { edits: changed };
        self.files.iter_mut().for_each(|(_, own)| edit(own, &changed, &self.resource_manager));
    }

    /// Makes the new resources of a patch.
    fn create(&mut self, patch: &Patch) {
        for (_, own) in &mut self.files {
            edit(own, patch, &self.resource_manager);
        }
        let created = patch.edits.iter().filter_map(|edit| match edit {
            Edit::Create { body, .. } => body.get("id").and_then(Value::as_str).map(|id| (ResourceId::new(id), body)),
            _ => None,
        });
        let is_held = |id: &ResourceId, own: &Value| {
            let mut found = BTreeMap::new();
            visit(own, false, &mut found);
            found.contains_key(id)
        };
        // What no recorded list would hold is answered to a request of its own.
        for (id, body) in created.collect::<Vec<_>>() {
            if self.files.iter().any(|(_, own)| is_held(&id, own)) {
                continue;
            }
            let request = format!("GET {id}?api-version=2024-06-01");
            let exchange = json!({ "request": request, "status": 200, "body": body });
            if let Some(first) = self.files.iter_mut().find_map(|(_, own)| own.get_mut("exchanges")?.as_array_mut()) {
                first.push(exchange);
            }
        }
    }

    /// Deletes a resource and everything below it: requests for it answer 404, and no list holds it.
    fn delete(&mut self, id: &ResourceId) {
        let interfaces: Vec<ResourceId> = self.interfaces_of(id);
        if let Some(deleted) = self.deleted_vault(id) {
            self.create(&Patch { edits: vec![deleted] });
        }
        for gone in std::iter::once(id).chain(&interfaces) {
            for (_, own) in &mut self.files {
                remove_bodies(own, gone);
                remove_connections(own, gone);
                for exchange in exchanges_mut(own) {
                    answer_not_found(exchange, gone, &self.resource_manager);
                }
            }
            let request = format!("GET {gone}?api-version=2024-06-01");
            let exchange = json!({ "request": request, "status": 404, "body": not_found() });
            match self.files.iter_mut().find_map(|(_, own)| own.get_mut("exchanges")?.as_array_mut()) {
                Some(first) => first.push(exchange),
                None => {
                    let own = json!({ "apimDoctor": "snapshot/v1", "exchanges": [exchange] });
                    self.files.push(("the change".to_owned(), own));
                }
            }
        }
    }

    /// What is left of a vault that is deleted: its name stays taken until it is purged.
    ///
    /// Source: <https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview> (read 2026-12-01).
    fn deleted_vault(&self, id: &ResourceId) -> Option<Edit> {
        if !id.resource_type().eq_ignore_ascii_case("Microsoft.KeyVault/vaults") {
            return None;
        }
        let bodies = self.bodies();
        let location = bodies.get(id)?.first()?.get("location").and_then(Value::as_str).unwrap_or("global");
        let (scope, place) = (id.subscription_scope()?, location.replace(' ', "").to_ascii_lowercase());
        let own = format!("{scope}/providers/Microsoft.KeyVault/locations/{place}/deletedVaults/{}", id.name());
        let body = json!({ "id": own, "name": id.name(), "type": "Microsoft.KeyVault/deletedVaults",
            "properties": { "vaultId": id.as_str(), "location": location } });
        Some(Edit::Create { body, concerns: Concerns::Resource(scope.clone()), scope })
    }

    /// The network interfaces of a private endpoint: they go with it.
    fn interfaces_of(&self, id: &ResourceId) -> Vec<ResourceId> {
        let bodies = self.bodies();
        let own = bodies.get(id).into_iter().flatten();
        let lists = own.filter_map(|body| body.pointer("/properties/networkInterfaces")?.as_array());
        let ids = lists.flatten().filter_map(|one| one.get("id")?.as_str());
        match id.resource_type().eq_ignore_ascii_case("Microsoft.Network/privateEndpoints") {
            true => ids.map(ResourceId::new).collect(),
            false => Vec::new(),
        }
    }

    /// The exchanges, by keys under which equal requests are equal. Of several for one request, the last.
    pub(super) fn exchanges(&self) -> BTreeMap<String, &Value> {
        let all = self.files.iter().flat_map(|(_, own)| exchanges(own));
        all.filter_map(|exchange| Some((self.key(exchange)?, exchange))).collect()
    }

    /// Puts an exchange in the place of the one for the same request; `None`: the request was not sent.
    pub(super) fn put_exchange(&mut self, key: &str, exchange: Option<&Value>) {
        let resource_manager = self.resource_manager.clone();
        let is_it = |own: &Value| key_of(own, &resource_manager).is_some_and(|own| own == key);
        for (_, own) in &mut self.files {
            if let Some(Value::Array(all)) = own.get_mut("exchanges") {
                all.retain(|own| !is_it(own));
            }
        }
        let first = self.files.iter_mut().find_map(|(_, own)| own.get_mut("exchanges")?.as_array_mut());
        if let (Some(first), Some(exchange)) = (first, exchange) {
            first.push(exchange.clone());
        }
    }

    /// The items of the list that answers a request, to be changed.
    pub(super) fn list_mut(&mut self, key: &str) -> Option<&mut Vec<Value>> {
        let resource_manager = self.resource_manager.clone();
        let all = self.files.iter_mut().flat_map(|(_, own)| exchanges_mut(own));
        let found = all.filter(|own| key_of(own, &resource_manager).is_some_and(|own| own == key)).last()?;
        let list = ["value", "data"].into_iter().find(|name| found.pointer(&format!("/body/{name}")).is_some())?;
        found.pointer_mut(&format!("/body/{list}"))?.as_array_mut()
    }

    /// The documents that are lists of bodies, to be changed.
    pub(super) fn bare_mut(&mut self) -> impl Iterator<Item = &mut Vec<Value>> {
        self.files.iter_mut().filter_map(|(_, own)| own.get_mut("value")?.as_array_mut())
    }

    /// The bodies in documents that are lists of bodies.
    pub(super) fn bare(&self) -> BTreeMap<ResourceId, &Value> {
        let lists = self.files.iter().filter_map(|(_, own)| own.get("value")?.as_array());
        lists.flatten().filter_map(|body| Some((ResourceId::new(body.get("id")?.as_str()?), body))).collect()
    }

    /// A member that stands beside the exchanges: of lists, those of all recordings; otherwise the last.
    pub(super) fn member(&self, name: &str) -> Option<Value> {
        let all: Vec<&Value> = self.files.iter().filter_map(|(_, own)| own.get(name)).collect();
        if all.iter().any(|value| value.is_array()) {
            return Some(all.into_iter().filter_map(Value::as_array).flatten().cloned().collect());
        }
        all.into_iter().max_by_key(|value| value.to_string()).cloned()
    }

    /// Puts a member in the place of what the recordings say.
    pub(super) fn put_member(&mut self, name: &str, value: Option<&Value>) {
        let is_recording = |own: &&mut Map<String, Value>| own.contains_key("exchanges");
        let mut is_first = true;
        for own in self.files.iter_mut().filter_map(|(_, own)| own.as_object_mut()).filter(is_recording) {
            own.remove(name);
            // A list is written once; everything else is said by each recording.
            if let Some(value) = value.filter(|value| is_first || !value.is_array()) {
                own.insert(name.to_owned(), value.clone());
            }
            is_first = false;
        }
    }

    fn key(&self, exchange: &Value) -> Option<String> {
        key_of(exchange, &self.resource_manager)
    }
}

/// By what a request is found in another recording. The api-version is not a part of it.
fn key_of(exchange: &Value, resource_manager: &str) -> Option<String> {
    let text = exchange.get("request")?.as_str()?;
    let request = Request::parse(text, resource_manager);
    let method = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    let key = request.key();
    let key: Vec<&str> = key.split('&').filter(|part| !part.starts_with("api-version=")).collect();
    let sent = exchange.get("send").map(Value::to_string).unwrap_or_default();
    Some(format!("{method} {} {sent}", key.join("&")).trim_end().to_owned())
}

fn exchanges(own: &Value) -> impl Iterator<Item = &Value> {
    own.get("exchanges").and_then(Value::as_array).into_iter().flatten()
}

fn exchanges_mut(own: &mut Value) -> impl Iterator<Item = &mut Value> {
    own.get_mut("exchanges").and_then(Value::as_array_mut).into_iter().flatten()
}

fn visit<'v>(value: &'v Value, fetched: bool, found: &mut BTreeMap<ResourceId, Vec<(bool, &'v Value)>>) {
    if let Some(id) = value.get("id").and_then(Value::as_str).filter(|_| is_body(value)) {
        found.entry(ResourceId::new(id)).or_default().push((fetched, value));
    }
    match value {
        // What stands in a body was not fetched for itself.
        Value::Object(map) => map.values().for_each(|inner| visit(inner, false, found)),
        Value::Array(items) => items.iter().for_each(|inner| visit(inner, false, found)),
        _ => {}
    }
}

fn not_found() -> Value {
    json!({ "error": { "code": "ResourceNotFound" } })
}

/// Answers 404 to a request for a resource, or for something below it.
fn answer_not_found(exchange: &mut Value, id: &ResourceId, resource_manager: &str) {
    let Some(text) = exchange.get("request").and_then(Value::as_str) else { return };
    let request = Request::parse(text, resource_manager);
    let about = match request.subject() {
        _ if request.host.is_some() => return,
        Subject::Resource(own, _) | Subject::List(own, _) => own,
        Subject::Other => ResourceId::new(&request.path),
    };
    if let (true, Some(exchange)) = (about.is_within(id), exchange.as_object_mut()) {
        exchange.insert("status".to_owned(), 404.into());
        exchange.insert("body".to_owned(), not_found());
    }
}

/// Removes a resource, and what is below it, from every list.
fn remove_bodies(value: &mut Value, id: &ResourceId) {
    let is_gone = |one: &Value| {
        let own = one.get("id").and_then(Value::as_str).filter(|_| is_body(one));
        own.is_some_and(|own| ResourceId::new(own).is_within(id))
    };
    match value {
        Value::Object(map) => map.values_mut().for_each(|inner| remove_bodies(inner, id)),
        Value::Array(items) => {
            items.retain(|one| !is_gone(one));
            items.iter_mut().for_each(|inner| remove_bodies(inner, id));
        }
        _ => {}
    }
}

/// Removes the connections of a private endpoint from the resource that it leads to.
fn remove_connections(value: &mut Value, endpoint: &ResourceId) {
    let is_its = |one: &Value| {
        let of = one.pointer("/properties/privateEndpoint/id").and_then(Value::as_str);
        of.is_some_and(|of| ResourceId::new(of) == *endpoint)
    };
    match value {
        Value::Object(map) => map.values_mut().for_each(|inner| remove_connections(inner, endpoint)),
        Value::Array(items) => {
            items.retain(|one| !is_its(one));
            items.iter_mut().for_each(|inner| remove_connections(inner, endpoint));
        }
        _ => {}
    }
}
