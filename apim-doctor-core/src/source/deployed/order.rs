//! What waits for what in a deployment.

use std::collections::HashSet;

use crate::base::{Map, ResourceId};
use crate::model::Order;
use crate::source::deployed::symbols::Symbols;
use crate::template::deployment::Evaluated;
use crate::template::resource::Truth;

/// The order of the resources of a deployment. A module waits for what its declaration waits for, and who waits for a
/// module waits for all that is in it.
pub(super) fn order(evaluated: &Evaluated, symbols: &mut Symbols) -> Order {
    let mut numbers: Map<ResourceId, Vec<u32>> = Map::default();
    let mut inside: Map<u32, Vec<u32>> = Map::default();
    let mut edges: Vec<HashSet<u32>> = Vec::with_capacity(evaluated.resources.len());
    for (number, resource) in (0u32..).zip(&evaluated.resources) {
        let module = evaluated.deployments.get(resource.deployment as usize).and_then(|deployment| deployment.resource);
        if let Some(module) = module {
            inside.entry(module).or_default().push(number);
        }
        let own = resource.dependencies.iter().filter_map(|dependency| dependency.resource);
        let around = module.and_then(|module| evaluated.resources.get(module as usize));
        let around = around.into_iter().flat_map(|module| &module.dependencies).filter_map(|one| one.resource);
        edges.push(own.chain(around).collect());
        let id = symbols.named_by(&resource.id);
        if let Some(id) = id.filter(|_| !resource.existing && !matches!(resource.condition, Truth::No)) {
            numbers.entry(id).or_default().push(number);
        }
    }
    for (module, all) in inside {
        if let Some(edges) = edges.get_mut(module as usize) {
            edges.extend(all);
        }
    }
    Order {
        numbers,
        edges: edges.into_iter().map(|edges| edges.into_iter().collect()).collect(),
        existing: HashSet::new(),
        is_unknown: false,
    }
}

/// The numbers of the resources, each after those that it waits for.
pub(super) fn sorted(order: &Order) -> Vec<usize> {
    let mut sorted = Vec::with_capacity(order.edges.len());
    let mut seen = vec![false; order.edges.len()];
    for start in 0..order.edges.len() {
        // Each with whether what it waits for stands before it already.
        let mut stack = vec![(start, false)];
        while let Some((number, is_next)) = stack.pop() {
            if is_next {
                sorted.push(number);
                continue;
            }
            match seen.get_mut(number) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            stack.push((number, true));
            let mut on: Vec<usize> = order.edges.get(number).into_iter().flatten().map(|on| *on as usize).collect();
            on.sort_unstable_by_key(|on| std::cmp::Reverse(*on));
            stack.extend(on.into_iter().map(|on| (on, false)));
        }
    }
    sorted
}
