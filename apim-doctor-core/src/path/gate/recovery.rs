//! What the gates ask of a backup's keys and secrets, beyond what they ask of any object of a vault.
//!
//! Sources: <https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk> and
//! <https://learn.microsoft.com/azure/backup/backup-azure-vms-encryption> (read 2026-11-21).

use crate::base::{ObjectId, ResourceId, Verdict, is_same_region};
use crate::eval::access_policy::{self, ObjectKind, PolicyMatch};
use crate::eval::rbac::{self, Access, Plane, Request};
use crate::finding::Evidence;
use crate::knowledge::subservice::Subservice;
use crate::model::key_vault::{Attributes, Key, Secret, Vault};
use crate::model::recovery::EncryptionConfig;
use crate::model::{Fact, Gap, Resource};
use crate::path::gate::Record;
use crate::path::reason::{Cause, Reason};
use crate::path::{Case, Need, Reference, Target};

const WELL_FORMED: &str = "is the identifier well formed?";
const PROTECTED: &str = "does the Key Vault keep deleted keys?";
const REGION: &str = "is the Key Vault in the region of the Recovery Services vault?";
const EXISTS: &str = "do the key and the secret exist?";
const ENABLED: &str = "are they enabled?";
const KIND: &str = "is it an RSA key?";
const UPDATED: &str = "did the vault take over its key the last time?";

/// The identifier of a key or a secret.
pub(super) fn reference(case: &Case<'_>, written: Vec<Evidence>, record: &mut Record) -> Option<Reference> {
    let parsed = Reference::parse_request(&case.path.reference).ok();
    let parsed = parsed.filter(|parsed| case.path.needs().iter().any(|need| need.kind.plural() == parsed.kind));
    let Some(parsed) = parsed else {
        let what = format!("which key or secret `{}` names", case.path.label);
        let gap = Gap::ambiguous(what).advise("compare the identifier with those of the Key Vault");
        record.unknown(WELL_FORMED, written, gap);
        return None;
    };
    if parsed.host.contains(".managedhsm.") {
        let what = format!("the key of `{}`: it is in a managed HSM", case.path.label);
        record.unknown(WELL_FORMED, written, Gap::not_evaluated(what).advise("check the key's local roles in the HSM"));
        return None;
    }
    record.pass(WELL_FORMED, written);
    Some(Reference { subservice: Subservice::Vault, ..parsed })
}

/// A Key Vault of a customer-managed key keeps what is deleted, and is in the region of the vault.
pub(super) fn key_vault(case: &Case<'_>, vault: &Resource<Vault>, record: &mut Record) {
    if !case.path.is_vault_encryption() {
        return;
    }
    let own = &vault.properties;
    let at = |pointer: &'static str, says: String| vec![Evidence::new(says, &vault.id, pointer)];
    let pointer = "/properties/enablePurgeProtection";
    match (own.enable_soft_delete, own.enable_purge_protection) {
        (Some(false), _) => {
            let says = at("/properties/enableSoftDelete", "enableSoftDelete is false".to_owned());
            record.fail(PROTECTED, says, Reason::PurgeProtectionOff { soft_delete: false });
        }
        (_, Some(true)) => record.pass(PROTECTED, at(pointer, "enablePurgeProtection is true".to_owned())),
        _ if case.estate.partial.contains(&vault.id) => {
            let what = format!(
                "whether `{}` has purge protection: an older version of apim-doctor wrote the recording",
                vault.name()
            );
            record.unknown(PROTECTED, vec![], Gap::incomplete(what, &vault.id));
        }
        (_, purge) => {
            let says = match purge {
                Some(_) => "enablePurgeProtection is false",
                None => "enablePurgeProtection is absent, which means `false`",
            };
            record.fail(PROTECTED, at(pointer, says.to_owned()), Reason::PurgeProtectionOff { soft_delete: true });
        }
    }
    let home = case.caller().known().and_then(|caller| caller.location).map(str::to_owned);
    match (home, &vault.location) {
        (Some(home), Some(theirs)) if is_same_region(Some(&home), Some(theirs)) => {
            record.pass(REGION, at("/location", format!("both are in `{theirs}`")));
        }
        (Some(home), Some(theirs)) => {
            let says = format!("the Key Vault is in `{theirs}`, and the Recovery Services vault in `{home}`");
            record.fail(REGION, at("/location", says), Reason::RegionMismatch { home, theirs: theirs.clone() });
        }
        _ => {
            let what = format!("the region of `{}` or of its Key Vault", case.path.resource.name());
            record.unknown(REGION, vec![], Gap::incomplete(what, &vault.id));
        }
    }
}

/// The permissions to judge: all of them, or the first one that is missing. One that is contested leads only if no other
/// one is missing.
pub(super) fn to_judge<'n>(
    case: &'n Case<'_>,
    vault: &Resource<Vault>,
    id: &ObjectId,
) -> (Vec<&'n Need>, Option<&'static str>) {
    let by_role = vault.properties.enable_rbac_authorization == Some(true);
    let allowed = |need: &&Need| match by_role {
        true => {
            let scope = object_of(vault, need);
            let request = Request {
                principal: id,
                action: need.action,
                plane: Plane::Data,
                scope: &scope,
                as_of: Some(case.as_of),
            };
            matches!(rbac::evaluate(case.estate, &request), Access::Allowed(_))
        }
        false => {
            let answer = access_policy::evaluate(&vault.properties, id, need.kind, need.permission);
            matches!(answer, PolicyMatch::Granted(_))
        }
    };
    // A role with the actions is enough: the built-in ones are documented.
    let is_list = |need: &Need| need.permission == "list";
    let needs = || case.path.needs().iter().filter(|need| !by_role || need.contested.is_none() || !is_list(need));
    let missing: Vec<&Need> = needs().filter(|need| !allowed(need)).collect();
    let certain = missing.iter().find(|need| by_role || need.contested.is_none());
    match (certain, missing.first()) {
        (Some(need), _) => (vec![*need], None),
        (None, Some(need)) => (vec![*need], need.contested),
        (None, None) => (needs().collect(), None),
    }
}

/// What a permission is needed on.
pub(super) fn object_of(vault: &Resource<Vault>, need: &Need) -> ResourceId {
    match need.name.is_empty() {
        true => vault.id.clone(),
        false => vault.id.child(need.kind.plural(), &need.name),
    }
}

/// The key and the secret: there, enabled, and of the right kind.
pub(super) fn objects(case: &Case<'_>, target: &Target<'_>, record: &mut Record) {
    let mut seen: Vec<(ObjectKind, &str)> = Vec::new();
    for need in case.path.needs() {
        if seen.contains(&(need.kind, need.name.as_str())) {
            continue;
        }
        seen.push((need.kind, need.name.as_str()));
        object(case, target, need, record);
    }
    updated(case, record);
}

/// What Resource Manager says of one object.
fn object(case: &Case<'_>, target: &Target<'_>, need: &Need, record: &mut Record) {
    let vault = target.store.id();
    if need.name.is_empty() {
        let what = format!("which secret of Key Vault `{}` unlocks the disks of `{}`", vault.name(), case.path.label);
        let gap = Gap::incomplete(what, vault).advise("the machine's instance view names the secret of each disk");
        return record.unknown(EXISTS, vec![], gap);
    }
    let id = vault.child(need.kind.plural(), &need.name);
    record.depends_on.push(id.clone());
    let (attributes, current, kty) = match need.kind {
        ObjectKind::Key => match case.estate.get::<Key>(&id) {
            Fact::Known(key) => {
                let own = &key.properties;
                (own.attributes, own.key_uri_with_version.clone(), own.kty.clone())
            }
            fact => return unseen(case, need, &id, fact, record),
        },
        _ => match case.estate.get::<Secret>(&id) {
            Fact::Known(secret) => {
                let own = &secret.properties;
                (own.attributes, own.secret_uri_with_version.clone(), None)
            }
            fact => return unseen(case, need, &id, fact, record),
        },
    };
    let current = current.as_deref().and_then(|uri| uri.trim_end_matches('/').rsplit('/').next());
    if let (Some(version), Some(current)) = (&need.version, current)
        && !version.eq_ignore_ascii_case(current)
    {
        let what = format!("version `{version}` of `{}`: Resource Manager shows only the current version", need.name);
        let gap = Gap::outside_azure(what, crate::model::ClosedBy::Nothing)
            .advise("check the version in the Key Vault: backups fail while it is disabled");
        return record.unknown(EXISTS, vec![], gap);
    }
    record.pass(EXISTS, vec![Evidence::new(format!("Resource Manager shows `{}`", need.name), &id, "")]);
    enabled(need, &id, attributes, record);
    if let Some(kty) = kty.filter(|_| case.path.is_vault_encryption()) {
        let says = vec![Evidence::new(format!("kty is `{kty}`"), &id, "/properties/kty")];
        match kty.to_ascii_uppercase().starts_with("RSA") {
            true => record.pass(KIND, says),
            false => {
                let problem = format!("the key type is `{kty}`, and a Recovery Services vault needs an RSA key");
                record.fail(KIND, says, Reason::WrongFormat { problem });
            }
        }
    }
}

fn enabled(need: &Need, id: &ResourceId, attributes: Option<Attributes>, record: &mut Record) {
    let at = "/properties/attributes/enabled";
    match attributes.and_then(|own| own.enabled) {
        Some(true) => record.pass(ENABLED, vec![Evidence::new("attributes.enabled is true", id, at)]),
        Some(false) => {
            let says = vec![Evidence::new("attributes.enabled is false", id, at)];
            record.fail(ENABLED, says, Reason::ObjectDisabled { said_by: "Resource Manager" });
        }
        None => record.unknown(ENABLED, vec![], Gap::incomplete(format!("whether `{}` is enabled", need.name), id)),
    }
}

/// Resource Manager does not show every object of a vault.
fn unseen<T>(case: &Case<'_>, need: &Need, id: &ResourceId, fact: Fact<T>, record: &mut Record) {
    if case.estate.world.deployed().is_some() {
        return record.skip(EXISTS, "not applicable: the files do not make it", id);
    }
    let gap = match fact {
        Fact::Unknown(gap) => gap,
        _ => {
            let what =
                format!("whether `{}/{}` exists: Resource Manager does not find it", need.kind.plural(), need.name);
            Gap::outside_azure(what, crate::model::ClosedBy::Nothing).advise("look for it in the Key Vault")
        }
    };
    record.unknown(EXISTS, vec![Evidence::new("it was not collected", id, "")], gap);
}

/// How the last change of the key ended. A change that is repaired in memory is newer than that.
fn updated(case: &Case<'_>, record: &mut Record) {
    if !case.path.is_vault_encryption() || case.is_repaired {
        return;
    }
    let vault = &case.path.resource;
    // What a deployment will make of it is not known before.
    if case.estate.world.deployed().is_some_and(|files| files.deploys(vault)) {
        return;
    }
    let id = vault.child("backupEncryptionConfigs", "backupResourceEncryptionConfig");
    let config = match case.estate.get::<EncryptionConfig>(&id) {
        Fact::Known(config) => config,
        // A recording of the access alone says nothing of the vault's own state.
        Fact::Unknown(gap) if knows_configuration(case, vault) => return record.unknown(UPDATED, vec![], gap),
        Fact::Unknown(_) => return,
        // What is not deployed yet took over no key.
        Fact::Absent(_) if case.estate.world.deployed().is_some_and(|files| files.deploys(vault)) => return,
        // A vault with a key of yours has this configuration.
        Fact::Absent(_) => {
            let what = format!("how the last change of the key of `{}` ended", vault.name());
            return record.unknown(UPDATED, vec![], Gap::incomplete(what, &id));
        }
    };
    let status = config.properties.last_update_status.as_deref().unwrap_or_default();
    let says = vec![Evidence::new(format!("lastUpdateStatus is `{status}`"), &id, "/properties/lastUpdateStatus")];
    let reason = || Reason::CmkUpdateFailed { config: id.clone(), status: status.to_owned() };
    match status.to_ascii_lowercase().as_str() {
        "failed" | "partiallyfailed" => record.fail(UPDATED, says, reason()),
        "partiallysucceeded" => {
            record.pass(UPDATED, says);
            record.reasons.push(Cause { verdict: Verdict::Pass, reason: reason() });
        }
        "succeeded" | "initialized" | "firstinitialization" | "notenabled" => record.pass(UPDATED, says),
        _ => {
            let what = format!("how the last change of the key of `{}` ended", vault.name());
            record.unknown(UPDATED, says, Gap::incomplete(what, &id));
        }
    }
}

/// Whether anything of the vault's configuration was asked for.
fn knows_configuration(case: &Case<'_>, vault: &ResourceId) -> bool {
    let lists = ["backuppolicies", "backupjobs", "backupresourceguardproxies"];
    let is_listed =
        |leaf: &&str| !case.estate.answers(vault, &format!("microsoft.recoveryservices/vaults/{leaf}")).is_empty();
    let alone = [
        vault.child("backupconfig", "vaultconfig"),
        vault.child("backupEncryptionConfigs", "backupResourceEncryptionConfig"),
    ];
    let is_known = |id: &ResourceId| case.estate.refusals.contains_key(id) || case.estate.tables.place(id).is_some();
    lists.iter().any(is_listed) || alone.iter().any(is_known)
}
