//! Detects which services a text is about, so that commands of other services are not printed.

use std::borrow::Cow;

use crate::explain::detail::Extracted;
use crate::explain::family::{Family, Trait};

/// The services that a text speaks of.
pub(super) struct Services {
    vault: bool,
    storage: bool,
    api_management: bool,
    apps: bool,
    /// The data role that opens what the text is about.
    pub role: &'static str,
    /// The service tag of the target.
    pub tag: &'static str,
    /// The target is a storage account, and no vault.
    pub is_storage: bool,
}

/// Messages about the network or the machine of the caller alone: neither a vault nor an account has a part in them.
const WITHOUT_TARGET: [&str; 5] = [
    "apim.management-endpoint-unreachable",
    "apim.activation-failed",
    "backup.agent-unavailable",
    "backup.machine-state",
    "backup.snapshot-no-network",
];

impl Services {
    /// Reads them from the message, from what it names, and from the squeezed text around it.
    pub(super) fn of(family: &Family, extracted: &Extracted, seen: &[Trait], squeezed: &str) -> Self {
        let has = |marks: &[&str]| marks.iter().any(|mark| squeezed.contains(mark));
        let says = |which: Trait| seen.contains(&which);
        let kind = family.id.split('.').next().unwrap_or_default();
        let aloof = WITHOUT_TARGET.contains(&family.id);
        let vault = extracted.contains_key("vault") || kind == "key-vault" || has(&["keyvault", "akv1"]);
        let account = ["storageaccount", "azurewebjobsstorage", "blobstorage", "storagefileshare", "fileshare"];
        let api_management = kind == "apim" || says(Trait::ApiManagement);
        // API Management backs itself up to a storage account.
        let backed_up = api_management && family.id.contains("backup");
        let named = extracted.contains_key("account") || has(&account) || has(&[".core.windows"]);
        let storage = kind == "storage" || backed_up || named;
        let apps = kind == "app" || says(Trait::AppService) || says(Trait::ContentShare);
        let others = [Trait::Backup, Trait::ApplicationGateway, Trait::ContainerApps];
        let anyone = !api_management && !apps && kind != "backup" && !others.into_iter().any(says);
        let by_key = has(&["errorcmk", "vaults/keys/", "encryptionkey"]);
        Self {
            vault: extracted.contains_key("vault") || (!aloof && (vault || !storage)),
            storage: storage && !aloof,
            api_management: api_management || (anyone && !storage),
            apps: apps || anyone,
            role: match (by_key, storage && !vault) {
                (true, _) => "Key Vault Crypto Service Encryption User",
                (_, true) => "Storage Blob Data Contributor",
                _ => "Key Vault Secrets User",
            },
            tag: if storage && !vault { "Storage" } else { "AzureKeyVault" },
            is_storage: storage && !vault,
        }
    }

    /// The lines of a template that are about these services. A variable that no remaining line sets becomes a placeholder.
    pub(super) fn fitting(&self, lines: &[&'static str]) -> Vec<Cow<'static, str>> {
        const VARIABLE: &str = "\"$PRINCIPAL_ID\"";
        let fitting: Vec<&'static str> = lines.iter().copied().filter(|line| self.fits(line)).collect();
        // Remarks without a command are of no use alone.
        let commands = fitting.iter().any(|line| !line.starts_with('#') || line.contains(": az "));
        let is_set = fitting.iter().any(|line| line.starts_with("PRINCIPAL_ID="));
        let fitting = fitting.into_iter().filter(|_| commands);
        fitting
            .map(|line| match is_set {
                true => line.into(),
                false => line.replace(VARIABLE, "PRINCIPAL_ID").into(),
            })
            .collect()
    }

    /// Whether a template is about these services, or about no service in particular.
    pub(super) fn fits(&self, template: &str) -> bool {
        let has = |marks: &[&str]| marks.iter().any(|mark| template.contains(mark));
        let of_vault = has(&["{vault}", "keyvault", "KEYVAULT", "Microsoft.KeyVault", "VAULT_ID", "Key Vault"]);
        let of_storage = has(&["{account}", "az storage", "STORAGE_", "Storage Blob"]);
        let of_target = has(&["{host}", "{tag}"]);
        let of_apim = has(&["az apim", "Microsoft.ApiManagement"]);
        let of_apps = has(&["functionapp", "webapp", "Microsoft.Web/", "abfa0a7c"]);
        (!of_vault || self.vault)
            && (!of_storage || self.storage)
            && (!of_target || self.vault || self.storage)
            && (!of_apim || self.api_management)
            && (!of_apps || self.apps)
    }
}
