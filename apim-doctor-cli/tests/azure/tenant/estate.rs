//! The content of one subscription, all of which is known: what is not here does not exist.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use serde_json::Value;

use crate::azure::http::{Answer, Target};
use crate::azure::world::{Place, not_found, refusal};

/// All resources of a subscription as JSON texts. Ids are in lower case.
#[derive(Default)]
pub(super) struct Estate {
    /// Resources by type and id.
    resources: HashMap<String, BTreeMap<String, Arc<str>>>,
    /// Subscriptions, resource groups, and answers that are no resources.
    others: HashMap<String, Arc<str>>,
    /// Role assignments by scope, each with its principal.
    grants: BTreeMap<String, Vec<(String, Arc<str>)>>,
}

/// What a request finds.
pub(super) enum Found {
    /// A body.
    One(Arc<str>),
    /// The items of a list.
    List(Vec<Arc<str>>),
    /// Another answer.
    Answer(Answer),
}

impl Estate {
    /// Adds a resource.
    pub(super) fn add(&mut self, body: &Value) {
        let id = body["id"].as_str().unwrap().to_ascii_lowercase();
        let text: Arc<str> = body.to_string().into();
        match Place::of(&id) {
            Place::One { kind, .. } => {
                self.resources.entry(kind).or_default().insert(id, text);
            }
            _ => {
                self.others.insert(id, text);
            }
        }
    }

    /// Adds the answer of a path.
    pub(super) fn answer(&mut self, path: &str, body: &Value) {
        self.others.insert(path.to_ascii_lowercase(), body.to_string().into());
    }

    /// Adds a role assignment.
    pub(super) fn grant(&mut self, body: &Value) {
        let of = |name: &str| body["properties"][name].as_str().unwrap().to_ascii_lowercase();
        self.grants.entry(of("scope")).or_default().push((of("principalId"), body.to_string().into()));
    }

    /// Returns what a path in lower case finds.
    pub(super) fn find(&self, path: &str, target: &Target) -> Found {
        if let Some(text) = self.others.get(path) {
            return Found::One(Arc::clone(text));
        }
        let missing = || Found::Answer(not_found(&target.path));
        let filter = target.parameter("$filter").unwrap_or_default().trim().to_ascii_lowercase();
        match Place::of(path) {
            Place::One { kind, .. } => {
                let found = self.resources.get(&kind).and_then(|all| all.get(path));
                found.map_or_else(missing, |text| Found::One(Arc::clone(text)))
            }
            Place::List { scope, .. } if !self.exists(&scope) => missing(),
            Place::List { scope, kind } if kind == "microsoft.authorization/roleassignments" => {
                let grants = self.grants_at(&scope, &filter);
                grants.map_or_else(|| Found::Answer(refusal(&target.path)), Found::List)
            }
            Place::List { scope, kind } => Found::List(self.below(&scope, &kind)),
            Place::Other if path.ends_with("/resourcegroups") => {
                let groups = self.others.iter().filter(|(id, _)| id.split('/').count() == 5);
                let mut groups: Vec<_> = groups.collect();
                groups.sort();
                Found::List(groups.into_iter().map(|(_, text)| Arc::clone(text)).collect())
            }
            Place::Other => missing(),
        }
    }

    fn exists(&self, scope: &str) -> bool {
        let is_resource = || match Place::of(scope) {
            Place::One { kind, .. } => self.resources.get(&kind).is_some_and(|all| all.contains_key(scope)),
            _ => false,
        };
        self.others.contains_key(scope) || is_resource()
    }

    fn below(&self, scope: &str, kind: &str) -> Vec<Arc<str>> {
        let start = format!("{scope}/");
        let all = self.resources.get(kind).into_iter();
        let from = all.flat_map(|all| all.range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded)));
        from.take_while(|(id, _)| id.starts_with(&start)).map(|(_, text)| Arc::clone(text)).collect()
    }

    /// Returns the role assignments at and above a scope; with another filter than `atScope()`, also those below.
    fn grants_at(&self, scope: &str, filter: &str) -> Option<Vec<Arc<str>>> {
        let principal = filter.strip_prefix("principalid eq '").and_then(|rest| rest.strip_suffix('\''));
        let at_scope = filter == "atscope()";
        if !at_scope && !filter.is_empty() && principal.is_none() {
            return None;
        }
        let reaches = |own: &str| {
            let is_at_or_below = |inner: &str, outer: &str| {
                inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            is_at_or_below(scope, own)
                || own.starts_with("/providers/microsoft.management/")
                || !at_scope && is_at_or_below(own, scope)
        };
        let all = self.grants.iter().filter(|(own, _)| reaches(own)).flat_map(|(_, held)| held);
        let theirs = all.filter(|(of, _)| principal.is_none_or(|principal| of == principal));
        Some(theirs.map(|(_, text)| Arc::clone(text)).collect())
    }
}
