//! The state of an evaluation.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::template::declaration::{Declaration, Template};
use crate::template::deployment::Problem;
use crate::template::evaluation::environment::{Env, Home};
use crate::template::evaluation::options::{Given, Loader, Options};
use crate::template::place::Span;
use crate::template::resource::{Truth, Turn};
use crate::template::text;
use crate::template::value::{Kind, Unknown, Value, Why, hash};

/// How many steps one evaluation may take.
pub(super) const FUEL: u64 = 8_000_000;
/// How deep expressions, variables and modules may hang on each other.
pub(super) const DEEPEST: u32 = 220;
/// How much one value may hold, and how deep it may be nested.
pub(super) const LARGEST: u32 = 400_000;
pub(super) const DEEPEST_VALUE: u16 = 120;
/// How many resources and deployments there may be.
pub(super) const MOST_NODES: usize = 20_000;
pub(super) const MOST_INSTANCES: usize = 2_000;
/// How many turns one loop may have; the engine allows 800.
pub(super) const MOST_TURNS: i64 = 10_000;
/// How many problems are kept.
pub(super) const MOST_PROBLEMS: usize = 500;

/// The state of an evaluation.
pub(crate) struct Evaluator<'a> {
    pub(super) options: &'a Options,
    pub(super) loader: &'a mut dyn Loader,
    pub(super) instances: Vec<Instance>,
    pub(super) nodes: Vec<Node>,
    pub(super) by_id: HashMap<Arc<str>, Vec<u32>, foldhash::fast::FixedState>,
    /// What is known of resources that exist already, by their ids.
    pub(super) existing: HashMap<Arc<str>, Option<Value>, foldhash::fast::FixedState>,
    /// The ids of resources that were referred to and are not declared, by their canonical text.
    pub(super) ids: HashMap<Arc<str>, Value, foldhash::fast::FixedState>,
    pub(super) problems: Vec<Problem>,
    pub(super) told: HashSet<(Span, String), foldhash::fast::FixedState>,
    /// Above zero while something is evaluated that may not be there: what is wrong then is not told.
    pub(super) speculative: u32,
    pub(super) fuel: u64,
    pub(super) depth: u32,
    /// The resources that were referred to, one list for each thing that is being evaluated.
    pub(super) referred: Vec<Vec<u32>>,
    /// Whether headers are being evaluated because an id was not found.
    pub(super) searching: bool,
    /// Whether such a search came upon what is being evaluated already: then nothing that it found is kept.
    pub(super) tainted: bool,
    /// Whether all headers are evaluated.
    pub(super) all_headers: bool,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(options: &'a Options, loader: &'a mut dyn Loader) -> Self {
        Self {
            options,
            loader,
            instances: Vec::new(),
            nodes: Vec::new(),
            by_id: HashMap::default(),
            existing: HashMap::default(),
            ids: HashMap::default(),
            problems: Vec::new(),
            told: HashSet::default(),
            speculative: 0,
            fuel: FUEL,
            depth: 0,
            referred: Vec::new(),
            searching: false,
            tainted: false,
            all_headers: false,
        }
    }

    pub(super) fn root(&mut self, template: Arc<Template>, given: &Given) {
        let home = Home::of_options(self.options, template.target);
        for (name, value) in given.iter() {
            if template.parameters.get(name).is_none() {
                self.problem(value.span, format!("the template has no parameter `{name}`"));
            }
        }
        self.add_instance(Instance::new(template, home, Supplied::Given(given.clone()), None, None));
    }

    /// Says that something is wrong in a file.
    pub(super) fn problem(&mut self, span: Span, message: impl Into<String>) {
        let message = message.into();
        if self.speculative > 0 || self.problems.len() >= MOST_PROBLEMS || !self.told.insert((span, message.clone())) {
            return;
        }
        self.problems.push(Problem { span, message });
    }

    /// What is wrong is said, and unknown.
    pub(super) fn invalid(&mut self, span: Span, message: impl Into<String>) -> Value {
        self.problem(span, message);
        Value::unknown(Why::Invalid, span)
    }

    /// Something depends on itself: said, and unknown. A search that comes upon it has just asked too early.
    pub(super) fn circle(&mut self, span: Span, message: String) -> Value {
        if self.searching {
            self.tainted = true;
            return Value::unknown(Why::Invalid, span);
        }
        self.invalid(span, message)
    }

    /// Takes steps; whether there are any left.
    pub(super) fn step(&mut self, count: u64, span: Span) -> bool {
        if self.fuel == 0 {
            return false;
        }
        self.fuel = self.fuel.saturating_sub(count);
        if self.fuel == 0 {
            self.speculative = 0;
            self.problem(span, "the evaluation was given up here: it takes too many steps");
        }
        self.fuel > 0
    }

    /// A value, unless it holds too much.
    pub(super) fn limited(&mut self, value: Value) -> Value {
        let weight = value.weight();
        if self.fuel == 0 {
            // What was cut off must not pass for whole.
            return Value::unknown(Why::Limit, value.span);
        }
        if weight.size <= LARGEST && weight.depth <= DEEPEST_VALUE {
            return value;
        }
        let span = value.span;
        self.problem(span, "the evaluation was given up here: the value is too large");
        Value::unknown(Why::Limit, span)
    }

    /// Notes that a resource was referred to.
    pub(super) fn refer(&mut self, node: u32) {
        if let Some(list) = self.referred.last_mut()
            && !list.contains(&node)
        {
            list.push(node);
        }
    }

    /// Evaluates something and keeps apart what it refers to.
    pub(super) fn collecting<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> (T, Arc<[u32]>) {
        self.referred.push(Vec::new());
        let result = work(self);
        let list = self.referred.pop().unwrap_or_default();
        for node in &list {
            self.refer(*node);
        }
        (result, list.into())
    }

    /// Refers to what something refers to that was evaluated before.
    pub(super) fn refer_all(&mut self, nodes: &[u32]) {
        for node in nodes {
            self.refer(*node);
        }
    }
}

/// Not known, for a reason at a place.
pub(super) fn reason(why: Why, span: Span) -> Arc<Unknown> {
    Arc::new(Unknown::new(why, span))
}

/// Something that is evaluated when it is asked for.
#[derive(Clone, Default)]
pub(super) enum Slot {
    /// Not yet.
    #[default]
    Empty,
    /// Just now: a second request is a circle.
    Busy,
    /// With the resources that it refers to.
    Done(Value, Arc<[u32]>),
}

/// The instances of a declaration.
#[derive(Clone, Default)]
pub(super) enum Expansion {
    #[default]
    Empty,
    Busy,
    /// Of a loop, one per turn.
    Done(Arc<[u32]>),
}

/// Where the values of parameters come from.
#[derive(Clone)]
pub(super) enum Supplied {
    /// From outside.
    Given(Given),
    /// From the declaration of the module, evaluated as seen from there.
    Module(Arc<Declaration>, Env),
}

/// One deployment.
pub(super) struct Instance {
    pub template: Arc<Template>,
    pub home: Home,
    pub supplied: Supplied,
    pub parameters: Vec<Slot>,
    pub variables: Vec<Slot>,
    pub outputs: Vec<Slot>,
    pub expansions: Vec<Expansion>,
    /// What its expressions see, where that is the template around it.
    pub outer: Option<Env>,
    /// The resource that deploys it.
    pub node: Option<u32>,
    /// The declarations by the hash of their symbolic names.
    pub symbols: HashMap<u64, u32, foldhash::fast::FixedState>,
    /// The whole object of parameters, where it had to be evaluated as one.
    pub all_supplied: Option<Value>,
    /// `resourceGroup()` and its like, made once.
    pub contexts: HashMap<&'static str, Value, foldhash::fast::FixedState>,
    /// The resources by their names, made when one is looked up by its name.
    pub by_name: Option<Arc<HashMap<Arc<str>, u32, foldhash::fast::FixedState>>>,
}

impl Instance {
    pub(super) fn new(
        template: Arc<Template>,
        home: Home,
        supplied: Supplied,
        outer: Option<Env>,
        node: Option<u32>,
    ) -> Self {
        let symbols = template.resources.iter().zip(0u32..);
        let symbols = symbols.filter_map(|(declaration, at)| Some((hash(declaration.symbol.as_ref()?), at))).collect();
        Self {
            home,
            supplied,
            parameters: vec![Slot::Empty; template.parameters.len()],
            variables: vec![Slot::Empty; template.variables.len()],
            outputs: vec![Slot::Empty; template.outputs.len()],
            expansions: vec![Expansion::Empty; template.resources.len()],
            outer,
            node,
            symbols,
            all_supplied: None,
            contexts: HashMap::default(),
            by_name: None,
            template,
        }
    }
}

/// A resource while it is evaluated.
pub(super) struct Node {
    /// In which deployment it stands.
    pub instance: u32,
    pub declaration: Arc<Declaration>,
    /// What its expressions see.
    pub env: Env,
    /// The resource in which it stands.
    pub inside: Option<u32>,
    pub turn: Option<Turn>,
    pub header: HeaderSlot,
    pub body: Slot,
    pub condition: Option<(Truth, Option<Value>)>,
    /// What its name, scope and condition refer to.
    pub referred: Arc<[u32]>,
    /// The deployment that it makes.
    pub deploys: Deploys,
    /// The resources that stand in it.
    pub children: Vec<u32>,
    /// Whether it was made too early and another stands in its place.
    pub dead: bool,
}

/// The header of a resource: its type, name and id.
#[derive(Clone)]
pub(super) enum HeaderSlot {
    Empty,
    Busy,
    Done(Arc<Header>),
}

/// What a module deploys.
#[derive(Clone)]
pub(super) enum Deploys {
    /// Not evaluated yet.
    Empty,
    Busy,
    /// A deployment.
    Instance(u32),
    /// Nothing, or nothing that is known.
    Nothing(Value),
}

/// Type, name, scope and id.
pub(super) struct Header {
    pub id: Value,
    /// The id in canonical text and lower case.
    pub key: Arc<str>,
    pub resource_type: Arc<str>,
    pub api_version: Value,
    /// With the parents' names.
    pub name: Value,
    /// As it is written.
    pub own_name: Value,
    pub scope: Value,
    pub parent: Option<Value>,
    /// Where it deploys to, of a module.
    pub home: Option<Home>,
}

impl Header {
    pub(super) fn unknown(why: &Value) -> Self {
        let value = match why.kind {
            Kind::Unknown(_) => why.clone(),
            _ => Value::unknown(Why::Runtime(text::canonical(why)), why.span),
        };
        Self {
            key: Arc::from(""),
            resource_type: Arc::from(""),
            api_version: Value::null(why.span),
            name: value.clone(),
            own_name: value.clone(),
            scope: value.clone(),
            parent: None,
            home: None,
            id: value,
        }
    }
}

/// The turns of a loop.
pub(super) enum Turns {
    /// So many, each with its item where the loop goes over a list.
    Known(Vec<Option<Value>>, i64),
    /// Not known.
    Unknown(Arc<Unknown>),
}
