//! Policy documents, reduced to the steps that matter, in the order in which the gateway does them.

use std::collections::{BTreeSet, HashMap};

use super::place::{is_fragment, place_of, shown};
use super::scan::{Element, Tree, scan};
use super::{COMPUTED, Document, Sources, Vaults};
use crate::base::ResourceId;
use crate::model::{Gap, Get};

/// More steps than this are not followed: a fragment may be included, and a parent run, very often.
const MOST_STEPS: usize = 400_000;

/// Fragments in fragments; the documentation allows none.
const DEEPEST_FRAGMENT: u8 = 3;

/// The sections of a document, in the order in which they run.
pub(super) const SECTIONS: [&str; 4] = ["inbound", "backend", "outbound", "on-error"];

/// One thing that a policy does and that may matter.
#[derive(Clone, Debug)]
pub(super) enum Action {
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
pub(super) struct Request {
    pub is_copy: bool,
    pub url: Option<String>,
    pub method: Option<String>,
    pub authorization: Option<String>,
    /// `resource` and `client-id`.
    pub token: Option<(String, Option<String>)>,
    pub is_proxied: bool,
    pub variable: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub action: Action,
    pub is_conditional: bool,
    /// Which element of which text, as one number over all texts.
    pub node: usize,
}

/// A document, made ready to be run.
#[derive(Clone, Debug, Default)]
pub(super) struct Ready {
    pub sections: [Vec<Step>; 4],
}

/// All documents of an instance, made ready to be run.
pub(super) struct Documents<'s> {
    pub sources: &'s Sources<'s>,
    pub vaults: Vaults,
    /// What each document does, by its number.
    pub ready: Vec<Ready>,
    /// The document that each node stands in, by its number, and what the node is.
    pub nodes: HashMap<usize, (usize, &'static str)>,
    /// Nodes that name a vault or ask a token for one.
    pub naming: BTreeSet<usize>,
    /// What could not be read.
    pub gaps: BTreeSet<Gap>,
    /// Steps so far, of all documents and runs.
    steps: usize,
    /// There are too many steps to follow them.
    pub is_too_much: bool,
    fragments: HashMap<(String, String), usize>,
}

/// A text that is being read: which one, and where what it says is done.
#[derive(Clone, Copy)]
struct Text<'t> {
    /// All texts, each with the number of its first node.
    all: &'t [(Tree, usize)],
    tree: &'t Tree,
    /// The number of its first node.
    first: usize,
    /// The number of the document that does it; a fragment is part of the one that includes it.
    document: usize,
    /// How many fragments it stands in.
    depth: u8,
    is_conditional: bool,
}

impl<'t> Text<'t> {
    /// The text of a document.
    fn of(all: &'t [(Tree, usize)], document: usize) -> Option<Self> {
        let (tree, first) = all.get(document)?;
        Some(Self { all, tree, first: *first, document, depth: 0, is_conditional: false })
    }

    /// The text of a fragment that this one includes.
    fn included(self, fragment: usize) -> Option<Self> {
        let (tree, first) = self.all.get(fragment)?;
        Some(Self { tree, first: *first, depth: self.depth + 1, ..self })
    }
}

impl<'s> Documents<'s> {
    /// Reads every document.
    pub(super) fn read(sources: &'s Sources<'s>, vaults: Vaults) -> Self {
        let fragments = sources.documents.iter().enumerate().filter(|(_, document)| is_fragment(document.id));
        let fragments =
            fragments.map(|(at, document)| ((place_of(document.id), document.id.name().to_ascii_lowercase()), at));
        let mut documents = Self {
            sources,
            vaults,
            ready: Vec::new(),
            nodes: HashMap::new(),
            naming: BTreeSet::new(),
            gaps: BTreeSet::new(),
            steps: 0,
            is_too_much: false,
            fragments: fragments.collect(),
        };
        let mut first = 0;
        let texts = sources.documents.iter().map(|document| {
            let tree = scan(document.text.unwrap_or_default());
            let own = first;
            first += tree.len() + 1;
            (tree, own)
        });
        let texts: Vec<(Tree, usize)> = texts.collect();
        for (number, document) in sources.documents.iter().enumerate() {
            let ready = Text::of(&texts, number).map(|text| documents.document(document, text)).unwrap_or_default();
            documents.ready.push(ready);
        }
        documents
    }

    /// Counts a step; whether there are too many now.
    pub(super) fn is_one_too_many(&mut self) -> bool {
        self.steps += 1;
        self.is_too_much |= self.steps > MOST_STEPS;
        self.steps > MOST_STEPS
    }

    /// What people call a document, by its number.
    pub(super) fn shown(&self, number: usize) -> String {
        self.sources.documents.get(number).map(|document| shown(document.id)).unwrap_or_default()
    }

    fn document(&mut self, document: &Document<'_>, text: Text<'_>) -> Ready {
        let (name, mut ready) = (shown(document.id), Ready::default());
        let is_link = document.format.is_some_and(|format| format.to_ascii_lowercase().ends_with("-link"));
        let Some(written) = document.text.filter(|_| !is_link) else {
            self.gaps.insert(Gap::not_collected(format!("the text of policy `{name}`"), again(document.id)));
            return ready;
        };
        if text.tree.is_broken && self.vaults.concern(written) {
            let what = format!("the end of policy `{name}`, which names Key Vault,");
            self.gaps.insert(Gap::unreadable(what, again(document.id)));
        }
        if is_fragment(document.id) {
            // What a fragment does is done where it is included; here only its vaults are looked for.
            text.tree.roots().for_each(|(root, _)| self.children(text, root, &mut Vec::new()));
            self.is_stripped(text);
            return ready;
        }
        for (root, element) in text.tree.roots() {
            match element.name.as_str() {
                "policies" => self.policies(text, root, &mut ready.sections),
                // A resolver's document is one element.
                _ => self.element(text, root, &mut ready.sections[0]),
            }
        }
        ready
    }

    /// Reads the element that holds the sections.
    fn policies(&mut self, text: Text<'_>, root: usize, sections: &mut [Vec<Step>; 4]) {
        for (at, element) in text.tree.children(root) {
            let own = SECTIONS.iter().zip(&mut *sections).find(|(name, _)| **name == element.name);
            match own {
                Some((_, steps)) => self.children(text, at, steps),
                None => self.element(text, at, &mut sections[0]),
            }
        }
        let is_written = |name: &str| text.tree.child(root, name).is_some();
        if !SECTIONS.into_iter().any(is_written) {
            self.is_stripped(text);
        }
        // A section that is not written may be the parent's.
        for (_, steps) in SECTIONS.iter().zip(sections).filter(|(name, _)| !is_written(name)) {
            steps.push(Step { action: Action::Base, is_conditional: true, node: text.first });
        }
    }

    /// A document without sections was reduced to its literal calls by an older version of this program.
    fn is_stripped(&mut self, text: Text<'_>) {
        let document = self.sources.documents.get(text.document);
        let is_policies = text.tree.roots().next().is_some_and(|(_, root)| root.name == "policies");
        if let Some(document) = document.filter(|_| is_policies) {
            let name = shown(document.id);
            let what =
                format!("the whole text of policy `{name}`: an older version of apim-doctor recorded only a part");
            self.gaps.insert(Gap::incomplete(what, again(document.id)));
        }
    }

    fn children(&mut self, text: Text<'_>, of: usize, steps: &mut Vec<Step>) {
        text.tree.children(of).for_each(|(at, _)| self.element(text, at, steps));
    }

    /// Adds what an element does.
    fn element(&mut self, text: Text<'_>, at: usize, steps: &mut Vec<Step>) {
        let Some(element) = text.tree.get(at) else { return };
        // A document is read once, and a fragment as often as it is included.
        if text.depth > 0 && self.is_one_too_many() {
            return;
        }
        let node = text.first + at;
        let attribute = |name: &str| element.attribute(name).map(str::to_owned);
        let what = noun(element);
        let mut add = |action: Action| steps.push(Step { action, is_conditional: text.is_conditional, node });
        match element.name.as_str() {
            "base" => add(Action::Base),
            "set-variable" => add(Action::Variable {
                name: attribute("name").unwrap_or_default(),
                value: attribute("value").unwrap_or_default(),
            }),
            "authentication-managed-identity" => add(Action::Token {
                variable: attribute("output-token-variable-name"),
                resource: attribute("resource").unwrap_or_default(),
                client_id: attribute("client-id").filter(|id| !id.is_empty()),
            }),
            "send-request" | "send-one-way-request" | "http-request" => {
                add(Action::Request(Box::new(Request::of(text.tree, at, element))));
            }
            "set-backend-service" => add(Action::Backend { url: attribute("base-url"), id: attribute("backend-id") }),
            "rewrite-uri" => add(Action::Rewrite { template: attribute("template").unwrap_or_default() }),
            "set-method" => add(Action::Method { method: element.text.trim().to_owned() }),
            "set-header" if attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("authorization")) => {
                add(Action::Authorization { value: value_of(text.tree, at) });
            }
            "proxy" => add(Action::Proxy),
            "forward-request" => add(Action::Forward),
            "return-response" | "mock-response" => add(Action::Respond),
            "include-fragment" => {
                let name = attribute("fragment-id").unwrap_or_default();
                match self.fragment(text, &name) {
                    Some(_) if self.is_too_much => {}
                    Some(fragment) => {
                        fragment.tree.roots().for_each(|(root, _)| self.children(fragment, root, steps));
                    }
                    None => add(Action::Unread { fragment: name }),
                }
            }
            name => {
                let sets = element.attributes.iter().filter(|(key, _)| key.ends_with("variable-name"));
                sets.for_each(|(_, name)| add(Action::Opaque { name: name.trim().to_owned() }));
                let branches = ["when", "otherwise", "retry"].contains(&name);
                let text = Text { is_conditional: text.is_conditional || branches, ..text };
                self.children(text, at, steps);
            }
        }
        // A request counts as a whole, with what stands in it.
        let texts: Vec<&str> = match what {
            "a request" => (at..element.end).filter_map(|at| text.tree.get(at)).flat_map(texts).collect(),
            _ => texts(element).collect(),
        };
        let is_token = element.name == "authentication-managed-identity";
        let names = texts.iter().any(|text| self.vaults.are_named_in(text));
        let audience = is_token && element.attribute("resource").is_some_and(|text| self.vaults.are_audience(text));
        if names || audience {
            self.naming.insert(node);
            if what == "an element" && !["rewrite-uri", "proxy"].contains(&element.name.as_str()) {
                steps.push(Step { action: Action::Names, is_conditional: text.is_conditional, node });
            }
        }
        self.nodes.entry(node).or_insert((text.document, what));
    }

    /// The text of the fragment that an element includes.
    fn fragment<'t>(&self, text: Text<'t>, name: &str) -> Option<Text<'t>> {
        let place = self.sources.documents.get(text.document).map(|document| place_of(document.id)).unwrap_or_default();
        let fragment = self.fragments.get(&(place, name.to_ascii_lowercase())).copied()?;
        text.included(fragment).filter(|_| text.depth < DEEPEST_FRAGMENT)
    }
}

/// What people call an element.
fn noun(element: &Element) -> &'static str {
    match element.name.as_str() {
        "set-variable" => "a variable",
        "authentication-managed-identity" => "`authentication-managed-identity`",
        "send-request" | "send-one-way-request" | "http-request" => "a request",
        "set-backend-service" => "`set-backend-service`",
        _ => "an element",
    }
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

impl Request {
    fn of(tree: &Tree, at: usize, element: &Element) -> Request {
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
                "set-header"
                    if child.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("authorization")) =>
                {
                    request.authorization = Some(value_of(tree, place));
                }
                "authentication-managed-identity" => {
                    let client_id = child.attribute("client-id").filter(|id| !id.is_empty());
                    request.token = Some((
                        child.attribute("resource").unwrap_or_default().to_owned(),
                        client_id.map(str::to_owned),
                    ));
                }
                "proxy" => request.is_proxied = true,
                _ => {}
            }
        }
        request
    }
}
