//! Index for frequent lookups: ids by names, hosts, scopes and principals.

use std::collections::{BTreeSet, HashSet};

use crate::base::{Map, ObjectId, ResourceId};
use crate::knowledge::cloud::Cloud;
use crate::model::grants::{HeldAt, Holders};
use crate::model::{Gap, Resource, authorization as auth};

/// Places in a list of answers, in order, by the principal that they tell of; without one, they tell of all.
pub(crate) type ByPrincipal = Map<Option<ObjectId>, Vec<usize>>;

/// What is looked up often, made once after reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Vaults, by host name.
    pub vault_hosts: Map<String, Vec<ResourceId>>,
    /// Role assignments, by where they are held.
    pub grants: Map<HeldAt, Holders>,
    /// Role assignments, by principal (lower case).
    pub assignments_of: Map<String, Vec<ResourceId>>,
    /// Deny assignments, by scope.
    pub denials_at: Map<ResourceId, Vec<ResourceId>>,
    /// Assignments held above a subscription, by the subscription (lower case) whose lists returned them, and
    /// by their type.
    pub from_above: Map<(String, &'static str), Vec<ResourceId>>,
    /// Role assignments that a list says are assigned to a principal (lower case), by name or through a group.
    pub assigned_to: Map<String, Vec<ResourceId>>,
    /// Which answers to requests for role and deny assignments tell of a principal, by scope and type.
    pub answers_about: Map<(ResourceId, &'static str), ByPrincipal>,
    /// Scopes at which two complete answers to the same request hold different role assignments.
    pub disagreeing: HashSet<ResourceId>,
    /// The groups (lower case) of a principal (lower case), where Microsoft Graph listed all of them.
    pub groups_of: Map<String, BTreeSet<String>>,
    /// Links of private zones and forwarding rulesets, by network.
    pub links_of: Map<ResourceId, Vec<ResourceId>>,
    /// Private zones, by name (lower case).
    pub zones: Map<String, Vec<ResourceId>>,
    /// Names of private zones of which not every link was seen, and why.
    pub open_zones: Map<String, Gap>,
    /// Role definitions, by the last segment of their id (lower case).
    pub roles: Map<String, ResourceId>,
    /// Named values, certificates, policies, APIs, operations and backends, by the API Management instance they belong to.
    pub children_of: Map<ResourceId, Vec<ResourceId>>,
    /// Network statuses of an API Management instance and of its locations, by the instance.
    pub network_status_of: Map<ResourceId, Vec<ResourceId>>,
    /// Apps and their slots, by the app.
    pub sites_of: Map<ResourceId, Vec<ResourceId>>,
    /// States of Key Vault references, by the app or slot they belong to.
    pub references_of: Map<ResourceId, Vec<ResourceId>>,
    /// Storage accounts, by name (lower case).
    pub accounts: Map<String, Vec<ResourceId>>,
    /// Storage accounts, by the hosts that they name as their own.
    pub account_hosts: Map<String, Vec<ResourceId>>,
    /// Vaults, by the letters and digits of their name (lower case).
    pub vaults_like: Map<String, Vec<ResourceId>>,
    /// User-assigned identities, by client id (lower case).
    pub identities: Map<String, ResourceId>,
    /// Deleted vaults, by the name they had (lower case).
    pub deleted_vaults: Map<String, ResourceId>,
    /// Perimeter associations, by the resource inside.
    pub associations_of: Map<ResourceId, Vec<ResourceId>>,
}

impl Index {
    /// Puts the ids under each key in order, whatever order they were read in.
    pub(super) fn sort(&mut self) {
        fn tidy<'i, K: 'i>(maps: impl IntoIterator<Item = &'i mut Map<K, Vec<ResourceId>>>) {
            for ids in maps.into_iter().flat_map(Map::values_mut) {
                ids.sort();
                ids.dedup();
            }
        }
        let by_text = [
            &mut self.vault_hosts,
            &mut self.vaults_like,
            &mut self.accounts,
            &mut self.account_hosts,
            &mut self.assignments_of,
            &mut self.assigned_to,
        ];
        let by_scope = [&mut self.denials_at];
        let by_resource = [
            &mut self.children_of,
            &mut self.network_status_of,
            &mut self.sites_of,
            &mut self.references_of,
            &mut self.links_of,
            &mut self.associations_of,
        ];
        tidy([&mut self.from_above]);
        rayon::join(|| tidy(by_text), || tidy(by_scope.into_iter().chain(by_resource)));
    }

    /// Adds a vault or an account of which only the id is known, so that its names lead to it.
    pub(crate) fn add_unread(&mut self, id: &ResourceId, cloud: &Cloud) {
        let (kind, name) = (id.resource_type(), id.name().to_ascii_lowercase());
        let ids = match () {
            () if kind.eq_ignore_ascii_case("Microsoft.KeyVault/vaults") => {
                self.vault_hosts.entry(cloud.vault_host(&name)).or_default()
            }
            () if kind.eq_ignore_ascii_case("Microsoft.Storage/storageAccounts") => {
                self.accounts.entry(name).or_default()
            }
            () => return,
        };
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }

    /// Adds a role assignment that a patch made.
    pub(crate) fn add_assignment(&mut self, assignment: &Resource<auth::RoleAssignment>) {
        for scope in keys_of(assignment).0 {
            self.grants.entry(HeldAt::Scope(scope)).or_default().add(assignment, &[]);
        }
        self.add_holder(assignment);
    }

    pub(super) fn add_holder(&mut self, assignment: &Resource<auth::RoleAssignment>) {
        if let Some(principal) = keys_of(assignment).1 {
            self.assignments_of.entry(principal).or_default().push(assignment.id.clone());
        }
    }

    pub(crate) fn remove_assignment(&mut self, assignment: &Resource<auth::RoleAssignment>) {
        let (scopes, principal) = keys_of(assignment);
        for scope in scopes {
            if let Some(holders) = self.grants.get_mut(&HeldAt::Scope(scope)) {
                holders.remove(&assignment.id);
            }
        }
        if let Some(ids) = principal.and_then(|key| self.assignments_of.get_mut(&key)) {
            ids.retain(|id| *id != assignment.id);
        }
    }
}

/// The letters and digits of a name, in lower case.
pub(super) fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Where and for whom a role assignment is held, as keys of the index.
pub(super) fn keys_of(assignment: &Resource<auth::RoleAssignment>) -> (Vec<ResourceId>, Option<String>) {
    let scopes = scopes_of(&assignment.id, assignment.properties.scope.as_ref());
    let principal = assignment.properties.principal_id.as_ref().map(|p| p.as_str().to_ascii_lowercase());
    (scopes, principal)
}

/// Where an assignment is held; both scopes where its id and its `scope` contradict each other.
pub(crate) fn scopes_of(id: &ResourceId, scope: Option<&ResourceId>) -> Vec<ResourceId> {
    match scope {
        Some(scope) if is_scope_of(id, scope) => vec![scope.clone()],
        Some(scope) => vec![scope.clone(), scope_of(id)],
        None => vec![scope_of(id)],
    }
}

/// Whether an assignment's id can name this scope. Resource Graph writes the id of one that is held at a management
/// group without the group.
pub(crate) fn is_scope_of(id: &ResourceId, scope: &ResourceId) -> bool {
    let begins = |text: &str, start: &str| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    let text = id.as_str();
    // Nearly every id says so.
    if begins(text, scope.as_str()) && text.get(scope.as_str().len()..).is_some_and(|rest| begins(rest, AUTHORIZATION))
    {
        return true;
    }
    let names_one = text.to_ascii_lowercase().contains(AUTHORIZATION);
    !names_one || scope.subscription().is_none() && scope_of(id).as_str().is_empty()
}

const AUTHORIZATION: &str = "/providers/microsoft.authorization/";

/// The scope in an assignment's own id: what stands before its last `/providers/`; the one above all where there is
/// none.
pub(crate) fn scope_of(id: &ResourceId) -> ResourceId {
    let folded = id.as_str().to_ascii_lowercase();
    let end = folded.rfind(AUTHORIZATION).unwrap_or_default();
    ResourceId::new(id.as_str().get(..end).unwrap_or_default())
}
