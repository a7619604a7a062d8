//! From declarations to resources: loops, conditions, children, and modules.

use std::sync::Arc;

use crate::template::deployment::{ModuleScope, ModuleSource, Template};
use crate::template::evaluation::environment::Env;
use crate::template::evaluation::options::HERE;
use crate::template::evaluation::state::{
    Deploys, Evaluator, Expansion, HeaderSlot, Instance, MOST_INSTANCES, MOST_NODES, Node, Slot, Supplied, Turns,
    reason,
};
use crate::template::functions::{self, Fault};
use crate::template::place::Span;
use crate::template::resource::{Declaration, Truth, Turn};
use crate::template::value::{Kind, Value, Why};

impl Evaluator<'_> {
    pub(super) fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }

    pub(super) fn node_mut(&mut self, number: u32) -> Option<&mut Node> {
        self.nodes.get_mut(number as usize)
    }

    /// Evaluates everything.
    pub(super) fn all(&mut self) {
        let mut next = 0u32;
        // Headers first, of modules too: then whatever is referred to by its id is found.
        while self.instance(next).is_some() {
            self.headers(next);
            let nodes: Vec<u32> = self.nodes_of(next);
            for node in nodes {
                if !matches!(self.condition(node), Truth::No) {
                    self.deploys(node, Span::NONE);
                }
            }
            next += 1;
        }
        self.all_headers = true;
        let mut number = 0u32;
        while let Some(node) = self.node(number) {
            if node.dead {
                number += 1;
                continue;
            }
            let doubtful = match self.condition(number) {
                Truth::No => {
                    number += 1;
                    continue;
                }
                Truth::Yes => 0,
                Truth::Unknown(_) => 1,
            };
            self.speculative += doubtful;
            self.body(number);
            self.speculative -= doubtful;
            number += 1;
        }
        let mut next = 0u32;
        while let Some(instance) = self.instance(next) {
            let (template, node, is_outer) = (instance.template.clone(), instance.node, instance.outer.is_some());
            let is_sure = node.is_none_or(|node| matches!(self.condition(node), Truth::Yes));
            let doubtful = u32::from(!is_sure);
            self.speculative += doubtful;
            for (name, parameter) in template.parameters.iter().filter(|_| !is_outer) {
                self.parameter(next, name, parameter.span);
            }
            for (name, output) in template.outputs.iter() {
                self.output(next, name, output.span);
            }
            self.speculative -= doubtful;
            next += 1;
        }
    }

    /// Expands all declarations of a deployment and evaluates the headers of its resources.
    pub(super) fn headers(&mut self, instance: u32) {
        for node in self.nodes_of(instance) {
            self.header(node, Span::NONE);
        }
    }

    /// All resources of a deployment in the order of their declarations, children after their parents.
    pub(super) fn nodes_of(&mut self, instance: u32) -> Vec<u32> {
        let count = self.instance(instance).map_or(0, |found| found.expansions.len());
        let mut all = Vec::new();
        for at in 0..count {
            let found = self.expand(instance, at);
            let mut stack: Vec<u32> = found.iter().rev().copied().collect();
            while let Some(node) = stack.pop() {
                all.push(node);
                if let Some(node) = self.node(node) {
                    stack.extend(node.children.iter().rev());
                }
            }
        }
        all
    }

    /// The instances of a declaration.
    pub(super) fn expand(&mut self, instance: u32, at: usize) -> Arc<[u32]> {
        let none = || Arc::from(Vec::new());
        let Some(found) = self.instances.get_mut(instance as usize) else { return none() };
        let Some(declaration) = found.template.resources.get(at).cloned() else { return none() };
        match found.expansions.get_mut(at) {
            Some(Expansion::Done(nodes)) => return nodes.clone(),
            Some(Expansion::Busy) | None => {
                self.circle(declaration.span, "the declaration depends on itself".to_owned());
                return none();
            }
            Some(slot) => *slot = Expansion::Busy,
        }
        let env = self.env_of(instance);
        let before = self.nodes.len();
        let nodes: Arc<[u32]> = self.expand_in(&declaration, instance, &env, None).into();
        if self.tainted {
            self.nodes.iter_mut().skip(before).for_each(|node| node.dead = true);
        }
        let expansion = if self.tainted { Expansion::Empty } else { Expansion::Done(nodes.clone()) };
        if let Some(slot) = self.instances.get_mut(instance as usize).and_then(|found| found.expansions.get_mut(at)) {
            *slot = expansion;
        }
        nodes
    }

    fn expand_in(&mut self, declaration: &Arc<Declaration>, instance: u32, env: &Env, inside: Option<u32>) -> Vec<u32> {
        let Some(each) = &declaration.copy else {
            return self.add_node(declaration, instance, env.clone(), None, inside).into_iter().collect();
        };
        let (turns, referred) = self.collecting(|this| this.turns(each, env));
        let mut nodes = Vec::new();
        match turns {
            Turns::Unknown(unknown) => {
                let nowhere = Value::new(Kind::Unknown(unknown.clone()), each.span);
                let inner = self.in_turn(each, &nowhere, Some(&nowhere), env, true);
                nodes.extend(self.add_node(declaration, instance, inner, Some(Turn::Any(unknown)), inside));
            }
            Turns::Known(items, count) => {
                for number in 0..count {
                    let at = Value::new(Kind::Int(number), each.span);
                    let item = usize::try_from(number).ok().and_then(|at| items.get(at)).and_then(Option::as_ref);
                    let inner = self.in_turn(each, &at, item, env, true);
                    let Some(node) = self.add_node(declaration, instance, inner, Some(Turn::At(number)), inside) else {
                        break;
                    };
                    nodes.push(node);
                }
            }
        }
        for node in &nodes {
            if let Some(node) = self.node_mut(*node) {
                node.referred = referred.clone();
            }
        }
        nodes
    }

    fn add_node(
        &mut self,
        declaration: &Arc<Declaration>,
        instance: u32,
        env: Env,
        turn: Option<Turn>,
        inside: Option<u32>,
    ) -> Option<u32> {
        let number = u32::try_from(self.nodes.len()).ok()?;
        if self.nodes.len() >= MOST_NODES {
            self.problem(declaration.span, format!("there are more than {MOST_NODES} resources: the rest is left out"));
            return None;
        }
        self.nodes.push(Node {
            instance,
            declaration: declaration.clone(),
            env: env.clone(),
            inside,
            turn,
            header: HeaderSlot::Empty,
            body: Slot::Empty,
            condition: None,
            referred: Arc::from(Vec::new()),
            deploys: Deploys::Empty,
            children: Vec::new(),
            dead: false,
        });
        let mut children = Vec::new();
        for child in &declaration.children {
            children.extend(self.expand_in(child, instance, &env, Some(number)));
        }
        if let Some(node) = self.node_mut(number) {
            node.children = children;
        }
        Some(number)
    }

    /// Whether a resource is there: whether it is itself, what it stands in, and the module that it belongs to.
    pub(super) fn condition(&mut self, number: u32) -> Truth {
        let Some(node) = self.node(number) else { return Truth::No };
        if let Some((truth, _)) = &node.condition {
            return truth.clone();
        }
        let (declaration, env, inside) = (node.declaration.clone(), node.env.clone(), node.inside);
        let module = self.instance(node.instance).and_then(|instance| instance.node);
        let mut truth = inside.or(module).map_or(Truth::Yes, |around| self.condition(around));
        let mut written = None;
        if let (Some(condition), false) = (&declaration.condition, matches!(truth, Truth::No)) {
            // A second request while it is evaluated gets an answer that decides nothing.
            let circle = Truth::Unknown(reason(Why::Invalid, condition.span));
            if let Some(node) = self.node_mut(number) {
                node.condition = Some((circle, None));
            }
            let (value, referred) = self.collecting(|this| this.argument(condition, &env));
            self.also_referred(number, &referred);
            if self.tainted {
                if let Some(node) = self.node_mut(number) {
                    node.condition = None;
                }
                return Truth::Unknown(reason(Why::Invalid, condition.span));
            }
            truth = match (functions::truth(&value), truth) {
                (Ok(false), _) => Truth::No,
                (Ok(true), truth) => truth,
                (Err(Fault::Unknown(unknown)), _) => Truth::Unknown(unknown),
                (Err(fault), _) => {
                    self.outcome(Err(fault), condition.span);
                    Truth::Unknown(reason(Why::Invalid, condition.span))
                }
            };
            written = Some(value);
        }
        if let Some(node) = self.node_mut(number) {
            node.condition = Some((truth.clone(), written));
        }
        truth
    }

    /// Keeps what a resource refers to outside its body.
    pub(super) fn also_referred(&mut self, number: u32, referred: &[u32]) {
        let Some(node) = self.node_mut(number) else { return };
        if referred.iter().any(|other| !node.referred.contains(other)) {
            let mut all = node.referred.to_vec();
            all.extend(referred.iter().filter(|other| !node.referred.contains(other)));
            node.referred = all.into();
        }
    }

    /// The body of a resource.
    pub(super) fn body(&mut self, number: u32) -> Value {
        let Some(node) = self.node_mut(number) else { return Value::unknown(Why::Limit, Span::NONE) };
        let (declaration, env) = (node.declaration.clone(), node.env.clone());
        match &mut node.body {
            // Who is asked for a property while its body is evaluated refers to itself; only parts of bodies that do
            // not exist yet can do that, so they have no value.
            Slot::Busy => return Value::unknown(Why::Invalid, declaration.span),
            Slot::Done(value, _) => return value.clone(),
            slot => *slot = Slot::Busy,
        }
        let (value, referred) = self.collecting(|this| this.eval(&declaration.body, &env));
        let tainted = self.tainted;
        if let Some(node) = self.node_mut(number) {
            node.body = if tainted { Slot::Empty } else { Slot::Done(value.clone(), referred) };
        }
        value
    }

    /// The deployment that a module makes.
    pub(super) fn deploys(&mut self, number: u32, span: Span) -> Deploys {
        let Some(node) = self.node_mut(number) else { return Deploys::Nothing(Value::unknown(Why::Limit, span)) };
        let declaration = node.declaration.clone();
        let Some(module) = &declaration.module else {
            return Deploys::Nothing(Value::unknown(Why::Invalid, declaration.span));
        };
        match &node.deploys {
            Deploys::Empty => node.deploys = Deploys::Busy,
            Deploys::Busy => {
                let value = self.circle(declaration.span, "the module depends on itself".to_owned());
                return Deploys::Nothing(value);
            }
            done => return done.clone(),
        }
        let env = node.env.clone();
        let from = node.instance;
        let template = match &module.source {
            ModuleSource::Template(template) => Ok(template.clone()),
            ModuleSource::Missing(value) => Err(value.clone()),
            ModuleSource::Link(link) => {
                let link = self.argument(link, &env);
                self.load(&link, from)
            }
        };
        let deploys = match template {
            Err(value) => Deploys::Nothing(value),
            Ok(template) => self.add_module(number, &declaration, template, module.evaluation, &env),
        };
        if let Some(node) = self.node_mut(number) {
            node.deploys = deploys.clone();
        }
        deploys
    }

    fn add_module(
        &mut self,
        number: u32,
        declaration: &Arc<Declaration>,
        template: Arc<Template>,
        evaluation: ModuleScope,
        env: &Env,
    ) -> Deploys {
        const DEEPEST_MODULE: usize = 32;
        let above = std::iter::successors(self.node(number), |node| {
            self.instance(node.instance).and_then(|instance| instance.node).and_then(|node| self.node(node))
        });
        if above.take(DEEPEST_MODULE + 1).count() > DEEPEST_MODULE || self.instances.len() >= MOST_INSTANCES {
            let value = self.invalid(declaration.span, "there are too many modules in modules: the rest is left out");
            return Deploys::Nothing(value);
        }
        let header = self.header(number, declaration.span);
        let outer = (evaluation == ModuleScope::Outer).then(|| env.clone());
        if outer.is_none() {
            for (name, span) in Self::supplied_names(declaration) {
                if template.parameters.get(&name).is_none() {
                    self.problem(span, format!("the module has no parameter `{name}`"));
                }
            }
        }
        let supplied = Supplied::Module(declaration.clone(), env.clone());
        let home = header.home.clone();
        let Some(home) = home else { return Deploys::Nothing(Value::unknown(Why::Invalid, declaration.span)) };
        let instance = Instance::new(template, home, supplied, outer, Some(number));
        Deploys::Instance(self.add_instance(instance))
    }

    /// A linked template.
    fn load(&mut self, link: &Value, from: u32) -> Result<Arc<Template>, Value> {
        let file = self.instance(from).map(|instance| instance.template.file).unwrap_or_default();
        if let Kind::Unknown(unknown) = &link.kind {
            return Err(Value::new(Kind::Unknown(unknown.clone()), link.span));
        }
        let written = link.get("relativePath").or_else(|| link.get("uri"));
        let path = match written {
            Some(value) => match value.as_str() {
                Some(text) => text.to_owned(),
                None => return Err(Value::unknown(Why::File(crate::template::text::canonical(value)), value.span)),
            },
            None => return Err(Value::unknown(Why::File("a template specification".into()), link.span)),
        };
        let span = written.map_or(link.span, |value| value.span);
        let relative = match path.strip_prefix(HERE) {
            Some(rest) => rest,
            None if path.contains("://") => return Err(Value::unknown(Why::File(path.into()), span)),
            None => &path,
        };
        let relative = relative.split(['?', '#']).next().unwrap_or_default();
        match self.loader.load(relative, file) {
            Ok(template) => Ok(template),
            Err(message) => {
                self.problem(span, format!("`{relative}` was not read: {message}"));
                Err(Value::unknown(Why::File(relative.into()), span))
            }
        }
    }
}
