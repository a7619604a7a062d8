//! What the gateway runs for a request: the documents of all scopes, each in the place of `<base />` of the next.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::scan::{Element, Tree, scan};
use super::value::{Missing, Part, Scope, Value, values};
use super::{COMPUTED, Call, Document, Found, Identity, Sources, Vaults, host_of};
use crate::base::ResourceId;
use crate::knowledge::cloud::Cloud;
use crate::model::api_management::{Backend, Operation};
use crate::model::{ClosedBy, Gap, Get};

/// More steps than this are not followed: a fragment may be included, and a parent run, very often.
const MOST_STEPS: usize = 400_000;
/// Fragments in fragments; none is documented to be allowed.
const DEEPEST_FRAGMENT: u8 = 3;

const SECTIONS: [&str; 4] = ["inbound", "backend", "outbound", "on-error"];

/// One thing that a policy does and that may matter.
#[derive(Clone, Debug)]
enum Action {
    Base,
    Variable {
        name: String,
        value: String,
    },
    /// Sets a variable to a value that is not known.
    Opaque {
        name: String,
    },
    Token {
        variable: Option<String>,
        resource: String,
        client_id: Option<String>,
    },
    Request(Box<Request>),
    Backend {
        url: Option<String>,
        id: Option<String>,
    },
    Rewrite {
        template: String,
    },
    Method {
        method: String,
    },
    Authorization {
        value: String,
    },
    Proxy,
    Forward,
    /// The request ends here.
    Respond,
    /// Names a vault without calling it.
    Names,
    /// A fragment that could not be read.
    Unread {
        fragment: String,
    },
}

#[derive(Clone, Debug, Default)]
struct Request {
    is_copy: bool,
    url: Option<String>,
    method: Option<String>,
    authorization: Option<String>,
    /// `resource` and `client-id`.
    token: Option<(String, Option<String>)>,
    is_proxied: bool,
    variable: Option<String>,
}

#[derive(Clone, Debug)]
struct Step {
    action: Action,
    is_conditional: bool,
    /// Which element of which text, as one number over all texts.
    node: usize,
}

/// A document, made ready to be run.
#[derive(Clone, Debug, Default)]
struct Ready {
    sections: [Vec<Step>; 4],
}

#[derive(Clone, Debug)]
struct Variable {
    values: Vec<Value>,
    /// Set more than once, or only under a condition.
    is_unsure: bool,
    node: usize,
}

pub(super) fn follow(sources: &Sources<'_>, cloud: &Cloud) -> Found {
    let mut all = All::new(sources, cloud);
    all.read();
    all.run();
    all.found()
}

struct All<'s> {
    sources: &'s Sources<'s>,
    vaults: Vaults,
    named_values: HashMap<(String, String), Vec<Option<&'s str>>>,
    fragments: HashMap<(String, String), (usize, &'s Document<'s>)>,
    ready: Vec<Ready>,
    /// The document, or the fragment, that each node stands in, and what the node is.
    nodes: HashMap<usize, (usize, &'static str)>,
    /// Nodes that name a vault or ask a token for one.
    naming: BTreeSet<usize>,
    /// Nodes that a call or a gap accounts for.
    used: BTreeSet<usize>,
    included: BTreeSet<usize>,
    calls: BTreeSet<Call>,
    gaps: BTreeSet<Gap>,
    /// Requests whose variable nothing set, and those that were decided somewhere.
    waiting: BTreeMap<usize, BTreeSet<Gap>>,
    decided: BTreeSet<usize>,
    steps: usize,
    is_too_much: bool,
    /// APIs, and operations by their API, both in lower case.
    apis: HashMap<String, (&'s ResourceId, Option<&'s str>)>,
    operations: HashMap<String, Vec<(&'s ResourceId, &'s Operation)>>,
    /// Variables and tokens that products set, by the place that their APIs are in.
    by_products: HashMap<String, Layer>,
}

/// What comes from the products of an instance or a workspace.
#[derive(Clone, Debug, Default)]
struct Layer {
    variables: HashMap<String, Variable>,
    tokens: Vec<(usize, bool)>,
}

/// The instance or workspace that something belongs to, in lower case.
fn place_of(id: &ResourceId) -> String {
    let folded = id.as_str().to_ascii_lowercase();
    let from = folded.find("/workspaces/").map(|at| at + "/workspaces/".len());
    match from.and_then(|from| Some(from + folded.get(from..)?.find('/')?)) {
        Some(end) => folded.get(..end).unwrap_or_default().to_owned(),
        None => {
            let from = folded.find("/service/").map_or(0, |at| at + "/service/".len());
            let end = folded.get(from..).and_then(|rest| rest.find('/')).map_or(folded.len(), |end| from + end);
            folded.get(..end).unwrap_or_default().to_owned()
        }
    }
}

/// What a policy document belongs to, in lower case.
fn owner_of(id: &ResourceId) -> String {
    let folded = id.as_str().to_ascii_lowercase();
    folded.rfind("/policies/").and_then(|at| folded.get(..at)).unwrap_or_default().to_owned()
}

fn is_fragment(id: &ResourceId) -> bool {
    id.as_str().to_ascii_lowercase().contains("/policyfragments/")
}

/// What people call a document: `apis/orders`, `global`.
fn shown(id: &ResourceId) -> String {
    let text = id.as_str();
    let folded = text.to_ascii_lowercase();
    let from = folded.find("/service/").map_or(0, |at| at + "/service/".len());
    let from = folded.get(from..).and_then(|rest| rest.find('/')).map_or(folded.len(), |at| from + at + 1);
    let end = folded.rfind("/policies/").unwrap_or(folded.len());
    match text.get(from..end) {
        Some(scope) if !scope.is_empty() => scope.to_owned(),
        _ => "global".to_owned(),
    }
}

impl<'s> All<'s> {
    fn new(sources: &'s Sources<'s>, cloud: &Cloud) -> Self {
        let mut named_values: HashMap<(String, String), Vec<Option<&str>>> = HashMap::new();
        for (id, value) in &sources.named_values {
            let name = value.display_name.as_deref().unwrap_or_else(|| id.name()).to_lowercase();
            let is_hidden = value.key_vault.is_some() || value.secret == Some(true);
            let text = value.value.as_deref().filter(|text| !is_hidden && *text != crate::model::setting::REDACTED);
            named_values.entry((place_of(id), name)).or_default().push(text);
        }
        let fragments = sources.documents.iter().enumerate().filter(|(_, document)| is_fragment(document.id));
        let fragments = fragments
            .map(|(at, document)| ((place_of(document.id), document.id.name().to_ascii_lowercase()), (at, document)));
        Self {
            sources,
            vaults: Vaults::of(cloud),
            named_values,
            fragments: fragments.collect(),
            ready: vec![Ready::default(); sources.documents.len()],
            nodes: HashMap::new(),
            naming: BTreeSet::new(),
            used: BTreeSet::new(),
            included: BTreeSet::new(),
            calls: BTreeSet::new(),
            gaps: BTreeSet::new(),
            waiting: BTreeMap::new(),
            decided: BTreeSet::new(),
            steps: 0,
            is_too_much: false,
            apis: HashMap::new(),
            operations: HashMap::new(),
            by_products: HashMap::new(),
        }
    }

    fn document(&self, at: usize) -> Option<&'s Document<'s>> {
        self.sources.documents.get(at)
    }

    /// Makes every document ready.
    fn read(&mut self) {
        for (id, api) in &self.sources.apis {
            self.apis.insert(id.as_str().to_ascii_lowercase(), (*id, api.service_url.as_deref()));
        }
        for (id, operation) in &self.sources.operations {
            let folded = id.as_str().to_ascii_lowercase();
            let api = folded.split("/operations/").next().unwrap_or_default().to_owned();
            self.operations.entry(api).or_default().push((*id, *operation));
        }
        let mut first = 0;
        let mut trees = Vec::new();
        for document in &self.sources.documents {
            let tree = scan(document.text.unwrap_or_default());
            let from = first;
            first += tree.len() + 1;
            trees.push((tree, from));
        }
        for (at, document) in self.sources.documents.iter().enumerate() {
            let Some((tree, from)) = trees.get(at) else { continue };
            let name = shown(document.id);
            let is_link = document.format.is_some_and(|format| format.to_ascii_lowercase().ends_with("-link"));
            if is_link || document.text.is_none() {
                self.gaps.insert(Gap::not_collected(format!("the text of policy `{name}`"), again(document.id)));
                continue;
            }
            let text = document.text.unwrap_or_default();
            if tree.is_broken && self.vaults.concern(text) {
                let what = format!("the end of policy `{name}`, which names Key Vault,");
                self.gaps.insert(Gap::unreadable(what, again(document.id)));
            }
            if is_fragment(document.id) {
                // What a fragment does is done where it is included.
                let mut steps = Vec::new();
                for (root, _) in tree.roots() {
                    self.children(&trees, tree, *from, root, false, 0, at, &mut steps);
                }
                self.is_stripped(tree, document, &name);
                continue;
            }
            let mut ready = Ready::default();
            for (root, element) in tree.roots() {
                if element.name != "policies" {
                    // A resolver's document is one element.
                    self.element(&trees, tree, *from, root, false, 0, at, &mut ready.sections[0]);
                    continue;
                }
                let mut has_section = false;
                for (place, section) in tree.children(root) {
                    match SECTIONS.iter().position(|name| *name == section.name) {
                        Some(number) => {
                            has_section = true;
                            if let Some(steps) = ready.sections.get_mut(number) {
                                self.children(&trees, tree, *from, place, false, 0, at, steps);
                            }
                        }
                        None => self.element(&trees, tree, *from, place, false, 0, at, &mut ready.sections[0]),
                    }
                }
                if !has_section {
                    self.is_stripped(tree, document, &name);
                }
                // A section that is not written may be the parent's.
                for (number, name) in SECTIONS.iter().enumerate() {
                    if tree.child(root, name).is_none()
                        && let Some(steps) = ready.sections.get_mut(number)
                    {
                        steps.push(Step { action: Action::Base, is_conditional: true, node: *from });
                    }
                }
            }
            if let Some(own) = self.ready.get_mut(at) {
                *own = ready;
            }
        }
    }

    /// A document without sections was reduced to its literal calls by an older version of this program.
    fn is_stripped(&mut self, tree: &Tree, document: &Document<'_>, name: &str) {
        let is_policies = tree.roots().next().is_some_and(|(_, root)| root.name == "policies");
        if is_policies {
            let what =
                format!("the whole text of policy `{name}`: an older version of apim-doctor recorded only part of it");
            self.gaps.insert(Gap::incomplete(what, again(document.id)));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one recursion over a tree, and what it fills")]
    fn children(
        &mut self,
        trees: &[(Tree, usize)],
        tree: &Tree,
        from: usize,
        of: usize,
        is_conditional: bool,
        depth: u8,
        document: usize,
        steps: &mut Vec<Step>,
    ) {
        for (at, _) in tree.children(of) {
            self.element(trees, tree, from, at, is_conditional, depth, document, steps);
        }
    }

    /// Makes one element ready. `from`: the number of the first node of this text; `depth`: of fragments.
    #[expect(clippy::too_many_arguments, reason = "one recursion over a tree, and what it fills")]
    fn element(
        &mut self,
        trees: &[(Tree, usize)],
        tree: &Tree,
        from: usize,
        at: usize,
        is_conditional: bool,
        depth: u8,
        document: usize,
        steps: &mut Vec<Step>,
    ) {
        let Some(element) = tree.get(at) else { return };
        // A document is read once; a fragment as often as it is included.
        self.steps += usize::from(depth > 0);
        if self.steps > MOST_STEPS {
            self.is_too_much = true;
            return;
        }
        let node = from + at;
        let attribute = |name: &str| element.attribute(name).map(str::to_owned);
        let mut what = "an element";
        let mut add = |action: Action| steps.push(Step { action, is_conditional, node });
        match element.name.as_str() {
            "base" => add(Action::Base),
            "set-variable" => {
                what = "a variable";
                add(Action::Variable {
                    name: attribute("name").unwrap_or_default(),
                    value: attribute("value").unwrap_or_default(),
                });
            }
            "authentication-managed-identity" => {
                what = "`authentication-managed-identity`";
                add(Action::Token {
                    variable: attribute("output-token-variable-name"),
                    resource: attribute("resource").unwrap_or_default(),
                    client_id: attribute("client-id").filter(|id| !id.is_empty()),
                });
            }
            "send-request" | "send-one-way-request" | "http-request" => {
                what = "a request";
                add(Action::Request(Box::new(request(tree, at, element))));
            }
            "set-backend-service" => {
                what = "`set-backend-service`";
                add(Action::Backend { url: attribute("base-url"), id: attribute("backend-id") });
            }
            "rewrite-uri" => add(Action::Rewrite { template: attribute("template").unwrap_or_default() }),
            "set-method" => add(Action::Method { method: element.text.trim().to_owned() }),
            "set-header" if attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("authorization")) => {
                add(Action::Authorization { value: value_of(tree, at) });
            }
            "proxy" => add(Action::Proxy),
            "forward-request" => add(Action::Forward),
            "return-response" | "mock-response" => add(Action::Respond),
            "include-fragment" => {
                let name = attribute("fragment-id").unwrap_or_default();
                let place = self.document(document).map(|d| place_of(d.id)).unwrap_or_default();
                match self.fragments.get(&(place, name.to_ascii_lowercase())).copied() {
                    Some(_) if self.is_too_much => {}
                    Some((fragment, _)) if depth < DEEPEST_FRAGMENT => {
                        self.included.insert(fragment);
                        if let Some((tree, from)) = trees.get(fragment) {
                            for (root, _) in tree.roots() {
                                self.children(trees, tree, *from, root, is_conditional, depth + 1, document, steps);
                            }
                        }
                    }
                    _ => add(Action::Unread { fragment: name }),
                }
            }
            name => {
                let sets = element.attributes.iter().filter(|(key, _)| key.ends_with("variable-name"));
                for (_, name) in sets {
                    add(Action::Opaque { name: name.trim().to_owned() });
                }
                let branches = ["when", "otherwise", "retry"].contains(&name);
                self.children(trees, tree, from, at, is_conditional || branches, depth, document, steps);
            }
        }
        // Requests are judged as a whole, with what stands in them.
        let texts: Vec<&str> = match what {
            "a request" => (at..element.end).filter_map(|at| tree.get(at)).flat_map(texts).collect(),
            _ => texts(element).collect(),
        };
        let is_token = element.name == "authentication-managed-identity";
        let names = texts.iter().any(|text| self.vaults.are_named_in(text));
        let audience = is_token && element.attribute("resource").is_some_and(|text| self.vaults.are_audience(text));
        if names || audience {
            self.naming.insert(node);
            if what == "an element" && !["rewrite-uri", "proxy"].contains(&element.name.as_str()) {
                steps.push(Step { action: Action::Names, is_conditional, node });
            }
        }
        self.nodes.entry(node).or_insert((document, what));
    }

    /// Runs every document as the innermost one.
    fn run(&mut self) {
        let mut by_owner: HashMap<String, usize> = HashMap::new();
        for (at, document) in self.sources.documents.iter().enumerate() {
            if !is_fragment(document.id) {
                by_owner.insert(owner_of(document.id), at);
            }
        }
        let is_product = |owner: &str| owner.rsplit('/').nth(1) == Some("products");
        // Products first: their APIs see what they set.
        let mut owners: Vec<(String, Option<usize>)> = by_owner.iter().map(|(o, at)| (o.clone(), Some(*at))).collect();
        let apis = self.sources.apis.iter().map(|(id, _)| id.as_str().to_ascii_lowercase());
        owners.extend(apis.filter(|api| !by_owner.contains_key(api)).map(|api| (api, None)));
        owners.sort_by_key(|(owner, _)| (!is_product(owner), owner.clone()));
        for (owner, own) in owners {
            let mut chain: Vec<usize> = own.into_iter().collect();
            let mut parent = owner.as_str();
            while let Some((shorter, _)) = parent.rsplit_once('/') {
                parent = shorter;
                chain.extend(by_owner.get(parent));
            }
            let api = self.api_of(&owner);
            let place = self.place(&owner);
            let layer = if is_product(&owner) || !owner.contains("/apis/") {
                Layer::default()
            } else {
                self.by_products.get(&place).cloned().unwrap_or_default()
            };
            let run = Run::new(self, chain, owner.clone(), place.clone(), layer);
            let env = run.whole(api);
            if is_product(&owner) {
                let layer = self.by_products.entry(place).or_default();
                for (name, variable) in env.variables {
                    match layer.variables.get_mut(&name) {
                        Some(known) if known.values != variable.values => known.is_unsure = true,
                        Some(_) => {}
                        None => {
                            layer.variables.insert(name, variable);
                        }
                    }
                }
                layer.tokens.extend(env.tokens);
            }
        }
    }

    fn place(&self, owner: &str) -> String {
        place_of(&ResourceId::new(&format!("{owner}/x")))
    }

    /// The API that a scope belongs to.
    fn api_of(&self, owner: &str) -> Option<(&'s ResourceId, Option<&'s str>)> {
        let from = owner.find("/apis/").map(|at| at + "/apis/".len())?;
        let end = owner.get(from..).and_then(|rest| rest.find('/')).map_or(owner.len(), |end| from + end);
        let id = owner.get(..end)?;
        self.apis.get(id).copied()
    }

    /// All calls, and a gap for everything that names a vault and that no call accounts for.
    fn found(mut self) -> Found {
        for (node, gaps) in &self.waiting {
            if !self.decided.contains(node) {
                self.gaps.extend(gaps.iter().cloned());
            }
        }
        for node in self.naming.difference(&self.used) {
            let Some((document, what)) = self.nodes.get(node) else { continue };
            let Some(document) = self.sources.documents.get(*document) else { continue };
            let at = shown(document.id);
            let gap = match *what {
                "`authentication-managed-identity`" => Gap::not_evaluated(format!(
                    "policy `{at}` asks for a Key Vault token, and the call that carries it was not identified"
                ))
                .advise("check in the policy to which URL this token is sent, and trace a request"),
                what => Gap::not_evaluated(format!(
                    "policy `{at}` names a vault in {what}, and the call that uses it was not identified"
                ))
                .advise("check in the policy how this address is used, and trace a request"),
            };
            self.gaps.insert(gap);
        }
        if self.is_too_much {
            let what = "the policies of this instance have too many elements to be followed";
            self.gaps.insert(Gap::not_evaluated(what).advise("diagnose one API at a time"));
        }
        Found { calls: self.calls.into_iter().collect(), gaps: self.gaps.into_iter().collect() }
    }
}

/// The request for a list of the instance that a document belongs to.
fn of_instance(document: &ResourceId, list: &str, query: &'static str) -> Get {
    Get::list(&instance_of(document), &format!("microsoft.apimanagement/service/{list}")).with(query)
}

/// The instance that a document belongs to.
fn instance_of(document: &ResourceId) -> ResourceId {
    document.within("Microsoft.ApiManagement/service").unwrap_or_else(|| document.clone())
}

/// The request for the whole text of a policy.
fn again(id: &ResourceId) -> Get {
    Get::resource(id).with("format=rawxml")
}

/// The texts of an element: its attributes and what stands inside.
fn texts(element: &Element) -> impl Iterator<Item = &str> {
    element.attributes.iter().map(|(_, value)| value.as_str()).chain([element.text.as_str()])
}

/// The values of a header, one after the other.
fn value_of(tree: &Tree, at: usize) -> String {
    tree.children(at).filter(|(_, child)| child.name == "value").map(|(_, child)| child.text.trim()).collect()
}

fn request(tree: &Tree, at: usize, element: &Element) -> Request {
    let mut request = Request {
        is_copy: element.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("copy")),
        variable: element.attribute("response-variable-name").map(str::to_owned),
        ..Request::default()
    };
    for (place, child) in tree.children(at) {
        let text = || child.text.trim().to_owned();
        match child.name.as_str() {
            "set-url" => request.url = Some(text()),
            "set-method" => request.method = Some(text()),
            "set-backend-service" => {
                let base = child.attribute("base-url").unwrap_or(COMPUTED);
                request.url = Some(base.to_owned());
            }
            "set-header" if child.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("authorization")) => {
                request.authorization = Some(value_of(tree, place));
            }
            "authentication-managed-identity" => {
                let client_id = child.attribute("client-id").filter(|id| !id.is_empty());
                request.token =
                    Some((child.attribute("resource").unwrap_or_default().to_owned(), client_id.map(str::to_owned)));
            }
            "proxy" => request.is_proxied = true,
            _ => {}
        }
    }
    request
}

/// What a run leaves behind.
struct Env {
    variables: HashMap<String, Variable>,
    tokens: Vec<(usize, bool)>,
}

/// Where a request goes to.
enum Target {
    /// To a vault: the URL as far as it is known, and whether that is all of it.
    Vault(String, bool),
    /// To something else.
    Other,
    /// Not known; whether a vault is named.
    Unknown { names_vault: bool, missing: Vec<Missing> },
}

/// A `set-backend-service` that was run.
struct Chosen {
    url: Option<String>,
    id: Option<String>,
    node: usize,
    document: usize,
    is_conditional: bool,
}

/// A backend that the forwarded request may go to.
struct Candidate {
    url: Value,
    /// The element that chose it, and its document.
    node: usize,
    document: usize,
    has_credentials: bool,
    is_proxied: bool,
}

/// One run through the documents of a chain, the innermost first.
struct Run<'a, 's> {
    all: &'a mut All<'s>,
    chain: Vec<usize>,
    owner: String,
    place: String,
    layer: Layer,
    env: HashMap<String, Variable>,
    /// Elements that put a token on the forwarded request, and whether only under a condition.
    tokens: Vec<(usize, bool)>,
    headers: Vec<(String, usize)>,
    backends: Vec<Chosen>,
    token_of: HashMap<usize, (String, Option<String>, usize)>,
    rewrite: Option<String>,
    is_rewritten_twice: bool,
    is_proxied: bool,
    is_forwarded: bool,
    is_answered: bool,
    method: Option<String>,
    /// The document that is run just now.
    current: usize,
}

impl<'a, 's> Run<'a, 's> {
    fn new(all: &'a mut All<'s>, chain: Vec<usize>, owner: String, place: String, layer: Layer) -> Self {
        Self {
            all,
            chain,
            owner,
            place,
            layer,
            env: HashMap::new(),
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

    fn whole(mut self, api: Option<(&'s ResourceId, Option<&'s str>)>) -> Env {
        for section in 0..SECTIONS.len() {
            self.section(0, section, false);
        }
        if self.is_forwarded && !self.is_answered {
            self.forwarded(api);
        }
        Env { variables: self.env, tokens: self.tokens }
    }

    fn section(&mut self, level: usize, section: usize, is_conditional: bool) {
        let Some(document) = self.chain.get(level).copied() else {
            // Without a global document, the request is forwarded.
            self.is_forwarded |= SECTIONS.get(section) == Some(&"backend");
            return;
        };
        let steps = self.all.ready.get_mut(document).and_then(|ready| ready.sections.get_mut(section));
        let steps = steps.map(std::mem::take).unwrap_or_default();
        let mut has_base = false;
        for step in &steps {
            self.all.steps += 1;
            if self.all.steps > MOST_STEPS {
                self.all.is_too_much = true;
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
        if let Some(own) = self.all.ready.get_mut(document).and_then(|ready| ready.sections.get_mut(section)) {
            *own = steps;
        }
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
                let missing =
                    vec![Missing::Gap(Gap::computed(format!("variable `{name}` is set while a request runs")))];
                self.set(name, vec![Value { missing, ..Value::unknown() }], is_conditional, node);
            }
            Action::Token { variable, resource, client_id } => {
                self.token_of.insert(node, (resource.clone(), client_id.clone(), self.current));
                match variable.as_deref().filter(|name| !name.is_empty()) {
                    Some(name) => {
                        let value = Value { parts: vec![Part::Token(node)], from: vec![node], ..Value::default() };
                        self.set(name, vec![value], is_conditional, node);
                    }
                    None if section < 2 => self.tokens.push((node, is_conditional)),
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
            Action::Authorization { value } if section < 2 => self.headers.push((value.clone(), node)),
            Action::Proxy => self.is_proxied = true,
            Action::Forward => self.is_forwarded = true,
            Action::Respond => self.is_answered |= section == 0 && !is_conditional,
            Action::Unread { fragment } => {
                let Some(document) = self.all.document(self.current) else { return };
                let what = format!("policy fragment `{fragment}`, which policy `{}` includes,", shown(document.id));
                self.all
                    .gaps
                    .insert(Gap::not_collected(what, of_instance(document.id, "policyFragments", "format=rawxml")));
            }
            _ => {}
        }
    }

    fn set(&mut self, name: &str, values: Vec<Value>, is_conditional: bool, node: usize) {
        let is_again = self.env.contains_key(name);
        let mut all = self.env.remove(name).map(|known| known.values).unwrap_or_default();
        all.extend(values);
        all.truncate(16);
        self.env.insert(name.to_owned(), Variable { values: all, is_unsure: is_again || is_conditional, node });
    }

    fn uses(&mut self, value: &Value) {
        self.all.used.extend(&value.from);
    }

    /// Where a URL leads.
    fn target(&self, value: &Value) -> Target {
        let prefix = value.prefix();
        let is_whole = value.known().is_some();
        let text = prefix.trim();
        if let Some(host) = host_of(text) {
            let folded = host.to_ascii_lowercase();
            let ends = is_whole
                || text.get(text.find("://").map_or(0, |at| at + 3)..).is_some_and(|rest| rest.contains(['/', '?']));
            if self.all.vaults.have(&folded) {
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
        let named =
            value.parts.iter().any(|part| matches!(part, Part::Text(text) if self.all.vaults.are_named_in(text)));
        Target::Unknown { names_vault: value.names_vault || named, missing: value.missing.clone() }
    }

    fn identity_of(&self, resource: &str, client_id: Option<&str>) -> Identity {
        let one = |text: &str| match values(text, self).as_slice() {
            [value] => value.known().unwrap_or_else(|| COMPUTED.to_owned()),
            _ => COMPUTED.to_owned(),
        };
        Identity::Managed { client_id: client_id.map(one), audience: one(resource) }
    }

    fn has_vault_audience(&self, identity: &Identity) -> bool {
        matches!(identity, Identity::Managed { audience, .. } if self.all.vaults.are_audience(audience))
    }

    /// Whose token an `Authorization` header carries.
    fn of_header(&mut self, header: &str) -> Identity {
        let found = values(header, self);
        let tokens: BTreeSet<usize> = found.iter().flat_map(Value::tokens).collect();
        for value in &found {
            self.uses(value);
        }
        let only = tokens.first().filter(|_| tokens.len() == 1 && found.len() == 1);
        match only.and_then(|node| self.token_of.get(node).cloned()) {
            Some((resource, client_id, _)) => self.identity_of(&resource, client_id.as_deref()),
            None => unknown_identity("who made the token in the `Authorization` header"),
        }
    }

    fn request(&mut self, request: &Request, node: usize) {
        let inherited = |run: &Self| {
            run.tokens.first().filter(|_| run.tokens.len() == 1 && run.headers.is_empty()).map(|(node, _)| *node)
        };
        let identity = match (&request.token, &request.authorization) {
            (Some((resource, client_id)), _) => self.identity_of(resource, client_id.as_deref()),
            (None, Some(header)) => self.of_header(header),
            (None, None) if request.is_copy => {
                match inherited(self).and_then(|node| Some((node, self.token_of.get(&node).cloned()?))) {
                    Some((token, (resource, client_id, _))) => {
                        self.all.used.insert(token);
                        self.identity_of(&resource, client_id.as_deref())
                    }
                    None => unknown_identity("whose token the copied request carries"),
                }
            }
            (None, None) => Identity::Unknown(
                Gap::ambiguous(
                    "who calls: the request carries no token, and Key Vault answers 401 (AKV10000) without one",
                )
                .advise("add `authentication-managed-identity` to the request"),
            ),
        };
        let urls = match &request.url {
            Some(url) => values(url, self),
            None => {
                let what = "the URL is copied from the request being handled";
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
    fn judge(&mut self, url: &Value, node: usize, identity: Identity, method: Option<String>, is_proxied: bool) {
        let document = self.current;
        let for_vault = self.has_vault_audience(&identity);
        match self.target(url) {
            Target::Vault(text, is_whole) => {
                self.uses(url);
                self.all.used.insert(node);
                self.all.decided.insert(node);
                let Some(id) = self.all.document(document).map(|d| d.id.clone()) else { return };
                self.all.calls.insert(Call {
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
                self.all.used.insert(node);
                let Some(document) = self.all.document(document) else { return };
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
                    None => Gap::computed("it is computed while a request runs"),
                }
                .leaves_open(open);
                match is_waiting {
                    true => {
                        self.all.waiting.entry(node).or_default().insert(gap);
                    }
                    false => {
                        self.all.gaps.insert(gap);
                    }
                }
            }
            Target::Unknown { .. } => {}
            // A token for a vault that goes elsewhere, or a vault named in a header or a body.
            Target::Other => {
                self.uses(url);
                if for_vault {
                    self.all.used.insert(node);
                    let of = self.all.document(document).map(|d| shown(d.id)).unwrap_or_default();
                    let host = host_of(&url.prefix()).unwrap_or_default().to_owned();
                    let what =
                        format!("whether `{host}`, to which policy `{of}` sends a Key Vault token, leads to a vault");
                    let gap = Gap::outside_azure(what, ClosedBy::Nothing).advise("check what answers at this host");
                    self.all.gaps.insert(gap);
                } else if !self.all.vaults.are_named_in(&url.prefix()) {
                    // A vault in its body is named, and not called.
                    self.all.decided.insert(node);
                }
            }
        }
    }

    /// The request that is forwarded to the backend.
    fn forwarded(&mut self, api: Option<(&'s ResourceId, Option<&'s str>)>) {
        let backends = std::mem::take(&mut self.backends);
        let mut targets = Vec::new();
        let is_replaced = backends.iter().any(|chosen| !chosen.is_conditional);
        for Chosen { url, id, node, document, .. } in &backends {
            let (node, document) = (*node, *document);
            if let Some(url) = url {
                let of = |url| Candidate { url, node, document, has_credentials: false, is_proxied: false };
                targets.extend(values(url, self).into_iter().map(of));
            }
            if let Some(id) = id {
                self.entity(id, node, document, &mut targets);
            }
        }
        let own = api.filter(|_| !is_replaced).and_then(|(id, url)| Some((id, url?)));
        let mut identity = None;
        for Candidate { url: value, node, document, has_credentials, is_proxied } in targets {
            let identity = match has_credentials {
                true => unknown_identity("which token the backend's own credentials hold"),
                false => identity.get_or_insert_with(|| self.forwarded_identity()).clone(),
            };
            let before = self.current;
            self.current = document;
            // A host that certainly is not a vault needs no operations.
            if matches!(self.target(&value), Target::Other) {
                self.judge(&value, node, identity.clone(), None, false);
                self.current = before;
                continue;
            }
            for (url, method) in self.requests(&value, api.map(|(id, _)| id)) {
                self.judge(&url, node, identity.clone(), method, self.is_proxied || is_proxied);
            }
            self.current = before;
        }
        // Of an operation only what its own document changes is new.
        let is_api = api.is_some_and(|(id, _)| id.as_str().eq_ignore_ascii_case(&self.owner));
        let Some((id, url)) = own.filter(|_| is_api || !self.tokens.is_empty() || !self.headers.is_empty()) else {
            return;
        };
        for value in values(url, self) {
            if matches!(self.target(&value), Target::Other | Target::Unknown { names_vault: false, .. }) {
                continue;
            }
            for (url, method) in self.requests(&value, Some(id)) {
                let of = match (is_api, self.chain.first().and_then(|at| self.all.document(*at))) {
                    (false, Some(document)) => document.id.clone(),
                    _ => id.clone(),
                };
                match self.target(&url) {
                    Target::Vault(text, is_whole) => {
                        let identity = identity.get_or_insert_with(|| self.forwarded_identity()).clone();
                        let declared_at = (id.clone(), "/properties/serviceUrl");
                        let is_proxied = self.is_proxied;
                        self.all.calls.insert(Call {
                            of,
                            declared_at,
                            url: text,
                            is_whole,
                            method,
                            identity,
                            is_proxied,
                        });
                    }
                    Target::Unknown { names_vault: true, .. } => {
                        let what = format!("to which vault API `{}` is forwarded", id.name());
                        self.all.gaps.insert(Gap::computed(what).advise("check the API's `serviceUrl`"));
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
        for (header, _) in &headers {
            all.insert(self.of_header(header));
        }
        self.headers = headers;
        let tokens: Vec<usize> = self.tokens.iter().chain(&self.layer.tokens).map(|(node, _)| *node).collect();
        for node in tokens {
            self.all.used.insert(node);
            all.insert(match self.token_of.get(&node).cloned().or_else(|| self.all.token_at(node)) {
                Some((resource, client_id, _)) => self.identity_of(&resource, client_id.as_deref()),
                None => unknown_identity("which identity a product's policy uses"),
            });
        }
        match (all.pop_first(), all.is_empty()) {
            (Some(only), true) => only,
            (Some(_), false) => unknown_identity("which of several tokens the forwarded request carries"),
            (None, _) => unknown_identity(
                "whose token the forwarded request carries: the caller's own, or that of an identity of the backend, \
                 which Azure does not show",
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
        let own: Vec<_> =
            self.all.sources.backends.iter().filter(|(id, _)| place_of(id) == self.place).copied().collect();
        let Some(name) = known else {
            // Every backend that is a vault is a possible target.
            for (_, backend) in own {
                if let Some(url) = backend.url.as_deref().filter(|url| self.all.vaults.begin(url)) {
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
                let Some(document) = self.all.document(document) else { continue };
                let what =
                    format!("backend `{name}`, which policy `{}` uses and which may be a vault,", shown(document.id));
                self.all.gaps.insert(Gap::not_collected(what, of_instance(document.id, "backends", "")));
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
        let operations = self.all.operations.get(&own).into_iter().flatten();
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

impl All<'_> {
    /// The token that an element of any document asks for.
    fn token_at(&self, node: usize) -> Option<(String, Option<String>, usize)> {
        self.ready.iter().enumerate().find_map(|(at, ready)| {
            ready.sections.iter().flatten().find(|step| step.node == node).and_then(|step| match &step.action {
                Action::Token { resource, client_id, .. } => Some((resource.clone(), client_id.clone(), at)),
                _ => None,
            })
        })
    }
}

fn of_backend(url: &str, backend: &Backend, node: usize, document: usize, run: &Run<'_, '_>) -> Candidate {
    let mut url = values(url, run).into_iter().next().unwrap_or_default();
    url.from.push(node);
    let (has_credentials, is_proxied) = (backend.has_token(), backend.proxy.as_ref().is_some_and(|p| !p.is_null()));
    Candidate { url, node, document, has_credentials, is_proxied }
}

fn unknown_identity(what: &str) -> Identity {
    Identity::Unknown(Gap::computed(what).advise("check the policy and the backend's credentials, or trace a request"))
}

/// A method that is written out.
fn method_of(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic())).then(|| text.to_ascii_uppercase())
}

impl Scope for Run<'_, '_> {
    fn named_value(&self, name: &str) -> Result<String, Missing> {
        let key = (self.place_of_current(), name.to_lowercase());
        match self.all.named_values.get(&key).map(Vec::as_slice) {
            Some([Some(value)]) => Ok((*value).to_owned()),
            Some([None]) => Err(Missing::Gap(
                Gap::not_kept(format!("the value of named value `{name}` is not kept"))
                    .advise("look at the named value"),
            )),
            _ => {
                let at = ResourceId::new(&self.place_of_current());
                let list = Get::list(&at, "microsoft.apimanagement/service/namedValues");
                Err(Missing::Gap(Gap::not_collected(format!("the value of named value `{name}`"), list)))
            }
        }
    }

    fn variable(&self, name: &str) -> Vec<Value> {
        let (own, above) = (self.env.get(name), self.layer.variables.get(name));
        let Some(variable) = own.or(above) else {
            return vec![Value { missing: vec![Missing::Variable(name.to_owned())], ..Value::unknown() }];
        };
        let differs = own.zip(above).is_some_and(|(own, above)| own.values != above.values);
        if !variable.is_unsure && !differs {
            return variable.values.clone();
        }
        let mut value = Value::unknown();
        for known in own.iter().chain(&above).flat_map(|variable| &variable.values) {
            let text: String = known
                .parts
                .iter()
                .filter_map(|part| match part {
                    Part::Text(text) => Some(text.as_str()),
                    Part::Token(_) | Part::Unknown => None,
                })
                .collect();
            value.names_vault |= known.names_vault || self.all.vaults.are_named_in(&text);
            value.from.extend(&known.from);
        }
        value.from.push(variable.node);
        value.missing.push(Missing::Gap(Gap::computed(format!(
            "variable `{name}` is set more than once, or under a condition"
        ))));
        vec![value]
    }

    fn names_vault(&self, text: &str) -> bool {
        self.all.vaults.are_named_in(text)
    }

    fn is_vault_url(&self, text: &str) -> bool {
        self.all.vaults.begin(text)
    }
}

impl Run<'_, '_> {
    /// The instance or workspace whose named values the document that is run just now uses.
    fn place_of_current(&self) -> String {
        self.all.document(self.current).map_or_else(|| self.place.clone(), |document| place_of(document.id))
    }
}
