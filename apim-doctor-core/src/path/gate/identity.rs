//! Gate 2: can the actor get a token, with which identity, for the right tenant?

use crate::base::{ObjectId, ResourceId};
use crate::finding::{Evidence, Gate};
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::first_party::FirstParty;
use crate::knowledge::subservice::Subservice;
use crate::model::app_service::Config;
use crate::model::backup::BackupRequest;
use crate::model::key_vault::Vault;
use crate::model::managed_identity::{SystemAssignedIdentity, UserAssignedIdentity};
use crate::model::{Caller, ClosedBy, Fact, Gap, Get, ManagedIdentity};
use crate::path::gate::Record;
use crate::path::reason::Reason;
use crate::path::{BackupCall, Case, Credential, Form, Principal, PrincipalKind, Reference};

/// What marks an expression or a named value in a policy.
const COMPUTED: [char; 4] = ['@', '{', '}', '('];

const SELECTS: &str = "which identity does the reference select?";
const TENANT: &str = "is the identity in the vault's tenant?";
const AUDIENCE: &str = "is the token requested for Key Vault?";

/// Finds the identity that calls. Later gates go on with the one that was meant.
pub(crate) fn identity(case: &Case<'_>, reference: Option<&Reference>, record: &mut Record) -> Option<Principal> {
    debug_assert_eq!(record.gate, Gate::Identity);
    let instance = match case.caller() {
        Fact::Known(instance) => instance,
        Fact::Unknown(gap) => {
            // The script alone says this.
            let lacks = case.path.backup.as_deref().is_some_and(|call| lacks_client_id(case, call));
            let says = "the access type is `UserAssignedManagedIdentity`, and no client id is given";
            let at = lacks.then(|| Evidence::at(says, case.path.credential_at.clone()));
            record.unknown(SELECTS, at.into_iter().collect(), gap);
            if lacks {
                record.suspect(Reason::ClientIdNotSpecified { attached: Vec::new() });
            }
            return None;
        }
        Fact::Absent(id) => {
            let gap = Gap::refused(format!("{} `{}`", case.path.caller(), id.name()), 404, &id);
            record.unknown(SELECTS, vec![], gap);
            return None;
        }
    };
    let principal = match &case.path.credential {
        Credential::SystemAssigned => system_assigned(case, &instance, record),
        Credential::ManagedIdentity { client_id } => selected(case, &instance, client_id, record),
        Credential::UserAssigned(id) => user_assigned(case, &instance, id, record),
        Credential::FirstParty(party) => first_party(case, party, record),
        Credential::AccountKey => {
            let says = match case.path.backup {
                Some(_) => "the request uses an account key, so no identity is used",
                None => "the connection string contains an account key, so no identity is used",
            };
            record.skip(SELECTS, says, &case.path.resource);
            None
        }
        Credential::Undetermined(gap) => {
            let says = "the caller's credential is not known";
            record.unknown(SELECTS, vec![Evidence::at(says, case.path.credential_at.clone())], gap.clone());
            if case.path.backup.as_deref().is_some_and(|call| lacks_client_id(case, call)) {
                let attached = instance.identity.map(|identity| attached(case, identity)).unwrap_or_default();
                record.suspect(Reason::ClientIdNotSpecified { attached });
            }
            None
        }
    };
    audience(case, record);
    if let (Some(principal), Some(reference)) = (&principal, reference) {
        tenant(case, principal, reference, record);
    }
    principal
}

/// Whether a script asks for a user-assigned identity and names none. What the service answers is only inferred.
fn lacks_client_id(case: &Case<'_>, call: &BackupCall) -> bool {
    let Some(script) = case.estate.scripts.get(&call.request) else { return false };
    let Some(request) = case.estate.get::<BackupRequest>(&call.request).known() else { return false };
    let access = request.properties.access_type.as_deref().unwrap_or_default();
    access.eq_ignore_ascii_case("UserAssignedManagedIdentity")
        && request.properties.client_id.is_none()
        && script.why("/clientId").is_none()
}

/// No client id: the system-assigned identity is used.
/// Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity>.
fn system_assigned(case: &Case<'_>, instance: &Caller<'_>, record: &mut Record) -> Option<Principal> {
    let is_taken = case.path.caller_kind().facts().has_system_assigned;
    let says = match case.path.form {
        Form::Setting => "no other identity is selected, so references use the system-assigned identity",
        Form::Identifier | Form::Storage if is_taken => "no client id is set, so the system-assigned identity is used",
        Form::Identifier | Form::Storage => {
            "no user-assigned identity is attached, and a system-assigned identity is not supported here"
        }
    };
    let absent = Evidence::at(says, case.path.credential_at.clone());
    let enabled = instance.identity.filter(|identity| is_taken && identity.is_system_assigned());
    let Some(identity) = enabled else {
        let kind = instance.identity.and_then(|i| i.r#type.as_deref()).unwrap_or("None");
        let says = format!("the {}'s identity is `{kind}`", case.path.caller());
        let attached = instance.identity.filter(|i| i.is_user_assigned()).map(|i| attached(case, i));
        let attached = attached.filter(|attached| !attached.is_empty());
        let evidence = vec![absent, Evidence::new(says, instance.id, "/identity/type")];
        // Users report that the property of this name in the configuration has no effect.
        let config = case.estate.get::<Config>(&instance.id.child("config", "web")).known();
        let misplaced = config.and_then(|config| config.properties.get("keyVaultReferenceIdentity"));
        let misplaced = misplaced.filter(|id| case.path.form == Form::Setting && id.starts_with('/'));
        if misplaced.is_some() {
            let what = "whether `keyVaultReferenceIdentity` of the configuration takes effect: it is not set on the app \
                 itself";
            let gap = Gap::undocumented(what).advise("set it on the app itself");
            record.unknown(SELECTS, evidence, gap);
            let attached = attached.unwrap_or_default().into_iter().map(|p| p.resource).collect();
            record.suspect(Reason::ReferenceIdentityNotSelected { attached });
            return None;
        }
        // A vault's reference with the identity that is there is what was meant.
        let meant = attached.as_ref().and_then(|all| <[Principal; 1]>::try_from(all.clone()).ok());
        let reason = match (case.path.form, attached) {
            (Form::Setting, Some(attached)) => {
                let attached = attached.into_iter().map(|p| p.resource).collect();
                Reason::ReferenceIdentityNotSelected { attached }
            }
            (Form::Storage, Some(attached)) if case.path.backup.is_none() => Reason::ClientIdNotSpecified { attached },
            _ => {
                record.fail(SELECTS, evidence, Reason::NotEnabled);
                return None;
            }
        };
        record.fail(SELECTS, evidence, reason);
        return meant.map(|[one]| one);
    };
    let own = system_identity(case, instance);
    let principal_id = identity.principal_id.clone().or_else(|| own.as_ref().and_then(|o| o.principal_id.clone()));
    let says = match &principal_id {
        Some(id) => format!("the system-assigned identity has principal id {id}"),
        None => "the system-assigned identity is enabled".to_owned(),
    };
    record.pass(SELECTS, vec![absent, Evidence::new(says, instance.id, "/identity/principalId")]);
    Some(Principal {
        kind: PrincipalKind::SystemAssigned,
        principal_id,
        client_id: own.as_ref().and_then(|o| o.client_id.clone()),
        tenant_id: identity.tenant_id.clone().or_else(|| own.and_then(|o| o.tenant_id)),
        resource: instance.id.clone(),
    })
}

fn system_identity(case: &Case<'_>, instance: &Caller<'_>) -> Option<SystemAssignedIdentity> {
    let id = instance.id.child("providers/Microsoft.ManagedIdentity/identities", "default");
    case.estate.get::<SystemAssignedIdentity>(&id).known().map(|r| r.properties.clone())
}

/// A client id: it must be that of an attached identity.
fn selected(case: &Case<'_>, instance: &Caller<'_>, given: &ObjectId, record: &mut Record) -> Option<Principal> {
    let none = ManagedIdentity::default();
    let identity = instance.identity.unwrap_or(&none);
    let says = Evidence::at(format!("client id {given} is selected"), case.path.credential_at.clone());
    if given.as_str().contains(COMPUTED) {
        let gap = Gap::computed("the client id that the policy computes");
        record.unknown(SELECTS, vec![says], gap);
        return None;
    }
    let attached = if identity.is_user_assigned() { attached(case, identity) } else { Vec::new() };
    if case.path.is_package() {
        return by_client_id(case, instance, given, &attached, record);
    }
    if let Some(found) = attached.iter().find(|p| p.client_id.as_ref() == Some(given)) {
        let is = format!("it belongs to attached identity `{}`", found.resource.name());
        record.pass(SELECTS, vec![says, Evidence::new(is, instance.id, "/identity/userAssignedIdentities")]);
        record.depends_on.push(found.resource.clone());
        return Some(found.clone());
    }
    let system = identity.is_system_assigned().then(|| {
        let own = system_identity(case, instance).unwrap_or_default();
        Principal {
            kind: PrincipalKind::SystemAssigned,
            principal_id: identity.principal_id.clone().or(own.principal_id),
            client_id: own.client_id,
            tenant_id: identity.tenant_id.clone().or(own.tenant_id),
            resource: instance.id.clone(),
        }
    });
    // No connection takes the resource id of an identity here, attached or not.
    if let Some(resource) = resource_of(given).filter(|_| case.path.form == Form::Storage) {
        return by_resource_id(case, instance, given, &resource, &attached, record);
    }
    let by_principal_id = attached.iter().chain(&system).find(|p| p.principal_id.as_ref() == Some(given));
    if let Some(intended) = by_principal_id {
        let is = match intended.is_system_assigned() {
            true => "the principal id of the system-assigned identity".to_owned(),
            false => format!("the principal id of identity `{}`", intended.resource.name()),
        };
        let evidence = vec![says, Evidence::new(format!("it is {is}"), instance.id, "/identity")];
        let reason = Reason::IdKindMismatch { given: given.clone(), is, intended: intended.clone() };
        record.fail(SELECTS, evidence, reason);
        return Some(intended.clone());
    }
    match system {
        // The property is documented to take it, and users report that it does not.
        Some(system) if system.client_id.as_ref() == Some(given) => {
            let gap = Gap::undocumented(match case.path.form {
                Form::Storage if case.path.backup.is_none() => {
                    "whether a connection accepts the client id of the system-assigned identity".to_owned()
                }
                Form::Storage | Form::Identifier | Form::Setting => {
                    format!(
                        "whether {} accepts the client id of its system-assigned identity here",
                        case.path.service()
                    )
                }
            })
            .advise("remove the client id: the system-assigned identity is the default");
            record.unknown(SELECTS, vec![says], gap);
            return Some(system);
        }
        Some(system) if system.client_id.is_none() => {
            let own =
                ResourceId::new(&format!("{}/providers/Microsoft.ManagedIdentity/identities/default", instance.id));
            let gap = Gap::not_collected("the client id of the system-assigned identity", &own);
            record.unknown(SELECTS, vec![says], gap);
            return None;
        }
        _ => {}
    }
    if let Some(unread) = attached.iter().find(|p| p.client_id.is_none()) {
        let what = format!("the client id of attached identity `{}`", unread.resource.name());
        record.unknown(SELECTS, vec![says], Gap::not_collected(what, &unread.resource));
        return None;
    }
    if let Some(files) = case.estate.world.deployed()
        && !files.stands_in(given.as_str())
        && let Some(named) = attached.iter().find(|one| files.only_names(&one.resource, one.client_id.as_ref()))
    {
        let what =
            format!("whether `{given}` is the client id of `{}`: the files do not make it", named.resource.name());
        record.unknown(SELECTS, vec![says], Gap::not_in_files(what));
        return None;
    }
    let elsewhere = case.estate.identity_of_client(given);
    let names: Vec<String> = attached.iter().map(|p| format!("`{}`", p.resource.name())).collect();
    let list = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let evidence = vec![
        says,
        Evidence::new(format!("attached identities: {list}"), instance.id, "/identity/userAssignedIdentities"),
    ];
    let reason = Reason::NotAssignedToHost { given: Some(given.clone()), identity: elsewhere.map(|i| i.id.clone()) };
    record.fail(SELECTS, evidence, reason);
    elsewhere.map(|i| Principal {
        kind: PrincipalKind::UserAssigned,
        principal_id: i.properties.principal_id.clone(),
        client_id: i.properties.client_id.clone(),
        tenant_id: i.properties.tenant_id.clone(),
        resource: i.id.clone(),
    })
}

/// A client id in the place of a resource id: the setting for the identity of a package takes a resource id only.
/// Source: <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> (read 2026-11-29).
fn by_client_id(
    case: &Case<'_>,
    instance: &Caller<'_>,
    given: &ObjectId,
    attached: &[Principal],
    record: &mut Record,
) -> Option<Principal> {
    let known = case.estate.identity_of_client(given).map(|i| i.id.clone());
    let found = attached.iter().find(|p| p.client_id.as_ref() == Some(given)).cloned();
    let evidence = vec![
        Evidence::at(format!("`{given}` is not a resource id"), case.path.credential_at.clone()),
        Evidence::new("the setting expects the resource id of an attached identity", instance.id, "/identity"),
    ];
    let reason = match &found {
        Some(intended) => {
            let is = format!("the client id of identity `{}`", intended.resource.name());
            Reason::IdKindMismatch { given: given.clone(), is, intended: intended.clone() }
        }
        None => Reason::NotAssignedToHost { given: Some(given.clone()), identity: known },
    };
    record.fail(SELECTS, evidence, reason);
    found
}

/// The identity whose resource id stands where a client id is expected.
fn resource_of(given: &ObjectId) -> Option<ResourceId> {
    let text = given.as_str();
    let folded = text.to_ascii_lowercase();
    let is_id = folded.contains("/providers/microsoft.managedidentity/userassignedidentities/");
    is_id.then(|| ResourceId::new(&format!("/{}", text.trim_start_matches('/'))))
}

/// A resource id in the place of a client id is documented not to be taken.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-21).
fn by_resource_id(
    case: &Case<'_>,
    instance: &Caller<'_>,
    given: &ObjectId,
    resource: &ResourceId,
    attached: &[Principal],
    record: &mut Record,
) -> Option<Principal> {
    let found = attached.iter().find(|p| p.resource == *resource).cloned();
    let is_attached = found.is_some();
    let intended = found.unwrap_or_else(|| {
        let own = case.estate.get::<UserAssignedIdentity>(resource).known().map(|i| i.properties.clone());
        let own = own.unwrap_or_default();
        Principal {
            kind: PrincipalKind::UserAssigned,
            principal_id: own.principal_id,
            client_id: own.client_id,
            tenant_id: own.tenant_id,
            resource: resource.clone(),
        }
    });
    let is = format!("the resource id of identity `{}`", resource.name());
    let evidence = vec![Evidence::at(format!("it is {is}"), case.path.credential_at.clone())];
    record.fail(SELECTS, evidence, Reason::IdKindMismatch { given: given.clone(), is, intended: intended.clone() });
    if !is_attached {
        let says = "that identity is not attached either";
        let evidence = vec![Evidence::new(says, instance.id, "/identity/userAssignedIdentities")];
        record.fail(SELECTS, evidence, Reason::NotAssignedToHost { given: None, identity: Some(resource.clone()) });
    }
    record.depends_on.push(resource.clone());
    Some(intended)
}

/// A user-assigned identity that is named by its resource id: it must be attached.
/// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).
fn user_assigned(case: &Case<'_>, app: &Caller<'_>, id: &ResourceId, record: &mut Record) -> Option<Principal> {
    let says = Evidence::at(format!("identity `{}` is selected", id.name()), case.path.credential_at.clone());
    let attached = app.identity.filter(|i| i.is_user_assigned()).map(|i| attached(case, i)).unwrap_or_default();
    if let Some(found) = attached.into_iter().find(|p| p.resource == *id) {
        let is = "it is attached".to_owned();
        record.pass(SELECTS, vec![says, Evidence::new(is, app.id, "/identity/userAssignedIdentities")]);
        record.depends_on.push(found.resource.clone());
        return Some(found);
    }
    let evidence =
        vec![says, Evidence::new("it is not attached to the app", app.id, "/identity/userAssignedIdentities")];
    record.fail(SELECTS, evidence, Reason::NotAssignedToHost { given: None, identity: Some(id.clone()) });
    let found = case.estate.get::<UserAssignedIdentity>(id).known()?;
    Some(Principal {
        kind: PrincipalKind::UserAssigned,
        principal_id: found.properties.principal_id.clone(),
        client_id: found.properties.client_id.clone(),
        tenant_id: found.properties.tenant_id.clone(),
        resource: id.clone(),
    })
}

/// An application of Microsoft's calls in its own name; its object id is another one in every tenant.
fn first_party(case: &Case<'_>, party: &FirstParty, record: &mut Record) -> Option<Principal> {
    let Some(app_id) = party.app_id(&case.estate.cloud.name) else {
        let what = format!("the application id of `{}` in {}", party.name, case.estate.cloud.name);
        let gap = Gap::undocumented(what).advise("look for the application in Microsoft Entra ID by its name");
        record.unknown(SELECTS, vec![], gap);
        return None;
    };
    let noun = case.path.caller();
    let whose = if case.path.caller_kind() == CallerKind::AppCertificate { "app" } else { noun };
    let says = format!("the caller is `{}` (application {app_id}), not the {whose}'s identity", party.name);
    let says = Evidence::at(says, case.path.declared_at.clone());
    let key = format!("{}/v1.0/serviceprincipals(appid='{app_id}')", case.estate.cloud.graph);
    let answer = case.estate.direct.get(&key).filter(|answer| answer.status == 200);
    let Some(id) = answer.and_then(|answer| answer.id.clone()) else {
        let gap = Gap::not_collected(
            format!("the object id of `{}` in the vault's tenant", party.name),
            Get::graph(&case.estate.cloud.graph, &format!("servicePrincipals(appId='{app_id}')")),
        );
        record.unknown(SELECTS, vec![says], gap);
        return None;
    };
    record.pass(SELECTS, vec![says]);
    Some(Principal {
        kind: PrincipalKind::FirstParty,
        principal_id: Some(ObjectId::new(&id)),
        client_id: Some(ObjectId::new(app_id)),
        tenant_id: case
            .estate
            .tenant_id
            .clone()
            .or_else(|| case.estate.signed_in.as_ref().and_then(|who| who.tenant_id.as_deref()).map(ObjectId::new)),
        resource: case.path.resource.clone(),
    })
}

/// The attached user-assigned identities; where the instance does not show their ids, the identities do.
fn attached(case: &Case<'_>, identity: &ManagedIdentity) -> Vec<Principal> {
    let entries = identity.user_assigned_identities.iter();
    entries
        .map(|(id, entry)| {
            let resource = ResourceId::new(id);
            let entry = entry.clone().unwrap_or_default();
            let own = case.estate.get::<UserAssignedIdentity>(&resource).known().map(|r| r.properties.clone());
            let own = own.unwrap_or_default();
            Principal {
                kind: PrincipalKind::UserAssigned,
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
    let says = Evidence::at(format!("the policy requests a token for `{audience}`"), case.path.declared_at.clone());
    if audience.eq_ignore_ascii_case(wanted) {
        record.pass(AUDIENCE, vec![says]);
    } else if audience.trim_end_matches('/').eq_ignore_ascii_case(wanted) {
        // Key Vault's page asks for no slash, and no report says that one is refused.
        // Source: <https://learn.microsoft.com/azure/key-vault/general/rest-error-codes> (read 2026-11-29).
        let what = "whether Key Vault accepts a token whose audience ends with a slash: its documentation says no";
        let gap = Gap::undocumented(what).advise(format!("use `{wanted}` without the slash"));
        record.unknown(AUDIENCE, vec![says], gap);
        record.suspect(Reason::WrongAudience { audience: audience.clone() });
    } else if audience.contains(COMPUTED) {
        record.unknown(AUDIENCE, vec![says], Gap::computed("the audience that the policy computes"));
    } else {
        record.fail(AUDIENCE, vec![says], Reason::WrongAudience { audience: audience.clone() });
    }
}

/// All callers must be in the vault's tenant.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/authentication> (read 2026-11-21).
fn tenant(case: &Case<'_>, principal: &Principal, reference: &Reference, record: &mut Record) {
    if reference.subservice != Subservice::Vault {
        return;
    }
    let [id] = case.estate.vaults_at(&reference.host) else { return };
    let Some(vault) = case.estate.get::<Vault>(id).known() else { return };
    let theirs = match &vault.properties.tenant_id {
        Some(theirs) => theirs,
        None => return record.unknown(TENANT, vec![], Gap::not_collected("the vault's tenant", id)),
    };
    // Whose directory an application of Microsoft's was looked up in decides what was found.
    if principal.kind == PrincipalKind::FirstParty && principal.tenant_id.as_ref() != Some(theirs) {
        let what = "the application's object id in the vault's tenant: it was looked up in a different tenant";
        let gap = Gap::incomplete(what, ClosedBy::Collect(case.path.resource.clone(), ""));
        return record.unknown(TENANT, vec![], gap.advise(format!("sign in to tenant {theirs}")));
    }
    let Some(own) = &principal.tenant_id else {
        let what = format!("the tenant of identity `{}`", principal.resource.name());
        return record.unknown(TENANT, vec![], Gap::not_collected(what, &principal.resource));
    };
    let evidence = vec![
        Evidence::new(["the vault trusts tenant ", theirs.as_str()].concat(), &vault.id, "/properties/tenantId"),
        Evidence::new(["the identity is in tenant ", own.as_str()].concat(), &principal.resource, "/identity/tenantId"),
    ];
    // The tenant that files are deployed to is not known until it is given.
    let is_open = |id: &ObjectId| case.estate.world.deployed().is_some_and(|files| files.stands_in(id.as_str()));
    if own == theirs {
        record.pass(TENANT, evidence);
    } else if is_open(own) || is_open(theirs) {
        let gap = Gap::not_in_files("which tenant the files are deployed to").advise("give `--tenant ID`");
        record.unknown(TENANT, evidence, gap);
    } else {
        let reason = Reason::WrongTenant { vault: theirs.clone(), identity: own.clone() };
        record.fail(TENANT, evidence, reason);
    }
}
