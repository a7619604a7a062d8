//! What to read next, from what was answered so far.
//!
//! Each answer releases the reads that depend on it, so that independent ones go out together. A read goes out once.
//! What is looked at: the instances that were asked for, what they refer to, and what lies on the way.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use crate::base::{ResourceId, action_matches};
use crate::knowledge::cloud::Cloud;
use crate::knowledge::roles;
use crate::live::ask::{Ask, Read};
use crate::model::authorization::Permission;

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
pub struct Wanted {
    /// Instances, or what declares a reference in one.
    pub resources: Vec<ResourceId>,
    /// An instance by its name, and its resource group where that is known.
    pub named: Option<(String, Option<String>)>,
    /// All instances of a subscription.
    pub subscription: Option<String>,
    /// What a principal may do at a scope: its object id, or the id of a resource with an identity.
    pub held: Option<(String, ResourceId)>,
    /// Kinds of consumers, as `--consumer` names them; empty: all.
    pub consumers: Vec<String>,
}

/// A vault that answers to a name in a reference.
#[derive(Clone, Debug, Default)]
struct Vault {
    id: String,
    endpoints: Vec<String>,
    /// Object ids that its access policies name.
    holders: BTreeSet<String>,
    /// Whether roles decide, and not its access policies.
    by_roles: bool,
    /// Where it is, if it has address rules.
    address_rules: Option<String>,
    /// Whether what was seen tells of its private endpoints, or they do not matter: its firewall is off.
    tells_endpoints: bool,
}

/// What references name in a vault.
#[derive(Clone, Debug, Default)]
pub(crate) struct Referenced {
    /// The vault's host.
    pub host: String,
    /// Objects that a version was named of.
    pub versioned: BTreeSet<String>,
    /// Objects that must be certificates.
    pub certificates: BTreeSet<String>,
}

/// A role assignment, as far as it matters here.
#[derive(Clone, Debug)]
struct Assignment {
    scope: String,
    principal: String,
    is_group: bool,
}

impl Assignment {
    /// An assignment whose role may let its holder read secrets.
    fn of(body: &Value) -> Option<Self> {
        let role = text(body, "/properties/roleDefinitionId")?;
        let grants = |(_, permissions): (_, &[Permission])| {
            let data = permissions.iter().flat_map(|permission| &permission.data_actions);
            data.into_iter().any(|pattern| action_matches(pattern, SECRET_GET))
        };
        // A custom role may grant anything.
        let guid = role.rsplit('/').next().unwrap_or_default();
        roles::permissions_of(guid).is_none_or(grants).then_some(())?;
        Some(Self {
            scope: folded(text(body, "/properties/scope")?),
            principal: folded(text(body, "/properties/principalId")?),
            is_group: text(body, "/properties/principalType").is_some_and(|kind| kind.eq_ignore_ascii_case("Group")),
        })
    }

    /// Whether it is held at a vault, above or below it.
    fn concerns(&self, vault: &str) -> bool {
        let management_group = self.scope.starts_with("/providers/") || self.scope.is_empty();
        let within =
            |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|r| r.is_empty() || r.starts_with('/'));
        management_group || within(vault, &self.scope) || within(&self.scope, vault)
    }
}

/// Source: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide> (read 2026-11-21).
const SECRET_GET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

/// What was asked, what was learned, and what follows.
#[derive(Debug)]
pub(crate) struct Plan {
    cloud: Cloud,
    wanted: Wanted,
    instances: BTreeMap<String, ResourceId>,
    /// Instances that were answered.
    read: BTreeSet<String>,
    asked: HashSet<String>,
    ready: Vec<Read>,
    /// Reads under way that may name further vaults, or tell where a vault is.
    declaring: usize,
    /// Vaults that were seen, by name; and the objects that references name in each.
    vaults: BTreeMap<String, Vault>,
    references: BTreeMap<String, BTreeSet<String>>,
    named: BTreeMap<String, Referenced>,
    /// Names whose vault was found, and names that were searched for.
    followed: BTreeSet<String>,
    searched: BTreeSet<String>,
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

impl Plan {
    /// Starts with what was asked for.
    pub fn new(cloud: Cloud, wanted: Wanted) -> Self {
        let mut plan = Self {
            cloud,
            wanted,
            instances: BTreeMap::new(),
            read: BTreeSet::new(),
            asked: HashSet::new(),
            ready: Vec::new(),
            declaring: 0,
            vaults: BTreeMap::new(),
            references: BTreeMap::new(),
            named: BTreeMap::new(),
            followed: BTreeSet::new(),
            searched: BTreeSet::new(),
            principals: BTreeSet::new(),
            clients: BTreeSet::new(),
            selected: BTreeSet::new(),
            assignments: Vec::new(),
            resolves: false,
            subnets: BTreeSet::new(),
            joined: BTreeMap::new(),
        };
        let named = plan.wanted.resources.iter();
        let instances = named.filter_map(|id| id.within("Microsoft.ApiManagement/service")).collect();
        if let Some((name, group)) = plan.wanted.named.clone() {
            let group = group.map(|group| format!(" and resourceGroup =~ '{}'", quoted(&group))).unwrap_or_default();
            let within = plan.wanted.subscription.as_deref();
            let within = within.map(|id| format!(" and subscriptionId =~ '{}'", quoted(id))).unwrap_or_default();
            let is_named = format!("name =~ '{}'{group}{within}", quoted(&name));
            plan.find(Ask::FindInstance, &format!("type =~ 'microsoft.apimanagement/service' and {is_named}"));
        }
        if let Some(subscription) = plan.wanted.subscription.clone().filter(|_| plan.wants_all()) {
            plan.add(Read::of(
                Ask::Instances,
                &format!("/subscriptions/{subscription}/providers/Microsoft.ApiManagement/service"),
            ));
        }
        plan.look_at(instances);
        if let Some((principal, scope)) = plan.wanted.held.clone() {
            plan.held(&principal, &scope);
        }
        plan
    }

    /// What tells whether a principal may do something at a scope.
    fn held(&mut self, principal: &str, scope: &ResourceId) {
        self.assignments_at(scope.as_str());
        self.in_subscription(Ask::CustomRoles, scope.as_str());
        let resource = ResourceId::new(principal);
        if resource.within("Microsoft.ApiManagement/service").is_some() {
            self.get(Ask::Instance, principal);
        } else if principal.starts_with('/') {
            self.get(Ask::UserIdentity, principal);
        } else {
            self.directory(Ask::Groups, &format!("servicePrincipals/{principal}/transitiveMemberOf"));
        }
    }

    /// Whether every instance of a subscription is looked at.
    fn wants_all(&self) -> bool {
        let Wanted { resources, named, subscription, held, .. } = &self.wanted;
        subscription.is_some() && resources.is_empty() && named.is_none() && held.is_none()
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
        let path = read.path().to_owned();
        let ids = || items(body, "/value").filter_map(|item| text(item, "/id")).map(str::to_owned);
        let found = || items(body, "/data").filter_map(|row| text(row, "/id"));
        match read.ask {
            Ask::FindInstance => {
                self.look_at(found().map(ResourceId::new).collect());
            }
            // Of a principal only its identity matters.
            Ask::Instance if self.wanted.held.is_some() => {}
            Ask::Instance => self.instance(&path, body),
            Ask::Instances => {
                if self.wants_all() {
                    self.instances.extend(ids().map(|id| (folded(&id), ResourceId::new(&id))));
                    self.children();
                }
                for item in items(body, "/value") {
                    match text(item, "/id") {
                        Some(id) if self.instances.contains_key(&folded(id)) => self.instance(id, item),
                        _ => {}
                    }
                }
            }
            Ask::NamedValues | Ask::Certificates => {
                let is_certificate = read.ask == Ask::Certificates;
                for item in items(body, "/value") {
                    self.refer(text(item, "/properties/keyVault/secretIdentifier"), is_certificate);
                    self.selected.extend(text(item, "/properties/keyVault/identityClientId").map(folded));
                }
            }
            Ask::Policy | Ask::ApiPolicy | Ask::OperationPolicy | Ask::ProductPolicy => {
                self.policy(text(body, "/properties/value"));
            }
            Ask::Fragments => items(body, "/value").for_each(|item| self.policy(text(item, "/properties/value"))),
            Ask::Apis => {
                for id in ids() {
                    self.get(Ask::ApiPolicy, &format!("{id}/policies/policy"));
                    if !self.wanted.consumers.is_empty() {
                        self.get(Ask::Operations, &format!("{id}/operations"));
                    }
                }
            }
            Ask::Operations => ids().for_each(|id| self.get(Ask::OperationPolicy, &format!("{id}/policies/policy"))),
            Ask::Products => ids().for_each(|id| self.get(Ask::ProductPolicy, &format!("{id}/policies/policy"))),
            Ask::Workspaces => {
                for id in ids() {
                    self.get(Ask::WorkspaceNamedValues, &format!("{id}/namedValues"));
                    self.get(Ask::WorkspaceCertificates, &format!("{id}/certificates"));
                }
            }
            Ask::UserIdentity | Ask::SystemIdentity => {
                self.principals.extend(text(body, "/properties/principalId").map(folded));
                self.clients.extend(text(body, "/properties/clientId").map(folded));
            }
            Ask::FindIdentities => found().for_each(|id| self.get(Ask::UserIdentity, id)),
            Ask::Vaults => items(body, "/value").for_each(|item| self.vault(item, false)),
            Ask::Vault => self.vault(body, true),
            Ask::FindVaults => items(body, "/data").for_each(|row| self.vault(row, false)),
            Ask::RoleAssignments => self.assignments.extend(items(body, "/value").filter_map(Assignment::of)),
            Ask::Perimeters => {
                ids().for_each(|id| self.get(Ask::Associations, &format!("{id}/resourceAssociations")));
            }
            Ask::PrivateEndpoint => {
                for interface in items(body, "/properties/networkInterfaces").filter_map(|i| text(i, "/id")) {
                    self.get(Ask::Interface, interface);
                }
                if let Some(subnet) = text(body, "/properties/subnet/id") {
                    self.subnet(subnet);
                }
                if self.resolves {
                    self.in_subscription(Ask::Zones, &path);
                }
            }
            Ask::ZoneGroups => {
                for config in items(body, "/value").flat_map(|group| items(group, "/properties/privateDnsZoneConfigs"))
                {
                    self.zone(text(config, "/properties/privateDnsZoneId"));
                }
            }
            Ask::Network => self.network(body),
            Ask::Zones => ids().for_each(|id| self.zone(Some(&id))),
            Ask::FindZones => found().for_each(|id| self.zone(Some(id))),
            Ask::Resolvers => {
                ids().for_each(|id| self.get(Ask::InboundEndpoints, &format!("{id}/inboundEndpoints")));
                for network in items(body, "/value").filter_map(|item| text(item, "/properties/virtualNetwork/id")) {
                    self.resolves_in(network);
                }
            }
            Ask::Rulesets => ids().for_each(|id| self.ruleset(&id)),
            Ask::FindResolvers => {
                for id in found() {
                    match ResourceId::new(id).resource_type().to_ascii_lowercase().as_str() {
                        "microsoft.network/dnsresolvers" => self.get(Ask::Resolver, id),
                        _ => self.ruleset(id),
                    }
                }
            }
            Ask::Resolver => {
                self.get(Ask::InboundEndpoints, &format!("{path}/inboundEndpoints"));
                if let Some(network) = text(body, "/properties/virtualNetwork/id") {
                    self.resolves_in(network);
                }
            }
            _ => {}
        }
    }

    /// Instances that the list of their subscription did not answer are asked for one by one.
    fn read_alone(&mut self, list: &Read) {
        let path = folded(list.path());
        let scope = path.split("/providers/").next().unwrap_or_default();
        let unread = self.instances.iter().filter(|(key, _)| key.starts_with(scope) && !self.read.contains(*key));
        let unread: Vec<String> = unread.map(|(_, id)| id.to_string()).collect();
        unread.iter().for_each(|id| self.get(Ask::Instance, id));
    }

    /// What is tried where a list of many was refused.
    fn refused(&mut self, read: &Read) {
        let path = folded(read.path());
        let scope = path.split("/providers/").next().unwrap_or_default();
        let below = |id: &String| folded(id).starts_with(&format!("{scope}/"));
        match read.ask {
            Ask::RoleAssignments | Ask::DenyAssignments if path.matches("/providers/").count() == 1 => {
                let followed = self.followed.iter().filter_map(|name| self.vaults.get(name));
                let vaults: Vec<String> = followed.map(|vault| vault.id.clone()).filter(below).collect();
                vaults.iter().for_each(|id| self.assignments_at(id));
            }
            // Whether an object id is a user's is not visible on it.
            Ask::Groups if read.target.contains("/servicePrincipals/") => {
                self.add(Read::at(Ask::Groups, read.target.replace("/servicePrincipals/", "/users/")));
            }
            Ask::Secrets => {
                let vault = read.path().trim_end_matches("/secrets");
                let name = ResourceId::new(vault).name().to_ascii_lowercase();
                for object in self.references.get(&name).cloned().unwrap_or_default() {
                    self.get(Ask::Secret, &format!("{vault}/{object}"));
                }
            }
            _ => {}
        }
    }

    /// Starts with instances: what depends on their ids alone goes out at once, and first what many reads wait for.
    fn look_at(&mut self, instances: Vec<ResourceId>) {
        self.instances.extend(instances.into_iter().map(|id| (folded(id.as_str()), id)));
        let mut by_subscription: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for id in self.instances.values() {
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
        let ids: Vec<String> = self.instances.values().map(ToString::to_string).collect();
        for id in &ids {
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
            }
        }
    }

    /// Policies are many: of many instances, they are read only if asked for.
    fn policies_wanted(&self) -> bool {
        let consumers = &self.wanted.consumers;
        match consumers.is_empty() {
            true => !self.is_wide(),
            false => consumers.iter().any(|wanted| "apim-policy".starts_with(wanted.as_str())),
        }
    }

    /// What would have been asked of fewer instances, and was not: one read stands for all policies of an instance.
    pub fn left_out(&self) -> Vec<Read> {
        let ids = self.instances.values().filter(|_| self.wanted.consumers.is_empty() && !self.policies_wanted());
        ids.map(|id| Read::of(Ask::Policy, &format!("{id}/policies/policy"))).collect()
    }

    fn instance(&mut self, id: &str, body: &Value) {
        self.read.insert(folded(id));
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
            self.refer(text(host, "/keyVaultId"), true);
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

    /// A URL that names a vault, or does not.
    fn refer(&mut self, url: Option<&str>, is_certificate: bool) {
        let Some((host, path)) = url.and_then(|url| {
            let rest = url.trim().split_once("://")?.1;
            Some(rest.split_once('/').unwrap_or((rest, "")))
        }) else {
            return;
        };
        let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let private = host.strip_suffix(self.cloud.vault_zone.as_str()).and_then(|name| name.strip_suffix('.'));
        let Some(name) = self.cloud.vault_of(&host).or(private) else { return };
        let mut segments = path.split(['/', '?']).filter(|s| !s.is_empty());
        let objects = self.references.entry(name.to_owned()).or_default();
        if let (Some("secrets" | "certificates"), Some(object)) = (segments.next(), segments.next()) {
            objects.insert(format!("secrets/{object}"));
            let named = self.named.entry(name.to_owned()).or_default();
            named.host = self.cloud.vault_host(name);
            named.versioned.extend(segments.next().map(|_| object.to_owned()));
            named.certificates.extend(is_certificate.then(|| object.to_owned()));
        }
    }

    /// What references name, vault by vault, where the vault was found.
    pub fn referenced(&self) -> Vec<Referenced> {
        self.named.iter().filter(|(name, _)| self.vaults.contains_key(*name)).map(|(_, named)| named.clone()).collect()
    }

    /// Every URL of a vault in a policy document.
    fn policy(&mut self, document: Option<&str>) {
        for (at, _) in document.unwrap_or_default().match_indices("https://") {
            let rest = document.and_then(|text| text.get(at..)).unwrap_or_default();
            let end = rest.find(['"', '\'', '<', ' ', ')', '\n', '&']).unwrap_or(rest.len());
            self.refer(rest.get(..end), false);
        }
    }

    /// A vault, whole or by its id alone. `is_whole`: it was read by itself.
    fn vault(&mut self, body: &Value, is_whole: bool) {
        let Some(id) = text(body, "/id") else { return };
        let connections = items(body, "/properties/privateEndpointConnections");
        let endpoints = connections.filter_map(|c| text(c, "/properties/privateEndpoint/id")).map(str::to_owned);
        let holders = items(body, "/properties/accessPolicies").filter_map(|p| text(p, "/objectId")).map(folded);
        let closed = text(body, "/properties/networkAcls/defaultAction")
            .is_some_and(|a| a.eq_ignore_ascii_case("Deny"))
            || text(body, "/properties/publicNetworkAccess").is_some_and(|a| !a.eq_ignore_ascii_case("Enabled"));
        let told = body.pointer("/properties/privateEndpointConnections").is_some();
        let name = ResourceId::new(id).name().to_ascii_lowercase();
        let known = self.vaults.entry(name.clone()).or_default();
        if let Some(by_roles) = body.pointer("/properties/enableRbacAuthorization").and_then(Value::as_bool) {
            known.by_roles = by_roles;
        }
        let network_acls = body.pointer("/properties/networkAcls").is_some();
        known.tells_endpoints = network_acls && (told || !closed);
        if items(body, "/properties/networkAcls/ipRules").next().is_some() {
            known.address_rules = text(body, "/location").map(|l| l.replace(' ', "").to_ascii_lowercase());
        }
        id.clone_into(&mut known.id);
        known.endpoints.extend(endpoints);
        known.holders.extend(holders);
        if is_whole {
            self.endpoints_of(&name);
            self.service_tags(&name);
        }
    }

    fn service_tags(&mut self, vault: &str) {
        let Some(Vault { id, address_rules: Some(location), .. }) = self.vaults.get(vault).cloned() else { return };
        let subscription = ResourceId::new(&id).subscription().unwrap_or_default().to_owned();
        let path =
            format!("/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}/serviceTags");
        self.get(Ask::ServiceTags, &path);
    }

    fn endpoints_of(&mut self, vault: &str) {
        for endpoint in self.vaults.get(vault).map(|vault| vault.endpoints.clone()).unwrap_or_default() {
            self.get(Ask::PrivateEndpoint, &endpoint);
            self.get(Ask::ZoneGroups, &format!("{endpoint}/privateDnsZoneGroups"));
        }
    }

    /// All that names vaults was read for now: goes on with those that were found, and searches for the others.
    fn follow_references(&mut self) {
        let (found, missing): (Vec<String>, Vec<String>) =
            self.references.keys().cloned().partition(|name| self.vaults.contains_key(name));
        for name in found {
            self.objects_of(&name);
            if self.followed.insert(name.clone()) {
                self.follow(&name);
            }
        }
        let new: Vec<String> = missing.into_iter().filter(|name| self.searched.insert(name.clone())).collect();
        if !new.is_empty() {
            let names = new.iter().map(|name| format!("'{}'", quoted(name))).collect::<Vec<_>>().join(", ");
            self.find(Ask::FindVaults, &format!("type =~ 'microsoft.keyvault/vaults' and name in~ ({names})"));
            let ids: Vec<String> = self.instances.values().map(ToString::to_string).collect();
            ids.iter().for_each(|id| self.in_subscription(Ask::DeletedVaults, id));
        }
    }

    fn follow(&mut self, name: &str) {
        let Some(Vault { id, tells_endpoints, .. }) = self.vaults.get(name).cloned() else { return };
        // The list answers whole vaults; few are asked for themselves as well.
        if !self.is_wide() || self.searched.contains(name) || !tells_endpoints {
            self.get(Ask::Vault, &id);
        }
        self.endpoints_of(name);
        self.service_tags(name);
        self.in_subscription(Ask::Perimeters, &id);
        self.in_subscription(Ask::CustomRoles, &id);
        match self.is_wide() {
            true => {
                self.in_subscription(Ask::RoleAssignments, &id);
                self.in_subscription(Ask::DenyAssignments, &id);
            }
            false => self.assignments_at(&id),
        }
    }

    fn assignments_at(&mut self, vault: &str) {
        self.get(Ask::RoleAssignments, &format!("{vault}/providers/Microsoft.Authorization/roleAssignments"));
        self.get(Ask::DenyAssignments, &format!("{vault}/providers/Microsoft.Authorization/denyAssignments"));
    }

    fn objects_of(&mut self, name: &str) {
        let Some(id) = self.vaults.get(name).map(|vault| vault.id.clone()) else { return };
        let objects = self.references.get(name).cloned().unwrap_or_default();
        if objects.len() >= if self.is_wide() { 2 } else { MANY_OBJECTS } {
            self.get(Ask::Secrets, &format!("{id}/secrets"));
        } else {
            objects.iter().for_each(|object| self.get(Ask::Secret, &format!("{id}/{object}")));
        }
    }

    /// A subnet on the way: its network, and what the subnet is joined to.
    fn subnet(&mut self, id: &str) {
        let Some((network, _)) = id.rsplit_once("/subnets/") else { return };
        self.subnets.insert(folded(id));
        self.get(Ask::Network, network);
        self.joined_to(&folded(id));
    }

    fn joined_to(&mut self, subnet: &str) {
        for (ask, id) in self.joined.get(subnet).cloned().unwrap_or_default() {
            self.get(ask, &id);
        }
    }

    fn network(&mut self, body: &Value) {
        for subnet in items(body, "/properties/subnets") {
            let Some(id) = text(subnet, "/id").map(folded) else { continue };
            let group = text(subnet, "/properties/networkSecurityGroup/id").map(|id| (Ask::SecurityGroup, id));
            let table = text(subnet, "/properties/routeTable/id").map(|id| (Ask::RouteTable, id));
            let joined = group.into_iter().chain(table).map(|(ask, id)| (ask, id.to_owned())).collect();
            self.joined.insert(id.clone(), joined);
            if self.subnets.contains(&id) {
                self.joined_to(&id);
            }
        }
    }

    /// A network in which names are resolved: what may answer there.
    fn resolves_in(&mut self, network: &str) {
        self.resolves = true;
        self.get(Ask::Network, network);
        for ask in [Ask::Zones, Ask::Rulesets, Ask::Resolvers, Ask::NetworkManagers] {
            self.in_subscription(ask, network);
        }
        let zone = quoted(&self.cloud.vault_zone);
        self.find(Ask::FindZones, &format!("type =~ 'microsoft.network/privatednszones' and name =~ '{zone}'"));
        let kinds = "'microsoft.network/dnsresolvers', 'microsoft.network/dnsforwardingrulesets'";
        self.find(Ask::FindResolvers, &format!("type in~ ({kinds})"));
    }

    fn ruleset(&mut self, id: &str) {
        self.get(Ask::RulesetLinks, &format!("{id}/virtualNetworkLinks"));
        self.get(Ask::Rules, &format!("{id}/forwardingRules"));
    }

    /// A private zone: its links and records, where a vault's name or alias can be in it.
    fn zone(&mut self, id: Option<&str>) {
        let Some(id) = id else { return };
        let name = ResourceId::new(id).name().to_ascii_lowercase();
        let within = |inner: &str, outer: &str| inner == outer || inner.ends_with(&format!(".{outer}"));
        let Cloud { vault_zone, key_vault_suffix, .. } = &self.cloud;
        if [vault_zone, key_vault_suffix].iter().any(|own| within(own, &name) || within(&name, own)) {
            self.get(Ask::ZoneLinks, &format!("{id}/virtualNetworkLinks"));
            self.get(Ask::ZoneRecords, &format!("{id}/A"));
        }
    }

    /// Nothing is under way: what is worth asking only now that the rest is known.
    pub fn settle(&mut self) {
        self.follow_references();
        let strangers: Vec<String> = self.selected.difference(&self.clients).map(|id| quoted(id)).collect();
        if !strangers.is_empty() {
            let ids = strangers.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
            let kind = "type =~ 'microsoft.managedidentity/userassignedidentities'";
            self.find(Ask::FindIdentities, &format!("{kind} and properties.clientId in~ ({ids})"));
        }
        for name in self.followed.clone() {
            self.who_else(&name);
        }
    }

    /// Where no identity of the instances holds a grant at a vault: who does, and where else they hold one.
    fn who_else(&mut self, vault: &str) {
        let Some(vault) = self.vaults.get(vault).cloned() else { return };
        let id = folded(&vault.id);
        let all: Vec<&Assignment> = self.assignments.iter().filter(|a| a.concerns(&id)).collect();
        let is_own = |principal: &String| self.principals.contains(principal);
        let granted = match vault.by_roles {
            true => all.iter().any(|a| is_own(&a.principal)),
            false => vault.holders.iter().any(is_own),
        };
        if granted {
            return;
        }
        let groups = all.iter().any(|a| a.is_group);
        let here = all.iter().filter(|a| a.scope.starts_with(&id) && !a.is_group);
        let mut holders: BTreeSet<String> = here.map(|a| a.principal.clone()).collect();
        holders.extend(vault.holders);
        for holder in holders.into_iter().take(HOLDERS) {
            self.directory(Ask::DirectoryObject, &format!("directoryObjects/{holder}"));
        }
        let subscription = ResourceId::new(&vault.id).subscription().unwrap_or_default().to_owned();
        for principal in self.principals.clone() {
            let target = format!(
                "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleAssignments\
                 ?api-version={}&$filter=principalId eq '{}'",
                Ask::AssignmentsOf.details().version,
                quoted(&principal)
            );
            self.add(Read::at(Ask::AssignmentsOf, target));
            if groups {
                self.directory(Ask::Groups, &format!("servicePrincipals/{principal}/transitiveMemberOf"));
            }
        }
    }
}

/// Whether an answer may name further vaults, or tell where one is.
fn declares(ask: Ask) -> bool {
    matches!(ask, Ask::Instance | Ask::Instances | Ask::NamedValues | Ask::Certificates | Ask::Vaults | Ask::FindVaults)
}

/// Without what would end a text in a query.
fn quoted(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || "-_.()".contains(*c)).collect()
}
