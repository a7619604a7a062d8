//! Fixes that allow a call through a firewall or a private endpoint.
//!
//! Sources: <https://learn.microsoft.com/azure/key-vault/general/network-security>,
//! <https://learn.microsoft.com/azure/storage/common/storage-network-security> (read 2026-11-21) and
//! <https://learn.microsoft.com/azure/app-service/configure-vnet-integration-enable> (read 2026-11-22).

use serde_json::json;

use super::{Change, by_hand, refer};
use crate::base::ResourceId;
use crate::check::context::Context;
use crate::eval::store::Store;
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Command, Edit, Fix, Safety};
use crate::knowledge::subservice::Subservice;
use crate::knowledge::trust::{Trust, TrustRule};
use crate::model::Resource;
use crate::model::app_service::Plan;
use crate::model::key_vault::Vault;
use crate::model::network::Subnet;
use crate::model::storage::StorageAccount;
use crate::path::Origin;

/// Lets trusted Microsoft services through the firewall; `None` where they are let in.
pub(in crate::check) fn trust_services(vault: &Resource<Vault>) -> Option<Change> {
    let acls = vault.properties.network_acls.as_ref()?;
    let on = acls.bypass.as_deref().is_none_or(|b| b.eq_ignore_ascii_case("AzureServices"));
    (!on).then(|| {
        // Both have to be stated: Terraform demands it, and Bicep would leave the other to the default.
        let action = match acls.default_action.as_deref() {
            Some(action) if action.eq_ignore_ascii_case("Allow") => "Allow",
            _ => "Deny",
        };
        Change::of(
            Command::new("az keyvault update").named(&vault.id).and("--bypass AzureServices"),
            [Edit::set(&vault.id, "/properties/networkAcls/bypass", "AzureServices")],
        )
        .bicep_in(
            "Microsoft.KeyVault/vaults",
            format!(
                "networkAcls: {{\n  bypass: 'AzureServices'\n  defaultAction: '{action}'\n  // and the existing \
                     rules\n}}"
            ),
        )
        .terraform_in(
            "azurerm_key_vault",
            format!(
                "network_acls {{\n  bypass         = \"AzureServices\"\n  default_action = \"{action}\"\n  # and \
                     the existing rules\n}}"
            ),
        )
    })
}

/// Lets trusted Microsoft services through the firewall of a storage account; `None` where they are let in.
pub(in crate::check) fn trust_account(account: &Resource<StorageAccount>) -> Option<Change> {
    let acls = account.properties.network_acls.as_ref()?;
    let bypass = acls.bypass.as_deref()?;
    let own: Vec<&str> = bypass.split(',').map(str::trim).collect();
    if own.iter().any(|one| one.eq_ignore_ascii_case("AzureServices")) {
        return None;
    }
    let all: Vec<&str> =
        own.into_iter().filter(|one| !one.eq_ignore_ascii_case("None")).chain(["AzureServices"]).collect();
    let list: Vec<String> = all.iter().map(|one| hcl(one)).collect();
    Some(
        Change::of(
            Command::new("az storage account update").named(&account.id).options("--bypass", &all),
            [Edit::set(&account.id, "/properties/networkAcls/bypass", all.join(", "))],
        )
        .bicep_in(
            "Microsoft.Storage/storageAccounts",
            format!("networkAcls: {{\n  bypass: {}\n  defaultAction: 'Deny'\n  // and the existing rules\n}}", bicep(&all.join(", "))),
        )
        .terraform_in(
            "azurerm_storage_account",
            format!(
                "network_rules {{\n  bypass         = [{}]\n  default_action = \"Deny\"\n  # and the existing rules\n}}",
                list.join(", ")
            ),
        ),
    )
}

/// Turns the trusted-services exception on, where it would cover this call.
pub(in crate::check) fn trust_if_covered(ctx: &Context<'_, '_>) -> Option<Fix> {
    let trust = ctx.case.trust(ctx.diagnosis.principal.as_ref())?;
    let covered = matches!(trust, Trust::Trusted { .. } | Trust::Undated);
    if let Some(account) = ctx.diagnosis.target.as_ref().and_then(|target| target.account()).filter(|_| covered) {
        let title =
            format!("allow trusted Microsoft services through the firewall of storage account `{}`", account.name());
        return Some(trust_account(account)?.fix(title, Safety::Review));
    }
    let vault = ctx.vault().filter(|_| covered)?;
    let title = format!("allow trusted Microsoft services through the firewall of vault `{}`", vault.name());
    Some(trust_services(vault)?.fix(title, Safety::Review))
}

/// The subnet the call leaves from, where it leaves from one.
fn origin_subnet<'c>(ctx: &Context<'c, '_>) -> Option<&'c ResourceId> {
    match &ctx.case.path.origin {
        Origin::Subnet { id, .. } => Some(id),
        _ => None,
    }
}

/// Gives a subnet the service endpoint for the target; `None` if it has one or was not collected.
pub(in crate::check) fn add_service_endpoint(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Option<Change> {
    let service = ctx.subservice().service_endpoint();
    let read = ctx.case.estate.get::<Subnet>(subnet).known()?;
    let own: Vec<&str> = read.properties.service_endpoints.iter().filter_map(|e| e.service.as_deref()).collect();
    if own.iter().any(|one| is_for(one, service)) {
        return None;
    }
    let edit = Edit::append(&read.id, "/properties/serviceEndpoints", json!({"service": service}));
    // `--service-endpoints` would replace the list with the collected one.
    let az = Command::new("az network vnet subnet update")
        .option("--ids", &read.id)
        .option("--add", "serviceEndpoints")
        .word(format!("service={service}"));
    Some(
        Change::of(az, [edit])
            .bicep_in(
                "Microsoft.Network/virtualNetworks/subnets",
                format!("serviceEndpoints: [\n  // and the existing ones\n  {{ service: '{service}' }}\n]"),
            )
            .terraform_in(
                "azurerm_subnet",
                format!(
                    "# up to provider 4.x: service_endpoints = [\"{service}\"]\nservice_endpoint {{\n  service = \"{service}\"\n}}"
                ),
            ),
    )
}

/// Whether a subnet's service endpoint is for a service. `Microsoft.Storage.Global` reaches accounts of every region.
/// Source: <https://learn.microsoft.com/azure/storage/common/storage-network-security> (read 2026-11-21).
fn is_for(endpoint: &str, service: &str) -> bool {
    let global = service == "Microsoft.Storage" && endpoint.eq_ignore_ascii_case("Microsoft.Storage.Global");
    endpoint.eq_ignore_ascii_case(service) || global
}

/// Lets a subnet through the firewall; turns public access on only together with `defaultAction` Deny.
fn allow_subnet(ctx: &Context<'_, '_>, store: Store<'_>, subnet: &ResourceId) -> Change {
    let (mut az, mut edits) = (Vec::new(), Vec::new());
    let id = store.id();
    let set = |pointer: &str, value: &str| Edit::set(id, pointer, value);
    if closed(store) {
        let update = match store {
            Store::Vault(_) => "az keyvault update",
            Store::Account(_) => "az storage account update",
        };
        edits.push(set("/properties/networkAcls/defaultAction", "Deny"));
        edits.push(set("/properties/publicNetworkAccess", "Enabled"));
        let rest = "--default-action Deny --public-network-access Enabled";
        az.push(Command::new(update).named(id).and(rest).line());
    }
    let listed = store.network_acls().is_some_and(|acls| acls.virtual_network_rules.iter().any(|r| r.id == *subnet));
    if !listed {
        let (rule, on) = match store {
            Store::Vault(_) => (
                json!({"id": subnet.as_str(), "ignoreMissingVnetServiceEndpoint": false}),
                Command::new("az keyvault network-rule add").named(id),
            ),
            Store::Account(_) => (
                json!({"id": subnet.as_str(), "action": "Allow"}),
                Command::new("az storage account network-rule add").named_as("--account-name", id),
            ),
        };
        edits.push(Edit::append(id, "/properties/networkAcls/virtualNetworkRules", rule));
        az.push(on.option("--subnet", subnet).line());
    }
    let terraform_subnet = format!("azurerm_subnet.{}.id", ctx.case.path.caller_kind().facts().symbol);
    let bypass = store.network_acls().and_then(|acls| acls.bypass.as_deref());
    let bypass =
        if bypass.is_some_and(|bypass| bypass.eq_ignore_ascii_case("None")) { "None" } else { "AzureServices" };
    let change = Change::lines(az, edits);
    let (bicep_type, terraform_type, action, block) = match store {
        Store::Vault(_) => ("Microsoft.KeyVault/vaults", "azurerm_key_vault", "", "network_acls"),
        Store::Account(_) => {
            ("Microsoft.Storage/storageAccounts", "azurerm_storage_account", ", action: 'Allow'", "network_rules")
        }
    };
    let bypass_argument = match store {
        Store::Vault(_) => format!("\n  bypass                     = \"{bypass}\""),
        Store::Account(_) => format!("\n  bypass                     = [\"{bypass}\"]"),
    };
    change
        .bicep_in(
            bicep_type,
            format!(
                "publicNetworkAccess: 'Enabled'\nnetworkAcls: {{\n  bypass: '{bypass}'\n  defaultAction: 'Deny'\n  \
                 virtualNetworkRules: [\n    // and the existing ones\n    {{ id: subnet.id{action} }}\n  ]\n}}"
            ),
        )
        .terraform_in(
            terraform_type,
            format!(
                "public_network_access_enabled = true\n{block} {{\n  default_action             = \
                 \"Deny\"{bypass_argument}\n  virtual_network_subnet_ids = [{terraform_subnet}] # and the existing \
                 ones\n}}"
            ),
        )
}

/// Whether public access is off.
pub(in crate::check) fn closed(store: Store<'_>) -> bool {
    store.public_network_access().is_some_and(|access| !access.eq_ignore_ascii_case("Enabled"))
}

/// Lets the subnet that calls through the firewall, over its service endpoint; `None` for a call from no subnet.
pub(in crate::check) fn let_subnet_in(ctx: &Context<'_, '_>) -> Option<Fix> {
    let (store, subnet) = (ctx.store()?, origin_subnet(ctx)?);
    let endpoint = add_service_endpoint(ctx, subnet);
    let trusted = trust_as_well(ctx);
    let and_trusted = if trusted.is_some() { ", and trusted Microsoft services" } else { "" };
    let change = Change::default().and(endpoint).and(Some(allow_subnet(ctx, store, subnet))).and(trusted);
    // Rules that are there count again once public access is on.
    let others = store.network_acls().is_some_and(|acls| {
        !acls.ip_rules.is_empty() || acls.virtual_network_rules.iter().any(|rule| rule.id != *subnet)
    });
    let (name, service) = (subnet.name(), ctx.subservice().service_endpoint());
    let title = match (closed(store), others) {
        (false, _) => format!("allow subnet `{name}` through service endpoint `{service}`{and_trusted}"),
        (true, false) => {
            format!("enable public access for subnet `{name}` only, through service endpoint `{service}`{and_trusted}")
        }
        (true, true) => format!(
            "enable public access for subnet `{name}`, through service endpoint `{service}`, and for the existing \
             rules of the {}{and_trusted}",
            store.noun()
        ),
    };
    Some(change.fix(title, Safety::Review))
}

/// Lets trusted services through as well, if the pages of the caller's service ask for both.
pub(in crate::check) fn trust_as_well(ctx: &Context<'_, '_>) -> Option<Change> {
    let TrustRule::AnyIdentity { contested: Some(_) } = ctx.case.path.trust else { return None };
    trust_services(ctx.vault()?)
}

/// What helps a call that the firewall refuses: its subnet, or another way to the secret.
pub(in crate::check) fn open_for_caller(ctx: &Context<'_, '_>) -> Vec<Fix> {
    let subnet = let_subnet_in(ctx);
    let private = by_private_endpoint(ctx);
    // Who turned public access off wants it off.
    let mut fixes: Vec<Fix> = match ctx.store().is_some_and(closed) {
        true => private.into_iter().chain(subnet).collect(),
        false => subnet.into_iter().chain(private).collect(),
    };
    if matches!(ctx.case.path.trust, TrustRule::Gateway { .. }) {
        let reference = ctx.diagnosis.reference.as_ref().filter(|r| r.kind == "secrets");
        let identifier = reference.map(|r| {
            let name = if r.name.is_empty() { "SECRET" } else { &r.name };
            format!("https://{}/secrets/{name}", r.host)
        });
        let identifier = identifier.as_deref().unwrap_or("SECRET_IDENTIFIER");
        fixes.push(by_hand(
            "read the secret through a Key Vault named value: the trusted-services exception still covers fetching it \
             with the system-assigned identity",
            [refer(&ctx.case.path.resource, false, "NAME", identifier, None)],
        ));
    }
    fixes
}

/// A private endpoint in the network that calls. Making one needs an address and a DNS zone, so a person decides.
fn by_private_endpoint(ctx: &Context<'_, '_>) -> Option<Fix> {
    let store = ctx.store()?;
    let noun = store.noun();
    let network = origin_subnet(ctx).and_then(ResourceId::parent);
    let title = match &network {
        Some(network) => {
            format!("create a private endpoint for {noun} `{}` in network `{}`", store.name(), network.name())
        }
        None => format!(
            "connect the {} to a virtual network, and create a private endpoint for the {noun} in it",
            ctx.case.path.caller()
        ),
    };
    let connect = network.is_none().then(|| integrate(ctx)).flatten();
    Some(by_hand(title, connect.into_iter().flatten().chain(private_endpoint(ctx, network.as_ref(), None))))
}

/// Connects an app to a network. Consumption, Free and Shared plans cannot.
fn integrate(ctx: &Context<'_, '_>) -> Option<Vec<Command>> {
    let app = super::app(ctx)?;
    let plan = app.properties.server_farm_id.as_ref();
    let plan = plan.and_then(|id| ctx.case.estate.get::<Plan>(id).known());
    let tier = plan.and_then(|plan| plan.sku.as_ref()?.tier.as_deref()).unwrap_or_default();
    let cannot = ["Dynamic", "Free", "Shared"].iter().any(|none| none.eq_ignore_ascii_case(tier));
    let move_first = cannot.then(|| {
        Command::comment(
            "Consumption, Free and Shared plans have no virtual network integration: move to Flex Consumption, \
             Elastic Premium or a Dedicated plan first",
        )
    });
    let connect = super::of_app(Command::new("az webapp vnet-integration add"), &app.id);
    Some(move_first.into_iter().chain([connect.and("--vnet NETWORK --subnet SUBNET")]).collect())
}

/// Makes a private endpoint of the target in a network, and lets it write its record. Without a zone, one of the right
/// name that was read.
pub(in crate::check) fn private_endpoint(
    ctx: &Context<'_, '_>,
    network: Option<&ResourceId>,
    zone: Option<&ResourceId>,
) -> Vec<Command> {
    let estate = ctx.case.estate;
    let target = ctx.vault_or_instance();
    // It has to be in the subscription and region of its network.
    let place = network.unwrap_or(&target);
    let subnet = network.map_or_else(|| "SUBNET_ID".to_owned(), |id| format!("{id}/subnets/SUBNET"));
    let subservice = ctx.subservice();
    let group = subservice.group_id();
    let zone_name = estate.cloud.zone_of(subservice).to_ascii_lowercase();
    let zone = zone.or_else(|| estate.zones_named(&zone_name).next()).map_or("ZONE_ID", ResourceId::as_str);
    let name = match subservice {
        Subservice::Vault => format!("pe-{}", ctx.vault_name()),
        _ => format!("pe-{}-{group}", ctx.vault_name()),
    };
    vec![
        Command::new("az network private-endpoint create")
            .option("--name", &name)
            .in_group(place)
            .option("--subnet", subnet)
            .option("--private-connection-resource-id", &target)
            .option("--group-id", group)
            .option("--connection-name", &name),
        Command::new("az network private-endpoint dns-zone-group create")
            .option("--endpoint-name", &name)
            .in_group(place)
            .and("--name default")
            .option("--zone-name", group)
            .option("--private-dns-zone", zone),
    ]
}
