//! Lists that hold what the files make.

use crate::model::{Deployed, EachType, Estate, Filter, ListAnswer, Lists, Modelled, Place, is_extension, list_scope};

/// Lists that hold what the files make.
pub(super) struct ListEach<'l> {
    pub estate: &'l Estate,
    pub deployed: &'l Deployed,
    pub lists: &'l mut Lists,
}

impl EachType for ListEach<'_> {
    fn visit<P: Modelled>(&mut self) {
        for resource in self.estate.all::<P>() {
            let kind = resource.id.resource_type().to_ascii_lowercase();
            let Some(kind) = P::TYPES.iter().find(|own| **own == kind).copied() else { continue };
            let Some(scope) = list_scope(&resource.id) else { continue };
            // What a resource that the files only name is extended with elsewhere is not in the files.
            if is_extension(&resource.id) && self.deployed.named.contains(&scope) {
                continue;
            }
            let kinds = self.lists.entry(scope).or_default();
            let at = Place { file: u16::MAX, offset: 0, len: 0 };
            match kinds.iter_mut().find(|(own, _)| *own == kind) {
                Some((_, answers)) => answers.iter_mut().for_each(|answer| answer.ids.push(resource.id.clone())),
                None => {
                    let not_seen = self.deployed.open(kind);
                    let ids = vec![resource.id.clone()];
                    kinds.push((kind, vec![ListAnswer { filter: Filter::None, ids, not_seen, is_gone: false, at }]));
                }
            }
        }
    }
}
