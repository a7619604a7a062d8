//! Fixes that give a principal access: a role assignment or an access policy.

use serde_json::{Value, json};

use super::{Change, principal_id_of, shown};
use crate::base::{ObjectId, ResourceId, fnv1a};
use crate::check::context::Context;
use crate::check::words::caller;
use crate::eval::access_policy::{self, ObjectKind, PolicyMatch};
use crate::eval::rbac;
use crate::eval::store::Store;
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Command, Concerns, Confirmation, Edit, Fix, Safety, Word};
use crate::knowledge::subservice::Subservice;
use crate::model::Resource;
use crate::model::key_vault::Vault;
use crate::path::{Credential, Form, Wants};

/// The least role for what the path wants. Key Vault Secrets User reads a secret, and a certificate with its key; Key
/// Vault Reader reads the properties of keys and certificates. App Service is given the role for certificates, and a
/// Functions host the roles that are documented for its storage.
/// Sources: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide> (read 2026-11-21),
/// <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> and
/// <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-22).
pub(in crate::check) fn least_role(ctx: &Context<'_, '_>) -> (&'static str, &'static str) {
    match ctx.subservice() {
        Subservice::Vault => {}
        // Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore>
        // (read 2026-11-21).
        _ if ctx.case.path.backup.is_some() => {
            return ("ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Storage Blob Data Contributor");
        }
        _ if ctx.case.path.is_package() => {
            return ("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Storage Blob Data Reader");
        }
        Subservice::Queue => return ("974c5e8b-45b9-4653-ba55-5f855dd0fb88", "Storage Queue Data Contributor"),
        Subservice::Table => return ("0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "Storage Table Data Contributor"),
        Subservice::Blob | Subservice::File => {
            return ("b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Storage Blob Data Owner");
        }
    }
    // Sources: <https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk> and
    // <https://learn.microsoft.com/azure/backup/backup-azure-vms-encryption> (read 2026-11-21).
    if ctx.case.path.is_vault_encryption() {
        return ("e147488a-f6f5-4113-8e2d-b22465e65bf6", "Key Vault Crypto Service Encryption User");
    }
    if !ctx.case.path.needs().is_empty() {
        return ("00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator");
    }
    if matches!(ctx.case.path.credential, Credential::FirstParty(_)) {
        return ("db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", "Key Vault Certificate User");
    }
    if let Wants::Request(Ok(operation)) = &ctx.case.path.wants {
        return operation.role;
    }
    match ctx.case.path.object_kind(ctx.diagnosis.reference.as_ref()) {
        ObjectKind::Secret => ("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User"),
        ObjectKind::Certificate | ObjectKind::Key => ("21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader"),
    }
}

/// The data action that the path needs.
fn wanted(ctx: &Context<'_, '_>) -> &'static str {
    match ctx.subservice() {
        // Only the owner's role has it, which is the documented one for a host.
        Subservice::Blob if ctx.case.path.backup.is_some() => {
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"
        }
        Subservice::Blob if !ctx.case.path.is_package() => {
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/runAsSuperUser/action"
        }
        _ => ctx.case.path.action(ctx.diagnosis.reference.as_ref()),
    }
}

/// Lets a principal do what the path wants, by the model the target uses; `None` where it may already.
pub(in crate::check) fn grant(ctx: &Context<'_, '_>, principal: &ObjectId) -> Option<Change> {
    let store = ctx.store()?;
    let reference = ctx.diagnosis.reference.as_ref();
    let by_policy = |vault: &Resource<Vault>| vault.properties.enable_rbac_authorization != Some(true);
    let change = match store {
        Store::Vault(vault) if by_policy(vault) => grant_policy(ctx, vault, principal)?,
        Store::Vault(vault) if !ctx.case.path.needs().is_empty() => {
            let missing = ctx.case.path.needs().iter().filter(|need| {
                let scope = match need.name.is_empty() {
                    true => vault.id.clone(),
                    false => vault.id.child(need.kind.plural(), &need.name),
                };
                let request = rbac::Request {
                    principal,
                    action: need.action,
                    plane: rbac::Plane::Data,
                    scope: &scope,
                    as_of: Some(ctx.case.as_of),
                };
                !matches!(rbac::evaluate(ctx.case.estate, &request), rbac::Access::Allowed(_))
            });
            if missing.count() == 0 {
                return None;
            }
            grant_role_at(ctx, &vault.id, principal)
        }
        _ => {
            let object = match (store, reference) {
                (Store::Vault(vault), Some(reference)) if !reference.name.is_empty() => {
                    vault.id.child(&reference.kind, &reference.name)
                }
                _ => store.id().clone(),
            };
            let request = rbac::Request {
                principal,
                action: wanted(ctx),
                plane: rbac::Plane::Data,
                scope: &object,
                as_of: Some(ctx.case.as_of),
            };
            if matches!(rbac::evaluate(ctx.case.estate, &request), rbac::Access::Allowed(_)) {
                return None;
            }
            grant_role_at(ctx, store.id(), principal)
        }
    };
    // An identity that is not there yet has an id only once it is.
    let look_up = principal.is_symbol().then(|| Change::of(principal_id_of(ctx), []));
    Some(Change::default().and(look_up).and(Some(change)))
}

/// Assigns the least role for what the path wants, at the target or at one object in it.
pub(in crate::check) fn grant_role_at(ctx: &Context<'_, '_>, scope: &ResourceId, principal: &ObjectId) -> Change {
    let (guid, role) = least_role(ctx);
    let az = assign_role(scope, shown(principal), role);
    let create = role_assignment(scope, principal, guid, Some("ServicePrincipal"));
    let is_object = scope.resource_type().matches('/').count() > 1;
    let (bicep_scope, terraform_scope) = match (ctx.case.path.form, is_object) {
        (Form::Storage, _) => ("account", "azurerm_storage_account.account.id"),
        (_, true) => ("secret", "azurerm_key_vault_secret.secret.resource_versionless_id"),
        (_, false) => ("vault", "azurerm_key_vault.vault.id"),
    };
    let (bicep_principal, terraform_principal) = match principal.is_symbol() {
        true => ctx.remedies().own_principal_in_templates(ctx),
        false => (bicep(principal.as_str()), hcl(principal.as_str())),
    };
    Change::of(az, [create])
        .bicep(format!(
            "resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {{\n  \
             name: guid({bicep_scope}.id, {bicep_principal}, '{guid}')\n  scope: {bicep_scope}\n  properties: {{\n    \
             principalId: {bicep_principal}\n    principalType: 'ServicePrincipal'\n    roleDefinitionId: \
             subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{guid}') // {role}\n  }}\n}}"
        ))
        .terraform(format!(
            "resource \"azurerm_role_assignment\" \"grant\" {{\n  scope                = {terraform_scope}\n  \
             role_definition_name = {}\n  principal_id         = {terraform_principal}\n  \
             principal_type       = \"ServicePrincipal\"\n}}",
            hcl(role)
        ))
}

/// A new role assignment. `kind`: the type of the principal, if that is known.
pub(super) fn role_assignment(scope: &ResourceId, principal: &ObjectId, guid: &str, kind: Option<&str>) -> Edit {
    let name = format!("00000000-{:012x}", fnv1a(&format!("{scope}{principal}{guid}")) & 0x0000_ffff_ffff_ffff);
    let id = scope.child("providers/Microsoft.Authorization/roleAssignments", &name);
    let subscription = scope.subscription_scope().map(|s| s.to_string()).unwrap_or_default();
    let definition = format!("{subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid}");
    let mut properties =
        json!({ "roleDefinitionId": definition, "principalId": principal.as_str(), "scope": scope.as_str() });
    if let (Some(map), Some(kind)) = (properties.as_object_mut(), kind) {
        map.insert("principalType".to_owned(), kind.into());
    }
    let body = json!({
        "id": id.as_str(), "name": name, "type": "Microsoft.Authorization/roleAssignments", "properties": properties,
    });
    Edit::Create { body, scope: scope.clone(), concerns: Concerns::Principal(principal.clone()) }
}

/// The command that assigns a role to a managed identity.
pub(in crate::check) fn assign_role<'w>(scope: &ResourceId, principal: impl Into<Word<'w>>, role: &str) -> Command {
    Command::new("az role assignment create")
        .option("--assignee-object-id", principal)
        .and("--assignee-principal-type ServicePrincipal")
        .option("--role", role)
        .option("--scope", scope)
}

/// Adds what is needed for the principal to the access policies; `None` where it is there. App Service gets the
/// certificate too.
fn grant_policy(ctx: &Context<'_, '_>, vault: &Resource<Vault>, principal: &ObjectId) -> Option<Change> {
    if !ctx.case.path.needs().is_empty() {
        return policy_for_needs(ctx, vault, principal);
    }
    let kind = ctx.case.path.object_kind(ctx.diagnosis.reference.as_ref());
    policy_for(ctx, vault, principal, kind)
}

/// The kinds of objects that a backup needs, with the permissions on each.
fn permissions_needed(ctx: &Context<'_, '_>) -> Vec<(ObjectKind, Vec<&'static str>)> {
    let mut kinds: Vec<(ObjectKind, Vec<&'static str>)> = Vec::new();
    for need in ctx.case.path.needs() {
        match kinds.iter_mut().find(|(kind, _)| *kind == need.kind) {
            Some((_, all)) if all.contains(&need.permission) => {}
            Some((_, all)) => all.push(need.permission),
            None => kinds.push((need.kind, vec![need.permission])),
        }
    }
    kinds
}

/// Adds every permission that a backup needs to the principal's access policy; `None` if it has them.
fn policy_for_needs(ctx: &Context<'_, '_>, vault: &Resource<Vault>, principal: &ObjectId) -> Option<Change> {
    let own = vault.properties.access_policies.iter().position(|entry| {
        let alone = entry.application_id.as_ref().is_none_or(|id| id.as_str().is_empty());
        entry.object_id.as_ref() == Some(principal) && alone
    });
    let entry = own.and_then(|at| vault.properties.access_policies.get(at));
    // The command replaces the permissions of an entry, so the lists include the existing ones.
    let lists: Vec<(ObjectKind, Vec<String>)> = permissions_needed(ctx)
        .into_iter()
        .filter_map(|(kind, wanted)| {
            let there = entry.map(|entry| access_policy::permissions(entry, kind)).unwrap_or_default();
            let has = |wanted: &str| entry.is_some_and(|entry| access_policy::grants(entry, kind, wanted));
            let new: Vec<&str> = wanted.into_iter().filter(|wanted| !has(wanted)).collect();
            let all = there.iter().cloned().chain(new.iter().map(|&one| one.to_owned())).collect();
            (!new.is_empty()).then_some((kind, all))
        })
        .collect();
    if lists.is_empty() {
        return None;
    }
    let edits: Vec<Edit> = match own {
        Some(at) => lists
            .iter()
            .map(|(kind, all)| {
                let list = format!("/properties/accessPolicies/{at}/permissions/{}", kind.plural());
                Edit::set(&vault.id, list, json!(all))
            })
            .collect(),
        None => {
            let permissions: serde_json::Map<String, Value> =
                lists.iter().map(|(kind, all)| (kind.plural().to_owned(), json!(all))).collect();
            let tenant = vault.properties.tenant_id.as_ref().map(ObjectId::as_str);
            let entry = json!({ "tenantId": tenant, "objectId": principal.as_str(), "permissions": permissions });
            vec![Edit::append(&vault.id, "/properties/accessPolicies", entry)]
        }
    };
    let command = Command::new("az keyvault set-policy").named(&vault.id).option("--object-id", shown(principal));
    let az = lists.iter().fold(command, |command, (kind, all)| command.options(option_of(*kind), all));
    let in_hcl: String = lists
        .iter()
        .map(|(kind, all)| {
            let all: Vec<String> = all.iter().map(|permission| hcl(&capital(permission))).collect();
            format!("  {}_permissions = [{}]\n", kind.singular(), all.join(", "))
        })
        .collect();
    let (bicep_object, hcl_object) = match principal.is_symbol() {
        true => ctx.remedies().own_principal_in_templates(ctx),
        false => (bicep(principal.as_str()), hcl(principal.as_str())),
    };
    let in_bicep: Vec<String> = lists
        .iter()
        .map(|(kind, all)| {
            let all: Vec<String> = all.iter().map(|permission| bicep(permission)).collect();
            format!("{}: [{}]", kind.plural(), all.join(", "))
        })
        .collect();
    Some(
        Change::of(az, edits)
            .bicep(format!(
                "resource policy 'Microsoft.KeyVault/vaults/accessPolicies@2023-07-01' = {{\n  parent: vault\n  name: \
                 'add'\n  properties: {{\n    accessPolicies: [\n      {{ tenantId: tenant().tenantId, objectId: \
                 {bicep_object}, permissions: {{ {} }} }}\n    ]\n  }}\n}}",
                in_bicep.join(", ")
            ))
            .terraform(format!(
                "resource \"azurerm_key_vault_access_policy\" \"policy\" {{\n  key_vault_id = azurerm_key_vault.vault.id\n  \
                 tenant_id    = var.tenant_id\n  object_id    = {hcl_object}\n\n{in_hcl}}}"
            )),
    )
}

/// Adds `get` on one kind of object; of App Service on secrets and certificates, whichever is missing.
fn policy_for(
    ctx: &Context<'_, '_>,
    vault: &Resource<Vault>,
    principal: &ObjectId,
    kind: ObjectKind,
) -> Option<Change> {
    let is_first_party = matches!(ctx.case.path.credential, Credential::FirstParty(_));
    let whose = match is_first_party {
        true => "the application's object id in this tenant",
        false => "the identity's principal id",
    };
    let kinds: &[ObjectKind] =
        if is_first_party { &[ObjectKind::Secret, ObjectKind::Certificate] } else { std::slice::from_ref(&kind) };
    let permission = ctx.case.path.permission();
    let tenant = vault.properties.tenant_id.as_ref();
    let answers =
        kinds.iter().map(|kind| (*kind, access_policy::evaluate(&vault.properties, principal, *kind, permission)));
    let missing: Vec<(ObjectKind, PolicyMatch)> =
        answers.filter(|(_, answer)| !matches!(answer, PolicyMatch::Granted(_))).collect();
    let own = vault.properties.access_policies.iter().position(|entry| {
        let alone = entry.application_id.as_ref().is_none_or(|id| id.as_str().is_empty());
        entry.object_id.as_ref() == Some(principal) && alone
    });
    let (first, _) = missing.first()?;
    // The command replaces the permissions of an entry, so the list includes the existing ones.
    let entry = own.and_then(|at| vault.properties.access_policies.get(at));
    let edits: Vec<Edit> = match own {
        Some(at) => missing
            .iter()
            .map(|(kind, _)| {
                let list = format!("/properties/accessPolicies/{at}/permissions/{}", kind.plural());
                match access_policy::permissions(entry?, *kind).is_empty() {
                    true => Some(Edit::set(&vault.id, list, json!([permission]))),
                    false => Some(Edit::append(&vault.id, list, permission)),
                }
            })
            .collect::<Option<_>>()?,
        None => {
            let mut entry = policy_entry(tenant, principal, *first, permission);
            for (kind, _) in missing.iter().skip(1) {
                if let Some(permissions) = entry.get_mut("permissions").and_then(Value::as_object_mut) {
                    permissions.insert(kind.plural().to_owned(), json!([permission]));
                }
            }
            vec![Edit::append(&vault.id, "/properties/accessPolicies", entry)]
        }
    };
    let lists: Vec<(ObjectKind, Vec<&str>)> = missing
        .iter()
        .map(|(kind, _)| {
            let there = entry.map(|entry| access_policy::permissions(entry, *kind)).unwrap_or_default();
            (*kind, there.iter().map(String::as_str).chain([permission]).collect())
        })
        .collect();
    let command = Command::new("az keyvault set-policy").named(&vault.id).option("--object-id", shown(principal));
    let az = lists.iter().fold(command, |command, (kind, list)| command.options(option_of(*kind), list));
    let tenant = tenant.map(|tenant| (bicep(tenant.as_str()), hcl(tenant.as_str())));
    let (bicep_tenant, hcl_tenant) =
        tenant.unwrap_or_else(|| ("tenant().tenantId".to_owned(), "var.tenant_id".to_owned()));
    let symbol = principal.is_symbol();
    let bicep_object = if symbol { "principalId".to_owned() } else { bicep(principal.as_str()) };
    let hcl_object = if symbol { "var.principal_id".to_owned() } else { hcl(principal.as_str()) };
    let in_bicep: Vec<String> = lists
        .iter()
        .map(|(kind, list)| {
            let all: Vec<String> = list.iter().map(|permission| bicep(permission)).collect();
            format!("{}: [{}]", kind.plural(), all.join(", "))
        })
        .collect();
    let in_hcl: Vec<String> = lists
        .iter()
        .map(|(kind, list)| {
            let all: Vec<String> = list.iter().map(|permission| hcl(&capital(permission))).collect();
            format!("  {}_permissions = [{}]\n", kind.singular(), all.join(", "))
        })
        .collect();
    // The child resource adds to the list; the vault's own `accessPolicies` would replace it.
    Some(
        Change::of(az, edits)
            .bicep(format!(
                "resource policy 'Microsoft.KeyVault/vaults/accessPolicies@2023-07-01' = {{\n  parent: vault\n  name: \
                 'add'\n  properties: {{\n    accessPolicies: [\n      {{ tenantId: {bicep_tenant}, objectId: \
                 {bicep_object}, permissions: {{ {} }} }} // {whose}\n    ]\n  }}\n}}",
                in_bicep.join(", ")
            ))
            .terraform(format!(
                "resource \"azurerm_key_vault_access_policy\" \"policy\" {{\n  key_vault_id = azurerm_key_vault.vault.id\n  \
                 tenant_id    = {hcl_tenant}\n  object_id    = {hcl_object} # {whose}\n\n{}}}",
                in_hcl.concat()
            )),
    )
}

/// Lets App Service also get the certificate, by the model the vault uses.
/// Source: <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> (read 2026-11-29).
pub(in crate::check) fn grant_certificate_too(ctx: &Context<'_, '_>) -> Option<Fix> {
    let Store::Vault(vault) = ctx.store()? else { return None };
    let principal = ctx.diagnosis.principal.as_ref()?.principal_id.as_ref()?;
    let (who, name) = (caller(ctx), vault.name());
    if vault.properties.enable_rbac_authorization == Some(true) {
        let title = format!("assign role `{}` to {who} on vault `{name}`", least_role(ctx).1);
        return Some(grant_role_at(ctx, &vault.id, principal).fix(title, Safety::Review));
    }
    let title = format!("add `get` for certificates to the access policy of {who} on vault `{name}`");
    Some(policy_for(ctx, vault, principal, ObjectKind::Certificate)?.fix(title, Safety::Review))
}

/// A permission as Terraform writes it: `Get`.
fn capital(permission: &str) -> String {
    let mut letters = permission.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// An access policy that gives the principal a permission on this kind of object.
pub(in crate::check) fn policy_entry(
    tenant: Option<&ObjectId>,
    principal: &ObjectId,
    kind: ObjectKind,
    permission: &str,
) -> Value {
    json!({
        "tenantId": tenant.map(ObjectId::as_str),
        "objectId": principal.as_str(),
        "permissions": { kind.plural(): [permission] },
    })
}

/// The command that writes the permissions of the principal's access policy.
pub(in crate::check) fn set_policy(
    vault: &ResourceId,
    principal: &ObjectId,
    kind: ObjectKind,
    permissions: &[&str],
) -> Command {
    Command::new("az keyvault set-policy")
        .named(vault)
        .option("--object-id", shown(principal))
        .options(option_of(kind), permissions)
}

/// The option for permissions on a kind of object.
fn option_of(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Secret => "--secret-permissions",
        ObjectKind::Certificate => "--certificate-permissions",
        ObjectKind::Key => "--key-permissions",
    }
}

/// Lets the identity that calls do what it wants, by the model the target uses.
pub(in crate::check) fn grant_caller(ctx: &Context<'_, '_>) -> Option<Fix> {
    let store = ctx.store()?;
    let principal = ctx.diagnosis.principal.as_ref()?.principal_id.as_ref()?;
    let kind = ctx.case.path.object_kind(ctx.diagnosis.reference.as_ref());
    let (who, name, noun) = (caller(ctx), store.name(), store.noun());
    let title = match by_role(store) {
        true => format!("assign role `{}` to {who} on {noun} `{name}`", least_role(ctx).1),
        false if !ctx.case.path.needs().is_empty() => {
            let words = |(kind, all): &(ObjectKind, Vec<&str>)| format!("`{}` for {}", all.join("`, `"), kind.plural());
            let all: Vec<String> = permissions_needed(ctx).iter().map(words).collect();
            format!("add {} to the access policy of {who} on vault `{name}`", all.join(", and "))
        }
        false => format!(
            "add `{}` for {} to the access policy of {who} on vault `{name}`",
            ctx.case.path.permission(),
            kind.plural()
        ),
    };
    Some(grant(ctx, principal)?.fix(title, Safety::Review))
}

/// Whether roles decide, and not access policies, which only vaults have.
fn by_role(store: Store<'_>) -> bool {
    match store {
        Store::Vault(vault) => vault.properties.enable_rbac_authorization == Some(true),
        Store::Account(_) => true,
    }
}

/// How to see what the identity holds at the target, in the model the target uses.
pub(in crate::check) fn grants_of_caller(ctx: &Context<'_, '_>) -> Option<Confirmation> {
    let store = ctx.store()?;
    let principal = ctx.diagnosis.principal.as_ref()?.principal_id.as_ref()?;
    let by_role = by_role(store);
    let command = match by_role {
        true => Command::new("az role assignment list")
            .option("--scope", store.id())
            .and("--include-inherited")
            .option("--assignee", principal),
        false => Command::new("az keyvault show")
            .named(store.id())
            .query_for("properties.accessPolicies[?objectId=={}].permissions", &[principal.as_str()]),
    };
    Some(Confirmation {
        run_from: format!("your own shell, with permission to read the {}", store.noun()),
        command: command.line(),
        expect: match (by_role, store) {
            (_, Store::Vault(_)) if !ctx.case.path.needs().is_empty() => {
                let words =
                    |(kind, all): &(ObjectKind, Vec<&str>)| format!("`{}` for {}", all.join("`, `"), kind.plural());
                let all: Vec<String> = permissions_needed(ctx).iter().map(words).collect();
                format!("not all of {}", all.join(", and "))
            }
            (true, Store::Vault(_)) => {
                "no role with data action `getSecret` that was assigned more than ten minutes ago".to_owned()
            }
            (true, Store::Account(_)) => {
                format!("no role `{}` that was assigned more than ten minutes ago", least_role(ctx).1)
            }
            (false, _) => "no entry with `get` for this kind of object".to_owned(),
        },
    })
}
