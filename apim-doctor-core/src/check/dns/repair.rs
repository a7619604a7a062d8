//! DNS fixes: the zone, its link, its record, and the network's DNS servers.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::facts::{addresses, linked_network, links_of, own_servers};
use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::{self, Change, WEB};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::snippet::{bicep, comment, hcl};
use crate::finding::{Command, Concerns, Edit, Fix, Locator, Safety};
use crate::model::app_service::Config;
use crate::model::dns::{PrivateDnsZoneGroup, RecordSet, VirtualNetworkLink};
use crate::model::network::VirtualNetwork;
use crate::model::{Fact, Resource};

/// Makes a network resolve the endpoint's address: adds the zone, its link and the record if they are missing.
///
/// `zone` is the intended zone, if known. A network can be linked to only one zone of a name, so a zone that is already
/// linked comes first.
pub(super) fn answer_privately(
    ctx: &Context<'_, '_>,
    network: &ResourceId,
    zone: Option<&ResourceId>,
    endpoint: &TargetEndpoint,
) -> Change {
    let estate = ctx.case.estate;
    let name = estate.cloud.zone_of(ctx.subservice()).to_ascii_lowercase();
    let linked =
        estate.links_of(network).filter_map(ResourceId::parent).find(|zone| zone.name().eq_ignore_ascii_case(&name));
    let is_linked = linked.is_some();
    let read = estate.zones_named(&name).next().cloned();
    let found = linked.or_else(|| zone.cloned()).or(read);
    let mut change = Change::default();
    let zone = match found {
        Some(zone) => zone,
        None => {
            let group = network.as_str().split("/providers/").next().unwrap_or_default();
            let zone = ResourceId::new(&format!("{group}/providers/Microsoft.Network/privateDnsZones/{name}"));
            change = change.and(Some(create_zone(&zone, ctx.subservice().group_id())));
            zone
        }
    };
    let link = (!is_linked).then(|| link(&zone, network, ctx.subservice().group_id()));
    change.and(link).and(record(ctx, &zone, endpoint))
}

/// A new private DNS zone.
fn create_zone(zone: &ResourceId, group: &str) -> Change {
    let name = zone.name();
    let body = json!({
        "id": zone.as_str(), "name": name, "type": "Microsoft.Network/privateDnsZones", "location": "global",
        "properties": {},
    });
    let scope = zone.subscription_scope().unwrap_or_else(|| zone.clone());
    let group_name = zone.resource_group().unwrap_or("ZONE_RESOURCE_GROUP");
    Change::of(
        Command::new("az network private-dns zone create").named(zone),
        [Edit::Create { body, scope, concerns: Concerns::Resource(zone.clone()) }],
    )
    .bicep(format!(
        "resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {{\n  name: {}\n  location: 'global'\n}}",
        bicep(name)
    ))
    .terraform(format!(
        "resource \"azurerm_private_dns_zone\" \"{group}\" {{\n  name                = {}\n  resource_group_name = {}\n}}",
        hcl(name),
        hcl(group_name)
    ))
}

/// A new link from a zone to a network.
fn link(zone: &ResourceId, network: &ResourceId, group: &str) -> Change {
    let name = format!("link-{}", network.name());
    let id = zone.child("virtualNetworkLinks", &name);
    let body = json!({
        "id": id.as_str(), "name": name, "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        "location": "global",
        "properties": { "registrationEnabled": false, "virtualNetwork": { "id": network.as_str() } },
    });
    let az = Command::new("az network private-dns link vnet create")
        .named_as("--zone-name", zone)
        .option("--name", &name)
        .option("--virtual-network", network)
        .and("--registration-enabled false");
    Change::of(az, [Edit::Create { body, scope: zone.clone(), concerns: Concerns::Resource(network.clone()) }])
        .bicep(format!(
            "resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {{\n  parent: zone\n  \
             name: {}\n  location: 'global'\n  properties: {{\n    registrationEnabled: false\n    virtualNetwork: {{ \
             id: {} }}\n  }}\n}}",
            bicep(&name),
            bicep(network.as_str())
        ))
        .terraform(format!(
            "resource \"azurerm_private_dns_zone_virtual_network_link\" \"{group}\" {{\n  name                = {}\n  \
             private_dns_zone_id = {} # up to provider 4.x: private_dns_zone_name and resource_group_name\n  \
             virtual_network_id  = {}\n}}",
            hcl(&name),
            hcl(zone.as_str()),
            hcl(network.as_str())
        ))
}

/// Sets the target's record to the endpoint's addresses: through the endpoint's DNS zone group if possible, otherwise
/// directly. `None` if the record is correct or the addresses were not collected.
pub(super) fn record(ctx: &Context<'_, '_>, zone: &ResourceId, endpoint: &TargetEndpoint) -> Option<Change> {
    let vault = ctx.vault_name().to_ascii_lowercase();
    let wanted = addresses(endpoint);
    if vault.is_empty() || wanted.is_empty() {
        return None;
    }
    let id = zone.child("A", &vault);
    let records: Vec<Value> = wanted.iter().map(|ip| json!({ "ipv4Address": ip.to_string() })).collect();
    let (edit, old) = match ctx.case.estate.get::<RecordSet>(&id) {
        Fact::Known(set) => {
            let texts = set.properties.a_records.iter().filter_map(|a| a.ipv4_address.as_deref());
            let old: Vec<IpAddr> = texts.filter_map(|text| text.parse().ok()).collect();
            if old == wanted {
                return None;
            }
            (Edit::set(&set.id, "/properties/aRecords", records), old)
        }
        _ => {
            let body = json!({
                "id": id.as_str(), "name": vault, "type": "Microsoft.Network/privateDnsZones/A",
                "properties": { "ttl": 10, "aRecords": records },
            });
            (Edit::Create { body, scope: zone.clone(), concerns: Concerns::Resource(id) }, Vec::new())
        }
    };
    let kind = ctx.subservice().group_id();
    if let Some((az, group)) = zone_group(ctx, zone, endpoint) {
        return Some(
            Change::of(az, [group, edit])
                .bicep(format!(
                    "resource group 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {{\n  \
                     parent: endpoint\n  name: 'default'\n  properties: {{\n    privateDnsZoneConfigs: [\n      // \
                     and the existing ones\n      {{ name: '{kind}', properties: {{ privateDnsZoneId: {} }} }}\n    \
                     ]\n  }}\n}}",
                    bicep(zone.as_str())
                ))
                .terraform_in(
                    "azurerm_private_endpoint",
                    format!(
                        "private_dns_zone_group {{\n  name                 = \"default\"\n  private_dns_zone_ids = \
                         [{}] # and the existing ones\n}}",
                        hcl(zone.as_str())
                    ),
                ),
        );
    }
    let command = |verb: &'static str, ip: &IpAddr| {
        Command::new("az network private-dns record-set a")
            .and(verb)
            .named_as("--zone-name", zone)
            .option("--record-set-name", &vault)
            .option("--ipv4-address", ip.to_string())
    };
    let add = wanted.iter().filter(|ip| !old.contains(ip)).map(|ip| command("add-record", ip));
    let remove = old.iter().filter(|ip| !wanted.contains(ip));
    let remove = remove.map(|ip| command("remove-record", ip).and("--keep-empty-record-set"));
    let steps = add.chain(remove).map(Command::line).collect::<Vec<_>>();
    let entries: Vec<String> = wanted.iter().map(|ip| format!("{{ ipv4Address: '{ip}' }}")).collect();
    let texts: Vec<String> = wanted.iter().map(|ip| hcl(&ip.to_string())).collect();
    let record = comment(&vault);
    Some(
        Change::lines(steps, [edit])
            .bicep_in(
                "Microsoft.Network/privateDnsZones/A",
                format!("aRecords: [ {} ] // of record {record}", entries.join(", ")),
            )
            .terraform_in(
                "azurerm_private_dns_a_record",
                format!("records = [{}] # of record {record}", texts.join(", ")),
            ),
    )
}

/// Adds a zone to the endpoint's DNS zone group; `None` if it is already there or the group was not collected.
fn zone_group(ctx: &Context<'_, '_>, zone: &ResourceId, endpoint: &TargetEndpoint) -> Option<(Command, Edit)> {
    const KIND: &str = "microsoft.network/privateendpoints/privatednszonegroups";
    let zones = endpoint.zones.as_ref().ok()?;
    if zones.contains(zone) {
        return None;
    }
    let kind = ctx.subservice().group_id();
    let config = json!({ "name": kind, "properties": { "privateDnsZoneId": zone.as_str() } });
    let groups = ctx.case.estate.list::<PrivateDnsZoneGroup>(&endpoint.id, KIND).items;
    match groups.first() {
        // An endpoint has at most one zone group.
        Some(group) => Some((
            Command::new("az network private-endpoint dns-zone-group add")
                .named_as("--endpoint-name", &endpoint.id)
                .option("--name", group.name())
                .option("--private-dns-zone", zone)
                .option("--zone-name", kind),
            Edit::append(&group.id, "/properties/privateDnsZoneConfigs", config),
        )),
        None => {
            let id = endpoint.id.child("privateDnsZoneGroups", "default");
            let body = json!({
                "id": id.as_str(), "name": "default",
                "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
                "properties": { "privateDnsZoneConfigs": [config] },
            });
            Some((
                Command::new("az network private-endpoint dns-zone-group create")
                    .named_as("--endpoint-name", &endpoint.id)
                    .and("--name default")
                    .option("--private-dns-zone", zone)
                    .option("--zone-name", kind),
                Edit::Create { body, scope: endpoint.id.clone(), concerns: Concerns::Resource(endpoint.id.clone()) },
            ))
        }
    }
}

/// Removes the DNS servers of the network, and makes the caller apply the change; or removes those of the app.
pub(super) fn use_azure_dns(ctx: &Context<'_, '_>, network: &ResourceId) -> Option<Change> {
    let estate = ctx.case.estate;
    if let Some(at) = own_servers(ctx) {
        return without_own_servers(ctx, at);
    }
    let configured = &estate.get::<VirtualNetwork>(network).known()?.properties.dhcp_options.dns_servers;
    let asks = ctx.remedies().ask_azure_dns(ctx, configured)?;
    Some(without_servers(network).and(Some(asks)))
}

/// Removes the DNS servers of a network, so that it uses Azure DNS.
fn without_servers(network: &ResourceId) -> Change {
    Change::of(
        Command::new("az network vnet update").option("--ids", network).and("--dns-servers null"),
        [Edit::set(network, "/properties/dhcpOptions/dnsServers", Value::Array(Vec::new()))],
    )
    .bicep_in("Microsoft.Network/virtualNetworks", "dhcpOptions: { dnsServers: [] }")
    .terraform_in("azurerm_virtual_network", "dns_servers = []")
}

/// Removes the DNS servers of an app, so that it uses those of its network.
/// Source: <https://learn.microsoft.com/azure/app-service/overview-name-resolution> (read 2026-11-22).
fn without_own_servers(ctx: &Context<'_, '_>, at: &Locator) -> Option<Change> {
    let resource = at.resource.clone()?;
    let app = &ctx.case.path.resource;
    if resource == *app {
        let body = json!({ "properties": { "dnsConfiguration": { "dnsServers": [] } } });
        let az = Command::rest("patch", app.as_str(), WEB).body(&body);
        let edit = Edit::set(app, at.pointer.clone(), Value::Array(Vec::new()));
        let kind = remedy::bicep_type(app);
        return Some(Change::of(az, [edit]).bicep_in(kind, "dnsConfiguration: { dnsServers: [] }"));
    }
    let names = ["WEBSITE_DNS_SERVER", "WEBSITE_DNS_ALT_SERVER"];
    let config = ctx.case.estate.get::<Config>(&resource).known()?;
    // A setting is removed under the name that it was written with.
    let is_set = |own: &str| names.iter().any(|name| name.eq_ignore_ascii_case(own));
    let set: Vec<&str> = config.properties.iter().map(|(own, _)| own).filter(|own| is_set(own)).collect();
    let az = remedy::delete_settings(app, &set);
    let edits = set.iter().map(|name| Edit::remove(&resource, format!("/properties/{name}")));
    Some(Change::of(az, edits))
}

/// Enables the fallback to public DNS for names that are missing in the zone, on the network's link.
pub(super) fn fall_back(ctx: &Context<'_, '_>, zone: &ResourceId) -> Option<Fix> {
    let network = linked_network(ctx, zone)?;
    let links = links_of(ctx, zone);
    let of = |link: &&&Resource<VirtualNetworkLink>| {
        link.properties.virtual_network.as_ref().is_some_and(|n| n.id == network)
    };
    let link = links.iter().find(of)?;
    let az = Command::new("az network private-dns link vnet update")
        .option("--ids", &link.id)
        .and("--resolution-policy NxDomainRedirect");
    let change = Change::of(az, [Edit::set(&link.id, "/properties/resolutionPolicy", "NxDomainRedirect")])
        .bicep_in("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "resolutionPolicy: 'NxDomainRedirect'")
        .terraform_in("azurerm_private_dns_zone_virtual_network_link", "resolution_policy = \"NxDomainRedirect\"");
    let title = format!("make names that are missing in zone `{}` fall back to public DNS", zone.name());
    Some(change.fix(title, Safety::Review))
}
