//! Possible worlds: what is deployed if the conditions that are not known hold, or do not.

use std::collections::BTreeSet;

use crate::base::Map;
use crate::template::deployment::Evaluated;
use crate::template::resource::Truth;
use crate::template::text::key;

/// What is deployed in each combination of the conditions that are not known and on which these resources hang; without
/// any, nothing. Of more conditions than fit into so many worlds, the rest stays unknown.
pub(crate) fn switched(evaluated: &Evaluated, resources: &[usize], most: usize) -> Vec<Evaluated> {
    let owners = owners(evaluated);
    let owner = |number: usize| owners.get(&number).copied().unwrap_or(number);
    let switches: BTreeSet<usize> = resources.iter().map(|number| owner(*number)).collect();
    let count = (0..switches.len()).take_while(|count| most >> (count + 1) > 0).count();
    let switches: Vec<usize> = switches.into_iter().take(count).collect();
    if switches.is_empty() {
        return Vec::new();
    }
    let world = |bits: usize| {
        let mut world = evaluated.clone();
        for (number, resource) in world.resources.iter_mut().enumerate() {
            let Some(at) = switches.iter().position(|switch| *switch == owner(number)) else { continue };
            if matches!(resource.condition, Truth::Unknown(_)) {
                resource.condition = if bits >> at & 1 == 1 { Truth::Yes } else { Truth::No };
            }
        }
        world
    };
    (0..1usize << switches.len()).rev().map(world).collect()
}

/// The resource whose condition decides, for those that have none of their own and stand in another resource or in a
/// module.
fn owners(evaluated: &Evaluated) -> Map<usize, usize> {
    let is_open = |number: &usize| {
        evaluated.resources.get(*number).is_some_and(|resource| matches!(resource.condition, Truth::Unknown(_)))
    };
    let open: Vec<usize> = (0..evaluated.resources.len()).filter(is_open).collect();
    let resource = |number: &usize| evaluated.resources.get(*number);
    let ids: Map<_, usize> = open.iter().filter_map(|at| Some((key(&resource(at)?.id), *at))).collect();
    let above = |number: &usize| {
        let own = resource(number).filter(|own| own.condition_value.is_none())?;
        let parent = own.parent.as_ref().and_then(|parent| ids.get(&key(parent))).copied();
        let module = || evaluated.deployments.get(own.deployment as usize)?.resource.map(|at| at as usize);
        parent.or_else(module).filter(|above| is_open(above) && above != number)
    };
    let first = |number: usize| {
        let mut at = number;
        // The depth of modules is limited.
        for _ in 0..64 {
            match above(&at) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    };
    open.iter().map(|number| (*number, first(*number))).collect()
}
