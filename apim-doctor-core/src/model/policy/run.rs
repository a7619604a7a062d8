//! One run through the documents of a chain, the innermost first.

use std::collections::{BTreeSet, HashMap};

use super::document::{Action, Request, SECTIONS, Step};
use super::place::{instance_of, list_of_instance, place_of, shown};
use super::policies::{Layer, Policies, Token, Variable};
use super::resolve::values;
use super::value::{Missing, Part, Scope, Value};
use super::{COMPUTED, Call, Identity, host_of};
use crate::base::ResourceId;
use crate::model::{ClosedBy, Gap, Get};

/// Where a request goes to.
pub(super) enum Target {
    /// To a vault: the URL as far as it is known, and whether that is all of it.
    Vault(String, bool),
    /// To something else.
    Other,
    /// Not known; whether a vault is named.
    Unknown { names_vault: bool, missing: Vec<Missing> },
}

/// A `set-backend-service` that was run.
pub(super) struct Chosen {
    pub url: Option<String>,
    pub id: Option<String>,
    pub node: usize,
    pub document: usize,
    pub is_conditional: bool,
}

/// One run through the documents of a chain, the innermost first.
pub(super) struct Run<'a, 's> {
    pub policies: &'a mut Policies<'s>,
    /// Numbers of the documents, the innermost first.
    pub chain: Vec<usize>,
    /// What the innermost document belongs to, in lower case.
    pub owner: String,
    /// The instance or workspace, in lower case.
    pub place: String,
    /// What products set.
    pub layer: Layer,
    pub variables: HashMap<String, Variable>,
    /// Elements that put a token on the forwarded request.
    pub tokens: Vec<usize>,
    /// `Authorization` headers of the forwarded request.
    pub headers: Vec<String>,
    /// Backends that the forwarded request may go to.
    pub backends: Vec<Chosen>,
    /// What each `authentication-managed-identity` that was run asks for.
    pub token_of: HashMap<usize, Token>,
    /// The template of the last `rewrite-uri`.
    pub rewrite: Option<String>,
    pub is_rewritten_twice: bool,
    pub is_proxied: bool,
    pub is_forwarded: bool,
    pub is_answered: bool,
    /// The method of the forwarded request, if a policy sets one.
    pub method: Option<String>,
    /// The document that is being run.
    pub current: usize,
}

impl<'a, 's> Run<'a, 's> {
    /// A run that has not started.
    pub(super) fn new(
        policies: &'a mut Policies<'s>,
        chain: Vec<usize>,
        owner: String,
        place: String,
        layer: Layer,
    ) -> Self {
        Self {
            policies,
            chain,
            owner,
            place,
            layer,
            variables: HashMap::new(),
            tokens: Vec::new(),
            headers: Vec::new(),
            backends: Vec::new(),
            token_of: HashMap::new(),
            rewrite: None,
            is_rewritten_twice: false,
            is_proxied: false,
            is_forwarded: false,
            is_answered: false,
            method: None,
            current: 0,
        }
    }

    /// Runs all sections.
    pub(super) fn sections(&mut self) {
        for section in 0..SECTIONS.len() {
            self.section(0, section, false);
        }
    }

    fn section(&mut self, level: usize, section: usize, is_conditional: bool) {
        let Some(document) = self.chain.get(level).copied() else {
            // Without a global document, the request is forwarded.
            self.is_forwarded |= SECTIONS.get(section) == Some(&"backend");
            return;
        };
        let steps = self.steps(document, section).map(std::mem::take).unwrap_or_default();
        let mut has_base = false;
        for step in &steps {
            if self.policies.documents.is_one_too_many() {
                break;
            }
            self.current = document;
            let is_conditional = is_conditional || step.is_conditional;
            match &step.action {
                Action::Base if has_base => {}
                Action::Base => {
                    has_base = true;
                    self.section(level + 1, section, is_conditional);
                }
                action => self.step(action, step.node, is_conditional, section),
            }
        }
        if let Some(own) = self.steps(document, section) {
            *own = steps;
        }
    }

    /// What a section of a document does.
    fn steps(&mut self, document: usize, section: usize) -> Option<&mut Vec<Step>> {
        self.policies.documents.ready.get_mut(document)?.sections.get_mut(section)
    }

    fn step(&mut self, action: &Action, node: usize, is_conditional: bool, section: usize) {
        match action {
            Action::Variable { name, value } => {
                let mut found = values(value, self);
                for value in &mut found {
                    value.from.push(node);
                }
                self.set(name, found, is_conditional, node);
            }
            Action::Opaque { name } => {
                let missing = vec![Missing::Gap(Gap::computed(format!("variable `{name}` is set at run time")))];
                self.set(name, vec![Value { missing, ..Value::unknown() }], is_conditional, node);
            }
            Action::Token { variable, resource, client_id } => {
                self.token_of.insert(node, (resource.clone(), client_id.clone()));
                match variable.as_deref().filter(|name| !name.is_empty()) {
                    Some(name) => {
                        let value = Value { parts: vec![Part::Token(node)], from: vec![node], ..Value::default() };
                        self.set(name, vec![value], is_conditional, node);
                    }
                    None if section < 2 => self.tokens.push(node),
                    None => {}
                }
            }
            Action::Request(request) => {
                self.request(request, node);
                if let Some(name) = &request.variable {
                    let name = name.clone();
                    self.step(&Action::Opaque { name }, node, is_conditional, section);
                }
            }
            Action::Backend { url, id } if section < 2 => {
                if !is_conditional {
                    self.backends.clear();
                }
                let (url, id, document) = (url.clone(), id.clone(), self.current);
                self.backends.push(Chosen { url, id, node, document, is_conditional });
            }
            Action::Rewrite { template } => {
                self.is_rewritten_twice |= self.rewrite.is_some() || is_conditional;
                self.rewrite = Some(template.clone());
            }
            Action::Method { method } if section < 2 => self.method = Some(method.clone()),
            Action::Authorization { value } if section < 2 => self.headers.push(value.clone()),
            Action::Proxy => self.is_proxied = true,
            Action::Forward => self.is_forwarded = true,
            Action::Respond => self.is_answered |= section == 0 && !is_conditional,
            Action::Unread { fragment } => {
                let Some(document) = self.policies.document(self.current) else { return };
                let what = format!("policy fragment `{fragment}`, which policy `{}` includes,", shown(document.id));
                let list = list_of_instance(document.id, "policyFragments", "format=rawxml");
                self.policies.gaps.insert(Gap::not_collected(what, list));
            }
            _ => {}
        }
    }

    fn set(&mut self, name: &str, values: Vec<Value>, is_conditional: bool, node: usize) {
        let is_again = self.variables.contains_key(name);
        let mut all = self.variables.remove(name).map(|known| known.values).unwrap_or_default();
        all.extend(values);
        all.truncate(16);
        self.variables.insert(name.to_owned(), Variable { values: all, is_unsure: is_again || is_conditional, node });
    }

    pub(super) fn uses(&mut self, value: &Value) {
        self.policies.used.extend(&value.from);
    }

    /// Where a URL leads.
    pub(super) fn target(&self, value: &Value) -> Target {
        let prefix = value.prefix();
        let is_whole = value.known().is_some();
        let text = prefix.trim();
        if let Some(host) = host_of(text) {
            let folded = host.to_ascii_lowercase();
            let ends = is_whole
                || text.get(text.find("://").map_or(0, |at| at + 3)..).is_some_and(|rest| rest.contains(['/', '?']));
            if self.policies.vaults().have(&folded) {
                let has_query = text.contains(['?', '#']);
                let (scheme, rest) =
                    text.split(['?', '#']).next().and_then(|url| url.split_once("://")).unwrap_or_default();
                let (authority, path) =
                    rest.split_once('/').map_or((rest, String::new()), |(a, path)| (a, format!("/{path}")));
                // A name and a password may stand before the host.
                let authority = authority.rsplit('@').next().unwrap_or_default();
                return Target::Vault(format!("{scheme}://{authority}{path}"), is_whole || has_query);
            }
            if ends {
                return Target::Other;
            }
        }
        let named = value
            .parts
            .iter()
            .any(|part| matches!(part, Part::Text(text) if self.policies.vaults().are_named_in(text)));
        Target::Unknown { names_vault: value.names_vault || named, missing: value.missing.clone() }
    }

    pub(super) fn identity_of(&self, resource: &str, client_id: Option<&str>) -> Identity {
        let one = |text: &str| match values(text, self).as_slice() {
            [value] => value.known().unwrap_or_else(|| COMPUTED.to_owned()),
            _ => COMPUTED.to_owned(),
        };
        Identity::Managed { client_id: client_id.map(one), audience: one(resource) }
    }

    fn has_vault_audience(&self, identity: &Identity) -> bool {
        matches!(identity, Identity::Managed { audience, .. } if self.policies.vaults().are_audience(audience))
    }

    /// Whose token an `Authorization` header carries.
    pub(super) fn of_header(&mut self, header: &str) -> Identity {
        let found = values(header, self);
        let tokens: BTreeSet<usize> = found.iter().flat_map(Value::tokens).collect();
        for value in &found {
            self.uses(value);
        }
        let only = tokens.first().filter(|_| tokens.len() == 1 && found.len() == 1);
        match only.and_then(|node| self.token_of.get(node).cloned()) {
            Some((resource, client_id)) => self.identity_of(&resource, client_id.as_deref()),
            None => unknown_identity("which identity the token in the `Authorization` header belongs to"),
        }
    }

    fn request(&mut self, request: &Request, node: usize) {
        let inherited =
            |run: &Self| run.tokens.first().filter(|_| run.tokens.len() == 1 && run.headers.is_empty()).copied();
        let identity = match (&request.token, &request.authorization) {
            (Some((resource, client_id)), _) => self.identity_of(resource, client_id.as_deref()),
            (None, Some(header)) => self.of_header(header),
            (None, None) if request.is_copy => {
                match inherited(self).and_then(|node| Some((node, self.token_of.get(&node).cloned()?))) {
                    Some((token, (resource, client_id))) => {
                        self.policies.used.insert(token);
                        self.identity_of(&resource, client_id.as_deref())
                    }
                    None => unknown_identity("whose token the copied request carries"),
                }
            }
            (None, None) => Identity::Unknown(
                Gap::ambiguous(
                    "which identity calls: the request carries no token, so Key Vault answers 401 (AKV10000)",
                )
                .advise("add `authentication-managed-identity` to the request"),
            ),
        };
        let urls = match &request.url {
            Some(url) => values(url, self),
            None => {
                let what = "the URL is copied from the incoming request";
                vec![Value { missing: vec![Missing::Gap(Gap::computed(what))], ..Value::unknown() }]
            }
        };
        let method = match &request.method {
            Some(method) => method_of(method),
            None if request.is_copy => None,
            None => Some("GET".to_owned()),
        };
        for url in urls {
            self.judge(&url, node, identity.clone(), method.clone(), request.is_proxied);
        }
    }

    /// Takes down a request as a call, a gap or nothing.
    pub(super) fn judge(
        &mut self,
        url: &Value,
        node: usize,
        identity: Identity,
        method: Option<String>,
        is_proxied: bool,
    ) {
        let document = self.current;
        let for_vault = self.has_vault_audience(&identity);
        match self.target(url) {
            Target::Vault(text, is_whole) => {
                self.uses(url);
                self.policies.used.insert(node);
                self.policies.decided.insert(node);
                let Some(id) = self.policies.document(document).map(|d| d.id.clone()) else { return };
                self.policies.calls.insert(Call {
                    of: id.clone(),
                    declared_at: (id, "/properties/value"),
                    url: text,
                    is_whole,
                    method,
                    identity,
                    is_proxied,
                });
            }
            Target::Unknown { names_vault, missing } if names_vault || for_vault => {
                self.uses(url);
                self.policies.used.insert(node);
                let Some(document) = self.policies.document(document) else { return };
                let of = shown(document.id);
                let what = if names_vault { "which vault" } else { "where" };
                let is_waiting = !missing.is_empty() && missing.iter().all(|m| matches!(m, Missing::Variable(_)));
                let open = match names_vault || !for_vault {
                    true => format!("{what} policy `{of}` calls"),
                    false => format!("{what} policy `{of}` sends a Key Vault token"),
                };
                let gap = match missing.into_iter().next() {
                    Some(Missing::Variable(name)) => {
                        let collect = ClosedBy::Collect(instance_of(document.id), "--consumer apim-policy");
                        Gap::not_collected(format!("the policy that sets variable `{name}`"), collect)
                    }
                    Some(Missing::Gap(gap)) => gap,
                    None => Gap::computed("it is computed at run time"),
                }
                .leaves_open(open);
                match is_waiting {
                    true => {
                        self.policies.waiting.entry(node).or_default().insert(gap);
                    }
                    false => {
                        self.policies.gaps.insert(gap);
                    }
                }
            }
            Target::Unknown { .. } => {}
            // A token for a vault that goes elsewhere, or a vault named in a header or a body.
            Target::Other => {
                self.uses(url);
                if for_vault {
                    self.policies.used.insert(node);
                    let of = self.policies.documents.shown(document);
                    let host = host_of(&url.prefix()).unwrap_or_default().to_owned();
                    let what = format!("whether `{host}`, to which policy `{of}` sends a Key Vault token, is a vault");
                    let gap = Gap::outside_azure(what, ClosedBy::Nothing).advise("check which service this host is");
                    self.policies.gaps.insert(gap);
                } else if !self.policies.vaults().are_named_in(&url.prefix()) {
                    // A vault in its body is named, and not called.
                    self.policies.decided.insert(node);
                }
            }
        }
    }

    /// The instance or workspace whose named values the document that is run just now uses.
    fn place_of_current(&self) -> String {
        self.policies.document(self.current).map_or_else(|| self.place.clone(), |document| place_of(document.id))
    }
}

/// Whose token a call carries is not known.
pub(super) fn unknown_identity(what: &str) -> Identity {
    Identity::Unknown(Gap::computed(what).advise("check the policy and the backend's credentials, or trace a request"))
}

/// A method that is written out.
pub(super) fn method_of(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic())).then(|| text.to_ascii_uppercase())
}

impl Scope for Run<'_, '_> {
    fn named_value(&self, name: &str) -> Result<String, Missing> {
        match self.policies.named_value(self.place_of_current(), name) {
            Some(Some(value)) => Ok(value.to_owned()),
            Some(None) => Err(Missing::Gap(
                Gap::not_kept(format!("the value of named value `{name}`, which is not recorded"))
                    .advise("check the named value"),
            )),
            None => {
                let at = ResourceId::new(&self.place_of_current());
                let list = Get::list(&at, "microsoft.apimanagement/service/namedValues");
                Err(Missing::Gap(Gap::not_collected(format!("the value of named value `{name}`"), list)))
            }
        }
    }

    fn variable(&self, name: &str) -> Vec<Value> {
        let (own, above) = (self.variables.get(name), self.layer.variables.get(name));
        let Some(variable) = own.or(above) else {
            return vec![Value { missing: vec![Missing::Variable(name.to_owned())], ..Value::unknown() }];
        };
        let differs = own.zip(above).is_some_and(|(own, above)| own.values != above.values);
        if !variable.is_unsure && !differs {
            return variable.values.clone();
        }
        let mut value = Value::unknown();
        for known in own.iter().chain(&above).flat_map(|variable| &variable.values) {
            value.names_vault |= known.names_vault || self.policies.vaults().are_named_in(&known.text());
            value.from.extend(&known.from);
        }
        value.from.push(variable.node);
        value
            .missing
            .push(Missing::Gap(Gap::computed(format!("variable `{name}` is set more than once or conditionally"))));
        vec![value]
    }

    fn names_vault(&self, text: &str) -> bool {
        self.policies.vaults().are_named_in(text)
    }

    fn is_vault_url(&self, text: &str) -> bool {
        self.policies.vaults().begin(text)
    }
}
