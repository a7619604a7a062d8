//! Evaluation: from templates with parameters to resources with values.
//!
//! Everything is evaluated when it is first asked for and kept: parameters, variables, outputs, and the header and
//! body of each resource. A template is untrusted: steps, depth, and the size of values are limited.

mod context;
mod environment;
mod expand;
mod expression;
mod finish;
mod follow;
mod header;
mod ids;
mod instance;
mod lambda;
mod reference;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::template::deployment::{Evaluated, Problem, Table, TargetScope, Template};
use crate::template::evaluation::environment::{Env, Home};
use crate::template::evaluation::expand::Node;
use crate::template::evaluation::instance::{Instance, Supplied};
use crate::template::place::{FileId, Span};
use crate::template::value::{Unknown, Value, Why};

pub(crate) use crate::template::evaluation::context::Cloud;

/// Where a deployment goes, as far as that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The subscription's id.
    pub subscription: Option<Arc<str>>,
    /// The resource group's name.
    pub resource_group: Option<Arc<str>>,
    /// The region of the resource group, or of a deployment to another scope.
    pub location: Option<Arc<str>>,
    /// The tenant's id.
    pub tenant: Option<Arc<str>>,
    /// The management group's name.
    pub management_group: Option<Arc<str>>,
    /// The deployment's name.
    pub deployment: Option<Arc<str>>,
    /// The cloud.
    pub cloud: Cloud,
}

/// Finds templates that others link to.
pub(crate) trait Loader {
    /// The template at a path that is written in another file, relative to that file. Nothing outside the project may
    /// be read.
    ///
    /// # Errors
    /// Why there is none: lower case, no full stop.
    fn load(&mut self, path: &str, from: FileId) -> Result<Arc<Template>, String>;
}

/// Finds nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NoLoader;

impl Loader for NoLoader {
    fn load(&mut self, _: &str, _: FileId) -> Result<Arc<Template>, String> {
        Err("linked templates are not read here".to_owned())
    }
}

/// The values of parameters that were given for the outermost template.
pub(crate) type Given = Table<Value>;

/// How many steps one evaluation may take.
const FUEL: u64 = 20_000_000;
/// How deep expressions, variables and modules may hang on each other.
const DEEPEST: u32 = 220;
/// How much one value may hold, and how deep it may be nested.
const LARGEST: u32 = 400_000;
const DEEPEST_VALUE: u16 = 120;
/// How many resources and deployments there may be.
const MOST_NODES: usize = 20_000;
const MOST_INSTANCES: usize = 2_000;
/// How many turns one loop may have; the engine allows 800.
const MOST_TURNS: i64 = 10_000;
/// How many problems are kept.
const MOST_PROBLEMS: usize = 500;

/// Evaluates a template with its parameters.
pub(crate) fn evaluate(template: Arc<Template>, given: &Given, options: &Options, loader: &mut dyn Loader) -> Evaluated {
    let mut evaluator = Evaluator::new(options, loader);
    evaluator.root(template, given);
    evaluator.all();
    evaluator.finish()
}

/// Evaluates one expression that sees the parameters and variables of a template; for tests and for parameter files.
pub(crate) fn evaluate_expression(
    template: Arc<Template>,
    given: &Given,
    options: &Options,
    expression: &crate::template::Expr,
) -> (Value, Vec<Problem>) {
    let mut loader = NoLoader;
    let mut evaluator = Evaluator::new(options, &mut loader);
    evaluator.root(template, given);
    let env = Env::new(0);
    let value = evaluator.eval(expression, &env);
    let value = evaluator.settled(&value);
    (value, evaluator.problems)
}

/// The state of an evaluation.
pub(crate) struct Evaluator<'a> {
    options: &'a Options,
    loader: &'a mut dyn Loader,
    instances: Vec<Instance>,
    nodes: Vec<Node>,
    by_id: HashMap<Arc<str>, Vec<u32>, foldhash::fast::FixedState>,
    problems: Vec<Problem>,
    told: HashSet<(Span, String), foldhash::fast::FixedState>,
    /// Above zero while something is evaluated that may not be there: what is wrong then is not told.
    speculative: u32,
    fuel: u64,
    depth: u32,
    /// The resources that were referred to, one list for each thing that is being evaluated.
    referred: Vec<Vec<u32>>,
    /// Whether all headers are being evaluated because an id was not found.
    searching: bool,
}

impl<'a> Evaluator<'a> {
    fn new(options: &'a Options, loader: &'a mut dyn Loader) -> Self {
        Self {
            options,
            loader,
            instances: Vec::new(),
            nodes: Vec::new(),
            by_id: HashMap::default(),
            problems: Vec::new(),
            told: HashSet::default(),
            speculative: 0,
            fuel: FUEL,
            depth: 0,
            referred: Vec::new(),
            searching: false,
        }
    }

    fn root(&mut self, template: Arc<Template>, given: &Given) {
        let home = Home::of_options(self.options, template.target);
        for (name, value) in given.iter() {
            if template.parameters.get(name).is_none() {
                self.problem(value.span, format!("the template has no parameter `{name}`"));
            }
        }
        self.add_instance(Instance::new(template, home, Supplied::Given(given.clone()), None, None));
    }

    /// Says that something is wrong in a file.
    fn problem(&mut self, span: Span, message: impl Into<String>) {
        let message = message.into();
        if self.speculative > 0 || self.problems.len() >= MOST_PROBLEMS || !self.told.insert((span, message.clone())) {
            return;
        }
        self.problems.push(Problem { span, message });
    }

    /// What is wrong is said, and unknown.
    fn invalid(&mut self, span: Span, message: impl Into<String>) -> Value {
        self.problem(span, message);
        Value::unknown(Why::Invalid, span)
    }

    /// Takes steps; whether there are any left.
    fn step(&mut self, count: u64, span: Span) -> bool {
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
    fn limited(&mut self, value: Value) -> Value {
        let weight = value.weight();
        if weight.size <= LARGEST && weight.depth <= DEEPEST_VALUE {
            return value;
        }
        let span = value.span;
        self.problem(span, "the evaluation was given up here: the value is too large");
        Value::unknown(Why::Limit, span)
    }

    /// Notes that a resource was referred to.
    fn refer(&mut self, node: u32) {
        if let Some(list) = self.referred.last_mut()
            && !list.contains(&node)
        {
            list.push(node);
        }
    }

    /// Evaluates something and keeps apart what it refers to.
    fn collecting<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> (T, Arc<[u32]>) {
        self.referred.push(Vec::new());
        let result = work(self);
        let list = self.referred.pop().unwrap_or_default();
        for node in &list {
            self.refer(*node);
        }
        (result, list.into())
    }

    /// Refers to what something refers to that was evaluated before.
    fn refer_all(&mut self, nodes: &[u32]) {
        for node in nodes {
            self.refer(*node);
        }
    }
}

/// Not known, for a reason at a place.
fn unknown(why: Why, span: Span) -> Arc<Unknown> {
    Arc::new(Unknown { why, span, possible: Vec::new() })
}

/// The kind of scope that an id is.
fn kind_of(group: bool, subscription: bool, management_group: bool) -> TargetScope {
    match (group, subscription, management_group) {
        (true, ..) => TargetScope::ResourceGroup,
        (_, true, _) => TargetScope::Subscription,
        (.., true) => TargetScope::ManagementGroup,
        _ => TargetScope::Tenant,
    }
}
