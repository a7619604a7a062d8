//! Policies: the documents of every scope, what they are made of, and the vaults that their calls lead to.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Plan, folded, ids, items, text};
use crate::base::ResourceId;
use crate::live::ask::{Ask, Read};
use crate::model::api_management::{Api, Backend, NamedValue, Operation};
use crate::model::policy::{Document, Identity, Sources, follow};

/// What the policies of instances are made of, as far as it was answered.
#[derive(Debug, Default)]
pub(super) struct Policies {
    documents: Vec<(ResourceId, Option<String>)>,
    named_values: Vec<(ResourceId, NamedValue)>,
    backends: Vec<(ResourceId, Backend)>,
    apis: Vec<(ResourceId, Api)>,
    operations: Vec<(ResourceId, Operation)>,
    /// How much there was when the calls were last followed.
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

    fn document(&mut self, id: &str, body: &Value) {
        self.documents.push((ResourceId::new(id), text(body, "/properties/value").map(str::to_owned)));
    }

    fn len(&self) -> usize {
        let Self { documents, named_values, backends, apis, operations, .. } = self;
        documents.len() + named_values.len() + backends.len() + apis.len() + operations.len()
    }
}

impl Plan {
    pub(super) fn policy_answered(&mut self, read: &Read, body: &Value) {
        let policy = |id: &str| format!("{id}/policies/policy");
        match read.ask {
            Ask::Fragments | Ask::WorkspaceFragments => {
                for item in items(body, "/value") {
                    self.policies.document(text(item, "/id").unwrap_or_default(), item);
                }
            }
            Ask::Backends | Ask::WorkspaceBackends => {
                items(body, "/value").for_each(|item| add(item, &mut self.policies.backends));
            }
            Ask::Apis | Ask::WorkspaceApis => {
                let is_own = read.ask == Ask::Apis;
                for item in items(body, "/value") {
                    add(item, &mut self.policies.apis);
                    let Some(id) = text(item, "/id") else { continue };
                    let (document, operations) = match is_own {
                        true => (Ask::ApiPolicy, Ask::Operations),
                        false => (Ask::WorkspaceApiPolicy, Ask::WorkspaceOperations),
                    };
                    self.get(document, &policy(id));
                    self.get(operations, &format!("{id}/operations"));
                    let kind = text(item, "/properties/type").or(text(item, "/properties/apiType"));
                    if is_own && kind.is_some_and(|kind| kind.eq_ignore_ascii_case("graphql")) {
                        self.get(Ask::ApiResolvers, &format!("{id}/resolvers"));
                    }
                }
            }
            Ask::Operations | Ask::WorkspaceOperations => {
                let is_own = read.ask == Ask::Operations;
                for item in items(body, "/value") {
                    add(item, &mut self.policies.operations);
                    let document = if is_own { Ask::OperationPolicy } else { Ask::WorkspaceOperationPolicy };
                    if let Some(id) = text(item, "/id") {
                        self.get(document, &policy(id));
                    }
                }
            }
            Ask::ApiResolvers => ids(body).for_each(|id| self.get(Ask::ResolverPolicy, &policy(id))),
            Ask::Products => ids(body).for_each(|id| self.get(Ask::ProductPolicy, &policy(id))),
            Ask::WorkspaceProducts => ids(body).for_each(|id| self.get(Ask::WorkspaceProductPolicy, &policy(id))),
            _ => self.policies.document(read.path(), body),
        }
    }

    /// Once nothing else is under way: the vaults that the policies call.
    pub(super) fn follow_policies(&mut self) {
        if self.policies.followed == self.policies.len() {
            return;
        }
        self.policies.followed = self.policies.len();
        let parts = &self.policies;
        let documents = parts.documents.iter();
        let documents = documents.map(|(id, text)| Document { id, text: text.as_deref(), format: None });
        let sources = Sources {
            documents: documents.collect(),
            named_values: parts.named_values.iter().map(|(id, own)| (id, own)).collect(),
            backends: parts.backends.iter().map(|(id, own)| (id, own)).collect(),
            apis: parts.apis.iter().map(|(id, own)| (id, own)).collect(),
            operations: parts.operations.iter().map(|(id, own)| (id, own)).collect(),
        };
        for call in follow(&sources, &self.cloud).calls {
            self.refer_url(Some(&call.url), false);
            if let Identity::Managed { client_id: Some(id), .. } = &call.identity {
                self.selected.insert(folded(id));
            }
        }
    }
}
