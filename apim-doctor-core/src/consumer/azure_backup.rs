//! What Azure Backup reads of Key Vaults: the customer-managed key of a Recovery Services vault, and the keys and secrets
//! of machines that Azure Disk Encryption encrypts. Disks with server-side encryption need nothing.
//!
//! Sources: <https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk>,
//! <https://learn.microsoft.com/azure/backup/backup-azure-vms-encryption> and
//! <https://learn.microsoft.com/azure/key-vault/general/rbac-migration> (read 2026-11-21).

use crate::base::ResourceId;
use crate::consumer::{Consumer, Declared};
use crate::eval::access_policy::ObjectKind;
use crate::eval::recovery;
use crate::finding::Locator;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::first_party;
use crate::knowledge::subservice::Subservice;
use crate::knowledge::trust::TrustRule;
use crate::model::compute::{EncryptionSettings, Extension, KeyReference, Machine};
use crate::model::recovery::{ProtectedItem, RecoveryVault, VaultEncryption};
use crate::model::{Estate, Fact, Gap, Resource};
use crate::path::{AccessPath, Credential, Form, Moment, Need, Origin, Reference, Wants};

/// Recovery Services vaults.
pub(super) struct AzureBackup;

impl Consumer for AzureBackup {
    fn caller(&self) -> CallerKind {
        CallerKind::RecoveryVault
    }

    fn kinds(&self) -> &'static [ConsumerKind] {
        &[ConsumerKind::AzureBackup]
    }

    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared) {
        let vault = match estate.get::<RecoveryVault>(owner) {
            Fact::Known(vault) => vault,
            Fact::Unknown(gap) => return declared.gaps.push(gap),
            Fact::Absent(_) => return,
        };
        // What is worth knowing of the vault itself and of what it protects.
        let whole = Locator::new(owner, "");
        let about = Access { label: "", reference: String::new(), at: whole, needs: Wants::Nothing };
        declared.paths.push(path(vault, about, Credential::SystemAssigned, Moment::Operation));
        if let Some(encryption) = &vault.properties.encryption {
            match key_of(vault, encryption) {
                Some(path) => declared.paths.push(path),
                None => {
                    let what = format!("which key encrypts the backups of `{}`", vault.name());
                    let gap = Gap::ambiguous(what).advise("compare `encryption.keyVaultProperties.keyUri`");
                    declared.gaps.push(gap);
                }
            }
        }
        for item in recovery::items(estate, owner).items {
            machine(estate, vault, item, declared);
        }
    }
}

/// What a path does.
struct Access<'a> {
    label: &'a str,
    reference: String,
    at: Locator,
    needs: Wants,
}

/// An access path of a vault. Azure Backup calls from outside of the customer's networks.
fn path(
    vault: &Resource<RecoveryVault>,
    Access { label, reference, at, needs }: Access<'_>,
    credential: Credential,
    moment: Moment,
) -> AccessPath {
    let trust = match credential {
        Credential::FirstParty(_) => TrustRule::AnyIdentity { contested: None },
        // With a user-assigned identity, a Key Vault that is restricted to networks is documented as not supported.
        _ => TrustRule::SystemAssigned,
    };
    AccessPath {
        consumer: ConsumerKind::AzureBackup,
        resource: vault.id.clone(),
        label: label.to_owned(),
        declared_at: at.clone(),
        moment,
        reference,
        form: Form::Identifier,
        credential,
        credential_at: match label {
            "encryption" => Locator::new(&vault.id, "/properties/encryption/kekIdentity"),
            _ => at,
        },
        audience: None,
        origin: Origin::ControlPlane,
        location: None,
        trust,
        wants: needs,
        addresses: Vec::new(),
        expiry: None,
        last: None,
        unsupported: None,
        recognized: Ok(()),
        doubt: None,
        shadow: None,
        backup: None,
    }
}

/// The customer-managed key of a vault.
fn key_of(vault: &Resource<RecoveryVault>, encryption: &VaultEncryption) -> Option<AccessPath> {
    let uri = encryption.key_vault_properties.key_uri.as_deref().map(str::trim).filter(|uri| !uri.is_empty())?;
    let parsed = Reference::parse_request(uri).ok().filter(|key| key.kind == "keys" && !key.name.is_empty())?;
    let need = |action, permission, contested| Need {
        kind: ObjectKind::Key,
        name: parsed.name.clone(),
        version: parsed.version.clone(),
        action,
        permission,
        contested,
    };
    let needs = vec![
        need("Microsoft.KeyVault/vaults/keys/read", "get", None),
        need("Microsoft.KeyVault/vaults/keys/wrap/action", "wrapKey", None),
        need("Microsoft.KeyVault/vaults/keys/unwrap/action", "unwrapKey", None),
        need("Microsoft.KeyVault/vaults/keys/read", "list", Some(LIST)),
    ];
    let at = Locator::new(&vault.id, "/properties/encryption/keyVaultProperties/keyUri");
    let access = Access { label: "encryption", reference: uri.to_owned(), at, needs: Wants::Objects(needs) };
    Some(path(vault, access, credential(vault, encryption), Moment::Rotation))
}

/// The article about the key asks for `list`; the built-in role for it does without.
const LIST: &str = "whether a Recovery Services vault needs permission `list` on keys: the documentation asks for it, and \
                    the built-in role does not contain it";

/// The identity that uses the key. The two ways to select one exclude each other.
fn credential(vault: &Resource<RecoveryVault>, encryption: &VaultEncryption) -> Credential {
    let kek = encryption.kek_identity.clone().unwrap_or_default();
    let user = kek.user_assigned_identity.filter(|id| !id.is_empty());
    let attached = vault.identity.as_ref();
    match (kek.use_system_assigned_identity, user) {
        (Some(true), None) => Credential::SystemAssigned,
        (Some(false) | None, Some(id)) => Credential::UserAssigned(ResourceId::new(&id)),
        (None, None) if attached.is_some_and(|own| own.is_system_assigned() && !own.is_user_assigned()) => {
            Credential::SystemAssigned
        }
        _ => {
            let what = format!("which identity of `{}` uses the key", vault.name());
            Credential::Undetermined(Gap::ambiguous(what).advise(
                "set `kekIdentity` to either `useSystemAssignedIdentity` or `userAssignedIdentity`, not to both",
            ))
        }
    }
}

/// The keys and secrets of a machine that is protected.
fn machine(estate: &Estate, vault: &Resource<RecoveryVault>, item: &Resource<ProtectedItem>, declared: &mut Declared) {
    let Some(id) = recovery::machine_of(item).filter(|_| !recovery::is_given_up(item)) else { return };
    let machine = match estate.get::<Machine>(id) {
        Fact::Known(machine) => machine,
        Fact::Unknown(gap) => {
            let question = format!("whether Azure Disk Encryption encrypts `{}`", id.name());
            return declared.gaps.push(gap.leaves_open(question));
        }
        Fact::Absent(_) => return,
    };
    let label = recovery::label_of(item);
    let settings: Vec<&EncryptionSettings> = machine.properties.encryption().collect();
    let mut paths: Vec<AccessPath> = Vec::new();
    for settings in &settings {
        for used in used(settings, machine, vault, label) {
            if !paths.iter().any(|known| known.reference == used.reference && known.wants == used.wants) {
                paths.push(used);
            }
        }
    }
    if settings.is_empty() {
        let extensions = estate.list::<Extension>(id, "microsoft.compute/virtualmachines/extensions");
        let ade = extensions.items.iter().find(|extension| extension.properties.encrypts());
        match (ade, extensions.not_seen) {
            (Some(extension), _) => paths.extend(by_extension(estate, extension, vault, label)),
            (None, Some(gap)) => {
                let question = format!("whether Azure Disk Encryption encrypts `{}`", id.name());
                declared.gaps.push(gap.leaves_open(question));
            }
            (None, None) => {}
        }
    }
    declared.paths.extend(paths);
}

/// The paths of one disk's settings: one for each Key Vault.
fn used(
    settings: &EncryptionSettings,
    machine: &Resource<Machine>,
    vault: &Resource<RecoveryVault>,
    label: &str,
) -> Vec<AccessPath> {
    let url = |reference: &Option<KeyReference>, of: fn(&KeyReference) -> &Option<String>| {
        reference.as_ref().and_then(|reference| of(reference).clone()).filter(|url| !url.trim().is_empty())
    };
    let secret = url(&settings.disk_encryption_key, |reference| &reference.secret_url);
    let key = url(&settings.key_encryption_key, |reference| &reference.key_url);
    let at = Locator::new(&machine.id, "/properties/storageProfile/osDisk/encryptionSettings");
    let parsed = [secret.as_deref(), key.as_deref()].map(|url| Reference::parse(url?).ok());
    let [of_secret, of_key] = &parsed;
    let one = |reference: &str, needs: Vec<Need>| {
        let access = Access { label, reference: reference.to_owned(), at: at.clone(), needs: Wants::Objects(needs) };
        path(vault, access, Credential::FirstParty(&first_party::BACKUP_SERVICE), Moment::Operation)
    };
    let secrets = of_secret.as_ref().map(secret_needs).unwrap_or_default();
    let keys = of_key.as_ref().map(key_needs).unwrap_or_default();
    let same_vault = of_secret.as_ref().zip(of_key.as_ref()).is_some_and(|(one, other)| one.host == other.host);
    match (&secret, &key) {
        (Some(secret), _) if same_vault => vec![one(secret, secrets.into_iter().chain(keys).collect())],
        (secret, key) => {
            let of_secret = secret.iter().map(|url| one(url, secrets.clone()));
            of_secret.chain(key.iter().map(|url| one(url, keys.clone()))).collect()
        }
    }
}

/// The access that the extension of Azure Disk Encryption names: the Key Vault, and perhaps the key. Which secret it
/// wrote is not known.
fn by_extension(
    estate: &Estate,
    extension: &Resource<Extension>,
    vault: &Resource<RecoveryVault>,
    label: &str,
) -> Option<AccessPath> {
    let settings = &extension.properties.settings;
    let disables = settings.encryption_operation.as_deref().is_some_and(|own| own.starts_with("Disable"));
    let key_vault = settings.key_vault_resource_id.as_ref().filter(|_| !disables)?;
    let host = estate.cloud.vault_host(key_vault.name());
    let any = Reference {
        host: host.clone(),
        subservice: Subservice::Vault,
        kind: "secrets".to_owned(),
        name: String::new(),
        version: None,
    };
    let key = settings.key_encryption_key_url.as_deref().and_then(|url| Reference::parse(url).ok());
    let key = key.filter(|key| key.host == host).as_ref().map(key_needs).unwrap_or_default();
    let needs = secret_needs(&any).into_iter().chain(key).collect();
    let at = Locator::new(&extension.id, "/properties/settings/KeyVaultResourceId");
    let access = Access { label, reference: format!("https://{host}/secrets"), at, needs: Wants::Objects(needs) };
    Some(path(vault, access, Credential::FirstParty(&first_party::BACKUP_SERVICE), Moment::Operation))
}

/// Older samples of the documentation leave `backup` on secrets out.
const BACKUP: &str = "whether Azure Backup needs permission `backup` on secrets: the documentation asks for it, and its \
                      older samples leave it out";

/// What a backup needs of the secret that unlocks a disk.
fn secret_needs(secret: &Reference) -> Vec<Need> {
    let need = |action, permission, contested| Need {
        kind: ObjectKind::Secret,
        name: secret.name.clone(),
        version: secret.version.clone(),
        action,
        permission,
        contested,
    };
    vec![
        need("Microsoft.KeyVault/vaults/secrets/getSecret/action", "get", None),
        need("Microsoft.KeyVault/vaults/secrets/readMetadata/action", "list", None),
        need("Microsoft.KeyVault/vaults/secrets/backup/action", "backup", Some(BACKUP)),
    ]
}

/// What a backup needs of the key that wraps the secret.
fn key_needs(key: &Reference) -> Vec<Need> {
    let need = |action, permission| Need {
        kind: ObjectKind::Key,
        name: key.name.clone(),
        version: key.version.clone(),
        action,
        permission,
        contested: None,
    };
    vec![
        need("Microsoft.KeyVault/vaults/keys/read", "get"),
        need("Microsoft.KeyVault/vaults/keys/read", "list"),
        need("Microsoft.KeyVault/vaults/keys/backup/action", "backup"),
    ]
}
