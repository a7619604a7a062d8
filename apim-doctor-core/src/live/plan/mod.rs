//! What to read next, from what was answered so far.
//!
//! Each answer releases the reads that depend on it, so that independent ones go out together. A read goes out once.
//! What is looked at: the instances that were asked for, what they refer to, and what lies on the way.

mod app;
mod caller;
mod grants;
mod instance;
mod network;
mod policy;
mod reference;
mod vault;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use self::caller::{declares, list_of};
use self::grants::Assignment;
use self::policy::Policies;
pub(crate) use self::reference::Referenced;
use self::vault::Vault;
use crate::base::ResourceId;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::cloud::Cloud;
use crate::live::ask::{Ask, Read};

/// From this number of instances on, lists of whole subscriptions are read where they say the same, and policies are
/// left out unless they are asked for.
const MANY: usize = 5;

/// From this number of objects on, the list of a vault's objects is read instead of each; with many instances, from
/// two on.
const MANY_OBJECTS: usize = 5;

/// Holders of grants that are looked up in the directory, at most, for each vault.
const HOLDERS: usize = 20;

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
    /// What a principal may do at a scope: its object id, or the id of a resource with an identity.
    pub held: Option<(String, ResourceId)>,
    /// Kinds of consumers, as `--consumer` names them; empty: all.
    pub consumers: Vec<String>,
    /// Lists the settings of apps, which hold secrets: only names, references, accounts and switches are recorded.
    pub read_settings: bool,
}

impl Wanted {
    /// Reads these resources, in addition to those named before.
    #[must_use]
    pub fn with_resources(mut self, resources: impl IntoIterator<Item = ResourceId>) -> Self {
        self.resources.extend(resources);
        self
    }

    /// Reads what decides whether a principal may do something at a scope.
    #[must_use]
    pub fn with_held(mut self, principal: impl Into<String>, scope: ResourceId) -> Self {
        self.held = Some((principal.into(), scope));
        self
    }
}

/// What was asked, what was learned, and what follows.
#[derive(Debug)]
pub(crate) struct Plan {
    cloud: Cloud,
    wanted: Wanted,
    /// What is looked at, and whether it was answered.
    instances: BTreeMap<ResourceId, bool>,
    asked: HashSet<String>,
    ready: Vec<Read>,
    /// Reads under way that may name further vaults, or tell where a vault is.
    declaring: usize,
    /// Vaults that were seen, by name; and what references name in each.
    vaults: BTreeMap<String, Vault>,
    references: BTreeMap<String, Referenced>,
    /// Storage accounts that are named, with the shares that have to be in each.
    accounts: BTreeMap<String, BTreeSet<String>>,
    /// Private zones that did not matter yet.
    zones_seen: BTreeSet<String>,
    /// What the policies of instances are made of.
    policies: Policies,
    /// Resources whose subscriptions may hold deleted vaults.
    subscriptions: BTreeSet<String>,
    /// Principals of the instances; client ids that they have, and that references name.
    principals: BTreeSet<String>,
    clients: BTreeSet<String>,
    selected: BTreeSet<String>,
    assignments: Vec<Assignment>,
    /// Whether names are resolved in a network of somebody's.
    resolves: bool,
    /// Subnets on the way, and what each is joined to, once its network was read.
    subnets: BTreeSet<String>,
    joined: BTreeMap<String, Vec<(Ask, String)>>,
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn items<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn folded(text: &str) -> String {
    text.trim_end_matches('/').to_ascii_lowercase()
}

/// The ids of a list's elements.
fn ids(body: &Value) -> impl Iterator<Item = &str> {
    items(body, "/value").filter_map(|item| text(item, "/id"))
}

/// The ids that a query of Resource Graph found.
fn found(body: &Value) -> impl Iterator<Item = &str> {
    items(body, "/data").filter_map(|row| text(row, "/id"))
}

/// What a list was asked of: a subscription, or a resource.
fn scope_of(list: &Read) -> ResourceId {
    let path = list.path();
    ResourceId::new(path.rfind("/providers/").and_then(|at| path.get(..at)).unwrap_or_default())
}

impl Plan {
    /// Starts with what was asked for.
    pub fn new(cloud: Cloud, wanted: Wanted) -> Self {
        let mut plan = Self {
            cloud,
            wanted,
            instances: BTreeMap::new(),
            asked: HashSet::new(),
            ready: Vec::new(),
            declaring: 0,
            vaults: BTreeMap::new(),
            references: BTreeMap::new(),
            accounts: BTreeMap::new(),
            zones_seen: BTreeSet::new(),
            policies: Policies::default(),
            subscriptions: BTreeSet::new(),
            principals: BTreeSet::new(),
            clients: BTreeSet::new(),
            selected: BTreeSet::new(),
            assignments: Vec::new(),
            resolves: false,
            subnets: BTreeSet::new(),
            joined: BTreeMap::new(),
        };
        if let Some((name, group)) = plan.wanted.named.clone() {
            let group = group.map(|group| format!(" and resourceGroup =~ '{}'", quoted(&group))).unwrap_or_default();
            let within = plan.wanted.subscription.as_deref();
            let within = within.map(|id| format!(" and subscriptionId =~ '{}'", quoted(id))).unwrap_or_default();
            let is_named = format!("name =~ '{}'{group}{within}", quoted(&name));
            let types = CallerKind::ALL.into_iter().filter_map(CallerKind::named_type).map(|name| format!("'{name}'"));
            let types = types.collect::<Vec<_>>().join(", ");
            plan.find(Ask::FindInstance, &format!("type in~ ({types}) and {is_named}"));
        }
        if let Some(subscription) = plan.wanted.subscription.clone().filter(|_| plan.wants_all()) {
            let subscription = format!("/subscriptions/{subscription}");
            for kind in CallerKind::ALL.into_iter().filter(|kind| plan.wants(*kind)).collect::<Vec<_>>() {
                plan.in_subscription(list_of(kind), &subscription);
            }
        }
        let named: Vec<ResourceId> = plan.wanted.resources.iter().filter_map(CallerKind::caller_of).collect();
        plan.look_at_callers(named);
        if let Some((principal, scope)) = plan.wanted.held.clone() {
            plan.held(&principal, &scope);
        }
        plan
    }

    /// Whether every instance of a subscription is looked at.
    fn wants_all(&self) -> bool {
        let Wanted { resources, named, subscription, held, .. } = &self.wanted;
        subscription.is_some() && resources.is_empty() && named.is_none() && held.is_none()
    }

    /// Whether what callers of this kind do is looked at.
    fn wants(&self, caller: CallerKind) -> bool {
        let mut consumers = ConsumerKind::ALL.iter().filter(|kind| kind.caller() == caller);
        let wanted = &self.wanted.consumers;
        consumers.any(|kind| wanted.is_empty() || wanted.iter().any(|start| kind.name().starts_with(start.as_str())))
    }

    /// The reads that can go out now.
    pub fn take(&mut self) -> Vec<Read> {
        std::mem::take(&mut self.ready)
    }

    /// Whether many instances are looked at.
    fn is_wide(&self) -> bool {
        self.instances.len() >= MANY
    }

    fn add(&mut self, read: Read) {
        if self.asked.insert(read.key()) {
            self.declaring += usize::from(declares(read.ask));
            self.ready.push(read);
        }
    }

    fn get(&mut self, ask: Ask, path: &str) {
        self.add(Read::of(ask, path));
    }

    /// Asks Microsoft Graph, where the cloud has one.
    fn directory(&mut self, ask: Ask, path: &str) {
        if !self.cloud.graph.is_empty() {
            self.add(Read::at(ask, format!("https://{}/v1.0/{path}", self.cloud.graph)));
        }
    }

    /// Looks with Resource Graph for what fits, in all that the token may read.
    fn find(&mut self, ask: Ask, fits: &str) {
        self.add(Read::query(ask, format!("resources | where {fits} | project id, name, type")));
    }

    fn in_subscription(&mut self, ask: Ask, of: &str) {
        if let Some(subscription) = ResourceId::new(of).subscription() {
            let provider = ask.details().request.split_once("}/").map_or("", |(_, rest)| rest);
            self.get(ask, &format!("/subscriptions/{subscription}/{provider}"));
        }
    }

    /// A page of an answer, or the whole of it. `is_last`: no page of this list is to come.
    pub fn learn(&mut self, read: &Read, status: u16, body: &Value, is_last: bool) {
        if status == 200 {
            self.answered(read, body);
        } else {
            self.refused(read);
        }
        if is_last {
            if read.ask == Ask::Instances {
                self.read_alone(read);
            }
            self.declaring -= usize::from(declares(read.ask));
        }
        if self.declaring == 0 {
            self.follow_references();
        }
    }

    fn answered(&mut self, read: &Read, body: &Value) {
        match read.ask {
            Ask::NamedValues | Ask::Certificates | Ask::WorkspaceNamedValues | Ask::WorkspaceCertificates => {
                self.reference_answered(read.ask, body);
            }
            Ask::Policy
            | Ask::Fragments
            | Ask::Apis
            | Ask::ApiPolicy
            | Ask::Operations
            | Ask::OperationPolicy
            | Ask::ApiResolvers
            | Ask::ResolverPolicy
            | Ask::Products
            | Ask::ProductPolicy
            | Ask::Backends
            | Ask::WorkspacePolicy
            | Ask::WorkspaceFragments
            | Ask::WorkspaceBackends
            | Ask::WorkspaceApis
            | Ask::WorkspaceApiPolicy
            | Ask::WorkspaceOperations
            | Ask::WorkspaceOperationPolicy
            | Ask::WorkspaceProducts
            | Ask::WorkspaceProductPolicy => self.policy_answered(read, body),
            Ask::Vaults | Ask::Vault | Ask::FindVaults | Ask::Perimeters | Ask::Associations => {
                self.vault_answered(read.ask, body)
            }
            Ask::RoleAssignments => self.grants_answered(body),
            Ask::PrivateEndpoint
            | Ask::ZoneGroups
            | Ask::Network
            | Ask::Zones
            | Ask::FindZones
            | Ask::Resolvers
            | Ask::FindResolvers
            | Ask::Resolver
            | Ask::Rulesets => self.network_answered(read, body),
            _ => self.caller_answered(read, body),
        }
    }

    /// What is tried in place of a read that was refused.
    fn refused(&mut self, read: &Read) {
        match read.ask {
            Ask::RoleAssignments | Ask::DenyAssignments => self.grants_refused(read),
            Ask::Groups => self.groups_refused(read),
            Ask::Secrets => self.objects_refused(read),
            _ => {}
        }
    }

    /// Nothing is under way: what is worth asking only now that the rest is known.
    pub fn follow_up(&mut self) {
        self.follow_policies();
        self.follow_references();
        let strangers: Vec<String> = self.selected.difference(&self.clients).map(|id| quoted(id)).collect();
        if !strangers.is_empty() {
            let ids = strangers.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
            let kind = "type =~ 'microsoft.managedidentity/userassignedidentities'";
            self.find(Ask::FindIdentities, &format!("{kind} and properties.clientId in~ ({ids})"));
        }
        let followed = self.references.iter().filter(|(_, referenced)| referenced.is_followed);
        for name in followed.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            self.who_else(&name);
        }
    }
}

/// Without what would end a text in a query.
fn quoted(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || "-_.()".contains(*c)).collect()
}
