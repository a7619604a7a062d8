//! Fixes for blocked traffic.

use serde_json::json;

use super::{Change, by_hand};
use crate::base::ResourceId;
use crate::check::context::Context;
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Command, Confirmation, Edit, Fix, Safety};
use crate::model::network::{NetworkSecurityGroup, RouteTable};
use crate::path::reason::Block;

/// Allows traffic past the rule or route that blocks it.
pub(in crate::check) fn unblock(ctx: &Context<'_, '_>, by: &Block) -> Vec<Fix> {
    match by.kind {
        "rule" => vec![allow_before(ctx, by).unwrap_or_else(|| {
            let title = format!("allow {} on port {} before rule `{}`", by.destination, by.port, by.rule);
            by_hand(
                title,
                [Command::new("az network nsg rule list --include-default").named_as("--nsg-name", &by.resource)],
            )
        })],
        "service endpoint policy" => admit_by_policy(ctx, by).into_iter().collect(),
        _ => reroute(ctx, by),
    }
}

/// Names the account in the service endpoint policy of the subnet.
fn admit_by_policy(ctx: &Context<'_, '_>, by: &Block) -> Option<Fix> {
    let account = ctx.store()?.id();
    let name = format!("allow-{}", account.name());
    let az = Command::new("az network service-endpoint policy-definition create")
        .named_as("--policy-name", &by.resource)
        .option("--name", &name)
        .and("--service Microsoft.Storage")
        .option("--service-resources", account);
    let definition = json!({
        "name": name,
        "properties": {"service": "Microsoft.Storage", "serviceResources": [account.as_str()]},
    });
    let edit = Edit::append(&by.resource, "/properties/serviceEndpointPolicyDefinitions", definition);
    let title = format!("add the storage account to service endpoint policy `{}`", by.resource.name());
    Some(Change::of(az, [edit]).fix(title, Safety::Review))
}

/// Adds a rule before the one that denies, at the nearest free priority.
fn allow_before(ctx: &Context<'_, '_>, by: &Block) -> Option<Fix> {
    const FIRST: u32 = 100;
    const LAST: u32 = 4096;
    let group = ctx.case.estate.get::<NetworkSecurityGroup>(&by.resource).known()?;
    let rules = &group.properties.security_rules;
    let place =
        |list: &str| by.pointer.strip_prefix(&format!("/properties/{list}/")).and_then(|at| at.parse::<usize>().ok());
    let denies = match (place("securityRules"), place("defaultSecurityRules")) {
        (Some(at), _) => rules.get(at),
        (_, Some(at)) => group.properties.default_security_rules.get(at),
        _ => None,
    };
    let stated = denies.and_then(|rule| rule.properties.direction.as_deref());
    let inbound = match stated {
        Some(direction) => direction.eq_ignore_ascii_case("Inbound"),
        None => by.rule.ends_with("InBound"),
    };
    let direction = if inbound { "Inbound" } else { "Outbound" };
    let taken = |priority: &u32| {
        rules.iter().any(|rule| {
            let same = rule.properties.direction.as_deref().is_none_or(|d| d.eq_ignore_ascii_case(direction));
            same && rule.properties.priority == Some(*priority)
        })
    };
    let before = by.before?.min(LAST + 1);
    let (priority, moved) = match (FIRST..before).rev().find(|priority| !taken(priority)) {
        Some(priority) => (priority, None),
        // No rule comes before the first priority, so the one that denies makes room; the order of the others stays.
        None => {
            let at = place("securityRules").filter(|_| before == FIRST && !taken(&(FIRST + 1)))?;
            let az = Command::new("az network nsg rule update")
                .named_as("--nsg-name", &group.id)
                .option("--name", &by.rule)
                .option("--priority", (FIRST + 1).to_string());
            let edit = Edit::set(&group.id, format!("/properties/securityRules/{at}/properties/priority"), FIRST + 1);
            (FIRST, Some(Change::of(az, [edit])))
        }
    };
    let plain = format!("Allow-{}-{direction}", in_a_name(&by.destination));
    let used = rules.iter().any(|rule| rule.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&plain)));
    let name = if used { format!("{plain}-{priority}") } else { plain };
    let body = json!({
        "name": name,
        "properties": {
            "priority": priority, "direction": direction, "access": "Allow", "protocol": "Tcp",
            "sourceAddressPrefix": "VirtualNetwork", "sourcePortRange": "*",
            "destinationAddressPrefix": by.destination, "destinationPortRange": by.port.to_string(),
        },
    });
    let az = Command::new("az network nsg rule create")
        .named_as("--nsg-name", &group.id)
        .option("--name", &name)
        .option("--priority", priority.to_string())
        .option("--direction", direction)
        .and("--access Allow --protocol Tcp --source-address-prefixes VirtualNetwork")
        .option("--destination-address-prefixes", &by.destination)
        .option("--destination-port-ranges", by.port.to_string());
    let add = Change::of(az, [Edit::append(&group.id, "/properties/securityRules", body)]);
    let change = moved
        .unwrap_or_default()
        .and(Some(add))
        .bicep_in("Microsoft.Network/networkSecurityGroups", format!(
            "securityRules: [\n  // and the existing ones\n  {{\n    name: {}\n    properties: {{\n      priority: \
             {priority}\n      direction: '{direction}'\n      access: 'Allow'\n      protocol: 'Tcp'\n      \
             sourceAddressPrefix: 'VirtualNetwork'\n      sourcePortRange: '*'\n      destinationAddressPrefix: {}\n      \
             destinationPortRange: '{}'\n    }}\n  }}\n]",
            bicep(&name), bicep(&by.destination), by.port
        ))
        .terraform_in("azurerm_network_security_group", format!(
            "security_rule {{\n  name                       = {}\n  priority                   = {priority}\n  \
             direction                  = \"{direction}\"\n  access                     = \"Allow\"\n  \
             protocol                   = \"Tcp\"\n  source_address_prefix      = \"VirtualNetwork\"\n  \
             source_port_range          = \"*\"\n  destination_address_prefix = {}\n  destination_port_range     = \"{}\"\n}}",
            hcl(&name), hcl(&by.destination), by.port
        ));
    let title =
        format!("allow {} on port {} with priority {priority}, before rule `{}`", by.destination, by.port, by.rule);
    Some(change.fix(title, Safety::Safe))
}

/// Sends traffic to one Azure service directly to the internet with a separate route; other traffic is unchanged.
fn reroute(ctx: &Context<'_, '_>, by: &Block) -> Vec<Fix> {
    let is_address = by.destination.parse::<std::net::IpAddr>().is_ok();
    let table = ctx.case.estate.get::<RouteTable>(&by.resource).known().filter(|_| !is_address);
    let Some(table) = table else {
        let title = format!(
            "change {} `{}` so that traffic to {} on port {} is delivered",
            by.kind, by.rule, by.destination, by.port
        );
        let az = Command::new("az network route-table show").option("--ids", &by.resource).and("--query routes");
        return vec![by_hand(title, [az])];
    };
    let name = format!("{}-direct", in_a_name(&by.destination));
    let body = json!({"name": name, "properties": {"addressPrefix": by.destination, "nextHopType": "Internet"}});
    let az = Command::new("az network route-table route create")
        .named_as("--route-table-name", &table.id)
        .option("--name", &name)
        .option("--address-prefix", &by.destination)
        .and("--next-hop-type Internet");
    let change = Change::of(az, [Edit::append(&table.id, "/properties/routes", body)])
        .bicep_in(
            "Microsoft.Network/routeTables",
            format!(
                "routes: [\n  // and the existing ones\n  {{ name: {}, properties: {{ addressPrefix: {}, nextHopType: \
             'Internet' }} }}\n]",
                bicep(&name),
                bicep(&by.destination)
            ),
        )
        .terraform_in(
            "azurerm_route_table",
            format!(
                "route {{\n  name           = {}\n  address_prefix = {}\n  next_hop_type  = \"Internet\"\n}}",
                hcl(&name),
                hcl(&by.destination)
            ),
        );
    vec![change.fix(
        format!("route service tag {} directly to the internet, bypassing route `{}`", by.destination, by.rule),
        Safety::Review,
    )]
}

/// A destination as part of a name: letters and digits, with single dashes between. An address is one too.
fn in_a_name(destination: &str) -> String {
    let parts = destination.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join("-");
    if name.is_empty() { "destination".to_owned() } else { name }
}

/// Allows traffic through the appliance or gateway that a route names, or anything else on the way.
pub(in crate::check) fn let_through(way: Option<&ResourceId>, tag: &str) -> Fix {
    let title = match way {
        Some(table) => format!(
            "allow {tag} on port 443 in the appliance or gateway that route table `{}` names, or route {tag} around it",
            table.name()
        ),
        None => {
            format!(
                "allow {tag} on port 443 out of the subnet: check its rules, its routes and the appliances behind \
                     them"
            )
        }
    };
    let show = way
        .map(|table| Command::new("az network route-table show").option("--ids", table.as_str()).and("--query routes"));
    by_hand(title, show)
}

/// What the instance itself checks.
pub(in crate::check) fn network_checks(ctx: &Context<'_, '_>, host: &str) -> Confirmation {
    Confirmation {
        run_from: "your own shell; the output shows what the instance cannot reach".to_owned(),
        command: Command::rest("get", &format!("{}/networkstatus", ctx.case.path.resource), super::APIM).line(),
        expect: format!("`failure` for `{host}`"),
    }
}
