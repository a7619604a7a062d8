//! Policies: the documents of every scope, what they are made of, and the vaults that their calls lead to.

use serde_json::Value;

use super::body::{folded, ids, items, text};
use super::state::Plan;
use crate::live::ask::{Ask, Read};
use crate::model::policy::Identity;

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
                items(body, "/value").for_each(|item| self.policies.backend(item));
            }
            Ask::Apis | Ask::WorkspaceApis => {
                let is_own = read.ask == Ask::Apis;
                for item in items(body, "/value") {
                    self.policies.api(item);
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
                    self.policies.operation(item);
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
        for call in self.policies.new_calls(&self.cloud) {
            self.refer_url(Some(&call.url), false);
            if let Identity::Managed { client_id: Some(id), .. } = &call.identity {
                self.selected.insert(folded(id));
            }
        }
    }
}
