//! What lies on the way: subnets, networks, zones and resolvers.

use serde_json::Value;

use super::body::{folded, found, ids, items, quoted, text};
use super::state::Plan;
use crate::base::ResourceId;
use crate::knowledge::cloud::Cloud;
use crate::live::ask::{Ask, Read};

impl Plan {
    pub(super) fn network_answered(&mut self, read: &Read, body: &Value) {
        match read.ask {
            Ask::PrivateEndpoint => self.endpoint(read.path(), body),
            Ask::ZoneGroups => {
                let groups = items(body, "/value");
                for config in groups.flat_map(|group| items(group, "/properties/privateDnsZoneConfigs")) {
                    self.zone(text(config, "/properties/privateDnsZoneId"));
                }
            }
            Ask::Network => self.network(body),
            Ask::Zones => ids(body).for_each(|id| self.zone(Some(id))),
            Ask::FindZones => found(body).for_each(|id| self.zone(Some(id))),
            Ask::Rulesets => ids(body).for_each(|id| self.ruleset(id)),
            Ask::Resolvers => {
                ids(body).for_each(|id| self.get(Ask::InboundEndpoints, &format!("{id}/inboundEndpoints")));
                items(body, "/value").for_each(|resolver| self.resolver(resolver));
            }
            Ask::Resolver => {
                self.get(Ask::InboundEndpoints, &format!("{}/inboundEndpoints", read.path()));
                self.resolver(body);
            }
            Ask::FindResolvers => {
                for id in found(body) {
                    match ResourceId::new(id).resource_type().to_ascii_lowercase().as_str() {
                        "microsoft.network/dnsresolvers" => self.get(Ask::Resolver, id),
                        _ => self.ruleset(id),
                    }
                }
            }
            _ => {}
        }
    }

    fn endpoint(&mut self, id: &str, body: &Value) {
        for interface in items(body, "/properties/networkInterfaces").filter_map(|i| text(i, "/id")) {
            self.get(Ask::Interface, interface);
        }
        if let Some(subnet) = text(body, "/properties/subnet/id") {
            self.subnet(subnet);
        }
        if self.resolves {
            self.in_subscription(Ask::Zones, id);
        }
    }

    fn resolver(&mut self, body: &Value) {
        if let Some(network) = text(body, "/properties/virtualNetwork/id") {
            self.resolves_in(network);
        }
    }

    /// A subnet on the way: its network, and what the subnet is joined to.
    pub(super) fn subnet(&mut self, id: &str) {
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
            let policies = items(subnet, "/properties/serviceEndpointPolicies");
            let policies = policies.filter_map(|p| Some((Ask::ServiceEndpointPolicy, text(p, "/id")?)));
            let joined = group.into_iter().chain(table).chain(policies).map(|(ask, id)| (ask, id.to_owned())).collect();
            self.joined.insert(id.clone(), joined);
            if self.subnets.contains(&id) {
                self.joined_to(&id);
            }
        }
    }

    /// A network in which names are resolved: what may answer there.
    pub(super) fn resolves_in(&mut self, network: &str) {
        self.resolves = true;
        self.get(Ask::Network, network);
        for ask in [Ask::Zones, Ask::Rulesets, Ask::Resolvers, Ask::NetworkManagers] {
            self.in_subscription(ask, network);
        }
        self.find_zones();
        let kinds = "'microsoft.network/dnsresolvers', 'microsoft.network/dnsforwardingrulesets'";
        self.find(Ask::FindResolvers, &format!("type in~ ({kinds})"));
    }

    /// Zones of the right names, wherever they are.
    pub(super) fn find_zones(&mut self) {
        let names = self.zone_names().iter().map(|zone| format!("'{}'", quoted(zone))).collect::<Vec<_>>().join(", ");
        self.find(Ask::FindZones, &format!("type =~ 'microsoft.network/privatednszones' and name in~ ({names})"));
    }

    fn ruleset(&mut self, id: &str) {
        self.get(Ask::RulesetLinks, &format!("{id}/virtualNetworkLinks"));
        self.get(Ask::Rules, &format!("{id}/forwardingRules"));
    }

    /// A private zone: its links and records, where a name or alias that matters can be in it.
    pub(super) fn zone(&mut self, id: Option<&str>) {
        let Some(id) = id else { return };
        let name = ResourceId::new(id).name().to_ascii_lowercase();
        let within = |inner: &str, outer: &str| inner == outer || inner.ends_with(&format!(".{outer}"));
        let Cloud { key_vault_suffix, storage_suffix, .. } = &self.cloud;
        let suffixes = std::iter::once(key_vault_suffix).chain((!self.accounts.is_empty()).then_some(storage_suffix));
        let zones = self.zone_names();
        if zones.iter().chain(suffixes).any(|own| within(own, &name) || within(&name, own)) {
            self.get(Ask::ZoneLinks, &format!("{id}/virtualNetworkLinks"));
            self.get(Ask::ZoneRecords, &format!("{id}/A"));
        } else {
            self.zones_seen.insert(id.to_owned());
        }
    }
}
