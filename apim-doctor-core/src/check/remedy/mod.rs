//! Repairs that several checks propose: what to run, what to write in a template, and what it changes.
//!
//! Commands follow <https://learn.microsoft.com/cli/azure/reference-index> and the sources of azure-cli 2.91 (read
//! 2026-11-21). They are pasted into a shell: what a shell would read differently is quoted, and what only the reader
//! knows is in CAPITALS.

mod app;
mod firewall;
mod grant;
mod network;

use std::fmt::Display;

use serde_json::{Map, Value, json};

use crate::base::{ObjectId, ResourceId};
use crate::check::{Context, declared};
use crate::finding::{Edit, Fix, Patch, Probe, Safety};
use crate::knowledge::subservice::Subservice;
use crate::model::api_management::Service;
use crate::model::{Modelled, Resource};
use crate::path::{Form, Principal};

pub(super) use app::{
    WEB, allow_keys, app, app_identity, app_in_words, app_named, attach_to_app, connects_from_app, enable_for_app,
    fetch, fetch_after, fetch_again, is_slot, origin_network, own_principal, reference_status, resolves_from_app,
    route_into_subnet, select_for_deployment, select_for_references, set_setting, setting, terraform_of, without_key,
};
pub(super) use firewall::{
    add_service_endpoint, let_subnet_in, open_for_caller, private_endpoint, trust_if_covered, trust_services,
};
pub(super) use grant::{
    assign_role, grant, grant_caller, grant_role_at, grants_of_caller, least_role, policy_entry, set_policy,
};
pub(super) use network::{let_through, network_checks, unblock};

/// The version of API Management's part of Resource Manager that commands call.
pub(super) const APIM: &str = "2024-05-01";

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

/// `--name N --resource-group G --subscription S`. Commands of API Management and Key Vault take no `--ids`.
pub(super) fn named(id: &ResourceId) -> String {
    named_as("--name", id)
}

/// The same where the name stands behind another option.
pub(super) fn named_as(option: &str, id: &ResourceId) -> String {
    format!("{option} {}{}", word(id.name()), in_group(id))
}

/// ` --resource-group G --subscription S`, as far as the id has them.
pub(super) fn in_group(id: &ResourceId) -> String {
    let group = id.resource_group().map(|g| format!(" --resource-group {}", word(g))).unwrap_or_default();
    let subscription = id.subscription().map(|s| format!(" --subscription {}", word(s))).unwrap_or_default();
    group + &subscription
}

/// A call of Resource Manager. In quotes: `?` and `*` mean something to a shell.
pub(super) fn rest(method: &str, resource: impl Display, version: &str) -> String {
    format!("az rest --method {method} --uri \"{resource}?api-version={version}\"")
}

/// One word to a shell. Names of resource groups may hold parentheses.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:@,=+".contains(c);
    match text.chars().all(plain) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

/// In single quotes: nothing in it means anything to a shell.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
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
        .and(grant(ctx, &principal))
        .and(trust_services(vault))
        .and(Some(select_system_assigned(ctx)));
    Some(fix.fix("use the system-assigned identity, which the trusted-services exception covers", Safety::Review))
}

/// Enables the system-assigned identity; user-assigned ones stay.
pub(super) fn enable_system_assigned(ctx: &Context<'_, '_>, instance: &Resource<Service>) -> Change {
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
    let name = named(&instance.id);
    // `az apim update` makes an identity only where there is none, and adds nothing to one that is there.
    let Some(identity) = &instance.identity else {
        let kind = "SystemAssigned";
        return Change::of(format!("az apim update {name} --enable-managed-identity true"), edits(kind))
            .bicep(format!("identity: {{ type: '{kind}' }}"))
            .terraform(format!("identity {{ type = \"{kind}\" }}"));
    };
    let kind = if identity.is_user_assigned() { "SystemAssigned, UserAssigned" } else { "SystemAssigned" };
    let attached = identity.user_assigned_identities.keys().map(String::as_str);
    // The call returns before the identity is there.
    let wait = format!("az apim wait {name} --custom \"provisioningState=='Succeeded' && identity.principalId\"");
    set_identity(&instance.id, kind, attached, edits(kind)).and(Some(Change::of(wait, [])))
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
    let body = quoted(&json!({ "identity": identity }).to_string());
    let change = Change::of(format!("{} --body {body}", rest("patch", instance, APIM)), edits);
    if attached.is_empty() {
        return change
            .bicep(format!("identity: {{ type: '{kind}' }}"))
            .terraform(format!("identity {{ type = \"{kind}\" }}"));
    }
    let bicep = attached.iter().map(|id| format!(" '{id}': {{}}")).collect::<Vec<_>>().join(",");
    let terraform = attached.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ");
    change
        .bicep(format!("identity: {{ type: '{kind}', userAssignedIdentities: {{{bicep} }} }}"))
        .terraform(format!("identity {{\n  type         = \"{kind}\"\n  identity_ids = [{terraform}]\n}}"))
}

/// Attaches one identity more, by a command that leaves the others alone.
fn set_identity_of(az: String, identity: &ResourceId, edits: impl IntoIterator<Item = Edit>) -> Change {
    Change::of(az, edits)
        .bicep(format!("userAssignedIdentities: {{ '{identity}': {{}} }} // besides what is there"))
        .terraform(format!("identity_ids = [\"{identity}\"] # besides what is there"))
}

/// Leaves the client id out of the reference, which selects the system-assigned identity.
pub(super) fn select_system_assigned(ctx: &Context<'_, '_>) -> Change {
    declared::set_client_id(ctx, None)
}

/// Selects another identity by its client id.
pub(super) fn select(ctx: &Context<'_, '_>, principal: &Principal) -> Option<Change> {
    match principal.is_system_assigned() {
        true => Some(select_system_assigned(ctx)),
        false => Some(declared::set_client_id(ctx, Some(principal.client_id.as_ref()?))),
    }
}

/// Makes a named value, or a certificate, of the instance itself that refers to Key Vault: `az apim nv create` cannot.
pub(super) fn refer(
    instance: &ResourceId,
    certificate: bool,
    name: &str,
    identifier: &str,
    client_id: Option<&ObjectId>,
) -> String {
    let mut vault = json!({ "secretIdentifier": identifier });
    if let (Some(map), Some(id)) = (vault.as_object_mut(), client_id) {
        map.insert("identityClientId".to_owned(), json!(id.as_str()));
    }
    let (kind, properties) = match certificate {
        true => ("certificates", json!({ "keyVault": vault })),
        false => ("namedValues", json!({ "displayName": name, "secret": true, "keyVault": vault })),
    };
    let body = quoted(&json!({ "properties": properties }).to_string());
    format!("{} --body {body}", rest("put", instance.child(kind, name), APIM))
}

/// The object id of the caller's system-assigned identity, for the commands that follow and use `"$PRINCIPAL_ID"`.
pub(super) fn principal_id_of(caller: &ResourceId) -> String {
    format!("PRINCIPAL_ID=$({})", own_principal(caller))
}

/// How to see in the target's log who called, from where, and what it answered.
/// Sources: <https://learn.microsoft.com/azure/key-vault/general/logging> (read 2026-11-21) and
/// <https://learn.microsoft.com/azure/azure-monitor/reference/tables/storagebloblogs> (read 2026-11-22).
pub(super) fn audit_log(ctx: &Context<'_, '_>, expect: impl Into<String>) -> Probe {
    let vault = ctx.vault_name();
    let table = match ctx.subservice() {
        Subservice::Vault => None,
        Subservice::Blob => Some("StorageBlobLogs"),
        Subservice::File => Some("StorageFileLogs"),
        Subservice::Queue => Some("StorageQueueLogs"),
        Subservice::Table => Some("StorageTableLogs"),
    };
    if let Some(table) = table {
        return Probe {
            run_from: "Log Analytics, where the storage account sends its resource logs".to_owned(),
            command: format!(
                "{table} | where AccountName =~ '{vault}' | project TimeGenerated, CallerIpAddress, StatusCode, \
                 StatusText"
            ),
            expect: expect.into().replace("`Forbidden`", "status 403"),
        };
    }
    Probe {
        run_from: "Log Analytics, where the vault sends its AuditEvent logs".to_owned(),
        command: format!(
            "AzureDiagnostics | where ResourceProvider == 'MICROSOFT.KEYVAULT' and Resource =~ '{vault}' and \
             OperationName == 'SecretGet' | project TimeGenerated, CallerIPAddress, ResultSignature"
        ),
        expect: expect.into(),
    }
}

/// The command that makes the service fetch the secret again, where there is one for this kind of reference.
pub(super) fn refresh(ctx: &Context<'_, '_>) -> Option<String> {
    if ctx.case.path.form == Form::Setting {
        return Some(fetch(ctx));
    }
    let fetched = matches!(ctx.case.path.consumer, "apim-named-value" | "apim-certificate");
    let id = ctx.case.path.declared_at.resource.as_ref().filter(|_| fetched)?;
    Some(rest("post", format!("{id}/refreshSecret"), APIM))
}

/// Whether a resource of this type was read, so that a patch can change it.
pub(super) fn was_read<P: Modelled>(ctx: &Context<'_, '_>, id: &ResourceId) -> bool {
    ctx.case.estate.get::<P>(id).known().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_names_as_they_are() {
        let id = ResourceId::new("/subscriptions/s/resourceGroups/rg(1)/providers/Microsoft.KeyVault/vaults/kv1");
        assert_eq!(named(&id), "--name kv1 --resource-group 'rg(1)' --subscription s");
        assert_eq!(quoted("a'b"), r"'a'\''b'");
    }
}
