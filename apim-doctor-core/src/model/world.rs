//! What it means that the inputs do not hold something.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use crate::base::{Map, ObjectId, ResourceId};
use crate::model::backup::Sender;
use crate::model::{Filter, Gap, ListAnswer, Place};

/// What it means that the inputs do not hold something.
#[derive(Clone, Debug, Default)]
pub(crate) enum World {
    /// They are recordings: only a complete list proves that something is not there.
    #[default]
    Recorded,
    /// They are the files of a deployment, which hold all that it makes.
    Deployed(Arc<Deployed>),
}

/// The files of a deployment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deployed {
    /// Whether there is nothing but what the files make. Otherwise grants, zones, links, records and shares that they do
    /// not hold may exist.
    pub is_all: bool,
    /// Whether there is more than the files make: what they are laid over.
    pub has_more: bool,
    /// Resources that the files only name.
    pub named: HashSet<ResourceId>,
    /// Types (lower case) of which the files may make more than is known, and why.
    pub open: Map<String, Gap>,
    /// Lists of those types, where the files make none.
    pub unsure: Map<String, [ListAnswer; 1]>,
    /// What the files do not say of resources that are read all the same.
    pub questions: Vec<(ResourceId, Gap)>,
    /// What the files say of requests for backups, by their ids.
    pub senders: Map<ResourceId, Sender>,
    /// Consumers that are read although something in them is not known, and what.
    pub partial: Map<ResourceId, Gap>,
    /// Modules that could not be read, and may hold anything.
    pub lost: Option<Gap>,
    /// What is not known of private endpoints in the files.
    pub endpoints: Option<Gap>,
    /// Where the files write the resources.
    pub origins: Map<ResourceId, Origin>,
    /// What the texts that stand for something mean, in words.
    pub words: Map<Arc<str>, String>,
    /// What waits for what.
    pub order: Order,
}

/// What waits for what in a deployment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// The resources that are made, with their numbers: one that is deployed twice has two.
    pub numbers: Map<ResourceId, Vec<u32>>,
    /// The numbers of what each number waits for.
    pub edges: Vec<Vec<u32>>,
    /// What was there before.
    pub existing: HashSet<ResourceId>,
    /// Whether the files do not say what waits for what.
    pub is_unknown: bool,
}

impl Order {
    /// Whether the deployment makes a resource.
    pub(crate) fn makes(&self, id: &ResourceId) -> bool {
        self.numbers.contains_key(id) && !self.existing.contains(id)
    }

    /// Whether the deployment makes a resource, and in one step.
    pub(crate) fn is_new(&self, id: &ResourceId) -> bool {
        self.makes(id) && self.numbers.get(id).is_some_and(|numbers| numbers.len() == 1)
    }

    /// Whether a resource waits for another one.
    pub(crate) fn waits(&self, id: &ResourceId, on: &ResourceId) -> bool {
        let wanted = self.numbers.get(on).map(Vec::as_slice).unwrap_or_default();
        let mut open: Vec<u32> = self.numbers.get(id).cloned().unwrap_or_default();
        let mut seen: HashSet<u32> = open.iter().copied().collect();
        while let Some(next) = open.pop() {
            for edge in self.edges.get(next as usize).into_iter().flatten() {
                if wanted.contains(edge) {
                    return true;
                }
                if seen.insert(*edge) {
                    open.push(*edge);
                }
            }
        }
        false
    }
}

impl World {
    /// The files of a deployment.
    pub(crate) fn deployed(&self) -> Option<&Deployed> {
        match self {
            World::Recorded => None,
            World::Deployed(files) => Some(files),
        }
    }
}

/// A file with a line and a column.
pub(crate) type Written = (Arc<str>, usize, usize);

/// Where a resource is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The resource.
    pub at: Option<Written>,
    /// Its values, by their pointers (lower case).
    pub places: Map<String, Written>,
}

impl Origin {
    /// Where the value at a pointer is written, or what is around it.
    pub(crate) fn of(&self, pointer: &str) -> Option<&Written> {
        let pointer = pointer.to_ascii_lowercase();
        // What a rule of a security group does is said by one of its members.
        if let Some(found) = self.places.get(&format!("{pointer}/properties/access")) {
            return Some(found);
        }
        let mut at = pointer.as_str();
        while !at.is_empty() {
            if let Some(found) = self.places.get(at) {
                return Some(found);
            }
            at = at.rsplit_once('/').map_or("", |(before, _)| before);
        }
        self.at.as_ref()
    }
}

/// What may exist although the files of a deployment do not hold it, by its type.
///
/// Files of a deployment rarely hold deny assignments, perimeters, rulesets or network managers, so their
/// absence leaves nothing open.
const ELSEWHERE: [(&str, &str); 6] = [
    ("microsoft.authorization/roleassignments", "role assignments"),
    ("microsoft.network/privatednszones", "private DNS zones"),
    ("microsoft.network/privatednszones/virtualnetworklinks", "links of private DNS zones"),
    ("microsoft.network/privatednszones/a", "records of private DNS zones"),
    ("microsoft.network/privatednszones/all", "records of private DNS zones"),
    ("microsoft.storage/storageaccounts/fileservices/shares", "file shares"),
];

/// A list that holds nothing but what the files make.
static WHOLE: LazyLock<[ListAnswer; 1]> = LazyLock::new(|| [answer(None)]);

/// Lists of what may exist elsewhere.
static OPEN: LazyLock<Map<&'static str, [ListAnswer; 1]>> =
    LazyLock::new(|| ELSEWHERE.into_iter().map(|(kind, words)| (kind, [answer(Some(elsewhere(words)))])).collect());

/// A list of which the files do not say what is in it.
pub(crate) fn unsure(gap: &Gap) -> [ListAnswer; 1] {
    [answer(Some(gap.clone()))]
}

fn answer(not_seen: Option<Gap>) -> ListAnswer {
    let at = Place { file: u16::MAX, offset: 0, len: 0 };
    ListAnswer { filter: Filter::None, ids: Vec::new(), not_seen, is_gone: false, at }
}

/// The files hold none that fits; there may be others.
fn elsewhere(words: &str) -> Gap {
    Gap::not_in_files(format!("whether there are other {words} than those in the files"))
}

impl Deployed {
    /// What the list of a type says where the files make none at the scope.
    pub(super) fn nothing_at(&self, scope: &ResourceId, kind: &str) -> &[ListAnswer] {
        if self.named.contains(scope) || !self.holds(scope) {
            return &[];
        }
        if let Some(unsure) = self.unsure.get(kind) {
            return unsure;
        }
        match OPEN.get(kind).filter(|_| !self.is_all) {
            Some(open) => open,
            None => &*WHOLE,
        }
    }

    /// Whether what is at a scope can only come from the files.
    pub(crate) fn holds(&self, scope: &ResourceId) -> bool {
        !self.has_more || self.order.makes(scope)
    }

    /// Whether a text holds something that may be anything or does not exist yet.
    pub(crate) fn stands_in(&self, text: &str) -> bool {
        self.words.keys().any(|word| text.contains(&**word))
    }

    /// Whether an identity is named only, so that this id of it is not known.
    pub(crate) fn only_names(&self, identity: &ResourceId, id: Option<&ObjectId>) -> bool {
        !self.order.makes(identity) && id.is_some_and(|id| self.stands_in(id.as_str()))
    }

    /// Whether the files deploy a resource, new or again.
    pub(crate) fn deploys(&self, id: &ResourceId) -> bool {
        self.order.numbers.contains_key(id)
    }

    /// Why the list of a type is not complete with what the files make.
    pub(crate) fn open(&self, kind: &str) -> Option<Gap> {
        if let Some(gap) = self.open.get(kind) {
            return Some(gap.clone());
        }
        OPEN.get(kind).filter(|_| !self.is_all).and_then(|[open]| open.not_seen.clone())
    }

    /// Whether a resource below another is certainly not there: the files make the other one, and not this one.
    pub(super) fn lacks(&self, parent: &ResourceId, kind: &str) -> bool {
        !self.named.contains(parent) && self.holds(parent) && self.open(kind).is_none()
    }
}
