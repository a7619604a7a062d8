//! A Recovery Services vault: its customer-managed key, its identity, and the application that reads keys of machines.
//!
//! Sources: <https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk> and
//! <https://learn.microsoft.com/azure/backup/backup-azure-vms-encryption> (read 2026-11-21); commands:
//! <https://learn.microsoft.com/cli/azure/backup/vault> (read 2026-11-30).

use serde_json::json;

use super::{Remedies, Selected};
use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::check::remedy::{Change, by_hand, grant, trust_services};
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Code, Command, Confirmation, Edit, Fix, Purpose, Safety};
use crate::model::Resource;
use crate::model::recovery::RecoveryVault as Vault;
use crate::path::{AccessPath, Credential, Principal};

const BICEP: &str = "Microsoft.RecoveryServices/vaults";
const TERRAFORM: &str = "azurerm_recovery_services_vault";
const KEK: &str = "/properties/encryption/kekIdentity";
const KEY: &str = "/properties/encryption/keyVaultProperties/keyUri";

/// A Recovery Services vault.
pub(super) struct RecoveryVault;

impl Remedies for RecoveryVault {
    /// A machine's key is written when its disks are encrypted.
    fn set_identifier(&self, ctx: &Context<'_, '_>, identifier: &str) -> Change {
        let path = ctx.case.path;
        if !path.is_vault_encryption() {
            return Change::default();
        }
        Change::of(set_key(ctx, identifier, None), [Edit::set(&path.resource, KEY, identifier)])
            .bicep_in(BICEP, format!("encryption: {{ keyVaultProperties: {{ keyUri: {} }} }}", bicep(identifier)))
            .terraform_in(TERRAFORM, format!("encryption {{\n  key_id = {}\n}}", hcl(identifier)))
    }

    fn select(&self, ctx: &Context<'_, '_>, identity: Selected<'_>) -> Option<Change> {
        let path = ctx.case.path;
        let vault = &path.resource;
        let key = path.is_vault_encryption().then(|| path.reference.clone())?;
        let set = |leaf: &str| format!("{KEK}/{leaf}");
        Some(match identity {
            Selected::SystemAssigned => Change::of(
                set_key(ctx, &key, None),
                [
                    Edit::set(vault, set("useSystemAssignedIdentity"), true),
                    Edit::remove(vault, set("userAssignedIdentity")),
                ],
            )
            .bicep_in(BICEP, "encryption: { kekIdentity: { useSystemAssignedIdentity: true } }")
            .terraform_in(TERRAFORM, "encryption {\n  use_system_assigned_identity = true\n}"),
            Selected::UserAssigned { id, .. } => Change::of(
                set_key(ctx, &key, Some(id)),
                [
                    Edit::set(vault, set("useSystemAssignedIdentity"), false),
                    Edit::set(vault, set("userAssignedIdentity"), id.as_str()),
                ],
            )
            .bicep_in(
                BICEP,
                format!("encryption: {{ kekIdentity: {{ userAssignedIdentity: {} }} }}", bicep(id.as_str())),
            )
            .terraform_in(
                TERRAFORM,
                format!(
                    "encryption {{\n  use_system_assigned_identity = false\n  user_assigned_identity_id    = {}\n}}",
                    hcl(id.as_str())
                ),
            ),
        })
    }

    fn enable(&self, ctx: &Context<'_, '_>) -> Option<Fix> {
        let change = with_system_assigned(ctx)?;
        let title = "enable the vault's system-assigned identity, and give it access to the key";
        Some(change.fix(title, Safety::Review))
    }

    fn use_system_assigned(&self, ctx: &Context<'_, '_>) -> Option<Fix> {
        let change = with_system_assigned(ctx)?.and(self.select(ctx, Selected::SystemAssigned));
        let title = "use the vault's system-assigned identity, which the trusted-services exception covers";
        Some(change.fix(title, Safety::Review))
    }

    /// Azure Backup comes from outside of the customer's networks: only the exception helps.
    fn open_firewall(&self, ctx: &Context<'_, '_>) -> Vec<Fix> {
        let by_identity = ctx.case.path.is_vault_encryption().then(|| self.use_system_assigned(ctx)).flatten();
        let trust = ctx.vault().and_then(|vault| {
            let title =
                format!("allow trusted Microsoft services through the firewall of Key Vault `{}`", vault.name());
            Some(trust_services(vault)?.fix(title, Safety::Review))
        });
        trust.into_iter().chain(by_identity).collect()
    }

    fn attach(
        &self,
        ctx: &Context<'_, '_>,
        identity: &ResourceId,
        kind: &str,
        attached: &[&str],
        edits: [Edit; 2],
    ) -> Option<Change> {
        let az = assign(&ctx.case.path.resource).option("--user-assigned", identity);
        Some(Change::of(az, edits).identity(BICEP, TERRAFORM, kind, attached))
    }

    fn show_own_principal(&self, caller: &ResourceId) -> Command {
        show(caller).and("--query identity.principalId --output tsv")
    }

    fn own_principal_in_templates(&self, _ctx: &Context<'_, '_>) -> (String, String) {
        let terraform = "azurerm_recovery_services_vault.vault.identity[0].principal_id";
        ("recoveryVault.identity.principalId".to_owned(), terraform.to_owned())
    }

    fn show_attached(&self, ctx: &Context<'_, '_>) -> Command {
        show(&ctx.case.path.resource).and("--query identity.userAssignedIdentities")
    }

    fn shows_not_enabled(&self, ctx: &Context<'_, '_>) -> Confirmation {
        Confirmation {
            run_from: "a shell with the Azure CLI".to_owned(),
            command: show(&ctx.case.path.resource).and("--query identity.type --output tsv").line(),
            expect: "no `SystemAssigned`".to_owned(),
        }
    }

    /// The vault takes over its key when it is set again; the keys of machines are read at the next backup.
    fn fetch(&self, ctx: &Context<'_, '_>) -> Option<Command> {
        let path = ctx.case.path;
        let user = match &path.credential {
            Credential::UserAssigned(id) => Some(id),
            _ => None,
        };
        path.is_vault_encryption().then(|| set_key(ctx, &path.reference, user).purpose(Purpose::FetchAgain))
    }

    /// A vault that failed to take over its key does not try again.
    fn fetch_after_repair(&self, ctx: &Context<'_, '_>) -> Option<Command> {
        let id = ctx.case.path.resource.child("backupEncryptionConfigs", "backupResourceEncryptionConfig");
        let config = ctx.case.estate.get::<crate::model::recovery::EncryptionConfig>(&id).known()?;
        let status = config.properties.last_update_status.as_deref().unwrap_or_default();
        let has_failed = ["Failed", "PartiallyFailed"].iter().any(|bad| status.eq_ignore_ascii_case(bad));
        self.fetch(ctx).filter(|_| has_failed && ctx.gate.is_some())
    }

    fn refresh_failed(&self, _ctx: &Context<'_, '_>) -> Option<(Fix, Confirmation)> {
        None
    }

    fn resolves(&self, _ctx: &Context<'_, '_>, _expect: &str) -> Option<Confirmation> {
        None
    }

    fn connects(&self, _ctx: &Context<'_, '_>, _to: &str, _port: u16, _expect: &str) -> Option<Confirmation> {
        None
    }

    fn signs_in(&self, _ctx: &Context<'_, '_>) -> Option<Confirmation> {
        None
    }

    fn ask_azure_dns(&self, _ctx: &Context<'_, '_>, _configured: &[String]) -> Option<Change> {
        None
    }

    /// The code that the failed operation or job shows.
    fn symptom(&self, code: Code, path: &AccessPath, _principal: Option<&Principal>) -> Option<String> {
        let is_access = matches!(code.gate(), "identity" | "firewall" | "authorization" | "object");
        let shown = match path.is_vault_encryption() {
            true => "UserErrorCMKKeyVaultAuthFailure",
            false => "UserErrorKeyVaultPermissionsNotConfigured",
        };
        is_access.then(|| shown.to_owned())
    }
}

/// Writes the key of a vault, and which identity uses it.
fn set_key(ctx: &Context<'_, '_>, key: &str, user: Option<&ResourceId>) -> Command {
    let vault = &ctx.case.path.resource;
    let update = Command::new("az backup vault encryption update").named(vault).option("--encryption-key-id", key);
    match user {
        Some(id) => update.option("--mi-user-assigned", id),
        None => update.and("--mi-system-assigned"),
    }
}

fn show(vault: &ResourceId) -> Command {
    Command::new("az backup vault show").named(vault)
}

fn assign(vault: &ResourceId) -> Command {
    Command::new("az backup vault identity assign").named(vault)
}

/// Enables the system-assigned identity, gives it access to the key, and allows trusted services.
fn with_system_assigned(ctx: &Context<'_, '_>) -> Option<Change> {
    if !ctx.case.path.is_vault_encryption() {
        return None;
    }
    let vault = ctx.case.estate.get::<Vault>(&ctx.case.path.resource).known()?;
    let own = vault.identity.as_ref().filter(|identity| identity.is_system_assigned());
    let (principal, enable) = match own.and_then(|identity| identity.principal_id.clone()) {
        Some(principal) => (principal, None),
        None => (ObjectId::of_future_identity(&vault.id), Some(enable(ctx, vault))),
    };
    Some(Change::default().and(enable).and(grant(ctx, &principal)).and(ctx.vault().and_then(trust_services)))
}

/// Enables the system-assigned identity; user-assigned ones stay.
fn enable(ctx: &Context<'_, '_>, vault: &Resource<Vault>) -> Change {
    let principal = ObjectId::of_future_identity(&vault.id);
    let identity = vault.identity.as_ref();
    let known = identity.and_then(|identity| identity.tenant_id.clone());
    let tenant = known.or_else(|| ctx.vault().and_then(|vault| vault.properties.tenant_id.clone()));
    let kind = match identity.is_some_and(|identity| identity.is_user_assigned()) {
        true => "SystemAssigned, UserAssigned",
        false => "SystemAssigned",
    };
    let set = |leaf: &str, value: serde_json::Value| Edit::set(&vault.id, format!("/identity/{leaf}"), value);
    let both = [set("type", json!(kind)), set("principalId", json!(principal.as_str()))];
    let edits = both.into_iter().chain(tenant.map(|tenant| set("tenantId", json!(tenant.as_str()))));
    Change::of(assign(&vault.id).and("--system-assigned"), edits).identity(BICEP, TERRAFORM, kind, &[])
}

/// Sets the same key again, once the access works.
pub(in crate::check) fn take_over_key(ctx: &Context<'_, '_>) -> Option<Fix> {
    let path = ctx.case.path;
    let again = RecoveryVault.fetch(ctx)?;
    let edit = Edit::set(&path.resource, KEY, path.reference.as_str());
    let title = format!("set the key of `{}` again: the vault then takes it over", path.resource.name());
    Some(Change::of(again, [edit]).fix(title, Safety::Review))
}

/// Uses a key of a Key Vault in the vault's region.
pub(in crate::check) fn use_key_in(ctx: &Context<'_, '_>, region: &str) -> Fix {
    let create = Command::new("az keyvault create --name KEY_VAULT")
        .in_group(&ctx.case.path.resource)
        .option("--location", region)
        .and("--enable-purge-protection true");
    let key = Command::new("az keyvault key create --vault-name KEY_VAULT --name KEY --kty RSA --size 3072");
    let title = format!(
        "create a Key Vault with purge protection and an RSA key in `{region}`, give the vault's identity access to the key, \
         and set it"
    );
    by_hand(title, [create, key, set_key(ctx, "KEY_ID", None)])
}
