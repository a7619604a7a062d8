//! Repairs that several checks propose: what to run, what to write in a template, and what it changes.
//!
//! Commands follow <https://learn.microsoft.com/cli/azure/reference-index> (read 2026-11-21).

use serde_json::{Value, json};

use crate::base::{ObjectId, ResourceId};
use crate::check::{Context, declared};
use crate::eval::access_policy::{self, Answer, ObjectKind};
use crate::eval::rbac;
use crate::finding::{Edit, Fix, Patch, Probe, Safety};
use crate::knowledge::trust::{Scenario, Trust};
use crate::model::api_management::Service;
use crate::model::key_vault::Vault;
use crate::model::network::{NetworkSecurityGroup, Subnet};
use crate::model::{Modelled, Resource};
use crate::path::reason::Block;
use crate::path::{Origin, Principal, action};

/// Key Vault Secrets User: the least role that reads a secret, and a certificate with its key.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide> (read 2026-11-21).
const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";
/// Key Vault Reader: the least role that reads the properties of keys and certificates.
const READER: &str = "21090545-7ca7-4776-b22c-e363652d74d2";

/// One change as commands, a patch, and the property in a template.
#[derive(Default)]
pub(super) struct Change {
    az: Vec<String>,
    edits: Vec<Edit>,
    bicep: Option<String>,
    terraform: Option<String>,
}

impl Change {
    /// A change that is one command.
    pub fn of(az: impl Into<String>, edits: impl IntoIterator<Item = Edit>) -> Self {
        Self { az: vec![az.into()], edits: edits.into_iter().collect(), ..Self::default() }
    }

    /// A change without a command of its own.
    pub fn edits(edits: impl IntoIterator<Item = Edit>) -> Self {
        Self { edits: edits.into_iter().collect(), ..Self::default() }
    }

    /// How Bicep says it.
    pub fn bicep(mut self, text: impl Into<String>) -> Self {
        self.bicep = Some(text.into());
        self
    }

    /// How Terraform says it.
    pub fn terraform(mut self, text: impl Into<String>) -> Self {
        self.terraform = Some(text.into());
        self
    }

    /// This change, and then others.
    pub fn and(mut self, other: Option<Change>) -> Self {
        let Some(other) = other else { return self };
        self.az.extend(other.az);
        self.edits.extend(other.edits);
        self.bicep = joined(self.bicep, other.bicep);
        self.terraform = joined(self.terraform, other.terraform);
        self
    }

    /// The change as a fix.
    pub fn fix(self, title: impl Into<String>, safety: Safety) -> Fix {
        Fix {
            title: title.into(),
            safety,
            patch: Patch::of(self.edits).filter(|patch| !patch.edits.is_empty()),
            az: self.az,
            bicep: self.bicep,
            terraform: self.terraform,
        }
    }
}

fn joined(a: Option<String>, b: Option<String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(format!("{a}\n{b}")),
        (a, b) => a.or(b),
    }
}

/// A fix that a person has to work out: words, no patch.
pub(super) fn by_hand(title: impl Into<String>, az: Vec<String>) -> Fix {
    Fix { title: title.into(), safety: Safety::Manual, patch: None, az, bicep: None, terraform: None }
}

/// Uses the system-assigned identity for this reference: enables it, lets it read, lets trusted services in.
pub(super) fn use_system_assigned(ctx: &Context<'_, '_>) -> Option<Fix> {
    let vault = ctx.vault()?;
    let instance = ctx.instance()?;
    let identity = instance.identity.as_ref();
    let enabled = identity.filter(|i| i.is_system_assigned());
    let principal = match enabled {
        Some(identity) => identity.principal_id.clone()?,
        None => ObjectId::of_future_identity(&instance.id),
    };
    let switch_on = enabled.is_none().then(|| enable_system_assigned(ctx, instance));
    // The reference changes last: until then the old identity is asked.
    let fix = Change::default()
        .and(switch_on)
        .and(grant(ctx, vault, &principal))
        .and(trust_services(vault))
        .and(Some(select_system_assigned(ctx)));
    Some(
        fix.fix(
            "use the system-assigned identity, which the trusted-services exception covers",
            Safety::Review,
        ),
    )
}

/// Enables the system-assigned identity.
pub(super) fn enable_system_assigned(ctx: &Context<'_, '_>, instance: &Resource<Service>) -> Change {
    let keeps = instance.identity.as_ref().is_some_and(|i| i.is_user_assigned());
    let kind = if keeps { "SystemAssigned, UserAssigned" } else { "SystemAssigned" };
    let principal = ObjectId::of_future_identity(&instance.id);
    // The identity gets the tenant of its subscription, which the others of the instance show.
    let known = instance.identity.as_ref().and_then(|i| i.tenant_id.clone());
    let tenant = known.or_else(|| ctx.vault().and_then(|v| v.properties.tenant_id.clone()));
    let set = |leaf: &str, value: Value| Edit::set(&instance.id, format!("/identity/{leaf}"), value);
    let tenant = tenant.map(|tenant| set("tenantId", json!(tenant.as_str())));
    let edits =
        [set("type", json!(kind)), set("principalId", json!(principal.as_str()))].into_iter().chain(tenant);
    Change::of(format!("az apim update --ids {} --enable-managed-identity true", instance.id), edits)
        .bicep(format!("identity: {{ type: '{kind}' }}"))
        .terraform(format!("identity {{ type = \"{kind}\" }}"))
}

/// Leaves the client id out of the reference, which selects the system-assigned identity.
pub(super) fn select_system_assigned(ctx: &Context<'_, '_>) -> Change {
    declared::set_client_id(ctx, None)
}

/// Selects another identity by its client id.
pub(super) fn select(ctx: &Context<'_, '_>, principal: &Principal) -> Option<Change> {
    match principal.system_assigned {
        true => Some(select_system_assigned(ctx)),
        false => Some(declared::set_client_id(ctx, Some(principal.client_id.as_ref()?))),
    }
}

/// Lets a principal read what the path wants, by the model the vault uses; `None` where it may already.
pub(super) fn grant(ctx: &Context<'_, '_>, vault: &Resource<Vault>, principal: &ObjectId) -> Option<Change> {
    let reference = ctx.diagnosis.reference.as_ref();
    let kind = ctx.case.path.object_kind(reference);
    if vault.properties.enable_rbac_authorization != Some(true) {
        return grant_policy(vault, principal, kind);
    }
    let object = reference.map_or_else(|| vault.id.clone(), |r| vault.id.child(&r.kind, &r.name));
    let request = rbac::Request {
        principal,
        action: action(kind),
        plane: rbac::Plane::Data,
        scope: &object,
        as_of: ctx.case.as_of,
    };
    match rbac::evaluate(ctx.case.estate, &request) {
        rbac::Access::Allowed(_) => None,
        _ => Some(grant_role(vault, principal, kind)),
    }
}

/// Assigns the least role that reads this kind of object, at the vault.
pub(super) fn grant_role(vault: &Resource<Vault>, principal: &ObjectId, kind: ObjectKind) -> Change {
    grant_role_at(&vault.id, principal, kind)
}

/// Assigns that role at the vault, or at one object in it.
pub(super) fn grant_role_at(scope: &ResourceId, principal: &ObjectId, kind: ObjectKind) -> Change {
    let (guid, role) = match kind {
        ObjectKind::Secret => (SECRETS_USER, "Key Vault Secrets User"),
        ObjectKind::Certificate | ObjectKind::Key => (READER, "Key Vault Reader"),
    };
    let shown = shown(principal);
    let az = format!(
        "az role assignment create --assignee-object-id {shown} --assignee-principal-type ServicePrincipal \
         --role \"{role}\" --scope {scope}"
    );
    let name = format!("00000000-{:012x}", short_hash(&format!("{scope}{principal}{guid}")));
    let id = scope.child("providers/Microsoft.Authorization/roleAssignments", &name);
    let subscription = scope.subscription_scope().map(|s| s.to_string()).unwrap_or_default();
    let definition = format!("{subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid}");
    let body = json!({
        "id": id.as_str(), "name": name, "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": definition, "principalId": principal.as_str(),
            "principalType": "ServicePrincipal", "scope": scope.as_str(),
        },
    });
    let create = Edit::Create { body, scope: scope.clone(), principal: Some(principal.clone()) };
    let is_object = scope.resource_type().matches('/').count() > 1;
    let (bicep_scope, terraform_scope) = match is_object {
        true => ("secret", "azurerm_key_vault_secret.secret.resource_versionless_id"),
        false => ("vault", "azurerm_key_vault.vault.id"),
    };
    Change::of(az, [create])
        .bicep(format!(
            "resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {{\n  \
             name: guid({bicep_scope}.id, principalId, '{guid}')\n  scope: {bicep_scope}\n  properties: {{\n    \
             principalId: principalId\n    principalType: 'ServicePrincipal'\n    roleDefinitionId: \
             subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{guid}') // {role}\n  }}\n}}"
        ))
        .terraform(format!(
            "resource \"azurerm_role_assignment\" \"grant\" {{\n  scope                = {terraform_scope}\n  \
             role_definition_name = \"{role}\"\n  principal_id         = \"{shown}\"\n  \
             principal_type       = \"ServicePrincipal\"\n}}"
        ))
}

/// Adds `get` for the principal to the access policies; `None` where it is there.
pub(super) fn grant_policy(
    vault: &Resource<Vault>,
    principal: &ObjectId,
    kind: ObjectKind,
) -> Option<Change> {
    let plural = match kind {
        ObjectKind::Secret => "secret",
        ObjectKind::Certificate => "certificate",
        ObjectKind::Key => "key",
    };
    let permissions = json!({ format!("{plural}s"): ["get"] });
    let edit = match access_policy::evaluate(&vault.properties, principal, kind) {
        Answer::Granted(_) => return None,
        Answer::LacksGet(at) => {
            Edit::append(&vault.id, format!("/properties/accessPolicies/{at}/permissions/{plural}s"), "get")
        }
        _ => Edit::append(
            &vault.id,
            "/properties/accessPolicies",
            json!({
                "tenantId": vault.properties.tenant_id.as_ref().map(ObjectId::as_str),
                "objectId": principal.as_str(),
                "permissions": permissions,
            }),
        ),
    };
    let shown = shown(principal);
    let az = format!(
        "az keyvault set-policy --name {} --object-id {shown} --{plural}-permissions get",
        vault.name()
    );
    Some(
        Change::of(az, [edit])
            .bicep(format!("permissions: {{ {plural}s: ['get'] }} // objectId: the identity's principal id"))
            .terraform(format!("{plural}_permissions = [\"Get\"] # object_id: the identity's principal id")),
    )
}

/// Lets trusted Microsoft services through the firewall; `None` where they are let in.
pub(super) fn trust_services(vault: &Resource<Vault>) -> Option<Change> {
    let acls = vault.properties.network_acls.as_ref()?;
    let on = acls.bypass.as_deref().is_none_or(|b| b.eq_ignore_ascii_case("AzureServices"));
    (!on).then(|| {
        Change::of(
            format!("az keyvault update --ids {} --bypass AzureServices", vault.id),
            [Edit::set(&vault.id, "/properties/networkAcls/bypass", "AzureServices")],
        )
        .bicep("networkAcls: { bypass: 'AzureServices' }")
        .terraform("network_acls { bypass = \"AzureServices\" }")
    })
}

/// Lets the identity that calls read what it wants, by the model the vault uses.
pub(super) fn grant_caller(ctx: &Context<'_, '_>) -> Option<Fix> {
    let vault = ctx.vault()?;
    let principal = ctx.diagnosis.principal.as_ref()?.principal_id.as_ref()?;
    let how = match vault.properties.enable_rbac_authorization {
        Some(true) => "assign it the role that reads this kind of object",
        _ => "add `get` to its access policy",
    };
    let title = format!("let {} read from vault `{}`: {how}", super::caller(ctx), vault.name());
    Some(grant(ctx, vault, principal)?.fix(title, Safety::Review))
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
pub(super) fn add_service_endpoint(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Option<Change> {
    const SERVICE: &str = "Microsoft.KeyVault";
    let read = ctx.case.estate.get::<Subnet>(subnet).known()?;
    let own: Vec<&str> =
        read.properties.service_endpoints.iter().filter_map(|e| e.service.as_deref()).collect();
    if own.iter().any(|service| service.eq_ignore_ascii_case(SERVICE)) {
        return None;
    }
    let all = own.into_iter().chain([SERVICE]).collect::<Vec<_>>().join(" ");
    let edit = Edit::append(&read.id, "/properties/serviceEndpoints", json!({"service": SERVICE}));
    Some(
        Change::of(format!("az network vnet subnet update --ids {} --service-endpoints {all}", read.id), [edit])
            .bicep(format!("serviceEndpoints: [{{ service: '{SERVICE}' }}] // of the subnet"))
            .terraform(format!("service_endpoint {{ service = \"{SERVICE}\" }} # provider 4.x: service_endpoints = [\"{SERVICE}\"]")),
    )
}

/// Lets a subnet through the vault's firewall; turns public access on only together with `defaultAction` Deny.
pub(super) fn allow_subnet(vault: &Resource<Vault>, subnet: &ResourceId) -> Change {
    let properties = &vault.properties;
    let access = properties.public_network_access.as_deref().unwrap_or("Enabled");
    let (mut az, mut edits) = (Vec::new(), Vec::new());
    let set = |pointer: &str, value: &str| Edit::set(&vault.id, pointer, value);
    let acls = properties.network_acls.as_ref();
    if !access.eq_ignore_ascii_case("Enabled") {
        edits.push(set("/properties/networkAcls/defaultAction", "Deny"));
        edits.push(set("/properties/publicNetworkAccess", "Enabled"));
        az.push(format!(
            "az keyvault update --ids {} --default-action Deny --public-network-access Enabled",
            vault.id
        ));
    }
    let listed = acls.is_some_and(|acls| acls.virtual_network_rules.iter().any(|rule| rule.id == *subnet));
    if !listed {
        edits.push(Edit::append(
            &vault.id,
            "/properties/networkAcls/virtualNetworkRules",
            json!({"id": subnet.as_str(), "ignoreMissingVnetServiceEndpoint": false}),
        ));
        az.push(format!("az keyvault network-rule add --name {} --subnet {subnet}", vault.name()));
    }
    Change { az, edits, ..Change::default() }
        .bicep("networkAcls: { defaultAction: 'Deny', virtualNetworkRules: [{ id: subnet.id }] } // and publicNetworkAccess: 'Enabled'")
        .terraform("network_acls { virtual_network_subnet_ids = [azurerm_subnet.apim.id] } # and public_network_access_enabled = true")
}

/// Lets the subnet that calls through the firewall, over its service endpoint; `None` for a call from no subnet.
pub(super) fn let_subnet_in(ctx: &Context<'_, '_>) -> Option<Fix> {
    let (vault, subnet) = (ctx.vault()?, origin_subnet(ctx)?);
    let endpoint = add_service_endpoint(ctx, subnet);
    let change = Change::default().and(endpoint).and(Some(allow_subnet(vault, subnet)));
    let title = format!("let subnet `{}` in through service endpoint `Microsoft.KeyVault`", subnet.name());
    Some(change.fix(title, Safety::Review))
}

/// What helps a call of the gateway that the firewall refuses: its subnet, or another way to the secret.
pub(super) fn open_for_gateway(ctx: &Context<'_, '_>) -> Vec<Fix> {
    let mut fixes: Vec<Fix> = let_subnet_in(ctx).into_iter().collect();
    fixes.extend(by_private_endpoint(ctx));
    if matches!(ctx.case.path.scenario, Scenario::Gateway { .. }) {
        fixes.push(by_hand(
            "read the secret through a named value that refers to Key Vault: fetching those is still trusted for the \
             system-assigned identity",
            vec![format!(
                "az apim nv create --resource-group {} --service-name {} --named-value-id <name> --display-name <name> \
                 --secret true --key-vault-secret-identifier {}",
                ctx.case.path.resource.resource_group().unwrap_or_default(),
                ctx.case.path.resource.name(),
                ctx.case.path.reference
            )],
        ));
    }
    fixes
}

/// A private endpoint in the network that calls. Making one needs an address and a DNS zone, so a person decides.
fn by_private_endpoint(ctx: &Context<'_, '_>) -> Option<Fix> {
    let vault = ctx.vault()?;
    let (title, subnet) = match origin_subnet(ctx) {
        Some(subnet) => {
            let network = subnet.parent()?;
            (
                format!("give vault `{}` a private endpoint in network `{}`", vault.name(), network.name()),
                network,
            )
        }
        None => {
            let title =
                "connect the instance to a virtual network, and give the vault a private endpoint in it";
            (title.to_owned(), ResourceId::new("<the network>"))
        }
    };
    let az = format!(
        "az network private-endpoint create --resource-group {} --name pe-{} --subnet {subnet}/subnets/<subnet> \
         --private-connection-resource-id {} --group-id vault --connection-name {}",
        vault.id.resource_group().unwrap_or_default(),
        vault.name(),
        vault.id,
        vault.name()
    );
    let zone = format!(
        "az network private-endpoint dns-zone-group create --resource-group {} --endpoint-name pe-{} --name default \
         --zone-name vault --private-dns-zone <id of the zone for private endpoints of vaults>",
        vault.id.resource_group().unwrap_or_default(),
        vault.name()
    );
    Some(by_hand(title, vec![az, zone]))
}

/// Turns the trusted-services exception on, where it would cover this call.
pub(super) fn trust_if_covered(ctx: &Context<'_, '_>) -> Option<Fix> {
    let trust = ctx.case.trust(ctx.diagnosis.principal.as_ref())?;
    let covered = matches!(trust, Trust::Trusted { .. } | Trust::Undated);
    let vault = ctx.vault().filter(|_| covered)?;
    let title = format!("let trusted Microsoft services through the firewall of vault `{}`", vault.name());
    Some(trust_services(vault)?.fix(title, Safety::Review))
}

/// Lets packets past the rule or route that stops them.
pub(super) fn unblock(ctx: &Context<'_, '_>, by: &Block) -> Vec<Fix> {
    match by.kind {
        "rule" => vec![allow_before(ctx, by).unwrap_or_else(|| {
            let title = format!("allow {} on port 443 before rule `{}`", by.destination, by.rule);
            by_hand(
                title,
                vec![format!(
                    "az network nsg rule list --include-default {}",
                    in_group(&by.resource, "--nsg-name")
                )],
            )
        })],
        _ => reroute(ctx, by),
    }
}

/// Adds a rule before the one that denies, at the nearest free priority.
fn allow_before(ctx: &Context<'_, '_>, by: &Block) -> Option<Fix> {
    const FIRST: u32 = 100;
    const LAST: u32 = 4096;
    let group = ctx.case.estate.get::<NetworkSecurityGroup>(&by.resource).known()?;
    let rules = &group.properties.security_rules;
    let place = |list: &str| {
        by.pointer.strip_prefix(&format!("/properties/{list}/")).and_then(|at| at.parse::<usize>().ok())
    };
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
    let priority = (FIRST..before).rev().find(|priority| !taken(priority))?;
    let plain = format!("Allow-{}-{direction}", by.destination.replace([':', '/'], "-"));
    let used =
        rules.iter().any(|rule| rule.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&plain)));
    let name = if used { format!("{plain}-{priority}") } else { plain };
    let body = json!({
        "name": name,
        "properties": {
            "priority": priority, "direction": direction, "access": "Allow", "protocol": "Tcp",
            "sourceAddressPrefix": "VirtualNetwork", "sourcePortRange": "*",
            "destinationAddressPrefix": by.destination, "destinationPortRange": "443",
        },
    });
    let az = format!(
        "az network nsg rule create {} --name {name} --priority {priority} --direction {direction} --access Allow \
         --protocol Tcp --source-address-prefixes VirtualNetwork --destination-address-prefixes {} \
         --destination-port-ranges 443",
        in_group(&group.id, "--nsg-name"),
        by.destination
    );
    let change = Change::of(az, [Edit::append(&group.id, "/properties/securityRules", body)])
        .bicep(format!(
            "{{\n  name: '{name}'\n  properties: {{\n    priority: {priority}\n    direction: '{direction}'\n    \
             access: 'Allow'\n    protocol: 'Tcp'\n    sourceAddressPrefix: 'VirtualNetwork'\n    sourcePortRange: \
             '*'\n    destinationAddressPrefix: '{}'\n    destinationPortRange: '443'\n  }}\n}}",
            by.destination
        ))
        .terraform(format!(
            "security_rule {{\n  name                       = \"{name}\"\n  priority                   = {priority}\n  \
             direction                  = \"{direction}\"\n  access                     = \"Allow\"\n  protocol         \
                      = \"Tcp\"\n  source_address_prefix      = \"VirtualNetwork\"\n  source_port_range          = \
             \"*\"\n  destination_address_prefix = \"{}\"\n  destination_port_range     = \"443\"\n}}",
            by.destination
        ));
    let title =
        format!("allow {} on port 443 with priority {priority}, before rule `{}`", by.destination, by.rule);
    Some(change.fix(title, Safety::Safe))
}

/// Sends packets to an Azure service out directly, with a route of their own; the rest stays as it is.
fn reroute(ctx: &Context<'_, '_>, by: &Block) -> Vec<Fix> {
    use crate::model::network::RouteTable;
    let is_address = by.destination.parse::<std::net::IpAddr>().is_ok();
    let table = ctx.case.estate.get::<RouteTable>(&by.resource).known().filter(|_| !is_address);
    let Some(table) = table else {
        let title =
            format!("change {} `{}`, so that {} on port 443 is delivered", by.kind, by.rule, by.destination);
        let az = format!("az network route-table show --ids {} --query routes", by.resource);
        return vec![by_hand(title, vec![az])];
    };
    let name = format!("{}-direct", by.destination);
    let body =
        json!({"name": name, "properties": {"addressPrefix": by.destination, "nextHopType": "Internet"}});
    let az = format!(
        "az network route-table route create {} --name {name} --address-prefix {} --next-hop-type Internet",
        in_group(&table.id, "--route-table-name"),
        by.destination
    );
    let change = Change::of(az, [Edit::append(&table.id, "/properties/routes", body)])
        .bicep(format!(
            "{{ name: '{name}', properties: {{ addressPrefix: '{}', nextHopType: 'Internet' }} }} // of the route table",
            by.destination
        ))
        .terraform(format!(
            "route {{\n  name           = \"{name}\"\n  address_prefix = \"{}\"\n  next_hop_type  = \"Internet\"\n}}",
            by.destination
        ));
    vec![change.fix(
        format!("send service tag {} out directly, past route `{}`", by.destination, by.rule),
        Safety::Review,
    )]
}

/// `--resource-group` and the name under another option.
pub(super) fn in_group(id: &ResourceId, option: &str) -> String {
    group_and_name(id).replace("--name", option)
}

/// How to see in the vault's audit log who called, from where, and what it answered.
pub(super) fn audit_log(vault: &str, expect: impl Into<String>) -> Probe {
    Probe {
        run_from: "Log Analytics, where the vault sends its AuditEvent logs".to_owned(),
        command: format!(
            "AzureDiagnostics | where ResourceProvider == 'MICROSOFT.KEYVAULT' and Resource =~ '{vault}' and \
             OperationName == 'SecretGet' | project TimeGenerated, CallerIPAddress, ResultSignature"
        ),
        expect: expect.into(),
    }
}

/// How to see what the identity holds at the vault, in the model the vault uses.
pub(super) fn grants_of_caller(ctx: &Context<'_, '_>) -> Option<Probe> {
    let vault = ctx.vault()?;
    let principal = ctx.diagnosis.principal.as_ref()?.principal_id.as_ref()?;
    let by_role = vault.properties.enable_rbac_authorization == Some(true);
    let command = match by_role {
        true => {
            format!("az role assignment list --scope {} --include-inherited --assignee {principal}", vault.id)
        }
        false => format!(
            "az keyvault show --ids {} --query \"properties.accessPolicies[?objectId=='{principal}'].permissions\"",
            vault.id
        ),
    };
    Some(Probe {
        run_from: "your own shell, with the right to read the vault".to_owned(),
        command,
        expect: match by_role {
            true => "no role with `getSecret` in its data actions that has been in force for ten minutes"
                .to_owned(),
            false => "no entry with `get` for this kind of object".to_owned(),
        },
    })
}

/// The command that makes API Management fetch the secret again, where there is one for this kind of reference.
pub(super) fn refresh(ctx: &Context<'_, '_>) -> Option<String> {
    let fetched = matches!(ctx.case.path.consumer, "apim-named-value" | "apim-certificate");
    let id = ctx.case.path.declared_at.resource.as_ref().filter(|_| fetched)?;
    Some(format!("az rest --method post --uri {id}/refreshSecret?api-version=2024-05-01"))
}

/// An id to type; for an identity that is not there yet, where to find it.
pub(super) fn shown(principal: &ObjectId) -> String {
    match principal.is_symbol() {
        true => "<principalId of the instance's new system-assigned identity>".to_owned(),
        false => principal.to_string(),
    }
}

/// A number that is the same for the same text.
fn short_hash(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3)
    };
    text.bytes().fold(0xcbf2_9ce4_8422_2325, fold) & 0x0000_ffff_ffff_ffff
}

/// Turns a resource id into the group and name that a command takes.
pub(super) fn group_and_name(id: &ResourceId) -> String {
    match id.resource_group() {
        Some(group) => format!("--resource-group {group} --name {}", id.name()),
        None => format!("--name {}", id.name()),
    }
}

/// Whether a resource of this type was read, so that a patch can change it.
pub(super) fn was_read<P: Modelled>(ctx: &Context<'_, '_>, id: &ResourceId) -> bool {
    ctx.case.estate.get::<P>(id).known().is_some()
}
