//! Gate 2: can the actor get a token, with which identity, for the right tenant?

use crate::base::ObjectId;
use crate::finding::{Evidence, Gate};
use crate::model::api_management::Service;
use crate::model::key_vault::Vault;
use crate::model::managed_identity::{SystemAssignedIdentity, UserAssignedIdentity};
use crate::model::{Fact, Gap, ManagedIdentity, Resource};
use crate::path::gate::Record;
use crate::path::reason::Reason;
use crate::path::{Case, Principal, Reference};

/// What marks an expression or a named value in a policy.
const COMPUTED: [char; 4] = ['@', '{', '}', '('];

const SELECTS: &str = "which identity does the reference select?";
const TENANT: &str = "is the identity in the vault's tenant?";
const AUDIENCE: &str = "is the token asked for the vault?";

/// Finds the identity that calls. Later gates go on with the one that was meant.
pub fn identity(case: &Case<'_>, reference: Option<&Reference>, record: &mut Record) -> Option<Principal> {
    debug_assert_eq!(record.gate, Gate::Identity);
    let instance = match case.estate.get::<Service>(&case.path.resource) {
        Fact::Known(instance) => instance,
        Fact::Unknown(gap) => {
            record.unknown(SELECTS, vec![], gap);
            return None;
        }
        Fact::Absent(id) => {
            let gap = Gap::new(format!("instance `{}` does not exist", id.name()), "check the id");
            record.unknown(SELECTS, vec![], gap);
            return None;
        }
    };
    let principal = match &case.path.client_id {
        None => system_assigned(case, instance, record),
        Some(given) => selected(case, instance, given, record),
    };
    audience(case, record);
    if let (Some(principal), Some(reference)) = (&principal, reference) {
        tenant(case, principal, reference, record);
    }
    principal
}

/// No client id: the system-assigned identity is used.
/// Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity>.
fn system_assigned(case: &Case<'_>, instance: &Resource<Service>, record: &mut Record) -> Option<Principal> {
    let absent =
        Evidence::at("no client id is given, so the system-assigned identity is used", case.path.client_id_at.clone());
    let enabled = instance.identity.as_ref().filter(|identity| identity.is_system_assigned());
    let Some(identity) = enabled else {
        let kind = instance.identity.as_ref().and_then(|i| i.r#type.as_deref()).unwrap_or("None");
        let says = format!("the instance's identity is `{kind}`");
        record.fail(SELECTS, vec![absent, Evidence::new(says, &instance.id, "/identity/type")], Reason::NotEnabled);
        return None;
    };
    let own = system_identity(case, instance);
    let principal_id = identity.principal_id.clone().or_else(|| own.as_ref().and_then(|o| o.principal_id.clone()));
    let says = match &principal_id {
        Some(id) => format!("the system-assigned identity is principal {id}"),
        None => "the system-assigned identity is enabled".to_owned(),
    };
    record.pass(SELECTS, vec![absent, Evidence::new(says, &instance.id, "/identity/principalId")]);
    Some(Principal {
        system_assigned: true,
        principal_id,
        client_id: own.as_ref().and_then(|o| o.client_id.clone()),
        tenant_id: identity.tenant_id.clone().or_else(|| own.and_then(|o| o.tenant_id)),
        resource: instance.id.clone(),
    })
}

fn system_identity(case: &Case<'_>, instance: &Resource<Service>) -> Option<SystemAssignedIdentity> {
    let id = instance.id.child("providers/Microsoft.ManagedIdentity/identities", "default");
    case.estate.get::<SystemAssignedIdentity>(&id).known().map(|r| r.properties.clone())
}

/// A client id: it must be that of an attached identity.
fn selected(case: &Case<'_>, instance: &Resource<Service>, given: &ObjectId, record: &mut Record) -> Option<Principal> {
    let none = ManagedIdentity::default();
    let identity = instance.identity.as_ref().unwrap_or(&none);
    let says = Evidence::at(format!("client id {given} is selected"), case.path.client_id_at.clone());
    if given.as_str().contains(COMPUTED) {
        let gap = Gap::new("the client id that the policy computes", "look at a request trace");
        record.unknown(SELECTS, vec![says], gap);
        return None;
    }
    let attached = if identity.is_user_assigned() { attached(case, identity) } else { Vec::new() };
    if let Some(found) = attached.iter().find(|p| p.client_id.as_ref() == Some(given)) {
        let is = format!("it is attached identity `{}`", found.resource.name());
        record.pass(SELECTS, vec![says, Evidence::new(is, &instance.id, "/identity/userAssignedIdentities")]);
        record.touches.push(found.resource.clone());
        return Some(found.clone());
    }
    let system = identity.is_system_assigned().then(|| {
        let own = system_identity(case, instance).unwrap_or_default();
        Principal {
            system_assigned: true,
            principal_id: identity.principal_id.clone().or(own.principal_id),
            client_id: own.client_id,
            tenant_id: identity.tenant_id.clone().or(own.tenant_id),
            resource: instance.id.clone(),
        }
    });
    let by_principal_id = attached.iter().chain(&system).find(|p| p.principal_id.as_ref() == Some(given));
    if let Some(intended) = by_principal_id {
        let is = match intended.system_assigned {
            true => "the principal id of the system-assigned identity".to_owned(),
            false => format!("the principal id of identity `{}`", intended.resource.name()),
        };
        let evidence = vec![says, Evidence::new(format!("it is {is}"), &instance.id, "/identity")];
        let reason = Reason::IdKindMismatch { given: given.clone(), is, intended: intended.clone() };
        record.fail(SELECTS, evidence, reason);
        return Some(intended.clone());
    }
    match system {
        // The property is documented to take it, and users report that it does not.
        Some(system) if system.client_id.as_ref() == Some(given) => {
            let gap = Gap::new(
                "whether API Management takes the client id of its system-assigned identity here",
                "leave the client id out: the system-assigned identity is the default",
            );
            record.unknown(SELECTS, vec![says], gap);
            return Some(system);
        }
        Some(system) if system.client_id.is_none() => {
            let gap = Gap::not_collected(
                "the client id of the system-assigned identity",
                &format!("{}/providers/Microsoft.ManagedIdentity/identities/default", instance.id),
            );
            record.unknown(SELECTS, vec![says], gap);
            return None;
        }
        _ => {}
    }
    if let Some(unread) = attached.iter().find(|p| p.client_id.is_none()) {
        let what = format!("the client id of attached identity `{}`", unread.resource.name());
        record.unknown(SELECTS, vec![says], Gap::not_collected(&what, unread.resource.as_str()));
        return None;
    }
    let elsewhere = case.estate.identity_of_client(given);
    let names: Vec<String> = attached.iter().map(|p| format!("`{}`", p.resource.name())).collect();
    let list = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let evidence = vec![
        says,
        Evidence::new(format!("attached identities: {list}"), &instance.id, "/identity/userAssignedIdentities"),
    ];
    let reason = Reason::NotAssignedToHost { given: given.clone(), identity: elsewhere.map(|i| i.id.clone()) };
    record.fail(SELECTS, evidence, reason);
    elsewhere.map(|i| Principal {
        system_assigned: false,
        principal_id: i.properties.principal_id.clone(),
        client_id: i.properties.client_id.clone(),
        tenant_id: i.properties.tenant_id.clone(),
        resource: i.id.clone(),
    })
}

/// The attached user-assigned identities; where the instance does not show their ids, the identities do.
fn attached(case: &Case<'_>, identity: &ManagedIdentity) -> Vec<Principal> {
    let entries = identity.user_assigned_identities.iter();
    entries
        .map(|(id, entry)| {
            let resource = crate::base::ResourceId::new(id);
            let entry = entry.clone().unwrap_or_default();
            let own = case.estate.get::<UserAssignedIdentity>(&resource).known().map(|r| r.properties.clone());
            let own = own.unwrap_or_default();
            Principal {
                system_assigned: false,
                principal_id: entry.principal_id.or(own.principal_id),
                client_id: entry.client_id.or(own.client_id),
                tenant_id: own.tenant_id.or_else(|| identity.tenant_id.clone()),
                resource,
            }
        })
        .collect()
}

/// A policy names the audience of its token; the vault takes no other.
fn audience(case: &Case<'_>, record: &mut Record) {
    let Some(audience) = &case.path.audience else { return };
    let wanted = case.estate.cloud.key_vault_audience.trim_end_matches('/');
    let says = Evidence::at(format!("a token for `{audience}` is asked for"), case.path.declared_at.clone());
    if audience.trim_end_matches('/').eq_ignore_ascii_case(wanted) {
        record.pass(AUDIENCE, vec![says]);
    } else if audience.contains(COMPUTED) {
        record.unknown(
            AUDIENCE,
            vec![says],
            Gap::new("the audience that the policy computes", "look at a request trace"),
        );
    } else {
        record.fail(AUDIENCE, vec![says], Reason::WrongAudience { audience: audience.clone() });
    }
}

/// All callers must be in the vault's tenant.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/authentication> (read 2026-11-21).
fn tenant(case: &Case<'_>, principal: &Principal, reference: &Reference, record: &mut Record) {
    let [id] = case.estate.vaults_at(&reference.host) else { return };
    let Some(vault) = case.estate.get::<Vault>(id).known() else { return };
    let Some(theirs) = &vault.properties.tenant_id else { return };
    let Some(own) = &principal.tenant_id else {
        let what = format!("the tenant of identity `{}`", principal.resource.name());
        return record.unknown(TENANT, vec![], Gap::not_collected(&what, principal.resource.as_str()));
    };
    let evidence = vec![
        Evidence::new(["the vault trusts tenant ", theirs.as_str()].concat(), &vault.id, "/properties/tenantId"),
        Evidence::new(["the identity is in tenant ", own.as_str()].concat(), &principal.resource, "/identity/tenantId"),
    ];
    if own == theirs {
        record.pass(TENANT, evidence);
    } else {
        let reason = Reason::WrongTenant { vault: theirs.clone(), identity: own.clone() };
        record.fail(TENANT, evidence, reason);
    }
}
