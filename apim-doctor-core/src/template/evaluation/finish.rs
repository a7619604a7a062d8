//! What comes of an evaluation, in the order in which it was written.

use crate::template::deployment::{Deployment, Evaluated};
use crate::template::evaluation::environment::Env;
use crate::template::evaluation::state::{Deploys, Evaluator, Slot, reason};
use crate::template::place::Span;
use crate::template::resource::{Declaration, Dependency, Resource, Truth};
use crate::template::value::{Array, Kind, ResourceHandle, Symbol, Value, Why};

impl Evaluator<'_> {
    /// All resources and deployments.
    pub(super) fn finish(mut self) -> Evaluated {
        let order = self.order();
        let mut place: Vec<Option<u32>> = vec![None; self.nodes.len()];
        for (at, node) in order.iter().enumerate() {
            if let Some(place) = place.get_mut(*node as usize) {
                *place = u32::try_from(at).ok();
            }
        }
        let mut evaluated = Evaluated::default();
        for node in &order {
            if let Some(resource) = self.finished(*node, &place) {
                evaluated.resources.push(resource);
            }
        }
        for number in (0u32..).take(self.instances.len()) {
            if let Some(deployment) = self.finished_deployment(number, &place) {
                evaluated.deployments.push(deployment);
            }
        }
        for node in &order {
            let deploys = self.node(*node).map(|node| node.deploys.clone());
            if let Some(Deploys::Nothing(value)) = deploys
                && !matches!(self.condition(*node), Truth::No)
            {
                let why = value.as_unknown().cloned();
                evaluated.lost.push(why.unwrap_or_else(|| reason(Why::Limit, value.span)));
            }
        }
        evaluated.problems = std::mem::take(&mut self.problems);
        evaluated.problems.sort_by_key(|problem| problem.span);
        evaluated
    }

    /// The resources as they are written, those of a module after it.
    fn order(&mut self) -> Vec<u32> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut stack: Vec<u32> = self.nodes_of(0).into_iter().rev().collect();
        while let Some(number) = stack.pop() {
            order.push(number);
            if let Some(Deploys::Instance(instance)) = self.node(number).map(|node| node.deploys.clone()) {
                let mut inner = self.nodes_of(instance);
                inner.reverse();
                stack.append(&mut inner);
            }
        }
        order
    }

    fn finished(&mut self, number: u32, place: &[Option<u32>]) -> Option<Resource> {
        let header = self.header(number, Span::NONE);
        let condition = self.condition(number);
        let node = self.node(number)?;
        let (declaration, env, instance) = (node.declaration.clone(), node.env.clone(), node.instance);
        let (turn, condition_value) = (node.turn.clone(), node.condition.clone().and_then(|(_, value)| value));
        let mut referred = node.referred.to_vec();
        let inside = node.inside;
        if let Slot::Done(_, body) = &node.body {
            referred.extend(body.iter());
        }
        let is_off = matches!(condition, Truth::No);
        let body = match is_off {
            true => Value::null(declaration.body.span),
            false => {
                let body = self.body(number);
                self.settled(&body)
            }
        };
        if declaration.module.is_some() && !is_off {
            referred.extend(self.of_parameters(number));
        }
        let mut dependencies = Vec::new();
        if !is_off {
            self.written_dependencies(number, &declaration, &env, place, &mut dependencies);
        }
        referred.extend(inside);
        for other in referred {
            let at = place.get(other as usize).copied().flatten();
            if other == number || at.is_none() || dependencies.iter().any(|found: &Dependency| found.resource == at) {
                continue;
            }
            let id = self.header(other, Span::NONE).id.clone();
            dependencies.push(Dependency { resource: at, on: id, written: false });
        }
        Some(Resource {
            symbol: declaration.symbol.clone(),
            id: header.id.clone(),
            resource_type: header.resource_type.clone(),
            api_version: header.api_version.clone(),
            name: header.name.clone(),
            scope: header.scope.clone(),
            parent: header.parent.clone(),
            existing: declaration.existing,
            condition,
            condition_value,
            turn,
            dependencies,
            body,
            span: declaration.span,
            deployment: instance,
        })
    }

    /// What the values of a module's parameters refer to.
    fn of_parameters(&self, number: u32) -> Vec<u32> {
        let Some(Deploys::Instance(instance)) = self.node(number).map(|node| &node.deploys) else { return Vec::new() };
        let slots = self.instance(*instance).map(|found| found.parameters.as_slice()).unwrap_or_default();
        let referred = slots.iter().filter_map(|slot| match slot {
            Slot::Done(_, referred) => Some(referred.iter().copied()),
            _ => None,
        });
        referred.flatten().collect()
    }

    fn written_dependencies(
        &mut self,
        number: u32,
        declaration: &Declaration,
        env: &Env,
        place: &[Option<u32>],
        into: &mut Vec<Dependency>,
    ) {
        for written in &declaration.depends_on {
            let value = self.argument(written, env);
            let values: Vec<Value> = match &value.kind {
                Kind::Array(array) => members(array),
                _ => vec![value],
            };
            for value in values {
                for (node, on) in self.waited_for(value, env.instance) {
                    if node.is_none() && on.as_str().is_some() && !declaration.existing {
                        let name = on.as_str().unwrap_or_default();
                        self.problem(on.span, format!("`dependsOn` names `{name}`, which is not declared"));
                    }
                    let resource = node.and_then(|node| place.get(node as usize).copied().flatten());
                    let twice = resource.is_some() && into.iter().any(|found| found.resource == resource);
                    if node != Some(number) && !twice {
                        into.push(Dependency { resource, on, written: true });
                    }
                }
            }
        }
    }

    /// The resources that an entry of `dependsOn` names: one, or all of a loop.
    fn waited_for(&mut self, value: Value, instance: u32) -> Vec<(Option<u32>, Value)> {
        if value.is_unknown() || value.is_null() {
            return if value.is_null() { Vec::new() } else { vec![(None, value)] };
        }
        if let Some(name) = value.as_str()
            && !name.starts_with('/')
            && let Some(at) = self.loop_by_name(instance, name)
        {
            let nodes = self.expand(instance, at);
            return nodes.iter().map(|node| (Some(*node), self.header(*node, Span::NONE).id.clone())).collect();
        }
        let handles = match self.named(&value, instance, value.span) {
            Some(found) => match &found.kind {
                Kind::Array(array) => members(array),
                _ => vec![found],
            },
            None => return vec![(None, value)],
        };
        let one = |this: &mut Self, handle: Value| match handle.as_symbol() {
            Some(Symbol::Resource(ResourceHandle { declared: Some(node), .. })) => {
                (Some(*node), this.header(*node, Span::NONE).id.clone())
            }
            _ => (None, value.clone()),
        };
        handles.into_iter().map(|handle| one(self, handle)).collect()
    }

    /// A declaration by the name of its loop.
    fn loop_by_name(&self, instance: u32, name: &str) -> Option<usize> {
        let resources = &self.instance(instance)?.template.resources;
        resources.iter().position(|declaration| {
            declaration.copy.as_ref().is_some_and(|copy| !copy.name.is_empty() && copy.name.eq_ignore_ascii_case(name))
        })
    }

    fn finished_deployment(&mut self, number: u32, place: &[Option<u32>]) -> Option<Deployment> {
        let instance = self.instance(number)?;
        let template = instance.template.clone();
        let (target, scope) = (instance.home.kind, instance.home.scope.clone());
        let resource = instance.node.and_then(|node| place.get(node as usize).copied().flatten());
        let is_outer = instance.outer.is_some();
        let mut parameters = Vec::new();
        for (name, parameter) in template.parameters.iter().filter(|_| !is_outer) {
            let value = self.parameter(number, name, parameter.span);
            parameters.push((name.clone(), self.settled(&value)));
        }
        let mut outputs = Vec::new();
        for (name, output) in template.outputs.iter() {
            // An output that cannot be evaluated is wrong only where it is used.
            let value = self.output(number, name, output.span);
            outputs.push((name.clone(), self.settled(&value)));
        }
        Some(Deployment { resource, target, scope, parameters, outputs })
    }
}

/// The resources in a list; of a loop that is not known, the one that stands for all turns.
fn members(array: &Array) -> Vec<Value> {
    let open = array.open.iter().flat_map(|unknown| &unknown.possible);
    let is_resource = |value: &&Value| matches!(value.as_symbol(), Some(Symbol::Resource(_)));
    array.items.iter().chain(open.filter(is_resource)).cloned().collect()
}
