//! Instances, their identities and workspaces.

use std::collections::BTreeMap;

use serde_json::Value;

use super::body::{folded, found, ids, items, scope_of, text};
use super::state::{MANY, Plan};
use crate::base::ResourceId;
use crate::live::ask::{Ask, Read};

impl Plan {
    pub(super) fn instance_answered(&mut self, read: &Read, body: &Value) {
        match read.ask {
            Ask::FindInstance => {
                let found = found(body).map(ResourceId::new).collect();
                self.look_at_callers(found);
            }
            // Of a principal only its identity matters.
            Ask::Instance if self.wanted.held.is_some() => {}
            Ask::Instance => self.instance(read.path(), body),
            Ask::Instances => self.instances(body),
            Ask::Workspaces => {
                for id in ids(body) {
                    self.get(Ask::WorkspaceNamedValues, &format!("{id}/namedValues"));
                    self.get(Ask::WorkspaceCertificates, &format!("{id}/certificates"));
                    if self.policies_wanted() {
                        self.get(Ask::WorkspacePolicy, &format!("{id}/policies/policy"));
                        self.get(Ask::WorkspaceFragments, &format!("{id}/policyFragments"));
                        self.get(Ask::WorkspaceBackends, &format!("{id}/backends"));
                        self.get(Ask::WorkspaceApis, &format!("{id}/apis"));
                        self.get(Ask::WorkspaceProducts, &format!("{id}/products"));
                    }
                }
            }
            Ask::FindIdentities => found(body).for_each(|id| self.get(Ask::UserIdentity, id)),
            _ => {
                self.principals.extend(text(body, "/properties/principalId").map(folded));
                self.clients.extend(text(body, "/properties/clientId").map(folded));
            }
        }
    }

    fn instances(&mut self, body: &Value) {
        if self.wants_all() {
            let new = ids(body).map(|id| (ResourceId::new(id), false));
            self.instances.extend(new);
            self.children();
        }
        for item in items(body, "/value") {
            match text(item, "/id") {
                Some(id) if self.instances.contains_key(&ResourceId::new(id)) => self.instance(id, item),
                _ => {}
            }
        }
    }

    /// Starts with instances: what depends on their ids alone goes out at once, and first what many reads wait for.
    pub(super) fn look_at(&mut self, instances: Vec<ResourceId>) {
        instances.iter().for_each(|id| self.backups_of(id));
        self.instances.extend(instances.into_iter().map(|id| (id, false)));
        let mut by_subscription: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for id in self.instances.keys() {
            let subscription = id.subscription().unwrap_or_default().to_ascii_lowercase();
            by_subscription.entry(subscription).or_default().push(id.to_string());
        }
        for ids in by_subscription.into_values() {
            match ids.as_slice() {
                [first, ..] if ids.len() >= MANY => self.in_subscription(Ask::Instances, first),
                ids => ids.iter().for_each(|id| self.get(Ask::Instance, id)),
            }
        }
        self.children();
    }

    /// What is below the instances, and what most of them need.
    fn children(&mut self) {
        let ids: Vec<String> = self.instances.keys().map(ToString::to_string).collect();
        for id in &ids {
            self.subscriptions.insert(id.clone());
            // Most vaults are in the subscription of what reads them.
            for ask in [Ask::Vaults, Ask::Perimeters, Ask::CustomRoles] {
                self.in_subscription(ask, id);
            }
        }
        for id in &ids {
            self.get(Ask::NamedValues, &format!("{id}/namedValues"));
            self.get(Ask::Certificates, &format!("{id}/certificates"));
            if self.policies_wanted() {
                self.get(Ask::Policy, &format!("{id}/policies/policy"));
                self.get(Ask::Fragments, &format!("{id}/policyFragments"));
                self.get(Ask::Apis, &format!("{id}/apis"));
                self.get(Ask::Products, &format!("{id}/products"));
                self.get(Ask::Backends, &format!("{id}/backends"));
            }
        }
    }

    /// What would have been asked of fewer instances, and was not: one read stands for all policies of an instance.
    pub(crate) fn left_out(&self) -> Vec<Read> {
        let ids = self.instances.keys().filter(|_| self.wanted.consumers.is_empty() && !self.policies_wanted());
        ids.map(|id| Read::of(Ask::Policy, &format!("{id}/policies/policy"))).collect()
    }

    /// Policies are many: of many instances, they are read only if asked for.
    fn policies_wanted(&self) -> bool {
        let consumers = &self.wanted.consumers;
        match consumers.is_empty() {
            true => !self.is_wide(),
            false => consumers.iter().any(|wanted| "apim-policy".starts_with(wanted.as_str())),
        }
    }

    fn instance(&mut self, id: &str, body: &Value) {
        self.instances.insert(ResourceId::new(id), true);
        let identity = text(body, "/identity/type").unwrap_or_default().to_ascii_lowercase();
        // Whether a client id is that of the system-assigned identity matters only where one is named.
        if identity.contains("systemassigned") && !self.is_wide() {
            self.get(Ask::SystemIdentity, &format!("{id}/providers/Microsoft.ManagedIdentity/identities/default"));
        }
        self.principals.extend(text(body, "/identity/principalId").map(folded));
        let attached = body.pointer("/identity/userAssignedIdentities").and_then(Value::as_object);
        for (identity, entry) in attached.into_iter().flatten() {
            self.principals.extend(text(entry, "/principalId").map(folded));
            self.clients.extend(text(entry, "/clientId").map(folded));
            // The instance says of its identities what matters.
            let tenant = text(body, "/identity/tenantId");
            let is_told = text(entry, "/principalId").and(text(entry, "/clientId")).and(tenant).is_some();
            if !is_told || !self.is_wide() {
                self.get(Ask::UserIdentity, identity);
            }
        }
        for host in items(body, "/properties/hostnameConfigurations") {
            self.refer_url(text(host, "/keyVaultId"), true);
            self.selected.extend(text(host, "/identityClientId").map(folded));
        }
        let own = text(body, "/properties/virtualNetworkConfiguration/subnetResourceId");
        let others = items(body, "/properties/additionalLocations");
        let others = others.filter_map(|l| text(l, "/virtualNetworkConfiguration/subnetResourceId"));
        for subnet in own.into_iter().chain(others) {
            self.subnet(subnet);
            self.resolves_in(subnet.rsplit_once("/subnets/").map_or(subnet, |(network, _)| network));
            self.get(Ask::NetworkStatus, &format!("{id}/networkstatus"));
        }
        // These tiers have no workspaces.
        // Source: <https://learn.microsoft.com/azure/api-management/breaking-changes/workspaces-breaking-changes-june-2024>
        // (read 2026-11-22).
        let tier = text(body, "/sku/name").unwrap_or_default().to_ascii_lowercase();
        if !["developer", "basic", "standard", "consumption"].contains(&tier.as_str()) {
            self.get(Ask::Workspaces, &format!("{id}/workspaces"));
        }
    }

    /// Instances that the list of their subscription did not answer are asked for one by one.
    pub(super) fn read_alone(&mut self, list: &Read) {
        let scope = scope_of(list);
        let unread = self.instances.iter().filter(|(id, is_read)| !**is_read && id.is_within(&scope));
        let unread: Vec<String> = unread.map(|(id, _)| id.to_string()).collect();
        unread.iter().for_each(|id| self.get(Ask::Instance, id));
    }
}
