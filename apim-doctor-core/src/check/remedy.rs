//! Repairs that several checks propose: what to run, what to write in a template, and what it changes.
//!
//! Commands follow <https://learn.microsoft.com/cli/azure/reference-index> (read 2026-11-21).

use serde_json::{Value, json};

use crate::base::{ObjectId, ResourceId};
use crate::check::Context;
use crate::eval::access_policy::{self, Answer, ObjectKind};
use crate::finding::{Edit, Fix, Patch, Safety};
use crate::model::api_management::Service;
use crate::model::key_vault::Vault;
use crate::model::{Modelled, Resource};
use crate::path::Principal;

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
    let fix = select_system_assigned(ctx)
        .and(switch_on)
        .and(grant(ctx, vault, &principal))
        .and(trust_services(vault));
    Some(fix.fix("use the system-assigned identity, which the trusted-services exception covers", Safety::Review))
}

/// Enables the system-assigned identity.
pub(super) fn enable_system_assigned(ctx: &Context<'_, '_>, instance: &Resource<Service>) -> Change {
    let keeps = instance.identity.as_ref().is_some_and(|i| i.is_user_assigned());
    let kind = if keeps { "SystemAssigned, UserAssigned" } else { "SystemAssigned" };
    let principal = ObjectId::of_future_identity(&instance.id);
    let tenant = ctx.vault().and_then(|v| v.properties.tenant_id.clone());
    let set = |leaf: &str, value: Value| Edit::set(&instance.id, format!("/identity/{leaf}"), value);
    let tenant = tenant.map(|tenant| set("tenantId", json!(tenant.as_str())));
    let edits = [set("type", json!(kind)), set("principalId", json!(principal.as_str()))].into_iter().chain(tenant);
    Change::of(format!("az apim update --ids {} --enable-managed-identity true", instance.id), edits)
        .bicep(format!("identity: {{ type: '{kind}' }}"))
        .terraform(format!("identity {{ type = \"{kind}\" }}"))
}

/// Leaves the client id out of the reference, which selects the system-assigned identity.
pub(super) fn select_system_assigned(ctx: &Context<'_, '_>) -> Change {
    let path = ctx.case.path;
    let Some(resource) = path.client_id_at.resource.clone() else { return Change::default() };
    let pointer = path.client_id_at.pointer.clone();
    let edits = path.client_id.as_ref().map(|_| Edit::remove(&resource, pointer.clone()));
    let az = match resource == path.resource {
        true => {
            let property = pointer.trim_start_matches("/properties/").replace("/identityClientId", "");
            let property = property.replace("hostnameConfigurations/", "hostnameConfigurations[");
            format!("az apim update --ids {resource} --remove {property}].identityClientId")
        }
        false => {
            let body = json!({"properties": {"keyVault": {"secretIdentifier": path.reference, "identityClientId": null}}});
            format!("az rest --method patch --uri {resource}?api-version=2024-05-01 --headers If-Match=* --body '{body}'")
        }
    };
    let (bicep, terraform) = match path.consumer {
        "apim-custom-domain" => {
            ("// leave identityClientId out of the host name", "# leave ssl_keyvault_identity_client_id out")
        }
        "apim-certificate" => ("// leave keyVault.identityClientId out", "# leave key_vault_identity_client_id out"),
        _ => ("// leave keyVault.identityClientId out", "# leave value_from_key_vault.identity_client_id out"),
    };
    Change { az: vec![az], edits: edits.into_iter().collect(), ..Change::default() }.bicep(bicep).terraform(terraform)
}

/// Selects another identity by its client id.
pub(super) fn select(ctx: &Context<'_, '_>, principal: &Principal) -> Option<Change> {
    if principal.system_assigned {
        return Some(select_system_assigned(ctx));
    }
    let client_id = principal.client_id.as_ref()?;
    let resource = ctx.case.path.client_id_at.resource.clone()?;
    let pointer = ctx.case.path.client_id_at.pointer.clone().into_owned();
    let property = pointer.trim_start_matches("/properties/").replace('/', ".");
    let az = format!("az resource update --ids {resource} --set properties.{property}={client_id}");
    Some(
        Change::of(az, [Edit::set(&resource, pointer, client_id.as_str())])
            .bicep(format!("identityClientId: '{client_id}' // the client id of `{}`", principal.resource.name()))
            .terraform(format!("identity_client_id = \"{client_id}\"")),
    )
}

/// Lets a principal read what the path wants, by the model the vault uses; `None` where it may already.
pub(super) fn grant(ctx: &Context<'_, '_>, vault: &Resource<Vault>, principal: &ObjectId) -> Option<Change> {
    let kind = ctx.case.path.object_kind(ctx.diagnosis.reference.as_ref());
    let change = match vault.properties.enable_rbac_authorization {
        Some(true) => grant_role(vault, principal, kind),
        _ => grant_policy(vault, principal, kind)?,
    };
    Some(change)
}

/// Assigns the least role that reads this kind of object, at the vault.
pub(super) fn grant_role(vault: &Resource<Vault>, principal: &ObjectId, kind: ObjectKind) -> Change {
    let (guid, role) = match kind {
        ObjectKind::Secret => (SECRETS_USER, "Key Vault Secrets User"),
        ObjectKind::Certificate | ObjectKind::Key => (READER, "Key Vault Reader"),
    };
    let shown = shown(principal);
    let az = format!(
        "az role assignment create --assignee-object-id {shown} --assignee-principal-type ServicePrincipal \
         --role \"{role}\" --scope {}",
        vault.id
    );
    let name = format!("00000000-{:012x}", short_hash(&format!("{}{principal}{guid}", vault.id)));
    let id = vault.id.child("providers/Microsoft.Authorization/roleAssignments", &name);
    let subscription = vault.id.subscription_scope().map(|s| s.to_string()).unwrap_or_default();
    let definition = format!("{subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid}");
    let body = json!({
        "id": id.as_str(), "name": name, "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": definition, "principalId": principal.as_str(),
            "principalType": "ServicePrincipal", "scope": vault.id.as_str(),
        },
    });
    let create = Edit::Create { body, scope: vault.id.clone(), principal: Some(principal.clone()) };
    Change::of(az, [create])
        .bicep(format!(
            "resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {{\n  \
             name: guid(vault.id, principalId, '{guid}')\n  scope: vault\n  properties: {{\n    \
             principalId: principalId\n    principalType: 'ServicePrincipal'\n    roleDefinitionId: \
             subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{guid}') // {role}\n  }}\n}}"
        ))
        .terraform(format!(
            "resource \"azurerm_role_assignment\" \"grant\" {{\n  scope                = azurerm_key_vault.vault.id\n  \
             role_definition_name = \"{role}\"\n  principal_id         = \"{shown}\"\n  \
             principal_type       = \"ServicePrincipal\"\n}}"
        ))
}

/// Adds `get` for the principal to the access policies; `None` where it is there.
pub(super) fn grant_policy(vault: &Resource<Vault>, principal: &ObjectId, kind: ObjectKind) -> Option<Change> {
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
    let az = format!("az keyvault set-policy --name {} --object-id {shown} --{plural}-permissions get", vault.name());
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

/// An id to type; for an identity that is not there yet, where to find it.
pub(super) fn shown(principal: &ObjectId) -> String {
    match principal.is_symbol() {
        true => "<principalId of the instance's new system-assigned identity>".to_owned(),
        false => principal.to_string(),
    }
}

/// A number that is the same for the same text.
fn short_hash(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3);
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
