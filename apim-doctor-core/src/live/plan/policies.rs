//! What the policies of instances are made of.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::body::text;
use crate::base::ResourceId;
use crate::knowledge::cloud::Cloud;
use crate::model::api_management::{Api, Backend, NamedValue, Operation};
use crate::model::policy::{Call, Document, Sources, follow};

/// What the policies of instances are made of, as far as it was answered.
#[derive(Debug, Default)]
pub(super) struct Policies {
    documents: Vec<(ResourceId, Option<String>)>,
    named_values: Vec<(ResourceId, NamedValue)>,
    backends: Vec<(ResourceId, Backend)>,
    apis: Vec<(ResourceId, Api)>,
    operations: Vec<(ResourceId, Operation)>,
    /// How many parts there were when the calls were last followed.
    followed: usize,
}

/// Adds the resource of an item, where it can be read.
fn add<T: DeserializeOwned>(item: &Value, all: &mut Vec<(ResourceId, T)>) {
    let properties = item.get("properties").cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    if let (Some(id), Ok(properties)) = (text(item, "/id"), serde_json::from_value(properties)) {
        all.push((ResourceId::new(id), properties));
    }
}

impl Policies {
    /// Keeps a named value, which a policy may be made of.
    pub(super) fn named_value(&mut self, item: &Value) {
        add(item, &mut self.named_values);
    }

    /// Keeps a backend.
    pub(super) fn backend(&mut self, item: &Value) {
        add(item, &mut self.backends);
    }

    /// Keeps an API.
    pub(super) fn api(&mut self, item: &Value) {
        add(item, &mut self.apis);
    }

    /// Keeps an operation.
    pub(super) fn operation(&mut self, item: &Value) {
        add(item, &mut self.operations);
    }

    /// Keeps the text of a policy or a fragment.
    pub(super) fn document(&mut self, id: &str, body: &Value) {
        self.documents.push((ResourceId::new(id), text(body, "/properties/value").map(str::to_owned)));
    }

    /// Follows the calls of the policies, unless nothing was added since this was done.
    pub(super) fn new_calls(&mut self, cloud: &Cloud) -> Vec<Call> {
        if self.followed == self.len() {
            return Vec::new();
        }
        self.followed = self.len();
        let documents = self.documents.iter();
        let documents = documents.map(|(id, text)| Document { id, text: text.as_deref(), format: None });
        let sources = Sources {
            documents: documents.collect(),
            named_values: self.named_values.iter().map(|(id, own)| (id, own)).collect(),
            backends: self.backends.iter().map(|(id, own)| (id, own)).collect(),
            apis: self.apis.iter().map(|(id, own)| (id, own)).collect(),
            operations: self.operations.iter().map(|(id, own)| (id, own)).collect(),
        };
        follow(&sources, cloud).calls
    }

    fn len(&self) -> usize {
        let Self { documents, named_values, backends, apis, operations, .. } = self;
        documents.len() + named_values.len() + backends.len() + apis.len() + operations.len()
    }
}
