//! Gate 7: may the principal do this, in the permission model the vault uses?

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::{ObjectId, Verdict};
use crate::eval::access_policy::{self, ObjectKind, PolicyMatch};
use crate::eval::rbac::{self, Access, Held, Plane, Request, Shortfall};
use crate::finding::{Evidence, Gate};
use crate::knowledge::subservice::Subservice;
use crate::model::app_service::Site;
use crate::model::key_vault::Vault;
use crate::model::managed_identity::UserAssignedIdentity;
use crate::model::{ClosedBy, DirectAnswer, Gap, Resource};
use crate::path::gate::{Record, backup, recovery};
use crate::path::order;
use crate::path::reason::{OtherGrant, Reason};
use crate::path::{Case, Credential, DataAccess, Principal, Reference, Target, Wants, action};

const MODEL: &str = "which permission model does the vault use?";
const GRANTED: &str = "is the identity allowed to do the operation?";
const ROLE: &str = "does the identity have the required data role?";
const CERTIFICATE: &str = "can App Service also get the certificate?";
const KEYS: &str = "does the storage account accept account keys?";

/// Looks for a grant in the model the vault uses, and for a misplaced one in the other.
pub(crate) fn authorization(
    case: &Case<'_>,
    parsed: &Reference,
    target: &Target<'_>,
    principal: &Principal,
    record: &mut Record,
) {
    debug_assert_eq!(record.gate, Gate::Authorization);
    let Some(vault) = target.vault() else { return data_role(case, parsed, target, principal, record) };
    let kind = case.path.object_kind(Some(parsed));
    let by_role = vault.properties.enable_rbac_authorization == Some(true);
    let says = match vault.properties.enable_rbac_authorization {
        Some(true) => "enableRbacAuthorization is true: the vault uses role assignments and ignores access policies",
        Some(false) => "enableRbacAuthorization is false: the vault uses access policies and ignores data roles",
        None => "enableRbacAuthorization is absent: the vault uses access policies and ignores data roles",
    };
    record.pass(MODEL, vec![Evidence::new(says, &vault.id, "/properties/enableRbacAuthorization")]);
    if let Wants::Request(Err(gap)) = &case.path.wants {
        return record.unknown(GRANTED, vec![], gap.clone());
    }
    let Some(id) = &principal.principal_id else {
        let what = format!("the principal id of identity `{}`", principal.resource.name());
        return record.unknown(GRANTED, vec![], Gap::not_collected(what, &principal.resource));
    };
    if let Wants::Objects(_) = &case.path.wants {
        return permissions(case, target, vault, principal, id, record);
    }
    let object = match parsed.name.is_empty() {
        true => vault.id.clone(),
        false => vault.id.child(&parsed.kind, &parsed.name),
    };
    let permission = case.path.permission();
    let request = Request {
        principal: id,
        action: case.path.action(Some(parsed)),
        plane: Plane::Data,
        scope: &object,
        as_of: Some(case.as_of),
    };
    if by_role {
        roles(case, target, principal, &request, (kind, permission), record);
        listing(case, &request, record);
    } else {
        policies(case, vault, principal, &request, (kind, permission), record);
    }
    if case.path.wants == Wants::CertificateWithKey
        && matches!(case.path.credential, Credential::FirstParty(_))
        && record.verdict() == Verdict::Pass
    {
        certificate_get(case, vault, id, record);
    }
}

/// Judges each permission that is needed.
fn permissions(
    case: &Case<'_>,
    target: &Target<'_>,
    vault: &Resource<Vault>,
    principal: &Principal,
    id: &ObjectId,
    record: &mut Record,
) {
    let (needs, contested) = recovery::to_judge(case, vault, id);
    let by_role = vault.properties.enable_rbac_authorization == Some(true);
    for need in needs {
        if let Some(what) = contested {
            let permission = format!("`{}` on {}", need.permission, need.kind.plural());
            let says = format!("no access policy gives {id} the permission {permission}");
            let gap = Gap::undocumented(what).advise(format!("add permission {permission} to the access policy"));
            let at = vec![Evidence::new(says, &vault.id, "/properties/accessPolicies")];
            record.unknown(GRANTED, at, gap);
            continue;
        }
        let scope = recovery::object_of(vault, need);
        let request =
            Request { principal: id, action: need.action, plane: Plane::Data, scope: &scope, as_of: Some(case.as_of) };
        match by_role {
            true => roles(case, target, principal, &request, (need.kind, need.permission), record),
            false => policies(case, vault, principal, &request, (need.kind, need.permission), record),
        }
    }
}

/// Doubts a grant to list secrets or versions: the roles name `readMetadata` for it, but no page says that it is enough.
/// An identity that may also read the secrets can list them.
/// Source: <https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret-versions/get-secret-versions> (read
/// 2026-11-29), which names the permission of access policies only.
fn listing(case: &Case<'_>, request: &Request<'_>, record: &mut Record) {
    let is_list = request.action == "Microsoft.KeyVault/vaults/secrets/readMetadata/action";
    if !is_list || record.verdict() != Verdict::Pass {
        return;
    }
    let reads = Request { action: action(ObjectKind::Secret), ..*request };
    if !matches!(rbac::evaluate(case.estate, &reads), Access::Allowed(_)) {
        let what = "whether data action `readMetadata` is enough to list secrets or versions";
        record.unknown(GRANTED, vec![], Gap::undocumented(what).advise("assign Key Vault Secrets User"));
    }
}

/// Warns if App Service may get the secret but not the certificate. Both are documented; the secret alone was reported to
/// be enough, so this is not a certain failure.
/// Source: <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> (read 2026-11-29).
fn certificate_get(case: &Case<'_>, vault: &Resource<Vault>, id: &ObjectId, record: &mut Record) {
    let kind = ObjectKind::Certificate;
    let (has_it, at) = match vault.properties.enable_rbac_authorization {
        Some(true) => {
            // A grant at the certificate alone is not looked for: this only warns.
            let scope = &vault.id;
            let request =
                Request { principal: id, action: action(kind), plane: Plane::Data, scope, as_of: Some(case.as_of) };
            (!matches!(rbac::evaluate(case.estate, &request), Access::NotGranted(_)), "")
        }
        _ => {
            let answer = access_policy::evaluate(&vault.properties, id, kind, "get");
            (matches!(answer, PolicyMatch::Granted(_)), "/properties/accessPolicies")
        }
    };
    if !has_it {
        let says = "`Microsoft Azure App Service` can get the secret, but not the certificate";
        record.pass(CERTIFICATE, vec![Evidence::new(says, &vault.id, at)]);
        record.suspect(Reason::CertificateGetMissing);
    }
}

/// A storage account knows data roles and keys.
/// Source: <https://learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory> (read 2026-11-22).
fn data_role(case: &Case<'_>, parsed: &Reference, target: &Target<'_>, principal: &Principal, record: &mut Record) {
    let Some(id) = &principal.principal_id else {
        let what = format!("the principal id of identity `{}`", principal.resource.name());
        return record.unknown(ROLE, vec![], Gap::not_collected(what, &principal.resource));
    };
    if case.path.backup.is_some() {
        return backup_role(case, parsed, target, principal, id, record);
    }
    // A package is read from its container, so a grant there is enough. The host makes containers of its own.
    let account = target.store.id();
    let is_blob = target.subservice == Subservice::Blob;
    let reads = matches!(case.path.wants, Wants::Data { access: DataAccess::Read, .. });
    let scope = match is_blob && reads && !parsed.name.is_empty() {
        true => account.child("blobServices", "default").child("containers", &parsed.name),
        false => account.clone(),
    };
    let action = case.path.action(Some(parsed));
    let request = Request { principal: id, action, plane: Plane::Data, scope: &scope, as_of: Some(case.as_of) };
    roles(case, target, principal, &request, (ObjectKind::Secret, case.path.permission()), record);
    // To read a package is enough for one at a URL.
    // Source: <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> (read
    // 2026-11-29).
    if !is_blob || case.path.is_package() || record.verdict() != Verdict::Pass {
        return;
    }
    let (role, action, what) = match reads {
        true => (
            "Storage Blob Data Contributor",
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
            "whether deploying a package works with less than the documented role, Storage Blob Data Contributor",
        ),
        // Only the owner's role has this action.
        false => (
            "Storage Blob Data Owner",
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/runAsSuperUser/action",
            "whether the host works with less than the documented role, Storage Blob Data Owner",
        ),
    };
    if !matches!(rbac::evaluate(case.estate, &Request { action, ..request }), Access::Allowed(_)) {
        let at = if reads { "on the container" } else { "on the storage account" };
        record.unknown(ROLE, vec![], Gap::undocumented(what).advise(format!("assign {role} {at}")));
    }
}

/// The instance's identity writes, reads and deletes blobs in the container.
/// Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> (read
/// 2026-11-21), which names Storage Blob Data Contributor.
fn backup_role(
    case: &Case<'_>,
    parsed: &Reference,
    target: &Target<'_>,
    principal: &Principal,
    id: &ObjectId,
    record: &mut Record,
) {
    let container = case.path.backup.as_deref().map_or(parsed.name.as_str(), |call| call.container.as_str());
    let container = target.store.id().child("blobServices", "default").child("containers", container);
    let request =
        |action| Request { principal: id, action, plane: Plane::Data, scope: &container, as_of: Some(case.as_of) };
    let allowed = |action: &&&'static str| matches!(rbac::evaluate(case.estate, &request(action)), Access::Allowed(_));
    // The first action that is not allowed leads; they are mostly in one role.
    let action = BACKUP_ACTIONS.iter().find(|action| !allowed(action)).copied();
    let action = action.unwrap_or_else(|| case.path.action(Some(parsed)));
    roles(case, target, principal, &request(action), (ObjectKind::Secret, case.path.permission()), record);
}

/// What the documented role allows, of which a page names no part that would be enough.
const BACKUP_ACTIONS: [&str; 4] = [
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
];

/// A request that is signed with a key of the account is allowed everything, where keys are accepted at all.
/// Source: <https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent> (read 2026-11-22).
pub(crate) fn account_key(case: &Case<'_>, target: &Target<'_>, record: &mut Record) {
    debug_assert_eq!(record.gate, Gate::Authorization);
    let at = "/properties/allowSharedKeyAccess";
    let Some(account) = target.account() else {
        return record.unknown(
            KEYS,
            vec![],
            Gap::ambiguous("which storage account the key belongs to").advise("check the connection string"),
        );
    };
    match account.properties.allow_shared_key_access {
        Some(false) => {
            let says = Evidence::new("allowSharedKeyAccess is false", &account.id, at);
            let reason = match case.path.backup {
                Some(_) => Reason::BackupUsesAccountKey,
                None => Reason::SharedKeyDisabled,
            };
            record.fail(KEYS, vec![says], reason);
        }
        Some(true) => record.pass(KEYS, vec![Evidence::new("allowSharedKeyAccess is true", &account.id, at)]),
        None => {
            let says = "allowSharedKeyAccess is absent, so account keys are accepted";
            record.pass(KEYS, vec![Evidence::new(says, &account.id, at)]);
        }
    }
    backup::key(case, &account.id, record);
}

fn held(held: &Held) -> Evidence {
    let says = ["role `", &held.role, "` at `", held.scope.as_str(), "`"].concat();
    Evidence::new(says, &held.assignment, "/properties/roleDefinitionId")
}

fn roles(
    case: &Case<'_>,
    target: &Target<'_>,
    principal: &Principal,
    request: &Request<'_>,
    (kind, permission): (ObjectKind, &'static str),
    record: &mut Record,
) {
    let vault = target.store.id();
    let question = if target.vault().is_some() { GRANTED } else { ROLE };
    match rbac::evaluate(case.estate, request) {
        Access::Allowed(by) => {
            record.pass(question, vec![held(&by)]);
            order::awaits(case, &by, record);
        }
        Access::TooYoung { held: by, wait } => {
            let gap = Gap::pending(
                format!("whether role `{}`, assigned less than {} ago, is effective yet", by.role, wait.words()),
                ClosedBy::Collect(case.path.resource.clone(), ""),
            )
            .advise(format!("wait {}", wait.words()));
            record.unknown(question, vec![held(&by)], gap);
            record.suspect(Reason::PropagationDelay { held: by, wait });
        }
        Access::DeniedBy { id, name } => {
            let says = format!("deny assignment `{name}` applies");
            record.fail(
                question,
                vec![Evidence::new(says, &id, "/properties/permissions")],
                Reason::Denied { id, name },
            );
        }
        Access::Unknown { gaps, groups } => {
            let mut gaps = gaps.into_iter();
            let first = gaps.next().unwrap_or_else(|| Gap::not_collected("the list of role assignments", vault));
            record.unknown(question, groups.iter().map(held).collect(), first);
            record.gaps.extend(gaps);
            if let Some(by) = groups.into_iter().next() {
                record.suspect(Reason::GroupGrantNotEffective { held: by });
            }
        }
        Access::NotGranted(short) => {
            let mut evidence = vec![Evidence::new(
                match target.vault() {
                    Some(_) if !case.path.needs().is_empty() => {
                        let (who, action) = (request.principal, request.action);
                        format!("no role assignment at or above the object allows {who} to do `{action}`")
                    }
                    Some(_) => {
                        format!("no role assignment at or above the object allows {} to read it", request.principal)
                    }
                    None => format!(
                        "no role assignment at or above the storage account allows {} to use it",
                        request.principal
                    ),
                },
                vault,
                "",
            )];
            evidence.extend(short.iter().map(|(by, _)| held(by)));
            let policies =
                target.vault().map(|v| access_policy::evaluate(&v.properties, request.principal, kind, permission));
            let entry = match policies {
                Some(PolicyMatch::Granted(at)) => Some(at),
                _ => None,
            };
            let reason = not_granted(case, principal, request, entry, short);
            let reason = of_first_party(case, reason);
            record.fail(question, evidence, reason);
        }
    }
}

/// What is closest to a grant leads.
fn not_granted(
    case: &Case<'_>,
    principal: &Principal,
    request: &Request<'_>,
    entry: Option<usize>,
    short: Vec<(Held, Shortfall)>,
) -> Reason {
    if let Some(entry) = entry {
        return Reason::RbacModeIgnoresAccessPolicies { entry };
    }
    let pick = |wanted: fn(&Shortfall) -> bool| short.iter().find(|(_, why)| wanted(why)).map(|(by, _)| by.clone());
    if let Some(held) = pick(|why| *why == Shortfall::DefinitionMissing) {
        return Reason::RoleDefinitionMissing { held };
    }
    if let Some((by, Shortfall::Condition(text))) = short.iter().find(|(_, why)| matches!(why, Shortfall::Condition(_)))
    {
        return Reason::ConditionNotMet { held: by.clone(), condition: text.clone() };
    }
    if let Some(held) = pick(|why| *why == Shortfall::LacksAction) {
        return Reason::RoleLacksAction { held };
    }
    if let Some(held) = pick(|why| *why == Shortfall::ManagementOnly) {
        return Reason::ControlPlaneRoleOnly { held };
    }
    if let Some(held) = pick(|why| *why == Shortfall::Elsewhere) {
        return Reason::ScopeDoesNotCover { held };
    }
    let of_caller = related(case, principal);
    let ids: Vec<ObjectId> = of_caller.iter().map(|(id, _)| id.clone()).collect();
    let mut others = rbac::granted_to(case.estate, request, &ids);
    if others.is_empty() {
        let gone = gone(case, principal);
        others = rbac::granted_to_first(case.estate, request, "gone", &gone);
    }
    let others =
        others.into_iter().map(|(granted, by)| (granted, (by.assignment, "/properties/principalId".to_owned())));
    other_grant(case, principal, &of_caller, others).unwrap_or(Reason::NoGrant)
}

/// What calls is an application of Microsoft's, which people do not expect.
fn of_first_party(case: &Case<'_>, reason: Reason) -> Reason {
    match (&case.path.credential, reason) {
        (Credential::FirstParty(party), Reason::NoGrant) => Reason::FirstPartyPrincipalNotGranted { name: party.name },
        (_, reason) => reason,
    }
}

/// A grant that names something of the caller's that is not its object id, or an identity that is gone.
fn other_grant(
    case: &Case<'_>,
    principal: &Principal,
    of_caller: &[(ObjectId, String)],
    others: impl Iterator<Item = (ObjectId, (crate::base::ResourceId, String))>,
) -> Option<Reason> {
    let all_gone = gone(case, principal);
    let mut gone = None;
    for (granted, at) in others {
        if let Some((_, is)) = of_caller.iter().find(|(id, _)| *id == granted) {
            return Some(Reason::WrongPrincipalGranted { grant: OtherGrant { granted, is: is.clone(), at } });
        }
        if gone.is_none() && all_gone.contains(&granted.as_str().to_ascii_lowercase()) {
            let is = "an identity that no longer exists".to_owned();
            gone = Some(Reason::Replaced { gone: OtherGrant { granted, is, at } });
        }
    }
    gone
}

/// Ids (lower case) that do not exist according to Microsoft Graph.
fn gone(case: &Case<'_>, principal: &Principal) -> Arc<BTreeSet<String>> {
    let estate = case.estate;
    if is_foreign(case, principal) {
        return Arc::default();
    }
    estate.memo.answer("ids that no longer exist".to_owned(), || {
        let objects = format!("{}/v1.0/directoryobjects/", estate.cloud.graph);
        let asked = estate.direct.iter().filter_map(|(key, answer)| Some((key.strip_prefix(&objects)?, answer)));
        asked.filter(|(_, answer)| is_unknown_object(answer)).map(|(id, _)| id.to_owned()).collect()
    })
}

/// What Microsoft Graph answered when it was asked for an object.
fn in_directory<'e>(case: &Case<'e>, id: &ObjectId) -> Option<&'e DirectAnswer> {
    let id = id.as_str().to_ascii_lowercase();
    case.estate.direct.get(&format!("{}/v1.0/directoryobjects/{id}", case.estate.cloud.graph))
}

/// Whether an answer of Microsoft Graph says that no object has this id. A tenant's directory does not know the
/// objects of other tenants.
fn is_gone(case: &Case<'_>, principal: &Principal, answer: &DirectAnswer) -> bool {
    is_unknown_object(answer) && !is_foreign(case, principal)
}

/// Whether Microsoft Graph was asked in another tenant than the caller's.
fn is_foreign(case: &Case<'_>, principal: &Principal) -> bool {
    let asked = case.estate.signed_in.as_ref().and_then(|who| who.tenant_id.as_deref()).map(ObjectId::new);
    asked.is_some() && principal.tenant_id.is_some() && asked != principal.tenant_id
}

/// Source: <https://learn.microsoft.com/graph/errors> (read 2026-11-22), and recorded answers for the code.
fn is_unknown_object(answer: &DirectAnswer) -> bool {
    let of_the_object = answer.code.as_deref().is_none_or(|code| code == "Request_ResourceNotFound");
    answer.status == 404 && of_the_object
}

/// Ids of the caller other than its object id, and the kind of each. Of two, the first counts.
fn related(case: &Case<'_>, principal: &Principal) -> Vec<(ObjectId, String)> {
    let estate = case.estate;
    let mut all = Vec::new();
    let mut add = |id: Option<&ObjectId>, is: String| all.extend(id.map(|id| (id.clone(), is)));
    add(principal.client_id.as_ref(), "the client id of the identity, not its object id".to_owned());
    let Some(caller) = case.caller().known() else { return all };
    let noun = case.path.caller();
    slots(case, &mut add);
    let Some(identity) = caller.identity else { return all };
    let own = format!("the system-assigned identity of the {noun}, which this reference does not use");
    add(identity.principal_id.as_ref(), own);
    for (resource, entry) in &identity.user_assigned_identities {
        let resource = crate::base::ResourceId::new(resource);
        let own = estate.get::<UserAssignedIdentity>(&resource).known().map(|r| &r.properties);
        let entry = entry.as_ref();
        let principal_id = entry.and_then(|e| e.principal_id.as_ref()).or(own.and_then(|o| o.principal_id.as_ref()));
        let client_id = entry.and_then(|e| e.client_id.as_ref()).or(own.and_then(|o| o.client_id.as_ref()));
        add(principal_id, format!("identity `{}`, which this reference does not use", resource.name()));
        add(client_id, format!("the client id of identity `{}`", resource.name()));
    }
    all
}

/// An app and its slots have identities of their own, and a grant easily names the other one.
fn slots(case: &Case<'_>, add: &mut impl FnMut(Option<&ObjectId>, String)) {
    let Some(app) = case.path.resource.within("Microsoft.Web/sites") else { return };
    let siblings = case.estate.index.sites_of.get(&app).into_iter().flatten().filter(|s| **s != case.path.resource);
    for sibling in siblings.filter_map(|id| case.estate.get::<Site>(id).known()) {
        let is = match sibling.id == app {
            true => format!("the identity of app `{}`, not of its slot", app.name()),
            false => format!("the identity of slot `{}`, not of the app", sibling.name()),
        };
        add(sibling.identity.as_ref().and_then(|identity| identity.principal_id.as_ref()), is);
    }
}

fn policies(
    case: &Case<'_>,
    vault: &Resource<Vault>,
    principal: &Principal,
    request: &Request<'_>,
    (kind, permission): (ObjectKind, &'static str),
    record: &mut Record,
) {
    let entry = |at: usize, says: String| Evidence::new(says, &vault.id, format!("/properties/accessPolicies/{at}"));
    let id = request.principal;
    match access_policy::evaluate(&vault.properties, id, kind, permission) {
        PolicyMatch::Granted(at) => {
            record.pass(GRANTED, vec![entry(at, format!("an access policy gives {id} the permission `{permission}`"))]);
        }
        PolicyMatch::LacksGet(at) => {
            let says = format!("the access policy of {id} does not contain `{permission}` for this kind of object");
            let reason = match case.path.needs().is_empty() {
                true => Reason::PolicyLacksGet { entry: at },
                false => Reason::PolicyLacks { entry: at, kind, permission },
            };
            record.fail(GRANTED, vec![entry(at, says)], reason);
        }
        PolicyMatch::OnlyThroughApplication(at) => {
            let says = format!("the access policy of {id} applies only together with an application");
            let grant = OtherGrant {
                granted: id.clone(),
                is: "the identity together with an application: a managed identity never matches it".to_owned(),
                at: (vault.id.clone(), format!("/properties/accessPolicies/{at}")),
            };
            record.fail(GRANTED, vec![entry(at, says)], Reason::WrongPrincipalGranted { grant });
        }
        PolicyMatch::NotNamed => {
            let evidence =
                vec![Evidence::new(format!("no access policy is for {id}"), &vault.id, "/properties/accessPolicies")];
            if let Some(gap) = group_entry(case, principal, vault, (kind, permission)) {
                return record.unknown(GRANTED, evidence, gap);
            }
            let ignored = rbac::evaluate(case.estate, &Request { as_of: None, ..*request });
            if let Access::Allowed(by) = ignored {
                let evidence = evidence.into_iter().chain([held(&by)]).collect();
                return record.fail(GRANTED, evidence, Reason::PolicyModeIgnoresRoles { held: by });
            }
            let others = vault.properties.access_policies.iter().enumerate();
            let others = others.filter(|(_, e)| access_policy::grants(e, kind, permission)).filter_map(|(at, e)| {
                let at = (vault.id.clone(), format!("/properties/accessPolicies/{at}/objectId"));
                Some((e.object_id.clone()?, at))
            });
            let reason = other_grant(case, principal, &related(case, principal), others).unwrap_or(Reason::NoGrant);
            let reason = of_first_party(case, reason);
            record.fail(GRANTED, evidence, reason);
        }
    }
}

/// An entry for a group, or for an object whose type the directory did not answer: its members cannot be read from
/// here.
fn group_entry(
    case: &Case<'_>,
    principal: &Principal,
    vault: &Resource<Vault>,
    (kind, permission): (ObjectKind, &str),
) -> Option<Gap> {
    let estate = case.estate;
    let group = |id: &ObjectId| format!("{}/v1.0/groups/{}", estate.cloud.graph, id.as_str().to_ascii_lowercase());
    // Most entries were not looked up at all, for any caller.
    let look_up = || -> Vec<ObjectId> {
        let entries = vault.properties.access_policies.iter().filter(|e| access_policy::grants(e, kind, permission));
        let known = |id: &&ObjectId| in_directory(case, id).is_some() || estate.direct.contains_key(&group(id));
        entries.filter_map(|e| e.object_id.as_ref()).filter(known).cloned().collect()
    };
    let looked_up = match estate.patched.contains_key(&vault.id) {
        true => Arc::new(look_up()),
        false => estate.memo.answer(format!("looked up {kind:?} {permission} {}", vault.id), look_up),
    };
    // An object that belongs to the caller is not a group.
    let of_caller = related(case, principal);
    let mut others = looked_up.iter().filter(|id| !of_caller.iter().any(|(own, _)| own == *id));
    let groups = others.find(|id| {
        let may_be = in_directory(case, id).is_some_and(|answer| match answer.status {
            200 => answer.is_group,
            _ => !is_gone(case, principal, answer),
        });
        may_be || estate.direct.get(&group(id)).is_some_and(|answer| answer.status == 200)
    });
    groups.map(|id| {
        let what = format!("whether the identity is a member of group `{id}`, which an access policy names");
        Gap::outside_azure(what, ClosedBy::Nothing).advise("add an access policy for the identity itself")
    })
}
