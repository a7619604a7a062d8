//! A private way to a target, made before its public one is closed: a network for an app that has none, and a private
//! endpoint with its zone.
//!
//! Sources: <https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration>,
//! <https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy> and
//! <https://learn.microsoft.com/azure/app-service/overview-vnet-integration> (read 2026-12-01).

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};
use serde_json::{Value, json};

use crate::base::ResourceId;
use crate::change::candidate::Candidate;
use crate::change::place::Bodies;
use crate::finding::{Command, Concerns, Edit, Patch, Safety, command};
use crate::knowledge::cloud::Cloud;
use crate::knowledge::subservice::Subservice;
use crate::report::v1::Path;

/// The network that is made for an app that is in none: an address space of its own, so nothing can overlap.
const OWN_NETWORK: &str = "10.0.0.0/16";
const APP_SUBNET: &str = "10.0.0.0/26";

/// Plans that cannot be integrated with a network.
/// Source: <https://learn.microsoft.com/azure/app-service/overview-vnet-integration> (read 2026-12-01).
const WITHOUT_INTEGRATION: &[&str] = &["Dynamic", "Free", "Shared"];

/// How long the prefix of a new subnet for private endpoints is, and how many addresses Azure keeps at its start.
/// Source: <https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq> (read 2026-12-01).
const ENDPOINT_PREFIX: u8 = 27;
const RESERVED: usize = 4;

/// The recorded resources, and what a private way is for.
pub(super) struct PrivateWay<'p> {
    pub bodies: &'p Bodies<'p>,
    pub cloud: &'p Cloud,
    pub path: &'p Path,
}

/// Commands, and what they do to the collected data.
#[derive(Default)]
struct Made {
    az: Vec<Command>,
    edits: Vec<Edit>,
}

impl PrivateWay<'_> {
    /// What makes one, if that is possible with what was recorded.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        self.endpoint().into_iter().collect()
    }

    fn body(&self, id: &ResourceId) -> Option<&Value> {
        self.bodies.get(id)?.first().copied()
    }

    /// A private endpoint for the path's target in the caller's network, and a network for an app without one.
    fn endpoint(&self) -> Option<Candidate> {
        let target = self.path.target.resource.as_ref()?;
        self.body(target)?;
        let subservice = self.subservice()?;
        let mut made = Made::default();
        let (network, is_new) = match self.path.origin.starts_with('/') {
            true => (ResourceId::new(&self.path.origin).parent()?, false),
            false => (self.integrate(&mut made)?, true),
        };
        let (subnet, address) = self.place_for_endpoint(&network, is_new, &mut made)?;
        self.add_endpoint(target, subservice, &network, (&subnet, address), &mut made);
        let noun = if subservice == Subservice::Vault { "vault" } else { "storage account" };
        let of = match subservice {
            Subservice::Vault => String::new(),
            other => format!("the {} service of ", other.group_id()),
        };
        let connect = match is_new {
            true => format!("integrate app `{}` with network `{}`, and ", self.path.resource.name(), network.name()),
            false => String::new(),
        };
        let title = format!(
            "{connect}create a private endpoint for {of}{noun} `{}` in network `{}`, with its DNS zone",
            target.name(),
            network.name()
        );
        let az = command::texts(&made.az.into_iter().map(Command::line).collect::<Vec<_>>());
        Some(Candidate { title, az, safety: Safety::Review, patch: Patch { edits: made.edits } })
    }

    /// What of the target is called.
    fn subservice(&self) -> Option<Subservice> {
        if self.path.target.kind == "key-vault" {
            return Some(Subservice::Vault);
        }
        let host = self.path.target.host.as_deref()?;
        let service = host.split('.').nth(1)?;
        Subservice::STORAGE.into_iter().find(|own| own.group_id().eq_ignore_ascii_case(service))
    }

    /// Integrates an app with a network: one that is made for it.
    fn integrate(&self, made: &mut Made) -> Option<ResourceId> {
        let app = &self.path.resource;
        let kind = app.resource_type().to_ascii_lowercase();
        if !["microsoft.web/sites", "microsoft.web/sites/slots"].contains(&kind.as_str()) {
            return None;
        }
        let body = self.body(app)?;
        let set = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        if set("/properties/virtualNetworkSubnetId").is_some() {
            return None;
        }
        let plan = self.body(&ResourceId::new(set("/properties/serverFarmId")?))?;
        let tier = plan.pointer("/sku/tier").and_then(Value::as_str)?;
        if WITHOUT_INTEGRATION.iter().any(|none| none.eq_ignore_ascii_case(tier)) {
            return None;
        }
        let site = app.within("Microsoft.Web/sites")?;
        let group = format!("/subscriptions/{}/resourceGroups/{}", app.subscription()?, app.resource_group()?);
        let network = ResourceId::new(&format!(
            "{group}/providers/Microsoft.Network/virtualNetworks/vnet-{}",
            site.name().to_ascii_lowercase()
        ));
        let subnet = network.child("subnets", "snet-app");
        let properties = json!({ "addressPrefix": APP_SUBNET, "provisioningState": "Succeeded" });
        let own = json!({ "id": subnet.as_str(), "name": "snet-app", "type": "Microsoft.Network/virtualNetworks/subnets",
            "properties": properties });
        if self.body(&network).is_none() {
            made.az.push(
                Command::new("az network vnet create")
                    .named(&network)
                    .and("--address-prefixes 10.0.0.0/16 --subnet-name snet-app --subnet-prefixes 10.0.0.0/26"),
            );
            let body = json!({ "id": network.as_str(), "name": network.name(),
                "type": "Microsoft.Network/virtualNetworks", "location": body.get("location"),
                "properties": { "addressSpace": { "addressPrefixes": [OWN_NETWORK] }, "subnets": [own.clone()],
                    "virtualNetworkPeerings": [], "provisioningState": "Succeeded" } });
            made.create(body, &ResourceId::new(&group));
            made.create(own, &network);
        } else {
            self.body(&subnet)?;
        }
        let integrate = match kind.ends_with("/slots") {
            true => Command::new("az webapp vnet-integration add")
                .option("--name", site.name())
                .in_group(app)
                .option("--slot", app.name()),
            false => Command::new("az webapp vnet-integration add").named(app),
        };
        made.az.push(integrate.option("--vnet", &network).and("--subnet snet-app"));
        made.az.push(
            Command::new("az resource update")
                .option("--ids", app)
                .and("--set properties.outboundVnetRouting.allTraffic=true"),
        );
        made.edits.push(Edit::set(app, "/properties/virtualNetworkSubnetId", subnet.as_str()));
        made.edits.push(Edit::set(app, "/properties/outboundVnetRouting/allTraffic", true));
        let state = app.child("networkConfig", "virtualNetwork");
        if self.body(&state).is_some() {
            made.edits.push(Edit::set(&state, "/properties/subnetResourceId", subnet.as_str()));
        }
        Some(network)
    }

    /// A subnet for the endpoint and an address in it: that of another endpoint, or a new one in a free range.
    fn place_for_endpoint(
        &self,
        network: &ResourceId,
        is_new: bool,
        made: &mut Made,
    ) -> Option<(ResourceId, Ipv4Addr)> {
        let used: Vec<Ipv4Addr> = self.addresses_of_interfaces();
        let free = |range: Ipv4Net| range.hosts().skip(RESERVED - 1).find(|address| !used.contains(address));
        let endpoints = self.bodies.iter().filter(|(id, _)| is_type(id, "Microsoft.Network/privateEndpoints"));
        let subnets = endpoints.filter_map(|(_, own)| own.first()?.pointer("/properties/subnet/id")?.as_str());
        let shared = subnets.map(ResourceId::new).find(|subnet| subnet.is_within(network));
        if let Some(subnet) = shared {
            let prefix = self.body(&subnet).map(prefixes).and_then(|all| all.into_iter().next());
            return Some((subnet, free(prefix?)?));
        }
        let (space, taken) = match (is_new, self.body(network)) {
            (_, Some(body)) => {
                let space = body.pointer("/properties/addressSpace").map(prefixes_in).unwrap_or_default();
                let subnets = body.pointer("/properties/subnets").and_then(Value::as_array).into_iter().flatten();
                let inline: Vec<Ipv4Net> = subnets.flat_map(prefixes).collect();
                let read = self.bodies.iter().filter(|(id, _)| id.parent().as_ref() == Some(network));
                let read = read.filter_map(|(_, own)| own.first()).flat_map(|body| prefixes(body));
                (space, inline.into_iter().chain(read).collect::<Vec<_>>())
            }
            (true, None) => {
                (OWN_NETWORK.parse().ok().into_iter().collect(), APP_SUBNET.parse().ok().into_iter().collect())
            }
            (false, None) => return None,
        };
        let overlaps = |range: &Ipv4Net| taken.iter().any(|own| own.contains(range) || range.contains(own));
        let ranges = space.iter().filter_map(|own| own.subnets(ENDPOINT_PREFIX.max(own.prefix_len())).ok()).flatten();
        let range = ranges.take(1 << 16).find(|range| !overlaps(range))?;
        let subnet = network.child("subnets", "snet-private-endpoints");
        if self.body(&subnet).is_some() {
            return None;
        }
        made.az.push(
            Command::new("az network vnet subnet create")
                .and("--name snet-private-endpoints")
                .named_as("--vnet-name", network)
                .option("--address-prefixes", range.to_string()),
        );
        let own = json!({ "id": subnet.as_str(), "name": subnet.name(),
            "type": "Microsoft.Network/virtualNetworks/subnets",
            "properties": { "addressPrefix": range.to_string(), "provisioningState": "Succeeded" } });
        made.edits.push(Edit::append(network, "/properties/subnets", own.clone()));
        made.create(own, network);
        Some((subnet, free(range)?))
    }

    fn addresses_of_interfaces(&self) -> Vec<Ipv4Addr> {
        let interfaces = self.bodies.iter().filter(|(id, _)| is_type(id, "Microsoft.Network/networkInterfaces"));
        let lists = interfaces.filter_map(|(_, own)| own.first()?.pointer("/properties/ipConfigurations")?.as_array());
        let texts = lists.flatten().filter_map(|one| one.pointer("/properties/privateIPAddress")?.as_str());
        texts.filter_map(|text| text.parse().ok()).collect()
    }

    /// The endpoint, its interface, its zone, the zone's link and record, and the connection at the target.
    fn add_endpoint(
        &self,
        target: &ResourceId,
        subservice: Subservice,
        network: &ResourceId,
        (subnet, address): (&ResourceId, Ipv4Addr),
        made: &mut Made,
    ) {
        let place = network.as_str().split("/providers/").next().unwrap_or_default().to_owned();
        let group = ResourceId::new(&place);
        let service = subservice.group_id();
        let name = match subservice {
            Subservice::Vault => format!("pe-{}-{}", target.name(), network.name()),
            _ => format!("pe-{}-{service}-{}", target.name(), network.name()),
        };
        let of_network =
            |kind: &str, name: &str| ResourceId::new(&format!("{place}/providers/Microsoft.Network/{kind}/{name}"));
        let endpoint = of_network("privateEndpoints", &name);
        let interface = of_network("networkInterfaces", &format!("{name}.nic"));
        let zone_name = self.cloud.zone_of(subservice).to_ascii_lowercase();
        let is_zone = |id: &&ResourceId| {
            is_type(id, "Microsoft.Network/privateDnsZones") && id.name().eq_ignore_ascii_case(&zone_name)
        };
        let recorded = self.bodies.keys().find(is_zone);
        let zone = recorded.cloned().unwrap_or_else(|| of_network("privateDnsZones", &zone_name));
        if recorded.is_none() {
            made.az.push(Command::new("az network private-dns zone create").named(&zone));
            let body = json!({ "id": zone.as_str(), "name": zone_name, "type": "Microsoft.Network/privateDnsZones",
                "location": "global", "properties": { "provisioningState": "Succeeded" } });
            let scope = zone.subscription_scope().unwrap_or_else(|| group.clone());
            made.create(body, &scope);
        }
        let links = self.bodies.iter().filter(|(id, _)| {
            is_type(id, "Microsoft.Network/privateDnsZones/virtualNetworkLinks") && id.is_within(&zone)
        });
        let is_linked = links.filter_map(|(_, own)| own.first()?.pointer("/properties/virtualNetwork/id")?.as_str());
        if !is_linked.map(ResourceId::new).any(|id| id == *network) {
            let link = zone.child("virtualNetworkLinks", &format!("link-{}", network.name()));
            made.az.push(
                Command::new("az network private-dns link vnet create")
                    .option("--name", link.name())
                    .named_as("--zone-name", &zone)
                    .option("--virtual-network", network)
                    .and("--registration-enabled false"),
            );
            let body = json!({ "id": link.as_str(), "name": link.name(), "location": "global",
                "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
                "properties": { "provisioningState": "Succeeded", "registrationEnabled": false,
                    "virtualNetwork": { "id": network.as_str() }, "virtualNetworkLinkState": "Completed" } });
            made.create(body, &zone);
        }
        made.az.push(
            Command::new("az network private-endpoint create")
                .named(&endpoint)
                .option("--subnet", subnet)
                .option("--private-connection-resource-id", target)
                .option("--group-id", service)
                .option("--connection-name", &name),
        );
        made.az.push(
            Command::new("az network private-endpoint dns-zone-group create")
                .named_as("--endpoint-name", &endpoint)
                .and("--name default")
                .option("--zone-name", service)
                .option("--private-dns-zone", &zone),
        );
        let state = json!({ "status": "Approved" });
        let body = json!({ "id": endpoint.as_str(), "name": name, "type": "Microsoft.Network/privateEndpoints",
            "properties": { "provisioningState": "Succeeded", "subnet": { "id": subnet.as_str() },
                "networkInterfaces": [{ "id": interface.as_str() }],
                "privateLinkServiceConnections": [{ "name": name, "properties": {
                    "privateLinkServiceId": target.as_str(), "groupIds": [service],
                    "privateLinkServiceConnectionState": state } }] } });
        made.create(body, &group);
        let body = json!({ "id": interface.as_str(), "name": interface.name(),
            "type": "Microsoft.Network/networkInterfaces",
            "properties": { "provisioningState": "Succeeded", "ipConfigurations": [{ "name": "ipconfig",
                "properties": { "privateIPAddress": address.to_string(), "subnet": { "id": subnet.as_str() } } }] } });
        made.create(body, &group);
        let zones = endpoint.child("privateDnsZoneGroups", "default");
        let body = json!({ "id": zones.as_str(), "name": "default",
            "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
            "properties": { "provisioningState": "Succeeded", "privateDnsZoneConfigs": [{ "name": service,
                "properties": { "privateDnsZoneId": zone.as_str() } }] } });
        made.create(body, &endpoint);
        let host = self.path.target.host.as_deref().unwrap_or_default();
        let record = zone.child("A", host.split('.').next().unwrap_or_default());
        let body = json!({ "id": record.as_str(), "name": record.name(), "type": "Microsoft.Network/privateDnsZones/A",
            "properties": { "fqdn": format!("{}.{zone_name}.", record.name()), "ttl": 10,
                "aRecords": [{ "ipv4Address": address.to_string() }] } });
        made.create(body, &zone);
        let connection = target.child("privateEndpointConnections", &name);
        let connection = json!({ "id": connection.as_str(), "properties": {
            "privateEndpoint": { "id": endpoint.as_str() }, "groupIds": [service],
            "privateLinkServiceConnectionState": state, "provisioningState": "Succeeded" } });
        made.edits.push(Edit::append(target, "/properties/privateEndpointConnections", connection));
    }
}

impl Made {
    fn create(&mut self, body: Value, scope: &ResourceId) {
        let concerns = Concerns::Resource(scope.clone());
        self.edits.push(Edit::Create { body, scope: scope.clone(), concerns });
    }
}

fn is_type(id: &ResourceId, kind: &str) -> bool {
    id.resource_type().eq_ignore_ascii_case(kind)
}

/// The ranges of a subnet.
fn prefixes(body: &Value) -> Vec<Ipv4Net> {
    body.get("properties").map(prefixes_in).unwrap_or_default()
}

/// The ranges under `addressPrefix` and `addressPrefixes`.
fn prefixes_in(properties: &Value) -> Vec<Ipv4Net> {
    let one = properties.get("addressPrefix").and_then(Value::as_str);
    let several = properties.get("addressPrefixes").and_then(Value::as_array).into_iter().flatten();
    let texts = one.into_iter().chain(several.filter_map(Value::as_str));
    let ranges = texts.filter_map(|text| text.parse::<IpNet>().ok());
    ranges
        .filter_map(|range| match (range, range.addr()) {
            (IpNet::V4(range), IpAddr::V4(_)) => Some(range),
            _ => None,
        })
        .collect()
}
