//! What Azure adds to the resources of a deployment: principals of identities, connections and addresses of private
//! endpoints, records of zone groups, and children that their parents show.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ipnet::IpNet;
use serde_json::{Value as Json, json};

use crate::base::{Map, ResourceId};
use crate::knowledge::cloud::Cloud;
use crate::knowledge::subservice::Subservice;
use crate::source::deployed::edit::{change, id, items, list, properties, set, text};
use crate::source::deployed::made::{Made, MadeList};
use crate::source::deployed::open::Open;
use crate::source::deployed::symbols::Symbols;
use crate::template::value::{Context, Symbol, Unknown, Why};

/// The resources of a deployment.
pub(super) struct Resources<'s> {
    pub made: MadeList,
    pub symbols: &'s mut Symbols,
    /// What exists before the deployment, and is perhaps not shown as a whole.
    pub partial: &'s HashSet<ResourceId>,
}

/// From this api-version on, role-based access is the default of a new vault.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/access-control-default> (read 2026-11-29).
const ROLES_BY_DEFAULT: &str = "2026-02-01";

impl Resources<'_> {
    /// Adds it all.
    pub(super) fn complete(&mut self) {
        self.identities();
        self.principal_types();
        self.vaults();
        self.children();
        self.private_endpoints();
        self.written_records();
        self.zone_groups();
        self.settings();
        self.network_status();
    }

    /// A resource that is about to be changed.
    fn find(&mut self, id: &ResourceId) -> Option<&mut Made> {
        let made = self.made.get_mut(id)?;
        made.is_recorded = false;
        Some(made)
    }

    fn body(&self, id: &ResourceId) -> Option<&Json> {
        self.made.get(id).map(|made| &made.json)
    }

    /// The numbers of the resources of a type that the files deploy.
    fn of(&self, kind: &str) -> Vec<usize> {
        let all = self.made.iter().enumerate();
        all.filter(|(_, made)| !made.is_recorded && made.kind.eq_ignore_ascii_case(kind)).map(|(at, _)| at).collect()
    }

    /// Adds a resource that Azure makes together with another one.
    fn add(&mut self, id: ResourceId, like: usize, json: Json) {
        let Some(like) = self.made.at(like) else { return };
        let made = Made {
            kind: id.resource_type(),
            id,
            json,
            version: like.version.clone(),
            span: like.span,
            places: Map::default(),
            open: None,
            is_recorded: false,
            is_part: false,
        };
        self.made.put(made);
    }

    /// The principals of identities, which exist once the deployment is done.
    fn identities(&mut self) {
        let tenant = self.symbols.text(&Symbol::Context(Context::Tenant));
        let (holders, names_somebody) = (self.holders(), self.names_a_principal());
        for at in 0..self.made.len() {
            let Some(made) = self.made.at_mut(at).filter(|made| !made.is_recorded) else { continue };
            let (symbols, partial) = (&mut *self.symbols, self.partial);
            let mut ids = |id: &str| {
                let key = symbols.key_of(id);
                let principal = symbols.text(&Symbol::Principal(key.clone()));
                // An identity that exists has an object id, and it may be one of those that the files spell out.
                let may_be_spelled_out = names_somebody
                    && partial.contains(&ResourceId::new(id))
                    && symbols.stands_for_something(&principal)
                    && !holders.contains(&principal);
                let principal = if may_be_spelled_out { Json::Null } else { principal.into() };
                (principal, symbols.text(&Symbol::Client(key)))
            };
            if made.kind.eq_ignore_ascii_case("Microsoft.ManagedIdentity/userAssignedIdentities") {
                let (principal, client) = ids(made.id.as_str());
                let own = json!({ "principalId": principal, "clientId": client, "tenantId": tenant });
                set(&mut made.json, "properties", own);
                continue;
            }
            let Some(identity) = made.json.get_mut("identity").filter(|identity| identity.is_object()) else {
                continue;
            };
            if let Some(entries) = identity.get_mut("userAssignedIdentities").and_then(Json::as_object_mut) {
                for (id, entry) in entries {
                    let (principal, client) = ids(id);
                    *entry = json!({ "principalId": principal, "clientId": client });
                }
            }
            let kinds = text(identity, "/type").unwrap_or_default().to_ascii_lowercase();
            if kinds.split(',').any(|kind| kind.trim() == "systemassigned") {
                let (principal, client) = ids(made.id.as_str());
                set(identity, "principalId", principal.clone());
                set(identity, "tenantId", tenant.clone());
                let id =
                    ResourceId::new(&format!("{}/providers/Microsoft.ManagedIdentity/identities/default", made.id));
                let own = json!({ "principalId": principal, "clientId": client, "tenantId": tenant });
                self.add(id, at, json!({ "properties": own }));
            }
        }
    }

    /// The kind of a principal that is an identity.
    fn principal_types(&mut self) {
        for at in self.of("Microsoft.Authorization/roleAssignments") {
            let Some(made) = self.made.at_mut(at) else { continue };
            let is_identity =
                text(&made.json, "/properties/principalId").is_some_and(|holder| self.symbols.is_identity(holder));
            if is_identity {
                properties(&mut made.json, |own| {
                    own.entry("principalType").or_insert_with(|| "ServicePrincipal".into());
                });
            }
        }
    }

    /// Defaults of vaults, secrets and keys, and access policies that stand beside their vault.
    fn vaults(&mut self) {
        let tenant = self.symbols.text(&Symbol::Context(Context::Tenant));
        for at in self.of("Microsoft.KeyVault/vaults") {
            let Some(made) = self.made.at_mut(at) else { continue };
            let by_roles = made.version.as_str() >= ROLES_BY_DEFAULT;
            properties(&mut made.json, |own| {
                own.entry("tenantId").or_insert_with(|| tenant.clone().into());
                own.entry("enableRbacAuthorization").or_insert_with(|| by_roles.into());
            });
        }
        for at in self.of("Microsoft.KeyVault/vaults/accessPolicies") {
            let Some(made) = self.made.at(at) else { continue };
            let added = items(&made.json, "/properties/accessPolicies").to_vec();
            let (open, replaces) = (made.open.clone(), made.id.name().eq_ignore_ascii_case("replace"));
            let Some(vault) = made.id.parent().and_then(|vault| self.find(&vault)) else { continue };
            vault.open = vault.open.take().or(open);
            list(&mut vault.json, "accessPolicies", |all| {
                if replaces {
                    all.clear();
                }
                all.extend(added);
            });
        }
        for kind in ["Microsoft.KeyVault/vaults/secrets", "Microsoft.KeyVault/vaults/keys"] {
            for at in self.of(kind) {
                let Some(made) = self.made.at_mut(at) else { continue };
                properties(&mut made.json, |own| {
                    change(own.entry("attributes").or_insert_with(|| json!({})), |attributes| {
                        attributes.entry("enabled").or_insert(true.into());
                    });
                });
            }
        }
    }

    /// Children that are resources and stand in their parents' bodies as well.
    fn children(&mut self) {
        const CHILDREN: [(&str, &str); 4] = [
            ("Microsoft.Network/virtualNetworks/subnets", "subnets"),
            ("Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "virtualNetworkPeerings"),
            ("Microsoft.Network/networkSecurityGroups/securityRules", "securityRules"),
            ("Microsoft.Network/routeTables/routes", "routes"),
        ];
        for (kind, member) in CHILDREN {
            for at in self.of(kind) {
                let Some(made) = self.made.at(at) else { continue };
                let (mut json, id, open) = (made.json.clone(), made.id.clone(), made.open.clone());
                set(&mut json, "id", id.as_str());
                set(&mut json, "name", id.name());
                let Some(parent) = id.parent().and_then(|parent| self.find(&parent)) else { continue };
                parent.open = parent.open.take().or(open);
                list(&mut parent.json, member, |all| {
                    all.retain(|own| text(own, "/name").is_none_or(|name| !name.eq_ignore_ascii_case(id.name())));
                    all.push(json);
                });
            }
        }
        // An app shows the subnet that it was connected to by a child.
        for kind in ["Microsoft.Web/sites/networkConfig", "Microsoft.Web/sites/slots/networkConfig"] {
            for at in self.of(kind) {
                let Some(made) = self.made.at(at) else { continue };
                let (subnet, open) = (made.json.pointer("/properties/subnetResourceId").cloned(), made.open.clone());
                let Some(app) = made.id.parent().and_then(|app| self.find(&app)) else { continue };
                app.open = app.open.take().or(open);
                properties(&mut app.json, |own| {
                    if let Some(subnet) = subnet {
                        own.entry("virtualNetworkSubnetId").or_insert(subnet);
                    }
                });
            }
        }
        // Subnets that stand in their network have ids.
        for at in self.of("Microsoft.Network/virtualNetworks") {
            let Some(made) = self.made.at_mut(at) else { continue };
            let network = made.id.clone();
            list(&mut made.json, "subnets", |all| {
                for subnet in all {
                    let name = text(subnet, "/name").unwrap_or_default().to_owned();
                    set(subnet, "id", network.child("subnets", &name).as_str());
                }
            });
        }
        self.peerings();
    }

    /// Both sides of a peering, once they are there.
    fn peerings(&mut self) {
        const REMOTE: &str = "/properties/remoteVirtualNetwork/id";
        let networks = self.of("Microsoft.Network/virtualNetworks");
        let mut pairs: Vec<(ResourceId, ResourceId)> = Vec::new();
        let mut ranges: Map<ResourceId, Json> = Map::default();
        for made in networks.iter().filter_map(|at| self.made.at(*at)) {
            let space = made.json.pointer("/properties/addressSpace").cloned().unwrap_or_default();
            ranges.insert(made.id.clone(), space);
            let all = items(&made.json, "/properties/virtualNetworkPeerings").iter();
            pairs.extend(all.filter_map(|peering| id(peering, REMOTE)).map(|remote| (made.id.clone(), remote)));
        }
        for at in networks {
            let Some(made) = self.made.at_mut(at) else { continue };
            let own = made.id.clone();
            list(&mut made.json, "virtualNetworkPeerings", |all| {
                for peering in all {
                    let Some(remote) = id(peering, REMOTE) else { continue };
                    let both = pairs.iter().any(|(from, to)| *from == remote && *to == own);
                    properties(peering, |says| {
                        says.insert("peeringState".into(), if both { "Connected" } else { "Initiated" }.into());
                        says.insert("peeringSyncLevel".into(), "FullyInSync".into());
                        says.entry("allowVirtualNetworkAccess").or_insert(true.into());
                        if let Some(space) = ranges.get(&remote) {
                            says.insert("remoteAddressSpace".into(), space.clone());
                        }
                    });
                }
            });
        }
    }

    /// Connections at the targets of private endpoints, and an address in the subnet of each.
    fn private_endpoints(&mut self) {
        for (number, at) in self.of("Microsoft.Network/privateEndpoints").into_iter().enumerate() {
            let Some(made) = self.made.at_mut(at) else { continue };
            let (own, mut connections) = (made.id.clone(), Vec::new());
            for (member, status) in
                [("privateLinkServiceConnections", "Approved"), ("manualPrivateLinkServiceConnections", "Pending")]
            {
                let state = json!({ "status": status });
                list(&mut made.json, member, |all| {
                    for connection in all {
                        properties(connection, |says| {
                            says.insert("privateLinkServiceConnectionState".into(), state.clone());
                        });
                        let target = id(connection, "/properties/privateLinkServiceId");
                        connections.extend(target.map(|target| (target, state.clone())));
                    }
                });
            }
            let interface = interface_of(&own);
            properties(&mut made.json, |says| {
                says.insert("provisioningState".into(), "Succeeded".into());
                says.insert("networkInterfaces".into(), json!([{ "id": interface.as_str() }]));
            });
            let subnet = id(&made.json, "/properties/subnet/id");
            for (target, state) in connections {
                let Some(target) = self.find(&target) else { continue };
                let connection = target.id.child("privateEndpointConnections", own.name());
                let connection = json!({ "id": connection.as_str(), "properties": { "provisioningState": "Succeeded",
                    "privateEndpoint": { "id": own.as_str() }, "privateLinkServiceConnectionState": state } });
                list(&mut target.json, "privateEndpointConnections", |all| all.push(connection));
            }
            let range = subnet.and_then(|subnet| self.range_of(&subnet));
            let Some(address) = range.and_then(|range| address_in(range, number)) else { continue };
            let addresses = json!([{ "name": "a", "properties": { "privateIPAddress": address.to_string() } }]);
            self.add(interface, at, json!({ "properties": { "ipConfigurations": addresses } }));
        }
    }

    /// Records that the files write themselves with the address of a private endpoint.
    fn written_records(&mut self) {
        let endpoints: Vec<(Arc<str>, Json)> = self
            .of("Microsoft.Network/privateEndpoints")
            .into_iter()
            .filter_map(|at| {
                let id = &self.made.at(at)?.id;
                Some((self.symbols.key_of(id.as_str()), self.address_of(id)?))
            })
            .collect();
        for at in self.of("Microsoft.Network/privateDnsZones/A") {
            let Some(made) = self.made.at_mut(at) else { continue };
            let (symbols, mut is_open) = (&*self.symbols, false);
            list(&mut made.json, "aRecords", |records| {
                for record in records {
                    let Some(owner) = text(record, "/ipv4Address").and_then(|text| symbols.owner_of(text)) else {
                        continue;
                    };
                    let mut own = endpoints.iter().filter(|(id, _)| owner.contains(&**id));
                    match (own.next(), own.next()) {
                        (Some((_, address)), None) => set(record, "ipv4Address", address.clone()),
                        _ => is_open = true,
                    }
                }
            });
            if is_open {
                let why = Arc::new(Unknown::new(Why::Invalid, made.span));
                made.open = made.open.take().or(Some(Open { pointer: "/properties/aRecords".to_owned(), why }));
            }
        }
    }

    /// The range of a subnet.
    fn range_of(&self, subnet: &ResourceId) -> Option<IpNet> {
        let all = items(self.body(&subnet.parent()?)?, "/properties/subnets");
        let own = all.iter().find(|own| text(own, "/name").is_some_and(|n| n.eq_ignore_ascii_case(subnet.name())))?;
        let range = text(own, "/properties/addressPrefix").or(text(own, "/properties/addressPrefixes/0"))?;
        range.parse().ok()
    }

    /// The address of a private endpoint.
    fn address_of(&self, endpoint: &ResourceId) -> Option<Json> {
        let interface = self.body(&interface_of(endpoint))?;
        interface.pointer("/properties/ipConfigurations/0/properties/privateIPAddress").cloned()
    }

    /// The records that a zone group writes.
    fn zone_groups(&mut self) {
        for at in self.of("Microsoft.Network/privateEndpoints/privateDnsZoneGroups") {
            let Some(made) = self.made.at(at) else { continue };
            let Some(endpoint) = made.id.parent() else { continue };
            let target = self.body(&endpoint).and_then(|body| {
                let mut all = ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"].into_iter();
                all.find_map(|list| id(body, &format!("/properties/{list}/0/properties/privateLinkServiceId")))
            });
            let (Some(address), Some(target)) = (self.address_of(&endpoint), target) else { continue };
            let configs = items(&made.json, "/properties/privateDnsZoneConfigs").iter();
            let zones: Vec<ResourceId> = configs.filter_map(|one| id(one, "/properties/privateDnsZoneId")).collect();
            for zone in zones {
                self.record(&zone, target.name(), &address, at);
            }
        }
    }

    /// Adds a record. One that the files write themselves stays: which of the two Azure keeps is not documented.
    fn record(&mut self, zone: &ResourceId, name: &str, address: &Json, at: usize) {
        let own = json!({ "ttl": 10, "aRecords": [{ "ipv4Address": address }] });
        let id = zone.child("A", name);
        match self.made.get_mut(&id) {
            Some(written) => {
                let is_same = written.json.pointer("/properties/aRecords/0/ipv4Address") == Some(address);
                if !is_same && written.open.is_none() {
                    let why = Arc::new(Unknown::new(Why::Invalid, written.span));
                    written.open = Some(Open { pointer: "/properties/aRecords".to_owned(), why });
                }
            }
            None => self.add(id, at, json!({ "properties": own })),
        }
    }

    /// A new app without settings has none.
    fn settings(&mut self) {
        for kind in ["Microsoft.Web/sites", "Microsoft.Web/sites/slots"] {
            for at in self.of(kind) {
                let Some(id) = self.made.at(at).map(|made| made.id.child("config", "appsettings")) else { continue };
                let exists = id.parent().is_some_and(|app| self.partial.contains(&app));
                if !exists && self.body(&id).is_none() {
                    self.add(id, at, json!({ "properties": {} }));
                }
            }
        }
    }

    /// A new instance asks the DNS servers of its network.
    fn network_status(&mut self) {
        for at in self.of("Microsoft.ApiManagement/service") {
            let Some(made) = self.made.at(at) else { continue };
            let own = ResourceId::new(&format!("{}/networkstatus", made.id));
            let subnet = id(&made.json, "/properties/virtualNetworkConfiguration/subnetResourceId");
            let network = subnet.and_then(|subnet| self.body(&subnet.parent()?));
            let Some(network) = network else { continue };
            let servers = match items(network, "/properties/dhcpOptions/dnsServers") {
                [] => json!(["168.63.129.16"]),
                own => own.into(),
            };
            self.add(own, at, json!({ "dnsServers": servers, "connectivityStatus": [] }));
        }
    }

    /// Gives every private endpoint its zone, linked to every network, as if another deployment did it.
    pub(super) fn link(&mut self, cloud: &Cloud) {
        const CONNECTION: &str = "/properties/privateLinkServiceConnections/0/properties";
        let networks = self.of("Microsoft.Network/virtualNetworks");
        let networks: Vec<ResourceId> = networks.iter().filter_map(|at| Some(self.made.at(*at)?.id.clone())).collect();
        for at in self.of("Microsoft.Network/privateEndpoints") {
            let Some(made) = self.made.at(at) else { continue };
            let (endpoint, connection) = (made.id.clone(), made.json.pointer(CONNECTION).unwrap_or(&Json::Null));
            let group = text(connection, "/groupIds/0").unwrap_or_default();
            let mut services = Subservice::STORAGE.into_iter().chain([Subservice::Vault]);
            let service = services.find(|own| own.group_id().eq_ignore_ascii_case(group));
            let (Some(service), Some(target)) = (service, id(connection, "/privateLinkServiceId")) else { continue };
            let (Some(scope), Some(address)) = (endpoint.scopes().nth(1), self.address_of(&endpoint)) else { continue };
            let name = cloud.zone_of(service);
            let zone = ResourceId::new(&format!("{scope}/providers/Microsoft.Network/privateDnsZones/{name}"));
            self.made.retain(|made| made.id != zone);
            self.add(zone.clone(), at, json!({ "properties": {} }));
            self.record(&zone, target.name(), &address, at);
            for (number, network) in networks.iter().enumerate() {
                let link = zone.child("virtualNetworkLinks", &format!("all-{number}"));
                self.add(link, at, json!({ "properties": { "virtualNetwork": { "id": network.as_str() } } }));
            }
        }
    }

    /// Whether somebody is granted something by an object id that the files spell out.
    pub(super) fn names_a_principal(&self) -> bool {
        self.holders().iter().any(|id| !self.symbols.stands_for_something(id))
    }

    /// The object ids that are granted something.
    fn holders(&self) -> HashSet<String> {
        let of = |made: &Made| {
            let policies = items(&made.json, "/properties/accessPolicies").iter();
            let is_role = made.kind.eq_ignore_ascii_case("Microsoft.Authorization/roleAssignments");
            let holder = text(&made.json, "/properties/principalId").filter(|_| is_role);
            let all = policies.filter_map(|policy| text(policy, "/objectId")).chain(holder);
            all.map(str::to_owned).collect::<Vec<_>>()
        };
        self.made.iter().flat_map(of).collect()
    }
}

/// The interface that Azure makes for a private endpoint.
fn interface_of(endpoint: &ResourceId) -> ResourceId {
    ResourceId::new(&format!("{endpoint}-nic").replace("/privateEndpoints/", "/networkInterfaces/"))
}

/// An address of a range that an endpoint may get: Azure keeps the first four.
fn address_in(range: IpNet, number: usize) -> Option<IpAddr> {
    let IpNet::V4(range) = range else { return None };
    let offset = 4 + u32::try_from(number).ok()?;
    let address = Ipv4Addr::from(u32::from(range.network()).checked_add(offset)?);
    range.contains(&address).then_some(IpAddr::V4(address))
}
