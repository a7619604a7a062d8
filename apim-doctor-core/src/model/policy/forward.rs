//! The request that is forwarded to a backend: where it goes, and whose token it carries.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{list_of_instance, place_of, shown};
use super::policies::Api;
use super::resolve::values;
use super::run::{Chosen, Run, Target, method_of, unknown_identity};
use super::value::{Part, Value};
use super::{Call, Identity};
use crate::base::ResourceId;
use crate::model::Gap;
use crate::model::api_management::Backend;

/// A backend that the forwarded request may go to.
struct Candidate {
    url: Value,
    /// The element that chose it, and its document.
    node: usize,
    document: usize,
    has_credentials: bool,
    is_proxied: bool,
}

impl<'s> Run<'_, 's> {
    /// Takes down the calls of the request that is forwarded to the backend.
    pub(super) fn forward(&mut self, api: Option<Api<'s>>) {
        let backends = std::mem::take(&mut self.backends);
        let is_replaced = backends.iter().any(|chosen| !chosen.is_conditional);
        let mut identity = None;
        for candidate in self.candidates(&backends) {
            self.forward_to_backend(candidate, api, &mut identity);
        }
        // Of an operation, only what its own document changes is new.
        let is_api = api.is_some_and(|(id, _)| id.as_str().eq_ignore_ascii_case(&self.owner));
        let is_new = is_api || !self.tokens.is_empty() || !self.headers.is_empty();
        if let Some((id, Some(url))) = api.filter(|_| !is_replaced && is_new) {
            self.forward_to_service_url(id, url, is_api, &mut identity);
        }
    }

    /// The backends that policies chose.
    fn candidates(&mut self, backends: &[Chosen]) -> Vec<Candidate> {
        let mut all = Vec::new();
        for Chosen { url, id, node, document, .. } in backends {
            let (node, document) = (*node, *document);
            if let Some(url) = url {
                let of = |url| Candidate { url, node, document, has_credentials: false, is_proxied: false };
                all.extend(values(url, self).into_iter().map(of));
            }
            if let Some(id) = id {
                self.entity(id, node, document, &mut all);
            }
        }
        all
    }

    /// Takes down the calls to a backend that a policy chose. `identity` is worked out once.
    fn forward_to_backend(&mut self, candidate: Candidate, api: Option<Api<'s>>, identity: &mut Option<Identity>) {
        let Candidate { url: base, node, document, has_credentials, is_proxied } = candidate;
        let identity = match has_credentials {
            true => unknown_identity("which token the backend's credentials contain"),
            false => identity.get_or_insert_with(|| self.forwarded_identity()).clone(),
        };
        let before = std::mem::replace(&mut self.current, document);
        // A host that certainly is not a vault needs no operations.
        if matches!(self.target(&base), Target::Other) {
            self.judge(&base, node, identity, None, false);
        } else {
            for (url, method) in self.requests(&base, api.map(|(id, _)| id)) {
                self.judge(&url, node, identity.clone(), method, self.is_proxied || is_proxied);
            }
        }
        self.current = before;
    }

    /// Takes down the calls to the API's own `serviceUrl`.
    fn forward_to_service_url(&mut self, id: &ResourceId, url: &str, is_api: bool, identity: &mut Option<Identity>) {
        let own_document = self.chain.first().and_then(|number| self.policies.document(*number));
        let of = own_document.filter(|_| !is_api).map_or(id, |document| document.id).clone();
        for base in values(url, self) {
            if matches!(self.target(&base), Target::Other | Target::Unknown { names_vault: false, .. }) {
                continue;
            }
            for (url, method) in self.requests(&base, Some(id)) {
                match self.target(&url) {
                    Target::Vault(url, is_whole) => {
                        let identity = identity.get_or_insert_with(|| self.forwarded_identity()).clone();
                        let (of, declared_at) = (of.clone(), (id.clone(), "/properties/serviceUrl"));
                        let is_proxied = self.is_proxied;
                        let call = Call { of, declared_at, url, is_whole, method, identity, is_proxied };
                        self.policies.calls.insert(call);
                    }
                    Target::Unknown { names_vault: true, .. } => {
                        let what = format!("to which vault API `{}` forwards requests", id.name());
                        self.policies.gaps.insert(Gap::computed(what).advise("check the API's `serviceUrl`"));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whose token the forwarded request carries.
    fn forwarded_identity(&mut self) -> Identity {
        let mut all: BTreeSet<Identity> = BTreeSet::new();
        let headers = std::mem::take(&mut self.headers);
        for header in &headers {
            all.insert(self.of_header(header));
        }
        self.headers = headers;
        let tokens: Vec<usize> = self.tokens.iter().chain(&self.layer.tokens).copied().collect();
        for node in tokens {
            self.policies.used.insert(node);
            all.insert(match self.token_of.get(&node).cloned().or_else(|| self.policies.token_at(node)) {
                Some((resource, client_id)) => self.identity_of(&resource, client_id.as_deref()),
                None => unknown_identity("which identity the product policy uses"),
            });
        }
        match (all.pop_first(), all.is_empty()) {
            (Some(only), true) => only,
            (Some(_), false) => unknown_identity("which of several tokens the forwarded request carries"),
            (None, _) => unknown_identity(
                "whose token the forwarded request carries: the caller's own or that of a backend identity, which \
                 Azure does not show",
            ),
        }
    }

    /// The backends that `backend-id` may name.
    fn entity(&mut self, id: &str, node: usize, document: usize, targets: &mut Vec<Candidate>) {
        let found = values(id, self);
        let known = match found.as_slice() {
            [value] => value.known(),
            _ => None,
        };
        let own: Vec<_> = self
            .policies
            .documents
            .sources
            .backends
            .iter()
            .filter(|(id, _)| place_of(id) == self.place)
            .copied()
            .collect();
        let Some(name) = known else {
            // Every backend that is a vault is a possible target.
            for (_, backend) in own {
                if let Some(url) = backend.url.as_deref().filter(|url| self.policies.vaults().begin(url)) {
                    targets.push(of_backend(url, backend, node, document, self));
                }
            }
            return;
        };
        let mut names = vec![name.to_ascii_lowercase()];
        let mut seen = BTreeSet::new();
        while let Some(name) = names.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let Some((_, backend)) = own.iter().find(|(id, _)| id.name().eq_ignore_ascii_case(&name)) else {
                let Some(document) = self.policies.document(document) else { continue };
                let what =
                    format!("backend `{name}`, which policy `{}` uses and which may be a vault,", shown(document.id));
                self.policies.gaps.insert(Gap::not_collected(what, list_of_instance(document.id, "backends", "")));
                continue;
            };
            let members = backend.pool.iter().flat_map(|pool| &pool.services);
            names.extend(
                members.filter_map(|member| member.id.as_deref()?.rsplit('/').next().map(str::to_ascii_lowercase)),
            );
            if let Some(url) = backend.url.as_deref() {
                targets.push(of_backend(url, backend, node, document, self));
            }
        }
    }

    /// What the forwarded request asks of a backend: one URL and method for each operation that differs.
    fn requests(&self, base: &Value, api: Option<&ResourceId>) -> Vec<(Value, Option<String>)> {
        let with = |path: Option<&str>| {
            let mut url = base.clone();
            let end = match url.parts.last_mut() {
                Some(Part::Text(text)) => {
                    let kept = text.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned();
                    *text = kept;
                    true
                }
                _ => false,
            };
            match path {
                Some(path) if end => {
                    let known = path.split(['{', '*']).next().unwrap_or_default();
                    let known =
                        if known == path { path } else { known.rsplit_once('/').map_or("", |(before, _)| before) };
                    url.parts.push(Part::Text(format!("/{}", known.trim_start_matches('/'))));
                    if known != path {
                        url.parts.push(Part::Unknown);
                    }
                }
                _ => url.parts.push(Part::Unknown),
            }
            url
        };
        let method = |own: Option<&str>| match &self.method {
            Some(method) => method_of(method),
            None => own.and_then(method_of),
        };
        let rewritten = self.rewrite.as_deref().map(|template| match values(template, self).as_slice() {
            [value] if !self.is_rewritten_twice => value.known(),
            _ => None,
        });
        let own = api.map(|api| api.as_str().to_ascii_lowercase()).unwrap_or_default();
        // An operation's own document runs for that operation alone.
        let is_own =
            |id: &ResourceId| !self.owner.contains("/operations/") || id.as_str().eq_ignore_ascii_case(&self.owner);
        let mut all = BTreeMap::new();
        let operations = self.policies.operations.get(&own).into_iter().flatten();
        for (_, operation) in operations.filter(|(id, _)| is_own(id)) {
            let path = match &rewritten {
                Some(rewritten) => rewritten.as_deref(),
                None => operation.url_template.as_deref(),
            };
            let url = with(path);
            let method = method(operation.method.as_deref());
            all.entry((url.prefix(), url.known().is_some(), method.clone())).or_insert((url, method));
        }
        if all.is_empty() {
            let path = rewritten.as_ref().and_then(|rewritten| rewritten.as_deref());
            return vec![(with(path), method(None))];
        }
        all.into_values().collect()
    }
}

fn of_backend(url: &str, backend: &Backend, node: usize, document: usize, run: &Run<'_, '_>) -> Candidate {
    let mut url = values(url, run).into_iter().next().unwrap_or_default();
    url.from.push(node);
    let (has_credentials, is_proxied) = (backend.has_token(), backend.proxy.as_ref().is_some_and(|p| !p.is_null()));
    Candidate { url, node, document, has_credentials, is_proxied }
}
