//! Deployments that have something to do with each other.
//!
//! A fix of one deployment is tried without those that share nothing with it, so the time for all fixes grows with the
//! number of deployments and not with its square.

use std::sync::Arc;

use aho_corasick::AhoCorasick;

use crate::base::Map;
use crate::predeploy::work::Work;
use crate::template::canonical::write_canonical;
use crate::template::resource::Resource;
use crate::template::text::{key, safe};

/// Providers whose resources belong to another resource, or to a whole group: their names say nothing.
const EXTENSIONS: [&str; 3] = ["microsoft.authorization", "microsoft.insights", "microsoft.resources"];

/// The shortest name that tells resources apart.
const SHORTEST: usize = 3;

/// The numbers of the deployments in groups. Two are in one group if they read the same file, or if one of them mentions
/// the name of a resource that the other one makes or names: what they do may then depend on each other.
pub(super) fn groups(work: &Work<'_>) -> Vec<Vec<usize>> {
    let mut groups = Groups { above: (0..work.shares.len()).collect() };
    let mut readers = Map::default();
    for (number, share) in work.shares.iter().enumerate() {
        for file in &share.files {
            groups.join(number, *readers.entry(file).or_insert(number));
        }
    }
    let resources = |number: usize| {
        let range = work.shares.get(number).map(|share| share.resources.clone()).unwrap_or_default();
        work.evaluated.resources.get(range).unwrap_or_default()
    };
    let mut owners: Map<Arc<str>, usize> = Map::default();
    for number in 0..work.shares.len() {
        for name in resources(number).iter().filter_map(name) {
            groups.join(number, *owners.entry(name).or_insert(number));
        }
    }
    let (names, owners): (Vec<Arc<str>>, Vec<usize>) = owners.into_iter().unzip();
    let search = AhoCorasick::new(names.iter().map(|name| name.as_bytes()));
    for number in 0..work.shares.len() {
        for resource in resources(number) {
            let text = [&resource.id, &resource.scope, &resource.body].map(write_canonical).concat();
            let text = safe(&text.to_ascii_lowercase()).into_owned();
            match &search {
                Ok(search) => {
                    for found in search.find_overlapping_iter(&text) {
                        let owner = owners.get(found.pattern().as_usize());
                        owner.into_iter().for_each(|owner| groups.join(number, *owner));
                    }
                }
                // Without a search, all may depend on all.
                Err(_) => groups.join(number, 0),
            }
        }
    }
    groups.list()
}

/// The name of the resource that a resource is, or belongs to: of a secret, the vault's.
fn name(resource: &Resource) -> Option<Arc<str>> {
    let id = key(&resource.id);
    let id = safe(&id);
    let mut segments = id.split('/').skip_while(|segment| *segment != "providers").skip(1);
    let (provider, _, name) = (segments.next()?, segments.next()?, segments.next()?);
    (!EXTENSIONS.contains(&provider) && name.len() >= SHORTEST).then(|| name.into())
}

/// Numbers in groups; each leads to the first of its group.
struct Groups {
    above: Vec<usize>,
}

impl Groups {
    fn first(&self, mut number: usize) -> usize {
        while let Some(above) = self.above.get(number).filter(|above| **above != number) {
            number = *above;
        }
        number
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        if let Some(above) = self.above.get_mut(one.max(other)) {
            *above = one.min(other);
        }
    }

    fn list(&self) -> Vec<Vec<usize>> {
        let mut all: Vec<Vec<usize>> = vec![Vec::new(); self.above.len()];
        for number in 0..self.above.len() {
            if let Some(group) = all.get_mut(self.first(number)) {
                group.push(number);
            }
        }
        all.retain(|group| !group.is_empty());
        all
    }
}
