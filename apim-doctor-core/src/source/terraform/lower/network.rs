//! Virtual networks, subnets, security groups, routes.

use crate::source::terraform::lower::form::{
    Lowered, Lowering, Made, each, empty, enabled, list, not, object, sub_resource,
};
use crate::source::terraform::values::{known, text};
use crate::source::terraform::view::Block;
use crate::template::text::key;
use crate::template::value::{Key, Kind, Object, Value};

const VERSION: &str = "2023-11-01";

impl Lowering<'_, '_> {
    pub(super) fn network(&self, at: usize, own: &Block<'_, '_>, kind: &str) -> Lowered {
        let span = own.span();
        let (azure, properties) = match kind {
            "virtual_network" => ("Microsoft.Network/virtualNetworks", self.virtual_network(at, own)),
            "subnet" => ("Microsoft.Network/virtualNetworks/subnets", self.subnet(&self.plan.id_of(at), own)),
            "network_security_group" => ("Microsoft.Network/networkSecurityGroups", {
                let rules = own.blocks("security_rule");
                let all = rules.items.iter().filter(|block| self.is_own(at, block));
                let all = all.map(|block| named(block, rule(block))).collect();
                object(span, [("securityRules", Some(list(all, rules.open, span)))])
            }),
            "network_security_rule" => ("Microsoft.Network/networkSecurityGroups/securityRules", rule(own)),
            "route_table" => ("Microsoft.Network/routeTables", {
                let routes = own.blocks("route");
                let all = routes.items.iter().filter(|block| self.is_own(at, block));
                let all = all.map(|block| named(block, route(block))).collect();
                let off = own.get("bgp_route_propagation_enabled").map(|on| not(&on));
                object(
                    span,
                    [
                        ("routes", Some(list(all, routes.open, span))),
                        ("disableBgpRoutePropagation", off.or_else(|| own.get("disable_bgp_route_propagation"))),
                    ],
                )
            }),
            "route" => ("Microsoft.Network/routeTables/routes", route(own)),
            "virtual_network_peering" => (
                "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
                object(
                    span,
                    [
                        ("remoteVirtualNetwork", sub_resource(own.get_id("remote_virtual_network_id"))),
                        ("allowVirtualNetworkAccess", own.get("allow_virtual_network_access")),
                        ("allowForwardedTraffic", own.get("allow_forwarded_traffic")),
                        ("allowGatewayTransit", own.get("allow_gateway_transit")),
                        ("useRemoteGateways", own.get("use_remote_gateways")),
                        ("peerCompleteVnets", own.get("peer_complete_virtual_networks_enabled")),
                    ],
                ),
            ),
            "virtual_network_gateway" => ("Microsoft.Network/virtualNetworkGateways", empty(span)),
            _ => return Lowered::NotRead,
        };
        let body = object(span, [("location", own.get("location")), ("properties", Some(properties))]);
        Made::new(self.plan.id_of(at), azure, VERSION, body).into()
    }

    /// Whether a part stands in its resource only. A resource shows all its parts; those that are resources of their own
    /// are added by these.
    fn is_own(&self, at: usize, block: &Block<'_, '_>) -> bool {
        let Some(name) = block.get("name") else { return true };
        !self.plan.is_there(at) || !self.apart.contains(&(key(&self.plan.id_of(at)), key(&name)))
    }

    fn virtual_network(&self, at: usize, own: &Block<'_, '_>) -> Value {
        let span = own.span();
        let id = self.plan.id_of(at);
        let subnets = own.blocks("subnet");
        let subnet = |block: &Block<'_, '_>| {
            let name = block.get("name").unwrap_or_else(|| known(""));
            named(block, self.subnet(&text(&[&id, &known("/subnets/"), &name], span), block))
        };
        let all: Vec<Value> = subnets.items.iter().filter(|block| self.is_own(at, block)).map(subnet).collect();
        let servers = self.name_servers.get(&key(&id)).cloned().or_else(|| own.list("dns_servers"));
        object(
            span,
            [
                (
                    "addressSpace",
                    own.list("address_space")
                        .map(|prefixes| object(prefixes.span, [("addressPrefixes", Some(prefixes))])),
                ),
                ("dhcpOptions", servers.map(|servers| object(servers.span, [("dnsServers", Some(servers))]))),
                ("subnets", Some(list(all, subnets.open, span))),
            ],
        )
    }

    fn subnet(&self, id: &Value, own: &Block<'_, '_>) -> Value {
        let span = own.span();
        let endpoints = own.blocks("service_endpoint");
        let mut services: Vec<Value> =
            endpoints.items.iter().map(|block| object(block.span(), [("service", block.get("service"))])).collect();
        let mut open = endpoints.open;
        if let Some(listed) = each(own.list("service_endpoints"), "service")
            && let Kind::Array(array) = &listed.kind
        {
            services.extend(array.items.iter().cloned());
            open = open.or_else(|| array.open.clone());
        }
        let policies = own
            .get("private_endpoint_network_policies")
            .or_else(|| own.get("private_endpoint_network_policies_enabled").map(|on| enabled(&on)))
            .or_else(|| own.get("enforce_private_link_endpoint_network_policies").map(|on| enabled(&not(&on))));
        let delegations = own.blocks("delegation");
        let delegation = |block: &Block<'_, '_>| {
            let service = block.block("service_delegation").and_then(|inner| inner.get("name"));
            named(block, object(block.span(), [("serviceName", service)]))
        };
        let delegated: Vec<Value> = delegations.items.iter().map(delegation).collect();
        let group = own.get_id("security_group").or_else(|| own.get_id("network_security_group_id"));
        let body = object(
            span,
            [
                ("addressPrefix", own.get("address_prefix").filter(|prefix| prefix.as_str() != Some(""))),
                ("addressPrefixes", own.list("address_prefixes")),
                ("serviceEndpoints", Some(list(services, open, span))),
                ("delegations", Some(list(delegated, delegations.open, span))),
                ("networkSecurityGroup", sub_resource(group.filter(|id| id.as_str() != Some("")))),
                ("routeTable", sub_resource(own.get_id("route_table_id").filter(|id| id.as_str() != Some("")))),
                ("privateEndpointNetworkPolicies", policies),
                ("defaultOutboundAccess", own.get("default_outbound_access_enabled")),
                ("serviceEndpointPolicies", each(own.list("service_endpoint_policy_ids"), "id")),
            ],
        );
        let Some(attached) = self.subnets.get(&key(id)) else { return body };
        let mut entries = body.as_object().map(|object| object.entries().to_vec()).unwrap_or_default();
        for (member, id) in attached {
            entries.retain(|(key, _)| *key.text != **member);
            entries.push((Key::new(*member, id.span), object(id.span, [("id", Some(id.clone()))])));
        }
        Value::object(Object::new(entries), span)
    }
}

/// An element with a name and properties.
fn named(block: &Block<'_, '_>, properties: Value) -> Value {
    object(block.span(), [("name", block.get("name")), ("properties", Some(properties))])
}

fn rule(own: &Block<'_, '_>) -> Value {
    let groups = |name: &str| each(own.list(name), "id");
    object(
        own.span(),
        [
            ("priority", own.get("priority")),
            ("direction", own.get("direction")),
            ("access", own.get("access")),
            ("protocol", own.get("protocol")),
            ("sourceAddressPrefix", given(own, "source_address_prefix")),
            ("sourceAddressPrefixes", own.list("source_address_prefixes")),
            ("sourceApplicationSecurityGroups", groups("source_application_security_group_ids")),
            ("sourcePortRange", given(own, "source_port_range")),
            ("sourcePortRanges", own.list("source_port_ranges")),
            ("destinationAddressPrefix", given(own, "destination_address_prefix")),
            ("destinationAddressPrefixes", own.list("destination_address_prefixes")),
            ("destinationApplicationSecurityGroups", groups("destination_application_security_group_ids")),
            ("destinationPortRange", given(own, "destination_port_range")),
            ("destinationPortRanges", own.list("destination_port_ranges")),
        ],
    )
}

/// A text that is set; the provider shows what is not set as empty, too.
fn given(own: &Block<'_, '_>, name: &str) -> Option<Value> {
    own.get(name).filter(|value| value.as_str() != Some(""))
}

fn route(own: &Block<'_, '_>) -> Value {
    object(
        own.span(),
        [
            ("addressPrefix", own.get("address_prefix")),
            ("nextHopType", own.get("next_hop_type")),
            ("nextHopIpAddress", given(own, "next_hop_in_ip_address")),
        ],
    )
}
