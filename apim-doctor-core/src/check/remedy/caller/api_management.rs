//! An API Management instance: host names, named values, client certificates, policies, and its identities.
//!
//! Sources: <https://learn.microsoft.com/rest/api/apimanagement/named-value/update>,
//! <https://learn.microsoft.com/rest/api/apimanagement/certificate/create-or-update> and
//! <https://learn.microsoft.com/cli/azure/apim> (read 2026-11-21).

use serde_json::{Map, Value, json};

use super::policy_document;
use super::{Remedies, Selected};
use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::check::remedy::{APIM, Change, by_hand, grant, network_checks, open_for_caller, trust_services};
use crate::eval::dns::AZURE_DNS;
use crate::eval::firewall::Settings;
use crate::eval::store::Store;
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Code, Command, Concerns, Confirmation, Edit, Fix, Line, Purpose, Safety};
use crate::knowledge::caller_kind::ConsumerKind;
use crate::model::api_management::{HostnameConfiguration, NetworkStatus, Service};
use crate::model::{Estate, Resource};
use crate::path::{AccessPath, Principal};

/// An API Management instance.
pub(super) struct ApiManagement;

impl Remedies for ApiManagement {
    fn set_identifier(&self, ctx: &Context<'_, '_>, identifier: &str) -> Change {
        let path = ctx.case.path;
        let Some(resource) = &path.declared_at.resource else { return Change::default() };
        if path.consumer == ConsumerKind::Policy {
            return policy_document::set_identifier(ctx, resource, identifier);
        }
        let edit = Edit::set(resource, path.declared_at.pointer.clone(), identifier);
        declare(ctx, resource, edit, identifier, path.client_id())
    }

    fn select(&self, ctx: &Context<'_, '_>, identity: Selected<'_>) -> Option<Change> {
        match identity {
            Selected::SystemAssigned => Some(set_client_id(ctx, None)),
            Selected::UserAssigned { client_id, .. } => Some(set_client_id(ctx, Some(client_id?))),
        }
    }

    fn enable(&self, ctx: &Context<'_, '_>) -> Option<Fix> {
        let instance = ctx.instance()?;
        let principal = ObjectId::of_future_identity(&instance.id);
        let closed = ctx.vault().filter(|vault| Settings::of(Store::Vault(vault)).closed());
        let change =
            enable_system_assigned(ctx, instance).and(grant(ctx, &principal)).and(closed.and_then(trust_services));
        Some(change.fix("enable the system-assigned identity, and give it read access to the object", Safety::Review))
    }

    /// Enables the identity, gives it access, and allows trusted services.
    fn use_system_assigned(&self, ctx: &Context<'_, '_>) -> Option<Fix> {
        let vault = ctx.vault()?;
        let (principal, switch_on) = system_assigned(ctx)?;
        // The reference changes last: until then the old identity is asked.
        let fix = Change::default()
            .and(switch_on)
            .and(grant(ctx, &principal))
            .and(trust_services(vault))
            .and(Some(set_client_id(ctx, None)));
        Some(fix.fix("use the system-assigned identity, which the trusted-services exception covers", Safety::Review))
    }

    fn open_firewall(&self, ctx: &Context<'_, '_>) -> Vec<Fix> {
        open_for_caller(ctx)
    }

    fn attach(
        &self,
        ctx: &Context<'_, '_>,
        _identity: &ResourceId,
        kind: &str,
        attached: &[&str],
        edits: [Edit; 2],
    ) -> Option<Change> {
        Some(set_identity(&ctx.case.path.resource, kind, attached.iter().copied(), edits))
    }

    fn show_own_principal(&self, caller: &ResourceId) -> Command {
        Command::new("az apim show").named(caller).and("--query identity.principalId --output tsv")
    }

    fn own_principal_in_templates(&self, _ctx: &Context<'_, '_>) -> (String, String) {
        let terraform = "azurerm_api_management.apim.identity[0].principal_id";
        ("apim.identity.principalId".to_owned(), terraform.to_owned())
    }

    fn show_attached(&self, ctx: &Context<'_, '_>) -> Command {
        Command::new("az apim show").named(&ctx.case.path.resource).and("--query identity.userAssignedIdentities")
    }

    fn shows_not_enabled(&self, ctx: &Context<'_, '_>) -> Confirmation {
        Confirmation {
            run_from: "a shell with the Azure CLI".to_owned(),
            command: Command::new("az apim show")
                .named(&ctx.case.path.resource)
                .and("--query identity.type --output tsv")
                .line(),
            expect: "no value, `None` or `UserAssigned`: no system-assigned identity".to_owned(),
        }
    }

    /// Named values and certificates have a command of their own. Host names and policies have none.
    fn fetch(&self, ctx: &Context<'_, '_>) -> Option<Command> {
        let fetched = matches!(ctx.case.path.consumer, ConsumerKind::NamedValue | ConsumerKind::Certificate);
        let id = ctx.case.path.declared_at.resource.as_ref().filter(|_| fetched)?;
        Some(Command::rest("post", &format!("{id}/refreshSecret"), APIM))
    }

    /// A repaired reference is fetched again within hours.
    fn fetch_after_repair(&self, _ctx: &Context<'_, '_>) -> Option<Command> {
        None
    }

    fn refresh_failed(&self, ctx: &Context<'_, '_>) -> Option<(Fix, Confirmation)> {
        let again = self.fetch(ctx);
        let title = match again {
            Some(_) => "resolve the failing gates, then make API Management fetch the secret again",
            None => "resolve the failing gates, then save the instance's host names again",
        };
        let probe = Confirmation {
            run_from: "your own shell, with permission to read the instance".to_owned(),
            command: match ctx.case.path.consumer {
                ConsumerKind::CustomDomain => Command::new("az apim show")
                    .named(&ctx.case.path.resource)
                    .and("--query hostnameConfigurations")
                    .line(),
                _ => Command::rest("get", ctx.declared_in().as_str(), APIM)
                    .and("--query properties.keyVault.lastStatus")
                    .line(),
            },
            expect: "a status other than success, or a time more than a day ago".to_owned(),
        };
        Some((by_hand(title, again), probe))
    }

    fn resolves(&self, _ctx: &Context<'_, '_>, _expect: &str) -> Option<Confirmation> {
        None
    }

    fn connects(&self, _ctx: &Context<'_, '_>, _to: &str, _port: u16, _expect: &str) -> Option<Confirmation> {
        None
    }

    fn signs_in(&self, ctx: &Context<'_, '_>) -> Option<Confirmation> {
        Some(Confirmation {
            run_from: "your own shell; the output shows what the instance could not reach".to_owned(),
            expect: "`failure` for an entry of type `AzureActiveDirectory`".to_owned(),
            ..network_checks(ctx, "")
        })
    }

    /// An instance asks the old servers until its network configuration is applied again.
    fn ask_azure_dns(&self, ctx: &Context<'_, '_>, configured: &[String]) -> Option<Change> {
        let instance = &ctx.case.path.resource;
        let status = ResourceId::new(&format!("{instance}/networkstatus"));
        let locations = &ctx.case.estate.get::<NetworkStatus>(&status).known()?.properties.locations;
        let asks = |servers: &[String]| {
            servers.iter().filter(|s| *s != AZURE_DNS).eq(configured.iter().filter(|s| *s != AZURE_DNS))
        };
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
        Some(Change::of(
            Command::new("az apim apply-network-updates").named(instance),
            [Edit::Create { body, scope: instance.clone(), concerns: Concerns::Resource(instance.clone()) }],
        ))
    }

    /// API Management prints one text for every refusal of the vault, whatever its cause.
    fn symptom(&self, code: Code, path: &AccessPath, principal: Option<&Principal>) -> Option<String> {
        if path.consumer == ConsumerKind::Policy {
            return None;
        }
        match (code.gate(), code) {
            (_, Code::IdentityIdKindMismatch | Code::IdentityNotAssignedToHost) => Some(format!(
                "Can not find Managed Identity with provided IdentityClientId : {}. For more information please see \
                 aka.ms/apimmsi.",
                path.client_id().map(ToString::to_string).unwrap_or_default()
            )),
            (_, Code::IdentityNotEnabled) => Some(format!(
                "Managed Service Identity (http://aka.ms/apimmsi) is not enabled on the service, which is required to \
                 access KeyVault {}",
                path.reference
            )),
            ("firewall" | "authorization", _) => {
                let kind = if principal?.is_system_assigned() { "SystemAssigned" } else { "UserAssigned" };
                Some(format!(
                    "Failed to access KeyVault Secret {} using Managed Service Identity (http://aka.ms/apimmsi) of Api \
                     Management service. Check if Managed Identity of Type: {kind} … has GET permissions on secrets in \
                     the KeyVault Access Policies.",
                    path.reference
                ))
            }
            _ => None,
        }
    }
}

/// The system-assigned identity of the instance, and what enables it if it is not enabled.
pub(super) fn system_assigned(ctx: &Context<'_, '_>) -> Option<(ObjectId, Option<Change>)> {
    let instance = ctx.instance()?;
    match instance.identity.as_ref().filter(|identity| identity.is_system_assigned()) {
        Some(identity) => Some((identity.principal_id.clone()?, None)),
        None => Some((ObjectId::of_future_identity(&instance.id), Some(enable_system_assigned(ctx, instance)))),
    }
}

/// Selects an identity by its client id; without one the system-assigned identity is selected.
fn set_client_id(ctx: &Context<'_, '_>, client_id: Option<&ObjectId>) -> Change {
    let path = ctx.case.path;
    let Some(resource) = &path.credential_at.resource else { return Change::default() };
    if path.client_id() == client_id {
        return Change::default();
    }
    if path.consumer == ConsumerKind::Policy {
        return policy_document::set_client_id(ctx, resource, client_id);
    }
    let pointer = path.credential_at.pointer.clone();
    let edit = match client_id {
        Some(id) => Edit::set(resource, pointer, id.as_str()),
        None => Edit::remove(resource, pointer),
    };
    declare(ctx, resource, edit, &path.reference, client_id)
}

/// Enables the system-assigned identity; user-assigned ones stay.
fn enable_system_assigned(ctx: &Context<'_, '_>, instance: &Resource<Service>) -> Change {
    let principal = ObjectId::of_future_identity(&instance.id);
    // The identity gets the tenant of its subscription, which the others of the instance show.
    let known = instance.identity.as_ref().and_then(|i| i.tenant_id.clone());
    let tenant = known.or_else(|| ctx.vault().and_then(|v| v.properties.tenant_id.clone()));
    let set = |leaf: &str, value: Value| Edit::set(&instance.id, format!("/identity/{leaf}"), value);
    let tenant = tenant.map(|tenant| set("tenantId", json!(tenant.as_str())));
    let edits = |kind: &str| {
        let both = [set("type", json!(kind)), set("principalId", json!(principal.as_str()))];
        both.into_iter().chain(tenant)
    };
    let identity = instance.identity.as_ref();
    let kind = match identity.is_some_and(|identity| identity.is_user_assigned()) {
        true => "SystemAssigned, UserAssigned",
        false => "SystemAssigned",
    };
    let attached = identity.into_iter().flat_map(|identity| identity.user_assigned_identities.keys());
    // The call returns before the identity is there.
    let wait = Command::new("az apim wait")
        .named(&instance.id)
        .and("--custom \"provisioningState=='Succeeded' && identity.principalId\"");
    set_identity(&instance.id, kind, attached.map(String::as_str), edits(kind)).and(Some(Change::of(wait, [])))
}

/// Writes which identities an instance has. The command names every user-assigned one, and leaves their ids to Azure.
pub(super) fn set_identity<'i>(
    instance: &ResourceId,
    kind: &str,
    attached: impl IntoIterator<Item = &'i str>,
    edits: impl IntoIterator<Item = Edit>,
) -> Change {
    let attached: Vec<&str> = attached.into_iter().collect();
    let mut identity = json!({ "type": kind });
    if let (Some(map), false) = (identity.as_object_mut(), attached.is_empty()) {
        let bare: Map<String, Value> = attached.iter().map(|id| ((*id).to_owned(), json!({}))).collect();
        map.insert("userAssignedIdentities".to_owned(), Value::Object(bare));
    }
    let patch = Command::rest("patch", instance.as_str(), APIM).body(&json!({ "identity": identity }));
    Change::of(patch, edits).identity("Microsoft.ApiManagement/service", "azurerm_api_management", kind, &attached)
}

/// Rewrites a reference of an instance: its secret, and the identity that fetches it.
fn declare(
    ctx: &Context<'_, '_>,
    resource: &ResourceId,
    edit: Edit,
    identifier: &str,
    client_id: Option<&ObjectId>,
) -> Change {
    let client_id = client_id.map(ObjectId::as_str);
    let (in_bicep, in_hcl) = (client_id.map(bicep), client_id.map(hcl));
    let bicep_id = in_bicep.map(|id| format!("\n  identityClientId: {id}")).unwrap_or_default();
    let contract = format!("keyVault: {{\n  secretIdentifier: {}{bicep_id}\n}}", bicep(identifier));
    let argument = |name: &str| in_hcl.as_ref().map(|id| format!("\n{name} = {id}")).unwrap_or_default();
    let secret = hcl(identifier);
    match ctx.case.path.consumer {
        ConsumerKind::CustomDomain => {
            let Some(service) = ctx.instance() else { return Change::default() };
            let change = Change::lines(host_names(service, std::slice::from_ref(&edit)), [edit]);
            let at = entry_of(&ctx.case.path.declared_at.pointer);
            match at.and_then(|(at, _)| service.properties.hostname_configurations.get(at)) {
                Some(entry) => host_name_snippets(change, entry, identifier, client_id),
                None => change,
            }
        }
        ConsumerKind::Certificate => Change::of(contract_command(ctx, resource, identifier, client_id), [edit])
            .bicep_in("Microsoft.ApiManagement/service/certificates", contract)
            .terraform_in(
                "azurerm_api_management_certificate",
                format!("key_vault_secret_id = {secret}{}", argument("key_vault_identity_client_id")),
            ),
        ConsumerKind::NamedValue => Change::of(contract_command(ctx, resource, identifier, client_id), [edit])
            .bicep_in("Microsoft.ApiManagement/service/namedValues", format!("secret: true\n{contract}"))
            .terraform_in(
                "azurerm_api_management_named_value",
                format!(
                    "secret = true\nvalue_from_key_vault {{\nsecret_id = {secret}{}\n}}",
                    argument("identity_client_id")
                ),
            ),
        _ => Change::default(),
    }
}

/// Writes `properties.keyVault` of a named value, or of a certificate, which has no update and is written whole.
fn contract_command(
    ctx: &Context<'_, '_>,
    resource: &ResourceId,
    identifier: &str,
    client_id: Option<&str>,
) -> Command {
    let method = if ctx.case.path.consumer == ConsumerKind::Certificate { "put" } else { "patch" };
    let mut vault = json!({ "secretIdentifier": identifier });
    // A named value keeps what an update leaves out, so an identity is taken away by name.
    let selects = client_id.map(Value::from).or_else(|| ctx.case.path.client_id().map(|_| Value::Null));
    if let (Some(map), Some(id)) = (vault.as_object_mut(), selects) {
        map.insert("identityClientId".to_owned(), id);
    }
    Command::rest(method, resource.as_str(), APIM)
        .and("--headers \"If-Match=*\"")
        .body(&json!({ "properties": { "keyVault": vault } }))
}

/// How templates say one host name of an instance.
fn host_name_snippets(
    change: Change,
    entry: &HostnameConfiguration,
    identifier: &str,
    client_id: Option<&str>,
) -> Change {
    let kind = entry.r#type.as_deref().unwrap_or("Proxy");
    let host = entry.host_name.as_deref().unwrap_or("HOST_NAME");
    let selects = client_id.map(|id| format!("\n    identityClientId: {}", bicep(id))).unwrap_or_default();
    let change = change.bicep_in(
        "Microsoft.ApiManagement/service",
        format!(
            "hostnameConfigurations: [\n  // and the existing ones\n  {{\n    type: {}\n    hostName: {}\n    \
             keyVaultId: {}{selects}\n  }}\n]",
            bicep(kind),
            bicep(host),
            bicep(identifier)
        ),
    );
    let block = match kind.to_ascii_lowercase().as_str() {
        "proxy" => "gateway",
        "portal" => "portal",
        "developerportal" => "developer_portal",
        "management" => "management",
        "scm" => "scm",
        _ => return change,
    };
    let selects = client_id.map(|id| format!("\n  ssl_keyvault_identity_client_id = {}", hcl(id))).unwrap_or_default();
    change.terraform_in(
        "azurerm_api_management_custom_domain",
        format!(
            "{block} {{\n  host_name                = {}\n  key_vault_certificate_id = {}{selects}\n}}",
            hcl(host),
            hcl(identifier)
        ),
    )
}

/// `1` and `keyVaultId` of `/properties/hostnameConfigurations/1/keyVaultId`.
fn entry_of(pointer: &str) -> Option<(usize, &str)> {
    let (at, leaf) = pointer.strip_prefix("/properties/hostnameConfigurations/")?.split_once('/')?;
    Some((at.parse().ok()?, leaf))
}

/// Writes the host names of an instance with changes made to them.
///
/// `PATCH` replaces the list as a whole, so it holds every host name. `az apim update` would send the whole instance
/// in another version, `certificateStatus` included, which asks for a new managed certificate. A certificate that was
/// uploaded is never returned: where the list has one, a person has to supply it.
/// Sources: <https://learn.microsoft.com/rest/api/apimanagement/api-management-service/update> and the sources of
/// azure-cli 2.91 (read 2026-11-29).
fn host_names(service: &Resource<Service>, edits: &[Edit]) -> Vec<Line> {
    let entries = &service.properties.hostname_configurations;
    let mut list: Vec<Map<String, Value>> = entries.iter().map(writable).collect();
    for edit in edits {
        match edit {
            Edit::Set { resource, pointer, value } if *resource == service.id => {
                if let Some((entry, leaf)) = entry_of(pointer).and_then(|(at, leaf)| Some((list.get_mut(at)?, leaf))) {
                    entry.insert(leaf.to_owned(), value.clone());
                }
            }
            Edit::Remove { resource, pointer } if *resource == service.id => {
                if let Some((entry, leaf)) = entry_of(pointer).and_then(|(at, leaf)| Some((list.get_mut(at)?, leaf))) {
                    entry.remove(leaf);
                }
            }
            _ => {}
        }
    }
    let built_in = format!("{}.", service.name().to_ascii_lowercase());
    let is_complete = |entry: &&HostnameConfiguration| match entry.certificate_source.as_deref() {
        Some(source) => ["BuiltIn", "KeyVault"].iter().any(|known| source.eq_ignore_ascii_case(known)),
        None => {
            let host = entry.host_name.as_deref().unwrap_or_default().to_ascii_lowercase();
            entry.key_vault_id.is_some() || host.starts_with(&built_in)
        }
    };
    let uploaded: Vec<&str> =
        entries.iter().filter(|entry| !is_complete(entry)).filter_map(|e| e.host_name.as_deref()).collect();
    if !uploaded.is_empty() {
        let words = "a PATCH replaces all host names, and Azure does not return the certificates of the following; \
                     change this host name in the portal, or supply those certificates again:";
        let show = Command::new("az apim show").named(&service.id).and("--query hostnameConfigurations");
        return vec![uploaded.iter().fold(Command::comment(words), Command::word).line(), show.line()];
    }
    let body = json!({ "properties": { "hostnameConfigurations": list } });
    let words = "this replaces the list of host names with the collected one: add later changes first";
    let patch = Command::rest("patch", service.id.as_str(), APIM).body(&body);
    vec![Command::comment(words).line(), patch.purpose(Purpose::WriteHostNames(service.id.clone())).line()]
}

/// Joins the commands that write the host names of one instance: each writes the whole list, so the last would take
/// back what the others changed.
pub(in crate::check) fn write_host_names_once(estate: &Estate, az: &mut Vec<Line>, edits: &[Edit]) {
    let of_host_name = |edit: &&Edit| match edit {
        Edit::Set { pointer, .. } | Edit::Remove { pointer, .. } => entry_of(pointer).is_some(),
        _ => false,
    };
    let mut instances: Vec<&ResourceId> = edits.iter().filter(of_host_name).map(Edit::resource).collect();
    instances.dedup();
    for instance in instances {
        let Some(service) = estate.get::<Service>(instance).known() else { continue };
        let writes = |line: &Line| *line.purpose() == Purpose::WriteHostNames(instance.clone());
        let Some(last) = az.iter().rposition(writes) else { continue };
        let Some(whole) = host_names(service, edits).pop() else { continue };
        if let Some(line) = az.get_mut(last) {
            *line = whole;
        }
        let mut at = 0..;
        az.retain(|line| at.next() == Some(last) || !writes(line));
    }
}

/// What of a host name may be sent: nothing that Azure computes.
fn writable(entry: &HostnameConfiguration) -> Map<String, Value> {
    let all = [
        ("type", entry.r#type.as_deref().map(Value::from)),
        ("hostName", entry.host_name.as_deref().map(Value::from)),
        ("keyVaultId", entry.key_vault_id.as_deref().map(Value::from)),
        ("identityClientId", entry.identity_client_id.as_ref().map(|id| Value::from(id.as_str()))),
        ("certificateSource", entry.certificate_source.as_deref().map(Value::from)),
        ("defaultSslBinding", entry.default_ssl_binding.map(Value::from)),
        ("negotiateClientCertificate", entry.negotiate_client_certificate.map(Value::from)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
