//! The pages that codes cite: each address once, with the day on which it was last read.

use crate::finding::source::WebPage;
use crate::knowledge::caller_kind::CallerKind;

/// A page, and the callers that it speaks of.
#[derive(Clone, Copy)]
pub(super) struct Citation {
    pub source: WebPage,
    /// Empty: the page holds for every caller.
    pub callers: &'static [CallerKind],
}

const INSTANCES: &[CallerKind] = &[CallerKind::ApiManagement];
const APPS: &[CallerKind] = &[CallerKind::App];
const BACKUPS: &[CallerKind] = &[CallerKind::Backup];
const RECOVERY_VAULTS: &[CallerKind] = &[CallerKind::RecoveryVault];
const CERTIFICATES: &[CallerKind] = &[CallerKind::AppCertificate];

/// A page that holds for every caller.
const fn every(url: &'static str, read_on: &'static str) -> Citation {
    of(&[], url, read_on)
}

/// A page that speaks of some callers only.
const fn of(callers: &'static [CallerKind], url: &'static str, read_on: &'static str) -> Citation {
    Citation { source: WebPage { url, read_on }, callers }
}

pub(super) const APIM_BACKUP: Citation = of(
    BACKUPS,
    "https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore",
    "2026-11-21",
);
pub(super) const APIM_CUSTOM_DOMAIN: Citation =
    of(INSTANCES, "https://learn.microsoft.com/azure/api-management/configure-custom-domain", "2026-11-21");
pub(super) const APIM_IDENTITY: Citation = of(
    INSTANCES,
    "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
    "2026-11-21",
);
pub(super) const APIM_IDENTITY_POLICY: Citation = of(
    INSTANCES,
    "https://learn.microsoft.com/azure/api-management/authentication-managed-identity-policy",
    "2026-11-21",
);
pub(super) const APIM_INJECTION: Citation =
    of(INSTANCES, "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources", "2026-11-21");
pub(super) const APIM_NAMED_VALUES: Citation =
    of(INSTANCES, "https://learn.microsoft.com/azure/api-management/api-management-howto-properties", "2026-11-21");
pub(super) const APIM_NAMED_VALUE_TEMPLATE: Citation = of(
    INSTANCES,
    "https://learn.microsoft.com/azure/templates/microsoft.apimanagement/service/namedvalues",
    "2026-11-21",
);
pub(super) const APIM_NETWORK: Citation =
    of(INSTANCES, "https://learn.microsoft.com/azure/api-management/virtual-network-reference", "2026-11-21");
pub(super) const APIM_TRUST_RETIREMENT: Citation = of(
    INSTANCES,
    "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026",
    "2026-11-21",
);
pub(super) const APIOPS_257: Citation = of(INSTANCES, "https://github.com/Azure/apiops/issues/257", "2026-11-21");
pub(super) const APP_CERTIFICATES: Citation =
    of(CERTIFICATES, "https://learn.microsoft.com/azure/app-service/configure-ssl-certificate", "2026-11-29");
pub(super) const APP_CERTIFICATE_BLOG: Citation = of(
    CERTIFICATES,
    "https://azure.github.io/AppService/2016/05/24/Deploying-Azure-Web-App-Certificate-through-Key-Vault.html",
    "2026-11-29",
);
pub(super) const APP_IDENTITY: Citation =
    of(APPS, "https://learn.microsoft.com/azure/app-service/overview-managed-identity", "2026-11-22");
pub(super) const APP_INTEGRATION: Citation =
    of(APPS, "https://learn.microsoft.com/azure/app-service/overview-vnet-integration", "2026-11-22");
pub(super) const APP_NAME_RESOLUTION: Citation =
    of(APPS, "https://learn.microsoft.com/azure/app-service/overview-name-resolution", "2026-11-22");
pub(super) const APP_REFERENCES: Citation =
    of(APPS, "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references", "2026-11-22");
pub(super) const APP_REFERENCE_STATUS: Citation =
    of(APPS, "https://learn.microsoft.com/javascript/api/@azure/arm-appservice/resolvestatus", "2026-11-22");
pub(super) const APP_ROUTING: Citation =
    of(APPS, "https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing", "2026-11-22");
pub(super) const APP_SLOTS: Citation =
    of(APPS, "https://learn.microsoft.com/azure/app-service/deploy-staging-slots", "2026-11-22");
pub(super) const AUTOMATION_RUNBOOKS: Citation =
    every("https://learn.microsoft.com/azure/automation/automation-runbook-execution", "2026-11-30");
pub(super) const AZURERM_30117: Citation =
    of(INSTANCES, "https://github.com/hashicorp/terraform-provider-azurerm/issues/30117", "2026-11-21");
pub(super) const AZURERM_7434: Citation =
    of(APPS, "https://github.com/hashicorp/terraform-provider-azurerm/issues/7434", "2026-11-21");
pub(super) const AZURERM_7909: Citation =
    of(INSTANCES, "https://github.com/hashicorp/terraform-provider-azurerm/issues/7909", "2026-11-21");
pub(super) const BACKUP_AGENT: Citation = every(
    "https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout",
    "2026-11-21",
);
pub(super) const BACKUP_CMK: Citation =
    of(RECOVERY_VAULTS, "https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk", "2026-11-21");
pub(super) const BACKUP_ENCRYPTED: Citation =
    of(RECOVERY_VAULTS, "https://learn.microsoft.com/azure/backup/backup-azure-vms-encryption", "2026-11-21");
pub(super) const BACKUP_JOBS: Citation = of(
    RECOVERY_VAULTS,
    "https://learn.microsoft.com/azure/backup/backup-azure-arm-userestapi-managejobs",
    "2026-11-21",
);
pub(super) const BACKUP_MACHINES: Citation =
    every("https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot", "2026-11-21");
pub(super) const BACKUP_NETWORK: Citation =
    of(RECOVERY_VAULTS, "https://learn.microsoft.com/azure/backup/private-endpoints-overview", "2026-11-21");
pub(super) const BACKUP_POLICIES: Citation = of(
    RECOVERY_VAULTS,
    "https://learn.microsoft.com/azure/templates/microsoft.recoveryservices/vaults/backuppolicies",
    "2026-11-21",
);
pub(super) const BACKUP_SOFT_DELETE: Citation =
    of(RECOVERY_VAULTS, "https://learn.microsoft.com/azure/backup/backup-azure-security-feature-cloud", "2026-11-21");
pub(super) const BACKUP_SUPPORT: Citation =
    of(RECOVERY_VAULTS, "https://learn.microsoft.com/azure/backup/backup-support-matrix", "2026-11-21");
pub(super) const BICEP_6859: Citation = every("https://github.com/Azure/bicep/issues/6859", "2026-11-21");
pub(super) const BICEP_MODULES_6054: Citation =
    of(APPS, "https://github.com/Azure/bicep-registry-modules/issues/6054", "2026-11-21");
pub(super) const BLOB_ERRORS: Citation =
    every("https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes", "2026-11-21");
pub(super) const CANADA_181: Citation = every("https://github.com/Azure/CanadaPubSecALZ/issues/181", "2026-11-21");
pub(super) const CONDITIONAL_ACCESS: Citation = every(
    "https://learn.microsoft.com/entra/identity/conditional-access/troubleshoot-conditional-access",
    "2026-12-01",
);
pub(super) const DENY_ASSIGNMENTS: Citation =
    every("https://learn.microsoft.com/azure/role-based-access-control/deny-assignments", "2026-11-21");
pub(super) const DEPLOYMENT_ERRORS: Citation = every(
    "https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors",
    "2026-11-22",
);
pub(super) const DNS_FALLBACK: Citation =
    every("https://learn.microsoft.com/azure/dns/private-dns-fallback", "2026-11-21");
pub(super) const DNS_LINKS: Citation =
    every("https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links", "2026-11-21");
pub(super) const DOCS_106892: Citation =
    every("https://github.com/MicrosoftDocs/azure-docs/issues/106892", "2026-11-21");
pub(super) const DOCS_113840: Citation =
    of(INSTANCES, "https://github.com/MicrosoftDocs/azure-docs/issues/113840", "2026-11-21");
pub(super) const ENTRA_CHANGES: Citation =
    every("https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes", "2026-12-01");
pub(super) const ENTRA_ERRORS: Citation =
    every("https://learn.microsoft.com/entra/identity-platform/reference-error-codes", "2026-12-01");
pub(super) const FEDERATION: Citation =
    every("https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations", "2026-12-01");
pub(super) const FUNCTIONS_1855: Citation =
    of(APPS, "https://github.com/Azure/Azure-Functions/issues/1855", "2026-11-21");
pub(super) const FUNCTIONS_1947: Citation =
    of(APPS, "https://github.com/Azure/Azure-Functions/issues/1947", "2026-11-22");
pub(super) const FUNCTIONS_FLEX: Citation =
    of(APPS, "https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan", "2026-11-21");
pub(super) const FUNCTIONS_NETWORKING: Citation =
    of(APPS, "https://learn.microsoft.com/azure/azure-functions/functions-networking-options", "2026-11-22");
pub(super) const FUNCTIONS_REFERENCE: Citation =
    of(APPS, "https://learn.microsoft.com/azure/azure-functions/functions-reference", "2026-11-29");
pub(super) const FUNCTIONS_SECURED_STORAGE: Citation =
    of(APPS, "https://learn.microsoft.com/azure/azure-functions/configure-networking-how-to", "2026-11-21");
pub(super) const FUNCTIONS_SETTINGS: Citation =
    of(APPS, "https://learn.microsoft.com/azure/azure-functions/functions-app-settings", "2026-11-21");
pub(super) const HOST_10899: Citation =
    of(APPS, "https://github.com/Azure/azure-functions-host/issues/10899", "2026-11-21");
pub(super) const HOST_11188: Citation =
    of(APPS, "https://github.com/Azure/azure-functions-host/issues/11188", "2026-11-21");
pub(super) const HOST_11796: Citation =
    of(APPS, "https://github.com/Azure/azure-functions-host/issues/11796", "2026-11-29");
pub(super) const HOST_7094: Citation =
    of(APPS, "https://github.com/Azure/azure-functions-host/issues/7094", "2026-11-21");
pub(super) const HOST_8992: Citation =
    of(APPS, "https://github.com/Azure/azure-functions-host/issues/8992", "2026-11-21");
pub(super) const LIFECYCLE: Citation = every(
    "https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts/managementpolicies",
    "2026-11-30",
);
pub(super) const PEERING: Citation =
    every("https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview", "2026-11-21");
pub(super) const PERIMETER: Citation =
    every("https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts", "2026-11-29");
pub(super) const PERIMETER_TRANSITION: Citation =
    every("https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition", "2026-11-29");
pub(super) const POWERSHELL_23411: Citation =
    of(BACKUPS, "https://github.com/Azure/azure-powershell/issues/23411", "2026-11-21");
pub(super) const POWERSHELL_25072: Citation =
    of(BACKUPS, "https://github.com/Azure/azure-powershell/issues/25072", "2026-11-21");
pub(super) const POWERSHELL_27092: Citation =
    of(BACKUPS, "https://github.com/Azure/azure-powershell/issues/27092", "2026-11-21");
pub(super) const PRIVATE_ENDPOINTS: Citation =
    every("https://learn.microsoft.com/azure/private-link/private-endpoint-overview", "2026-11-21");
pub(super) const PRIVATE_ENDPOINT_DNS: Citation =
    every("https://learn.microsoft.com/azure/private-link/private-endpoint-dns", "2026-11-21");
pub(super) const PRIVATE_ENDPOINT_DNS_INTEGRATION: Citation =
    every("https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration", "2026-11-21");
pub(super) const PULUMI_890: Citation = every("https://github.com/pulumi/pulumi-azure-native/issues/890", "2026-11-21");
pub(super) const RESOURCE_MODULES_1195: Citation =
    of(APPS, "https://github.com/Azure/ResourceModules/issues/1195", "2026-11-29");
pub(super) const REST_SPECS_37553: Citation =
    of(APPS, "https://github.com/Azure/azure-rest-api-specs/issues/37553", "2026-11-22");
pub(super) const REST_SPECS_9947: Citation =
    of(APPS, "https://github.com/Azure/azure-rest-api-specs/issues/9947", "2026-11-21");
pub(super) const ROLES: Citation =
    every("https://learn.microsoft.com/azure/role-based-access-control/overview", "2026-11-21");
pub(super) const ROLE_TROUBLES: Citation =
    every("https://learn.microsoft.com/azure/role-based-access-control/troubleshooting", "2026-11-29");
pub(super) const ROUTES: Citation =
    every("https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview", "2026-11-21");
pub(super) const SDK_46709: Citation = every("https://github.com/Azure/azure-sdk-for-net/issues/46709", "2026-11-21");
pub(super) const SDK_DEVELOPMENT: Citation =
    every("https://learn.microsoft.com/azure/developer/java/sdk/troubleshooting-authentication-dev-env", "2026-12-01");
pub(super) const SDK_GO: Citation =
    every("https://github.com/Azure/azure-sdk-for-go/blob/main/sdk/azidentity/TROUBLESHOOTING.md", "2026-12-01");
pub(super) const SDK_SERVICE_PRINCIPALS: Citation = every(
    "https://learn.microsoft.com/azure/developer/java/sdk/troubleshooting-authentication-service-principal",
    "2026-12-01",
);
pub(super) const SECURITY_GROUPS: Citation =
    every("https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview", "2026-11-21");
pub(super) const SERVICE_CONNECTIONS: Citation =
    every("https://learn.microsoft.com/azure/devops/pipelines/release/troubleshoot-workload-identity", "2026-12-01");
pub(super) const SERVICE_ENDPOINTS: Citation =
    every("https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview", "2026-11-21");
pub(super) const SERVICE_ENDPOINT_POLICIES: Citation = every(
    "https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoint-policies-overview",
    "2026-11-21",
);
pub(super) const STACK_OVERFLOW_70924786: Citation =
    of(INSTANCES, "https://stackoverflow.com/questions/70924786", "2026-11-21");
pub(super) const STORAGE_ERROR_CODES: Citation =
    every("https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes", "2026-11-21");
pub(super) const STORAGE_LOCK: Citation =
    every("https://learn.microsoft.com/azure/storage/common/lock-account-resource", "2026-11-21");
pub(super) const STORAGE_NETWORK: Citation =
    of(APPS, "https://learn.microsoft.com/azure/storage/common/storage-network-security", "2026-11-22");
pub(super) const STORAGE_PRIVATE_ENDPOINTS: Citation =
    of(APPS, "https://learn.microsoft.com/azure/storage/common/storage-private-endpoints", "2026-11-21");
pub(super) const STORAGE_SHARED_KEY: Citation =
    of(APPS, "https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent", "2026-11-21");
pub(super) const VAULT_ACCESS_DEFAULT: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/access-control-default", "2026-11-21");
pub(super) const VAULT_ACCESS_POLICY: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/assign-access-policy", "2026-11-21");
pub(super) const VAULT_ACCESS_TROUBLES: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/troubleshooting-access-issues", "2026-11-21");
pub(super) const VAULT_AUTHENTICATION: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/authentication", "2026-11-21");
pub(super) const VAULT_BEHIND_FIREWALL: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall", "2026-11-21");
pub(super) const VAULT_CERTIFICATES: Citation =
    every("https://learn.microsoft.com/azure/key-vault/certificates/about-certificates", "2026-11-21");
pub(super) const VAULT_ERROR_CODES: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/common-error-codes", "2026-11-21");
pub(super) const VAULT_MOVE: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/move-subscription", "2026-11-21");
pub(super) const VAULT_NETWORK: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/network-security", "2026-11-29");
pub(super) const VAULT_OBJECTS: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates", "2026-11-21");
pub(super) const VAULT_PRIVATE_LINK: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/private-link-service", "2026-11-21");
pub(super) const VAULT_PRIVATE_LINK_DIAGNOSTICS: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics", "2026-11-21");
pub(super) const VAULT_REST_ERRORS: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/rest-error-codes", "2026-11-21");
pub(super) const VAULT_ROLES: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/rbac-guide", "2026-11-29");
pub(super) const VAULT_ROLE_CONDITIONS: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/rbac-abac", "2026-11-21");
pub(super) const VAULT_SECRETS: Citation =
    every("https://learn.microsoft.com/azure/key-vault/secrets/about-secrets", "2026-11-21");
pub(super) const VAULT_SERVICE_ENDPOINTS: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints", "2026-11-22");
pub(super) const VAULT_SOFT_DELETE: Citation =
    every("https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview", "2026-11-21");
pub(super) const WEBJOBS_2677: Citation =
    of(APPS, "https://github.com/Azure/azure-webjobs-sdk/issues/2677", "2026-11-29");
