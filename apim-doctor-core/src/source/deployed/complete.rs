//! What Azure adds to the resources of a deployment: principals of identities, connections and addresses of private
//! endpoints, records of zone groups, and children that their parents show.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use serde_json::{Value as Json, json};

use crate::base::{Map, ResourceId};
use crate::knowledge::cloud::Cloud;
use crate::knowledge::subservice::Subservice;
use crate::source::deployed::symbols::Symbols;
use crate::source::deployed::Made;
use crate::template::value::{Context, Symbol};

/// The resources of a deployment.
pub(super) struct Resources<'s> {
    pub made: Vec<Made>,
    pub symbols: &'s mut Symbols,
}

/// Azure's documentation of a vault: from this api-version on, role-based access is the default.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/access-control-default> (read 2026-11-29).
const ROLES_BY_DEFAULT: &str = "2026-02-01";

impl Resources<'_> {
    /// Adds it all.
    pub(super) fn complete(&mut self) {
        self.identities();
        self.vaults();
        self.children();
        self.private_endpoints();
        self.zone_groups();
        self.settings();
        self.network_status();
    }

    /// An app without settings has none.
    fn settings(&mut self) {
        for kind in ["Microsoft.Web/sites", "Microsoft.Web/sites/slots"] {
            for at in self.of(kind) {
                let Some(id) = self.made.get(at).map(|made| made.id.child("config", "appsettings")) else { continue };
                if !self.made.iter().any(|made| made.id == id) {
                    self.add(id.clone(), at, json!({ "id": id.as_str(), "properties": {} }));
                }
            }
        }
    }

    /// A new instance asks the DNS servers of its network.
    fn network_status(&mut self) {
        for at in self.of("Microsoft.ApiManagement/service") {
            let Some(made) = self.made.get(at) else { continue };
            let subnet = made.json["properties"]["virtualNetworkConfiguration"]["subnetResourceId"].as_str();
            let Some(network) = subnet.and_then(|subnet| ResourceId::new(subnet).parent()) else { continue };
            let id = ResourceId::new(&format!("{}/networkstatus", made.id));
            let Some(network) = self.made.iter().find(|made| made.id == network) else { continue };
            let servers = match network.json["properties"]["dhcpOptions"]["dnsServers"].as_array() {
                Some(own) if !own.is_empty() => Json::from(own.clone()),
                _ => json!(["168.63.129.16"]),
            };
            self.add(id, at, json!({ "dnsServers": servers, "connectivityStatus": [] }));
        }
    }

    /// Gives every private endpoint its zone, linked to every network, as if another deployment did it.
    pub(super) fn link(&mut self, cloud: &Cloud) {
        let networks: Vec<ResourceId> =
            self.of("Microsoft.Network/virtualNetworks").iter().filter_map(|at| Some(self.made.get(*at)?.id.clone())).collect();
        for at in self.of("Microsoft.Network/privateEndpoints") {
            let Some(made) = self.made.get(at) else { continue };
            let (id, connection) = (made.id.clone(), &made.json["properties"]["privateLinkServiceConnections"][0]["properties"]);
            let group = connection["groupIds"][0].as_str().unwrap_or_default();
            let mut services = Subservice::STORAGE.into_iter().chain([Subservice::Vault]);
            let Some(service) = services.find(|own| own.group_id().eq_ignore_ascii_case(group)) else { continue };
            let Some(target) = connection["privateLinkServiceId"].as_str().map(ResourceId::new) else { continue };
            let Some(scope) = id.scopes().nth(1) else { continue };
            let zone = ResourceId::new(&format!(
                "{scope}/providers/Microsoft.Network/privateDnsZones/{}",
                cloud.zone_of(service)
            ));
            let address = self.made.iter().find(|made| made.id.as_str() == interface_of(&id));
            let address =
                address.map(|made| made.json["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"].clone());
            let Some(address) = address else { continue };
            self.made.retain(|made| made.id != zone);
            self.add(zone.clone(), at, json!({ "id": zone.as_str(), "properties": {} }));
            let record = zone.child("A", target.name());
            let properties = json!({ "aRecords": [{ "ipv4Address": address }] });
            self.add(record.clone(), at, json!({ "id": record.as_str(), "properties": properties }));
            for (number, network) in networks.iter().enumerate() {
                let link = zone.child("virtualNetworkLinks", &format!("all-{number}"));
                let properties = json!({ "virtualNetwork": { "id": network.as_str() } });
                self.add(link.clone(), at, json!({ "id": link.as_str(), "properties": properties }));
            }
        }
    }

    /// Whether somebody is granted something by an object id that the files spell out.
    pub(super) fn names_a_principal(&self) -> bool {
        let of_role = |made: &Made| made.json["properties"]["principalId"].as_str().map(str::to_owned);
        let policies = |made: &Made| {
            let all = made.json["properties"]["accessPolicies"].as_array().cloned().unwrap_or_default();
            all.iter().filter_map(|policy| policy["objectId"].as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        self.made.iter().any(|made| {
            let mut all = policies(made);
            all.extend(of_role(made).filter(|_| made.kind.eq_ignore_ascii_case("Microsoft.Authorization/roleAssignments")));
            all.iter().any(|id| !self.symbols.stands_for_something(id))
        })
    }

    /// A resource that is about to be changed.
    fn find(&mut self, id: &ResourceId) -> Option<&mut Made> {
        let made = self.made.iter_mut().find(|made| made.id == *id)?;
        made.is_recorded = false;
        Some(made)
    }

    fn of(&self, kind: &str) -> Vec<usize> {
        let all = self.made.iter().enumerate();
        all.filter(|(_, made)| !made.is_recorded && made.kind.eq_ignore_ascii_case(kind)).map(|(at, _)| at).collect()
    }

    fn add(&mut self, id: ResourceId, like: usize, json: Json) {
        let Some(like) = self.made.get(like) else { return };
        let made = Made {
            kind: id.resource_type(),
            id,
            json,
            version: like.version.clone(),
            span: like.span,
            places: Map::default(),
            open: None,
            is_recorded: false,
        };
        self.made.push(made);
    }

    /// The principals of identities, which exist once the deployment is done.
    fn identities(&mut self) {
        let tenant = self.symbols.text(&Symbol::Context(Context::Tenant));
        for at in 0..self.made.len() {
            let Some(made) = self.made.get_mut(at).filter(|made| !made.is_recorded) else { continue };
            let key = self.symbols.key_of(made.id.as_str());
            let own = |symbols: &mut Symbols, key: &std::sync::Arc<str>| {
                let principal = symbols.text(&Symbol::Principal(key.clone()));
                (principal, symbols.text(&Symbol::Client(key.clone())))
            };
            if made.kind.eq_ignore_ascii_case("Microsoft.ManagedIdentity/userAssignedIdentities") {
                let (principal, client) = own(self.symbols, &key);
                made.json["properties"] = json!({ "principalId": principal, "clientId": client, "tenantId": tenant });
                continue;
            }
            let Some(identity) = made.json.get_mut("identity").filter(|identity| identity.is_object()) else { continue };
            let kinds = identity["type"].as_str().unwrap_or_default().to_ascii_lowercase();
            if let Some(entries) = identity.get_mut("userAssignedIdentities").and_then(Json::as_object_mut) {
                for (id, entry) in entries {
                    let key = self.symbols.key_of(id);
                    let (principal, client) = own(self.symbols, &key);
                    *entry = json!({ "principalId": principal, "clientId": client });
                }
            }
            if kinds.split(',').any(|kind| kind.trim() == "systemassigned") {
                let (principal, client) = own(self.symbols, &key);
                identity["principalId"] = principal.clone().into();
                identity["tenantId"] = tenant.clone().into();
                let id = ResourceId::new(&format!("{}/providers/Microsoft.ManagedIdentity/identities/default", made.id));
                let properties = json!({ "principalId": principal, "clientId": client, "tenantId": tenant });
                self.add(id.clone(), at, json!({ "id": id.as_str(), "name": "default", "properties": properties }));
            }
        }
    }

    /// Defaults of vaults, and access policies that stand beside them.
    fn vaults(&mut self) {
        let tenant = self.symbols.text(&Symbol::Context(Context::Tenant));
        for at in self.of("Microsoft.KeyVault/vaults") {
            let Some(made) = self.made.get_mut(at) else { continue };
            let by_roles = made.version.as_str() >= ROLES_BY_DEFAULT;
            let properties = object(&mut made.json, "properties");
            properties.entry("tenantId").or_insert_with(|| tenant.clone().into());
            properties.entry("enableRbacAuthorization").or_insert_with(|| by_roles.into());
        }
        for at in self.of("Microsoft.KeyVault/vaults/accessPolicies") {
            let Some(made) = self.made.get(at) else { continue };
            let (added, open, id) = (made.json["properties"]["accessPolicies"].clone(), made.open.clone(), made.id.clone());
            let replaces = id.name().eq_ignore_ascii_case("replace");
            let Some(vault) = id.parent().and_then(|vault| self.find(&vault)) else { continue };
            vault.open = vault.open.take().or(open);
            let all = list(&mut vault.json, &["properties", "accessPolicies"]);
            if replaces {
                all.clear();
            }
            all.extend(added.as_array().cloned().unwrap_or_default());
        }
        for at in self.of("Microsoft.KeyVault/vaults/secrets") {
            let Some(made) = self.made.get_mut(at) else { continue };
            let attributes = object(&mut made.json, "properties").entry("attributes").or_insert_with(|| json!({}));
            if let Some(attributes) = attributes.as_object_mut() {
                attributes.entry("enabled").or_insert(true.into());
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
        for (kind, list_name) in CHILDREN {
            for at in self.of(kind) {
                let Some(made) = self.made.get(at) else { continue };
                let (mut json, id, open) = (made.json.clone(), made.id.clone(), made.open.clone());
                json["id"] = id.as_str().into();
                json["name"] = id.name().into();
                let Some(parent) = id.parent().and_then(|parent| self.find(&parent)) else { continue };
                parent.open = parent.open.take().or(open);
                let all = list(&mut parent.json, &["properties", list_name]);
                all.retain(|own| !own["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(id.name())));
                all.push(json);
            }
        }
        self.subnets();
        self.peerings();
    }

    /// Subnets that stand in their network have ids.
    fn subnets(&mut self) {
        for at in self.of("Microsoft.Network/virtualNetworks") {
            let Some(made) = self.made.get_mut(at) else { continue };
            let id = made.id.clone();
            for subnet in list(&mut made.json, &["properties", "subnets"]) {
                let name = subnet["name"].as_str().unwrap_or_default().to_owned();
                subnet["id"] = id.child("subnets", &name).as_str().into();
            }
        }
    }

    /// Both sides of a peering, once they are there.
    fn peerings(&mut self) {
        let networks = self.of("Microsoft.Network/virtualNetworks");
        let remote = |peering: &Json| {
            let id = peering["properties"]["remoteVirtualNetwork"]["id"].as_str()?;
            Some(ResourceId::new(id))
        };
        let mut pairs: Vec<(ResourceId, ResourceId)> = Vec::new();
        let mut ranges: Map<ResourceId, Json> = Map::default();
        for made in networks.iter().filter_map(|at| self.made.get(*at)) {
            ranges.insert(made.id.clone(), made.json["properties"]["addressSpace"].clone());
            let all = made.json["properties"]["virtualNetworkPeerings"].as_array().into_iter().flatten();
            pairs.extend(all.filter_map(remote).map(|remote| (made.id.clone(), remote)));
        }
        for at in networks {
            let Some(made) = self.made.get_mut(at) else { continue };
            let id = made.id.clone();
            for peering in list(&mut made.json, &["properties", "virtualNetworkPeerings"]) {
                let Some(remote) = remote(peering) else { continue };
                let both = pairs.iter().any(|(from, to)| *from == remote && *to == id);
                let properties = object(peering, "properties");
                properties.insert("peeringState".into(), if both { "Connected" } else { "Initiated" }.into());
                properties.insert("peeringSyncLevel".into(), "FullyInSync".into());
                properties.entry("allowVirtualNetworkAccess").or_insert(true.into());
                if let Some(space) = ranges.get(&remote) {
                    properties.insert("remoteAddressSpace".into(), space.clone());
                }
            }
        }
    }

    /// Connections at the targets of private endpoints, and an address in the subnet of each.
    fn private_endpoints(&mut self) {
        for (number, at) in self.of("Microsoft.Network/privateEndpoints").into_iter().enumerate() {
            let Some(made) = self.made.get(at) else { continue };
            let id = made.id.clone();
            let subnet = made.json["properties"]["subnet"]["id"].as_str().map(ResourceId::new);
            let range = subnet.and_then(|subnet| self.range_of(&subnet));
            let mut connections = Vec::new();
            for (member, status) in
                [("privateLinkServiceConnections", "Approved"), ("manualPrivateLinkServiceConnections", "Pending")]
            {
                let Some(made) = self.made.get_mut(at) else { continue };
                let state = json!({ "status": status });
                for connection in list(&mut made.json, &["properties", member]) {
                    let properties = object(connection, "properties");
                    properties.insert("privateLinkServiceConnectionState".into(), state.clone());
                    if let Some(target) = properties.get("privateLinkServiceId").and_then(Json::as_str) {
                        connections.push((ResourceId::new(target), state.clone()));
                    }
                }
            }
            for (target, state) in connections {
                let Some(target) = self.find(&target) else { continue };
                let own = target.id.child("privateEndpointConnections", id.name());
                let connection = json!({ "id": own.as_str(), "properties": { "privateEndpoint": { "id": id.as_str() },
                    "privateLinkServiceConnectionState": state, "provisioningState": "Succeeded" } });
                list(&mut target.json, &["properties", "privateEndpointConnections"]).push(connection);
            }
            let interface = ResourceId::new(&interface_of(&id));
            if let Some(made) = self.made.get_mut(at) {
                let properties = object(&mut made.json, "properties");
                properties.insert("provisioningState".into(), "Succeeded".into());
                properties.insert("networkInterfaces".into(), json!([{ "id": interface.as_str() }]));
            }
            let Some(address) = range.and_then(|range| address_in(range, number)) else { continue };
            let addresses = json!([{ "name": "a", "properties": { "privateIPAddress": address.to_string() } }]);
            let body = json!({ "id": interface.as_str(), "properties": { "ipConfigurations": addresses } });
            self.add(interface, at, body);
        }
    }

    /// The range of a subnet that the files make.
    fn range_of(&self, subnet: &ResourceId) -> Option<IpNet> {
        let network = subnet.parent()?;
        let made = self.made.iter().find(|made| made.id == network)?;
        let all = made.json["properties"]["subnets"].as_array()?;
        let own = all.iter().find(|own| own["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(subnet.name())))?;
        let properties = &own["properties"];
        properties["addressPrefix"].as_str().or(properties["addressPrefixes"][0].as_str())?.parse().ok()
    }

    /// The records that a zone group writes.
    fn zone_groups(&mut self) {
        for at in self.of("Microsoft.Network/privateEndpoints/privateDnsZoneGroups") {
            let Some(made) = self.made.get(at) else { continue };
            let Some(endpoint) = made.id.parent() else { continue };
            let interface = interface_of(&endpoint);
            let interface = self.made.iter().find(|made| made.id.as_str() == interface);
            let address = interface
                .map(|made| made.json["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"].clone());
            let target = self.made.iter().find(|made| made.id == endpoint).and_then(|made| {
                let properties = &made.json["properties"];
                let all = ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"];
                let mut all = all.iter().filter_map(|list| properties[list][0]["properties"]["privateLinkServiceId"].as_str());
                all.next().map(ResourceId::new)
            });
            let (Some(address), Some(target)) = (address, target) else { continue };
            let configs = made.json["properties"]["privateDnsZoneConfigs"].as_array().cloned().unwrap_or_default();
            for config in configs {
                let Some(zone) = config["properties"]["privateDnsZoneId"].as_str().map(ResourceId::new) else { continue };
                let id = zone.child("A", target.name());
                let properties = json!({ "ttl": 10, "aRecords": [{ "ipv4Address": address }] });
                self.add(id.clone(), at, json!({ "id": id.as_str(), "name": target.name(), "properties": properties }));
            }
        }
    }
}

/// The interface that Azure makes for a private endpoint.
fn interface_of(endpoint: &ResourceId) -> String {
    format!("{endpoint}-nic").replace("/privateEndpoints/", "/networkInterfaces/")
}

/// An address of a range that an endpoint may get: Azure keeps the first four.
fn address_in(range: IpNet, number: usize) -> Option<IpAddr> {
    let IpNet::V4(range) = range else { return None };
    let offset = 4 + u32::try_from(number).ok()?;
    let address = Ipv4Addr::from(u32::from(range.network()).checked_add(offset)?);
    range.contains(&address).then_some(IpAddr::V4(address))
}

/// A member that is an object; it is made where it is missing.
fn object<'j>(json: &'j mut Json, member: &str) -> &'j mut serde_json::Map<String, Json> {
    if !json.is_object() {
        *json = json!({});
    }
    let inner = &mut json[member];
    if !inner.is_object() {
        *inner = json!({});
    }
    match inner {
        Json::Object(map) => map,
        // It was just made one.
        _ => Box::leak(Box::default()),
    }
}

/// A list below members that are objects; it is made where it is missing.
fn list<'j>(json: &'j mut Json, path: &[&str]) -> &'j mut Vec<Json> {
    let mut at = json;
    for step in path {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[*step];
    }
    if !at.is_array() {
        *at = json!([]);
    }
    match at {
        Json::Array(all) => all,
        // It was just made one.
        _ => Box::leak(Box::default()),
    }
}
