//! Explains `network.endpoint-unreachable`.

use ipnet::IpNet;
use serde_json::json;

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::eval::endpoint::TargetEndpoint;
use crate::eval::network::prefixes;
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Command, Confirmation, Edit, Finding, Fix, Safety};
use crate::model::Resource;
use crate::model::network::VirtualNetwork;
use crate::path::Origin;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, endpoint: &TargetEndpoint, network: &ResourceId, why: &str) -> Finding {
    let name = endpoint.id.name();
    let message = format!("private endpoint `{name}` in network `{}` is unreachable: {why}", network.name());
    let mut finding = ctx.finding(&endpoint.id, message);
    finding.fixes.extend(peer(ctx, network));
    let own = match &ctx.case.path.origin {
        Origin::Subnet { id, .. } => id.parent(),
        _ => None,
    };
    let caller = ctx.case.path.caller();
    finding.fixes.push(remedy::by_hand(
        format!("create a private endpoint for the {} in the {caller}'s own network", ctx.noun()),
        remedy::private_endpoint(ctx, own.as_ref(), None),
    ));
    let address = endpoint.addresses.as_ref().ok().and_then(|all| all.first()).map(ToString::to_string);
    let address = address.unwrap_or_else(|| "ADDRESS".to_owned());
    let own_probe = ctx.remedies().connects(ctx, &address, 443, "a timeout: no connection");
    finding.confirm = Some(own_probe.unwrap_or_else(|| Confirmation {
        run_from: format!("a machine in the {caller}'s network"),
        command: Command::new("nc -vz -w 5").host(&address).and("443").line(),
        expect: "a timeout".to_owned(),
    }));
    finding
}

/// Peers the two networks if both were collected, their ranges do not overlap, and no disconnected peering is in the
/// way.
fn peer(ctx: &Context<'_, '_>, network: &ResourceId) -> Option<Fix> {
    let Origin::Subnet { id, .. } = &ctx.case.path.origin else { return None };
    let near = ctx.case.estate.get::<VirtualNetwork>(&id.parent()?).known()?;
    let far = ctx.case.estate.get::<VirtualNetwork>(network).known()?;
    let (own, other): (Vec<IpNet>, Vec<IpNet>) =
        (prefixes(&near.properties.address_space), prefixes(&far.properties.address_space));
    if own.iter().any(|a| other.iter().any(|b| a.contains(b) || b.contains(a))) {
        return None;
    }
    let change = side(near, far)?.and(Some(side(far, near)?));
    let title = format!("peer networks `{}` and `{}`", near.name(), far.name());
    Some(change.fix(title, Safety::Review))
}

/// One side of the peering; `None` if a disconnected one has to be deleted first.
fn side(from: &Resource<VirtualNetwork>, to: &Resource<VirtualNetwork>) -> Option<remedy::Change> {
    let mut peerings = from.properties.virtual_network_peerings.iter();
    let at = peerings.position(|p| p.properties.remote_virtual_network.as_ref().is_some_and(|r| r.id == to.id));
    let name = format!("to-{}", to.name());
    let Some(at) = at else {
        let body = json!({
            "name": name,
            "properties": {
                "peeringState": "Connected", "allowVirtualNetworkAccess": true,
                "remoteVirtualNetwork": {"id": to.id.as_str()},
                "remoteAddressSpace": {"addressPrefixes": to.properties.address_space.address_prefixes},
            },
        });
        let az = Command::new("az network vnet peering create")
            .named_as("--vnet-name", &from.id)
            .option("--name", &name)
            .option("--remote-vnet", &to.id)
            .and("--allow-vnet-access true");
        return Some(
            remedy::Change::of(az, [Edit::append(&from.id, "/properties/virtualNetworkPeerings", body)])
                .bicep(format!(
                    "resource peering 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings@2024-05-01' = {{\n  \
                     name: {}\n  properties: {{\n    remoteVirtualNetwork: {{ id: {} }}\n    \
                     allowVirtualNetworkAccess: true\n  }}\n}}",
                    bicep(&format!("{}/{name}", from.name())),
                    bicep(to.id.as_str())
                ))
                .terraform(format!(
                    "resource \"azurerm_virtual_network_peering\" \"peering\" {{\n  name                         = \
                     {}\n  resource_group_name          = {}\n  virtual_network_name         = {}\n  \
                     remote_virtual_network_id    = {}\n  allow_virtual_network_access = true\n}}",
                    hcl(&name),
                    hcl(from.id.resource_group().unwrap_or("RESOURCE_GROUP")),
                    hcl(from.name()),
                    hcl(to.id.as_str())
                )),
        );
    };
    let peering = &from.properties.virtual_network_peerings.get(at)?.properties;
    if peering.peering_state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("Disconnected")) {
        return None;
    }
    let set = |leaf: &str, value: serde_json::Value| {
        Edit::set(&from.id, format!("/properties/virtualNetworkPeerings/{at}/properties/{leaf}"), value)
    };
    // One side alone stays `Initiated`; once the other is there, Azure connects both.
    let mut change =
        remedy::Change::default().and(Some(remedy::Change::edits([set("peeringState", json!("Connected"))])));
    if peering.allow_virtual_network_access == Some(false) {
        // Its name was not kept; it is the one that leads to the other network.
        let list = Command::new("az network vnet peering list")
            .named_as("--vnet-name", &from.id)
            .query("[].{name:name, to:remoteVirtualNetwork.id}")
            .and("--output table");
        let update = Command::new("az network vnet peering update")
            .named_as("--vnet-name", &from.id)
            .and("--name PEERING --allow-vnet-access true");
        let az = Command::comment("PEERING is the peering to").word(to.name()).then(update);
        change = change
            .and(Some(remedy::Change::of(list, [])))
            .and(Some(remedy::Change::of(az, [set("allowVirtualNetworkAccess", json!(true))])));
    }
    Some(change)
}
