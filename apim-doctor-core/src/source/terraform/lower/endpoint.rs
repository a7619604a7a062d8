//! Private endpoints and private DNS.

use crate::source::terraform::lower::form::{Lowered, Lowering, Made, each, empty, list, object, sub_resource};
use crate::source::terraform::values::{known, last_segment, text};
use crate::source::terraform::view::Block;
use crate::template::value::{Kind, Value};

const ENDPOINT: &str = "2023-11-01";
const ZONE: &str = "2020-06-01";

impl Lowering<'_, '_> {
    pub(super) fn endpoint(&self, at: usize, own: &Block<'_, '_>, kind: &str) -> Lowered {
        let span = own.span();
        let id = self.plan.id_of(at);
        let made = |azure: &'static str, properties: Value| -> Lowered {
            let body = object(span, [("location", Some(known("global"))), ("properties", Some(properties))]);
            Made::new(id.clone(), azure, ZONE, body).into()
        };
        match kind {
            "private_endpoint" => private_endpoint(&id, own),
            "private_dns_zone" => made("Microsoft.Network/privateDnsZones", empty(span)),
            "private_dns_zone_virtual_network_link" => {
                let properties = object(
                    span,
                    [
                        ("virtualNetwork", sub_resource(own.get_id("virtual_network_id"))),
                        ("registrationEnabled", own.get("registration_enabled")),
                        ("resolutionPolicy", own.get("resolution_policy")),
                    ],
                );
                made("Microsoft.Network/privateDnsZones/virtualNetworkLinks", properties)
            }
            "private_dns_a_record" => {
                let records = each(own.list("records"), "ipv4Address");
                made(
                    "Microsoft.Network/privateDnsZones/A",
                    object(span, [("ttl", own.get("ttl")), ("aRecords", records)]),
                )
            }
            _ => {
                let record = own.get("record").map(|record| object(span, [("cname", Some(record))]));
                made("Microsoft.Network/privateDnsZones/CNAME", object(span, [("cnameRecord", record)]))
            }
        }
    }
}

fn private_endpoint(id: &Value, own: &Block<'_, '_>) -> Lowered {
    let span = own.span();
    let connections = own.blocks("private_service_connection");
    let (mut automatic, mut manual) = (Vec::new(), Vec::new());
    for block in &connections.items {
        let properties = object(
            block.span(),
            [
                ("privateLinkServiceId", block.get_id("private_connection_resource_id")),
                ("groupIds", block.list("subresource_names")),
            ],
        );
        let connection = object(block.span(), [("name", block.get("name")), ("properties", Some(properties))]);
        match block.flag("is_manual_connection") {
            Some(true) => manual.push(connection),
            _ => automatic.push(connection),
        }
    }
    let properties = object(
        span,
        [
            ("subnet", sub_resource(own.get_id("subnet_id"))),
            ("privateLinkServiceConnections", Some(list(automatic, connections.open, span))),
            ("manualPrivateLinkServiceConnections", Some(list(manual, None, span))),
        ],
    );
    let body = object(span, [("location", own.get("location")), ("properties", Some(properties))]);
    let mut all = vec![Made::new(id.clone(), "Microsoft.Network/privateEndpoints", ENDPOINT, body)];
    let groups = own.blocks("private_dns_zone_group");
    for block in &groups.items {
        let zones = block.list("private_dns_zone_ids");
        let config = |zone: &Value| {
            let properties = object(zone.span, [("privateDnsZoneId", Some(zone.clone()))]);
            object(zone.span, [("name", last_segment(zone)), ("properties", Some(properties))])
        };
        let configs = match zones.as_ref().map(|zones| &zones.kind) {
            Some(Kind::Array(array)) => {
                Some(list(array.items.iter().map(config).collect(), array.open.clone(), block.span()))
            }
            _ => zones,
        };
        let name = block.get("name").unwrap_or_else(|| known("default"));
        let properties = object(block.span(), [("privateDnsZoneConfigs", configs)]);
        let body = object(block.span(), [("properties", Some(properties))]);
        let id = text(&[id, &known("/privateDnsZoneGroups/"), &name], span);
        all.push(Made::new(id, "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", ENDPOINT, body));
    }
    if let Some(reason) = groups.open {
        let properties = Value::new(Kind::Unknown(reason), span);
        let body = object(span, [("properties", Some(properties))]);
        let id = text(&[id, &known("/privateDnsZoneGroups/default")], span);
        all.push(Made::new(id, "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", ENDPOINT, body));
    }
    Lowered::Made(all)
}
