//! What the gates ask of a backup or a restore of API Management alone: the tier, the key, the container and the blob.
//!
//! Sources: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> and
//! <https://learn.microsoft.com/rest/api/apimanagement/api-management-service/backup> (read 2026-11-21).

use jiff::{SignedDuration, Timestamp};

use crate::base::{ResourceId, Verdict};
use crate::finding::Evidence;
use crate::knowledge::subservice::Subservice;
use crate::model::api_management::{Service, Workspace};
use crate::model::backup::{BackupRequest, Call, LIST_KEYS, Outcome};
use crate::model::form::is_share_name;
use crate::model::script::{Key, ScriptRequest};
use crate::model::storage::{BlobService, Container};
use crate::model::{ClosedBy, DirectAnswer, DirectItem, Estate, Fact, Gap, Resource};
use crate::path::gate::Record;
use crate::path::gate::backup_caller::{UNLOCKED, caller, lock_of, refusal, signer};
use crate::path::reason::{Cause, Reason};
use crate::path::{BackupCall, Case, Credential, Malformed, Target};

const TIER: &str = "does the instance's tier support backup and restore?";
const WORKSPACES: &str = "is the instance free of workspaces?";
const IDLE: &str = "is the instance idle?";
const SAME_TIER: &str = "was the backup made in the tier of the instance?";
const ACCESS: &str = "does the request say how the storage account is accessed?";
const NAME: &str = "can a container have this name?";
const SENDS: &str = "what sends the request?";
const ACCOUNT: &str = "which storage account does the request name?";
const FETCH: &str = "may the caller fetch the account key?";
const CORS: &str = "is CORS off on the Blob service?";
const CARRIES: &str = "is the account key that the request carries valid?";
const CONTAINER: &str = "does the container exist?";
const OVERWRITE: &str = "can the blob be written?";
const RESTORABLE: &str = "is the backup younger than 30 days?";

/// How long a backup can be restored.
pub(crate) const RESTORABLE_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What has to be right before anything reaches the storage account.
///
/// Whether the storage account is known: a script may compute its name.
pub(super) fn request(case: &Case<'_>, record: &mut Record) -> bool {
    let Some(call) = case.path.backup.as_deref() else { return true };
    record.depends_on.push(call.request.clone());
    let script = case.estate.scripts.get(&call.request);
    if let Some(script) = script {
        let says = format!("`{}` sends a request for a {}", script.name(), call.noun());
        record.pass(SENDS, vec![Evidence::new(says, &call.request, "")]);
    }
    if let Some(instance) = case.estate.get::<Service>(&case.path.resource).known() {
        platform(case, instance, record);
        if call.restores {
            same_tier(case, call, instance, record);
        }
    }
    if let Some(no) = &call.no_access {
        let at = vec![Evidence::at(no.says(), case.path.credential_at.clone())];
        let reason = Reason::BackupAccessTypeMissing { why: no.clone() };
        match no.is_certain() {
            true => record.fail(ACCESS, at, reason),
            false => {
                let what = format!("whether API Management accepts the request: {}", no.says());
                let gap = Gap::undocumented(what).advise("send `SystemAssignedManagedIdentity` as access type");
                record.unknown(ACCESS, at, gap);
                record.suspect(reason);
            }
        }
    }
    let open = |what: &str, pointer: &str| {
        let script = script.filter(|_| call.value(pointer).is_empty())?;
        let why = script.why(pointer).unwrap_or("the command does not say it");
        let gap = Gap::ambiguous(format!("which {what} `{}` names: {why}", script.name()));
        Some(gap.advise(format!("write the name of the {what} in the script, or give the script that sets it")))
    };
    if let Some(gap) = open("container", "/containerName") {
        record.unknown(NAME, vec![Evidence::new("the container is not literal", &call.request, "/containerName")], gap);
    } else if !can_be_container(&call.container) {
        let says = format!("`{}` is not a valid container name", call.container);
        let at = Evidence::new(says, &call.request, "/containerName");
        record.fail(NAME, vec![at], Reason::Syntax { problem: Malformed::Container(call.container.clone()) });
    }
    match script {
        Some(script) => signer(case, call, script, record),
        None => caller(case, call, record),
    }
    let Some(gap) = open("storage account", "/storageAccount") else { return true };
    let at = Evidence::new("the storage account is not literal", &call.request, "/storageAccount");
    record.unknown(ACCOUNT, vec![at], gap);
    false
}

/// Whether a container can have this name. Those of Azure's own start with `$`.
/// Source: <https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata>
/// (read 2026-11-29).
fn can_be_container(name: &str) -> bool {
    let is_plain = is_share_name(name) && !name.contains("--") && !name.starts_with('-') && !name.ends_with('-');
    is_plain || name.starts_with('$')
}

/// The tier, the workspaces, and whether another operation is running.
fn platform(case: &Case<'_>, instance: &Resource<Service>, record: &mut Record) {
    const SUPPORTED: [&str; 4] = ["Developer", "Basic", "Standard", "Premium"];
    const NOT_SUPPORTED: [&str; 4] = ["Consumption", "BasicV2", "StandardV2", "PremiumV2"];
    let is = |tier: &str, all: &[&str]| all.iter().any(|one| one.eq_ignore_ascii_case(tier));
    let tier = instance.sku.as_ref().and_then(|sku| sku.name.as_deref());
    let at = |says: String| vec![Evidence::new(says, &instance.id, "/sku/name")];
    match tier {
        Some(tier) if is(tier, &SUPPORTED) => record.pass(TIER, at(format!("the tier is `{tier}`"))),
        Some(tier) if is(tier, &NOT_SUPPORTED) => {
            let reason = Reason::BackupUnsupported { tier: Some(tier.to_owned()) };
            record.fail(TIER, at(format!("the tier is `{tier}`")), reason);
        }
        Some(tier) => {
            let gap = Gap::undocumented(format!("whether tier `{tier}` supports backup and restore"))
                .advise("use a tier that the documentation lists: Developer, Basic, Standard or Premium");
            record.unknown(TIER, at(format!("the tier is `{tier}`")), gap);
        }
        None => {
            let gap = Gap::incomplete(format!("the tier of instance `{}`", instance.name()), &instance.id);
            record.unknown(TIER, vec![], gap);
        }
    }
    let workspaces = case.estate.list::<Workspace>(&instance.id, "microsoft.apimanagement/service/workspaces");
    match (workspaces.items.first(), workspaces.not_seen) {
        (Some(one), _) => {
            let says = format!("the instance has workspace `{}`", one.name());
            let reason = Reason::BackupUnsupported { tier: None };
            record.fail(WORKSPACES, vec![Evidence::new(says, &one.id, "")], reason);
        }
        (None, Some(gap)) => record.unknown(WORKSPACES, vec![], gap),
        (None, None) => {
            let says = "the instance has no workspaces";
            record.pass(WORKSPACES, vec![Evidence::new(says, &instance.id, "")]);
        }
    }
    let state = instance.properties.provisioning_state.as_deref().unwrap_or("Succeeded");
    let at =
        vec![Evidence::new(format!("provisioningState is `{state}`"), &instance.id, "/properties/provisioningState")];
    if state.eq_ignore_ascii_case("Failed") {
        let gap = Gap::undocumented("whether an instance in state `Failed` takes the request")
            .advise("repair the last change of the instance first");
        record.unknown(IDLE, at, gap);
    } else if !state.eq_ignore_ascii_case("Succeeded") {
        let what = "whether the instance takes the request: another operation is running, and a second one ends in 409";
        record.unknown(IDLE, at, Gap::pending(what, &instance.id).advise("wait until the operation has ended"));
        record.suspect(Reason::OperationInProgress { state: state.to_owned() });
    }
}

/// A restore needs the tier in which the backup was made: that of the instance whose backup wrote the blob, or the one
/// that the answer to a restore named.
fn same_tier(case: &Case<'_>, call: &BackupCall, instance: &Resource<Service>, record: &mut Record) {
    let own = instance.sku.as_ref().and_then(|sku| sku.name.clone()).unwrap_or_default();
    let said = case.estate.observations.iter().filter(|o| o.resource.as_ref() == Some(&instance.id));
    let mut said = said.filter_map(|o| {
        let rest = o.error.split_once("Cannot restore: current SKU is '")?.1;
        let (to, rest) = rest.split_once("', backup SKU is '")?;
        Some((rest.split_once('\'')?.0.to_owned(), to.to_owned()))
    });
    let sources = sources_of(case.estate, call).into_iter().filter_map(|source| {
        let from = case.estate.get::<Service>(&source).known()?;
        Some((from.sku.as_ref()?.name.clone()?, &from.id))
    });
    let sources: Vec<(String, &ResourceId)> = sources.collect();
    if let [(from, id)] = sources.as_slice() {
        let says = format!("the backup was made of instance `{}` in tier `{from}`", id.name());
        let at = vec![Evidence::new(says, id, "/sku/name")];
        return match from.eq_ignore_ascii_case(&own) {
            true => record.pass(SAME_TIER, at),
            false => {
                let reason = Reason::RestoreTierMismatch { from: from.clone(), to: own };
                record.fail(SAME_TIER, at, reason);
            }
        };
    }
    if let (Some((from, to)), false) = (said.next_back(), case.is_repaired) {
        let says = format!("the answer to a restore says that the backup is of tier `{from}`");
        let at = vec![Evidence::new(says, &instance.id, "/sku/name")];
        if to.eq_ignore_ascii_case(&own) && !from.eq_ignore_ascii_case(&own) {
            return record.fail(SAME_TIER, at, Reason::RestoreTierMismatch { from, to: own });
        }
    }
    let what = match call.is_blob_known {
        true => format!("in which tier backup `{}` was made: no collected request of a backup has its name", call.blob),
        false => "in which tier the backup was made: the script computes its name".to_owned(),
    };
    record.unknown(SAME_TIER, vec![], Gap::at_run_time(what).advise("restore to an instance of the source's tier"));
}

/// The instances of which a collected request made the backup that a restore reads, in the order of ids.
pub(crate) fn sources_of(estate: &Estate, call: &BackupCall) -> Vec<ResourceId> {
    let requests = estate.all::<BackupRequest>().into_iter().filter(|request| is_source(request, call));
    let mut sources: Vec<ResourceId> = requests.filter_map(|request| request.id.parent()).collect();
    sources.sort();
    sources.dedup();
    sources
}

/// Whether a recorded request made the backup that a restore reads.
fn is_source(source: &Resource<BackupRequest>, call: &BackupCall) -> bool {
    if !call.is_blob_known {
        return false;
    }
    let of = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let body = &source.properties;
    source.id.resource_type().to_ascii_lowercase().ends_with("/backup")
        && of(&body.storage_account).eq_ignore_ascii_case(&call.account)
        && of(&body.container_name) == call.container
        && of(&body.backup_name) == call.blob
}

/// CORS rules on the Blob service are documented not to be supported; with a key they make the client fail, with an
/// identity backups are reported to work.
/// Source: <https://github.com/Azure/azure-powershell/issues/23411> (read 2026-11-21).
pub(super) fn cors(case: &Case<'_>, account: &ResourceId, record: &mut Record) {
    if case.path.backup.is_none() {
        return;
    }
    let by_key = case.path.credential == Credential::AccountKey;
    let id = account.child("blobServices", "default");
    match case.estate.get::<BlobService>(&id) {
        Fact::Known(service) if service.properties.cors.cors_rules.is_empty() => {
            let says = "the Blob service has no CORS rules";
            record.pass(CORS, vec![Evidence::new(says, &id, "/properties/cors/corsRules")]);
        }
        Fact::Known(service) => {
            let rules = &service.properties.cors.cors_rules;
            let methods: Vec<String> = rules.iter().map(|rule| rule.allowed_methods.join(",")).collect();
            let says = format!("the Blob service has CORS rules for {}", methods.join(" and "));
            let at = vec![Evidence::new(says, &id, "/properties/cors/corsRules")];
            let reason = Reason::BlobCorsRules { service: id.clone() };
            match by_key {
                true => record.fail(CORS, at, reason),
                false => {
                    record.pass(CORS, at);
                    record.reasons.push(Cause { verdict: Verdict::Pass, reason });
                }
            }
        }
        Fact::Unknown(gap) if by_key => record.unknown(CORS, vec![], gap),
        _ => {}
    }
}

/// Where the key comes from: who fetches it has to be allowed to; one that comes from elsewhere is not known.
pub(super) fn key(case: &Case<'_>, account: &ResourceId, record: &mut Record) {
    let Some(call) = case.path.backup.as_deref().filter(|call| call.no_access.is_none()) else { return };
    if let Some(script) = case.estate.scripts.get(&call.request).filter(|script| script.key == Key::Fetched) {
        return fetches(case, script, account, record);
    }
    let files = case.estate.world.deployed();
    if files.and_then(|files| files.senders.get(&call.request)).is_some_and(|sender| sender.key_of.is_some()) {
        let says = "the request carries a key that the files list of the storage account";
        return record.pass(CARRIES, vec![Evidence::new(says, &call.request, "/accessKey")]);
    }
    let of = |one: &&Call| one.action == LIST_KEYS && one.resource == *account;
    let calls: Vec<&Call> = case.estate.calls.iter().filter(of).collect();
    if calls.iter().any(|one| one.outcome == Outcome::Locked) {
        let says = "Resource Manager refused to list the account keys with 409 `ScopeLocked`";
        let reason = Reason::ResourceLocked { locked: account.clone(), lock: lock_of(case.estate, account) };
        return record.fail(UNLOCKED, vec![Evidence::new(says, account, "")], reason);
    }
    if let Some(refused) = calls.iter().find(|one| one.outcome == Outcome::Refused) {
        return refusal(case, refused.principal.as_ref(), LIST_KEYS, account, FETCH, record);
    }
    if calls.iter().any(|one| one.outcome == Outcome::Taken) {
        let says = "the caller fetched the account keys";
        return record.pass(FETCH, vec![Evidence::new(says, account, "")]);
    }
    let what =
        format!("whether the key that the {} carries is one of the account's: keys are not recorded", call.noun());
    let gap = Gap::not_kept(what).advise("use the instance's system-assigned identity, which needs no key");
    record.unknown(CARRIES, vec![], gap);
}

/// A script that fetches the account key when it runs. A read-only lock refuses that to everybody.
/// Source: <https://learn.microsoft.com/azure/storage/common/lock-account-resource> (read 2026-11-21).
fn fetches(case: &Case<'_>, script: &ScriptRequest, account: &ResourceId, record: &mut Record) {
    let name = script.name();
    if let Some(lock) = lock_of(case.estate, account) {
        let says = format!("`{name}` fetches the account key, which a read-only lock refuses");
        let reason = Reason::ResourceLocked { locked: account.clone(), lock: Some(lock.clone()) };
        return record.fail(UNLOCKED, vec![Evidence::new(says, &lock, "/properties/level")], reason);
    }
    let what = format!("whether the identity that runs `{name}` may fetch the account key (`{LIST_KEYS}`)");
    let gap = Gap::at_run_time(what).advise("use the instance's system-assigned identity, which needs no key");
    record.unknown(FETCH, vec![], gap);
}

/// The container and the blob.
pub(super) fn blob(case: &Case<'_>, target: &Target<'_>, record: &mut Record) {
    let Some(call) = case.path.backup.as_deref() else { return };
    let account = target.store.id();
    if call.container.is_empty() {
        return record.unknown(CONTAINER, vec![], Gap::earlier());
    }
    if !can_be_container(&call.container) {
        return record.skip(CONTAINER, "no container can have this name", account);
    }
    let id = account.child("blobServices", "default").child("containers", &call.container);
    record.depends_on.push(id.clone());
    let container = match case.estate.get::<Container>(&id) {
        Fact::Known(container) if container.properties.deleted != Some(true) => {
            record.pass(CONTAINER, vec![Evidence::new("the container was collected", &id, "")]);
            Some(container)
        }
        Fact::Unknown(gap) => {
            record.unknown(CONTAINER, vec![], gap);
            None
        }
        _ => {
            let says = format!("Resource Manager does not find container `{}`", call.container);
            let gap = Gap::undocumented("whether a backup creates a container that does not exist: the pages disagree")
                .advise("create the container before the backup");
            record.unknown(CONTAINER, vec![Evidence::new(says, &id, "")], gap);
            record.suspect(Reason::ContainerMissing { container: id.clone() });
            None
        }
    };
    match call.restores {
        true => restorable(case, call, &id, record),
        false => writable(case, call, &id, container, record),
    }
}

/// The list of the container's blobs, where the Blob service gave one.
pub(crate) fn listed<'e>(estate: &'e Estate, account: &str, container: &str) -> Option<&'e DirectAnswer> {
    let host = estate.cloud.host_of(Subservice::Blob, account);
    estate.direct.get(&format!("{host}/{container}").to_ascii_lowercase())
}

/// What lists the container's blobs.
pub(crate) fn list_of(account: &str, container: &str) -> ClosedBy {
    ClosedBy::Blobs { account: account.to_owned(), container: container.to_owned() }
}

/// When a blob was made.
pub(crate) fn made(item: &DirectItem) -> Option<Timestamp> {
    Timestamp::from_second(item.attributes?.created?).ok()
}

/// A blob that exists cannot be overwritten while a retention policy or a hold protects it.
/// Source: <https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes> (read 2026-11-21).
fn writable(
    case: &Case<'_>,
    call: &BackupCall,
    id: &ResourceId,
    container: Option<&Resource<Container>>,
    record: &mut Record,
) {
    let Some(container) = container else { return };
    let hold = container.properties.has_legal_hold == Some(true);
    let policy = container.properties.has_immutability_policy == Some(true);
    if !hold && !policy {
        let says = "the container has neither a retention policy nor a legal hold";
        return record.pass(OVERWRITE, vec![Evidence::new(says, id, "/properties/hasImmutabilityPolicy")]);
    }
    let at = if policy { "/properties/hasImmutabilityPolicy" } else { "/properties/hasLegalHold" };
    let evidence = |says: String| vec![Evidence::new(says, id, at)];
    if !call.is_blob_known {
        let what = "whether a blob of the same name exists: the script computes the name, and the container keeps its \
                    blobs unchanged";
        let gap = Gap::at_run_time(what).advise("put the time in the name, so that no two backups have the same");
        return record.unknown(OVERWRITE, evidence("the container keeps its blobs unchanged".to_owned()), gap);
    }
    let list = listed(case.estate, &call.account, &call.container);
    let exists = list.map(|list| list.items.iter().any(|blob| blob.id == call.blob));
    match (exists, list.is_some_and(|list| list.complete)) {
        (Some(true), _) => {
            let says = format!("blob `{}` exists in a container whose blobs cannot be overwritten", call.blob);
            let reason = Reason::BlobImmutable { container: id.clone(), hold: hold && !policy };
            record.fail(OVERWRITE, evidence(says), reason);
        }
        (Some(false), true) => record.pass(OVERWRITE, evidence(format!("no blob is called `{}`", call.blob))),
        _ => {
            let what = format!("whether blob `{}` exists already: the container keeps its blobs unchanged", call.blob);
            let list = list_of(&call.account, &call.container);
            record.unknown(OVERWRITE, vec![], Gap::not_collected(what, list));
        }
    }
}

/// A backup can be restored for 30 days.
fn restorable(case: &Case<'_>, call: &BackupCall, id: &ResourceId, record: &mut Record) {
    if !call.is_blob_known {
        let gap = Gap::at_run_time("which blob the script restores: it computes the name");
        return record.unknown(RESTORABLE, vec![], gap.advise("restore a blob that is younger than 30 days"));
    }
    let list = listed(case.estate, &call.account, &call.container);
    let blob = list.and_then(|list| list.items.iter().find(|blob| blob.id == call.blob));
    match blob.and_then(made) {
        Some(made) if case.as_of.duration_since(made) > RESTORABLE_FOR => {
            let says = format!("blob `{}` was made on {}", call.blob, made.strftime("%Y-%m-%d"));
            record.fail(RESTORABLE, vec![Evidence::new(says, id, "")], Reason::BackupExpired { made });
        }
        Some(made) => {
            let says = format!("blob `{}` was made on {}", call.blob, made.strftime("%Y-%m-%d"));
            record.pass(RESTORABLE, vec![Evidence::new(says, id, "")]);
        }
        None => {
            let what = format!("when blob `{}` was made", call.blob);
            let list = list_of(&call.account, &call.container);
            record.unknown(RESTORABLE, vec![], Gap::not_collected(what, list));
        }
    }
}
