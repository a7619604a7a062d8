//! Repairs of names: the zone, its link, its record, and the servers a network asks.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::{addresses, linked_network, links_of, own_servers};
use crate::base::ResourceId;
use crate::check::Context;
use crate::check::remedy::{Change, WEB, app_named, named, named_as, quoted, rest, word};
use crate::eval::dns::AZURE_DNS;
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Concerns, Edit, Fix, Locator, Safety};
use crate::model::api_management::NetworkStatus;
use crate::model::app_service::Config;
use crate::model::dns::{PrivateDnsZoneGroup, RecordSet, VirtualNetworkLink};
use crate::model::network::VirtualNetwork;
use crate::model::{Fact, Resource};

/// Makes a network get the endpoint's address: the zone, its link, and the record, where they are missing.
///
/// `zone` is the one that is meant, where it is known. A network can be linked to one zone of a name only, so a zone
/// that is linked already comes first.
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
    Change::of(
        format!("az network private-dns zone create {}", named(zone)),
        [Edit::Create { body, scope, concerns: Concerns::Resource(zone.clone()) }],
    )
    .bicep(format!(
        "resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {{\n  name: '{name}'\n  location: 'global'\n}}"
    ))
    .terraform(format!("resource \"azurerm_private_dns_zone\" \"{group}\" {{ name = \"{name}\" }}"))
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
    Change::of(
        format!(
            "az network private-dns link vnet create {} --name {name} --virtual-network {} --registration-enabled false",
            named_as("--zone-name", zone),
            word(network.as_str()),
        ),
        [Edit::Create { body, scope: zone.clone(), concerns: Concerns::Resource(network.clone()) }],
    )
    .bicep(format!(
        "resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {{\n  parent: zone\n  \
         name: '{name}'\n  location: 'global'\n  properties: {{\n    registrationEnabled: false\n    \
         virtualNetwork: {{ id: '{network}' }}\n  }}\n}}"
    ))
    .terraform(format!(
        "resource \"azurerm_private_dns_zone_virtual_network_link\" \"{group}\" {{\n  name                = \"{name}\"\n  \
         private_dns_zone_id = azurerm_private_dns_zone.{group}.id # before azurerm 5: private_dns_zone_name and \
         resource_group_name\n  virtual_network_id  = \"{network}\"\n}}"
    ))
}

/// The record of the target with the endpoint's addresses: by the endpoint's DNS zone group where it can write it,
/// otherwise by hand. `None` where the record is right, or the addresses were not read.
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
                     parent: endpoint\n  name: 'default'\n  properties: {{\n    privateDnsZoneConfigs: [\n      \
                     {{ name: '{kind}', properties: {{ privateDnsZoneId: '{zone}' }} }}\n    ]\n  }}\n}}"
                ))
                .terraform(format!(
                    "private_dns_zone_group {{\n  name                 = \"default\"\n  \
                     private_dns_zone_ids = [\"{zone}\"]\n}}"
                )),
        );
    }
    let command = |verb: &str, ip: &IpAddr, more: &str| {
        format!(
            "az network private-dns record-set a {verb} {} --record-set-name {vault} --ipv4-address {ip}{more}",
            named_as("--zone-name", zone),
        )
    };
    let add = wanted.iter().filter(|ip| !old.contains(ip)).map(|ip| command("add-record", ip, ""));
    let remove = old.iter().filter(|ip| !wanted.contains(ip));
    let remove = remove.map(|ip| command("remove-record", ip, " --keep-empty-record-set"));
    let steps = add.chain(remove).map(|az| Some(Change::of(az, [])));
    let quoted = |mark: char| wanted.iter().map(|ip| format!("{mark}{ip}{mark}")).collect::<Vec<_>>().join(", ");
    let entries: Vec<String> = wanted.iter().map(|ip| format!("{{ ipv4Address: '{ip}' }}")).collect();
    let change = steps.fold(Change::default(), Change::and);
    let whole = Change::edits([edit])
        .bicep(format!("aRecords: [ {} ] // record `{vault}` of the zone", entries.join(", ")))
        .terraform(format!("records = [{}] # azurerm_private_dns_a_record `{vault}`", quoted('"')));
    Some(change.and(Some(whole)))
}

/// Lets the endpoint's DNS zone group write into a zone; `None` where it does, or where that was not read.
fn zone_group(ctx: &Context<'_, '_>, zone: &ResourceId, endpoint: &TargetEndpoint) -> Option<(String, Edit)> {
    const KIND: &str = "microsoft.network/privateendpoints/privatednszonegroups";
    let zones = endpoint.zones.as_ref().ok()?;
    if zones.contains(zone) {
        return None;
    }
    let kind = ctx.subservice().group_id();
    let config = json!({ "name": kind, "properties": { "privateDnsZoneId": zone.as_str() } });
    let on = named_as("--endpoint-name", &endpoint.id);
    let groups = ctx.case.estate.list::<PrivateDnsZoneGroup>(&endpoint.id, KIND).items;
    match groups.first() {
        // An endpoint has one zone group at most.
        Some(group) => Some((
            format!(
                "az network private-endpoint dns-zone-group add {on} --name {} --private-dns-zone {} --zone-name \
                 {kind}",
                group.name(),
                word(zone.as_str())
            ),
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
                format!(
                    "az network private-endpoint dns-zone-group create {on} --name default --private-dns-zone {} \
                     --zone-name {kind}",
                    word(zone.as_str())
                ),
                Edit::Create { body, scope: endpoint.id.clone(), concerns: Concerns::Resource(endpoint.id.clone()) },
            ))
        }
    }
}

/// Gives up the network's own DNS servers, and lets the instance know; or those of an app.
pub(super) fn use_azure_dns(ctx: &Context<'_, '_>, network: &ResourceId) -> Option<Change> {
    let estate = ctx.case.estate;
    if let Some(at) = own_servers(ctx) {
        return without_own_servers(ctx, at);
    }
    if ctx.is_app() {
        estate.get::<VirtualNetwork>(network).known()?;
        return Some(without_servers(network));
    }
    let own = &estate.get::<VirtualNetwork>(network).known()?.properties.dhcp_options.dns_servers;
    let instance = &ctx.case.path.resource;
    let status = ResourceId::new(&format!("{instance}/networkstatus"));
    let locations = &estate.get::<NetworkStatus>(&status).known()?.properties.locations;
    let asks =
        |servers: &[String]| servers.iter().filter(|s| *s != AZURE_DNS).eq(own.iter().filter(|s| *s != AZURE_DNS));
    let locations: Vec<Value> = locations
        .iter()
        .map(|location| {
            let servers = &location.network_status.dns_servers;
            let servers = if asks(servers) { vec![AZURE_DNS.to_owned()] } else { servers.clone() };
            json!({ "location": location.location, "networkStatus": { "dnsServers": servers } })
        })
        .collect();
    let body = json!({
        "id": status.as_str(), "type": "Microsoft.ApiManagement/service/networkstatus", "properties": locations,
    });
    let change = without_servers(network);
    let apply = Change::of(
        format!("az apim apply-network-updates {}", named(instance)),
        [Edit::Create { body, scope: instance.clone(), concerns: Concerns::Resource(instance.clone()) }],
    );
    Some(change.and(Some(apply)))
}

/// Takes the DNS servers of a network away: Azure DNS answers then.
fn without_servers(network: &ResourceId) -> Change {
    Change::of(
        format!("az network vnet update --ids {} --dns-servers null", word(network.as_str())),
        [Edit::set(network, "/properties/dhcpOptions/dnsServers", Value::Array(Vec::new()))],
    )
    .bicep("dhcpOptions: { dnsServers: [] }")
    .terraform("dns_servers = [] # azurerm_virtual_network")
}

/// Takes an app's own DNS servers away: it asks those of its network then.
/// Source: <https://learn.microsoft.com/azure/app-service/overview-name-resolution> (read 2026-11-22).
fn without_own_servers(ctx: &Context<'_, '_>, at: &Locator) -> Option<Change> {
    let resource = at.resource.clone()?;
    let app = &ctx.case.path.resource;
    if resource == *app {
        let body = json!({ "properties": { "dnsConfiguration": { "dnsServers": [] } } }).to_string();
        let az = format!("{} --body {}", rest("patch", app, WEB), quoted(&body));
        let edit = Edit::set(app, at.pointer.clone(), Value::Array(Vec::new()));
        return Some(Change::of(az, [edit]).bicep("dnsConfiguration: { dnsServers: [] }"));
    }
    let names = ["WEBSITE_DNS_SERVER", "WEBSITE_DNS_ALT_SERVER"];
    let config = ctx.case.estate.get::<Config>(&resource).known()?;
    // A setting is removed under the name that it was written with.
    let is_set = |own: &str| names.iter().any(|name| name.eq_ignore_ascii_case(own));
    let set: Vec<&str> = config.properties.iter().map(|(own, _)| own).filter(|own| is_set(own)).collect();
    let az = format!(
        "az webapp config appsettings delete {} --setting-names {} --output none",
        app_named(app),
        set.join(" ")
    );
    let edits = set.iter().map(|name| Edit::remove(&resource, format!("/properties/{name}")));
    Some(Change::of(az, edits).terraform("# leave WEBSITE_DNS_SERVER and WEBSITE_DNS_ALT_SERVER out of app_settings"))
}

/// Lets a zone's "no such name" fall back to the public answer, for the network that asks.
pub(super) fn fall_back(ctx: &Context<'_, '_>, zone: &ResourceId) -> Option<Fix> {
    let network = linked_network(ctx, zone)?;
    let links = links_of(ctx, zone);
    let of = |link: &&&Resource<VirtualNetworkLink>| {
        link.properties.virtual_network.as_ref().is_some_and(|n| n.id == network)
    };
    let link = links.iter().find(of)?;
    let az = format!(
        "az resource update --ids {} --api-version 2024-06-01 --set properties.resolutionPolicy=NxDomainRedirect",
        word(link.id.as_str())
    );
    let change = Change::of(az, [Edit::set(&link.id, "/properties/resolutionPolicy", "NxDomainRedirect")])
        .bicep("resolutionPolicy: 'NxDomainRedirect' // of the virtual network link, api-version 2024-06-01")
        .terraform("resolution_policy = \"NxDomainRedirect\" # azurerm_private_dns_zone_virtual_network_link");
    let title = format!("let names that zone `{}` does not hold fall back to public DNS", zone.name());
    Some(change.fix(title, Safety::Review))
}
