//! Letting a call through the vault's firewall, or past it.

use serde_json::json;

use super::{Change, by_hand, in_group, named, refer, word};
use crate::base::ResourceId;
use crate::check::Context;
use crate::finding::{Edit, Fix, Safety};
use crate::knowledge::trust::{Scenario, Trust};
use crate::model::Resource;
use crate::model::key_vault::Vault;
use crate::model::network::Subnet;
use crate::path::Origin;

/// Lets trusted Microsoft services through the firewall; `None` where they are let in.
pub(in crate::check) fn trust_services(vault: &Resource<Vault>) -> Option<Change> {
    let acls = vault.properties.network_acls.as_ref()?;
    let on = acls.bypass.as_deref().is_none_or(|b| b.eq_ignore_ascii_case("AzureServices"));
    (!on).then(|| {
        Change::of(
            format!("az keyvault update {} --bypass AzureServices", named(&vault.id)),
            [Edit::set(&vault.id, "/properties/networkAcls/bypass", "AzureServices")],
        )
        .bicep("networkAcls: { bypass: 'AzureServices' }")
        .terraform("network_acls { bypass = \"AzureServices\" }")
    })
}

/// Turns the trusted-services exception on, where it would cover this call.
pub(in crate::check) fn trust_if_covered(ctx: &Context<'_, '_>) -> Option<Fix> {
    let trust = ctx.case.trust(ctx.diagnosis.principal.as_ref())?;
    let covered = matches!(trust, Trust::Trusted { .. } | Trust::Undated);
    let vault = ctx.vault().filter(|_| covered)?;
    let title = format!("let trusted Microsoft services through the firewall of vault `{}`", vault.name());
    Some(trust_services(vault)?.fix(title, Safety::Review))
}

/// The subnet the call leaves from, where it leaves from one.
fn origin_subnet<'c>(ctx: &Context<'c, '_>) -> Option<&'c ResourceId> {
    match &ctx.case.path.origin {
        Origin::Subnet { id, .. } => Some(id),
        _ => None,
    }
}

/// Gives a subnet the service endpoint for vaults; `None` where it has one, or was not read.
///
/// The command replaces the whole list, so it names what is there already.
pub(in crate::check) fn add_service_endpoint(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Option<Change> {
    const SERVICE: &str = "Microsoft.KeyVault";
    let read = ctx.case.estate.get::<Subnet>(subnet).known()?;
    let own: Vec<&str> = read.properties.service_endpoints.iter().filter_map(|e| e.service.as_deref()).collect();
    if own.iter().any(|service| service.eq_ignore_ascii_case(SERVICE)) {
        return None;
    }
    let all = own.into_iter().chain([SERVICE]).collect::<Vec<_>>().join(" ");
    let edit = Edit::append(&read.id, "/properties/serviceEndpoints", json!({"service": SERVICE}));
    Some(
        Change::of(
            format!("az network vnet subnet update --ids {} --service-endpoints {all}", word(read.id.as_str())),
            [edit],
        )
        .bicep(format!("serviceEndpoints: [{{ service: '{SERVICE}' }}] // of the subnet"))
        .terraform(format!(
            "service_endpoint {{ service = \"{SERVICE}\" }} # provider 4.x: service_endpoints = [\"{SERVICE}\"]"
        )),
    )
}

/// Lets a subnet through the vault's firewall; turns public access on only together with `defaultAction` Deny.
fn allow_subnet(vault: &Resource<Vault>, subnet: &ResourceId) -> Change {
    let properties = &vault.properties;
    let (mut az, mut edits) = (Vec::new(), Vec::new());
    let set = |pointer: &str, value: &str| Edit::set(&vault.id, pointer, value);
    let acls = properties.network_acls.as_ref();
    if closed(vault) {
        edits.push(set("/properties/networkAcls/defaultAction", "Deny"));
        edits.push(set("/properties/publicNetworkAccess", "Enabled"));
        az.push(format!(
            "az keyvault update {} --default-action Deny --public-network-access Enabled",
            named(&vault.id)
        ));
    }
    let listed = acls.is_some_and(|acls| acls.virtual_network_rules.iter().any(|rule| rule.id == *subnet));
    if !listed {
        edits.push(Edit::append(
            &vault.id,
            "/properties/networkAcls/virtualNetworkRules",
            json!({"id": subnet.as_str(), "ignoreMissingVnetServiceEndpoint": false}),
        ));
        az.push(format!("az keyvault network-rule add {} --subnet {}", named(&vault.id), word(subnet.as_str())));
    }
    Change { az, edits, ..Change::default() }
        .bicep("networkAcls: { defaultAction: 'Deny', virtualNetworkRules: [{ id: subnet.id }] } // and publicNetworkAccess: 'Enabled'")
        .terraform("network_acls { virtual_network_subnet_ids = [azurerm_subnet.apim.id] } # and public_network_access_enabled = true")
}

/// Whether public access is off.
fn closed(vault: &Resource<Vault>) -> bool {
    vault.properties.public_network_access.as_deref().is_some_and(|access| !access.eq_ignore_ascii_case("Enabled"))
}

/// Lets the subnet that calls through the firewall, over its service endpoint; `None` for a call from no subnet.
pub(in crate::check) fn let_subnet_in(ctx: &Context<'_, '_>) -> Option<Fix> {
    let (vault, subnet) = (ctx.vault()?, origin_subnet(ctx)?);
    let endpoint = add_service_endpoint(ctx, subnet);
    let change = Change::default().and(endpoint).and(Some(allow_subnet(vault, subnet)));
    // Rules that are there count again once public access is on.
    let others = vault.properties.network_acls.as_ref().is_some_and(|acls| {
        !acls.ip_rules.is_empty() || acls.virtual_network_rules.iter().any(|rule| rule.id != *subnet)
    });
    let name = subnet.name();
    let title = match (closed(vault), others) {
        (false, _) => format!("let subnet `{name}` in through service endpoint `Microsoft.KeyVault`"),
        (true, false) => {
            format!("turn public access on for subnet `{name}` alone, through service endpoint `Microsoft.KeyVault`")
        }
        (true, true) => format!(
            "turn public access on for subnet `{name}`, through service endpoint `Microsoft.KeyVault`, and for the rules \
             that the vault has"
        ),
    };
    Some(change.fix(title, Safety::Review))
}

/// What helps a call of the gateway that the firewall refuses: its subnet, or another way to the secret.
pub(in crate::check) fn open_for_gateway(ctx: &Context<'_, '_>) -> Vec<Fix> {
    let subnet = let_subnet_in(ctx);
    let private = by_private_endpoint(ctx);
    // Who turned public access off wants it off.
    let mut fixes: Vec<Fix> = match ctx.vault().is_some_and(closed) {
        true => private.into_iter().chain(subnet).collect(),
        false => subnet.into_iter().chain(private).collect(),
    };
    if matches!(ctx.case.path.scenario, Scenario::Gateway { .. }) {
        let reference = ctx.diagnosis.reference.as_ref().filter(|r| r.kind == "secrets");
        let identifier = reference.map(|r| {
            let name = if r.name.is_empty() { "SECRET" } else { &r.name };
            format!("https://{}/secrets/{name}", r.host)
        });
        let identifier = identifier.as_deref().unwrap_or("SECRET_IDENTIFIER");
        fixes.push(by_hand(
            "read the secret through a named value that refers to Key Vault: fetching those is still trusted for the \
             system-assigned identity",
            vec![refer(&ctx.case.path.resource, false, "NAME", identifier, None)],
        ));
    }
    fixes
}

/// A private endpoint in the network that calls. Making one needs an address and a DNS zone, so a person decides.
fn by_private_endpoint(ctx: &Context<'_, '_>) -> Option<Fix> {
    let vault = ctx.vault()?;
    let network = origin_subnet(ctx).and_then(ResourceId::parent);
    let title = match &network {
        Some(network) => {
            format!("give vault `{}` a private endpoint in network `{}`", vault.name(), network.name())
        }
        None => "connect the instance to a virtual network, and give the vault a private endpoint in it".to_owned(),
    };
    Some(by_hand(title, private_endpoint(ctx, network.as_ref(), None)))
}

/// Makes a private endpoint of the vault in a network, and lets it write its record. Without a zone, one of the right
/// name that was read.
pub(in crate::check) fn private_endpoint(
    ctx: &Context<'_, '_>,
    network: Option<&ResourceId>,
    zone: Option<&ResourceId>,
) -> Vec<String> {
    let estate = ctx.case.estate;
    let vault = ctx.vault_or_instance();
    // It has to be in the subscription and region of its network.
    let place = in_group(network.unwrap_or(&vault));
    let subnet = network.map_or_else(|| "SUBNET_ID".to_owned(), |id| word(&format!("{id}/subnets/SUBNET")));
    let name = estate.cloud.vault_zone.to_ascii_lowercase();
    let zone =
        zone.or_else(|| estate.zones_named(&name).next()).map_or_else(|| "ZONE_ID".to_owned(), |id| word(id.as_str()));
    let name = format!("pe-{}", ctx.vault_name());
    vec![
        format!(
            "az network private-endpoint create --name {name}{place} --subnet {subnet} \
             --private-connection-resource-id {} --group-id vault --connection-name {name}",
            word(vault.as_str())
        ),
        format!(
            "az network private-endpoint dns-zone-group create --endpoint-name {name}{place} --name default --zone-name \
             vault --private-dns-zone {zone}"
        ),
    ]
}
