//! The policies of one instance: what they are looked up in, and what was found in them so far.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::document::{Action, Documents};
use super::place::place_of;
use super::value::Value;
use super::{Call, Document, Found, Sources, Vaults};
use crate::base::ResourceId;
use crate::knowledge::cloud::Cloud;
use crate::model::Gap;
use crate::model::api_management::Operation;
use crate::model::form::REDACTED;

/// An API, and the URL of its backend.
pub(super) type Api<'s> = (&'s ResourceId, Option<&'s str>);

/// What a token is asked for, and the client id of the identity that asks.
pub(super) type Token = (String, Option<String>);

/// A context variable.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub values: Vec<Value>,
    /// Set more than once, or only under a condition.
    pub is_unsure: bool,
    pub node: usize,
}

/// What the products of an instance or a workspace set.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    pub variables: HashMap<String, Variable>,
    /// Elements that put a token on the forwarded request.
    pub tokens: Vec<usize>,
}

/// The policies of one instance.
pub(super) struct Policies<'s> {
    pub documents: Documents<'s>,
    /// Values of named values, by the place they belong to and by name (lower case); `None`: not known.
    named_values: HashMap<(String, String), Vec<Option<&'s str>>>,
    /// APIs, by id in lower case.
    pub apis: HashMap<String, Api<'s>>,
    /// Operations, by the id of their API in lower case.
    pub operations: HashMap<String, Vec<(&'s ResourceId, &'s Operation)>>,
    /// What products set, by the place that their APIs are in.
    pub by_products: HashMap<String, Layer>,
    /// Nodes that a call or a gap accounts for.
    pub used: BTreeSet<usize>,
    pub calls: BTreeSet<Call>,
    pub gaps: BTreeSet<Gap>,
    /// Requests that wait for a variable that nothing set so far.
    pub waiting: BTreeMap<usize, BTreeSet<Gap>>,
    /// Requests that were decided somewhere.
    pub decided: BTreeSet<usize>,
}

impl<'s> Policies<'s> {
    /// Reads the documents of an instance.
    pub(super) fn read(sources: &'s Sources<'s>, cloud: &Cloud) -> Self {
        let mut documents = Documents::read(sources, Vaults::of(cloud));
        let mut named_values: HashMap<(String, String), Vec<Option<&str>>> = HashMap::new();
        for (id, value) in &sources.named_values {
            let name = value.display_name.as_deref().unwrap_or_else(|| id.name()).to_lowercase();
            let is_hidden = value.key_vault.is_some() || value.secret == Some(true);
            let text = value.value.as_deref().filter(|text| !is_hidden && *text != REDACTED);
            named_values.entry((place_of(id), name)).or_default().push(text);
        }
        let apis = sources.apis.iter();
        let apis = apis.map(|(id, api)| (id.as_str().to_ascii_lowercase(), (*id, api.service_url.as_deref())));
        let mut operations: HashMap<String, Vec<_>> = HashMap::new();
        for (id, operation) in &sources.operations {
            let folded = id.as_str().to_ascii_lowercase();
            let api = folded.split("/operations/").next().unwrap_or_default().to_owned();
            operations.entry(api).or_default().push((*id, *operation));
        }
        Self {
            gaps: std::mem::take(&mut documents.gaps),
            documents,
            named_values,
            apis: apis.collect(),
            operations,
            by_products: HashMap::new(),
            used: BTreeSet::new(),
            calls: BTreeSet::new(),
            waiting: BTreeMap::new(),
            decided: BTreeSet::new(),
        }
    }

    /// A document, by its number.
    pub(super) fn document(&self, number: usize) -> Option<&'s Document<'s>> {
        self.documents.sources.documents.get(number)
    }

    /// The host names of vaults.
    pub(super) fn vaults(&self) -> &Vaults {
        &self.documents.vaults
    }

    /// The value of a named value, if one alone has this name; `Some(None)` if its value is not kept.
    pub(super) fn named_value(&self, place: String, name: &str) -> Option<Option<&'s str>> {
        match self.named_values.get(&(place, name.to_lowercase())).map(Vec::as_slice) {
            Some([value]) => Some(*value),
            _ => None,
        }
    }

    /// The API that a scope (lower case) belongs to.
    pub(super) fn api_of(&self, scope: &str) -> Option<Api<'s>> {
        let from = scope.find("/apis/").map(|at| at + "/apis/".len())?;
        let end = scope.get(from..).and_then(|rest| rest.find('/')).map_or(scope.len(), |end| from + end);
        self.apis.get(scope.get(..end)?).copied()
    }

    /// The token that an element of any document asks for.
    pub(super) fn token_at(&self, node: usize) -> Option<Token> {
        let steps = self.documents.ready.iter().flat_map(|ready| ready.sections.iter().flatten());
        let step = steps.into_iter().find(|step| step.node == node)?;
        match &step.action {
            Action::Token { resource, client_id, .. } => Some((resource.clone(), client_id.clone())),
            _ => None,
        }
    }

    /// All calls, and a gap for everything that names a vault and that no call accounts for.
    pub(super) fn found(mut self) -> Found {
        for (node, gaps) in &self.waiting {
            if !self.decided.contains(node) {
                self.gaps.extend(gaps.iter().cloned());
            }
        }
        for node in self.documents.naming.difference(&self.used) {
            let Some((document, what)) = self.documents.nodes.get(node) else { continue };
            let at = self.documents.shown(*document);
            let gap = match *what {
                "`authentication-managed-identity`" => Gap::not_evaluated(format!(
                    "which call of policy `{at}` uses the Key Vault token that the policy requests"
                ))
                .advise("check in the policy which URL receives this token, and trace a request"),
                what => Gap::not_evaluated(format!("which call of policy `{at}` uses the vault that {what} names"))
                    .advise("check in the policy how this address is used, and trace a request"),
            };
            self.gaps.insert(gap);
        }
        if self.documents.is_too_much {
            let what = "which vaults the policies of this instance call: they have too many elements to evaluate";
            self.gaps.insert(Gap::not_evaluated(what).advise("diagnose one API at a time"));
        }
        Found { calls: self.calls.into_iter().collect(), gaps: self.gaps.into_iter().collect() }
    }
}
