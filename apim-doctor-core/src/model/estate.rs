//! The collected data: resources by id, lists by scope, and refused requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::base::{Map, Memo, ObjectId, ResourceId};
use crate::knowledge::cloud::Cloud;
use crate::model::backup::Call;
use crate::model::direct::DirectAnswer;
use crate::model::index::{Index, letters};
use crate::model::list::{Filter, ListAnswer, Lists, list_scope, not_seen};
use crate::model::managed_identity as msi;
use crate::model::recorded::{DnsAnswer, Observation, Probe, SignedIn};
use crate::model::script::ScriptRequest;
use crate::model::table::{Modelled, Tables};
use crate::model::{Coverage, Fact, Gap, Listing, Resource, World, key_vault as kv};

/// One file, or standard input, as it was read.
///
/// ```
/// use apim_doctor_core::Input;
/// let input = Input::new("snapshot.json", *b"[]");
/// assert_eq!(input.bytes, b"[]");
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Input {
    /// What errors and evidence call it.
    pub name: String,
    /// The contents.
    pub bytes: Vec<u8>,
    /// The caller says that it is a script.
    pub(crate) is_script: bool,
}

impl Input {
    /// An input with these contents.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into(), is_script: false }
    }

    /// A script that may send requests for backups, or a pipeline with such scripts, whatever its content looks like.
    pub fn script(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { is_script: true, ..Self::new(name, bytes) }
    }
}

/// A request for one resource that was not answered with the resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// 404.
    NotFound,
    /// It was answered, and the answer could not be understood.
    Unreadable(Gap),
    /// Answers about it contradict each other.
    Contradicted(Gap),
    /// Anything else.
    NotSeen(Gap),
}

/// What was asked of Azure and what it said, ready to be judged.
///
/// Absence is evidence only where coverage is complete; every question therefore has three answers. A clone shares the
/// collected data, so fixes can be tried on several clones in parallel.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    pub(crate) inputs: Arc<Vec<Input>>,
    pub(crate) coverage: Arc<Coverage>,
    pub(crate) cloud: Cloud,
    /// Whether something says that it is this cloud; without that, it is only the usual one.
    pub(crate) is_cloud_known: bool,
    pub(crate) is_recording: bool,
    /// What it means that the inputs do not hold something.
    pub(crate) world: World,
    /// The same if the files of a deployment are all there is, where they are not said to be.
    pub(crate) alone: Option<Arc<Estate>>,
    /// The same with the zone of every private endpoint, linked to every network.
    pub(crate) linked: Option<Arc<Estate>>,
    /// The same with what the files of a deployment leave open decided in each possible way, or in as many as are tried.
    /// One of them comes true.
    pub(crate) possible: Vec<Arc<Estate>>,
    pub(crate) taken_at: Option<Timestamp>,
    /// Who recorded it.
    pub(crate) signed_in: Option<SignedIn>,
    /// The tenant that was asked.
    pub(crate) tenant_id: Option<ObjectId>,
    pub(crate) tables: Tables,
    /// Bodies that a patch changed, while it is tried.
    pub(crate) patched: Map<ResourceId, serde_json::Value>,
    pub(crate) refusals: Map<ResourceId, Refusal>,
    /// Resources from recordings of an earlier version, which kept less of them than is read now.
    pub(crate) partial: Vec<ResourceId>,
    pub(crate) lists: Arc<Lists>,
    pub(crate) direct: Arc<Map<String, DirectAnswer>>,
    pub(crate) dns: Vec<DnsAnswer>,
    pub(crate) probes: Vec<Probe>,
    pub(crate) observations: Vec<Observation>,
    /// Backups, restores and account keys that somebody asked for.
    pub(crate) calls: Vec<Call>,
    /// Requests for backups that scripts send, by their ids.
    pub(crate) scripts: Arc<BTreeMap<ResourceId, ScriptRequest>>,
    /// Paths that failed until fixes were applied to the recording in memory; what was said before does not count.
    pub(crate) repaired: Vec<String>,
    pub(crate) index: Arc<Index>,
    /// The same for resources that a patch made, while it is tried.
    pub(crate) made: Index,
    /// What was worked out of the index, for all who ask.
    pub(crate) memo: Arc<Memo>,
}

impl Estate {
    /// The ids of all resources of a type that were read, in order.
    pub(crate) fn ids<P: Modelled>(&self) -> Vec<&ResourceId> {
        self.all::<P>().into_iter().map(|resource| &resource.id).collect()
    }

    /// Adds an error text that somebody saw, and what it was about. What it proves counts as a fact.
    pub fn observe(&mut self, error: &str, resource: Option<ResourceId>) {
        self.observations.push(Observation { error: error.to_owned(), resource, at: None, is_status: false });
    }

    /// When the recording was taken; the latest where there are several.
    pub fn taken_at(&self) -> Option<Timestamp> {
        self.taken_at
    }

    /// The time to judge from: the one asked for, or when the recording was taken, or now.
    pub(crate) fn time(&self, asked: Option<Timestamp>) -> Timestamp {
        asked.or(self.taken_at).unwrap_or_else(Timestamp::now)
    }

    /// One resource.
    pub(crate) fn get<P: Modelled>(&self, id: &ResourceId) -> Fact<&Resource<P>> {
        match (P::table(&self.tables).get(id), self.refusals.get(id)) {
            // Resources with contradicting answers are no longer in a table.
            (Some(row), _) => Fact::Known(&row.resource),
            (None, Some(Refusal::NotFound)) => Fact::Absent(id.clone()),
            (None, Some(Refusal::NotSeen(gap) | Refusal::Unreadable(gap) | Refusal::Contradicted(gap))) => {
                Fact::Unknown(gap.clone())
            }
            (None, None) => match self.listed_without(P::TYPES, id) {
                true => Fact::Absent(id.clone()),
                false => Fact::Unknown(self.unseen(P::NOUN, id)),
            },
        }
    }

    /// Why a resource is not known that no answer and no file holds.
    fn unseen(&self, noun: &str, id: &ResourceId) -> Gap {
        let what = format!("{noun} `{}`", id.name());
        match &self.world {
            World::Recorded => Gap::not_collected(what, id),
            World::Deployed(files) if !files.has_more => Gap::not_in_files(format!("{what}: the files do not make it")),
            World::Deployed(_) => Gap::not_collected(what, id),
        }
    }

    /// Whether a complete list of the parent or the subscription lacks the id.
    fn listed_without(&self, types: &[&str], id: &ResourceId) -> bool {
        let kind = id.resource_type().to_ascii_lowercase();
        let Some(scope) = list_scope(id).filter(|_| types.contains(&kind.as_str())) else { return false };
        if let Some(files) = self.world.deployed().filter(|files| files.holds(&scope)) {
            return kind.matches('/').count() > 1 && files.lacks(&scope, &kind);
        }
        self.answers(&scope, &kind).iter().any(|a| a.filter == Filter::None && a.not_seen.is_none())
    }

    /// Whether a resource was read with an api-version before this one, which may not answer newer properties.
    pub(crate) fn is_older<P: Modelled>(&self, id: &ResourceId, version: &str) -> bool {
        // What a deployment does not send has its default.
        if self.world.deployed().is_some_and(|files| files.deploys(id)) {
            return false;
        }
        let row = P::table(&self.tables).get(id);
        row.is_some_and(|row| !row.rank.1.is_empty() && *row.rank.1 < *version)
    }

    /// All resources of a type that were seen anywhere, in no order.
    pub(super) fn rows<P: Modelled>(&self) -> impl Iterator<Item = &Resource<P>> {
        P::table(&self.tables).values().map(|row| &row.resource)
    }

    /// All resources of a type that were seen anywhere, in the order of ids.
    pub(crate) fn all<P: Modelled>(&self) -> Vec<&Resource<P>> {
        let mut all: Vec<_> = self.rows::<P>().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }

    /// The answers to requests for a list, by scope and type (lower case).
    pub(crate) fn answers(&self, scope: &ResourceId, kind: &str) -> &[ListAnswer] {
        let kinds = self.lists.get(scope).map(Vec::as_slice).unwrap_or_default();
        let recorded = kinds.iter().find(|(own, _)| *own == kind).map(|(_, answers)| answers.as_slice());
        match (recorded, &self.world) {
            (Some(answers), _) => answers,
            (None, World::Recorded) => &[],
            (None, World::Deployed(files)) => files.nothing_at(scope, kind),
        }
    }

    /// Those of the answers to requests for role or deny assignments that tell of a principal.
    pub(crate) fn answers_about(
        &self,
        scope: &ResourceId,
        kind: &'static str,
        principal: &ObjectId,
    ) -> Vec<&ListAnswer> {
        let answers = self.answers(scope, kind);
        let Some(about) = self.index.answers_about.get(&(scope.clone(), kind)) else { return answers.iter().collect() };
        let of = |key: Option<ObjectId>| about.get(&key).into_iter().flatten().copied();
        let mut places: Vec<usize> = of(None).chain(of(Some(principal.clone()))).collect();
        places.sort_unstable();
        places.into_iter().filter_map(|at| answers.get(at)).collect()
    }

    /// Resources of a type directly below a scope: the links of a zone, the vaults of a subscription.
    pub(crate) fn list<P: Modelled>(&self, scope: &ResourceId, kind: &str) -> Listing<&Resource<P>> {
        let answers = self.answers(scope, kind);
        let table = P::table(&self.tables);
        let mut ids: Vec<&ResourceId> = answers.iter().flat_map(|a| &a.ids).collect();
        ids.sort();
        ids.dedup();
        let items = ids.into_iter().filter_map(|id| table.get(id)).map(|row| &row.resource).collect();
        Listing { items, not_seen: not_seen(answers, P::NOUN, scope, kind) }
    }

    /// Links of private zones and forwarding rulesets to a network.
    pub(crate) fn links_of<'e>(&'e self, network: &ResourceId) -> impl Iterator<Item = &'e ResourceId> + use<'e> {
        both(self.index.links_of.get(network), self.made.links_of.get(network))
    }

    /// Private zones of a name (lower case).
    pub(crate) fn zones_named<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e ResourceId> + use<'e> {
        both(self.index.zones.get(name), self.made.zones.get(name))
    }

    /// The vault that answers to a host name, where one is known.
    pub(crate) fn vaults_at(&self, host: &str) -> &[ResourceId] {
        self.index.vault_hosts.get(host).map(Vec::as_slice).unwrap_or_default()
    }

    /// Storage accounts of a name.
    pub(crate) fn accounts_named(&self, name: &str) -> &[ResourceId] {
        self.index.accounts.get(&name.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Storage accounts that name a host as their own.
    pub(crate) fn accounts_at(&self, host: &str) -> &[ResourceId] {
        self.index.account_hosts.get(host).map(Vec::as_slice).unwrap_or_default()
    }

    /// Vaults whose names differ from this one only in signs and case.
    pub(crate) fn vaults_like(&self, name: &str) -> &[ResourceId] {
        let wanted = Some(letters(name)).filter(|letters| !letters.is_empty());
        wanted.and_then(|letters| self.index.vaults_like.get(&letters)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The user-assigned identity with this client id, wherever it was seen.
    pub(crate) fn identity_of_client(&self, client_id: &ObjectId) -> Option<&Resource<msi::UserAssignedIdentity>> {
        let id = self.index.identities.get(&client_id.as_str().to_ascii_lowercase())?;
        self.tables.identities.get(id).map(|row| &row.resource)
    }

    /// The deleted vault that had this name.
    pub(crate) fn deleted_vault(&self, name: &str) -> Option<&Resource<kv::DeletedVault>> {
        let id = self.index.deleted_vaults.get(&name.to_ascii_lowercase())?;
        self.tables.deleted_vaults.get(id).map(|row| &row.resource)
    }

    /// Why the list of a type at a scope is not known to be complete; `None` where it is.
    pub(crate) fn open<P: Modelled>(&self, scope: &ResourceId, kind: &str) -> Option<Gap> {
        not_seen(self.answers(scope, kind), P::NOUN, scope, kind)
    }
}

/// The collected data, then what a patch added.
fn both<'e>(
    read: Option<&'e Vec<ResourceId>>,
    made: Option<&'e Vec<ResourceId>>,
) -> impl Iterator<Item = &'e ResourceId> {
    read.into_iter().chain(made).flatten()
}
