//! What the gateway runs for a request: the documents of all scopes, each in the place of `<base />` of the next.

use std::collections::HashMap;

use super::place::{is_fragment, owner_of, place_of};
use super::policies::{Layer, Policies, Variable};
use super::run::Run;
use super::{Found, Sources};
use crate::base::ResourceId;
use crate::knowledge::cloud::Cloud;

/// Follows every policy of an instance.
pub(crate) fn follow(sources: &Sources<'_>, cloud: &Cloud) -> Found {
    let mut policies = Policies::read(sources, cloud);
    let mut by_owner: HashMap<String, usize> = HashMap::new();
    for (number, document) in sources.documents.iter().enumerate() {
        if !is_fragment(document.id) {
            by_owner.insert(owner_of(document.id), number);
        }
    }
    // Products first: their APIs see what they set.
    let apis = policies.apis.keys().filter(|api| !by_owner.contains_key(*api));
    let mut owners: Vec<String> = by_owner.keys().chain(apis).cloned().collect();
    owners.sort_by_key(|owner| (!is_product(owner), owner.clone()));
    for owner in owners {
        run(&mut policies, owner, &by_owner);
    }
    policies.found()
}

fn is_product(owner: &str) -> bool {
    owner.rsplit('/').nth(1) == Some("products")
}

/// Runs the document of one owner as the innermost one.
fn run(policies: &mut Policies<'_>, owner: String, by_owner: &HashMap<String, usize>) {
    let mut chain: Vec<usize> = by_owner.get(&owner).copied().into_iter().collect();
    let mut parent = owner.as_str();
    while let Some((shorter, _)) = parent.rsplit_once('/') {
        parent = shorter;
        chain.extend(by_owner.get(parent));
    }
    let (api, place) = (policies.api_of(&owner), place_of(&ResourceId::new(&format!("{owner}/x"))));
    let is_product = is_product(&owner);
    let layer = match !is_product && owner.contains("/apis/") {
        true => policies.by_products.get(&place).cloned().unwrap_or_default(),
        false => Layer::default(),
    };
    let mut run = Run::new(policies, chain, owner, place.clone(), layer);
    run.sections();
    if run.is_forwarded && !run.is_answered {
        run.forward(api);
    }
    let Run { variables, tokens, .. } = run;
    if is_product {
        policies.by_products.entry(place).or_default().add(variables, tokens);
    }
}

impl Layer {
    /// Adds what one product sets.
    fn add(&mut self, variables: HashMap<String, Variable>, tokens: Vec<usize>) {
        for (name, variable) in variables {
            match self.variables.get_mut(&name) {
                Some(known) if known.values != variable.values => known.is_unsure = true,
                Some(_) => {}
                None => {
                    self.variables.insert(name, variable);
                }
            }
        }
        self.tokens.extend(tokens);
    }
}
