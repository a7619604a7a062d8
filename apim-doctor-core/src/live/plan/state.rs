//! What was asked, what the answers told, and the reads that can go out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;

use super::assignment::Assignment;
use super::policies::Policies;
use crate::base::ResourceId;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::cloud::Cloud;
use crate::live::ask::{Ask, Read};
use crate::model::Input;
use crate::source;

/// From this number of instances on, lists of whole subscriptions are read where they say the same, and policies are
/// left out unless they are asked for.
pub(super) const MANY: usize = 5;

/// What to look at.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Wanted {
    /// Instances, or what declares a reference in one; apps, slots and their certificates.
    pub resources: Vec<ResourceId>,
    /// An instance or an app by its name, and its resource group where that is known.
    pub named: Option<(String, Option<String>)>,
    /// All instances and apps of a subscription.
    pub subscription: Option<String>,
    /// What a principal may do at a scope: its object id, or the id of a resource with an identity. Empty: all of them.
    pub held: Option<(String, ResourceId)>,
    /// Kinds of consumers, as `--consumer` names them; empty: all.
    pub consumers: Vec<String>,
    /// Lists the settings of apps, which hold secrets: only names, references, accounts and switches are recorded.
    pub read_settings: bool,
    /// Resources that files deploy, as Resource Manager would show them: what they refer to is read. One that has only
    /// an id is read itself.
    pub deployed: Vec<serde_json::Value>,
    /// What scripts back up to or restore from: storage accounts with containers; a name that is not literal is empty.
    pub(crate) backups: Vec<(String, String)>,
    /// Whether these are a part of many: what they have in common is then read in lists, and policies are left out unless
    /// they are asked for.
    pub of_many: bool,
    /// The time of the recording, from which jobs are read back.
    pub(crate) taken_at: Option<Timestamp>,
}

impl Wanted {
    /// Reads these resources, in addition to those named before.
    #[must_use]
    pub fn with_resources(mut self, resources: impl IntoIterator<Item = ResourceId>) -> Self {
        self.resources.extend(resources);
        self
    }

    /// Reads these resources as a part of many.
    #[must_use]
    pub fn of_many(mut self) -> Self {
        self.of_many = true;
        self
    }

    /// Reads what resources refer to that files deploy.
    #[must_use]
    pub fn with_deployed(mut self, resources: Vec<serde_json::Value>) -> Self {
        self.deployed = resources;
        self
    }

    /// Reads what the backups and restores depend on that scripts ask for.
    #[must_use]
    pub fn with_scripts(mut self, scripts: &[Input]) -> Self {
        let requests = scripts.iter().flat_map(source::backups_in);
        self.backups.extend(requests.filter(|(account, _)| !account.is_empty()));
        self
    }

    /// Reads what decides whether a principal may do something at a scope; with an empty principal, who may.
    #[must_use]
    pub fn with_held(mut self, principal: impl Into<String>, scope: ResourceId) -> Self {
        self.held = Some((principal.into(), scope));
        self
    }
}

impl Wanted {
    /// Whether what callers of this kind do is looked at.
    pub(crate) fn wants(&self, caller: CallerKind) -> bool {
        let mut kinds = ConsumerKind::ALL.iter().filter(|kind| kind.caller() == caller);
        let wanted = &self.consumers;
        kinds.any(|kind| wanted.is_empty() || wanted.iter().any(|start| kind.name().starts_with(start.as_str())))
    }
}

/// What was asked, what was learned, and what follows.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(super) cloud: Cloud,
    pub(super) wanted: Wanted,
    /// What is looked at, and whether it was answered.
    pub(super) instances: BTreeMap<ResourceId, bool>,
    asked: HashSet<String>,
    ready: Vec<Read>,
    /// Reads under way that may name further vaults, or where a vault is.
    pub(super) declaring: usize,
    /// Vaults that were seen, by name; and what references name in each.
    pub(super) vaults: BTreeMap<String, Vault>,
    pub(super) references: BTreeMap<String, Referenced>,
    /// Storage accounts that are named, with the shares that have to be in each.
    pub(super) accounts: BTreeMap<String, BTreeSet<String>>,
    /// Storage accounts (lower case) of backups, with the containers that scripts name.
    pub(super) backups: BTreeMap<String, BTreeSet<String>>,
    /// Private zones that did not matter yet.
    pub(super) zones_seen: BTreeSet<String>,
    /// What the policies of instances are made of.
    pub(super) policies: Policies,
    /// Resources whose subscriptions may hold deleted vaults.
    pub(super) subscriptions: BTreeSet<String>,
    /// Principals of the instances; client ids that they have, and that references name.
    pub(super) principals: BTreeSet<String>,
    pub(super) clients: BTreeSet<String>,
    pub(super) selected: BTreeSet<String>,
    pub(super) assignments: Vec<Assignment>,
    /// Whether names are resolved in a customer's network.
    pub(super) resolves: bool,
    /// Subnets on the way, and what each is joined to, once its network was read.
    pub(super) subnets: BTreeSet<String>,
    pub(super) joined: BTreeMap<String, Vec<(Ask, String)>>,
}

/// What references name in a vault.
#[derive(Clone, Debug, Default)]
pub(crate) struct Referenced {
    /// The vault's host.
    pub host: String,
    /// Objects, as Resource Manager names them.
    pub(super) objects: BTreeSet<String>,
    /// Keys, by their names.
    pub(super) keys: BTreeSet<String>,
    /// Objects that a version was named of.
    pub versioned: BTreeSet<String>,
    /// Objects that must be certificates.
    pub certificates: BTreeSet<String>,
    /// Whether the vault was found, and what is around it asked for.
    pub(super) is_followed: bool,
    /// Whether the vault was searched for.
    pub(super) is_searched: bool,
}

/// A vault that answers to a name in a reference.
#[derive(Clone, Debug, Default)]
pub(super) struct Vault {
    pub(super) id: String,
    pub(super) endpoints: Vec<String>,
    /// Object ids that its access policies name.
    pub(super) holders: BTreeSet<String>,
    /// Whether roles decide, and not its access policies.
    pub(super) by_roles: bool,
    /// Its region.
    pub(super) location: String,
    /// Addresses that its firewall admits.
    pub(super) address_rules: Vec<String>,
    /// Whether the answers show its private endpoints, or these do not matter: its firewall is off.
    pub(super) tells_endpoints: bool,
}

impl Plan {
    /// Starts with nothing asked.
    pub(super) fn empty(cloud: Cloud, wanted: Wanted) -> Self {
        Self { cloud, wanted, ..Self::default() }
    }

    /// Whether every instance of a subscription is looked at.
    pub(super) fn wants_all(&self) -> bool {
        let Wanted { resources, named, subscription, held, .. } = &self.wanted;
        subscription.is_some() && resources.is_empty() && named.is_none() && held.is_none()
    }

    /// Whether what callers of this kind do is looked at.
    pub(super) fn wants(&self, caller: CallerKind) -> bool {
        self.wanted.wants(caller)
    }

    /// Returns the reads that can go out now.
    pub(crate) fn take(&mut self) -> Vec<Read> {
        std::mem::take(&mut self.ready)
    }

    /// Whether a read is about one of the callers themselves, so that no run for other callers sends it.
    pub(crate) fn is_own(&self, read: &Read) -> bool {
        let path = ResourceId::new(read.path());
        self.wanted.resources.iter().any(|caller| path.is_within(caller))
    }

    /// Whether many instances are looked at.
    pub(super) fn is_wide(&self) -> bool {
        self.wanted.of_many || self.instances.len() >= MANY
    }

    /// Adds a read, once.
    pub(super) fn add(&mut self, read: Read) {
        if self.asked.insert(read.key()) {
            self.declaring += usize::from(declares(read.ask));
            self.ready.push(read);
        }
    }

    /// Asks for what is at a path.
    pub(super) fn get(&mut self, ask: Ask, path: &str) {
        self.add(Read::of(ask, path));
    }

    /// Asks Microsoft Graph, where the cloud has one.
    pub(super) fn directory(&mut self, ask: Ask, path: &str) {
        if !self.cloud.graph.is_empty() {
            self.add(Read::at(ask, format!("https://{}/v1.0/{path}", self.cloud.graph)));
        }
    }

    /// Looks with Resource Graph for what fits, in all that the token may read.
    pub(super) fn find(&mut self, ask: Ask, fits: &str) {
        self.add(Read::query(ask, format!("resources | where {fits} | project id, name, type")));
    }

    /// Asks for a list in the subscription of a resource.
    pub(super) fn in_subscription(&mut self, ask: Ask, of: &str) {
        if let Some(subscription) = ResourceId::new(of).subscription() {
            let provider = ask.details().request.split_once("}/").map_or("", |(_, rest)| rest);
            self.get(ask, &format!("/subscriptions/{subscription}/{provider}"));
        }
    }
}

/// Whether an answer may name further vaults, or where one is.
pub(super) fn declares(ask: Ask) -> bool {
    matches!(
        ask,
        Ask::Instance
            | Ask::Instances
            | Ask::NamedValues
            | Ask::Certificates
            | Ask::Sites
            | Ask::Slots
            | Ask::References
            | Ask::SlotReferences
            | Ask::ConnectionReferences
            | Ask::SlotConnectionReferences
            | Ask::Settings
            | Ask::SlotSettings
            | Ask::AppCertificates
            | Ask::AppCertificate
            | Ask::ApplicationGateways
            | Ask::ApplicationGateway
            | Ask::RecoveryVaults
            | Ask::RecoveryVault
            | Ask::ProtectedMachines
            | Ask::Machine
            | Ask::Extensions
            | Ask::Vaults
            | Ask::FindVaults
    )
}
